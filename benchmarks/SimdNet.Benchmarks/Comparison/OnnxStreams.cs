using SimdNet.Conformance.Tests;

namespace SimdNet.Benchmarks;

/// <summary>
/// The streaming networks for ONNX Runtime, one time step a call. What a recurrent layer remembers goes in and comes out beside the sample;
/// convolutions are given the inputs that a step reaches back to, fewer operators than a ring for each layer would be.
/// </summary>
internal static class OnnxStreams
{
    /// <summary>For each of ONNX's gates its number among PyTorch's.</summary>
    public static readonly int[] LstmGates = [0, 3, 1, 2];

    private static readonly int[] GruGates = [1, 0, 2];

    public static byte[] E(INetwork network)
    {
        const int Units = 20;
        var onnx = new OnnxGraph(network.Tensors);
        onnx.Node("LSTM", [.. Recurrent(onnx, "x", "lstm1", LstmGates, 1, Units), "", "h", "c"], ["", "next h", "next c"], ("hidden_size", Units));
        return onnx.Model([("x", [1, 1, 1]), ("h", [1, 1, Units]), ("c", [1, 1, Units])], [onnx.Dense("next h", "dense1", [1, Units]), "next h", "next c"]);
    }

    public static byte[] F(INetwork network)
    {
        const int Units = 16;
        var onnx = new OnnxGraph(network.Tensors);
        Gru(onnx, "x", 1, Units);
        return onnx.Model([("x", [1, 1, 1]), ("h", [1, 1, Units])], [onnx.Dense("next h", "dense1", [1, Units]), "next h"]);
    }

    /// <summary>The inputs of a step of network g: two more for each distance between the inputs of a window.</summary>
    public const int WindowOfG = 1 + 2 * (1 + 2 + 4);

    public static byte[] G(INetwork network)
    {
        var onnx = new OnnxGraph(network.Tensors);
        string x = "x";
        for (int layer = 1; layer <= 3; layer++) x = onnx.Node("Tanh", [Convolution(onnx, x, "conv1D" + layer, 1 << (layer - 1))]);
        return onnx.Model("x", [1, 1, WindowOfG], Pointwise(onnx, x, "dense1", 8, 1));
    }

    /// <summary>The inputs of a step of network h.</summary>
    public const int WindowOfH = 1 + 2 * 2;

    public static byte[] H(INetwork network)
    {
        const int Units = 8;
        var onnx = new OnnxGraph(network.Tensors);
        string x = onnx.Node("Tanh", [Convolution(onnx, onnx.Node("Tanh", [Pointwise(onnx, "x", "dense1", 1, 8)]), "conv1D1", 2)]);
        Gru(onnx, onnx.Node("Reshape", [x, onnx.Integers([1, 1, 4])]), 4, Units);
        return onnx.Model([("x", [1, 1, WindowOfH]), ("h", [1, 1, Units])], [onnx.Dense("next h", "dense2", [1, Units]), "next h"]);
    }

    /// <summary>The inputs of a recurrent operator: the sequence, both weights and both biases.</summary>
    public static string[] Recurrent(OnnxGraph onnx, string x, string layer, int[] gates, int features, int units)
    {
        int rows = gates.Length * units;
        return
        [
            x,
            onnx.Floats([1, rows, features], onnx.Gates(layer + ".weight_ih", gates, units * features)),
            onnx.Floats([1, rows, units], onnx.Gates(layer + ".weight_hh", gates, units * units)),
            onnx.Floats([1, 2 * rows], [.. onnx.Gates(layer + ".bias_ih", gates, units), .. onnx.Gates(layer + ".bias_hh", gates, units)]),
        ];
    }

    private static void Gru(OnnxGraph onnx, string x, int features, int units) =>
        onnx.Node("GRU", [.. Recurrent(onnx, x, "gru1", GruGates, features, units), "", "h"], ["", "next h"], ("hidden_size", units), ("linear_before_reset", 1));

    private static string Convolution(OnnxGraph onnx, string x, string layer, int dilation) =>
        onnx.Node("Conv", [x, onnx.Parameter(layer + ".weight"), onnx.Parameter(layer + ".bias")], ("dilations", new[] { dilation }));

    /// <summary>A dense layer over [channels, time].</summary>
    private static string Pointwise(OnnxGraph onnx, string x, string layer, int inputs, int outputs) =>
        onnx.Node("Conv", [x, onnx.Node("Reshape", [onnx.Parameter(layer + ".weight"), onnx.Integers([outputs, inputs, 1])]), onnx.Parameter(layer + ".bias")]);
}
