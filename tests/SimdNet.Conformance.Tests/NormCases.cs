namespace SimdNet.Conformance.Tests;

/// <summary>Normalisations.</summary>
internal static class NormCases
{
    public static LayerCase BatchNorm(Configuration draw)
    {
        int[] shape = draw.Shape(1, 2, 3);
        float epsilon = Epsilon(draw);
        return new(shape, x => x.BatchNorm(epsilon), (onnx, x) => onnx.BatchNorm(x, "batchNorm1", shape, epsilon));
    }

    public static LayerCase LayerNorm(Configuration draw)
    {
        int[] shape = draw.Shape(1, 2);
        float epsilon = Epsilon(draw);
        return new(
            shape, x => x.LayerNorm(epsilon),
            (onnx, x) => onnx.Node("LayerNormalization", [x, onnx.Parameter("layerNorm1.weight"), onnx.Parameter("layerNorm1.bias")], ("axis", -1), ("epsilon", epsilon)), shape[^1])
        { Growth = Growth(epsilon) };
    }

    public static LayerCase RmsNorm(Configuration draw)
    {
        int[] shape = draw.Shape(1, 2);
        float epsilon = Epsilon(draw);
        return new(
            shape, x => x.RmsNorm(epsilon), (onnx, x) => onnx.Node("RMSNormalization", [x, onnx.Parameter("rmsNorm1.weight")], ("axis", -1), ("epsilon", epsilon)), shape[^1])
        { Growth = Growth(epsilon) };
    }

    public static LayerCase GroupNorm(Configuration draw)
    {
        int[] shape = draw.Shape(1, 2, 3);
        int channels = shape.Length == 2 ? shape[1] : shape[0], groups = draw.Choice("groups", [.. Enumerable.Range(1, channels).Where(groups => channels % groups == 0)]);
        float epsilon = Epsilon(draw);
        return new(
            shape, x => x.GroupNorm(groups, epsilon),
            (onnx, x) => onnx.ChannelsFirst(x, shape, z => onnx.Node(
                "GroupNormalization", [z, onnx.Parameter("groupNorm1.weight"), onnx.Parameter("groupNorm1.bias")], ("num_groups", groups), ("epsilon", epsilon))),
            shape.Aggregate((a, b) => a * b) / groups)
        { Growth = Growth(epsilon) };
    }

    /// <summary>Large enough that another one would show, however small the variance.</summary>
    private static float Epsilon(Configuration draw) => draw.Choice("epsilon", 1e-3f, 0.01f, 0.1f);

    /// <summary>Values that differ little are divided by little: by the root of epsilon, where they are almost equal.</summary>
    private static double Growth(float epsilon) => 1 / Math.Sqrt(epsilon);
}
