using System.Numerics;

namespace SimdNet.Reference;

/// <summary>The matrix product as plain loops.</summary>
public static class MatrixProductReference
{
    /// <summary><c>C = op(A) op(B)</c>; op(A) [rows, depth], op(B) [depth, columns], C [rows, columns].</summary>
    public static void Multiply<T>(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rows, int columns, int depth, Span<T> c, bool transposeA = false, bool transposeB = false) where T : INumber<T>
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                T sum = T.Zero;
                for (int k = 0; k < depth; k++)
                    sum += (transposeA ? a[k * rows + row] : a[row * depth + k]) * (transposeB ? b[column * depth + k] : b[k * columns + column]);
                c[row * columns + column] = sum;
            }
        }
    }
}
