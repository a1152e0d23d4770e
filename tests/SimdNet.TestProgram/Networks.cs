using SimdNet.Layers;

namespace SimdNet.TestProgram;

/// <summary>Straight-line code.</summary>
[Network(3), Dense(2), Sigmoid, Dense(1), Sigmoid]
internal sealed partial class Tiny;

/// <summary>Straight-line code of whole blocks.</summary>
[Network(8), Dense(16), Tanh, Dense(16), Tanh, Dense(1)]
internal sealed partial class Curve;

/// <summary>Register tiles.</summary>
[Network(64), Dense(64), Relu, Dense(64), Relu, Dense(10)]
internal sealed partial class Tile;

/// <summary>Odd sizes everywhere.</summary>
[Network(37), LeakyRelu(0.1f), Dense(71), Tanh, Dropout(0.3f), Dense(5), Sigmoid]
internal sealed partial class Odd;

/// <summary>Calls of the library, and work for two threads.</summary>
[Network(784), Dropout(0.2f), Dense(128), Relu, Dense(10), Softmax]
internal sealed partial class Wide;
