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
/// <param name="weights">W, [window, padded].</param>
/// <param name="start">What sums begin with, [padded].</param>
/// <param name="channels">The channels, a block at least; where they are no whole blocks, the last one begins before the end of the others.</param>
/// <param name="padded">The channels of the weights.</param>
internal readonly ref struct DepthwiseRows(Strips strips, ref float image, ref float zeros, ref float weights, ref float start, int channels, int padded)
{
    /// <summary>Of a first-level cache of 32 KB.</summary>
    private const int FloatsTogether = 7 * 1024;

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
        int done = Tiles<TBlock, Twelve>(row, first, last, ref inside, step), rest = last - first - done;
        if (done > 0 && rest > 2)
        {
            // One tile takes what is left, and some results that are there already, which takes less time than two small ones.
            int begin = last - (rest > 8 ? Twelve.Value : rest > 4 ? Eight.Value : Four.Value);
            ref float place = ref Unsafe.Add(ref y, (begin - column) * step);
            if (rest > 8) Tiles<TBlock, Twelve>(row, begin, last, ref place, step);
            else if (rest > 4) Tiles<TBlock, Eight>(row, begin, last, ref place, step);
            else Tiles<TBlock, Four>(row, begin, last, ref place, step);
            return;
        }
        done += Tiles<TBlock, Eight>(row, first + done, last, ref Unsafe.Add(ref inside, done * step), step);
        done += Tiles<TBlock, Four>(row, first + done, last, ref Unsafe.Add(ref inside, done * step), step);
        done += Tiles<TBlock, Two>(row, first + done, last, ref Unsafe.Add(ref inside, done * step), step);
        Tiles<TBlock, One>(row, first + done, last, ref Unsafe.Add(ref inside, done * step), step);
    }

    /// <summary>Where columns end that go through all rows together: so many that the rows of a window, and the results, lie in the first-level cache, and whole tiles.</summary>
    public int EndOfColumns(int column, int end)
    {
        int together = Math.Max(1, FloatsTogether / (4 * channels) / Twelve.Value) * Twelve.Value, next = column + together + (column == 0 ? strips.Horizontal.Before : 0);
        return end - next < together ? end : next;
    }

    /// <summary>As many neighbouring results as whole tiles have; returns how many. Channels go innermost, so that whole pixels pass through the first-level cache.</summary>
    [MethodImpl(Jit.Kernel)]
    private int Tiles<TBlock, TResults>(int row, int first, int last, ref float y, nint step)
        where TBlock : struct, IBlock<TBlock>
        where TResults : struct, IConstant
    {
        int tiles = (last - first) / TResults.Value, rows = strips.Vertical.Kernel, dilation = strips.Vertical.Dilation, source = strips.Vertical.Source;
        int top = row * strips.Vertical.Stride - strips.Vertical.Before;
        nint pixel = channels, tap = padded, line = (nint)strips.Horizontal.Source * pixel, place = (first - strips.Horizontal.Before) * pixel;
        for (int tile = 0; tile < tiles; tile++)
        {
            for (nint next = 0; next < pixel; next += TBlock.Count)
            {
                nint channel = Math.Min(next, pixel - TBlock.Count);
                TBlock s0 = TBlock.Load(ref _start, channel), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0, s9 = s0, s10 = s0, s11 = s0;
                ref float w = ref Unsafe.Add(ref _weights, channel);
                for (int i = 0; i < rows; i++)
                {
                    int at = top + i * dilation;
                    ref float x = ref Unsafe.Add(ref (uint)at < (uint)source ? ref Unsafe.Add(ref _image, at * line) : ref _zeros, place + channel);
                    TBlock w0 = TBlock.Load(ref w, 0), w1 = TBlock.Load(ref w, tap), w2 = TBlock.Load(ref w, 2 * tap);
                    w = ref Unsafe.Add(ref w, 3 * tap);

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
        for (; channel < channels; channel += TBlock.Count) Edge<TBlock, One>(row, column, Math.Min(channel, channels - TBlock.Count), ref y);
    }

    [MethodImpl(Jit.Kernel)]
    private void Edge<TBlock, TBlocks>(int row, int column, nint channel, ref float y)
        where TBlock : struct, IBlock<TBlock>
        where TBlocks : struct, IConstant
    {
        ref float start = ref Unsafe.Add(ref _start, channel), w = ref Unsafe.Add(ref _weights, channel);
        TBlock s0 = TBlock.Load(ref start, 0), s1 = s0, s2 = s0, s3 = s0;
        if (TBlocks.Value > 1) (s1, s2, s3) = (TBlock.Load(ref start, TBlock.Count), TBlock.Load(ref start, 2 * TBlock.Count), TBlock.Load(ref start, 3 * TBlock.Count));
        int rows = strips.Vertical.Kernel, dilation = strips.Vertical.Dilation, source = strips.Vertical.Source, columns = strips.Horizontal.Source;
        int top = row * strips.Vertical.Stride - strips.Vertical.Before, left = column - strips.Horizontal.Before;
        nint pixel = channels, line = columns * pixel, place = left * pixel + channel;
        bool isFirst = (uint)left < (uint)columns, isSecond = (uint)(left + 1) < (uint)columns, isThird = (uint)(left + 2) < (uint)columns;
        ref float none = ref Unsafe.Add(ref _zeros, channel);
        for (int i = 0; i < rows; i++)
        {
            int at = top + i * dilation;
            ref float x = ref (uint)at < (uint)source ? ref Unsafe.Add(ref _image, at * line) : ref _zeros;
            Tap<TBlock, TBlocks>(ref isFirst ? ref Unsafe.Add(ref x, place) : ref none, ref w, ref s0, ref s1, ref s2, ref s3);
            w = ref Unsafe.Add(ref w, padded);
            Tap<TBlock, TBlocks>(ref isSecond ? ref Unsafe.Add(ref x, place + pixel) : ref none, ref w, ref s0, ref s1, ref s2, ref s3);
            w = ref Unsafe.Add(ref w, padded);
            Tap<TBlock, TBlocks>(ref isThird ? ref Unsafe.Add(ref x, place + 2 * pixel) : ref none, ref w, ref s0, ref s1, ref s2, ref s3);
            w = ref Unsafe.Add(ref w, padded);
        }
        TBlock.Store(s0, ref y, channel);
        if (TBlocks.Value == 1) return;
        TBlock.Store(s1, ref y, channel + TBlock.Count);
        TBlock.Store(s2, ref y, channel + 2 * TBlock.Count);
        TBlock.Store(s3, ref y, channel + 3 * TBlock.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tap<TBlock, TBlocks>(ref float x, ref float w, ref TBlock s0, ref TBlock s1, ref TBlock s2, ref TBlock s3)
        where TBlock : struct, IBlock<TBlock>
        where TBlocks : struct, IConstant
    {
        TBlock.Accumulate(ref s0, TBlock.Load(ref w, 0), in x, 0);
        if (TBlocks.Value == 1) return;
        TBlock.Accumulate(ref s1, TBlock.Load(ref w, TBlock.Count), in x, TBlock.Count);
        TBlock.Accumulate(ref s2, TBlock.Load(ref w, 2 * TBlock.Count), in x, 2 * TBlock.Count);
        TBlock.Accumulate(ref s3, TBlock.Load(ref w, 3 * TBlock.Count), in x, 3 * TBlock.Count);
    }
}
