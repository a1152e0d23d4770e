using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// <c>C = A B</c> for any strides. B is copied, a panel of one or two blocks of columns and up to 256 rows at a time, so
/// that the tile reads it in order from the first-level cache; a large A as well, a block of rows at a time. Each result
/// is one chain along the depth in ascending order, taken up from C where a panel ends.
/// </summary>
internal static class MatrixProductKernel
{
    private const int PanelDepth = 256;
    private const int PanelFloats = PanelDepth * 32;

    /// <summary>Rows of A that are copied at a time, where A is large: with 256 values each they lie in the second-level cache.</summary>
    private const int BlockRows = 192;

    /// <summary>Products of no greater depth go block by block too: they write more than they read, and few rows at a time stay near.</summary>
    private const int ShallowDepth = 64;

    /// <summary>From how many columns, and elements of A, copying A costs less than reading its distant rows again and again.</summary>
    private const int LeastColumns = 384, LeastElements = 1 << 16;

    public static void Run<TBlock>(
        ref float a, nint aRow, nint aStep, ref float b, nint bRow, nint bColumn, bool accumulate,
        ref float c, nint cRow, int rows, int columns, int depth)
        where TBlock : struct, IBlock<TBlock>
    {
        int width = TBlock.Registers >= 32 ? 2 * TBlock.Count : TBlock.Count, strip = TBlock.Registers >= 32 ? 8 : 6;
        bool packs = TBlock.Registers >= 8 && columns >= LeastColumns && (long)rows * depth >= LeastElements;
        int block = packs || depth <= ShallowDepth ? BlockRows : rows;
        using Workspace.Lease lease = Workspace.Rent(PanelFloats + (packs ? BlockRows * PanelDepth : 0));
        ref float panel = ref lease.Span[0];
        for (int start = 0; start < depth || start == 0; start += PanelDepth)
        {
            int length = Math.Min(PanelDepth, depth - start);
            for (int top = 0; top < rows; top += block)
            {
                int height = Math.Min(block, rows - top);
                ref float first = ref Unsafe.Add(ref a, top * aRow + start * aStep);
                var left = packs
                    ? PackRows(ref first, aRow, aStep, strip, height, length, ref lease.Span[PanelFloats])
                    : new Left(ref first, aRow, aStep, strip: 0);
                for (int column = 0; column < columns; column += width)
                {
                    int count = Math.Min(width, columns - column);
                    Pack(ref Unsafe.Add(ref b, start * bRow + column * bColumn), bRow, bColumn, length, count, width, ref panel);
                    var ends = new Ends(ref Unsafe.Add(ref c, top * cRow), cRow, columns, accumulate || start > 0);
                    Column<TBlock>(left, height, ref panel, width, length, ends, column, count > TBlock.Count);
                }
            }
        }
    }

    /// <summary>All rows of a block against one panel.</summary>
    private static void Column<TBlock>(Left left, int rows, ref float panel, nint width, int length, Ends ends, int column, bool wide)
        where TBlock : struct, IBlock<TBlock>
    {
        int row = 0;
        if (TBlock.Registers >= 32)
        {
            for (; row <= rows - 8; row += 8) Tile<TBlock, Eight>(left, rows, ref panel, width, length, ends, row, column, wide);
        }
        else if (TBlock.Registers >= 8)
        {
            for (; row <= rows - 6; row += 6) Tile<TBlock, Six>(left, rows, ref panel, width, length, ends, row, column, wide);
        }
        if (TBlock.Registers >= 8)
        {
            for (; row <= rows - 4; row += 4) Tile<TBlock, Four>(left, rows, ref panel, width, length, ends, row, column, wide);
        }
        for (; row <= rows - 2; row += 2) Tile<TBlock, Two>(left, rows, ref panel, width, length, ends, row, column, wide);
        for (; row < rows; row++) Tile<TBlock, One>(left, rows, ref panel, width, length, ends, row, column, wide);
    }

    private static void Tile<TBlock, TRows>(
        Left left, int rows, ref float panel, nint width, int length, Ends ends, int row, int column, bool wide)
        where TBlock : struct, IBlock<TBlock>
        where TRows : struct, IConstant
    {
        ref float first = ref left.Row(row, rows, length, out nint aRow, out nint aStep);
        if (wide) Tiles.Product<TBlock, TRows, Two, Ends>(ref first, aRow, aStep, ref panel, width, length, ends, row, column);
        else Tiles.Product<TBlock, TRows, One, Ends>(ref first, aRow, aStep, ref panel, width, length, ends, row, column);
    }

