using SimdNet.Layers;

namespace SimdNet.Conformance.Tests;

/// <summary>Layers that move values, between others, so that what lies in memory in another order than users see goes through them.</summary>
internal static class ShapeCases
{
    public static LayerCase Slice(Configuration draw)
    {
        int[] shape = draw.Shape(1, 2, 3);
        int channels = draw.Integer("channels", 1, 20), axis = draw.Integer("axis", 0, shape.Length - 1);
        int size = axis == ChannelAxis(shape) ? channels : shape[axis], length = draw.Integer("length", 1, size), start = draw.Integer("start", 0, size - length);
        return new(
            shape, x => GraphCases.Project(x, channels).Slice(axis, start, length),
            (onnx, x) => onnx.Node("Slice", [GraphCases.Project(onnx, x, shape, 1), onnx.Integers([start]), onnx.Integers([start + length]), onnx.Integers([axis + 1])]), 40);
    }

    public static LayerCase Permute(Configuration draw)
    {
        int[] shape = draw.Shape(2, 3), order = [.. Enumerable.Range(0, shape.Length)];
        int channels = draw.Integer("channels", 1, 20);
        draw.Random.Shuffle(order);
        order = draw.Choice("order", new Axes(order)).Values;
        return new(
            shape, x => GraphCases.Project(x, channels).Permute(order),
            (onnx, x) => onnx.Node("Transpose", [GraphCases.Project(onnx, x, shape, 1)], ("perm", (int[])[0, .. order.Select(axis => axis + 1)])), 40);
    }

    /// <summary>To another rank and on into a layer that reads it.</summary>
    public static LayerCase Reshape(Configuration draw)
    {
        int[] shape = draw.Shape(1, 2, 3);
        int first = draw.Integer("first", 1, 6), second = draw.Integer("second", 1, 6), channels = draw.Integer("channels", 1, 20), rank = draw.Integer("rank", 1, 3);
        int positions = shape.Length == 3 ? shape[1] * shape[2] : shape.Length == 2 ? shape[0] : 1, total = first * second * positions;
        int[] result = rank switch { 1 => [total], 2 => [first, second * positions], _ => [first, positions, second] };
        return new(
            shape, x => GraphCases.Project(GraphCases.Project(x, first * second).Reshape(result), channels),
            (onnx, x) =>
            {
                string reshaped = onnx.Node("Reshape", [GraphCases.Project(onnx, x, shape, 1), onnx.Integers([0, .. result.Select(size => (long)size)])]);
                return GraphCases.Project(onnx, reshaped, result, (shape.Length == 3) == (rank == 3) ? 2 : 1);
            },
            40 + total);
    }

    private static int ChannelAxis(int[] shape) => shape.Length == 2 ? 1 : 0;

    /// <summary>Axes, which say themselves in the message.</summary>
    private sealed record Axes(int[] Values)
    {
        public override string ToString() => string.Join(" ", Values);
    }
}
