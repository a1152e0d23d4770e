using SimdNet;
using SimdNet.Layers;

namespace Diagnosis;

/// <summary>A weighted sum and a sigmoid: the method to beat, which is a network of one layer.</summary>
[Network(30)]
[Dense(1, Initializer = Initializer.Zeros), Sigmoid]
internal sealed partial class LogisticRegression;
