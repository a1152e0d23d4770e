namespace SimdNet.Layers;

/// <summary>The largest of each window of a sequence, (time, features) to (time', features); what is beyond the ends is never the largest, and NaN always is. Keras <c>MaxPooling1D</c>, PyTorch <c>MaxPool1d</c>, ONNX <c>MaxPool</c>.</summary>
/// <param name="kernel">The size of a window, along each side.</param>
/// <param name="stride">The distance from one window to the next; 0 for the size of the window.</param>
/// <param name="padding">What lies beyond the ends.</param>
/// <param name="pad">How much is added on every side, where the padding is valid.</param>
public sealed class MaxPool1DAttribute(int kernel = 2, int stride = 0, Padding padding = Padding.Valid, int pad = 0) : LayerAttribute
{
    /// <summary>The size of a window, along each side.</summary>
    public int Kernel { get; } = kernel;

    /// <summary>The distance from one window to the next; 0 for the size of the window.</summary>
    public int Stride { get; } = stride;

    /// <summary>What lies beyond the ends.</summary>
    public Padding Padding { get; } = padding;

    /// <summary>How much is added on every side, where the padding is valid.</summary>
    public int Pad { get; } = pad;
}

/// <summary>The largest of each window of an image, (channels, height, width) to (channels, height', width'); what is beyond the ends is never the largest, and NaN always is. Keras <c>MaxPooling2D</c>, PyTorch <c>MaxPool2d</c>, ONNX <c>MaxPool</c>.</summary>
/// <param name="kernel">The size of a window, along each side.</param>
/// <param name="stride">The distance from one window to the next; 0 for the size of the window.</param>
/// <param name="padding">What lies beyond the ends.</param>
/// <param name="pad">How much is added on every side, where the padding is valid.</param>
public sealed class MaxPool2DAttribute(int kernel = 2, int stride = 0, Padding padding = Padding.Valid, int pad = 0) : LayerAttribute
{
    /// <summary>The size of a window, along each side.</summary>
    public int Kernel { get; } = kernel;

    /// <summary>The distance from one window to the next; 0 for the size of the window.</summary>
    public int Stride { get; } = stride;

    /// <summary>What lies beyond the ends.</summary>
    public Padding Padding { get; } = padding;

    /// <summary>How much is added on every side, where the padding is valid.</summary>
    public int Pad { get; } = pad;
}

/// <summary>The mean of each window of a sequence, (time, features) to (time', features). Keras <c>AveragePooling1D</c>, PyTorch <c>AvgPool1d</c>, ONNX <c>AveragePool</c>.</summary>
/// <param name="kernel">The size of a window, along each side.</param>
/// <param name="stride">The distance from one window to the next; 0 for the size of the window.</param>
/// <param name="padding">What lies beyond the ends.</param>
/// <param name="pad">How much is added on every side, where the padding is valid.</param>
/// <param name="countIncludePad">Whether zeros beyond the ends count in the mean, as in PyTorch (ONNX and Keras do not count them).</param>
public sealed class AveragePool1DAttribute(int kernel = 2, int stride = 0, Padding padding = Padding.Valid, int pad = 0, bool countIncludePad = true) : LayerAttribute
{
    /// <summary>The size of a window, along each side.</summary>
    public int Kernel { get; } = kernel;

    /// <summary>The distance from one window to the next; 0 for the size of the window.</summary>
    public int Stride { get; } = stride;

    /// <summary>What lies beyond the ends.</summary>
    public Padding Padding { get; } = padding;

    /// <summary>How much is added on every side, where the padding is valid.</summary>
    public int Pad { get; } = pad;

    /// <summary>Whether zeros beyond the ends count in the mean, as in PyTorch (ONNX and Keras do not count them).</summary>
    public bool CountIncludePad { get; } = countIncludePad;
}

/// <summary>The mean of each window of an image, (channels, height, width) to (channels, height', width'). Keras <c>AveragePooling2D</c>, PyTorch <c>AvgPool2d</c>, ONNX <c>AveragePool</c>.</summary>
/// <param name="kernel">The size of a window, along each side.</param>
/// <param name="stride">The distance from one window to the next; 0 for the size of the window.</param>
/// <param name="padding">What lies beyond the ends.</param>
/// <param name="pad">How much is added on every side, where the padding is valid.</param>
/// <param name="countIncludePad">Whether zeros beyond the ends count in the mean, as in PyTorch (ONNX and Keras do not count them).</param>
public sealed class AveragePool2DAttribute(int kernel = 2, int stride = 0, Padding padding = Padding.Valid, int pad = 0, bool countIncludePad = true) : LayerAttribute
{
    /// <summary>The size of a window, along each side.</summary>
    public int Kernel { get; } = kernel;

    /// <summary>The distance from one window to the next; 0 for the size of the window.</summary>
    public int Stride { get; } = stride;

    /// <summary>What lies beyond the ends.</summary>
    public Padding Padding { get; } = padding;

    /// <summary>How much is added on every side, where the padding is valid.</summary>
    public int Pad { get; } = pad;

    /// <summary>Whether zeros beyond the ends count in the mean, as in PyTorch (ONNX and Keras do not count them).</summary>
    public bool CountIncludePad { get; } = countIncludePad;
}

/// <summary>The largest of each channel of an image, (channels, height, width) to (channels), or of each feature of a sequence. Keras <c>GlobalMaxPooling2D</c>, PyTorch <c>AdaptiveMaxPool2d(1)</c>, ONNX <c>GlobalMaxPool</c>.</summary>
public sealed class GlobalMaxPoolAttribute : LayerAttribute;

/// <summary>The mean of each channel of an image, (channels, height, width) to (channels), or of each feature of a sequence. Keras <c>GlobalAveragePooling2D</c>, PyTorch <c>AdaptiveAvgPool2d(1)</c>, ONNX <c>GlobalAveragePool</c>.</summary>
public sealed class GlobalAveragePoolAttribute : LayerAttribute;

/// <summary>
/// Each pixel of an image becomes a square of <paramref name="factor"/> by <paramref name="factor"/>, (channels, height, width) to (channels, factor height, factor width). Keras
/// <c>UpSampling2D</c>, PyTorch <c>Upsample</c> without <c>align_corners</c>, ONNX <c>Resize</c> with half pixels.
/// </summary>
/// <param name="factor">The pixels along a side for one of the input.</param>
/// <param name="bilinear">Whether neighbours are interpolated, or the nearest is repeated.</param>
public sealed class Upsample2DAttribute(int factor, bool bilinear = false) : LayerAttribute
{
    /// <summary>The pixels along a side for one of the input.</summary>
    public int Factor { get; } = factor;

    /// <summary>Whether neighbours are interpolated.</summary>
    public bool Bilinear { get; } = bilinear;
}

/// <summary>Zeros around an image, (channels, height, width) to (channels, top + height + bottom, left + width + right). Keras <c>ZeroPadding2D</c>, PyTorch <c>ZeroPad2d</c>, ONNX <c>Pad</c>.</summary>
/// <param name="top">The rows above.</param>
/// <param name="left">The columns before.</param>
/// <param name="bottom">The rows below.</param>
/// <param name="right">The columns behind.</param>
public sealed class ZeroPad2DAttribute(int top, int left, int bottom, int right) : LayerAttribute
{
    /// <summary>The rows above.</summary>
    public int Top { get; } = top;

    /// <summary>The columns before.</summary>
    public int Left { get; } = left;

    /// <summary>The rows below.</summary>
    public int Bottom { get; } = bottom;

    /// <summary>The columns behind.</summary>
    public int Right { get; } = right;
}
