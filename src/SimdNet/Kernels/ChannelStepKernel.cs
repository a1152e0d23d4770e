using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>A computation for each channel alone, on vectors of them.</summary>
internal interface IChannelStep
{
    /// <summary>Computes <paramref name="count"/> channels from <paramref name="at"/> on.</summary>
    void Run<TBlock>(int at, int count) where TBlock : struct, IBlock<TBlock>;
}

/// <summary>The steps of batch normalisation between its passes over the values; vectorised over channels.</summary>
internal static class ChannelStepKernel
{
    public static void Run<TStep>(TStep step, int channels) where TStep : struct, IChannelStep, allows ref struct
    {
        var operation = new Operation<TStep>(step, channels);
        BlockDispatch.RunRegisters(ref operation);
    }

    private readonly ref struct Operation<TStep>(TStep step, int channels) : IBlockOperation where TStep : struct, IChannelStep, allows ref struct
    {
        private readonly TStep _step = step;

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            for (int at = 0; at < channels; at += TBlock.Count) _step.Run<TBlock>(at, Math.Min(TBlock.Count, channels - at));
        }
    }
}

/// <summary><c>mean += sum / count</c>: the mean from the sum of differences from a first guess.</summary>
internal readonly ref struct MeanStep(Span<float> mean, ReadOnlySpan<float> sum, int count) : IChannelStep
{
    private readonly ref float _mean = ref MemoryMarshal.GetReference(mean);
    private readonly ref float _sum = ref MemoryMarshal.GetReference(sum);

    [MethodImpl(Jit.Kernel)]
    public void Run<TBlock>(int at, int length) where TBlock : struct, IBlock<TBlock> => TBlock.StorePartial(
        TBlock.LoadPartial(in _mean, at, length) + TBlock.LoadPartial(in _sum, at, length) / TBlock.Splat(count), ref _mean, at, length);
}

/// <summary>
/// <see cref="RowStatistics"/> for each channel, from the sums of deviations and of their squares, and with them the running mean and the
/// running variance, which divides by count - 1.
/// </summary>
/// <param name="kept">[3, channels]: the mean, the inverse deviation, the offset.</param>
internal readonly ref struct StatisticsStep(
    Span<float> kept, ReadOnlySpan<float> sum, ReadOnlySpan<float> squares, Span<float> runningMean, Span<float> runningVariance,
    int channels, int count, float epsilon, float momentum) : IChannelStep
{
    private readonly ref float _kept = ref MemoryMarshal.GetReference(kept);
    private readonly ref float _sum = ref MemoryMarshal.GetReference(sum);
    private readonly ref float _squares = ref MemoryMarshal.GetReference(squares);
    private readonly ref float _runningMean = ref MemoryMarshal.GetReference(runningMean);
    private readonly ref float _runningVariance = ref MemoryMarshal.GetReference(runningVariance);

    [MethodImpl(Jit.Kernel)]
    public void Run<TBlock>(int at, int length) where TBlock : struct, IBlock<TBlock>
    {
        TBlock divisor = TBlock.Splat(count), share = TBlock.Splat(momentum);
        TBlock lacking = TBlock.LoadPartial(in _sum, at, length) / divisor;
        TBlock variance = TBlock.AtLeast(TBlock.LoadPartial(in _squares, at, length) / divisor - lacking * lacking, TBlock.Zero);
        TBlock inverse = TBlock.Splat(1) / TBlock.Sqrt(variance + TBlock.Splat(epsilon));
        TBlock.StorePartial(inverse, ref _kept, channels + at, length);
        TBlock.StorePartial(-lacking * inverse, ref _kept, 2 * channels + at, length);

        TBlock mean = TBlock.LoadPartial(in _kept, at, length) + lacking, unbiased = variance * TBlock.Splat((float)((double)count / (count - 1)));
        TBlock before = TBlock.LoadPartial(in _runningMean, at, length);
        TBlock.StorePartial(TBlock.MultiplyAdd(share, mean - before, before), ref _runningMean, at, length);
        before = TBlock.LoadPartial(in _runningVariance, at, length);
        TBlock.StorePartial(TBlock.MultiplyAdd(share, unbiased - before, before), ref _runningVariance, at, length);
    }
}

