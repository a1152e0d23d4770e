using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>What is made of the values of a window, channel by channel.</summary>
internal interface IPooling
{
    /// <summary>What a window begins with.</summary>
    static abstract float Start { get; }

    /// <summary>Takes in one value more.</summary>
    static abstract TBlock Join<TBlock>(TBlock pooled, TBlock value) where TBlock : struct, IBlock<TBlock>;

    /// <summary>The result of a window of which <paramref name="taps"/> values lie within the image.</summary>
    TBlock Finish<TBlock>(TBlock pooled, int taps) where TBlock : struct, IBlock<TBlock>;

    /// <summary>What a window's gradient gives to one of its values; <paramref name="rest"/> is the part of the gradient that none before it took.</summary>
    TBlock Give<TBlock>(TBlock value, TBlock pooled, ref TBlock rest, int taps) where TBlock : struct, IBlock<TBlock>;
}

/// <summary>The largest value; NaN where there is one. The first value that is the largest, or NaN, takes all of the gradient.</summary>
internal readonly struct Largest : IPooling
{
    public static float Start => float.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Join<TBlock>(TBlock pooled, TBlock value) where TBlock : struct, IBlock<TBlock> => TBlock.Max(pooled, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Finish<TBlock>(TBlock pooled, int taps) where TBlock : struct, IBlock<TBlock> => pooled;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Give<TBlock>(TBlock value, TBlock pooled, ref TBlock rest, int taps) where TBlock : struct, IBlock<TBlock>
    {
        // Not equal to itself: NaN, which is what was pooled then.
        TBlock given = rest & TBlock.Select(TBlock.Equal(value, value), TBlock.Equal(value, pooled), TBlock.SplatBits(-1));
        rest ^= given;
        return given;
    }
}

/// <summary>The sum divided by the size of the window, or by how much of it lies within the image.</summary>
/// <param name="size">The size of the window; zero to count what lies within.</param>
internal readonly struct Mean(int size) : IPooling
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Join<TBlock>(TBlock pooled, TBlock value) where TBlock : struct, IBlock<TBlock> => pooled + value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Finish<TBlock>(TBlock pooled, int taps) where TBlock : struct, IBlock<TBlock> => pooled / TBlock.Splat(size > 0 ? size : taps);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Give<TBlock>(TBlock value, TBlock pooled, ref TBlock rest, int taps) where TBlock : struct, IBlock<TBlock> => rest / TBlock.Splat(size > 0 ? size : taps);
}

/// <summary>
/// Windows that slide over images, channel by channel in registers of neighbouring channels. Values are taken in the order of the window's rows and columns, and a
/// value takes its parts of gradients in the order of the windows, so results do not depend on widths or threads.
/// </summary>
internal static class PoolingKernel
{
    /// <param name="vertical">The window from row to row.</param>
    /// <param name="horizontal">The window from column to column.</param>
    /// <param name="channels">The channels.</param>
    /// <param name="pooling">What is made of a window.</param>
    /// <param name="x">[batch, rows, columns, channels].</param>
    /// <param name="y">[batch, result rows, result columns, channels].</param>
    public static void Forward<TPooling>(Axis vertical, Axis horizontal, int channels, TPooling pooling, ReadOnlySpan<float> x, Span<float> y, int batch)
        where TPooling : struct, IPooling
    {
        var pools = new Pools<TPooling>(vertical, horizontal, channels, pooling, x, y);
        WorkerPool.RunRows(ref pools, batch * vertical.Result, (long)vertical.Kernel * horizontal.Kernel * horizontal.Result * channels);
    }

    /// <summary>The gradient of x from that of y, written over what was there.</summary>
    /// <param name="gradient">dy, [batch, result rows, result columns, channels].</param>
    /// <param name="inputGradient">dx, [batch, rows, columns, channels].</param>
    public static void Backward<TPooling>(
        Axis vertical, Axis horizontal, int channels, TPooling pooling, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient, int batch)
        where TPooling : struct, IPooling
    {
        // Each value lies in just one window, which writes it.
        if (!vertical.IsCut || !horizontal.IsCut) inputGradient.Clear();
        var gradients = new Gradients<TPooling>(vertical, horizontal, channels, pooling, x, y, gradient, inputGradient);
        WorkerPool.Run(ref gradients, batch, (long)batch * vertical.Result * vertical.Kernel * horizontal.Kernel * horizontal.Result * channels);
    }

