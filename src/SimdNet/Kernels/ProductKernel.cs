using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// Cuts a product into parts. A small one is cut by rows. For a large one, the threads first copy the first panel of B
/// together, some columns each, then take blocks of rows; a thread that finds none left copies the next panel, into a second buffer. One of few rows is
/// cut by columns.
/// </summary>
internal static class ProductKernel
{
    /// <summary>With fewer rows a copy of B would not be read often enough; fewer still are enough where its rows lie far apart or crowd the cache.</summary>
    private const int LeastRowsToCopy = 1024, LeastRowsFarApart = 32;

    /// <summary>With a smaller A, a copy of a B whose rows crowd the cache would not be read often enough.</summary>
    private const int LeastElementsWhereCrowded = 1 << 13;

    /// <summary>With fewer rows, a copy of a B whose rows fill sets of the second-level cache would not be read often enough.</summary>
    private const int LeastRowsWhereFilled = 64;

    /// <summary>From this distance on, in floats, the rows of a strip of B fall into few sets of the cache, and each on a page of its own.</summary>
    private const int FarApart = 512;

    /// <summary>Where the rows of B span so many floats, a strip lies on more pages than a processor has at hand, 64.</summary>
    private const int FarSpread = 1 << 16;

    /// <summary>A smaller B stays in the first-level cache as it is.</summary>
    private const int LeastElementsToCopy = 1 << 13;

    /// <summary>Where C holds no unfinished sums a panel is as deep as the product; a deeper one would be too large to copy.</summary>
    private const int MostDepthToCopy = 2048;

    /// <summary>
    /// Tiles of two lines ask for B ahead, and so read it where it lies as fast as a copy: until a strip no longer leaves room in the second-level cache,
    /// or a large A, whose columns lie far apart if it is transposed, is read too often.
    /// </summary>
    private const int MostDepthInPlace = 2048, MostRowsInPlace = 512, MostElementsInPlace = 1 << 17;

    /// <summary>How many columns of B are copied at a time: 4 MB a panel at the most, 8 where C holds no sums. Every block of rows reads all of it.</summary>
    private const int MostColumns = 1024;

    /// <summary>The columns of B that one thread copies before it asks again: whole strips of every width.</summary>
    private const int PartColumns = 128;

    public static void Run<TEnds>(scoped ref Product<TEnds> product) where TEnds : struct, ITileEnds, allows ref struct
    {
        bool copies = !IsDirect(ref product), isFew = product.Rows <= Product<TEnds>.FewRows;

        // Threads that divide few rows would each read all of B.
        bool sharesB = isFew && product.Columns >= 2 * product.Rows && WorkerPool.IsShared(product.WorkOfRow * product.Rows);
        if (!copies && !sharesB) WorkerPool.RunRows(ref product, product.Rows, product.WorkOfRow);
        else if (!copies || (isFew && !product.IsTransposed)) RunColumns(ref product, copies);
        else RunCopied(ref product);
    }

    // These two are not inlined: their caller would zero its memory on the stack for the smallest product.
    [MethodImpl(Jit.Kernel)]
    private static void RunColumns<TEnds>(scoped ref Product<TEnds> product, bool copies) where TEnds : struct, ITileEnds, allows ref struct
    {
        var strips = new Columns<TEnds>(product, copies);
        WorkerPool.Run(ref strips, (product.Columns + PartColumns - 1) / PartColumns, product.WorkOfRow * product.Rows);
    }

    [MethodImpl(Jit.Kernel)]
    private static void RunCopied<TEnds>(scoped ref Product<TEnds> product) where TEnds : struct, ITileEnds, allows ref struct
    {
        int columns = (Math.Min(product.Columns, MostColumns) + 31) / 32 * 32;
        int panels = product.Depth > product.PanelLength ? 2 : 1;
        int blockRows = WorkerPool.RowsOfPart(product.Rows, product.WorkOfRow * product.Rows, Product<TEnds>.BlockRows, WorkerPool.RowMultiple);
        using Workspace.Lease lease = Workspace.Rent(panels * columns * product.PanelLength);
        for (int column = 0; column < product.Columns; column += MostColumns)
        {
            var packed = new Packed<TEnds>(product.ColumnsFrom(column, Math.Min(MostColumns, product.Columns - column)), ref MemoryMarshal.GetReference(lease.Span), columns, blockRows);
            WorkerPool.Run(ref packed, packed.Parts, product.WorkOfRow * product.Rows);
        }
    }

    /// <summary>Whether B is read where it lies.</summary>
    private static bool IsDirect<TEnds>(scoped ref Product<TEnds> product) where TEnds : struct, ITileEnds, allows ref struct
    {
        if (product.Rows < LeastRowsFarApart || product.WorkOfRow < LeastElementsToCopy || product.PanelLength > MostDepthToCopy) return true;
        long left = (long)product.Rows * product.Depth;
        if (BlockDispatch.Is512 && product.Lanes == Register512.Count && product.Depth <= MostDepthInPlace
            && (left <= MostElementsInPlace || (product.Rows <= MostRowsInPlace && !product.IsTransposed)))
        {
            return product.ReadsInPlace && !(product.FillsSets && product.Rows >= LeastRowsWhereFilled);
        }
        return product.Rows < LeastRowsToCopy && !product.IsSpread(FarApart, FarSpread) && !(product.CrowdsSets && left >= LeastElementsWhereCrowded);
    }

