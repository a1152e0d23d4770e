using SimdNet;
using SimdNet.Layers;

namespace Diagnosis;

/// <summary>Tells malignant from benign tissue by 30 measurements.</summary>
[Network(30)]
[Dense(16), Relu]
[Dropout(0.2f)]
[Dense(1), Sigmoid]
internal sealed partial class DiagnosisNet;
