using SimdNet.Layers;

namespace SimdNet.Conformance.Tests;

/// <summary>Recurrent layers: ONNX has time first, other orders of gates, and both biases in one row.</summary>
internal static class RecurrentCases
{
    public static LayerCase Lstm(Configuration draw) => Make(draw, "LSTM", "lstm1", [0, 3, 1, 2], (x, units, all, reverse) => x.Lstm(units, all, reverse));

    public static LayerCase Gru(Configuration draw)
    {
        bool resetAfter = draw.Flag("resetAfter");
        return Make(draw, "GRU", "gru1", [1, 0, 2], (x, units, all, reverse) => x.Gru(units, all, reverse, resetAfter), ("linear_before_reset", resetAfter ? 1 : 0));
    }

    public static LayerCase SimpleRnn(Configuration draw) => Make(draw, "RNN", "simpleRnn1", [0], (x, units, all, reverse) => x.SimpleRnn(units, all, reverse));

    /// <param name="gates">For each of ONNX's gates its number among PyTorch's.</param>
    private static LayerCase Make(
        Configuration draw, string type, string layer, int[] gates, Func<Node, int, bool, bool, Node> build, params (string Name, object Value)[] attributes)
    {
        int[] shape = draw.Shape(2);
        int units = draw.Integer("units", 1, 20);
        bool all = draw.Flag("returnSequences"), reverse = draw.Flag("reverse");
        return new(
            shape, x => build(x, units, all, reverse),
            (onnx, x) =>
            {
                string input = onnx.Floats([1, gates.Length * units, shape[1]], onnx.Gates(layer + ".weight_ih", gates, units * shape[1]));
                string recurrent = onnx.Floats([1, gates.Length * units, units], onnx.Gates(layer + ".weight_hh", gates, units * units));
                string bias = onnx.Floats([1, 2 * gates.Length * units], [.. onnx.Gates(layer + ".bias_ih", gates, units), .. onnx.Gates(layer + ".bias_hh", gates, units)]);
                string steps = onnx.Node("Transpose", [x], ("perm", new[] { 1, 0, 2 }));
                string y = onnx.Node(type, [steps, input, recurrent, bias], [("hidden_size", units), ("direction", reverse ? "reverse" : "forward"), .. attributes]);

                // [time, 1, batch, units] to [batch, time, units]; the step computed last is the last one, or the first.
                string turned = onnx.Node("Transpose", [onnx.Node("Squeeze", [y, onnx.Integers([1])])], ("perm", new[] { 1, 0, 2 }));
                return all ? turned : onnx.Node("Squeeze", [onnx.Node("Gather", [turned, onnx.Integers([reverse ? 0 : shape[0] - 1])], ("axis", 1)), onnx.Integers([1])]);
            },
            shape[0] * (shape[1] + units))
        { Growth = 4 };
    }
}
