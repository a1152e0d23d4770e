using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>What a row is divided by: its deviation from the mean, or its root mean square.</summary>
internal interface IRowNorm
{
    /// <summary>Whether the mean is subtracted, and a shift added.</summary>
    static abstract bool IsCentred { get; }
}

/// <summary>Layer normalisation.</summary>
internal readonly struct Centred : IRowNorm { public static bool IsCentred => true; }

/// <summary>Root mean square normalisation.</summary>
internal readonly struct Uncentred : IRowNorm { public static bool IsCentred => false; }

/// <summary>What normalises a row: <c>x̂ = (x - mean) inverse + offset</c>.</summary>
internal readonly record struct RowStatistics(float Mean, float Inverse, float Offset)
{
    /// <summary>
    /// From the sums of <c>d = x - mean</c> and of <c>d²</c> over <paramref name="count"/> values. The mean is a rounded one; what it lacks is
    /// in the sum of d, and is taken off the variance and, by way of the offset, off each value: so an offset of all values,
    /// however large, costs no digits of their differences.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowStatistics Of(float mean, float sum, float squares, float count, float epsilon)
    {
        float lacking = sum / count, variance = squares / count - lacking * lacking;
        float inverse = 1 / MathF.Sqrt((variance < 0 ? 0 : variance) + epsilon);
        return new RowStatistics(mean, inverse, -lacking * inverse);
    }
}

/// <summary>
/// Normalisation of rows and its gradients. Sums run in 16 lanes over the blocks in ascending order and are joined in the tree of
/// <see cref="IBlock{TSelf}.Sum"/>; gradients of parameters are one chain over the rows.
/// </summary>
internal static class RowNormKernel
{
    /// <summary>What a row keeps for the way back: its <see cref="RowStatistics"/>.</summary>
    public const int KeptOfRow = 3;

