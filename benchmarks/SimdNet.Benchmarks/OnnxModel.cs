using SimdNet.Conformance.Tests;

namespace SimdNet.Benchmarks;

/// <summary>Networks as ONNX models for one sample, with the parameters of a network of SimdNet.</summary>
internal static class OnnxModel
{
    private const int Opset = 23;

    public static byte[] Elementwise(string operatorName, int length)
    {
        var onnx = new OnnxWriter(Opset);
        return onnx.Model("x", [length], onnx.Node(operatorName, ["x"]));
    }

    /// <summary>A chain of dense layers.</summary>
    /// <param name="network">Dense layers with their weights.</param>
    /// <param name="hidden">The operator after each layer but the last.</param>
    /// <param name="final">The operator after the last; empty for none.</param>
    public static byte[] Dense(INetwork network, string hidden, string final)
    {
        var onnx = new OnnxGraph(network.Tensors);
        string x = "x";
        for (int layer = 1, last = network.Tensors.Count(tensor => tensor.Shape.Count == 2); layer <= last; layer++)
        {
            string activation = layer == last ? final : hidden;
            x = onnx.Dense(x, "dense" + layer, [network.InputSize]);
            if (activation.Length > 0) x = onnx.Node(activation, [x]);
        }
        return onnx.Model("x", [1, network.InputSize], x);
    }

    /// <summary>Convolutions of 3x3, as large as their images, with a relu behind each.</summary>
    public static byte[] Convolutions(INetwork network, int[] shape, int count)
    {
        var onnx = new OnnxGraph(network.Tensors);
        string x = "x";
        for (int layer = 1; layer <= count; layer++) x = onnx.Node("Relu", [Convolution(onnx, x, "conv2D" + layer, groups: 1)]);
        return onnx.Model("x", [1, .. shape], x);
    }

    /// <summary>One convolution of 3x3 of each channel by itself.</summary>
    public static byte[] Depthwise(INetwork network, int[] shape)
    {
        var onnx = new OnnxGraph(network.Tensors);
        return onnx.Model("x", [1, .. shape], Convolution(onnx, "x", "conv2D1", groups: shape[0]));
    }

    /// <summary>
    /// Attention and a feed-forward network, each with a norm before it and a way around it. ONNX Runtime's own attention operator, three projections instead of one that is split,
    /// and attention of matrix products and a softmax were seen to take the same time.
    /// </summary>
    public static byte[] TransformerBlock(INetwork network, int steps, int width, int heads)
    {
        var onnx = new OnnxGraph(network.Tensors);
        onnx.Node("Split", [Project(onnx, Norm(onnx, "x", "layerNorm1"), "multiHeadAttention1.in_proj_weight", "multiHeadAttention1.in_proj_bias")], ["q", "k", "v"], ("axis", -1), ("num_outputs", 3));
        string attended = onnx.Node("Attention", ["q", "k", "v"], ("q_num_heads", heads), ("kv_num_heads", heads));
        string x = onnx.Node("Add", ["x", Project(onnx, attended, "multiHeadAttention1.out_proj.weight", "multiHeadAttention1.out_proj.bias")]);
        string hidden = onnx.Node("Gelu", [onnx.Dense(Norm(onnx, x, "layerNorm2"), "dense1", [steps, width])]);
        return onnx.Model("x", [1, steps, width], onnx.Node("Add", [x, onnx.Dense(hidden, "dense2", [steps, 4 * width])]));
    }

    /// <summary>An LSTM over a whole sequence; with one sample no axis has to be turned.</summary>
    public static byte[] Lstm(INetwork network, int steps, int features, int units)
    {
        var onnx = new OnnxGraph(network.Tensors);
        return onnx.Model("x", [steps, 1, features], onnx.Node("LSTM", OnnxStreams.Recurrent(onnx, "x", "lstm1", OnnxStreams.LstmGates, features, units), ("hidden_size", units)));
    }

    private static string Convolution(OnnxGraph onnx, string x, string layer, int groups) =>
        onnx.Node("Conv", [x, onnx.Parameter(layer + ".weight"), onnx.Parameter(layer + ".bias")], ("pads", new[] { 1, 1, 1, 1 }), ("group", groups));

    private static string Norm(OnnxGraph onnx, string x, string layer) =>
        onnx.Node("LayerNormalization", [x, onnx.Parameter(layer + ".weight"), onnx.Parameter(layer + ".bias")], ("axis", -1), ("epsilon", 1e-5f));

    private static string Project(OnnxGraph onnx, string x, string weight, string bias) =>
        onnx.Node("Add", [onnx.Node("MatMul", [x, onnx.Node("Transpose", [onnx.Parameter(weight)], ("perm", new[] { 1, 0 }))]), onnx.Parameter(bias)]);
}