    /// <summary>Results, cut by their rows.</summary>
    private ref struct Pools<TPooling>(Axis vertical, Axis horizontal, int channels, TPooling pooling, ReadOnlySpan<float> x, Span<float> y) : IBlockOperation, IPartedRows
        where TPooling : struct, IPooling
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);
        private readonly int _rows = y.Length / (horizontal.Result * channels);
        private int _first;

        public int RowsOfPart { private get; set; }

        public readonly void RunPart(int part)
        {
            Pools<TPooling> copy = this;
            copy._first = part * RowsOfPart;
            copy.RunWhole();
        }

        public void RunWhole() => BlockDispatch.RunRegisters(ref this);

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            nint pixel = channels, line = horizontal.Source * pixel;
            for (int index = _first; index < Math.Min(_rows, _first + RowsOfPart); index++)
            {
                (int sample, int row) = Math.DivRem(index, vertical.Result);
                (int top, int bottom) = vertical.TapsWithin(row);
                ref float lines = ref Unsafe.Add(ref _x, ((nint)sample * vertical.Source + row * vertical.Stride - vertical.Before + top) * line);
                ref float result = ref Unsafe.Add(ref _y, (nint)index * horizontal.Result * pixel);
                for (int column = 0; column < horizontal.Result; column++)
                {
                    (int left, int right) = horizontal.TapsWithin(column);
                    ref float window = ref Unsafe.Add(ref lines, (column * horizontal.Stride - horizontal.Before + left) * pixel);
                    Window<TBlock>(ref window, line, bottom - top, right - left, ref result);
                    result = ref Unsafe.Add(ref result, pixel);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Window<TBlock>(ref float window, nint line, int rows, int columns, ref float result) where TBlock : struct, IBlock<TBlock>
        {
            int channel = 0;
            for (; channel <= channels - 4 * TBlock.Count; channel += 4 * TBlock.Count)
            {
                TBlock p0 = TBlock.Splat(TPooling.Start), p1 = p0, p2 = p0, p3 = p0;
                for (nint row = 0; row < rows; row++)
                {
                    ref float value = ref Unsafe.Add(ref window, row * line + channel);
                    for (int column = 0; column < columns; column++)
                    {
                        p0 = TPooling.Join(p0, TBlock.Load(ref value, 0));
                        p1 = TPooling.Join(p1, TBlock.Load(ref value, TBlock.Count));
                        p2 = TPooling.Join(p2, TBlock.Load(ref value, 2 * TBlock.Count));
                        p3 = TPooling.Join(p3, TBlock.Load(ref value, 3 * TBlock.Count));
                        value = ref Unsafe.Add(ref value, channels);
                    }
                }
                TBlock.Store(pooling.Finish(p0, rows * columns), ref result, channel);
                TBlock.Store(pooling.Finish(p1, rows * columns), ref result, channel + TBlock.Count);
                TBlock.Store(pooling.Finish(p2, rows * columns), ref result, channel + 2 * TBlock.Count);
                TBlock.Store(pooling.Finish(p3, rows * columns), ref result, channel + 3 * TBlock.Count);
            }
            for (; channel < channels; channel += TBlock.Count)
            {
                int count = Math.Min(TBlock.Count, channels - channel);
                TBlock pooled = TBlock.Splat(TPooling.Start);
                for (nint row = 0; row < rows; row++)
                {
                    ref float value = ref Unsafe.Add(ref window, row * line + channel);
                    for (int column = 0; column < columns; column++)
                    {
                        pooled = TPooling.Join(pooled, TBlock.LoadPartial(ref value, 0, count));
                        value = ref Unsafe.Add(ref value, channels);
                    }
                }
                TBlock.StorePartial(pooling.Finish(pooled, rows * columns), ref result, channel, count);
            }
        }
    }

    /// <summary>Gradients, cut by samples, since windows may overlap.</summary>
    private ref struct Gradients<TPooling>(
        Axis vertical, Axis horizontal, int channels, TPooling pooling, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient) : IBlockOperation, IPartedWork
        where TPooling : struct, IPooling
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly ref float _inputGradient = ref MemoryMarshal.GetReference(inputGradient);
        private int _sample;

        public readonly void RunPart(int part)
        {
            Gradients<TPooling> copy = this;
            copy._sample = part;
            BlockDispatch.RunRegisters(ref copy);
        }

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            nint pixel = channels, line = horizontal.Source * pixel, result = (nint)_sample * vertical.Result * horizontal.Result * pixel;
            ref float y = ref Unsafe.Add(ref _y, result), dy = ref Unsafe.Add(ref _gradient, result);

            // What no other window gave to is zero; it is added to all the same, so that no result is a negative zero here and not elsewhere.
            bool isApart = vertical.Stride >= vertical.Extent && horizontal.Stride >= horizontal.Extent;
            for (int row = 0; row < vertical.Result; row++)
            {
                (int top, int bottom) = vertical.TapsWithin(row);
                nint lines = ((nint)_sample * vertical.Source + row * vertical.Stride - vertical.Before + top) * line;
                for (int column = 0; column < horizontal.Result; column++)
                {
                    (int left, int right) = horizontal.TapsWithin(column);
                    nint window = lines + (column * horizontal.Stride - horizontal.Before + left) * pixel;
                    ref float x = ref Unsafe.Add(ref _x, window), dx = ref Unsafe.Add(ref _inputGradient, window);

                    // The lines of the next row of windows: of a batch they lie beyond the nearest caches, in more streams than the processor follows.
                    Tiles.Prefetch(ref x, vertical.Stride * line, line, bottom - top, (right - left) * channels);
                    Tiles.Prefetch(ref dx, vertical.Stride * line, line, bottom - top, (right - left) * channels);
                    Window<TBlock>(ref x, ref dx, line, bottom - top, right - left, ref y, ref dy, isApart);
                    y = ref Unsafe.Add(ref y, pixel);
                    dy = ref Unsafe.Add(ref dy, pixel);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Window<TBlock>(ref float x, ref float dx, nint line, int rows, int columns, ref float y, ref float dy, bool isApart)
            where TBlock : struct, IBlock<TBlock>
        {
            nint channel = 0, pixel = channels;
            for (; channel <= pixel - TBlock.Count; channel += TBlock.Count)
            {
                TBlock pooled = TBlock.Load(ref y, channel), rest = TBlock.Load(ref dy, channel);
                nint lines = channel;
                for (int row = 0; row < rows; row++, lines += line)
                {
                    nint place = lines;
                    for (int column = 0; column < columns; column++, place += pixel)
                    {
                        TBlock given = pooling.Give(TBlock.Load(ref x, place), pooled, ref rest, rows * columns);
                        TBlock.Store((isApart ? TBlock.Zero : TBlock.Load(ref dx, place)) + given, ref dx, place);
                    }
                }
            }
            if (channel == pixel) return;
            int count = (int)(pixel - channel);
            TBlock lastPooled = TBlock.LoadPartial(ref y, channel, count), lastRest = TBlock.LoadPartial(ref dy, channel, count);
            for (int row = 0; row < rows; row++, channel += line)
            {
                nint place = channel;
                for (int column = 0; column < columns; column++, place += pixel)
                {
                    TBlock given = pooling.Give(TBlock.LoadPartial(ref x, place, count), lastPooled, ref lastRest, rows * columns);
                    TBlock.StorePartial((isApart ? TBlock.Zero : TBlock.LoadPartial(ref dx, place, count)) + given, ref dx, place, count);
                }
            }
        }
    }
}
