namespace SimdNet.Conformance.Tests;

/// <summary>Layers over flat values and over each step of a sequence.</summary>
internal static class DenseCases
{
    public static LayerCase Dense(Configuration draw, int rank)
    {
        int width = draw.Choice("width", 1, draw.Random.Next(2, 20), draw.Random.Next(20, 300)), units = draw.Choice("units", 1, draw.Random.Next(2, 20), draw.Random.Next(20, 150));
        int[] shape = rank == 1 ? [width] : [draw.Integer("time", 1, 9), width];
        Activation activation = ActivationCases.Any(draw);
        return new(shape, x => activation.Network(x.Dense(units)), (onnx, x) => activation.Onnx(onnx, onnx.Dense(x, "dense1", shape)), width);
    }

    /// <summary>Over the last axis: each step of a sequence by itself.</summary>
    public static LayerCase Softmax(Configuration draw) => OverTheLastAxis(draw, "Softmax", x => x.Softmax());

    /// <summary>Its logarithm.</summary>
    public static LayerCase LogSoftmax(Configuration draw) => OverTheLastAxis(draw, "LogSoftmax", x => x.LogSoftmax());

    private static LayerCase OverTheLastAxis(Configuration draw, string name, Func<SimdNet.Layers.Node, SimdNet.Layers.Node> layer)
    {
        int[] shape = draw.Shape(1, 1, 2);
        return new(shape, layer, (onnx, x) => onnx.Node(name, [x], ("axis", -1)), shape[^1]) { InputScale = draw.Choice("scale", 1f, 10, 100) };
    }

    /// <summary>Behind a layer, and before one that takes flat values: their order is the logical one, whatever lies in memory.</summary>
    public static LayerCase Flatten(Configuration draw)
    {
        int[] shape = draw.Shape(2, 3);
        int channels = draw.Integer("channels", 1, 20), units = draw.Integer("units", 1, 20), positions = shape.Length == 2 ? shape[0] : shape[1] * shape[2];
        return new(
            shape, x => GraphCases.Project(x, channels).Flatten().Dense(units),
            (onnx, x) => onnx.Dense(onnx.Node("Flatten", [GraphCases.Project(onnx, x, shape, 1)]), "dense" + (shape.Length == 2 ? 2 : 1), [channels * positions]),
            40 + channels * positions);
    }
}
