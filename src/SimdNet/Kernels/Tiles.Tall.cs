using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

internal static partial class Tiles
{
    /// <summary>The rows of a tall tile: as many as registers hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RowsOfTall<TBlock>(bool wide) where TBlock : struct, IBlock<TBlock> => TBlock.Registers < 32 ? 6 : wide ? 12 : 16;

    /// <summary>How many tall tiles there are among so many rows: none of twelve or more whose rows of a would fall into few sets of the first-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TallTilesOf<TBlock>(int count, bool wide, bool isSpread) where TBlock : struct, IBlock<TBlock> =>
        TBlock.Registers < 8 || (TBlock.Registers >= 32 && !isSpread) ? 0 : count / RowsOfTall<TBlock>(wide);

    /// <summary>Six rows by one block, where there are fewer than 32 registers: the same with fewer variables, of which the JIT keeps only so many apart.</summary>
    /// <inheritdoc cref="TallTiles" path="/param"/>
    [MethodImpl(Jit.Kernel)]
    public static void SixRows<TBlock>(
        int tiles, ref float a, nint aRow, nint aStep, ref float b, nint bStep, nint depth, ref float start, nint startRow, ref float sums, nint sumsRow, bool asks)
        where TBlock : struct, IBlock<TBlock>
    {
        nint a2 = 2 * aRow;
        bStep *= sizeof(float);
        for (; tiles > 0; tiles--)
        {
            TBlock c0 = TBlock.Zero, c1 = TBlock.Zero, c2 = TBlock.Zero, c3 = TBlock.Zero, c4 = TBlock.Zero, c5 = TBlock.Zero;
            if (!Unsafe.IsNullRef(ref start))
            {
                c0 = TBlock.Load(in start, 0);
                start = ref Unsafe.Add(ref start, startRow);
                c1 = TBlock.Load(in start, 0);
                start = ref Unsafe.Add(ref start, startRow);
                c2 = TBlock.Load(in start, 0);
                start = ref Unsafe.Add(ref start, startRow);
                c3 = TBlock.Load(in start, 0);
                start = ref Unsafe.Add(ref start, startRow);
                c4 = TBlock.Load(in start, 0);
                start = ref Unsafe.Add(ref start, startRow);
                c5 = TBlock.Load(in start, 0);
                start = ref Unsafe.Add(ref start, startRow);
            }
            if (asks) Prefetch(ref sums, 6 * sumsRow, sumsRow, 6, TBlock.Count);

            ref float upper = ref a, lower = ref Unsafe.Add(ref a, 3 * aRow), right = ref b;
            nint pairs = aStep == 1 ? depth >> 1 : 0;
            for (nint pair = pairs; pair != 0; pair--)
            {
                StepOfSix(ref upper, ref lower, 0, aRow, a2, ref right, ref c0, ref c1, ref c2, ref c3, ref c4, ref c5);
                right = ref Unsafe.AddByteOffset(ref right, bStep);
                StepOfSix(ref upper, ref lower, 1, aRow, a2, ref right, ref c0, ref c1, ref c2, ref c3, ref c4, ref c5);
                right = ref Unsafe.AddByteOffset(ref right, bStep);
                upper = ref Unsafe.Add(ref upper, 2);
                lower = ref Unsafe.Add(ref lower, 2);
            }
            for (nint step = depth - 2 * pairs; step != 0; step--)
            {
                StepOfSix(ref upper, ref lower, 0, aRow, a2, ref right, ref c0, ref c1, ref c2, ref c3, ref c4, ref c5);
                right = ref Unsafe.AddByteOffset(ref right, bStep);
                upper = ref Unsafe.Add(ref upper, aStep);
                lower = ref Unsafe.Add(ref lower, aStep);
            }
            TBlock.Store(c0, ref sums, 0);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c1, ref sums, 0);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c2, ref sums, 0);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c3, ref sums, 0);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c4, ref sums, 0);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c5, ref sums, 0);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            a = ref Unsafe.Add(ref a, 6 * aRow);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StepOfSix<TBlock>(
        ref float upper, ref float lower, nint offset, nint aRow, nint a2, ref float b,
        ref TBlock c0, ref TBlock c1, ref TBlock c2, ref TBlock c3, ref TBlock c4, ref TBlock c5)
        where TBlock : struct, IBlock<TBlock>
    {
        TBlock right = TBlock.Load(ref b, 0);
        TBlock.Accumulate(ref c0, TBlock.Splat(Unsafe.Add(ref upper, offset)), right);
        TBlock.Accumulate(ref c1, TBlock.Splat(Unsafe.Add(ref Unsafe.Add(ref upper, aRow), offset)), right);
        TBlock.Accumulate(ref c2, TBlock.Splat(Unsafe.Add(ref Unsafe.Add(ref upper, a2), offset)), right);
        TBlock.Accumulate(ref c3, TBlock.Splat(Unsafe.Add(ref lower, offset)), right);
        TBlock.Accumulate(ref c4, TBlock.Splat(Unsafe.Add(ref Unsafe.Add(ref lower, aRow), offset)), right);
        TBlock.Accumulate(ref c5, TBlock.Splat(Unsafe.Add(ref Unsafe.Add(ref lower, a2), offset)), right);
    }

    /// <summary>
    /// <see cref="Product{TBlock, TRows, TColumns}"/> for tiles one below the other, of twelve rows or, if they have one block, sixteen, where there are registers for them. Twelve rows by two blocks have 14
    /// loads for 24 multiply-adds; eight have 10 for 16 and, if rows of b lie across lines so that each of its loads is two, no time left for them. One block meets values of a
    /// that are part of its multiply-adds. What lies between two tiles is a few instructions: a call for each took a third of the time of 16 steps.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    public static void TallTiles<TBlock, TRows, TColumns>(
        int tiles, ref float a, nint aRow, nint aStep, ref float b, nint bStep, nint depth, ref float start, nint startRow, ref float sums, nint sumsRow, bool asks)
        where TBlock : struct, IBlock<TBlock>
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        nint a2 = 2 * aRow, a3 = 3 * aRow;
        bStep *= sizeof(float);
        nint ahead = depth >= LeastDepthToAsk && bStep >= LeastDistanceToAsk * sizeof(float) ? StepsAhead * bStep : 0;
        for (; tiles > 0; tiles--)
        {
            TBlock c00 = TBlock.Zero, c01 = TBlock.Zero, c10 = TBlock.Zero, c11 = TBlock.Zero, c20 = TBlock.Zero, c21 = TBlock.Zero, c30 = TBlock.Zero, c31 = TBlock.Zero;
            TBlock c40 = TBlock.Zero, c41 = TBlock.Zero, c50 = TBlock.Zero, c51 = TBlock.Zero, c60 = TBlock.Zero, c61 = TBlock.Zero, c70 = TBlock.Zero, c71 = TBlock.Zero;
            TBlock c80 = TBlock.Zero, c81 = TBlock.Zero, c90 = TBlock.Zero, c91 = TBlock.Zero, ca0 = TBlock.Zero, ca1 = TBlock.Zero, cb0 = TBlock.Zero, cb1 = TBlock.Zero;
            TBlock cc0 = TBlock.Zero, cd0 = TBlock.Zero, ce0 = TBlock.Zero, cf0 = TBlock.Zero;
            if (!Unsafe.IsNullRef(ref start))
            {
                Begin<TBlock, TColumns>(ref start, out c00, out c01);
                start = ref Unsafe.Add(ref start, startRow);
                Begin<TBlock, TColumns>(ref start, out c10, out c11);
                start = ref Unsafe.Add(ref start, startRow);
                Begin<TBlock, TColumns>(ref start, out c20, out c21);
                start = ref Unsafe.Add(ref start, startRow);
                Begin<TBlock, TColumns>(ref start, out c30, out c31);
                start = ref Unsafe.Add(ref start, startRow);
                Begin<TBlock, TColumns>(ref start, out c40, out c41);
                start = ref Unsafe.Add(ref start, startRow);
                Begin<TBlock, TColumns>(ref start, out c50, out c51);
                start = ref Unsafe.Add(ref start, startRow);
                Begin<TBlock, TColumns>(ref start, out c60, out c61);
                start = ref Unsafe.Add(ref start, startRow);
                Begin<TBlock, TColumns>(ref start, out c70, out c71);
                start = ref Unsafe.Add(ref start, startRow);
                Begin<TBlock, TColumns>(ref start, out c80, out c81);
                start = ref Unsafe.Add(ref start, startRow);
                Begin<TBlock, TColumns>(ref start, out c90, out c91);
                start = ref Unsafe.Add(ref start, startRow);
                Begin<TBlock, TColumns>(ref start, out ca0, out ca1);
                start = ref Unsafe.Add(ref start, startRow);
                Begin<TBlock, TColumns>(ref start, out cb0, out cb1);
                start = ref Unsafe.Add(ref start, startRow);
                if (TRows.Value > 12)
                {
                    cc0 = TBlock.Load(in start, 0);
                    start = ref Unsafe.Add(ref start, startRow);
                    cd0 = TBlock.Load(in start, 0);
                    start = ref Unsafe.Add(ref start, startRow);
                    ce0 = TBlock.Load(in start, 0);
                    start = ref Unsafe.Add(ref start, startRow);
                    cf0 = TBlock.Load(in start, 0);
                    start = ref Unsafe.Add(ref start, startRow);
                }
            }
            if (asks) Prefetch(ref sums, TRows.Value * sumsRow, sumsRow, TRows.Value, TColumns.Value * TBlock.Count);

            ref float first = ref a, second = ref Unsafe.Add(ref a, 4 * aRow), third = ref Unsafe.Add(ref a, 8 * aRow), fourth = ref Unsafe.Add(ref a, 12 * aRow);
            ref float right = ref b;
            for (nint step = depth; step != 0; step--)
            {
                TBlock b0 = TBlock.Load(ref right, 0);
                TBlock b1 = TColumns.Value > 1 ? TBlock.Load(ref right, TBlock.Count) : default;
                FourRows<TBlock, TColumns>(ref first, aRow, a2, a3, b0, b1, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31);
                FourRows<TBlock, TColumns>(ref second, aRow, a2, a3, b0, b1, ref c40, ref c41, ref c50, ref c51, ref c60, ref c61, ref c70, ref c71);
                FourRows<TBlock, TColumns>(ref third, aRow, a2, a3, b0, b1, ref c80, ref c81, ref c90, ref c91, ref ca0, ref ca1, ref cb0, ref cb1);
                if (TColumns.Value > 1 && ahead != 0) PrefetchBlocks(ref right, ahead);
                if (TRows.Value > 12)
                {
                    FourRows<TBlock, TColumns>(ref fourth, aRow, a2, a3, b0, b1, ref cc0, ref c01, ref cd0, ref c11, ref ce0, ref c21, ref cf0, ref c31);
                    fourth = ref Unsafe.Add(ref fourth, aStep);
                }
                first = ref Unsafe.Add(ref first, aStep);
                second = ref Unsafe.Add(ref second, aStep);
                third = ref Unsafe.Add(ref third, aStep);
                right = ref Unsafe.AddByteOffset(ref right, bStep);
            }
            End<TBlock, TColumns>(c00, c01, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            End<TBlock, TColumns>(c10, c11, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            End<TBlock, TColumns>(c20, c21, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            End<TBlock, TColumns>(c30, c31, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            End<TBlock, TColumns>(c40, c41, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            End<TBlock, TColumns>(c50, c51, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            End<TBlock, TColumns>(c60, c61, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            End<TBlock, TColumns>(c70, c71, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            End<TBlock, TColumns>(c80, c81, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            End<TBlock, TColumns>(c90, c91, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            End<TBlock, TColumns>(ca0, ca1, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            End<TBlock, TColumns>(cb0, cb1, ref sums);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            if (TRows.Value > 12)
            {
                TBlock.Store(cc0, ref sums, 0);
                sums = ref Unsafe.Add(ref sums, sumsRow);
                TBlock.Store(cd0, ref sums, 0);
                sums = ref Unsafe.Add(ref sums, sumsRow);
                TBlock.Store(ce0, ref sums, 0);
                sums = ref Unsafe.Add(ref sums, sumsRow);
                TBlock.Store(cf0, ref sums, 0);
                sums = ref Unsafe.Add(ref sums, sumsRow);
            }
            a = ref Unsafe.Add(ref a, TRows.Value * aRow);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Begin<TBlock, TColumns>(ref float start, out TBlock first, out TBlock second)
        where TBlock : struct, IBlock<TBlock>
        where TColumns : struct, IConstant
    {
        first = TBlock.Load(in start, 0);
        second = TColumns.Value > 1 ? TBlock.Load(in start, TBlock.Count) : default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void End<TBlock, TColumns>(TBlock first, TBlock second, ref float sums)
        where TBlock : struct, IBlock<TBlock>
        where TColumns : struct, IConstant
    {
        TBlock.Store(first, ref sums, 0);
        if (TColumns.Value > 1) TBlock.Store(second, ref sums, TBlock.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourRows<TBlock, TColumns>(
        ref float a, nint aRow, nint a2, nint a3, TBlock b0, TBlock b1,
        ref TBlock c00, ref TBlock c01, ref TBlock c10, ref TBlock c11, ref TBlock c20, ref TBlock c21, ref TBlock c30, ref TBlock c31)
        where TBlock : struct, IBlock<TBlock>
        where TColumns : struct, IConstant
    {
        if (TColumns.Value == 1)
        {
            TBlock.AccumulateSplat(ref c00, in a, b0);
            TBlock.AccumulateSplat(ref c10, in Unsafe.Add(ref a, aRow), b0);
            TBlock.AccumulateSplat(ref c20, in Unsafe.Add(ref a, a2), b0);
            TBlock.AccumulateSplat(ref c30, in Unsafe.Add(ref a, a3), b0);
            return;
        }
        TBlock left = TBlock.Splat(a);
        TBlock.Accumulate(ref c00, left, b0);
        TBlock.Accumulate(ref c01, left, b1);
        left = TBlock.Splat(Unsafe.Add(ref a, aRow));
        TBlock.Accumulate(ref c10, left, b0);
        TBlock.Accumulate(ref c11, left, b1);
        left = TBlock.Splat(Unsafe.Add(ref a, a2));
        TBlock.Accumulate(ref c20, left, b0);
        TBlock.Accumulate(ref c21, left, b1);
        left = TBlock.Splat(Unsafe.Add(ref a, a3));
        TBlock.Accumulate(ref c30, left, b0);
        TBlock.Accumulate(ref c31, left, b1);
    }
}
