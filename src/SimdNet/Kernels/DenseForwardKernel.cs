using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// <c>y = f(x W + b)</c> in the order of sums that <see cref="SumOrder"/> gives: a single row goes through chains side by
/// side, rows of a batch through register tiles, with the same bits. Batches with one chain an output are a <see cref="Product{TEnds}"/>.
/// </summary>
internal static class DenseForwardKernel
{
    /// <summary>The sums of the largest tile, and the levels of a tree over eight ranges that keep some.</summary>
    private const int TileLength = TileSums.Length, Levels = 3;

    /// <param name="x">[batch, inputs], rows <paramref name="xStride"/> apart.</param>
    /// <param name="weights">[inputs, padded outputs].</param>
    /// <param name="bias">[padded outputs].</param>
    /// <param name="y">[batch, outputs], rows <paramref name="yStride"/> apart.</param>
    public static void Run<TBlock, TActivation>(
        ref float x, nint xStride, ref float weights, ref float bias, TActivation activation,
        ref float y, nint yStride, int batch, int inputs, int outputs)
        where TBlock : struct, IBlock<TBlock>
        where TActivation : struct, IActivation
    {
        int chains = SumOrder.Chains(inputs, outputs);
        int padded = SumOrder.PaddedOutputs(outputs);
        bool isSpread = Tiles.IsSpread(xStride, Tiles.Page);
        int fewest = TBlock.Registers >= 8 ? 4 : 2;
        for (int row = 0, rows; row < batch; row += rows)
        {
            rows = Tiles.RowsOfTile<TBlock>(batch - row, TBlock.Registers >= 32 && padded > TBlock.Count, isSpread);
            if (rows >= fewest)
            {
                Tile<TBlock, TActivation>(row, rows, ref x, xStride, ref weights, ref bias, activation, ref y, yStride, inputs, outputs, padded, chains);
                continue;
            }

            // So few rows are faster one by one, with all ranges side by side.
            rows = 1;
            Row(ref Unsafe.Add(ref x, row * xStride), ref weights, ref bias, activation, ref Unsafe.Add(ref y, row * yStride), inputs, outputs);
        }
    }

    /// <summary>One row, in single registers: a tile of blocks of four of them has more variables than the JIT keeps apart.</summary>
    public static void Row<TActivation>(ref float x, ref float weights, ref float bias, TActivation activation, ref float y, int inputs, int outputs)
        where TActivation : struct, IActivation
    {
        var operation = new RowOperation<TActivation>(ref x, ref weights, ref bias, activation, ref y, inputs, outputs);
        BlockDispatch.RunRegisters(ref operation, SumOrder.Lanes(outputs));
    }

    // Not inlined: a caller would zero its memory on the stack in each call. Layers of several chains are narrow, their rows of weights without gaps.
    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    private static void Tile<TBlock, TActivation>(
        int row, int rows, ref float x, nint xStride, ref float weights, ref float bias, TActivation activation,
        ref float y, nint yStride, int inputs, int outputs, int padded, int chains)
        where TBlock : struct, IBlock<TBlock>
        where TActivation : struct, IActivation
    {
        Unsafe.SkipInit(out Scratch scratch);
        ref float partialSums = ref TileSums.Align(ref scratch[0]), sums = ref Unsafe.Add(ref partialSums, Levels * TileLength);
        ref float first = ref Unsafe.Add(ref x, row * xStride);
        var finished = new ActivationEnds<TActivation>(activation, ref y, yStride, outputs);
        int length = SumOrder.RangeLength(inputs, chains);
        int column = 0;
        while (column < padded)
        {
            bool wide = TBlock.Registers >= 32 && column + 2 * TBlock.Count <= padded;
            int width = wide ? 2 * TBlock.Count : TBlock.Count;
            for (int range = 0; range < chains; range++)
            {
                // Finished ranges are joined in a tree as a binary counter does, so that only one sum a level is kept.
                int joins = range == chains - 1 ? BitOperations.Log2((uint)chains) : BitOperations.TrailingZeroCount(~range);
                ref float target = ref range == chains - 1 || joins > 0 ? ref sums : ref partialSums;
                ref float xRange = ref Unsafe.Add(ref first, range * length);
                ref float wRange = ref Unsafe.Add(ref weights, (nint)range * length * padded + column);
                ref float start = ref range == 0 ? ref Unsafe.Add(ref bias, column) : ref Unsafe.NullRef<float>();
                int depth = range == chains - 1 ? inputs - range * length : length;
                Tiles.Product<TBlock>(rows, wide, ref xRange, xStride, 1, ref wRange, padded, depth, ref start, 0, ref target, width);
                if (joins > 0) Join(ref sums, ref partialSums, joins, ref range == chains - 1 ? ref sums : ref Unsafe.Add(ref partialSums, joins * TileLength), rows * width);
            }
            Tiles.Finish<TBlock, ActivationEnds<TActivation>>(ref sums, rows, width / TBlock.Count, finished, row, column);
            column += width;
        }
        finished.Complete(row, rows, 0, outputs);
    }

