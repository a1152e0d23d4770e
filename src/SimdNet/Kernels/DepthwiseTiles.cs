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
            ref float windows = ref _strip.At(row, 0);
            ref float sums = ref _target.At(_strip.FirstRow + row, rowsOfSample, _strip.FirstColumn);
            int result = 0;
            if (TBlock.Registers >= 8)
            {
                result += Results<TBlock, Six>(ref windows, ref sums, result);
                result += Results<TBlock, Four>(ref windows, ref sums, result);
            }
            result += Results<TBlock, Two>(ref windows, ref sums, result);
            Results<TBlock, One>(ref windows, ref sums, result);
        }
    }

    /// <summary>As many results of a row as whole tiles have; returns how many.</summary>
    private int Results<TBlock, TResults>(ref float windows, ref float sums, int first)
        where TBlock : struct, IBlock<TBlock>
        where TResults : struct, IConstant
    {
        int tiles = (_strip.Columns - first) / TResults.Value, blocks = channels / TBlock.Count;
        if (tiles == 0) return 0;
        ref float x = ref Unsafe.Add(ref windows, first * _strip.PixelStep), y = ref Unsafe.Add(ref sums, first * _target.Pixel);
        if (blocks > 0) Product<TBlock, TResults>(ref x, ref _weights, ref _start, ref y, _target.Pixel, tiles, blocks);
        if (blocks * TBlock.Count < channels) Narrow<TBlock, TResults>(ref x, ref y, tiles, blocks * TBlock.Count);
        return tiles * TResults.Value;
    }

    /// <summary>The last channels, fewer than a block has: all of a block are read, but not written.</summary>
    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    private void Narrow<TBlock, TResults>(ref float x, ref float y, int tiles, int channel)
        where TBlock : struct, IBlock<TBlock>
        where TResults : struct, IConstant
    {
        Unsafe.SkipInit(out TileSums buffer);
        ref float sums = ref buffer.Aligned;
        for (nint tile = 0; tile < tiles; tile++)
        {
            nint result = tile * TResults.Value;
            Product<TBlock, TResults>(
                ref Unsafe.Add(ref x, result * _strip.PixelStep + channel), ref Unsafe.Add(ref _weights, channel), ref Unsafe.Add(ref _start, channel), ref sums, TBlock.Count, 1, 1);
            for (nint i = 0; i < TResults.Value; i++)
                TBlock.StorePartial(TBlock.Load(in sums, i * TBlock.Count), ref y, (result + i) * _target.Pixel + channel, channels - channel);
        }
    }

    /// <summary>
    /// Tiles of neighbouring results, block by block of channels: a block of weights is loaded for all results of a tile, a block of inputs for each
    /// multiply-add, so the load units are the limit. Channels go innermost, so that whole pixels pass through the first-level cache.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    private void Product<TBlock, TResults>(ref float x, ref float weights, ref float start, ref float y, nint yStep, int tiles, int blocks)
        where TBlock : struct, IBlock<TBlock>
        where TResults : struct, IConstant
    {
        nint second = _strip.PixelStep, third = 2 * second, taps = _strip.Length / channels, tapStep = _strip.TapStep, weightStep = padded;
        for (; tiles > 0; tiles--)
        {
            for (nint channel = 0; channel < blocks * TBlock.Count; channel += TBlock.Count)
            {
                TBlock s0 = TBlock.Load(ref start, channel), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0;
                ref float w = ref Unsafe.Add(ref weights, channel);
                for (nint segment = 0; segment < _strip.Segments; segment++)
                {
                    ref float upper = ref Unsafe.Add(ref x, segment * _strip.SegmentStep + channel);
                    ref float lower = ref Unsafe.Add(ref upper, third + second);
                    for (nint tap = taps; tap > 0; tap--)
                    {
                        TBlock weight = TBlock.Load(ref w, 0);
                        TBlock.Accumulate(ref s0, weight, TBlock.Load(ref upper, 0));
                        if (TResults.Value > 1) TBlock.Accumulate(ref s1, weight, TBlock.Load(ref upper, second));
                        if (TResults.Value > 2) TBlock.Accumulate(ref s2, weight, TBlock.Load(ref upper, third));
                        if (TResults.Value > 2) TBlock.Accumulate(ref s3, weight, TBlock.Load(ref lower, 0));
                        if (TResults.Value > 4) TBlock.Accumulate(ref s4, weight, TBlock.Load(ref lower, second));
                        if (TResults.Value > 4) TBlock.Accumulate(ref s5, weight, TBlock.Load(ref lower, third));
                        upper = ref Unsafe.Add(ref upper, tapStep);
                        lower = ref Unsafe.Add(ref lower, tapStep);
                        w = ref Unsafe.Add(ref w, weightStep);
                    }
                }
                TBlock.Store(s0, ref y, channel);
                if (TResults.Value > 1) TBlock.Store(s1, ref y, yStep + channel);
                if (TResults.Value > 2) TBlock.Store(s2, ref y, 2 * yStep + channel);
                if (TResults.Value > 2) TBlock.Store(s3, ref y, 3 * yStep + channel);
                if (TResults.Value > 4) TBlock.Store(s4, ref y, 4 * yStep + channel);
                if (TResults.Value > 4) TBlock.Store(s5, ref y, 5 * yStep + channel);
            }
            x = ref Unsafe.Add(ref x, TResults.Value * second);
            y = ref Unsafe.Add(ref y, TResults.Value * yStep);
        }
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
                TBlock.Accumulate(ref s0, TBlock.Load(ref x, 0), dy);
                if (TTaps.Value > 1) TBlock.Accumulate(ref s1, TBlock.Load(ref x, second), dy);
                if (TTaps.Value > 2) TBlock.Accumulate(ref s2, TBlock.Load(ref x, 2 * second), dy);
                x = ref Unsafe.Add(ref x, pixelStep);
                gradient = ref Unsafe.Add(ref gradient, step);
            }
        }
        TBlock.Store(s0, ref target, 0);
        if (TTaps.Value > 1) TBlock.Store(s1, ref target, padded);
        if (TTaps.Value > 2) TBlock.Store(s2, ref target, 2 * padded);
    }
}
