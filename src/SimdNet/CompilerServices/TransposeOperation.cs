using System.ComponentModel;
using System.Runtime.InteropServices;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// The transpose of every sample, <c>y[c, r] = x[r, c]</c>: it turns images [channels, pixels] into [pixels, channels] and back. Its way back is the
/// transpose of the gradient.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TransposeOperation : Operation
{
    private readonly int _rows, _columns;

    /// <summary>From [<paramref name="rows"/>, <paramref name="columns"/>] to [<paramref name="columns"/>, <paramref name="rows"/>].</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    /// <exception cref="ArgumentException">A sample has more than 2^31 floats.</exception>
    public TransposeOperation(int rows, int columns)
        : base(Guard.Size(rows, columns), rows * columns) => (_rows, _columns) = (rows, columns);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        Guard.Product(x.Length, batch, InputLength, nameof(x));
        Guard.Product(y.Length, batch, OutputLength, nameof(y));
        Run(x, y, _rows, _columns);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        Guard.Product(outputGradient.Length, batch, OutputLength, nameof(outputGradient));
        if (inputGradient.IsEmpty) return;
        Guard.Product(inputGradient.Length, batch, InputLength, nameof(inputGradient));
        Run(outputGradient, inputGradient, _columns, _rows);
    }

    private static void Run(ReadOnlySpan<float> source, Span<float> target, int rows, int columns)
    {
        int length = rows * columns;
        for (int first = 0; first < source.Length; first += length)
        {
            TransposeKernel.Run(
                ref MemoryMarshal.GetReference(source[first..]), columns, rows, columns, ref MemoryMarshal.GetReference(target[first..]), rows);
        }
    }
}
