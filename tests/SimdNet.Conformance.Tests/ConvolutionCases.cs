using SimdNet.Layers;

namespace SimdNet.Conformance.Tests;

/// <summary>Convolutions and transposed ones, over images and over sequences.</summary>
internal static class ConvolutionCases
{
    public static LayerCase Convolution(Configuration draw, bool isImage, bool isDepthwise = false)
    {
        (int channels, int filters, int groups) = Channels(draw, isDepthwise);
        (int kernel, int stride, int dilation, int span) = Window(draw);
        Padding padding = DrawPadding(draw, isImage);
        int pad = padding == Padding.Valid ? draw.Integer("pad", 0, span / 2 + 1) : 0;
        int[] sizes = Sizes(draw, isImage, padding == Padding.Valid ? Math.Max(1, span - 2 * pad) : 1), shape = isImage ? [channels, .. sizes] : [.. sizes, channels];
        bool bias = draw.Flag("bias");
        Activation activation = ActivationCases.Any(draw);
        (string Name, object Value)[] attributes = [.. Attributes(isImage, kernel, stride, dilation, groups), .. padding switch
        {
            // The runtime refuses to compute the padding where there is a dilation.
            Padding.Same when dilation == 1 => [("auto_pad", "SAME_UPPER")],
            Padding.Same => Pads(sizes.Select(size => SamePads(size, span, stride))),
            Padding.Causal => Pads([(span - 1, 0)]),
            _ => Pads(sizes.Select(_ => (pad, pad))),
        }];
        return new(
            shape,
            x => activation.Network(isImage ? x.Conv2D(filters, kernel, stride, padding, dilation, groups, bias, pad) : x.Conv1D(filters, kernel, stride, padding, dilation, groups, bias, pad)),
            (onnx, x) => activation.Onnx(onnx, Node(onnx, "Conv", x, isImage ? "conv2D1" : "conv1D1", shape, bias, attributes)),
            channels / groups * (isImage ? kernel * kernel : kernel));
    }

    public static LayerCase Transposed(Configuration draw, bool isImage)
    {
        (int channels, int filters, int groups) = Channels(draw, draw.Flag("depthwise"));
        (int kernel, int stride, int dilation, int span) = Window(draw);
        Padding padding = DrawPadding(draw, isImage);
        int pad = padding == Padding.Valid ? draw.Integer("pad", 0, (span - 1) / 2) : 0;
        int[] sizes = Sizes(draw, isImage, 1), shape = isImage ? [channels, .. sizes] : [.. sizes, channels];
        bool bias = draw.Flag("bias");
        Activation activation = ActivationCases.Any(draw);
        // As in Keras: stride results for each input, so a stride beyond the window leaves some at the end that no window reaches. The runtime's
        // SAME_UPPER cuts the odd one off before the first, where ONNX and Keras cut it off behind the last.
        (string Name, object Value)[] attributes =
        [
            .. Attributes(isImage, kernel, stride, dilation, groups),
            .. Pads(sizes.Select(_ => padding switch { Padding.Same => Halves(span - stride), Padding.Causal => (0, Math.Max(span - stride, 0)), _ => (pad, pad) })),
            ("output_padding", Sides(isImage, padding == Padding.Valid ? 0 : Math.Max(stride - span, 0))),
        ];
        return new(
            shape,
            x => activation.Network(isImage ? x.ConvTranspose2D(filters, kernel, stride, padding, dilation, groups, bias, pad) : x.ConvTranspose1D(filters, kernel, stride, padding, dilation, groups, bias, pad)),
            (onnx, x) => activation.Onnx(onnx, Node(onnx, "ConvTranspose", x, isImage ? "convTranspose2D1" : "convTranspose1D1", shape, bias, attributes)),
            channels / groups * (isImage ? kernel * kernel : kernel));
    }

    /// <summary>The node with the weights of a layer.</summary>
    public static string Node(OnnxGraph onnx, string operation, string x, string layer, int[] shape, bool bias, params (string Name, object Value)[] attributes) =>
        onnx.ChannelsFirst(x, shape, z => onnx.Node(operation, [z, onnx.Parameter(layer + ".weight"), .. bias ? [onnx.Parameter(layer + ".bias")] : Array.Empty<string>()], attributes));

    private static (int Channels, int Filters, int Groups) Channels(Configuration draw, bool isDepthwise)
    {
        int groups = isDepthwise ? draw.Integer("groups", 1, 36) : draw.Choice("groups", 1, 1, 2, 3, 8);
        return (groups * (isDepthwise ? 1 : draw.Integer("inputs of a group", 1, 20)), groups * (isDepthwise ? 1 : draw.Integer("outputs of a group", 1, 20)), groups);
    }

    private static Padding DrawPadding(Configuration draw, bool isImage) =>
        isImage ? draw.Choice("padding", Padding.Valid, Padding.Same) : draw.Choice("padding", Padding.Valid, Padding.Same, Padding.Causal);

    private static (int Kernel, int Stride, int Dilation, int Span) Window(Configuration draw)
    {
        int kernel = draw.Integer("kernel", 1, 4), stride = draw.Integer("stride", 1, 3), dilation = draw.Integer("dilation", 1, 3);
        return (kernel, stride, dilation, (kernel - 1) * dilation + 1);
    }

    /// <summary>The sides of an image, or the length of a sequence.</summary>
    internal static int[] Sizes(Configuration draw, bool isImage, int least) =>
        isImage ? [draw.Integer("height", least, least + 10), draw.Integer("width", least, least + 20)] : [draw.Integer("time", least, least + 30)];

    private static (string Name, object Value)[] Attributes(bool isImage, int kernel, int stride, int dilation, int groups) =>
        [("kernel_shape", Sides(isImage, kernel)), ("strides", Sides(isImage, stride)), ("dilations", Sides(isImage, dilation)), ("group", groups)];

    internal static int[] Sides(bool isImage, int value) => isImage ? [value, value] : [value];

    /// <summary>First what lies before the axes, then what lies behind them.</summary>
    internal static (string Name, object Value)[] Pads(IEnumerable<(int Before, int After)> axes) => [("pads", axes.Select(axis => axis.Before).Concat(axes.Select(axis => axis.After)).ToArray())];

    /// <summary>As many zeros as the windows reach beyond the input, one for each <paramref name="stride"/> inputs.</summary>
    internal static (int Before, int After) SamePads(int size, int span, int stride) => Halves((size - 1) / stride * stride + span - size);

    /// <summary>Half before, half behind, where an odd one goes.</summary>
    private static (int Before, int After) Halves(int total) => (Math.Max(total, 0) / 2, (Math.Max(total, 0) + 1) / 2);
}
