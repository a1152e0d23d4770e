using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// Softmax and what belongs to it, on one row. Sums run in 16 lanes over the blocks in ascending order and are joined
/// in the tree of <see cref="IBlock{TSelf}.Sum"/>. The maximum is subtracted first, so no finite row overflows. Loops over whole
/// blocks that add up are methods of their own, and otherwise what is left of a row comes first: beside a call, or where a value is live across one, the JIT keeps it in memory, and the next block waits for it.
/// </summary>
internal static class SoftmaxKernel
{
    /// <summary>No bits, and then -infinity, of as many lanes as the widest block has.</summary>
    private static ReadOnlySpan<float> Padding =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity,
        float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity,
        float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity,
        float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity,
    ];

    /// <summary><c>y[i] = e^(x[i] - max) / Σ e^(x[j] - max)</c>.</summary>
    public static void Row<TBlock>(ref float x, ref float y, nint length) where TBlock : struct, IBlock<TBlock> => Normalize<TBlock>(ref x, ref y, length, out _);

    /// <summary>The same; returns <c>max + ln Σ e^(x[j] - max)</c>, which a loss needs.</summary>
    [MethodImpl(Jit.Kernel)]
    public static float RowAndLogSumExp<TBlock>(ref float x, ref float y, nint length) where TBlock : struct, IBlock<TBlock>
    {
        float total = Normalize<TBlock>(ref x, ref y, length, out float max);
        return Join(TBlock.Splat(max), total);
    }

    /// <summary><see cref="Row"/>; returns <c>Σ e^(x[i] - max)</c>.</summary>
    [MethodImpl(Jit.Kernel)]
    private static float Normalize<TBlock>(ref float x, ref float y, nint length, out float max) where TBlock : struct, IBlock<TBlock>
    {
        max = Max<TBlock>(ref x, length);
        float total = Exponentials<TBlock>(ref x, max, ref y, length);
        TBlock divisor = TBlock.Splat(total);
        int rest = (int)(length % TBlock.Count);
        nint whole = length - rest;
        if (rest > 0) TBlock.StorePartial(TBlock.LoadPartial(in y, whole, rest) / divisor, ref y, whole, rest);
        for (nint i = 0; i < whole; i += TBlock.Count) TBlock.Store(TBlock.Load(in y, i) / divisor, ref y, i);
        return total;
    }

    /// <summary><c>y[i] = e^(x[i] - max)</c>; returns their sum.</summary>
    [MethodImpl(Jit.Kernel)]
    private static float Exponentials<TBlock>(ref float x, float max, ref float y, nint length) where TBlock : struct, IBlock<TBlock>
    {
        int rest = (int)(length % TBlock.Count);
        nint whole = length - rest;
        TBlock sum = WholeExponentials<TBlock>(ref x, max, ref y, whole);
        if (rest > 0)
        {
            TBlock last = TBlock.Apply(default(Exponential), LoadEnd<TBlock>(ref x, whole, rest) - TBlock.Splat(max));
            TBlock.StorePartial(last, ref y, whole, rest);
            sum += last;
        }
        return TBlock.Sum(sum);
    }

    /// <summary>Those of whole blocks, and their sum.</summary>
    [MethodImpl(Jit.Kernel)]
    private static TBlock WholeExponentials<TBlock>(ref float x, float max, ref float y, nint whole) where TBlock : struct, IBlock<TBlock>
    {
        TBlock shift = TBlock.Splat(max), sum = TBlock.Zero;
        for (nint i = 0; i < whole; i += TBlock.Count)
        {
            TBlock value = TBlock.Apply(default(Exponential), TBlock.Load(in x, i) - shift);
            TBlock.Store(value, ref y, i);
            sum += value;
        }
        return sum;
    }

    /// <summary><c>max + ln Σ e^(x[i] - max)</c>.</summary>
    [MethodImpl(Jit.Kernel)]
    public static float LogSumExp<TBlock>(ref float x, nint length) where TBlock : struct, IBlock<TBlock>
    {
        float max = Max<TBlock>(ref x, length);
        return Join<TBlock>(TBlock.Splat(max), SumOfExponentials<TBlock>(ref x, max, length));
    }

    /// <summary><c>y[i] = x[i] - max - ln Σ e^(x[j] - max)</c>.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void LogRow<TBlock>(ref float x, ref float y, nint length) where TBlock : struct, IBlock<TBlock>
    {
        float largest = Max<TBlock>(ref x, length);
        TBlock max = TBlock.Splat(largest), logarithm = TBlock.Splat(Join(TBlock.Zero, SumOfExponentials<TBlock>(ref x, largest, length)));
        nint i = 0;
        for (; i <= length - TBlock.Count; i += TBlock.Count) TBlock.Store(TBlock.Load(in x, i) - max - logarithm, ref y, i);
        int rest = (int)(length - i);
        if (rest > 0) TBlock.StorePartial(TBlock.LoadPartial(in x, i, rest) - max - logarithm, ref y, i, rest);
    }

    /// <summary><c>dx[i] = dy[i] - e^y[i] Σ dy[j]</c>.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void LogBackward<TBlock>(ref float y, ref float gradient, ref float inputGradient, nint length) where TBlock : struct, IBlock<TBlock>
    {
        int rest = (int)(length % TBlock.Count);
        nint whole = length - rest, i = 0;
        TBlock sum = Sum<TBlock>(ref gradient, whole);
        if (rest > 0) sum += TBlock.LoadPartial(in gradient, whole, rest);

        TBlock total = TBlock.Splat(-TBlock.Sum(sum));
        for (; i < whole; i += TBlock.Count)
            TBlock.Store(TBlock.MultiplyAdd(TBlock.Apply(default(Exponential), TBlock.Load(in y, i)), total, TBlock.Load(in gradient, i)), ref inputGradient, i);
        if (rest == 0) return;
        TBlock last = ExponentialOfEnd(TBlock.LoadPartial(in y, i, rest));
        TBlock.StorePartial(TBlock.MultiplyAdd(last, total, TBlock.LoadPartial(in gradient, i, rest)), ref inputGradient, i, rest);
    }

    /// <summary><c>dx[i] = y[i] (dy[i] - Σ dy[j] y[j])</c>.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Backward<TBlock>(ref float y, ref float gradient, ref float inputGradient, nint length) where TBlock : struct, IBlock<TBlock>
    {
        int rest = (int)(length % TBlock.Count);
        nint whole = length - rest, i = 0;
        TBlock sum = Products<TBlock>(ref y, ref gradient, whole);
        if (rest > 0) TBlock.Accumulate(ref sum, TBlock.LoadPartial(in y, whole, rest), TBlock.LoadPartial(in gradient, whole, rest));

        TBlock mean = TBlock.Splat(TBlock.Sum(sum));
        for (; i < whole; i += TBlock.Count)
            TBlock.Store(TBlock.Load(in y, i) * (TBlock.Load(in gradient, i) - mean), ref inputGradient, i);
        if (rest > 0)
            TBlock.StorePartial(TBlock.LoadPartial(in y, i, rest) * (TBlock.LoadPartial(in gradient, i, rest) - mean), ref inputGradient, i, rest);
    }

    /// <summary>The sum of whole blocks.</summary>
    [MethodImpl(Jit.Kernel)]
    private static TBlock Sum<TBlock>(ref float x, nint whole) where TBlock : struct, IBlock<TBlock>
    {
        TBlock sum = TBlock.Zero;
        for (nint i = 0; i < whole; i += TBlock.Count) sum += TBlock.Load(in x, i);
        return sum;
    }

    /// <summary>The sum of the products of whole blocks.</summary>
    [MethodImpl(Jit.Kernel)]
    private static TBlock Products<TBlock>(ref float x, ref float y, nint whole) where TBlock : struct, IBlock<TBlock>
    {
        TBlock sum = TBlock.Zero;
        for (nint i = 0; i < whole; i += TBlock.Count) TBlock.Accumulate(ref sum, TBlock.Load(in x, i), TBlock.Load(in y, i));
        return sum;
    }

    /// <summary><c>Σ e^(x[i] - max)</c>.</summary>
    [MethodImpl(Jit.Kernel)]
    private static float SumOfExponentials<TBlock>(ref float x, float max, nint length) where TBlock : struct, IBlock<TBlock>
    {
        int rest = (int)(length % TBlock.Count);
        nint whole = length - rest;
        TBlock sum = SumOfWhole<TBlock>(ref x, max, whole);
        if (rest > 0) sum += TBlock.Apply(default(Exponential), LoadEnd<TBlock>(ref x, whole, rest) - TBlock.Splat(max));
        return TBlock.Sum(sum);
    }

    /// <summary>The same of whole blocks.</summary>
    [MethodImpl(Jit.Kernel)]
    private static TBlock SumOfWhole<TBlock>(ref float x, float max, nint whole) where TBlock : struct, IBlock<TBlock>
    {
        TBlock shift = TBlock.Splat(max), sum = TBlock.Zero;
        for (nint i = 0; i < whole; i += TBlock.Count) sum += TBlock.Apply(default(Exponential), TBlock.Load(in x, i) - shift);
        return sum;
    }

    /// <summary>
    /// The largest element; where one is NaN, NaN or the largest of the others. Such a row's sum is NaN either way, and to keep NaN takes
    /// nine instructions instead of one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Max<TBlock>(ref float x, nint length) where TBlock : struct, IBlock<TBlock>
    {
        int rest = (int)(length % TBlock.Count);
        nint whole = length - rest;
        TBlock max = rest > 0 ? LoadEnd<TBlock>(ref x, whole, rest) : TBlock.Splat(x);
        for (nint i = 0; i < whole; i += TBlock.Count) max = TBlock.AtLeast(max, TBlock.Load(in x, i));
        return TBlock.MaxLane(max);
    }

    /// <summary>The last elements of a row, and -infinity in the lanes behind them: none is larger than an element, and e^x of it is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock LoadEnd<TBlock>(ref float x, nint offset, int count) where TBlock : struct, IBlock<TBlock> =>
        TBlock.LoadPartial(in x, offset, count) | TBlock.Load(in MemoryMarshal.GetReference(Padding), Padding.Length / 2 - count);

    /// <summary>The exponential of the last elements; not inlined, since beside that of whole blocks it is too much for the JIT at 128 bits.</summary>
    [MethodImpl(Jit.Kernel)]
    private static TBlock ExponentialOfEnd<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => TBlock.Apply(default(Exponential), x);

    [MethodImpl(Jit.Kernel)]
    private static float Join<TBlock>(TBlock max, float sum) where TBlock : struct, IBlock<TBlock> =>
        TBlock.MaxLane(max + BlockMath.Log(TBlock.Splat(sum)));
}