/// <summary><c>a = scale / sqrt(variance + ε), b = shift - mean a</c>: what is left to do in prediction is <c>x a + b</c>.</summary>
/// <param name="vectors">[2, period]: a and b.</param>
internal readonly ref struct PredictionStep(
    ReadOnlySpan<float> scale, ReadOnlySpan<float> shift, ReadOnlySpan<float> mean, ReadOnlySpan<float> variance, Span<float> vectors, int period, float epsilon) : IChannelStep
{
    private readonly ref float _scale = ref MemoryMarshal.GetReference(scale);
    private readonly ref float _shift = ref MemoryMarshal.GetReference(shift);
    private readonly ref float _mean = ref MemoryMarshal.GetReference(mean);
    private readonly ref float _variance = ref MemoryMarshal.GetReference(variance);
    private readonly ref float _vectors = ref MemoryMarshal.GetReference(vectors);

    [MethodImpl(Jit.Kernel)]
    public void Run<TBlock>(int at, int length) where TBlock : struct, IBlock<TBlock>
    {
        TBlock a = TBlock.LoadPartial(in _scale, at, length) / TBlock.Sqrt(TBlock.LoadPartial(in _variance, at, length) + TBlock.Splat(epsilon));
        TBlock.StorePartial(a, ref _vectors, at, length);
        TBlock.StorePartial(TBlock.MultiplyAdd(-TBlock.LoadPartial(in _mean, at, length), a, TBlock.LoadPartial(in _shift, at, length)), ref _vectors, period + at, length);
    }
}

/// <summary>The vectors of <see cref="NormalizeMap"/>: the mean, <c>inverse scale</c> and <c>offset scale + shift</c>.</summary>
/// <param name="kept">[3, channels].</param>
/// <param name="vectors">[3, period].</param>
internal readonly ref struct NormalizeStep(
    ReadOnlySpan<float> kept, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift, Span<float> vectors, int channels, int period) : IChannelStep
{
    private readonly ref float _kept = ref MemoryMarshal.GetReference(kept);
    private readonly ref float _scale = ref MemoryMarshal.GetReference(scale);
    private readonly ref float _shift = ref MemoryMarshal.GetReference(shift);
    private readonly ref float _vectors = ref MemoryMarshal.GetReference(vectors);

    [MethodImpl(Jit.Kernel)]
    public void Run<TBlock>(int at, int length) where TBlock : struct, IBlock<TBlock>
    {
        TBlock factor = TBlock.LoadPartial(in _scale, at, length);
        TBlock.StorePartial(TBlock.LoadPartial(in _kept, at, length), ref _vectors, at, length);
        TBlock.StorePartial(TBlock.LoadPartial(in _kept, channels + at, length) * factor, ref _vectors, period + at, length);
        TBlock shifted = TBlock.MultiplyAdd(TBlock.LoadPartial(in _kept, 2 * channels + at, length), factor, TBlock.LoadPartial(in _shift, at, length));
        TBlock.StorePartial(shifted, ref _vectors, 2 * period + at, length);
    }
}

/// <summary>
/// The gradients of scale and shift from <c>Σ dy</c> and <c>Σ dy (x - mean)</c>, and the vectors of <see cref="NormalizeGradientMap"/> for
/// <c>dx = a (dy - mean(dy) - x̂ mean(dy x̂))</c> with <c>a = inverse scale</c>.
/// </summary>
/// <param name="vectors">[4, period].</param>
internal readonly ref struct GradientStep(
    ReadOnlySpan<float> kept, ReadOnlySpan<float> scale, ReadOnlySpan<float> sum, ReadOnlySpan<float> product, Span<float> scaleGradient, Span<float> shiftGradient,
    Span<float> vectors, int channels, int period, int count) : IChannelStep
{
    private readonly ref float _kept = ref MemoryMarshal.GetReference(kept);
    private readonly ref float _scale = ref MemoryMarshal.GetReference(scale);
    private readonly ref float _sum = ref MemoryMarshal.GetReference(sum);
    private readonly ref float _product = ref MemoryMarshal.GetReference(product);
    private readonly ref float _scaleGradient = ref MemoryMarshal.GetReference(scaleGradient);
    private readonly ref float _shiftGradient = ref MemoryMarshal.GetReference(shiftGradient);
    private readonly ref float _vectors = ref MemoryMarshal.GetReference(vectors);

    [MethodImpl(Jit.Kernel)]
    public void Run<TBlock>(int at, int length) where TBlock : struct, IBlock<TBlock>
    {
        TBlock inverse = TBlock.LoadPartial(in _kept, channels + at, length), offset = TBlock.LoadPartial(in _kept, 2 * channels + at, length);
        TBlock shift = TBlock.LoadPartial(in _sum, at, length), divisor = TBlock.Splat(count);
        TBlock scale = TBlock.MultiplyAdd(inverse, TBlock.LoadPartial(in _product, at, length), offset * shift);
        TBlock.StorePartial(scale, ref _scaleGradient, at, length);
        TBlock.StorePartial(shift, ref _shiftGradient, at, length);

        TBlock a = inverse * TBlock.LoadPartial(in _scale, at, length), slope = -a * (scale / divisor);
        TBlock.StorePartial(TBlock.LoadPartial(in _kept, at, length), ref _vectors, at, length);
        TBlock.StorePartial(slope * inverse, ref _vectors, period + at, length);
        TBlock.StorePartial(TBlock.MultiplyAdd(slope, offset, -a * (shift / divisor)), ref _vectors, 2 * period + at, length);
        TBlock.StorePartial(a, ref _vectors, 3 * period + at, length);
    }
}
