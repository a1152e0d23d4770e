using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <content>One row, whose inputs are cut into ranges.</content>
internal static partial class Tiles
{
    /// <summary>
    /// <c>sum[c] = start[c] + Σ_k x[k] w[k, c]</c> for one row, whose inputs are cut into ranges with a chain each.
    /// TChains x TColumns chains run side by side: eight hide the latency of two multiply-add units. They are joined
    /// in a tree, neighbours first.
    /// </summary>
    /// <param name="x">The first input of the first range.</param>
    /// <param name="w">The first block of columns for that input.</param>
    /// <param name="stride">The distance between the rows of w.</param>
    /// <param name="length">The length of a range.</param>
    /// <param name="rest">How much longer the last of these ranges is.</param>
    /// <param name="start">What the first chain of each column begins with; never null.</param>
    /// <param name="sums">Where the sums go.</param>
    [MethodImpl(Jit.Kernel)]
    public static void Row<TBlock, TChains, TColumns>(
        ref float x, ref float w, nint stride, nint length, nint rest, ref float start, ref float sums)
        where TBlock : struct, IBlock<TBlock>
        where TChains : struct, IConstant
        where TColumns : struct, IConstant
    {
        TBlock s0 = TBlock.Load(in start, 0), s1 = default, s2 = default, s3 = default;
        TBlock s4 = default, s5 = default, s6 = default, s7 = default;
        if (TColumns.Value > 1) s1 = TBlock.Load(in start, TBlock.Count);
        if (TColumns.Value > 2)
        {
            s2 = TBlock.Load(in start, 2 * TBlock.Count);
            s3 = TBlock.Load(in start, 3 * TBlock.Count);
        }
        if (TColumns.Value > 4)
        {
            s4 = TBlock.Load(in start, 4 * TBlock.Count);
            s5 = TBlock.Load(in start, 5 * TBlock.Count);
            s6 = TBlock.Load(in start, 6 * TBlock.Count);
            s7 = TBlock.Load(in start, 7 * TBlock.Count);
        }

        // Two pointers and three distances reach eight ranges.
        Ranges inputs = new(length), weights = new(length * stride);
        ref float x0 = ref x, x4 = ref Unsafe.Add(ref x, 4 * length);
        ref float w0 = ref w, w4 = ref Unsafe.Add(ref w, 4 * length * stride);
        for (nint step = length; step != 0; step--)
        {
            TBlock input = TBlock.Splat(x0);
            TBlock.Accumulate(ref s0, input, in w0, 0);
            if (TChains.Value * TColumns.Value > 1)
            {
                if (1 % TColumns.Value == 0) input = TBlock.Splat(inputs.At(ref x0, ref x4, 1 / TColumns.Value));
                TBlock.Accumulate(ref s1, input, in weights.At(ref w0, ref w4, 1 / TColumns.Value), 1 % TColumns.Value * TBlock.Count);
            }
            if (TChains.Value * TColumns.Value > 2)
            {
                if (2 % TColumns.Value == 0) input = TBlock.Splat(inputs.At(ref x0, ref x4, 2 / TColumns.Value));
                TBlock.Accumulate(ref s2, input, in weights.At(ref w0, ref w4, 2 / TColumns.Value), 2 % TColumns.Value * TBlock.Count);
            }
            if (TChains.Value * TColumns.Value > 3)
            {
                if (3 % TColumns.Value == 0) input = TBlock.Splat(inputs.At(ref x0, ref x4, 3 / TColumns.Value));
                TBlock.Accumulate(ref s3, input, in weights.At(ref w0, ref w4, 3 / TColumns.Value), 3 % TColumns.Value * TBlock.Count);
            }
            if (TChains.Value * TColumns.Value > 4)
            {
                if (4 % TColumns.Value == 0) input = TBlock.Splat(inputs.At(ref x0, ref x4, 4 / TColumns.Value));
                TBlock.Accumulate(ref s4, input, in weights.At(ref w0, ref w4, 4 / TColumns.Value), 4 % TColumns.Value * TBlock.Count);
            }
            if (TChains.Value * TColumns.Value > 5)
            {
                if (5 % TColumns.Value == 0) input = TBlock.Splat(inputs.At(ref x0, ref x4, 5 / TColumns.Value));
                TBlock.Accumulate(ref s5, input, in weights.At(ref w0, ref w4, 5 / TColumns.Value), 5 % TColumns.Value * TBlock.Count);
            }
            if (TChains.Value * TColumns.Value > 6)
            {
                if (6 % TColumns.Value == 0) input = TBlock.Splat(inputs.At(ref x0, ref x4, 6 / TColumns.Value));
                TBlock.Accumulate(ref s6, input, in weights.At(ref w0, ref w4, 6 / TColumns.Value), 6 % TColumns.Value * TBlock.Count);
            }
            if (TChains.Value * TColumns.Value > 7)
            {
                if (7 % TColumns.Value == 0) input = TBlock.Splat(inputs.At(ref x0, ref x4, 7 / TColumns.Value));
                TBlock.Accumulate(ref s7, input, in weights.At(ref w0, ref w4, 7 / TColumns.Value), 7 % TColumns.Value * TBlock.Count);
            }
            x0 = ref Unsafe.Add(ref x0, 1);
            x4 = ref Unsafe.Add(ref x4, 1);
            w0 = ref Unsafe.Add(ref w0, stride);
            w4 = ref Unsafe.Add(ref w4, stride);
        }

        x0 = ref inputs.At(ref x0, ref x4, TChains.Value - 1);
        w0 = ref weights.At(ref w0, ref w4, TChains.Value - 1);
        for (; rest > 0; rest--)
        {
            TBlock input = TBlock.Splat(x0);
            if (0 / TColumns.Value == TChains.Value - 1) TBlock.Accumulate(ref s0, input, in w0, 0 % TColumns.Value * TBlock.Count);
            if (1 / TColumns.Value == TChains.Value - 1) TBlock.Accumulate(ref s1, input, in w0, 1 % TColumns.Value * TBlock.Count);
            if (2 / TColumns.Value == TChains.Value - 1) TBlock.Accumulate(ref s2, input, in w0, 2 % TColumns.Value * TBlock.Count);
            if (3 / TColumns.Value == TChains.Value - 1) TBlock.Accumulate(ref s3, input, in w0, 3 % TColumns.Value * TBlock.Count);
            if (4 / TColumns.Value == TChains.Value - 1) TBlock.Accumulate(ref s4, input, in w0, 4 % TColumns.Value * TBlock.Count);
            if (5 / TColumns.Value == TChains.Value - 1) TBlock.Accumulate(ref s5, input, in w0, 5 % TColumns.Value * TBlock.Count);
            if (6 / TColumns.Value == TChains.Value - 1) TBlock.Accumulate(ref s6, input, in w0, 6 % TColumns.Value * TBlock.Count);
            if (7 / TColumns.Value == TChains.Value - 1) TBlock.Accumulate(ref s7, input, in w0, 7 % TColumns.Value * TBlock.Count);
            x0 = ref Unsafe.Add(ref x0, 1);
            w0 = ref Unsafe.Add(ref w0, stride);
        }

        if (TChains.Value == 2)
        {
            if (TColumns.Value == 1) s0 += s1;
            if (TColumns.Value == 2) (s0, s1) = (s0 + s2, s1 + s3);
            if (TColumns.Value == 4) (s0, s1, s2, s3) = (s0 + s4, s1 + s5, s2 + s6, s3 + s7);
        }
        if (TChains.Value == 4)
        {
            if (TColumns.Value == 1) s0 = (s0 + s1) + (s2 + s3);
            if (TColumns.Value == 2) (s0, s1) = ((s0 + s2) + (s4 + s6), (s1 + s3) + (s5 + s7));
        }
        if (TChains.Value == 8) s0 = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));

        TBlock.Store(s0, ref sums, 0);
        if (TColumns.Value > 1) TBlock.Store(s1, ref sums, TBlock.Count);
        if (TColumns.Value > 2)
        {
            TBlock.Store(s2, ref sums, 2 * TBlock.Count);
            TBlock.Store(s3, ref sums, 3 * TBlock.Count);
        }
        if (TColumns.Value > 4)
        {
            TBlock.Store(s4, ref sums, 4 * TBlock.Count);
            TBlock.Store(s5, ref sums, 5 * TBlock.Count);
            TBlock.Store(s6, ref sums, 6 * TBlock.Count);
            TBlock.Store(s7, ref sums, 7 * TBlock.Count);
        }
    }

    /// <summary>How many of the columns that are left the next tile of a row takes: eight chains side by side are what single registers hold with room for operands.</summary>
    public static int WidthOfRow<TBlock>(int columns, int chains) where TBlock : struct, IBlock<TBlock>
    {
        int count = 8 / chains;
        while (count * TBlock.Count > columns) count /= 2;
        return count * TBlock.Count;
    }

    /// <summary>The tile of a row with so many chains and columns, at most eight together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Row<TBlock>(int chains, int columns, ref float x, ref float w, nint stride, nint length, nint rest, ref float start, ref float sums)
        where TBlock : struct, IBlock<TBlock>
    {
        switch (chains, columns)
        {
            case (8, _): Tiles.Row<TBlock, Eight, One>(ref x, ref w, stride, length, rest, ref start, ref sums); break;
            case (4, 2): Tiles.Row<TBlock, Four, Two>(ref x, ref w, stride, length, rest, ref start, ref sums); break;
            case (4, _): Tiles.Row<TBlock, Four, One>(ref x, ref w, stride, length, rest, ref start, ref sums); break;
            case (2, 4): Tiles.Row<TBlock, Two, Four>(ref x, ref w, stride, length, rest, ref start, ref sums); break;
            case (2, 2): Tiles.Row<TBlock, Two, Two>(ref x, ref w, stride, length, rest, ref start, ref sums); break;
            case (2, _): Tiles.Row<TBlock, Two, One>(ref x, ref w, stride, length, rest, ref start, ref sums); break;
            case (_, 8): Tiles.Row<TBlock, One, Eight>(ref x, ref w, stride, length, rest, ref start, ref sums); break;
            case (_, 4): Tiles.Row<TBlock, One, Four>(ref x, ref w, stride, length, rest, ref start, ref sums); break;
            case (_, 2): Tiles.Row<TBlock, One, Two>(ref x, ref w, stride, length, rest, ref start, ref sums); break;
            default: Tiles.Row<TBlock, One, One>(ref x, ref w, stride, length, rest, ref start, ref sums); break;
        }
    }

    /// <summary>The distances between ranges, kept in registers rather than multiplied anew.</summary>
    private readonly struct Ranges(nint length)
    {
        private readonly nint _one = length;
        private readonly nint _two = 2 * length;
        private readonly nint _three = 3 * length;

        /// <summary>Range <paramref name="range"/>, a constant, from pointers to the ranges 0 and 4.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref float At(ref float zero, ref float four, int range)
        {
            ref float nearest = ref range < 4 ? ref zero : ref four;
            return ref (range % 4) == 0 ? ref nearest
                : ref (range % 4) == 1 ? ref Unsafe.Add(ref nearest, _one)
                : ref (range % 4) == 2 ? ref Unsafe.Add(ref nearest, _two)
                : ref Unsafe.Add(ref nearest, _three);
        }
    }
}
