using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// Images [height, width, channels] enlarged by whole factors: every pixel repeated (nearest), or bilinear between the middles of pixels
/// (align_corners=false in PyTorch, half_pixel in ONNX, what Keras does).
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class UpsampleOperation : Operation
{
    private readonly int _height, _width, _channels, _factorHeight, _factorWidth;
    private readonly bool _isBilinear;

    /// <summary>An enlargement of images of this size.</summary>
    /// <param name="inputHeight">The rows of the input.</param>
    /// <param name="inputWidth">The columns of the input.</param>
    /// <param name="channels">The channels.</param>
    /// <param name="factorHeight">The rows of the output for one of the input.</param>
    /// <param name="factorWidth">The columns of the output for one of the input.</param>
    /// <param name="isBilinear">Whether to interpolate.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    /// <exception cref="ArgumentException">A sample has more than 2^31 floats.</exception>
    public UpsampleOperation(int inputHeight, int inputWidth, int channels, int factorHeight, int factorWidth, bool isBilinear)
        : base(Guard.Size(inputHeight, inputWidth, channels), Guard.Size(inputHeight, inputWidth, channels, factorHeight, factorWidth)) =>
        (_height, _width, _channels, _factorHeight, _factorWidth, _isBilinear) = (inputHeight, inputWidth, channels, factorHeight, factorWidth, isBilinear);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        Guard.Product(x.Length, batch, InputLength, nameof(x));
        Guard.Product(y.Length, batch, OutputLength, nameof(y));
        if (_isBilinear)
        {
            UpsampleKernel.Forward(_height, _width, _channels, _factorHeight, _factorWidth, x, y, batch);
            return;
        }
        int line = _width * _channels, wide = line * _factorWidth;
        for (int row = 0; row < batch * _height; row++)
        {
            Span<float> rows = y.Slice(row * _factorHeight * wide, _factorHeight * wide), first = rows[..wide];
            for (int pixel = 0; pixel < _width * _factorWidth; pixel++)
                x.Slice(row * line + pixel / _factorWidth * _channels, _channels).CopyTo(first[(pixel * _channels)..]);
            for (int copy = 1; copy < _factorHeight; copy++) first.CopyTo(rows[(copy * wide)..]);
        }
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        Guard.Product(outputGradient.Length, batch, OutputLength, nameof(outputGradient));
        if (inputGradient.IsEmpty) return;
        Guard.Product(inputGradient.Length, batch, InputLength, nameof(inputGradient));
        if (_isBilinear)
        {
            UpsampleKernel.Backward(_height, _width, _channels, _factorHeight, _factorWidth, outputGradient, inputGradient, batch);
            return;
        }

        // What a pixel was repeated to is a window; its gradient is the sum.
        Axis vertical = new(_height * _factorHeight, _factorHeight, _factorHeight, 1, 0, _height), horizontal = new(_width * _factorWidth, _factorWidth, _factorWidth, 1, 0, _width);
        PoolingKernel.Forward(vertical, horizontal, _channels, new Mean(1), outputGradient, inputGradient, batch);
    }
}

/// <summary>Images [height, width, channels] between rows and columns of zeros.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ZeroPaddingOperation : Operation
{
    private readonly int _height, _width, _channels, _top, _left, _bottom, _right;

    /// <summary>Zeros around images of this size.</summary>
    /// <param name="inputHeight">The rows of the input.</param>
    /// <param name="inputWidth">The columns of the input.</param>
    /// <param name="channels">The channels.</param>
    /// <param name="top">The rows of zeros above the input.</param>
    /// <param name="left">The columns of zeros before the input.</param>
    /// <param name="bottom">The rows of zeros below the input.</param>
    /// <param name="right">The columns of zeros behind the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or padding is negative.</exception>
    /// <exception cref="ArgumentException">A sample has more than 2^31 floats.</exception>
    public ZeroPaddingOperation(int inputHeight, int inputWidth, int channels, int top, int left, int bottom, int right)
        : base(Guard.Size(inputHeight, inputWidth, channels), Guard.Size(checked(inputHeight + top + bottom), checked(inputWidth + left + right), channels))
    {
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(bottom);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        (_height, _width, _channels, _top, _left, _bottom, _right) = (inputHeight, inputWidth, channels, top, left, bottom, right);
    }

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        Guard.Product(x.Length, batch, InputLength, nameof(x));
        Guard.Product(y.Length, batch, OutputLength, nameof(y));
        int line = _width * _channels, before = _left * _channels, after = _right * _channels, wide = before + line + after;
        for (int sample = 0; sample < batch; sample++)
        {
            y[..(_top * wide)].Clear();
            y = y[(_top * wide)..];
            for (int row = 0; row < _height; row++)
            {
                y[..before].Clear();
                x[..line].CopyTo(y[before..]);
                y.Slice(before + line, after).Clear();
                x = x[line..];
                y = y[wide..];
            }
            y[..(_bottom * wide)].Clear();
            y = y[(_bottom * wide)..];
        }
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        Guard.Product(outputGradient.Length, batch, OutputLength, nameof(outputGradient));
        if (inputGradient.IsEmpty) return;
        Guard.Product(inputGradient.Length, batch, InputLength, nameof(inputGradient));
        int line = _width * _channels, wide = (_left + _width + _right) * _channels;
        for (int row = 0; row < batch * _height; row++)
        {
            (int sample, int at) = Math.DivRem(row, _height);
            outputGradient.Slice((sample * (_top + _height + _bottom) + _top + at) * wide + _left * _channels, line).CopyTo(inputGradient[(row * line)..]);
        }
    }
}