    /// <summary>Adds what so many levels keep to the sums of a tile, which lie without gaps, whatever its blocks are.</summary>
    private static void Join(ref float sums, ref float partialSums, int levels, ref float target, int count)
    {
        var operation = new JoinOperation(ref sums, ref partialSums, levels, ref target, count);
        BlockDispatch.RunRegisters(ref operation);
    }

    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    private static void Row<TBlock, TActivation>(ref float x, ref float weights, ref float bias, TActivation activation, ref float y, int inputs, int outputs)
        where TBlock : struct, IBlock<TBlock>
        where TActivation : struct, IActivation
    {
        Unsafe.SkipInit(out TileSums buffer);
        ref float sums = ref buffer.Aligned;
        var finished = new ActivationEnds<TActivation>(activation, ref y, 0, outputs);
        int chains = SumOrder.Chains(inputs, outputs), padded = SumOrder.PaddedOutputs(outputs), length = SumOrder.RangeLength(inputs, chains);
        for (int column = 0, width; column < padded; column += width)
        {
            width = Tiles.WidthOfRow<TBlock>(padded - column, chains);
            int columns = width / TBlock.Count;
            Tiles.Row<TBlock>(
                chains, columns, ref x, ref Unsafe.Add(ref weights, column), SumOrder.StrideOfPadded(padded), length, inputs - chains * length, ref Unsafe.Add(ref bias, column), ref sums);
            Tiles.Finish<TBlock, ActivationEnds<TActivation>>(ref sums, 1, columns, finished, 0, column);
        }
        finished.Complete(0, 1, 0, outputs);
    }

    private readonly ref struct RowOperation<TActivation>(
        ref float x, ref float weights, ref float bias, TActivation activation, ref float y, int inputs, int outputs) : IBlockOperation
        where TActivation : struct, IActivation
    {
        private readonly ref float _x = ref x, _weights = ref weights, _bias = ref bias, _y = ref y;

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock> =>
            Row<TBlock, TActivation>(ref _x, ref _weights, ref _bias, activation, ref _y, inputs, outputs);
    }

    /// <summary>Whole registers: there is room for the largest tile.</summary>
    private readonly ref struct JoinOperation(ref float sums, ref float partialSums, int levels, ref float target, int count) : IBlockOperation
    {
        private readonly ref float _sums = ref sums, _partialSums = ref partialSums, _target = ref target;

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            for (nint i = 0; i < count; i += TBlock.Count)
            {
                TBlock sum = TBlock.Load(ref _partialSums, i) + TBlock.Load(ref _sums, i);
                for (nint level = TileLength; level < levels * TileLength; level += TileLength) sum = TBlock.Load(ref _partialSums, level + i) + sum;
                TBlock.Store(sum, ref _target, i);
            }
        }
    }

    [InlineArray((Levels + 1) * TileLength + 15)]
    private struct Scratch
    {
        private float _first;
    }
}

/// <summary>
/// Sums are activated and stored; an activation that is too long for registers is applied to finished rows.
/// </summary>
internal readonly ref struct ActivationEnds<TActivation>(TActivation activation, ref float y, nint yStride, int outputs) : ITileEnds
    where TActivation : struct, IActivation
{
    private readonly ref float _y = ref y;

    public static bool IsStore
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !TActivation.IsSimple || typeof(TActivation) == typeof(Identity);
    }

    public void Prefetch(nint row, nint column, int rows, int width)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Finish<TBlock>(TBlock sum, nint row, nint column) where TBlock : struct, IBlock<TBlock>
    {
        if (TActivation.IsSimple) sum = activation.Forward(sum);
        nint rest = outputs - column;
        if (rest >= TBlock.Count) TBlock.Store(sum, ref _y, row * yStride + column);
        else if (rest > 0) TBlock.StorePartial(sum, ref _y, row * yStride + column, (int)rest);
    }

    public void Complete(nint row, int rows, nint column, int columns)
    {
        if (!TActivation.IsSimple) ElementwiseLayer.ForwardRows(activation, ref Unsafe.Add(ref _y, row * yStride + column), yStride, rows, columns);
    }
}
