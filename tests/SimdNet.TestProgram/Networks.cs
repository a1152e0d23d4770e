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

/// <summary>Convolutions, depthwise ones among them, and normalisation.</summary>
[Network(3, 13, 11)]
internal sealed partial class Picture
{
    internal static Node Define(Node x)
    {
        x = x.Conv2D(20, 3, padding: Padding.Same).BatchNorm().Relu();
        Node y = x.Conv2D(20, 3, groups: 20, padding: Padding.Same).GroupNorm(4).Silu();
        return (x + y).MaxPool2D().Conv2D(7, 2, stride: 2).Gelu().GlobalAveragePool().Dense(5).Softmax();
    }
}

/// <summary>What runs on a stream.</summary>
[Network(9, 3), Conv1D(6, 3, padding: Padding.Causal, dilation: 2), Tanh, Lstm(20, returnSequences: true), Gru(9, returnSequences: true), Dense(2)]
internal sealed partial class Voice;

/// <summary>Attention.</summary>
[Network(17, 12)]
internal sealed partial class Reader
{
    internal static Node Define(Node x)
    {
        x = x.PositionEmbedding();
        x += x.LayerNorm().MultiHeadAttention(3, causal: true, rotary: true);
        return (x + x.RmsNorm().Dense(24).Gelu().Dense(12)).SimpleRnn(8).Dense(3).Sigmoid();
    }
}
