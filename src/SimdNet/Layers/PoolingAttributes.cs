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
