using SimdNet.Layers;

namespace SimdNet.Benchmarks;

/// <summary>The smallest network there is.</summary>
[Network(3)]
[Dense(2), Sigmoid]
[Dense(1), Sigmoid]
public sealed partial class NetA;

/// <summary>A controller.</summary>
[Network(8)]
[Dense(16), Tanh]
[Dense(16), Tanh]
[Dense(1)]
public sealed partial class NetB;

/// <summary>Weights that just fit a first-level cache.</summary>
[Network(64)]
[Dense(64), Relu]
[Dense(64), Relu]
[Dense(10)]
public sealed partial class NetC;

/// <summary>Weights that fit a second-level cache.</summary>
[Network(784)]
[Dense(128), Relu]
[Dense(10), Softmax]
public sealed partial class NetD;
