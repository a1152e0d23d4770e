using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>A number known to the JIT, so that the accumulators of a tile are registers and its branches vanish.</summary>
internal interface IConstant
{
    static abstract int Value { get; }
}

internal readonly struct One : IConstant { public static int Value => 1; }
internal readonly struct Two : IConstant { public static int Value => 2; }
internal readonly struct Four : IConstant { public static int Value => 4; }
internal readonly struct Six : IConstant { public static int Value => 6; }
internal readonly struct Eight : IConstant { public static int Value => 8; }

/// <summary>Where the accumulators of a tile begin and where its results go.</summary>
internal interface ITileEnds
{
    /// <summary>The value that the chain for row <paramref name="row"/> begins with.</summary>
    TBlock Start<TBlock>(nint row, nint column) where TBlock : struct, IBlock<TBlock>;

    /// <summary>Takes the finished sum.</summary>
    void Finish<TBlock>(TBlock sum, nint row, nint column) where TBlock : struct, IBlock<TBlock>;
}

/// <summary>
/// The register tiles that every product is made of. Sums run along <c>depth</c> in ascending order, one chain of
/// multiply-adds for each result.
/// </summary>
internal static class Tiles
{
    /// <summary>
    /// <c>sum[r, c] = start[r, c] + Σ_k a[r, k] b[k, c]</c> for a tile of rows and blocks of columns. One value of a
    /// is broadcast and meets one or two blocks of b: for 8 x 2 blocks that is 10 loads for 16 multiply-adds, so the
    /// two multiply-add units are the limit, not the two load units.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Product<TBlock, TRows, TColumns, TEnds>(
        ref float a, nint aRow, nint aStep, ref float b, nint bStep, nint depth, TEnds ends, nint row, nint column)
        where TBlock : struct, IBlock<TBlock>
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
        where TEnds : struct, ITileEnds, allows ref struct
    {
        nint second = column + TBlock.Count;
        TBlock c00 = ends.Start<TBlock>(row, column), c01 = default;
        TBlock c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        TBlock c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default;
        if (TColumns.Value > 1) c01 = ends.Start<TBlock>(row, second);
        if (TRows.Value > 1)
        {
            c10 = ends.Start<TBlock>(row + 1, column);
            if (TColumns.Value > 1) c11 = ends.Start<TBlock>(row + 1, second);
        }
        if (TRows.Value > 2)
        {
            c20 = ends.Start<TBlock>(row + 2, column);
            c30 = ends.Start<TBlock>(row + 3, column);
            if (TColumns.Value > 1) c21 = ends.Start<TBlock>(row + 2, second);
            if (TColumns.Value > 1) c31 = ends.Start<TBlock>(row + 3, second);
        }
        if (TRows.Value > 4)
        {
            c40 = ends.Start<TBlock>(row + 4, column);
            c50 = ends.Start<TBlock>(row + 5, column);
            if (TColumns.Value > 1) c41 = ends.Start<TBlock>(row + 4, second);
            if (TColumns.Value > 1) c51 = ends.Start<TBlock>(row + 5, second);
        }
        if (TRows.Value > 6)
        {
            c60 = ends.Start<TBlock>(row + 6, column);
            c70 = ends.Start<TBlock>(row + 7, column);
            if (TColumns.Value > 1) c61 = ends.Start<TBlock>(row + 6, second);
            if (TColumns.Value > 1) c71 = ends.Start<TBlock>(row + 7, second);
        }

        // Two pointers and three distances reach eight rows: more would not fit the general registers.
        nint a2 = 2 * aRow, a3 = 3 * aRow;
        ref float upper = ref a;
        ref float lower = ref Unsafe.Add(ref a, 4 * aRow);
        for (; depth > 0; depth--)
        {
            TBlock b0 = TBlock.Load(ref b, 0);
            TBlock b1 = TColumns.Value > 1 ? TBlock.Load(ref b, TBlock.Count) : default;
            TBlock left = TBlock.Splat(upper);
            c00 = TBlock.MultiplyAdd(left, b0, c00);
            if (TColumns.Value > 1) c01 = TBlock.MultiplyAdd(left, b1, c01);
            if (TRows.Value > 1)
            {
                left = TBlock.Splat(Unsafe.Add(ref upper, aRow));
                c10 = TBlock.MultiplyAdd(left, b0, c10);
                if (TColumns.Value > 1) c11 = TBlock.MultiplyAdd(left, b1, c11);
            }
            if (TRows.Value > 2)
            {
                left = TBlock.Splat(Unsafe.Add(ref upper, a2));
                c20 = TBlock.MultiplyAdd(left, b0, c20);
                if (TColumns.Value > 1) c21 = TBlock.MultiplyAdd(left, b1, c21);
                left = TBlock.Splat(Unsafe.Add(ref upper, a3));
                c30 = TBlock.MultiplyAdd(left, b0, c30);
                if (TColumns.Value > 1) c31 = TBlock.MultiplyAdd(left, b1, c31);
            }
            if (TRows.Value > 4)
            {
                left = TBlock.Splat(lower);
                c40 = TBlock.MultiplyAdd(left, b0, c40);
                if (TColumns.Value > 1) c41 = TBlock.MultiplyAdd(left, b1, c41);
                left = TBlock.Splat(Unsafe.Add(ref lower, aRow));
                c50 = TBlock.MultiplyAdd(left, b0, c50);
                if (TColumns.Value > 1) c51 = TBlock.MultiplyAdd(left, b1, c51);
            }
            if (TRows.Value > 6)
            {
                left = TBlock.Splat(Unsafe.Add(ref lower, a2));
                c60 = TBlock.MultiplyAdd(left, b0, c60);
                if (TColumns.Value > 1) c61 = TBlock.MultiplyAdd(left, b1, c61);
                left = TBlock.Splat(Unsafe.Add(ref lower, a3));
                c70 = TBlock.MultiplyAdd(left, b0, c70);
                if (TColumns.Value > 1) c71 = TBlock.MultiplyAdd(left, b1, c71);
            }
            upper = ref Unsafe.Add(ref upper, aStep);
            lower = ref Unsafe.Add(ref lower, aStep);
            b = ref Unsafe.Add(ref b, bStep);
        }

        ends.Finish(c00, row, column);
        if (TColumns.Value > 1) ends.Finish(c01, row, second);
        if (TRows.Value > 1)
        {
            ends.Finish(c10, row + 1, column);
            if (TColumns.Value > 1) ends.Finish(c11, row + 1, second);
        }
        if (TRows.Value > 2)
        {
            ends.Finish(c20, row + 2, column);
            if (TColumns.Value > 1) ends.Finish(c21, row + 2, second);
            ends.Finish(c30, row + 3, column);
            if (TColumns.Value > 1) ends.Finish(c31, row + 3, second);
        }
        if (TRows.Value > 4)
        {
            ends.Finish(c40, row + 4, column);
            if (TColumns.Value > 1) ends.Finish(c41, row + 4, second);
            ends.Finish(c50, row + 5, column);
            if (TColumns.Value > 1) ends.Finish(c51, row + 5, second);
        }
        if (TRows.Value > 6)
        {
            ends.Finish(c60, row + 6, column);
            if (TColumns.Value > 1) ends.Finish(c61, row + 6, second);
            ends.Finish(c70, row + 7, column);
            if (TColumns.Value > 1) ends.Finish(c71, row + 7, second);
        }
    }
}
