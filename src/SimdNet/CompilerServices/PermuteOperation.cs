using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// Two axes of every sample exchanged, <c>y[o, c, m, r, i] = x[o, r, m, c, i]</c>: every order of up to three axes is one such exchange, where neighbours
/// that stay together count as one axis. Its way back is the exchange back.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PermuteOperation : Operation
{
    private readonly int _outer, _rows, _middle, _columns, _inner;

    /// <summary>From [outer, rows, middle, columns, inner] to [outer, columns, middle, rows, inner].</summary>
    /// <param name="outer">The size of what lies before both axes.</param>
    /// <param name="rows">The size of the first axis.</param>
    /// <param name="middle">The size of what lies between them.</param>
    /// <param name="columns">The size of the second axis.</param>
    /// <param name="inner">The size of what lies behind both.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    /// <exception cref="ArgumentException">A sample has more than 2^31 floats.</exception>
    public PermuteOperation(int outer, int rows, int middle, int columns, int inner)
        : base(Guard.Size(outer, rows, middle, columns, inner), Guard.Size(outer, rows, middle, columns, inner)) =>
        (_outer, _rows, _middle, _columns, _inner) = (outer, rows, middle, columns, inner);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        Guard.Product(x.Length, batch, InputLength, nameof(x));
        Guard.Product(y.Length, batch, OutputLength, nameof(y));
        Run(x, y, batch, _rows, _columns);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        Guard.Product(outputGradient.Length, batch, OutputLength, nameof(outputGradient));
        if (inputGradient.IsEmpty) return;
        Guard.Product(inputGradient.Length, batch, InputLength, nameof(inputGradient));
        Run(outputGradient, inputGradient, batch, _columns, _rows);
    }

    private void Run(ReadOnlySpan<float> source, Span<float> target, int batch, int rows, int columns)
    {
        int plane = rows * _middle * columns * _inner;
        for (int first = 0; first < batch * _outer * plane; first += plane)
        {
            if (_inner > 1) ExchangeRuns(source.Slice(first, plane), target.Slice(first, plane), rows, columns);
            else Exchange(source.Slice(first, plane), target.Slice(first, plane), rows, columns);
        }
    }

    /// <summary>A transpose for each position between the axes.</summary>
    private void Exchange(ReadOnlySpan<float> source, Span<float> target, int rows, int columns)
    {
        for (int i = 0; i < _middle; i++)
        {
            TransposeKernel.Run(
                ref Unsafe.Add(ref MemoryMarshal.GetReference(source), i * columns), (nint)_middle * columns, rows, columns,
                ref Unsafe.Add(ref MemoryMarshal.GetReference(target), i * rows), (nint)_middle * rows);
        }
    }

    private void ExchangeRuns(ReadOnlySpan<float> source, Span<float> target, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < _middle; i++)
            {
                ReadOnlySpan<float> runs = source.Slice((row * _middle + i) * columns * _inner, columns * _inner);
                for (int column = 0; column < columns; column++)
                    runs.Slice(column * _inner, _inner).CopyTo(target[(((column * _middle + i) * rows + row) * _inner)..]);
            }
        }
    }
}
