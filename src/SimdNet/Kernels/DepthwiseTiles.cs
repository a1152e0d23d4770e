using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// Every channel's windows with the channel's own weights, in blocks of channels: <c>y[p, c] = start[c] + Σ_k window[p, k, c] W[k, c]</c>, one
/// chain of multiply-adds in the order of the window.
/// </summary>
/// <param name="strip">The windows; a block may be read at every channel.</param>
/// <param name="weights">W, [window, padded].</param>
/// <param name="padded">The padded channels.</param>
/// <param name="start">What sums begin with, [padded].</param>
/// <param name="target">Where sums go.</param>
/// <param name="rowsOfSample">The rows of results of one sample.</param>
/// <param name="channels">The channels.</param>
internal readonly ref struct DepthwiseTiles(Strip strip, ref float weights, nint padded, ref float start, Target target, int rowsOfSample, int channels)
{
    private readonly Strip _strip = strip;
    private readonly Target _target = target;
    private readonly ref float _weights = ref weights;
    private readonly ref float _start = ref start;

    [MethodImpl(Jit.Kernel)]
    public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
    {
        for (int row = 0; row < _strip.Rows; row++)
        {
            for (int channel = 0; channel < channels; channel += TBlock.Count)
            {
                ref float window = ref Unsafe.Add(ref _strip.At(row, 0), channel);
                Row<TBlock>(ref window, ref Unsafe.Add(ref _target.At(_strip.FirstRow + row, rowsOfSample, _strip.FirstColumn), channel), channel);
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void Row<TBlock>(ref float window, ref float sums, int channel) where TBlock : struct, IBlock<TBlock>
    {
        int count = _strip.Columns, result = 0;
        if (TBlock.Registers >= 8)
        {
            for (; result <= count - 6; result += 6) Tile<TBlock, Six>(ref window, ref sums, result, channel);
            for (; result <= count - 4; result += 4) Tile<TBlock, Four>(ref window, ref sums, result, channel);
        }
        for (; result <= count - 2; result += 2) Tile<TBlock, Two>(ref window, ref sums, result, channel);
        if (result < count) Tile<TBlock, One>(ref window, ref sums, result, channel);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Tile<TBlock, TResults>(ref float window, ref float sums, int result, int channel)
        where TBlock : struct, IBlock<TBlock>
        where TResults : struct, IConstant
    {
        ref float x = ref Unsafe.Add(ref window, result * _strip.PixelStep), y = ref Unsafe.Add(ref sums, result * _target.Pixel);
        nint taps = _strip.Length / channels;
        if (channels - channel >= TBlock.Count)
        {
            Product<TBlock, TResults>(
                ref x, _strip.PixelStep, _strip.Segments, _strip.SegmentStep, taps, _strip.TapStep, ref Unsafe.Add(ref _weights, channel), padded,
                ref Unsafe.Add(ref _start, channel), ref y, _target.Pixel);
        }
        else
        {
            Narrow<TBlock, TResults>(ref x, taps, ref y, channel);
        }
    }

    /// <summary>Fewer channels than a block has: they are read, but not written.</summary>
    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    private void Narrow<TBlock, TResults>(ref float x, nint taps, ref float y, int channel)
        where TBlock : struct, IBlock<TBlock>
        where TResults : struct, IConstant
    {
        Unsafe.SkipInit(out TileSums buffer);
        ref float sums = ref buffer.Aligned;
        Product<TBlock, TResults>(
            ref x, _strip.PixelStep, _strip.Segments, _strip.SegmentStep, taps, _strip.TapStep, ref Unsafe.Add(ref _weights, channel), padded,
            ref Unsafe.Add(ref _start, channel), ref sums, TBlock.Count);
        for (int i = 0; i < TResults.Value; i++) TBlock.StorePartial(TBlock.Load(in sums, i * TBlock.Count), ref y, i * _target.Pixel, channels - channel);
    }

    /// <summary>
    /// Some neighbouring results of a block of channels: a block of weights is loaded for all of them, a block of inputs for each multiply-add, so
    /// the load units are the limit.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    private static void Product<TBlock, TResults>(
        ref float x, nint pixelStep, nint segments, nint segmentStep, nint taps, nint tapStep, ref float weights, nint padded, ref float start, ref float y, nint yStep)
        where TBlock : struct, IBlock<TBlock>
        where TResults : struct, IConstant
    {
        TBlock s0 = TBlock.Load(ref start, 0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0;
        nint second = pixelStep, third = 2 * pixelStep;
        ref float upper = ref x, lower = ref Unsafe.Add(ref x, 3 * pixelStep);
        segmentStep -= taps * tapStep;
        for (; segments > 0; segments--)
        {
            for (nint tap = taps; tap > 0; tap--)
            {
                TBlock w = TBlock.Load(ref weights, 0);
                s0 = TBlock.MultiplyAdd(TBlock.Load(ref upper, 0), w, s0);
                if (TResults.Value > 1) s1 = TBlock.MultiplyAdd(TBlock.Load(ref upper, second), w, s1);
                if (TResults.Value > 2) s2 = TBlock.MultiplyAdd(TBlock.Load(ref upper, third), w, s2);
                if (TResults.Value > 2) s3 = TBlock.MultiplyAdd(TBlock.Load(ref lower, 0), w, s3);
                if (TResults.Value > 4) s4 = TBlock.MultiplyAdd(TBlock.Load(ref lower, second), w, s4);
                if (TResults.Value > 4) s5 = TBlock.MultiplyAdd(TBlock.Load(ref lower, third), w, s5);
                upper = ref Unsafe.Add(ref upper, tapStep);
                lower = ref Unsafe.Add(ref lower, tapStep);
                weights = ref Unsafe.Add(ref weights, padded);
            }
            upper = ref Unsafe.Add(ref upper, segmentStep);
            lower = ref Unsafe.Add(ref lower, segmentStep);
        }
        TBlock.Store(s0, ref y, 0);
        if (TResults.Value > 1) TBlock.Store(s1, ref y, yStep);
        if (TResults.Value > 2) TBlock.Store(s2, ref y, 2 * yStep);
        if (TResults.Value > 2) TBlock.Store(s3, ref y, 3 * yStep);
        if (TResults.Value > 4) TBlock.Store(s4, ref y, 4 * yStep);
        if (TResults.Value > 4) TBlock.Store(s5, ref y, 5 * yStep);
    }
}

/// <summary>
/// The gradients of depthwise weights from a strip: <c>dW[k, c] += Σ_p window[p, k, c] dy[p, c]</c>, one chain over the results in ascending order,
/// which goes on from strip to strip.
/// </summary>
/// <param name="strip">The windows; a block may be read at every channel.</param>
/// <param name="gradient">dy of the strip, [results, padded], rows <paramref name="gradientStep"/> apart.</param>
/// <param name="weightsGradient">dW, [window, padded].</param>
/// <param name="padded">The padded channels.</param>
/// <param name="taps">The columns of a window.</param>
internal readonly ref struct DepthwiseGradientTiles(Strip strip, ref float gradient, nint gradientStep, ref float weightsGradient, int padded, int taps)
{
    private readonly Strip _strip = strip;
    private readonly ref float _gradient = ref gradient;
    private readonly ref float _weightsGradient = ref weightsGradient;

    /// <summary>The channels from <paramref name="first"/> to <paramref name="end"/>, whole blocks.</summary>
    [MethodImpl(Jit.Kernel)]
    public void Run<TBlock>(int first, int end) where TBlock : struct, IBlock<TBlock>
    {
        for (nint channel = first; channel < end; channel += TBlock.Count)
        {
            for (nint segment = 0; segment < _strip.Segments; segment++)
            {
                nint tap = 0;
                if (TBlock.Registers >= 8)
                {
                    for (; tap <= taps - 3; tap += 3) Tile<TBlock, Three>(channel, segment, tap);
                }
                for (; tap <= taps - 2; tap += 2) Tile<TBlock, Two>(channel, segment, tap);
                if (tap < taps) Tile<TBlock, One>(channel, segment, tap);
            }
        }
    }

    /// <summary>Some neighbouring taps: a block of dy is loaded for all of them.</summary>
    [MethodImpl(Jit.Kernel)]
    private void Tile<TBlock, TTaps>(nint channel, nint segment, nint tap)
        where TBlock : struct, IBlock<TBlock>
        where TTaps : struct, IConstant
    {
        ref float target = ref Unsafe.Add(ref _weightsGradient, (segment * taps + tap) * padded + channel);
        TBlock s0 = TBlock.Load(ref target, 0), s1 = TTaps.Value > 1 ? TBlock.Load(ref target, padded) : default, s2 = TTaps.Value > 2 ? TBlock.Load(ref target, 2 * padded) : default;
        nint second = _strip.TapStep, pixelStep = _strip.PixelStep, step = gradientStep;
        ref float gradient = ref Unsafe.Add(ref _gradient, channel);
        for (int row = 0; row < _strip.Rows; row++)
        {
            ref float x = ref Unsafe.Add(ref _strip.At(row, 0), segment * _strip.SegmentStep + tap * second + channel);
            for (int column = _strip.Columns; column > 0; column--)
            {
                TBlock dy = TBlock.Load(ref gradient, 0);
                s0 = TBlock.MultiplyAdd(TBlock.Load(ref x, 0), dy, s0);
                if (TTaps.Value > 1) s1 = TBlock.MultiplyAdd(TBlock.Load(ref x, second), dy, s1);
                if (TTaps.Value > 2) s2 = TBlock.MultiplyAdd(TBlock.Load(ref x, 2 * second), dy, s2);
                x = ref Unsafe.Add(ref x, pixelStep);
                gradient = ref Unsafe.Add(ref gradient, step);
            }
        }
        TBlock.Store(s0, ref target, 0);
        if (TTaps.Value > 1) TBlock.Store(s1, ref target, padded);
        if (TTaps.Value > 2) TBlock.Store(s2, ref target, 2 * padded);
    }
}
