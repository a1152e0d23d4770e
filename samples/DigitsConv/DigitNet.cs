using SimdNet;
using SimdNet.Layers;

namespace Digits;

/// <summary>Tells ten handwritten digits apart by two convolutions: 28x28 pixels in, a probability for each digit out.</summary>
[Network(1, 28, 28)]
[Conv2D(16, kernel: 3, padding: Padding.Same), Relu, MaxPool2D]
[Conv2D(32, kernel: 3, padding: Padding.Same), Relu, MaxPool2D]
[Flatten, Dropout(0.4f)]
[Dense(10), Softmax]
public sealed partial class DigitNet;
