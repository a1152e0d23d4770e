using SimdNet.Layers;

namespace SimdNet.Conformance.Tests;

/// <summary>Values that come together.</summary>
internal static class GraphCases
{
    public static LayerCase Join(Configuration draw, string operation, Func<Node, Node, Node> join)
    {
        int[] shape = draw.Shape(1, 2, 3);
        int channels = draw.Integer("channels", 1, 40);
        return new(
            shape, x => join(Project(x, channels), Project(x, channels)),
            (onnx, x) => onnx.Node(operation, [Project(onnx, x, shape, 1), Project(onnx, x, shape, 2)]), 80);
    }

    public static LayerCase Concat(Configuration draw)
    {
        int[] shape = draw.Shape(1, 2, 3);
        int first = draw.Integer("first", 1, 40), second = draw.Integer("second", 1, 40);
        return new(
            shape, x => Project(x, first).Concat(x, Project(x, second)),
            (onnx, x) => onnx.Node("Concat", [Project(onnx, x, shape, 1), x, Project(onnx, x, shape, 2)], ("axis", shape.Length == 2 ? 2 : 1)), 40);
    }

    /// <summary>Two convolutions with normalisations and a way around them, then a head: the block of a ResNet (He et al. 2015).</summary>
    public static LayerCase Residual(Configuration draw, bool isImage)
    {
        int channels = draw.Integer("channels", 1, 20), filters = draw.Integer("filters", 1, 24), stride = draw.Integer("stride", 1, 2), units = draw.Integer("units", 1, 12);
        int[] sizes = ConvolutionCases.Sizes(draw, isImage, 1), shape = isImage ? [channels, .. sizes] : [.. sizes, channels];
        string name = isImage ? "conv2D" : "conv1D";
        return new(shape, Network, Onnx, 9 * channels + 9 * filters + 200 + filters);

        Node Network(Node x)
        {
            Node inner = Convolution(Convolution(x, 3, stride).BatchNorm().Relu(), 3, 1).BatchNorm();
            return (inner + Convolution(x, 1, stride).BatchNorm()).Relu().GlobalAveragePool().Dense(units).Softmax();
        }

        Node Convolution(Node x, int kernel, int step) =>
            isImage ? x.Conv2D(filters, kernel, step, Padding.Same, bias: false) : x.Conv1D(filters, kernel, step, Padding.Same, bias: false);

        string Onnx(OnnxGraph onnx, string x)
        {
            string inner = onnx.Node("Relu", [Normalised(onnx, x, 1, stride)]);
            string sum = onnx.Node("Add", [Normalised(onnx, inner, 2, 1), Normalised(onnx, x, 3, stride)]);
            return onnx.Node("Softmax", [onnx.Dense(PoolingCases.Global(onnx, "GlobalAveragePool", onnx.Node("Relu", [sum]), shape), "dense1", [filters])], ("axis", -1));
        }

        string Normalised(OnnxGraph onnx, string x, int number, int step) => onnx.BatchNorm(
            ConvolutionCases.Node(onnx, "Conv", x, name + number, shape, false, ("strides", ConvolutionCases.Sides(isImage, step)), ("auto_pad", "SAME_UPPER")), "batchNorm" + number, shape);
    }

    /// <summary>Other channels of the same positions.</summary>
    internal static Node Project(Node x, int channels) => x.Shape.Count == 3 ? x.Conv2D(channels, 1) : x.Dense(channels);

    /// <summary>The same; the number is the layer's, among those of its kind.</summary>
    internal static string Project(OnnxGraph onnx, string x, int[] shape, int number) =>
        shape.Length == 3 ? ConvolutionCases.Node(onnx, "Conv", x, "conv2D" + number, shape, true) : onnx.Dense(x, "dense" + number, shape);
}
