using SimdNet;
using SimdNet.Layers;

namespace Digits;

/// <summary>Tells ten handwritten digits apart: 28x28 pixels in, a probability for each digit out.</summary>
[Network(784)]
[Dropout(0.2f)]
[Dense(128), Relu]
[Dense(10), Softmax]
public sealed partial class DigitNet;
