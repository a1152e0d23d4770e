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

    private static int ChannelAxis(int[] shape) => shape.Length == 2 ? 1 : 0;
}
