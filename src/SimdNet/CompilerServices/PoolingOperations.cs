using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// A result for every window that slides over images [height, width, channels], channel by channel. Sequences have height one, and global pooling one
/// window as large as the image.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class PoolingOperation : Operation
{
    /// <summary>Windows over images of this size; each must meet the image itself.</summary>
    /// <param name="inputHeight">The rows of the input.</param>
    /// <param name="inputWidth">The columns of the input.</param>
    /// <param name="channels">The channels.</param>
    /// <param name="kernelHeight">The rows of a window.</param>
    /// <param name="kernelWidth">The columns of a window.</param>
    /// <param name="strideHeight">The rows from one window to the next.</param>
    /// <param name="strideWidth">The columns from one window to the next.</param>
    /// <param name="top">The rows of padding above the input.</param>
    /// <param name="left">The columns of padding before the input.</param>
    /// <param name="bottom">The rows of padding below the input.</param>
    /// <param name="right">The columns of padding behind the input.</param>
    private protected PoolingOperation(
        int inputHeight, int inputWidth, int channels, int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int top, int left, int bottom, int right)
        : this(
            Over(inputHeight, kernelHeight, strideHeight, top, bottom, "height"), Over(inputWidth, kernelWidth, strideWidth, left, right, "width"), channels)
    {
    }

    private PoolingOperation(Axis vertical, Axis horizontal, int channels)
        : base(Guard.Size(vertical.Source, horizontal.Source, channels), Guard.Size(vertical.Result, horizontal.Result, channels)) =>
        (Vertical, Horizontal, Channels) = (vertical, horizontal, channels);

    private protected Axis Vertical { get; }

    private protected Axis Horizontal { get; }

    private protected int Channels { get; }

    /// <summary>The rows of the output.</summary>
    public int OutputHeight => Vertical.Result;

    /// <summary>The columns of the output.</summary>
    public int OutputWidth => Horizontal.Result;

    private protected void Forward<TPooling>(TPooling pooling, ReadOnlySpan<float> x, Span<float> y, int batch) where TPooling : struct, IPooling
    {
        Guard.Product(x.Length, batch, InputLength, nameof(x));
        Guard.Product(y.Length, batch, OutputLength, nameof(y));
        PoolingKernel.Forward(Vertical, Horizontal, Channels, pooling, x, y, batch);
    }

    private protected void Backward<TPooling>(
        TPooling pooling, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, Span<float> inputGradient, int batch) where TPooling : struct, IPooling
    {
        Guard.Product(x.Length, batch, InputLength, nameof(x));
        Guard.Product(y.Length, batch, OutputLength, nameof(y));
        Guard.Product(outputGradient.Length, batch, OutputLength, nameof(outputGradient));
        if (inputGradient.IsEmpty) return;
        Guard.Product(inputGradient.Length, batch, InputLength, nameof(inputGradient));
        PoolingKernel.Backward(Vertical, Horizontal, Channels, pooling, x, y, outputGradient, inputGradient, batch);
    }

    private static Axis Over(int source, int kernel, int stride, int before, int after, string side)
    {
        Axis axis = Axis.Over(source, kernel, stride, 1, before, after, side);
        if (before >= kernel || (axis.Result - 1L) * stride - before >= source)
            throw new ArgumentException($"A window of {kernel} would lie in the padding of the {side} alone.", side);
        return axis;
    }
}

/// <summary>
/// The largest value of every window, <c>y[p, c] = max x[p + k, c]</c>, padding left out; NaN where there is one. The gradient of a result goes to the
/// first of the largest values in the order of rows and columns (PyTorch's MaxPool2d).
/// </summary>
/// <inheritdoc cref="PoolingOperation(int, int, int, int, int, int, int, int, int, int, int)"/>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class MaxPoolingOperation(
    int inputHeight, int inputWidth, int channels, int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int top = 0, int left = 0, int bottom = 0, int right = 0)
    : PoolingOperation(inputHeight, inputWidth, channels, kernelHeight, kernelWidth, strideHeight, strideWidth, top, left, bottom, right)
{
    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch) => Forward(default(Largest), x, y, batch);

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch) => Backward(default(Largest), x, y, outputGradient, inputGradient, batch);
}

/// <summary>
/// The mean of every window, <c>y[p, c] = Σ x[p + k, c] / n</c>, one chain of additions in the order of rows and columns. Padding counts as zeros, so n is
/// the size of the window (PyTorch's AvgPool2d), unless it is told not to: then n is how much of the window lies within the image (Keras, ONNX).
/// </summary>
/// <inheritdoc cref="PoolingOperation(int, int, int, int, int, int, int, int, int, int, int)"/>
/// <param name="countIncludePad">Whether padding counts.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class AveragePoolingOperation(
    int inputHeight, int inputWidth, int channels, int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int top = 0, int left = 0, int bottom = 0, int right = 0,
    bool countIncludePad = true)
    : PoolingOperation(inputHeight, inputWidth, channels, kernelHeight, kernelWidth, strideHeight, strideWidth, top, left, bottom, right)
{
    private readonly Mean _mean = new(countIncludePad ? kernelHeight * kernelWidth : 0);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch) => Forward(_mean, x, y, batch);

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch) => Backward(_mean, x, y, outputGradient, inputGradient, batch);
}
