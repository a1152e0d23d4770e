using System.ComponentModel;

namespace SimdNet.CompilerServices;

/// <summary>
/// A part of each row, <c>y[r, i] = x[r, first + i]</c>: a slice along one axis, where a row is that axis and all behind it. The gradient is zero
/// outside the part.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class SliceOperation : Operation
{
    private readonly int _width, _first, _length;

    /// <summary>A part of rows.</summary>
    /// <param name="rows">The rows of a sample.</param>
    /// <param name="width">The floats of a row.</param>
    /// <param name="first">Where the part begins within a row.</param>
    /// <param name="length">The floats of the part.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the part does not lie within a row.</exception>
    /// <exception cref="ArgumentException">A sample has more than 2^31 floats.</exception>
    public SliceOperation(int rows, int width, int first, int length)
        : base(Guard.Size(rows, width), Guard.Size(rows, length))
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, width - length);
        (_width, _first, _length) = (width, first, length);
    }

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        Guard.Product(x.Length, batch, InputLength, nameof(x));
        Guard.Product(y.Length, batch, OutputLength, nameof(y));
        if (batch > 0) ElementwiseLayer.CopyRows(x[_first..], _width, y, _length, y.Length / _length, _length);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        Guard.Product(outputGradient.Length, batch, OutputLength, nameof(outputGradient));
        if (inputGradient.IsEmpty) return;
        Guard.Product(inputGradient.Length, batch, InputLength, nameof(inputGradient));
        for (int row = 0; row < inputGradient.Length / _width; row++)
        {
            Span<float> whole = inputGradient.Slice(row * _width, _width);
            whole[.._first].Clear();
            outputGradient.Slice(row * _length, _length).CopyTo(whole[_first..]);
            whole[(_first + _length)..].Clear();
        }
    }
}
