using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>A number known to the JIT, so that the accumulators of a tile are registers and its branches vanish.</summary>
internal interface IConstant
{
    static abstract int Value { get; }
}

internal readonly struct One : IConstant { public static int Value => 1; }
internal readonly struct Two : IConstant { public static int Value => 2; }
internal readonly struct Three : IConstant { public static int Value => 3; }
internal readonly struct Four : IConstant { public static int Value => 4; }
internal readonly struct Six : IConstant { public static int Value => 6; }
internal readonly struct Eight : IConstant { public static int Value => 8; }
internal readonly struct Twelve : IConstant { public static int Value => 12; }
internal readonly struct Sixteen : IConstant { public static int Value => 16; }

/// <summary>
/// The register tiles that every product is made of. Sums run along <c>depth</c> in ascending order, one chain of
/// multiply-adds for each result.
/// </summary>
internal static partial class Tiles
{
    /// <summary>A cache line.</summary>
    public const int FloatsOfLine = 16;

    /// <summary>For so many steps ahead a tile of two blocks, each a whole line, asks for b: there the load units have time for it.</summary>
    private const int StepsAhead = 12;

    /// <summary>Where there are fewer steps, too much of what is asked for is never read.</summary>
    private const int LeastDepthToAsk = 64;

    /// <summary>Rows of b that lie closer, in floats, the processor foresees: asking for them takes the load units' time.</summary>
    private const int LeastDistanceToAsk = 256;

    /// <summary>The floats of a page. Lines a page apart share a set of the first-level cache, half a page apart two; rows shifted by less than <see cref="LeastShift"/> stay in them for too many steps.</summary>
    public const int Page = 1024;

    private const int LeastShift = 4;

    /// <summary>As many zeros as the widest tile has columns.</summary>
    private static ReadOnlySpan<float> Zeros => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>The rows of the next tile: the most that registers hold, a tall tile's where smaller ones take what it leaves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RowsOfTile<TBlock>(int count, bool wide, bool isSpread) where TBlock : struct, IBlock<TBlock>
    {
        if (IsNarrow<TBlock>() && !wide && isSpread && count >= NarrowRows) return count >= 2 * NarrowRows ? 2 * NarrowRows : NarrowRows;
        if (TallTilesOf<TBlock>(count, wide, isSpread) > 0) return RowsOfTall<TBlock>(wide);
        if (TBlock.Registers >= 32 && count >= 8) return 8;
        return TBlock.Registers >= 8 && count >= 4 ? 4 : count >= 2 ? 2 : 1;
    }

    /// <summary>Whether rows so far apart do not all lie on the same places of pages, or of parts of a page.</summary>
    public static bool IsSpread(nint row, int page) => Math.Abs((int)(row + page / 2) % page - page / 2) >= LeastShift;

