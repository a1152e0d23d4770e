using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>A matrix in memory: the first element, and the distances to the next row and the next column.</summary>
internal readonly ref struct Strided(ref float first, nint row, nint column)
{
    private readonly ref float _first = ref first;

    public nint Row { get; } = row;

    public nint Column { get; } = column;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float At(nint row, nint column) => ref Unsafe.Add(ref _first, row * Row + column * Column);

    /// <summary>The matrix without the rows and columns before these.</summary>
    public Strided From(nint row, nint column) => new(ref At(row, column), Row, Column);
}

/// <summary>What becomes of finished sums.</summary>
internal interface ITileEnds
{
    /// <summary>Whether a sum is stored as it is, so that a tile may add up in place.</summary>
    static abstract bool IsStore { get; }

    /// <summary>Asks for what <see cref="Finish"/> will read for a tile, where that is more than the caches hold.</summary>
    void Prefetch(nint row, nint column, int rows, int width);

    /// <summary>Takes the finished sums of a block; where the row ends within it, only those of the row.</summary>
    void Finish<TBlock>(TBlock sum, nint row, nint column) where TBlock : struct, IBlock<TBlock>;

    /// <summary>Called when all of these rows and columns are finished.</summary>
    void Complete(nint row, int rows, nint column, int columns);
}

