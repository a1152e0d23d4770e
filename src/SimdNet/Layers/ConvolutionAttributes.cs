namespace SimdNet.Layers;

/// <summary>What all convolutions are told.</summary>
public abstract class ConvolutionAttribute : LayerAttribute
{
    /// <summary>A convolution is one of the library.</summary>
    private protected ConvolutionAttribute(int filters, int kernel, int stride, Padding padding, int dilation, int groups, bool bias, int pad) =>
        (Filters, Kernel, Stride, Padding, Dilation, Groups, Bias, Pad) = (filters, kernel, stride, padding, dilation, groups, bias, pad);

    /// <summary>The number of outputs: channels of an image, features of a sequence.</summary>
    public int Filters { get; }

    /// <summary>The size of a window, along each side.</summary>
    public int Kernel { get; }

    /// <summary>The distance from one window to the next.</summary>
    public int Stride { get; }

    /// <summary>What lies beyond the ends.</summary>
    public Padding Padding { get; }

    /// <summary>The distance between the inputs of a window.</summary>
    public int Dilation { get; }

    /// <summary>Into how many groups channels are cut, which do not see each other; as many as there are channels makes a depthwise convolution.</summary>
    public int Groups { get; }

    /// <summary>Whether something is added to each output.</summary>
    public bool Bias { get; }

    /// <summary>Zeros on every side, where the padding is valid.</summary>
    public int Pad { get; }

    /// <summary>How the weights are drawn.</summary>
    public Initializer Initializer { get; set; } = Initializer.Auto;
}

/// <summary>
/// A convolution along a sequence: <c>y[t, o] = b[o] + Σ w[o, i, k] x[t stride - before + k dilation, i]</c>, (time, features) to (time', filters).
/// Keras <c>Conv1D</c>, PyTorch <c>Conv1d</c> (there channels come first), ONNX <c>Conv</c>. Parameters: <c>weight</c> [filters, features / groups, kernel],
/// <c>bias</c> [filters].
/// </summary>
/// <param name="filters">The number of outputs: channels of an image, features of a sequence.</param>
/// <param name="kernel">The size of a window, along each side.</param>
/// <param name="stride">The distance from one window to the next.</param>
/// <param name="padding">What lies beyond the ends.</param>
/// <param name="dilation">The distance between the inputs of a window.</param>
/// <param name="groups">Into how many groups channels are cut, which do not see each other; as many as there are channels makes a depthwise convolution.</param>
/// <param name="bias">Whether something is added to each output.</param>
/// <param name="pad">Zeros on every side, where the padding is valid.</param>
public sealed class Conv1DAttribute(
    int filters, int kernel, int stride = 1, Padding padding = Padding.Valid, int dilation = 1, int groups = 1, bool bias = true, int pad = 0)
    : ConvolutionAttribute(filters, kernel, stride, padding, dilation, groups, bias, pad);

/// <summary>
/// A convolution over an image: <c>y[o, r, c] = b[o] + Σ w[o, i, j, k] x[i, r stride - top + j dilation, c stride - left + k dilation]</c>,
/// (channels, height, width) to (filters, height', width'). Keras <c>Conv2D</c> (there channels come last), PyTorch <c>Conv2d</c>, ONNX <c>Conv</c>. Parameters:
/// <c>weight</c> [filters, channels / groups, kernel, kernel], <c>bias</c> [filters].
/// </summary>
/// <param name="filters">The number of outputs: channels of an image, features of a sequence.</param>
/// <param name="kernel">The size of a window, along each side.</param>
/// <param name="stride">The distance from one window to the next.</param>
/// <param name="padding">What lies beyond the ends.</param>
/// <param name="dilation">The distance between the inputs of a window.</param>
/// <param name="groups">Into how many groups channels are cut, which do not see each other; as many as there are channels makes a depthwise convolution.</param>
/// <param name="bias">Whether something is added to each output.</param>
/// <param name="pad">Zeros on every side, where the padding is valid.</param>
public sealed class Conv2DAttribute(
    int filters, int kernel, int stride = 1, Padding padding = Padding.Valid, int dilation = 1, int groups = 1, bool bias = true, int pad = 0)
    : ConvolutionAttribute(filters, kernel, stride, padding, dilation, groups, bias, pad);

/// <summary>
/// A convolution's way back as a layer, along a sequence: each input is spread over a window of outputs, <c>(time - 1) stride + (kernel - 1) dilation + 1</c> of them less the
/// padding. Keras <c>Conv1DTranspose</c>, PyTorch <c>ConvTranspose1d</c>, ONNX <c>ConvTranspose</c>. Parameters: <c>weight</c> [features, filters / groups, kernel], <c>bias</c> [filters].
/// </summary>
/// <param name="filters">The number of outputs: channels of an image, features of a sequence.</param>
/// <param name="kernel">The size of a window, along each side.</param>
/// <param name="stride">The distance from one window to the next.</param>
/// <param name="padding">What lies beyond the ends.</param>
/// <param name="dilation">The distance between the inputs of a window.</param>
/// <param name="groups">Into how many groups channels are cut, which do not see each other; as many as there are channels makes a depthwise convolution.</param>
/// <param name="bias">Whether something is added to each output.</param>
/// <param name="pad">Zeros on every side, where the padding is valid.</param>
public sealed class ConvTranspose1DAttribute(
    int filters, int kernel, int stride = 1, Padding padding = Padding.Valid, int dilation = 1, int groups = 1, bool bias = true, int pad = 0)
    : ConvolutionAttribute(filters, kernel, stride, padding, dilation, groups, bias, pad);

/// <summary>
/// A convolution's way back as a layer, over an image: each input is spread over a window of outputs, <c>(height - 1) stride + (kernel - 1) dilation + 1</c> of them a column less the
/// padding. Keras <c>Conv2DTranspose</c>, PyTorch <c>ConvTranspose2d</c>, ONNX <c>ConvTranspose</c>. Parameters: <c>weight</c> [channels, filters / groups, kernel, kernel], <c>bias</c> [filters].
/// </summary>
/// <param name="filters">The number of outputs: channels of an image, features of a sequence.</param>
/// <param name="kernel">The size of a window, along each side.</param>
/// <param name="stride">The distance from one window to the next.</param>
/// <param name="padding">What lies beyond the ends.</param>
/// <param name="dilation">The distance between the inputs of a window.</param>
/// <param name="groups">Into how many groups channels are cut, which do not see each other; as many as there are channels makes a depthwise convolution.</param>
/// <param name="bias">Whether something is added to each output.</param>
/// <param name="pad">Zeros on every side, where the padding is valid.</param>
public sealed class ConvTranspose2DAttribute(
    int filters, int kernel, int stride = 1, Padding padding = Padding.Valid, int dilation = 1, int groups = 1, bool bias = true, int pad = 0)
    : ConvolutionAttribute(filters, kernel, stride, padding, dilation, groups, bias, pad);
