using SimdNet.Layers;

namespace SimdNet.Conformance.Tests;

/// <summary>Pooling over windows and over whole images and sequences.</summary>
internal static class PoolingCases
{
    public static LayerCase Pool(Configuration draw, bool isMax, bool isImage)
    {
        int channels = draw.Integer("channels", 1, 40), kernel = draw.Integer("kernel", 1, 4), stride = draw.Integer("stride", 0, 4), step = stride == 0 ? kernel : stride;
        Padding padding = draw.Choice("padding", Padding.Valid, Padding.Same);
        int pad = padding == Padding.Valid ? draw.Integer("pad", 0, kernel / 2) : 0;
        int[] sizes = ConvolutionCases.Sizes(draw, isImage, padding == Padding.Valid ? kernel - Math.Min(2 * pad, kernel - 1) : 1), shape = isImage ? [channels, .. sizes] : [.. sizes, channels];
        bool counts = !isMax && draw.Flag("countIncludePad");
        (string Name, object Value)[] attributes =
        [
            ("kernel_shape", ConvolutionCases.Sides(isImage, kernel)),
            ("strides", ConvolutionCases.Sides(isImage, step)),
            .. padding switch
            {
                Padding.Same when step <= kernel => [("auto_pad", "SAME_UPPER")],
                // The runtime computes negative padding where a window does not reach the next.
                Padding.Same => ConvolutionCases.Pads(sizes.Select(size => ConvolutionCases.SamePads(size, kernel, step))),
                _ => ConvolutionCases.Pads(sizes.Select(_ => (pad, pad))),
            },
            .. isMax ? Array.Empty<(string, object)>() : [("count_include_pad", counts ? 1 : 0)],
        ];
        return new(
            shape,
            x => (isMax, isImage) switch
            {
                (true, true) => x.MaxPool2D(kernel, stride, padding, pad),
                (true, false) => x.MaxPool1D(kernel, stride, padding, pad),
                (false, true) => x.AveragePool2D(kernel, stride, padding, pad, counts),
                _ => x.AveragePool1D(kernel, stride, padding, pad, counts),
            },
            (onnx, x) => onnx.ChannelsFirst(x, shape, z => onnx.Node(isMax ? "MaxPool" : "AveragePool", [z], attributes)),
            kernel * kernel);
    }

    public static LayerCase Upsample(Configuration draw)
    {
        int[] shape = draw.Shape(3);
        int factor = draw.Integer("factor", 1, 4);
        bool bilinear = draw.Flag("bilinear");
        (string Name, object Value)[] attributes = bilinear
            ? [("mode", "linear"), ("coordinate_transformation_mode", "half_pixel")]
            : [("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")];
        return new(shape, x => x.Upsample2D(factor, bilinear), (onnx, x) => onnx.Node("Resize", [x, "", onnx.Floats([4], [1, 1, factor, factor])], attributes), 4);
    }

    public static LayerCase ZeroPad(Configuration draw)
    {
        int[] shape = draw.Shape(3);
        int top = draw.Integer("top", 0, 3), left = draw.Integer("left", 0, 3), bottom = draw.Integer("bottom", 0, 3), right = draw.Integer("right", 0, 3);
        return new(shape, x => x.ZeroPad2D(top, left, bottom, right), (onnx, x) => onnx.Node("Pad", [x, onnx.Integers([0, 0, top, left, 0, 0, bottom, right])]));
    }

    public static LayerCase Global(Configuration draw, bool isMax)
    {
        int[] shape = draw.Shape(2, 3);
        return new(shape, x => isMax ? x.GlobalMaxPool() : x.GlobalAveragePool(), (onnx, x) => Global(onnx, isMax ? "GlobalMaxPool" : "GlobalAveragePool", x, shape), 64);
    }

    /// <summary>ONNX keeps the axes over which it pools.</summary>
    internal static string Global(OnnxGraph onnx, string operation, string x, int[] shape) =>
        onnx.Node("Flatten", [onnx.Node(operation, [shape.Length == 2 ? onnx.Transposed(x) : x])]);
}