    /// <summary>The tile of so many rows, and of two blocks or one.</summary>
    /// <inheritdoc cref="Product{TBlock, TRows, TColumns}" path="/param"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Product<TBlock>(
        int rows, bool wide, ref float a, nint aRow, nint aStep, ref float b, nint bStep, nint depth, ref float start, nint startRow, ref float sums, nint sumsRow)
        where TBlock : struct, IBlock<TBlock>
    {
        if (TBlock.Registers >= 32 && wide) Product<TBlock, Two>(rows, ref a, aRow, aStep, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow);
        else Product<TBlock, One>(rows, ref a, aRow, aStep, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Product<TBlock, TColumns>(
        int rows, ref float a, nint aRow, nint aStep, ref float b, nint bStep, nint depth, ref float start, nint startRow, ref float sums, nint sumsRow)
        where TBlock : struct, IBlock<TBlock>
        where TColumns : struct, IConstant
    {
        if (TColumns.Value == 1 && IsNarrow<TBlock>() && rows >= NarrowRows && RowsOfNarrow<TBlock>(rows, wide: false, aRow, aStep, depth, isSpread: true) == rows) Narrow<TBlock>(rows, wide: false, ref a, aRow, aStep, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow);
        else if (TBlock.Registers >= 32 && rows == 12) TallTiles<TBlock, Twelve, TColumns>(1, ref a, aRow, aStep, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow, asks: false);
        else if (TBlock.Registers >= 32 && TColumns.Value == 1 && rows % 16 == 0) TallTiles<TBlock, Sixteen, One>(rows / 16, ref a, aRow, aStep, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow, asks: false);
        else if (TBlock.Registers >= 32 && rows == 8) Product<TBlock, Eight, TColumns>(ref a, aRow, aStep, 1, 0, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow);
        else if (TBlock.Registers is >= 8 and < 32 && rows == 6) SixRows<TBlock>(1, ref a, aRow, aStep, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow, asks: false);
        else if (TBlock.Registers >= 8 && rows == 4) Product<TBlock, Four, TColumns>(ref a, aRow, aStep, 1, 0, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow);
        else if (rows == 2) Product<TBlock, Two, TColumns>(ref a, aRow, aStep, 1, 0, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow);
        else Product<TBlock, One, TColumns>(ref a, aRow, aStep, 1, 0, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow);
    }

    /// <summary>
    /// <c>sums[r, c] = start[r, c] + Σ_k a[r, k] b[k, c]</c> for a tile of rows and blocks of columns. One value of a
    /// is broadcast and meets one or two blocks of b: for 8 x 2 blocks that is 10 loads for 16 multiply-adds, so the
    /// two multiply-add units are the limit, not the two load units. Start and sums may be the same memory; where start is a null reference, sums begin with zero. The values of a lie in
    /// segments of <c>depth</c> steps, b's follow one another: a window of an image is a segment for each of its rows.
    /// </summary>
    /// <remarks>
    /// Beginnings and sums go through memory, because nothing else may happen in this method: had it to call or inline what
    /// becomes of sixteen sums, the JIT would stop inlining, or keep some of them in memory during the loop.
    /// </remarks>
    [MethodImpl(Jit.Kernel)]
    public static void Product<TBlock, TRows, TColumns>(
        ref float a, nint aRow, nint aStep, nint segments, nint segmentStep, ref float b, nint bStep, nint depth, ref float start, nint startRow, ref float sums, nint sumsRow)
        where TBlock : struct, IBlock<TBlock>
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        if (Unsafe.IsNullRef(ref start))
        {
            start = ref MemoryMarshal.GetReference(Zeros);
            startRow = 0;
        }
        TBlock c00 = TBlock.Load(in start, 0), c01 = default;
        TBlock c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        TBlock c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default;
        if (TColumns.Value > 1) c01 = TBlock.Load(in start, TBlock.Count);
        if (TRows.Value > 1)
        {
            start = ref Unsafe.Add(ref start, startRow);
            c10 = TBlock.Load(in start, 0);
            if (TColumns.Value > 1) c11 = TBlock.Load(in start, TBlock.Count);
        }
        if (TRows.Value > 2)
        {
            start = ref Unsafe.Add(ref start, startRow);
            c20 = TBlock.Load(in start, 0);
            if (TColumns.Value > 1) c21 = TBlock.Load(in start, TBlock.Count);
            start = ref Unsafe.Add(ref start, startRow);
            c30 = TBlock.Load(in start, 0);
            if (TColumns.Value > 1) c31 = TBlock.Load(in start, TBlock.Count);
        }
        if (TRows.Value > 4)
        {
            start = ref Unsafe.Add(ref start, startRow);
            c40 = TBlock.Load(in start, 0);
            if (TColumns.Value > 1) c41 = TBlock.Load(in start, TBlock.Count);
            start = ref Unsafe.Add(ref start, startRow);
            c50 = TBlock.Load(in start, 0);
            if (TColumns.Value > 1) c51 = TBlock.Load(in start, TBlock.Count);
        }
        if (TRows.Value > 6)
        {
            start = ref Unsafe.Add(ref start, startRow);
            c60 = TBlock.Load(in start, 0);
            if (TColumns.Value > 1) c61 = TBlock.Load(in start, TBlock.Count);
            start = ref Unsafe.Add(ref start, startRow);
            c70 = TBlock.Load(in start, 0);
            if (TColumns.Value > 1) c71 = TBlock.Load(in start, TBlock.Count);
        }

        // Two pointers and three distances reach eight rows: more would not fit the general registers.
        nint a2 = 2 * aRow, a3 = 3 * aRow;
        ref float upper = ref a;
        ref float lower = ref Unsafe.Add(ref a, 4 * aRow);
        segmentStep -= depth * aStep;
        bStep *= sizeof(float);

        // Rows of b may lie on a page each, where the processor foresees nothing.
        nint ahead = depth >= LeastDepthToAsk && bStep >= LeastDistanceToAsk * sizeof(float) ? StepsAhead * bStep : 0;
        for (; segments > 0; segments--)
        {
            nint pairs = aStep == 1 ? depth >> 1 : 0;
            for (nint pair = pairs; pair != 0; pair--)
            {
                Step<TBlock, TRows, TColumns>(ref upper, ref lower, 0, aRow, a2, a3, ref b, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51, ref c60, ref c61, ref c70, ref c71);
                if (TColumns.Value > 1 && ahead != 0) PrefetchBlocks(ref b, ahead);
                b = ref Unsafe.AddByteOffset(ref b, bStep);
                Step<TBlock, TRows, TColumns>(ref upper, ref lower, 1, aRow, a2, a3, ref b, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51, ref c60, ref c61, ref c70, ref c71);
                if (TColumns.Value > 1 && ahead != 0) PrefetchBlocks(ref b, ahead);
                b = ref Unsafe.AddByteOffset(ref b, bStep);
                upper = ref Unsafe.Add(ref upper, 2);
                lower = ref Unsafe.Add(ref lower, 2);
            }
            for (nint step = depth - 2 * pairs; step != 0; step--)
            {
                Step<TBlock, TRows, TColumns>(ref upper, ref lower, 0, aRow, a2, a3, ref b, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51, ref c60, ref c61, ref c70, ref c71);
                upper = ref Unsafe.Add(ref upper, aStep);
                lower = ref Unsafe.Add(ref lower, aStep);
                b = ref Unsafe.AddByteOffset(ref b, bStep);
            }
            upper = ref Unsafe.Add(ref upper, segmentStep);
            lower = ref Unsafe.Add(ref lower, segmentStep);
        }

        TBlock.Store(c00, ref sums, 0);
        if (TColumns.Value > 1) TBlock.Store(c01, ref sums, TBlock.Count);
        if (TRows.Value > 1)
        {
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c10, ref sums, 0);
            if (TColumns.Value > 1) TBlock.Store(c11, ref sums, TBlock.Count);
        }
        if (TRows.Value > 2)
        {
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c20, ref sums, 0);
            if (TColumns.Value > 1) TBlock.Store(c21, ref sums, TBlock.Count);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c30, ref sums, 0);
            if (TColumns.Value > 1) TBlock.Store(c31, ref sums, TBlock.Count);
        }
        if (TRows.Value > 4)
        {
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c40, ref sums, 0);
            if (TColumns.Value > 1) TBlock.Store(c41, ref sums, TBlock.Count);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c50, ref sums, 0);
            if (TColumns.Value > 1) TBlock.Store(c51, ref sums, TBlock.Count);
        }
        if (TRows.Value > 6)
        {
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c60, ref sums, 0);
            if (TColumns.Value > 1) TBlock.Store(c61, ref sums, TBlock.Count);
            sums = ref Unsafe.Add(ref sums, sumsRow);
            TBlock.Store(c70, ref sums, 0);
            if (TColumns.Value > 1) TBlock.Store(c71, ref sums, TBlock.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TBlock, TRows, TColumns>(
        ref float upper, ref float lower, nint offset, nint aRow, nint a2, nint a3, ref float b,
        ref TBlock c00, ref TBlock c01, ref TBlock c10, ref TBlock c11, ref TBlock c20, ref TBlock c21, ref TBlock c30, ref TBlock c31,
        ref TBlock c40, ref TBlock c41, ref TBlock c50, ref TBlock c51, ref TBlock c60, ref TBlock c61, ref TBlock c70, ref TBlock c71)
        where TBlock : struct, IBlock<TBlock>
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        TBlock b0 = TBlock.Load(ref b, 0);
        TBlock b1 = TColumns.Value > 1 ? TBlock.Load(ref b, TBlock.Count) : default;
        TBlock left = TBlock.Splat(Unsafe.Add(ref upper, offset));
        TBlock.Accumulate(ref c00, left, b0);
        if (TColumns.Value > 1) TBlock.Accumulate(ref c01, left, b1);
        if (TRows.Value > 1)
        {
            left = TBlock.Splat(Unsafe.Add(ref Unsafe.Add(ref upper, aRow), offset));
            TBlock.Accumulate(ref c10, left, b0);
            if (TColumns.Value > 1) TBlock.Accumulate(ref c11, left, b1);
        }
        if (TRows.Value > 2)
        {
            left = TBlock.Splat(Unsafe.Add(ref Unsafe.Add(ref upper, a2), offset));
            TBlock.Accumulate(ref c20, left, b0);
            if (TColumns.Value > 1) TBlock.Accumulate(ref c21, left, b1);
            left = TBlock.Splat(Unsafe.Add(ref Unsafe.Add(ref upper, a3), offset));
            TBlock.Accumulate(ref c30, left, b0);
            if (TColumns.Value > 1) TBlock.Accumulate(ref c31, left, b1);
        }
        if (TRows.Value > 4)
        {
            left = TBlock.Splat(Unsafe.Add(ref lower, offset));
            TBlock.Accumulate(ref c40, left, b0);
            if (TColumns.Value > 1) TBlock.Accumulate(ref c41, left, b1);
            left = TBlock.Splat(Unsafe.Add(ref Unsafe.Add(ref lower, aRow), offset));
            TBlock.Accumulate(ref c50, left, b0);
            if (TColumns.Value > 1) TBlock.Accumulate(ref c51, left, b1);
        }
        if (TRows.Value > 6)
        {
            left = TBlock.Splat(Unsafe.Add(ref Unsafe.Add(ref lower, a2), offset));
            TBlock.Accumulate(ref c60, left, b0);
            if (TColumns.Value > 1) TBlock.Accumulate(ref c61, left, b1);
            left = TBlock.Splat(Unsafe.Add(ref Unsafe.Add(ref lower, a3), offset));
            TBlock.Accumulate(ref c70, left, b0);
            if (TColumns.Value > 1) TBlock.Accumulate(ref c71, left, b1);
        }
    }

    /// <summary>Asks for the two blocks of a step so many bytes ahead, three lines where they do not begin with one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void PrefetchBlocks(ref float first, nint ahead)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0((byte*)Unsafe.AsPointer(ref first) + ahead);
        Sse.Prefetch0((byte*)Unsafe.AsPointer(ref first) + ahead + FloatsOfLine * sizeof(float));
        Sse.Prefetch0((byte*)Unsafe.AsPointer(ref first) + ahead + 2 * FloatsOfLine * sizeof(float) - 1);
    }

    /// <summary>
    /// Asks for the lines of a tile that begins <paramref name="offset"/> floats after <paramref name="first"/>, so that the next
    /// tile need not wait for where its sums lie. Memory that does not exist is not touched. Where there is no such instruction,
    /// nothing happens.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch(ref float first, nint offset, nint row, int rows, int width)
    {
        if (!Sse.IsSupported) return;
        float* next = (float*)Unsafe.AsPointer(ref first) + offset;
        for (; rows > 0; rows--, next += row)
        {
            Sse.Prefetch0(next);
            if (width > FloatsOfLine) Sse.Prefetch0(next + FloatsOfLine);
            for (int j = 2 * FloatsOfLine; j < width; j += FloatsOfLine) Sse.Prefetch0(next + j);

            // Where a row does not begin with a line it ends in one more.
            Sse.Prefetch0(next + width - 1);
        }
    }

    /// <summary>Gives the sums of a tile, [rows, columns] blocks one after another, to where they go.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Finish<TBlock, TEnds>(ref float sums, int rows, int columns, TEnds ends, nint row, nint column)
        where TBlock : struct, IBlock<TBlock>
        where TEnds : struct, ITileEnds, allows ref struct
    {
        nint width = columns * TBlock.Count;
        for (nint j = 0; j < width; j += TBlock.Count)
        {
            ref float sum = ref Unsafe.Add(ref sums, j);
            for (nint i = row; i < row + rows; i++)
            {
                ends.Finish(TBlock.Load(in sum, 0), i, column + j);
                sum = ref Unsafe.Add(ref sum, width);
            }
        }
    }
}

/// <summary>Room for the sums of the largest tile, 24 blocks of 16 floats, at a multiple of 64 bytes.</summary>
[InlineArray(Length + 15)]
internal struct TileSums
{
    /// <summary>The aligned floats.</summary>
    public const int Length = 24 * 16;

    private float _first;

    /// <summary>The first aligned float of a local: what lies on the stack does not move.</summary>
    public ref float Aligned
    {
        [UnscopedRef]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Align(ref _first);
    }

    /// <summary>The first float at a multiple of 64 bytes from a local's first float on, fifteen behind it at the most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe ref float Align(ref float local) => ref Unsafe.AsRef<float>((void*)(((nint)Unsafe.AsPointer(ref local) + 63) & ~(nint)63));
}