    /// <summary>The same product, where B has been copied before; c must be able to hold sums that are not finished.</summary>
    public static void Run<TEnds>(scoped ref Product<TEnds> product, PackedMatrix packed) where TEnds : struct, ITileEnds, allows ref struct
    {
        var work = new Prepacked<TEnds>(product, packed);
        WorkerPool.Run(ref work, work.Parts, product.WorkOfRow * product.Rows);
    }

    /// <summary>Some columns of a product of one block of rows: strips of B are copied just before they are read, so that they come from the nearest caches.</summary>
    private ref struct Columns<TEnds>(Product<TEnds> product, bool copies) : IBlockOperation, IPartedWork
        where TEnds : struct, ITileEnds, allows ref struct
    {
        private readonly Product<TEnds> _product = product;
        private int _part;

        public readonly void RunPart(int part)
        {
            Columns<TEnds> copy = this;
            copy._part = part;
            BlockDispatch.Run(ref copy, _product.Lanes);
        }

        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            int first = _part * PartColumns;
            Product<TEnds> columns = _product.ColumnsFrom(first, Math.Min(PartColumns, _product.Columns - first));
            if (!copies)
            {
                columns.RowsOfPart = columns.Rows;
                columns.Run<TBlock>();
                return;
            }
            using Workspace.Lease lease = Workspace.Rent(PartColumns * columns.PanelLength);
            ref float panel = ref MemoryMarshal.GetReference(lease.Span);
            for (int top = 0; top < columns.Depth; top += columns.PanelLength)
            {
                int length = Math.Min(columns.PanelLength, columns.Depth - top);
                columns.PackColumns<TBlock>(top, length, 0, columns.Columns, ref panel);
                columns.RunBlock<TBlock>(0, columns.Rows, top, length, ref panel);
            }
        }
    }

    /// <summary>Blocks of rows of a product whose B has been copied; of one block of rows, some columns.</summary>
    private ref struct Prepacked<TEnds>(Product<TEnds> product, PackedMatrix packed) : IBlockOperation, IPartedWork
        where TEnds : struct, ITileEnds, allows ref struct
    {
        private readonly Product<TEnds> _product = product;
        private readonly bool _isOneBlock = product.Rows <= Product<TEnds>.FewRows;
        private int _part;

        public readonly int Parts => _isOneBlock
            ? (_product.Columns + PartColumns - 1) / PartColumns
            : (_product.Rows + Product<TEnds>.BlockRows - 1) / Product<TEnds>.BlockRows;

        public readonly void RunPart(int part)
        {
            Prepacked<TEnds> copy = this;
            copy._part = part;
            BlockDispatch.Run(ref copy, _product.Lanes);
        }

        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            if (_isOneBlock)
            {
                int column = _part * PartColumns;
                _product.ColumnsFrom(column, Math.Min(PartColumns, _product.Columns - column)).RunPacked<TBlock>(0, _product.Rows, packed);
                return;
            }
            int first = _part * Product<TEnds>.BlockRows;
            _product.RunPacked<TBlock>(first, Math.Min(Product<TEnds>.BlockRows, _product.Rows - first), packed);
        }
    }

    /// <summary>
    /// The parts of a large product, panel by panel: copies of columns, then blocks of rows. A part waits for what it needs, all
    /// of which comes before it and so is done or being done.
    /// </summary>
    private ref struct Packed<TEnds>(Product<TEnds> product, ref float panels, int paddedColumns, int blockRows) : IBlockOperation, IPartedWork
        where TEnds : struct, ITileEnds, allows ref struct
    {
        private readonly Product<TEnds> _product = product;
        private readonly ref float _panels = ref panels;
        private readonly int _copies = (product.Columns + PartColumns - 1) / PartColumns;
        private readonly int _blocks = (product.Rows + blockRows - 1) / blockRows;
        private int _part, _copied, _finished;

        public readonly int Parts => Math.Max(1, (_product.Depth + _product.PanelLength - 1) / _product.PanelLength) * (_copies + _blocks);

        public void RunPart(int part)
        {
            (int panel, int index) = Math.DivRem(part, _copies + _blocks);
            if (index < _copies)
            {
                WaitFor(ref _finished, (panel - 1) * _blocks);
            }
            else
            {
                WaitFor(ref _copied, (panel + 1) * _copies);
                WaitFor(ref _finished, panel * _blocks);
            }
            Packed<TEnds> copy = this;
            copy._part = part;
            try
            {
                BlockDispatch.Run(ref copy, _product.Lanes);
            }
            finally
            {
                // Counted even where it failed, for lack of memory: other threads wait for it.
                Interlocked.Increment(ref index < _copies ? ref _copied : ref _finished);
            }
        }

        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            (int panel, int index) = Math.DivRem(_part, _copies + _blocks);
            int top = panel * _product.PanelLength, length = Math.Min(_product.PanelLength, _product.Depth - top);
            ref float target = ref Unsafe.Add(ref _panels, (nint)(panel % 2) * paddedColumns * _product.PanelLength);
            if (index < _copies)
            {
                int column = index * PartColumns;
                _product.PackColumns<TBlock>(top, length, column, Math.Min(PartColumns, _product.Columns - column), ref target);
                return;
            }
            int first = (index - _copies) * blockRows;
            _product.RunBlock<TBlock>(first, Math.Min(blockRows, _product.Rows - first), top, length, ref target);
        }

        /// <summary>Waits for other threads to finish what they have begun: some microseconds, so first without giving up the processor.</summary>
        private static void WaitFor(ref int counter, int value)
        {
            SpinWait spin = default;
            while (Volatile.Read(ref counter) < value) spin.SpinOnce(sleep1Threshold: -1);
        }
    }
}
