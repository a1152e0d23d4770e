using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// The products of a strip's windows with weights: <c>y[p, o] = start[o] + Σ_k window[p, k] W[k, o]</c>, one chain of multiply-adds in the
/// order of the window. Tiles that do not fit at the end of a row are computed together with some results before them a second time.
/// </summary>
/// <param name="strip">The windows.</param>
/// <param name="weights">W, [window, columns padded], rows <paramref name="weightStep"/> apart; or copied by <see cref="Pack"/>.</param>
/// <param name="weightStep">The distance between rows of W; zero where it is copied.</param>
/// <param name="window">The length of a window.</param>
/// <param name="start">What sums begin with, [columns padded].</param>
/// <param name="target">Where sums go.</param>
/// <param name="rowsOfSample">The rows of results of one sample.</param>
/// <param name="columns">The outputs.</param>
internal readonly ref struct ConvolutionTiles(Strip strip, ref float weights, nint weightStep, nint window, ref float start, Target target, int rowsOfSample, int columns)
{
    private readonly Strip _strip = strip;
    private readonly Target _target = target;
    private readonly ref float _weights = ref weights;
    private readonly ref float _start = ref start;

    /// <summary>
    /// Copies W block by block of columns, as tiles read it: where rows of W lie far apart, a tile would touch a page in each, and few sets of
    /// the cache. What this writes is as long as W.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    public static void Pack<TBlock>(ref float weights, nint weightStep, nint window, int columns, ref float copy) where TBlock : struct, IBlock<TBlock>
    {
        for (int column = 0; column < columns;)
        {
            int width = Width<TBlock>(column, columns);
            ref float row = ref Unsafe.Add(ref weights, Math.Min(column, columns - width));
            for (nint k = 0; k < window; k++)
            {
                TBlock.Store(TBlock.Load(ref row, 0), ref copy, 0);
                if (width > TBlock.Count) TBlock.Store(TBlock.Load(ref row, TBlock.Count), ref copy, TBlock.Count);
                row = ref Unsafe.Add(ref row, weightStep);
                copy = ref Unsafe.Add(ref copy, width);
            }
            column += width;
        }
    }

    /// <summary>The columns of the tiles from <paramref name="column"/> on: two blocks where registers are enough, and so many columns left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Width<TBlock>(int column, int columns) where TBlock : struct, IBlock<TBlock> =>
        TBlock.Registers >= 32 && columns - column >= 2 * TBlock.Count ? 2 * TBlock.Count : TBlock.Count;

    [MethodImpl(Jit.Kernel)]
    public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
    {
        for (int column = 0; column < columns;)
        {
            int width = Width<TBlock>(column, columns), first = columns < width ? 0 : Math.Min(column, columns - width);
            ref float w = ref Unsafe.Add(ref _weights, weightStep == 0 ? column * window : first);
            for (int row = 0; row < _strip.Rows; row++)
            {
                ref float windows = ref _strip.At(row, 0);
                ref float sums = ref Unsafe.Add(ref _target.At(_strip.FirstRow + row, rowsOfSample, _strip.FirstColumn), first);
                if (width > TBlock.Count) Row<TBlock, Two>(ref windows, ref w, ref sums, first);
                else Row<TBlock, One>(ref windows, ref w, ref sums, first);
            }
            column += width;
        }
    }

    /// <summary>A row of results against one or two blocks of columns.</summary>
    [MethodImpl(Jit.Kernel)]
    private void Row<TBlock, TColumns>(ref float windows, ref float w, ref float sums, int column)
        where TBlock : struct, IBlock<TBlock>
        where TColumns : struct, IConstant
    {
        int count = _strip.Columns, result = 0;
        if (TBlock.Registers >= 8 && count >= 4)
        {
            // Sixes and fours, or eights and fours, that cover all results with as little overlap as can be.
            int large = TBlock.Registers >= 16 ? 8 : 6;
            int fours = count < large ? (count + 3) / 4 : large == 8 ? (count + 3) / 4 % 2 : (count + 1) / 2 % 3 * 2 % 3;
            for (; result < count - 4 * fours; result += large)
            {
                if (large == 8) Tile<TBlock, Eight, TColumns>(ref windows, ref w, ref sums, Math.Min(result, count - large), column);
                else Tile<TBlock, Six, TColumns>(ref windows, ref w, ref sums, Math.Min(result, count - large), column);
            }
            for (; result < count; result += 4) Tile<TBlock, Four, TColumns>(ref windows, ref w, ref sums, Math.Min(result, count - 4), column);
            return;
        }
        for (; result <= count - 2; result += 2) Tile<TBlock, Two, TColumns>(ref windows, ref w, ref sums, result, column);
        if (result < count) Tile<TBlock, One, TColumns>(ref windows, ref w, ref sums, result, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Tile<TBlock, TRows, TColumns>(ref float windows, ref float w, ref float sums, int result, int column)
        where TBlock : struct, IBlock<TBlock>
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        ref float a = ref Unsafe.Add(ref windows, result * _strip.PixelStep), c = ref Unsafe.Add(ref sums, result * _target.Pixel);
        if (columns < TBlock.Count)
        {
            Narrow<TBlock, TRows>(ref a, ref c);
            return;
        }
        Tiles.Product<TBlock, TRows, TColumns>(
            ref a, _strip.PixelStep, 1, _strip.Segments, _strip.SegmentStep, ref w, weightStep == 0 ? TColumns.Value * TBlock.Count : weightStep, _strip.Length,
            ref Unsafe.Add(ref _start, column), 0, ref c, _target.Pixel);
    }

    /// <summary>Fewer outputs than a block has: padded weights are read, but not so many results written.</summary>
    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    private void Narrow<TBlock, TRows>(ref float a, ref float c)
        where TBlock : struct, IBlock<TBlock>
        where TRows : struct, IConstant
    {
        Unsafe.SkipInit(out TileSums buffer);
        ref float sums = ref buffer.Aligned;
        Tiles.Product<TBlock, TRows, One>(
            ref a, _strip.PixelStep, 1, _strip.Segments, _strip.SegmentStep, ref _weights, weightStep, _strip.Length, ref _start, 0, ref sums, TBlock.Count);
        for (int i = 0; i < TRows.Value; i++) TBlock.StorePartial(TBlock.Load(in sums, i * TBlock.Count), ref c, i * _target.Pixel, columns);
    }
}

/// <summary>
/// The gradients of weights from a strip: <c>dW[k, o] += Σ_p window[p, k] dy[p, o]</c>, one chain over the results in ascending order, which
/// goes on from strip to strip.
/// </summary>
/// <param name="strip">The windows.</param>
/// <param name="gradient">dy of the strip, [results, padded], rows <paramref name="gradientStep"/> apart.</param>
/// <param name="weightsGradient">dW, [window, padded].</param>
/// <param name="padded">The padded outputs.</param>
internal readonly ref struct ConvolutionGradientTiles(Strip strip, ref float gradient, nint gradientStep, ref float weightsGradient, int padded)
{
    private readonly Strip _strip = strip;
    private readonly ref float _gradient = ref gradient;
    private readonly ref float _weightsGradient = ref weightsGradient;

    /// <summary>The rows of dW from <paramref name="first"/> to <paramref name="end"/>.</summary>
    [MethodImpl(Jit.Kernel)]
    public void Run<TBlock>(int first, int end) where TBlock : struct, IBlock<TBlock>
    {
        for (int column = 0; column < padded;)
        {
            bool wide = TBlock.Registers >= 32 && padded - column >= 2 * TBlock.Count;
            for (nint segment = 0; segment < _strip.Segments; segment++)
            {
                nint top = segment * _strip.Length, from = nint.Max(first - top, 0), to = nint.Min(end - top, _strip.Length);
                if (wide) Rows<TBlock, Two>(segment, from, to, column);
                else Rows<TBlock, One>(segment, from, to, column);
            }
            column += wide ? 2 * TBlock.Count : TBlock.Count;
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void Rows<TBlock, TColumns>(nint segment, nint row, nint end, int column)
        where TBlock : struct, IBlock<TBlock>
        where TColumns : struct, IConstant
    {
        if (TBlock.Registers >= 16)
        {
            for (; row <= end - 8; row += 8) Tile<TBlock, Eight, TColumns>(segment, row, column);
        }
        else if (TBlock.Registers >= 8)
        {
            for (; row <= end - 6; row += 6) Tile<TBlock, Six, TColumns>(segment, row, column);
        }
        if (TBlock.Registers >= 8)
        {
            for (; row <= end - 4; row += 4) Tile<TBlock, Four, TColumns>(segment, row, column);
        }
        for (; row <= end - 2; row += 2) Tile<TBlock, Two, TColumns>(segment, row, column);
        for (; row < end; row++) Tile<TBlock, One, TColumns>(segment, row, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Tile<TBlock, TRows, TColumns>(nint segment, nint row, int column)
        where TBlock : struct, IBlock<TBlock>
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        ref float a = ref Unsafe.Add(ref _strip.At(0, 0), segment * _strip.SegmentStep + row);
        ref float c = ref Unsafe.Add(ref _weightsGradient, (segment * _strip.Length + row) * padded + column);
        Tiles.Product<TBlock, TRows, TColumns>(
            ref a, 1, _strip.PixelStep, _strip.Rows, _strip.RowStep, ref Unsafe.Add(ref _gradient, column), gradientStep, _strip.Columns, ref c, padded, ref c, padded);
    }
}
