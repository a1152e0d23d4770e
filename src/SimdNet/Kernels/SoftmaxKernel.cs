using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// Softmax and what belongs to it, on one row. Sums run in 16 lanes over the blocks in ascending order and are joined
/// in the tree of <see cref="IBlock{TSelf}.Sum"/>. The maximum is subtracted first, so no finite row overflows.
/// </summary>
internal static class SoftmaxKernel
{
    /// <summary><c>y[i] = e^(x[i] - max) / Σ e^(x[j] - max)</c>.</summary>
    public static void Row<TBlock>(ref float x, ref float y, nint length) where TBlock : struct, IBlock<TBlock> => Normalize<TBlock>(ref x, ref y, length, out _);

    /// <summary>The same; returns <c>max + ln Σ e^(x[j] - max)</c>, which a loss needs.</summary>
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
        ElementwiseLayer.Forward(
            new ShiftedExponential(max), MemoryMarshal.CreateReadOnlySpan(ref x, (int)length), MemoryMarshal.CreateSpan(ref y, (int)length));
        TBlock sum = TBlock.Zero;
        nint i = 0;
        for (; i <= length - TBlock.Count; i += TBlock.Count) sum += TBlock.Load(in y, i);
        int rest = (int)(length - i);
        if (rest > 0) sum += TBlock.LoadPartial(in y, i, rest);

        float total = TBlock.Sum(sum);
        TBlock divisor = TBlock.Splat(total);
        for (i = 0; i <= length - TBlock.Count; i += TBlock.Count)
            TBlock.Store(TBlock.Load(in y, i) / divisor, ref y, i);
        if (rest > 0) TBlock.StorePartial(TBlock.LoadPartial(in y, i, rest) / divisor, ref y, i, rest);
        return total;
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
        TBlock sum = TBlock.Zero;
        nint i = 0;
        for (; i <= length - TBlock.Count; i += TBlock.Count) sum += TBlock.Load(in gradient, i);
        int rest = (int)(length - i);
        if (rest > 0) sum += TBlock.LoadPartial(in gradient, i, rest);

        TBlock total = TBlock.Splat(-TBlock.Sum(sum));
        for (i = 0; i <= length - TBlock.Count; i += TBlock.Count)
            TBlock.Store(TBlock.MultiplyAdd(TBlock.Apply(default(Exponential), TBlock.Load(in y, i)), total, TBlock.Load(in gradient, i)), ref inputGradient, i);
        if (rest == 0) return;
        TBlock last = TBlock.Apply(default(Exponential), TBlock.LoadPartial(in y, i, rest));
        TBlock.StorePartial(TBlock.MultiplyAdd(last, total, TBlock.LoadPartial(in gradient, i, rest)), ref inputGradient, i, rest);
    }

    /// <summary><c>dx[i] = y[i] (dy[i] - Σ dy[j] y[j])</c>.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Backward<TBlock>(ref float y, ref float gradient, ref float inputGradient, nint length) where TBlock : struct, IBlock<TBlock>
    {
        TBlock sum = TBlock.Zero;
        for (nint i = 0; i < length; i += TBlock.Count)
        {
            int count = (int)nint.Min(length - i, TBlock.Count);
            sum = TBlock.MultiplyAdd(TBlock.LoadPartial(in y, i, count), TBlock.LoadPartial(in gradient, i, count), sum);
        }
        TBlock mean = TBlock.Splat(TBlock.Sum(sum));
        for (nint i = 0; i < length; i += TBlock.Count)
        {
            int count = (int)nint.Min(length - i, TBlock.Count);
            TBlock difference = TBlock.LoadPartial(in gradient, i, count) - mean;
            TBlock.StorePartial(TBlock.LoadPartial(in y, i, count) * difference, ref inputGradient, i, count);
        }
    }

    /// <summary><c>Σ e^(x[i] - max)</c>.</summary>
    [MethodImpl(Jit.Kernel)]
    private static float SumOfExponentials<TBlock>(ref float x, float max, nint length) where TBlock : struct, IBlock<TBlock>
    {
        TBlock shift = TBlock.Splat(max), sum = TBlock.Zero;
        nint i = 0;
        for (; i <= length - TBlock.Count; i += TBlock.Count) sum += TBlock.Apply(default(Exponential), TBlock.Load(in x, i) - shift);
        int rest = (int)(length - i);
        if (rest > 0) sum += Lanes.First(TBlock.Apply(default(Exponential), TBlock.LoadPartial(in x, i, rest) - shift), rest);
        return TBlock.Sum(sum);
    }

    /// <summary>The largest element; NaN if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Max<TBlock>(ref float x, nint length) where TBlock : struct, IBlock<TBlock>
    {
        TBlock max = TBlock.Splat(x);
        nint i = 0;
        for (; i <= length - TBlock.Count; i += TBlock.Count) max = TBlock.Max(max, TBlock.Load(in x, i));
        float largest = TBlock.MaxLane(max);
        for (; i < length; i++) largest = MathF.Max(largest, Unsafe.Add(ref x, i));
        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Join<TBlock>(TBlock max, float sum) where TBlock : struct, IBlock<TBlock> =>
        TBlock.MaxLane(max + BlockMath.Log(TBlock.Splat(sum)));
}