    /// <summary>Copies a block of rows in strips as high as a tile, the values of one step side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Left PackRows(ref float first, nint row, nint step, int strip, int rows, int length, ref float target)
    {
        ref float next = ref target;
        for (int top = 0; top < rows; top += strip)
        {
            int height = Math.Min(strip, rows - top), k = 0;
            ref float upper = ref Unsafe.Add(ref first, top * row), lower = ref Unsafe.Add(ref upper, 4 * row);
            if (height == 8)
            {
                // The strip of the widest tile, without a loop inside: 1024 squared went from 65 to 68 % of the peak.
                for (; k < length; k++)
                {
                    next = upper;
                    Unsafe.Add(ref next, 1) = Unsafe.Add(ref upper, row);
                    Unsafe.Add(ref next, 2) = Unsafe.Add(ref upper, 2 * row);
                    Unsafe.Add(ref next, 3) = Unsafe.Add(ref upper, 3 * row);
                    Unsafe.Add(ref next, 4) = lower;
                    Unsafe.Add(ref next, 5) = Unsafe.Add(ref lower, row);
                    Unsafe.Add(ref next, 6) = Unsafe.Add(ref lower, 2 * row);
                    Unsafe.Add(ref next, 7) = Unsafe.Add(ref lower, 3 * row);
                    next = ref Unsafe.Add(ref next, 8);
                    upper = ref Unsafe.Add(ref upper, step);
                    lower = ref Unsafe.Add(ref lower, step);
                }
            }
            for (; k < length; k++)
            {
                for (int i = 0; i < height; i++) Unsafe.Add(ref next, i) = Unsafe.Add(ref upper, i * row);
                next = ref Unsafe.Add(ref next, height);
                upper = ref Unsafe.Add(ref upper, step);
            }
        }
        return new Left(ref target, 1, strip, strip);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(ref float b, nint bRow, nint bColumn, int length, int count, int width, ref float panel)
    {
        for (int k = 0; k < length; k++)
        {
            ref float source = ref Unsafe.Add(ref b, k * bRow);
            ref float target = ref Unsafe.Add(ref panel, k * width);
            if (bColumn == 1 && count == width)
            {
                Unsafe.CopyBlockUnaligned(ref Unsafe.As<float, byte>(ref target), ref Unsafe.As<float, byte>(ref source), (uint)(width * sizeof(float)));
                continue;
            }
            for (int j = 0; j < width; j++) Unsafe.Add(ref target, j) = j < count ? Unsafe.Add(ref source, j * bColumn) : 0;
        }
    }

    /// <summary>Rows of A where they lie, or packed in strips of so many rows; 0 where they are not.</summary>
    private readonly ref struct Left(ref float first, nint rowDistance, nint stepDistance, int strip)
    {
        private readonly ref float _first = ref first;

        /// <summary>The first value of a row, and the distances from there; the last strip is as high as there are rows.</summary>
        public ref float Row(int row, int rows, int length, out nint aRow, out nint aStep)
        {
            (aRow, aStep) = (rowDistance, stepDistance);
            if (strip == 0) return ref Unsafe.Add(ref _first, row * rowDistance);
            int top = row / strip * strip;
            aStep = Math.Min(strip, rows - top);
            return ref Unsafe.Add(ref _first, (nint)top * length + (row - top));
        }
    }

    private readonly ref struct Ends(ref float c, nint cRow, int columns, bool takesUp) : ITileEnds
    {
        private readonly ref float _c = ref c;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Start<TBlock>(nint row, nint column) where TBlock : struct, IBlock<TBlock> =>
            !takesUp ? TBlock.Zero
            : columns - column >= TBlock.Count ? TBlock.Load(in _c, row * cRow + column)
            : TBlock.LoadPartial(in _c, row * cRow + column, (int)(columns - column));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Finish<TBlock>(TBlock sum, nint row, nint column) where TBlock : struct, IBlock<TBlock>
        {
            if (columns - column >= TBlock.Count) TBlock.Store(sum, ref _c, row * cRow + column);
            else TBlock.StorePartial(sum, ref _c, row * cRow + column, (int)(columns - column));
        }
    }
}