/// <summary>
/// <c>C = start + A B</c>, each element one chain of multiply-adds along the depth in ascending order, however the work is
/// cut. A small product reads its factors where they lie. A large one goes along the depth in panels: B is copied in strips as
/// wide as a tile, and a block of rows goes through all strips while it lies in the second-level cache. Between panels the sums
/// wait in C.
/// </summary>
/// <param name="a">The left factor, [rows, depth].</param>
/// <param name="b">The right factor, [depth, columns].</param>
/// <param name="start">What sums begin with; a distance of zero repeats a row, which is not c then; the default, no matrix, stands for zeros.</param>
/// <param name="c">The result, [rows, columns], rows without gaps.</param>
/// <param name="ends">What becomes of finished sums.</param>
/// <param name="rows">The rows of the result.</param>
/// <param name="columns">The columns of the result.</param>
/// <param name="readable">How many floats of each row of B, and of start, may be read: more than columns where rows are padded.</param>
/// <param name="depth">What is summed over.</param>
/// <param name="holdsSums">Whether c may hold sums that are not finished.</param>
/// <param name="lanes">The lanes of the blocks that compute it.</param>
internal ref struct Product<TEnds>(
    Strided a, Strided b, Strided start, Strided c, TEnds ends, int rows, int columns, int readable, int depth, bool holdsSums, int lanes) : IBlockOperation, IPartedRows
    where TEnds : struct, ITileEnds, allows ref struct
{
    /// <summary>The depth of a panel: deep enough that the ends of a tile, and the sums that wait in C, cost little; a strip streams from the second-level cache.</summary>
    public const int PanelDepth = 1024;

    /// <summary>The rows of a block: 192 KB of A, and still enough blocks for every thread.</summary>
    public const int BlockRows = 48;

    /// <summary>So few rows are one block, and threads divide its columns.</summary>
    public const int FewRows = 96;

    /// <summary>From this many columns on, a transposed A is copied: its steps lie far apart, and every strip of B reads them anew.</summary>
    private const int LeastColumnsToCopyA = 192;

    /// <summary>So many strips of B are copied side by side, and lines asked for so many rows ahead.</summary>
    private const int StripsTogether = 4, RowsAhead = 8;

    /// <summary>A first-level cache of 32 KB; larger ones have more ways, not more sets.</summary>
    private const int SetsOfCache = 64, WaysOfCache = 8;

    /// <summary>A second-level cache of 1 MB.</summary>
    private const int SetsOfSecondCache = 1024, WaysOfSecondCache = 16;

    /// <summary>So small a C need not be asked for: it lies in the nearer caches.</summary>
    private const int SmallResult = 1 << 16;

    /// <summary>Half of a second-level cache: what the ends read beside so large a C, or for it, comes from beyond.</summary>
    private const int LargeResult = 1 << 17;

    private readonly Strided _a = a;
    private readonly TEnds _ends = ends;
    private Strided _b = b, _start = start, _c = c;
    private int _columns = columns, _readable = readable, _offset, _part;

    /// <summary>The size of C.</summary>
    public readonly int Rows => rows;

    /// <inheritdoc cref="Rows"/>
    public readonly int Columns => _columns;

    /// <summary>What is summed over.</summary>
    public readonly int Depth => depth;

    /// <summary>The lanes of the blocks that compute it.</summary>
    public readonly int Lanes => lanes;

    /// <inheritdoc/>
    public int RowsOfPart { private get; set; }

    /// <summary>The multiply-adds of a row.</summary>
    public readonly long WorkOfRow => (long)_columns * depth;

    /// <summary>The depth of the panels: all of it where C cannot hold unfinished sums.</summary>
    public readonly int PanelLength => holdsSums ? Math.Min(depth, PanelDepth) : depth;

    /// <summary>Whether what a tile reads of B in one step and in the next lies far apart, or all that it reads is spread widely.</summary>
    public readonly bool IsSpread(int distance, int spread) => _b.Row >= distance || _b.Row * depth >= spread || _b.Column > 1;

    /// <summary>
    /// Whether the lines of a strip of B fill half of each set of the first-level cache that they fall into, which are few where rows are a multiple of a
    /// power of two apart: beside those of A they push one another out.
    /// </summary>
    public readonly bool CrowdsSets => depth >= SetsOfRows(SetsOfCache) * WaysOfCache / 2;

    /// <summary>Whether they fill each set of the second-level cache that they fall into, so that a tile finds little of what the one before it read.</summary>
    public readonly bool FillsSets => depth >= SetsOfRows(SetsOfSecondCache) * WaysOfSecondCache;

    /// <summary>How many of a cache's sets the beginnings of B's rows fall into.</summary>
    private readonly int SetsOfRows(int sets) => sets / Math.Clamp((int)(_b.Row & -_b.Row) / Tiles.FloatsOfLine, 1, sets);

    /// <summary>
    /// Whether tiles that ask for B ahead read it where it lies as fast as a copy: its columns are side by side, and its rows not on one or two places of
    /// a page, where what is asked for falls into the same sets of the first-level cache and is gone before it is read.
    /// </summary>
    public readonly bool ReadsInPlace => _b.Column == 1 && Tiles.IsSpread(_b.Row, Tiles.Page / 2);

    /// <summary>Whether the values of a column of A lie side by side.</summary>
    public readonly bool IsTransposed => _a.Row == 1;

    /// <summary>The columns of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Width<TBlock>() where TBlock : struct, IBlock<TBlock> => TBlock.Registers >= 32 ? 2 * TBlock.Count : TBlock.Count;

    /// <summary>The same product, of these columns only.</summary>
    public readonly Product<TEnds> ColumnsFrom(int first, int count)
    {
        Product<TEnds> part = this;
        part._b = _b.From(0, first);
        part._start = _start.From(0, first);
        part._c = _c.From(0, first);
        part._offset = _offset + first;
        part._columns = count;
        part._readable = first + count == _columns ? _readable - first : count;
        return part;
    }

    /// <inheritdoc/>
    public readonly void RunPart(int part)
    {
        Product<TEnds> copy = this;
        copy._part = part;
        copy.RunWhole();
    }

    /// <inheritdoc/>
    public void RunWhole() => BlockDispatch.Run(ref this, lanes);

    /// <inheritdoc/>
    public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
    {
        // Rows of a small product, with B where it lies.
        int first = _part * RowsOfPart, count = Math.Min(RowsOfPart, rows - first);
        AllColumns<TBlock>(first, count);
        _ends.Complete(first, count, _offset, _columns);
    }

    /// <summary>
    /// All columns of these rows. The last ones, where they are no whole block, are computed together with some of
    /// those before them a second time; only where a sum must not be begun or finished twice they are copied.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    private readonly void AllColumns<TBlock>(int first, int count) where TBlock : struct, IBlock<TBlock>
    {
        int width = Width<TBlock>();
        int whole = _b.Column == 1 ? _readable / TBlock.Count * TBlock.Count : 0;
        var left = new Left(_a.From(first, 0), first);
        bool mayRepeat = TEnds.IsStore && _start.Row == 0 && whole > 0;
        for (int column = 0; column < _columns; column += width)
        {
            // A block that lies in memory is not copied beside one that does not.
            if (column < whole) width = Math.Min(width, whole - column);
            bool wide = width > TBlock.Count && _columns - column > TBlock.Count;
            if (column < whole)
            {
                Column<TBlock>(left, count, ref _b.At(0, column), _b.Row, depth, column, wide, isFirst: true, isLast: true);
                continue;
            }
            if (mayRepeat)
            {
                LastColumns(left, count, _columns - column);
                break;
            }
            Copied<TBlock>(left, count, column, width, wide);
        }
    }

    /// <summary>The last columns, in blocks of the fewest lanes that hold them: where those are less than 16, loads and multiply-adds of some processors take half the time.</summary>
    [MethodImpl(Jit.Kernel)]
    private readonly unsafe void LastColumns(in Left left, int count, int columns)
    {
        // Not copied, only pointed to: both lie on this thread's stack for as long as this takes.
        int lanesOfLast = SumOrder.Lanes(columns);
        var operation = new LastOperation(Unsafe.AsPointer(ref Unsafe.AsRef(in this)), Unsafe.AsPointer(ref Unsafe.AsRef(in left)), count, _columns - lanesOfLast);
        BlockDispatch.Run(ref operation, lanesOfLast);
    }

    /// <summary>One strip of B, by way of a copy.</summary>
    [MethodImpl(Jit.Kernel)]
    private readonly void Copied<TBlock>(in Left left, int count, int column, int width, bool wide) where TBlock : struct, IBlock<TBlock>
    {
        using Workspace.Lease lease = Workspace.Rent(depth * width);
        ref float strip = ref MemoryMarshal.GetReference(lease.Span);
        Pack<TBlock>(0, depth, column, width, ref strip);
        Column<TBlock>(left, count, ref strip, width, depth, column, wide, isFirst: true, isLast: true);
    }

    /// <summary>Copies the columns from first on of a panel of B in strips of the width of a tile.</summary>
    [MethodImpl(Jit.Kernel)]
    public readonly void PackColumns<TBlock>(int top, int length, int first, int count, ref float panel) where TBlock : struct, IBlock<TBlock>
    {
        int width = Width<TBlock>(), column = first, whole = Math.Min(first + count, _readable);
        for (; _b.Column == 1 && column <= whole - StripsTogether * width; column += StripsTogether * width)
            PackStrips<TBlock>(ref _b.At(top, column), length, width, ref Unsafe.Add(ref panel, (nint)column * length));
        for (; column < first + count; column += width)
            Pack<TBlock>(top, length, column, width, ref Unsafe.Add(ref panel, (nint)column * length));
    }

    /// <summary>Copies neighbouring strips row by row: of one strip alone a row is a line or two, and the next one may lie on another page.</summary>
    [MethodImpl(Jit.Kernel)]
    private readonly void PackStrips<TBlock>(ref float source, int length, nint width, ref float strip) where TBlock : struct, IBlock<TBlock>
    {
        nint row = _b.Row, distance = width * length;
        for (int k = 0; k < length; k++)
        {
            // Rows may lie a page apart, where the processor does not foresee them.
            Tiles.Prefetch(ref source, RowsAhead * row, 0, 1, StripsTogether * (int)width);
            for (nint j = 0; j < width; j += TBlock.Count)
            {
                TBlock first = TBlock.Load(ref source, j), second = TBlock.Load(ref source, width + j);
                TBlock third = TBlock.Load(ref source, 2 * width + j), fourth = TBlock.Load(ref source, 3 * width + j);
                TBlock.Store(first, ref strip, j);
                TBlock.Store(second, ref strip, distance + j);
                TBlock.Store(third, ref strip, 2 * distance + j);
                TBlock.Store(fourth, ref strip, 3 * distance + j);
            }
            source = ref Unsafe.Add(ref source, row);
            strip = ref Unsafe.Add(ref strip, width);
        }
    }

    /// <summary>A block of rows against a whole copy of B, panel by panel.</summary>
    [MethodImpl(Jit.Kernel)]
    public readonly void RunPacked<TBlock>(int first, int count, PackedMatrix packed) where TBlock : struct, IBlock<TBlock>
    {
        for (int top = 0; top < depth; top += PanelDepth)
        {
            int length = Math.Min(PanelDepth, depth - top);
            RunBlock<TBlock>(first, count, top, length, ref packed.Panel(top, length, _offset));
        }
    }

    /// <summary>A block of rows against a copied panel of B.</summary>
    [MethodImpl(Jit.Kernel)]
    public readonly void RunBlock<TBlock>(int first, int count, int top, int length, ref float panel) where TBlock : struct, IBlock<TBlock>
    {
        int width = Width<TBlock>();
        bool isLast = top + length == depth;
        bool copies = _a.Row == 1 && _columns >= LeastColumnsToCopyA && length <= PanelDepth;
        int step = copies ? (count + Tiles.FloatsOfLine - 1) / Tiles.FloatsOfLine * Tiles.FloatsOfLine : 0;
        using Workspace.Lease lease = Workspace.Rent(step * length);
        var left = copies ? PackRows(first, count, top, length, step, lease.Span) : new Left(_a.From(first, top), first);
        for (int column = 0; column < _columns; column += width)
            Column<TBlock>(left, count, ref Unsafe.Add(ref panel, (nint)column * length), width, length, column, width > TBlock.Count && _columns - column > TBlock.Count, top == 0, isLast);
        if (isLast) _ends.Complete(first, count, _offset, _columns);
    }

    /// <summary>All rows of a block against one strip of B.</summary>
    [MethodImpl(Jit.Kernel)]
    private readonly void Column<TBlock>(in Left left, int count, ref float b, nint bStep, int length, int column, bool wide, bool isFirst, bool isLast)
        where TBlock : struct, IBlock<TBlock>
    {
        int tall = TallColumn<TBlock>(left, count, ref b, bStep, length, column, wide, isFirst, isLast);
        for (int row = tall, rows; row < count; row += rows)
        {
            rows = Tiles.RowsOfTile<TBlock>(count - row, wide, left.IsSpread);
            Tile<TBlock>(left, ref b, bStep, length, row, rows, column, wide, isFirst, isLast);
        }
    }

    /// <summary>As many of these rows as tall tiles whose sums are stored as they are take; returns how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int TallColumn<TBlock>(in Left left, int count, ref float b, nint bStep, int length, int column, bool wide, bool isFirst, bool isLast)
        where TBlock : struct, IBlock<TBlock>
    {
        if (TBlock.Registers < 8 || !(TEnds.IsStore || !isLast) || column + (wide ? 2 : 1) * TBlock.Count > _columns) return 0;
        int narrow = Tiles.RowsOfNarrow<TBlock>(count, wide, left.A.Row, left.A.Column, length, left.IsSpread), tiles = Tiles.TallTilesOf<TBlock>(count, wide, left.IsSpread);
        if (narrow == 0 && tiles == 0) return 0;
        bool asks = (long)rows * _columns > SmallResult;
        Strided from = isFirst ? _start : _c;
        ref float source = ref from.At(left.First, column);
        ref float sums = ref _c.At(left.First, column);
        if (narrow > 0)
        {
            Tiles.Narrow<TBlock>(narrow, wide, ref left.A.At(0, 0), left.A.Row, left.A.Column, ref b, bStep, length, ref source, from.Row, ref sums, _c.Row);
            return narrow;
        }
        if (TBlock.Registers < 32) Tiles.SixRows<TBlock>(tiles, ref left.A.At(0, 0), left.A.Row, left.A.Column, ref b, bStep, length, ref source, from.Row, ref sums, _c.Row, asks);
        else if (wide) Tiles.TallTiles<TBlock, Twelve, Two>(tiles, ref left.A.At(0, 0), left.A.Row, left.A.Column, ref b, bStep, length, ref source, from.Row, ref sums, _c.Row, asks);
        else Tiles.TallTiles<TBlock, Sixteen, One>(tiles, ref left.A.At(0, 0), left.A.Row, left.A.Column, ref b, bStep, length, ref source, from.Row, ref sums, _c.Row, asks);
        return tiles * Tiles.RowsOfTall<TBlock>(wide);
    }

    [MethodImpl(Jit.Kernel)]
    private readonly void Tile<TBlock>(in Left left, ref float b, nint bStep, int length, int row, int rowsOfTile, int column, bool wide, bool isFirst, bool isLast)
        where TBlock : struct, IBlock<TBlock>
    {
        ref float a = ref left.A.At(row, 0);
        row += left.First;
        Strided from = isFirst ? _start : _c;
        ref float source = ref from.At(row, column);
        int width = wide ? 2 * TBlock.Count : TBlock.Count;
        bool fits = column + width <= _columns;
        if (fits && (!isLast || TEnds.IsStore))
        {
            if ((long)rows * _columns > SmallResult) Tiles.Prefetch(ref _c.At(row, column), rowsOfTile * _c.Row, _c.Row, rowsOfTile, width);
            Tiles.Product<TBlock>(rowsOfTile, wide, ref a, left.A.Row, left.A.Column, ref b, bStep, length, ref source, from.Row, ref _c.At(row, column), _c.Row);
            return;
        }
        AtEdge<TBlock>(ref a, left.A.Row, left.A.Column, ref b, bStep, length, row, rowsOfTile, column, wide, ref source, from.Row, isLast, isWhole: fits || from.Column == 0 || (isFirst && _readable > _columns));
    }

    /// <summary>A tile whose sums go by way of memory: they are not finished by storing them, or some lie beyond the end of a row.</summary>
    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    private readonly void AtEdge<TBlock>(
        ref float a, nint aRow, nint aStep, ref float b, nint bStep, int length, int row, int rowsOfTile, int column, bool wide, ref float start, nint startRow, bool isLast, bool isWhole)
        where TBlock : struct, IBlock<TBlock>
    {
        Unsafe.SkipInit(out TileSums buffer);
        ref float sums = ref buffer.Aligned;
        int width = wide ? 2 * TBlock.Count : TBlock.Count;
        var store = new StoreEnds(_c, _columns);
        ref float from = ref sums;
        if (isWhole)
        {
            from = ref start;
        }
        else
        {
            for (int i = 0; i < rowsOfTile; i++)
            {
                for (int j = 0; j < width; j += TBlock.Count)
                {
                    int rest = Math.Clamp(_columns - column - j, 0, TBlock.Count);
                    TBlock.Store(TBlock.LoadPartial(in start, i * startRow + j, rest), ref sums, i * width + j);
                }
            }
            startRow = width;
        }
        if (isLast && (long)rows * _columns > LargeResult) _ends.Prefetch(row + rowsOfTile, _offset + column, rowsOfTile, width);
        Tiles.Product<TBlock>(rowsOfTile, wide, ref a, aRow, aStep, ref b, bStep, length, ref from, startRow, ref sums, width);
        if (isLast) Tiles.Finish<TBlock, TEnds>(ref sums, rowsOfTile, width / TBlock.Count, _ends, row, _offset + column);
        else Tiles.Finish<TBlock, StoreEnds>(ref sums, rowsOfTile, width / TBlock.Count, store, row, column);
    }

    /// <summary>Copies a block of a transposed A: the values of one step come to lie side by side.</summary>
    [MethodImpl(Jit.Kernel)]
    private readonly Left PackRows(int first, int count, int top, int length, int step, Span<float> target)
    {
        for (int k = 0; k < length; k++) MemoryMarshal.CreateReadOnlySpan(ref _a.At(first, top + k), count).CopyTo(target[(k * step)..]);
        return new Left(new Strided(ref target[0], 1, step), first);
    }

    /// <summary>Copies one strip of B; what is missing in its width becomes zero.</summary>
    [MethodImpl(Jit.Kernel)]
    private readonly void Pack<TBlock>(int top, int length, int column, int width, ref float strip) where TBlock : struct, IBlock<TBlock>
    {
        int count = Math.Min(width, _readable - column);
        int second = count - TBlock.Count;
        ref float source = ref _b.At(top, column);
        ref float target = ref strip;
        if (_b.Column != 1)
        {
            // A transposed B, whose rows are 1 apart.
            if (count < width) MemoryMarshal.CreateSpan(ref target, width * length).Clear();
            TransposeKernel.Run(ref source, _b.Column, count, length, ref target, width);
            return;
        }
        nint row = _b.Row;
        for (int k = 0; k < length; k++)
        {
            TBlock.Store(second >= 0 ? TBlock.Load(ref source, 0) : TBlock.LoadPartial(ref source, 0, count), ref target, 0);
            if (width > TBlock.Count)
            {
                TBlock block = second >= TBlock.Count ? TBlock.Load(ref source, TBlock.Count)
                    : second > 0 ? TBlock.LoadPartial(ref source, TBlock.Count, second) : TBlock.Zero;
                TBlock.Store(block, ref target, TBlock.Count);
            }
            source = ref Unsafe.Add(ref source, row);
            target = ref Unsafe.Add(ref target, width);
        }
    }

    private readonly unsafe ref struct LastOperation(void* product, void* left, int count, int column) : IBlockOperation
    {
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            ref Product<TEnds> last = ref Unsafe.AsRef<Product<TEnds>>(product);
            last.Column<TBlock>(Unsafe.AsRef<Left>(left), count, ref last._b.At(0, column), last._b.Row, last.Depth, column, wide: false, isFirst: true, isLast: true);
        }
    }

    /// <summary>Rows of A, in place or copied, from row First of the product on.</summary>
    private readonly ref struct Left(Strided a, int first)
    {
        public Strided A
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get;
        } = a;

        public int First { get; } = first;

        /// <summary>Whether twelve rows fall into different sets of the first-level cache.</summary>
        public bool IsSpread { get; } = a.Row == 1 || Tiles.IsSpread(a.Row, Tiles.Page);
    }
}

/// <summary>Sums are stored as they are.</summary>
internal readonly ref struct StoreEnds(Strided c, int columns) : ITileEnds
{
    private readonly Strided _c = c;

    public static bool IsStore => true;

    public void Prefetch(nint row, nint column, int rows, int width)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Finish<TBlock>(TBlock sum, nint row, nint column) where TBlock : struct, IBlock<TBlock>
    {
        nint rest = columns - column;
        if (rest >= TBlock.Count) TBlock.Store(sum, ref _c.At(row, column), 0);
        else if (rest > 0) TBlock.StorePartial(sum, ref _c.At(row, column), 0, (int)rest);
    }

    public void Complete(nint row, int rows, nint column, int columns)
    {
    }
}