    /// <summary><c>y = x̂ scale + shift</c>.</summary>
    /// <param name="x">[rows, width].</param>
    /// <param name="scale">[width].</param>
    /// <param name="shift">[width]; not read where the mean is not subtracted.</param>
    /// <param name="y">[rows, width].</param>
    /// <param name="kept">[rows, <see cref="KeptOfRow"/>], or empty.</param>
    public static void Forward<TNorm>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift, Span<float> y, Span<float> kept, int rows, int width, float epsilon)
        where TNorm : struct, IRowNorm
    {
        var operation = new ForwardOperation<TNorm>(x, scale, shift, y, kept, rows, width, epsilon);
        BlockDispatch.Run(ref operation);
    }

    /// <summary>The gradients of the parameters and, unless it is empty, of the input.</summary>
    public static void Backward<TNorm>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, ReadOnlySpan<float> scale, ReadOnlySpan<float> kept,
        Span<float> inputGradient, Span<float> scaleGradient, Span<float> shiftGradient, int rows, int width)
        where TNorm : struct, IRowNorm
    {
        scaleGradient.Clear();
        shiftGradient.Clear();
        var operation = new BackwardOperation<TNorm>(x, gradient, scale, kept, inputGradient, scaleGradient, shiftGradient, rows, width);
        BlockDispatch.Run(ref operation);
    }

    [MethodImpl(Jit.Kernel)]
    private static RowStatistics Statistics<TBlock, TNorm>(ref float x, nint width, float epsilon)
        where TBlock : struct, IBlock<TBlock>
        where TNorm : struct, IRowNorm
    {
        float mean = TNorm.IsCentred ? Mean<TBlock>(ref x, width) : 0;
        nint whole = width / TBlock.Count * TBlock.Count;
        TBlock sum = Sums<TBlock, TNorm>(ref x, whole, mean, out TBlock squares);
        int rest = (int)(width - whole);
        if (rest > 0)
        {
            TBlock d = TBlock.LoadPartial(in x, whole, rest);
            if (TNorm.IsCentred)
            {
                d = Lanes.First(d - TBlock.Splat(mean), rest);
                sum += d;
            }
            TBlock.Accumulate(ref squares, d, d);
        }
        return RowStatistics.Of(mean, TNorm.IsCentred ? TBlock.Sum(sum) : 0, TBlock.Sum(squares), width, epsilon);
    }

    /// <summary>The sums of <c>d = x - mean</c> and of d² over whole blocks.</summary>
    /// <remarks>Like the other loops over whole blocks a method of its own: beside calls, which end of a row needs, the JIT keeps sums in memory.</remarks>
    [MethodImpl(Jit.Kernel)]
    private static TBlock Sums<TBlock, TNorm>(ref float x, nint whole, float mean, out TBlock squares)
        where TBlock : struct, IBlock<TBlock>
        where TNorm : struct, IRowNorm
    {
        TBlock centre = TBlock.Splat(mean), sum = TBlock.Zero, product = TBlock.Zero;
        for (nint i = 0; i < whole; i += TBlock.Count)
        {
            TBlock d = TBlock.Load(in x, i);
            if (TNorm.IsCentred)
            {
                d -= centre;
                sum += d;
            }
            TBlock.Accumulate(ref product, d, d);
        }
        squares = product;
        return sum;
    }

    /// <summary>The rounded mean, as the first value and the mean of the differences from it, which are small where all values have one offset.</summary>
    [MethodImpl(Jit.Kernel)]
    private static float Mean<TBlock>(ref float x, nint width) where TBlock : struct, IBlock<TBlock>
    {
        nint whole = width / TBlock.Count * TBlock.Count;
        TBlock sum = Differences<TBlock>(ref x, whole);
        int rest = (int)(width - whole);
        if (rest > 0) sum += Lanes.First(TBlock.LoadPartial(in x, whole, rest) - TBlock.Splat(x), rest);
        return x + TBlock.Sum(sum) / width;
    }

    [MethodImpl(Jit.Kernel)]
    private static TBlock Differences<TBlock>(ref float x, nint whole) where TBlock : struct, IBlock<TBlock>
    {
        TBlock first = TBlock.Splat(x), sum = TBlock.Zero;
        for (nint i = 0; i < whole; i += TBlock.Count) sum += TBlock.Load(in x, i) - first;
        return sum;
    }

    [MethodImpl(Jit.Kernel)]
    private static void Apply<TBlock, TNorm>(RowStatistics row, ref float x, ref float scale, ref float shift, ref float y, nint width)
        where TBlock : struct, IBlock<TBlock>
        where TNorm : struct, IRowNorm
    {
        nint whole = width / TBlock.Count * TBlock.Count;
        ApplyWhole<TBlock, TNorm>(row, ref x, ref scale, ref shift, ref y, whole);
        int rest = (int)(width - whole);
        if (rest == 0) return;
        TBlock normal = Normal<TBlock, TNorm>(TBlock.LoadPartial(in x, whole, rest), TBlock.Splat(row.Mean), TBlock.Splat(row.Inverse), TBlock.Splat(row.Offset));
        TBlock factor = TBlock.LoadPartial(in scale, whole, rest);
        TBlock.StorePartial(TNorm.IsCentred ? TBlock.MultiplyAdd(normal, factor, TBlock.LoadPartial(in shift, whole, rest)) : normal * factor, ref y, whole, rest);
    }

    [MethodImpl(Jit.Kernel)]
    private static void ApplyWhole<TBlock, TNorm>(RowStatistics row, ref float x, ref float scale, ref float shift, ref float y, nint whole)
        where TBlock : struct, IBlock<TBlock>
        where TNorm : struct, IRowNorm
    {
        TBlock mean = TBlock.Splat(row.Mean), inverse = TBlock.Splat(row.Inverse), offset = TBlock.Splat(row.Offset);
        for (nint i = 0; i < whole; i += TBlock.Count)
        {
            TBlock normal = Normal<TBlock, TNorm>(TBlock.Load(in x, i), mean, inverse, offset), factor = TBlock.Load(in scale, i);
            TBlock.Store(TNorm.IsCentred ? TBlock.MultiplyAdd(normal, factor, TBlock.Load(in shift, i)) : normal * factor, ref y, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock Normal<TBlock, TNorm>(TBlock x, TBlock mean, TBlock inverse, TBlock offset)
        where TBlock : struct, IBlock<TBlock>
        where TNorm : struct, IRowNorm =>
        TNorm.IsCentred ? TBlock.MultiplyAdd(x - mean, inverse, offset) : x * inverse;

    /// <summary><c>dscale += dy x̂, dshift += dy</c>.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void AddParameterGradients<TBlock, TNorm>(RowStatistics row, ref float x, ref float gradient, ref float scaleGradient, ref float shiftGradient, nint width)
        where TBlock : struct, IBlock<TBlock>
        where TNorm : struct, IRowNorm
    {
        nint whole = width / TBlock.Count * TBlock.Count;
        AddWhole<TBlock, TNorm>(row, ref x, ref gradient, ref scaleGradient, ref shiftGradient, whole);
        int rest = (int)(width - whole);
        if (rest == 0) return;
        TBlock dy = TBlock.LoadPartial(in gradient, whole, rest);
        TBlock normal = Normal<TBlock, TNorm>(TBlock.LoadPartial(in x, whole, rest), TBlock.Splat(row.Mean), TBlock.Splat(row.Inverse), TBlock.Splat(row.Offset));
        TBlock.StorePartial(TBlock.MultiplyAdd(dy, normal, TBlock.LoadPartial(in scaleGradient, whole, rest)), ref scaleGradient, whole, rest);
        if (TNorm.IsCentred) TBlock.StorePartial(TBlock.LoadPartial(in shiftGradient, whole, rest) + dy, ref shiftGradient, whole, rest);
    }

    [MethodImpl(Jit.Kernel)]
    private static void AddWhole<TBlock, TNorm>(RowStatistics row, ref float x, ref float gradient, ref float scaleGradient, ref float shiftGradient, nint whole)
        where TBlock : struct, IBlock<TBlock>
        where TNorm : struct, IRowNorm
    {
        TBlock mean = TBlock.Splat(row.Mean), inverse = TBlock.Splat(row.Inverse), offset = TBlock.Splat(row.Offset);
        for (nint i = 0; i < whole; i += TBlock.Count)
        {
            TBlock dy = TBlock.Load(in gradient, i), normal = Normal<TBlock, TNorm>(TBlock.Load(in x, i), mean, inverse, offset);
            TBlock.Store(TBlock.MultiplyAdd(dy, normal, TBlock.Load(in scaleGradient, i)), ref scaleGradient, i);
            if (TNorm.IsCentred) TBlock.Store(TBlock.Load(in shiftGradient, i) + dy, ref shiftGradient, i);
        }
    }

    /// <summary><c>dx = inverse (g - mean(g) - x̂ mean(g x̂))</c> with <c>g = dy scale</c>; without a mean, <c>inverse (g - x̂ mean(g x̂))</c>.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void InputGradient<TBlock, TNorm>(RowStatistics row, ref float x, ref float gradient, ref float scale, ref float inputGradient, nint width)
        where TBlock : struct, IBlock<TBlock>
        where TNorm : struct, IRowNorm
    {
        nint whole = width / TBlock.Count * TBlock.Count;
        int rest = (int)(width - whole);
        TBlock sum = GradientSums<TBlock, TNorm>(row, ref x, ref gradient, ref scale, whole, out TBlock product), g = TBlock.Zero, normal = TBlock.Zero;
        if (rest > 0)
        {
            g = TBlock.LoadPartial(in gradient, whole, rest) * TBlock.LoadPartial(in scale, whole, rest);
            normal = Normal<TBlock, TNorm>(TBlock.LoadPartial(in x, whole, rest), TBlock.Splat(row.Mean), TBlock.Splat(row.Inverse), TBlock.Splat(row.Offset));
            if (TNorm.IsCentred) sum += g;
            TBlock.Accumulate(ref product, g, normal);
        }
        float meanGradient = TNorm.IsCentred ? TBlock.Sum(sum) / width : 0, slope = -(TBlock.Sum(product) / width);
        InputGradientWhole<TBlock, TNorm>(row, meanGradient, slope, ref x, ref gradient, ref scale, ref inputGradient, whole);
        if (rest == 0) return;
        if (TNorm.IsCentred) g -= TBlock.Splat(meanGradient);
        TBlock.StorePartial(TBlock.Splat(row.Inverse) * TBlock.MultiplyAdd(normal, TBlock.Splat(slope), g), ref inputGradient, whole, rest);
    }

    /// <summary>The sums of g and of g x̂ over whole blocks.</summary>
    [MethodImpl(Jit.Kernel)]
    private static TBlock GradientSums<TBlock, TNorm>(RowStatistics row, ref float x, ref float gradient, ref float scale, nint whole, out TBlock products)
        where TBlock : struct, IBlock<TBlock>
        where TNorm : struct, IRowNorm
    {
        TBlock mean = TBlock.Splat(row.Mean), inverse = TBlock.Splat(row.Inverse), offset = TBlock.Splat(row.Offset), sum = TBlock.Zero, product = TBlock.Zero;
        for (nint i = 0; i < whole; i += TBlock.Count)
        {
            TBlock g = TBlock.Load(in gradient, i) * TBlock.Load(in scale, i);
            if (TNorm.IsCentred) sum += g;
            TBlock.Accumulate(ref product, g, Normal<TBlock, TNorm>(TBlock.Load(in x, i), mean, inverse, offset));
        }
        products = product;
        return sum;
    }

    [MethodImpl(Jit.Kernel)]
    private static void InputGradientWhole<TBlock, TNorm>(
        RowStatistics row, float meanGradient, float slope, ref float x, ref float gradient, ref float scale, ref float inputGradient, nint whole)
        where TBlock : struct, IBlock<TBlock>
        where TNorm : struct, IRowNorm
    {
        TBlock mean = TBlock.Splat(row.Mean), inverse = TBlock.Splat(row.Inverse), offset = TBlock.Splat(row.Offset), meanOfG = TBlock.Splat(meanGradient), factor = TBlock.Splat(slope);
        for (nint i = 0; i < whole; i += TBlock.Count)
        {
            TBlock g = TBlock.Load(in gradient, i) * TBlock.Load(in scale, i), normal = Normal<TBlock, TNorm>(TBlock.Load(in x, i), mean, inverse, offset);
            if (TNorm.IsCentred) g -= meanOfG;
            TBlock.Store(inverse * TBlock.MultiplyAdd(normal, factor, g), ref inputGradient, i);
        }
    }

    private readonly ref struct ForwardOperation<TNorm>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift, Span<float> y, Span<float> kept, int rows, int width, float epsilon) : IBlockOperation
        where TNorm : struct, IRowNorm
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _scale = ref MemoryMarshal.GetReference(scale);
        private readonly ref float _shift = ref MemoryMarshal.GetReference(shift);
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);
        private readonly Span<RowStatistics> _kept = MemoryMarshal.Cast<float, RowStatistics>(kept);

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            for (int row = 0; row < rows; row++)
            {
                nint place = (nint)row * width;
                RowStatistics statistics = Statistics<TBlock, TNorm>(ref Unsafe.Add(ref _x, place), width, epsilon);
                if (!_kept.IsEmpty) _kept[row] = statistics;
                Apply<TBlock, TNorm>(statistics, ref Unsafe.Add(ref _x, place), ref _scale, ref _shift, ref Unsafe.Add(ref _y, place), width);
            }
        }
    }

    private readonly ref struct BackwardOperation<TNorm>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, ReadOnlySpan<float> scale, ReadOnlySpan<float> kept,
        Span<float> inputGradient, Span<float> scaleGradient, Span<float> shiftGradient, int rows, int width) : IBlockOperation
        where TNorm : struct, IRowNorm
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly ref float _scale = ref MemoryMarshal.GetReference(scale);
        private readonly ref float _inputGradient = ref MemoryMarshal.GetReference(inputGradient);
        private readonly ref float _scaleGradient = ref MemoryMarshal.GetReference(scaleGradient);
        private readonly ref float _shiftGradient = ref MemoryMarshal.GetReference(shiftGradient);
        private readonly ReadOnlySpan<RowStatistics> _kept = MemoryMarshal.Cast<float, RowStatistics>(kept);
        private readonly bool _needsInput = !inputGradient.IsEmpty;

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            for (int row = 0; row < rows; row++)
            {
                nint place = (nint)row * width;
                ref float source = ref Unsafe.Add(ref _x, place), dy = ref Unsafe.Add(ref _gradient, place);
                AddParameterGradients<TBlock, TNorm>(_kept[row], ref source, ref dy, ref _scaleGradient, ref _shiftGradient, width);
                if (_needsInput) InputGradient<TBlock, TNorm>(_kept[row], ref source, ref dy, ref _scale, ref Unsafe.Add(ref _inputGradient, place), width);
            }
        }
    }
}
