using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// Every channel's windows with the channel's own weights, where a window has three neighbouring columns: an input is loaded once for the three results of a
/// row that it belongs to, so that the multiply-adds are the limit and not the loads. Images are read where they are, with rows and pixels of zeros beyond their
/// edges. Sums are those of <see cref="DepthwiseTiles"/>.
/// </summary>
/// <param name="strips">The windows, with <see cref="Strips.IsOfRows"/>.</param>
/// <param name="image">The first pixel of the sample, whose channels follow one another.</param>
/// <param name="zeros">A row of zeros as long as one of the image; nothing where no window reaches beyond it.</param>
/// <param name="weights">W, [window, padded], with as many channels as are padded.</param>
/// <param name="start">What sums begin with, [padded].</param>
/// <param name="channels">The channels, whole blocks.</param>
internal readonly ref struct DepthwiseRows(Strips strips, ref float image, ref float zeros, ref float weights, ref float start, int channels)
{
    private readonly ref float _image = ref image;
    private readonly ref float _zeros = ref zeros;
    private readonly ref float _weights = ref weights;
    private readonly ref float _start = ref start;

    /// <summary>Results <paramref name="column"/> to <paramref name="end"/> of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">The first column.</param>
    /// <param name="end">The column behind the last.</param>
    /// <param name="y">The first result.</param>
    /// <param name="step">The distance between results.</param>
    [MethodImpl(Jit.Kernel)]
    public void Run<TBlock>(int row, int column, int end, ref float y, nint step) where TBlock : struct, IBlock<TBlock>
    {
        Axis horizontal = strips.Horizontal;

        // Windows that lie within the columns of the image.
        int first = Math.Clamp(horizontal.Before, column, end), last = Math.Clamp(horizontal.Source + horizontal.Before - 2, first, end);
        for (int result = column; result < first; result++) Edge<TBlock>(row, result, ref Unsafe.Add(ref y, (result - column) * step));
        for (int result = last; result < end; result++) Edge<TBlock>(row, result, ref Unsafe.Add(ref y, (result - column) * step));
        ref float inside = ref Unsafe.Add(ref y, (first - column) * step);
        int done = Tiles<TBlock, Twelve>(row, first, last, ref inside, step);
        done += Tiles<TBlock, Eight>(row, first + done, last, ref Unsafe.Add(ref inside, done * step), step);
        done += Tiles<TBlock, Four>(row, first + done, last, ref Unsafe.Add(ref inside, done * step), step);
        done += Tiles<TBlock, Two>(row, first + done, last, ref Unsafe.Add(ref inside, done * step), step);
        Tiles<TBlock, One>(row, first + done, last, ref Unsafe.Add(ref inside, done * step), step);
    }

    /// <summary>As many neighbouring results as whole tiles have; returns how many. Channels go innermost, so that whole pixels pass through the first-level cache.</summary>
    [MethodImpl(Jit.Kernel)]
    private int Tiles<TBlock, TResults>(int row, int first, int last, ref float y, nint step)
        where TBlock : struct, IBlock<TBlock>
        where TResults : struct, IConstant
    {
        int tiles = (last - first) / TResults.Value, rows = strips.Vertical.Kernel, dilation = strips.Vertical.Dilation, source = strips.Vertical.Source;
        int top = row * strips.Vertical.Stride - strips.Vertical.Before;
        nint pixel = channels, line = (nint)strips.Horizontal.Source * pixel, place = (first - strips.Horizontal.Before) * pixel;
        for (int tile = 0; tile < tiles; tile++)
        {
            for (nint channel = 0; channel < pixel; channel += TBlock.Count)
            {
                TBlock s0 = TBlock.Load(ref _start, channel), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0, s9 = s0, s10 = s0, s11 = s0;
                ref float w = ref Unsafe.Add(ref _weights, channel);
                for (int i = 0; i < rows; i++)
                {
                    int at = top + i * dilation;
                    ref float x = ref Unsafe.Add(ref (uint)at < (uint)source ? ref Unsafe.Add(ref _image, at * line) : ref _zeros, place + channel);
                    TBlock w0 = TBlock.Load(ref w, 0), w1 = TBlock.Load(ref w, pixel), w2 = TBlock.Load(ref w, 2 * pixel);
                    w = ref Unsafe.Add(ref w, 3 * pixel);

                    // Each input meets its last result's first weight last, so that every result meets its inputs in ascending order.
                    TBlock v = TBlock.Load(ref x, 0);
                    TBlock.Accumulate(ref s0, w0, v);
                    v = TBlock.Load(ref x, pixel);
                    TBlock.Accumulate(ref s0, w1, v);
                    if (TResults.Value > 1) TBlock.Accumulate(ref s1, w0, v);
                    v = TBlock.Load(ref x, 2 * pixel);
                    x = ref Unsafe.Add(ref x, 3 * pixel);
                    TBlock.Accumulate(ref s0, w2, v);
                    if (TResults.Value == 1) continue;
                    TBlock.Accumulate(ref s1, w1, v);
                    if (TResults.Value > 2) TBlock.Accumulate(ref s2, w0, v);
                    v = TBlock.Load(ref x, 0);
                    TBlock.Accumulate(ref s1, w2, v);
                    if (TResults.Value == 2) continue;
                    TBlock.Accumulate(ref s2, w1, v);
                    TBlock.Accumulate(ref s3, w0, v);
                    v = TBlock.Load(ref x, pixel);
                    TBlock.Accumulate(ref s2, w2, v);
                    TBlock.Accumulate(ref s3, w1, v);
                    if (TResults.Value > 4) TBlock.Accumulate(ref s4, w0, v);
                    v = TBlock.Load(ref x, 2 * pixel);
                    TBlock.Accumulate(ref s3, w2, v);
                    if (TResults.Value == 4) continue;
                    x = ref Unsafe.Add(ref x, 3 * pixel);
                    TBlock.Accumulate(ref s4, w1, v);
                    TBlock.Accumulate(ref s5, w0, v);
                    v = TBlock.Load(ref x, 0);
                    TBlock.Accumulate(ref s4, w2, v);
                    TBlock.Accumulate(ref s5, w1, v);
                    TBlock.Accumulate(ref s6, w0, v);
                    v = TBlock.Load(ref x, pixel);
                    TBlock.Accumulate(ref s5, w2, v);
                    TBlock.Accumulate(ref s6, w1, v);
                    TBlock.Accumulate(ref s7, w0, v);
                    v = TBlock.Load(ref x, 2 * pixel);
                    TBlock.Accumulate(ref s6, w2, v);
                    TBlock.Accumulate(ref s7, w1, v);
                    x = ref Unsafe.Add(ref x, 3 * pixel);
                    if (TResults.Value > 8) TBlock.Accumulate(ref s8, w0, v);
                    v = TBlock.Load(ref x, 0);
                    TBlock.Accumulate(ref s7, w2, v);
                    if (TResults.Value == 8) continue;
                    TBlock.Accumulate(ref s8, w1, v);
                    TBlock.Accumulate(ref s9, w0, v);
                    v = TBlock.Load(ref x, pixel);
                    TBlock.Accumulate(ref s8, w2, v);
                    TBlock.Accumulate(ref s9, w1, v);
                    TBlock.Accumulate(ref s10, w0, v);
                    v = TBlock.Load(ref x, 2 * pixel);
                    x = ref Unsafe.Add(ref x, 3 * pixel);
                    TBlock.Accumulate(ref s9, w2, v);
                    TBlock.Accumulate(ref s10, w1, v);
                    TBlock.Accumulate(ref s11, w0, v);
                    v = TBlock.Load(ref x, 0);
                    TBlock.Accumulate(ref s10, w2, v);
                    TBlock.Accumulate(ref s11, w1, v);
                    TBlock.Accumulate(ref s11, w2, in x, pixel);
                }
                ref float target = ref Unsafe.Add(ref y, channel);
                TBlock.Store(s0, ref target, 0);
                if (TResults.Value > 1) TBlock.Store(s1, ref target, step);
                if (TResults.Value > 2) TBlock.Store(s2, ref target, 2 * step);
                if (TResults.Value > 2) TBlock.Store(s3, ref target, 3 * step);
                if (TResults.Value <= 4) continue;
                target = ref Unsafe.Add(ref target, 4 * step);
                TBlock.Store(s4, ref target, 0);
                TBlock.Store(s5, ref target, step);
                TBlock.Store(s6, ref target, 2 * step);
                TBlock.Store(s7, ref target, 3 * step);
                if (TResults.Value == 8) continue;
                target = ref Unsafe.Add(ref target, 4 * step);
                TBlock.Store(s8, ref target, 0);
                TBlock.Store(s9, ref target, step);
                TBlock.Store(s10, ref target, 2 * step);
                TBlock.Store(s11, ref target, 3 * step);
            }
            place += TResults.Value * pixel;
            y = ref Unsafe.Add(ref y, TResults.Value * step);
        }
        return tiles * TResults.Value;
    }

    /// <summary>A result whose window reaches beyond the first or the last column: four blocks of channels side by side hide the latency of a multiply-add.</summary>
    [MethodImpl(Jit.Kernel)]
    private void Edge<TBlock>(int row, int column, ref float y) where TBlock : struct, IBlock<TBlock>
    {
        nint channel = 0;
        for (; channel <= channels - 4 * TBlock.Count; channel += 4 * TBlock.Count) Edge<TBlock, Four>(row, column, channel, ref y);
        for (; channel < channels; channel += TBlock.Count) Edge<TBlock, One>(row, column, channel, ref y);
    }

    [MethodImpl(Jit.Kernel)]
    private void Edge<TBlock, TBlocks>(int row, int column, nint channel, ref float y)
        where TBlock : struct, IBlock<TBlock>
        where TBlocks : struct, IConstant
    {
        Axis vertical = strips.Vertical, horizontal = strips.Horizontal;
        ref float start = ref Unsafe.Add(ref _start, channel), w = ref Unsafe.Add(ref _weights, channel);
        TBlock s0 = TBlock.Load(ref start, 0), s1 = s0, s2 = s0, s3 = s0;
        if (TBlocks.Value > 1) (s1, s2, s3) = (TBlock.Load(ref start, TBlock.Count), TBlock.Load(ref start, 2 * TBlock.Count), TBlock.Load(ref start, 3 * TBlock.Count));
        for (int i = 0; i < vertical.Kernel; i++)
        {
            int y0 = row * vertical.Stride - vertical.Before + i * vertical.Dilation;
            for (int j = 0; j < 3; j++)
            {
                int x0 = column - horizontal.Before + j;
                bool isInside = (uint)y0 < (uint)vertical.Source && (uint)x0 < (uint)horizontal.Source;
                ref float x = ref Unsafe.Add(ref isInside ? ref Unsafe.Add(ref _image, ((nint)y0 * horizontal.Source + x0) * channels) : ref _zeros, channel);
                TBlock.Accumulate(ref s0, TBlock.Load(ref w, 0), TBlock.Load(ref x, 0));
                if (TBlocks.Value > 1)
                {
                    TBlock.Accumulate(ref s1, TBlock.Load(ref w, TBlock.Count), TBlock.Load(ref x, TBlock.Count));
                    TBlock.Accumulate(ref s2, TBlock.Load(ref w, 2 * TBlock.Count), TBlock.Load(ref x, 2 * TBlock.Count));
                    TBlock.Accumulate(ref s3, TBlock.Load(ref w, 3 * TBlock.Count), TBlock.Load(ref x, 3 * TBlock.Count));
                }
                w = ref Unsafe.Add(ref w, channels);
            }
        }
        TBlock.Store(s0, ref y, channel);
        if (TBlocks.Value == 1) return;
        TBlock.Store(s1, ref y, channel + TBlock.Count);
        TBlock.Store(s2, ref y, channel + 2 * TBlock.Count);
        TBlock.Store(s3, ref y, channel + 3 * TBlock.Count);
    }
}
