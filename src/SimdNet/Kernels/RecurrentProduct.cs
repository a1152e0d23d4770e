using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// The products of recurrent layers: <c>target = start + A W</c>. The depth is cut into ranges, each a chain of multiply-adds in
/// ascending order of which the first begins with start and the others with zero; they are joined in a tree, neighbours first.
/// </summary>
internal static class RecurrentProduct
{
    /// <summary>With fewer rows a tile is not worth its beginning: they go one by one.</summary>
    private const int LeastRowsOfTile = 4;

    /// <summary>From so many steps on a copy of the recurrent weights pays for itself.</summary>
    private const int LeastStepsToPack = 16;

    /// <param name="a">[rows, depth], columns side by side.</param>
    /// <param name="weights">[depth, columns], columns side by side.</param>
    /// <param name="start">[rows, columns], or one row for all; it may be the target.</param>
    /// <param name="target">[rows, columns].</param>
    /// <param name="columns">Whole blocks of <paramref name="lanes"/> floats.</param>
    /// <param name="chains">The ranges: 1, 2 or 4.</param>
    [MethodImpl(Jit.Kernel)]
    public static void Run<TBlock>(Strided a, Strided weights, Strided start, Strided target, int rows, int columns, int depth, int chains, int lanes)
        where TBlock : struct, IBlock<TBlock>
    {
        if (rows >= LeastRowsOfTile)
        {
            Tiled<TBlock>(a, weights, start, target, rows, columns, depth, chains, lanes);
            return;
        }
        for (int row = 0; row < rows; row++)
            Row<TBlock>(ref a.At(row, 0), ref weights.At(0, 0), weights.Row, ref start.At(row, 0), ref target.At(row, 0), columns, depth, chains);
    }

    /// <summary>One row: eight chains side by side hide the latency of a multiply-add.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Row<TBlock>(ref float a, ref float weights, nint stride, ref float start, ref float target, int columns, int depth, int chains)
        where TBlock : struct, IBlock<TBlock>
    {
        int length = SumOrder.RangeLength(depth, chains), rest = depth - chains * length;
        for (int column = 0, count; column < columns; column += count * TBlock.Count)
        {
            count = Tiles.WidthOfRow<TBlock>(columns - column, chains) / TBlock.Count;
            Tiles.Row<TBlock>(
                chains, count, ref a, ref Unsafe.Add(ref weights, column), stride, length, rest, ref Unsafe.Add(ref start, column), ref Unsafe.Add(ref target, column));
        }
    }

    /// <summary>Whether so many rows, in each of some steps, read a copy of the recurrent weights that <see cref="Pack"/> makes; where it is there already, few steps are enough.</summary>
    public static bool ReadsCopy(int gates, int units, int rows, int steps, bool isThere) =>
        rows < LeastRowsOfTile && (isThere || (steps >= LeastStepsToPack && RecurrentLayout.IsWorthCopying(gates, units)));

    /// <summary>
    /// Copies weights [depth, gates * padded] as single rows read them, the columns of a tile one below the other: parts of long rows would lie on a page
    /// each, which processors do not foresee, and share few sets of the caches.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    public static void Pack<TBlock>(Strided weights, ref float packed, int gates, int padded, int depth, int chains) where TBlock : struct, IBlock<TBlock>
    {
        for (int gate = 0; gate < gates; gate++)
        {
            for (int column = 0, width; column < padded; column += width)
            {
                width = Tiles.WidthOfRow<TBlock>(padded - column, chains);
                for (int k = 0; k < depth; k++)
                {
                    MemoryMarshal.CreateReadOnlySpan(ref weights.At(k, gate * padded + column), width).CopyTo(MemoryMarshal.CreateSpan(ref packed, width));
                    packed = ref Unsafe.Add(ref packed, width);
                }
            }
        }
    }

    /// <summary>One row times some gates of packed weights.</summary>
    /// <param name="packed">The first of these gates.</param>
    /// <param name="isBackwards">
    /// Whether the last gate comes first, which changes no sum. As every second step does so, a cache that is smaller than the weights still holds those
    /// that the step before read last.
    /// </param>
    [MethodImpl(Jit.Kernel)]
    public static void PackedRow<TBlock>(ref float a, ref float packed, ref float start, ref float target, int gates, int padded, int depth, int chains, bool isBackwards)
        where TBlock : struct, IBlock<TBlock>
    {
        int length = SumOrder.RangeLength(depth, chains), rest = depth - chains * length, widest = Tiles.WidthOfRow<TBlock>(padded, chains), whole = padded / widest * widest;
        for (int i = 0; i < gates; i++)
        {
            int gate = isBackwards ? gates - 1 - i : i;
            for (int done = 0, width; done < padded; done += width)
            {
                width = Tiles.WidthOfRow<TBlock>(padded - done, chains);
                int column = gate * padded + (isBackwards && done < whole ? whole - done - width : done);
                Tiles.Row<TBlock>(
                    chains, width / TBlock.Count, ref a, ref Unsafe.Add(ref packed, (nint)column * depth), width, length, rest, ref Unsafe.Add(ref start, column), ref Unsafe.Add(ref target, column));
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Tiled<TBlock>(Strided a, Strided weights, Strided start, Strided target, int rows, int columns, int depth, int chains, int lanes)
        where TBlock : struct, IBlock<TBlock>
    {
        int length = SumOrder.RangeLength(depth, chains);
        using Workspace.Lease lease = Workspace.Rent((chains - 1) * rows * columns);
        ref float partial = ref MemoryMarshal.GetReference(lease.Span);
        for (int range = 0; range < chains; range++)
        {
            Strided sums = range == 0 ? target : new Strided(ref Unsafe.Add(ref partial, (nint)(range - 1) * rows * columns), columns, 1);
            Strided from = range == 0 ? start : default;
            var product = new Product<StoreEnds>(
                a.From(0, range * length), weights.From(range * length, 0), from, sums, new StoreEnds(sums, columns), rows, columns, columns,
                range == chains - 1 ? depth - range * length : length, holdsSums: true, lanes);
            ProductKernel.Run(ref product);
        }
        if (chains > 1) Join<TBlock>(target, ref partial, rows, columns, chains);
    }

    [MethodImpl(Jit.Kernel)]
    private static void Join<TBlock>(Strided target, ref float partial, int rows, int columns, int chains) where TBlock : struct, IBlock<TBlock>
    {
        nint distance = (nint)rows * columns;
        for (int row = 0; row < rows; row++)
        {
            ref float sums = ref target.At(row, 0);
            for (int column = 0; column < columns; column += TBlock.Count)
            {
                nint second = (nint)row * columns + column;
                TBlock sum = TBlock.Load(ref sums, column) + TBlock.Load(ref partial, second);
                if (chains == 4) sum += TBlock.Load(ref partial, second + distance) + TBlock.Load(ref partial, second + 2 * distance);
                TBlock.Store(sum, ref sums, column);
            }
        }
    }

    /// <summary><c>target = Aᵀ B</c>, each element one chain over the rows in ascending order: gradients of weights.</summary>
    /// <param name="a">[rows, inputs].</param>
    /// <param name="b">[rows, columns].</param>
    /// <param name="target">[inputs, columns].</param>
    public static void Gradient(Strided a, Strided b, Strided target, int rows, int inputs, int columns, int lanes)
    {
        var product = new Product<StoreEnds>(
            new Strided(ref a.At(0, 0), 1, a.Row), b, default, target, new StoreEnds(target, columns), inputs, columns, columns, rows, holdsSums: true, lanes);
        ProductKernel.Run(ref product);
    }
}
