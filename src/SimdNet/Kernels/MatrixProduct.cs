using System.Runtime.InteropServices;
using SimdNet.Kernels;

namespace SimdNet;

/// <summary>The product of two matrices of any sizes, either of them transposed.</summary>
public static class MatrixProduct
{
    /// <summary>
    /// <c>C = op(A) op(B)</c>, or <c>C += op(A) op(B)</c>, all in rows one after another. Each result is one chain of
    /// multiply-adds along the depth in ascending order, so it has the same bits at every width and for every number of
    /// threads (<see cref="Hardware.MaxThreads"/>).
    /// </summary>
    /// <param name="a">[rows, depth], or [depth, rows] if <paramref name="transposeA"/>.</param>
    /// <param name="b">[depth, columns], or [columns, depth] if <paramref name="transposeB"/>.</param>
    /// <param name="rows">The rows of C.</param>
    /// <param name="columns">The columns of C.</param>
    /// <param name="depth">What is summed over; with 0 the product is zero.</param>
    /// <param name="c">[rows, columns]; it must not overlap a or b.</param>
    /// <param name="transposeA">Whether A is given transposed.</param>
    /// <param name="transposeB">Whether B is given transposed.</param>
    /// <param name="accumulate">Whether the product is added to what C holds.</param>
    /// <exception cref="ArgumentException">A length does not fit, a size is negative, or C overlaps a factor.</exception>
    public static void Multiply(
        ReadOnlySpan<float> a, ReadOnlySpan<float> b, int rows, int columns, int depth, Span<float> c,
        bool transposeA = false, bool transposeB = false, bool accumulate = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        Guard.Product(a.Length, rows, depth, nameof(a));
        Guard.Product(b.Length, depth, columns, nameof(b));
        Guard.Product(c.Length, rows, columns, nameof(c));
        if (c.Overlaps(a) || c.Overlaps(b)) throw new ArgumentException("The result must not overlap a factor.", nameof(c));
        if (rows == 0 || columns == 0) return;

        // Begun from C itself where it is added to: each element is read before it is written.
        var result = new Strided(ref MemoryMarshal.GetReference(c), columns, 1);
        var product = new Product<StoreEnds>(
            new Strided(ref MemoryMarshal.GetReference(a), transposeA ? 1 : depth, transposeA ? rows : 1),
            new Strided(ref MemoryMarshal.GetReference(b), transposeB ? 1 : columns, transposeB ? depth : 1),
            accumulate ? result : default, result, new StoreEnds(result, columns), rows, columns, columns, depth, holdsSums: true, SumOrder.Lanes(columns));
        ProductKernel.Run(ref product);
    }
}
