using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// <c>C = A B</c> for any strides. B is copied, a panel of one or two blocks of columns and up to 256 rows at a time, so
/// that the tile reads it in order from the first-level cache. Each result is one chain along the depth in ascending
/// order, taken up from C where a panel ends.
/// </summary>
internal static class MatrixProductKernel
{
    private const int PanelDepth = 256;
    private const int PanelFloats = PanelDepth * 32;

    public static void Run<TBlock>(
        ref float a, nint aRow, nint aStep, ref float b, nint bRow, nint bColumn, bool accumulate,
        ref float c, nint cRow, int rows, int columns, int depth)
        where TBlock : struct, IBlock<TBlock>
    {
        using Workspace.Lease lease = Workspace.Rent(PanelFloats);
        ref float panel = ref lease.Span[0];
        int width = TBlock.Registers >= 32 ? 2 * TBlock.Count : TBlock.Count;
        for (int start = 0; start < depth || start == 0; start += PanelDepth)
        {
            int length = Math.Min(PanelDepth, depth - start);
            for (int column = 0; column < columns; column += width)
            {
                int count = Math.Min(width, columns - column);
                Pack(ref Unsafe.Add(ref b, start * bRow + column * bColumn), bRow, bColumn, length, count, width, ref panel);
                var ends = new Ends(ref c, cRow, columns, accumulate || start > 0);
                ref float first = ref Unsafe.Add(ref a, start * aStep);
                bool wide = count > TBlock.Count;
                int row = 0;
                if (TBlock.Registers >= 32)
                {
                    for (; row <= rows - 8; row += 8) Tile<TBlock, Eight>(ref first, aRow, aStep, ref panel, width, length, ends, row, column, wide);
                }
                else if (TBlock.Registers >= 8)
                {
                    for (; row <= rows - 6; row += 6) Tile<TBlock, Six>(ref first, aRow, aStep, ref panel, width, length, ends, row, column, wide);
                }
                if (TBlock.Registers >= 8)
                {
                    for (; row <= rows - 4; row += 4) Tile<TBlock, Four>(ref first, aRow, aStep, ref panel, width, length, ends, row, column, wide);
                }
                for (; row <= rows - 2; row += 2) Tile<TBlock, Two>(ref first, aRow, aStep, ref panel, width, length, ends, row, column, wide);
                for (; row < rows; row++) Tile<TBlock, One>(ref first, aRow, aStep, ref panel, width, length, ends, row, column, wide);
            }
        }
    }

    private static void Tile<TBlock, TRows>(
        ref float a, nint aRow, nint aStep, ref float panel, nint width, int length, Ends ends, int row, int column, bool wide)
        where TBlock : struct, IBlock<TBlock>
        where TRows : struct, IConstant
    {
        ref float first = ref Unsafe.Add(ref a, row * aRow);
        if (wide) Tiles.Product<TBlock, TRows, Two, Ends>(ref first, aRow, aStep, ref panel, width, length, ends, row, column);
        else Tiles.Product<TBlock, TRows, One, Ends>(ref first, aRow, aStep, ref panel, width, length, ends, row, column);
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
