using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// <c>y = f(x W + b)</c> in the order of sums that <see cref="SumOrder"/> gives: rows of a batch go through register
/// tiles, a single row through chains side by side, both with the same bits.
/// </summary>
internal static class DenseForwardKernel
{
    /// <summary>The blocks of the largest tile, of 16 floats at the most, on the three levels of a tree over eight ranges.</summary>
    private const int PartialSums = 3 * 16 * 16;

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
        int row = 0;
        if (TBlock.Registers >= 32)
        {
            for (; row <= batch - 8; row += 8) Tile<TBlock, Eight, Two, TActivation>(row, ref x, xStride, ref weights, ref bias, activation, ref y, yStride, inputs, outputs, padded, chains);
        }
        else if (TBlock.Registers >= 8)
        {
            for (; row <= batch - 6; row += 6) Tile<TBlock, Six, One, TActivation>(row, ref x, xStride, ref weights, ref bias, activation, ref y, yStride, inputs, outputs, padded, chains);
        }
        if (TBlock.Registers >= 8)
        {
            for (; row <= batch - 4; row += 4) Tile<TBlock, Four, One, TActivation>(row, ref x, xStride, ref weights, ref bias, activation, ref y, yStride, inputs, outputs, padded, chains);
        }
        else
        {
            for (; row <= batch - 2; row += 2) Tile<TBlock, Two, One, TActivation>(row, ref x, xStride, ref weights, ref bias, activation, ref y, yStride, inputs, outputs, padded, chains);
        }
        for (; row < batch; row++)
            Row<TBlock, TActivation>(ref Unsafe.Add(ref x, row * xStride), ref weights, ref bias, activation, ref Unsafe.Add(ref y, row * yStride), inputs, outputs, padded, chains);
    }

    /// <summary>Applies an activation that is too long for registers to finished rows.</summary>
    private static void Activate<TActivation>(TActivation activation, ref float y, nint yStride, int rows, int outputs) where TActivation : struct, IActivation
    {
        if (TActivation.IsSimple) return;
        for (int row = 0; row < rows; row++)
        {
            Span<float> values = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref y, row * yStride), outputs);
            ElementwiseLayer.Forward(activation, values, values);
        }
    }

    [SkipLocalsInit]
    private static void Tile<TBlock, TRows, TColumns, TActivation>(
        int row, ref float x, nint xStride, ref float weights, ref float bias, TActivation activation,
        ref float y, nint yStride, int inputs, int outputs, int padded, int chains)
        where TBlock : struct, IBlock<TBlock>
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
        where TActivation : struct, IActivation
    {
        Unsafe.SkipInit(out Scratch partialSums);
        ref float first = ref Unsafe.Add(ref x, row * xStride);
        int length = SumOrder.RangeLength(inputs, chains);
        int column = 0;
        while (column < padded)
        {
            bool wide = TColumns.Value == 2 && column + 2 * TBlock.Count <= padded;
            for (int range = 0; range < chains; range++)
            {
                var ends = new ForwardEnds<TActivation>(ref bias, ref y, yStride, outputs, activation, ref partialSums[0], row, column, 2 * TBlock.Count, range, chains - 1);
                ref float xRange = ref Unsafe.Add(ref first, range * length);
                ref float wRange = ref Unsafe.Add(ref weights, (nint)range * length * padded + column);
                int depth = range == chains - 1 ? inputs - range * length : length;
                if (wide) Tiles.Product<TBlock, TRows, TColumns, ForwardEnds<TActivation>>(ref xRange, xStride, 1, ref wRange, padded, depth, ends, row, column);
                else Tiles.Product<TBlock, TRows, One, ForwardEnds<TActivation>>(ref xRange, xStride, 1, ref wRange, padded, depth, ends, row, column);
            }
            column += wide ? 2 * TBlock.Count : TBlock.Count;
        }
        Activate(activation, ref Unsafe.Add(ref y, row * yStride), yStride, TRows.Value, outputs);
    }

    [SkipLocalsInit]
    private static void Row<TBlock, TActivation>(
        ref float x, ref float weights, ref float bias, TActivation activation,
        ref float y, int inputs, int outputs, int padded, int chains)
        where TBlock : struct, IBlock<TBlock>
        where TActivation : struct, IActivation
    {
        Unsafe.SkipInit(out Scratch partialSums);
        // As many chains side by side as the registers hold with room for operands: eight, or four, or two.
        int budget = TBlock.Registers >= 16 ? 8 : TBlock.Registers >= 8 ? 4 : 2;
        int together = Math.Min(chains, budget);
        int length = SumOrder.RangeLength(inputs, chains);
        for (int column = 0, columns; column < padded; column += columns * TBlock.Count)
        {
            columns = budget / together;
            while (column + columns * TBlock.Count > padded) columns /= 2;
            for (int range = 0; range < chains; range += together)
            {
                var ends = new ForwardEnds<TActivation>(ref bias, ref y, 0, outputs, activation, ref partialSums[0], 0, column, 8 * TBlock.Count, range / together, chains / together - 1);
                ref float xRange = ref Unsafe.Add(ref x, range * length);
                ref float wRange = ref Unsafe.Add(ref weights, (nint)range * length * padded + column);
                int rest = range + together == chains ? inputs - chains * length : 0;
                switch (together, columns)
                {
                    case (8, _): Tiles.Row<TBlock, Eight, One, ForwardEnds<TActivation>>(ref xRange, ref wRange, padded, length, rest, ends, column); break;
                    case (4, 2): Tiles.Row<TBlock, Four, Two, ForwardEnds<TActivation>>(ref xRange, ref wRange, padded, length, rest, ends, column); break;
                    case (4, _): Tiles.Row<TBlock, Four, One, ForwardEnds<TActivation>>(ref xRange, ref wRange, padded, length, rest, ends, column); break;
                    case (2, 4): Tiles.Row<TBlock, Two, Four, ForwardEnds<TActivation>>(ref xRange, ref wRange, padded, length, rest, ends, column); break;
                    case (2, 2): Tiles.Row<TBlock, Two, Two, ForwardEnds<TActivation>>(ref xRange, ref wRange, padded, length, rest, ends, column); break;
                    case (2, _): Tiles.Row<TBlock, Two, One, ForwardEnds<TActivation>>(ref xRange, ref wRange, padded, length, rest, ends, column); break;
                    case (_, 8): Tiles.Row<TBlock, One, Eight, ForwardEnds<TActivation>>(ref xRange, ref wRange, padded, length, rest, ends, column); break;
                    case (_, 4): Tiles.Row<TBlock, One, Four, ForwardEnds<TActivation>>(ref xRange, ref wRange, padded, length, rest, ends, column); break;
                    case (_, 2): Tiles.Row<TBlock, One, Two, ForwardEnds<TActivation>>(ref xRange, ref wRange, padded, length, rest, ends, column); break;
                    default: Tiles.Row<TBlock, One, One, ForwardEnds<TActivation>>(ref xRange, ref wRange, padded, length, rest, ends, column); break;
                }
            }
        }
        Activate(activation, ref y, 0, 1, outputs);
    }

    [InlineArray(PartialSums)]
    private struct Scratch
    {
        private float _first;
    }

    /// <summary>
    /// Starts the first range from the bias and the others from zero; joins finished ranges in a tree as a binary
    /// counter does, so that only one partial sum a level is kept; the last one is activated and stored.
    /// </summary>
    private readonly ref struct ForwardEnds<TActivation>(
        ref float bias, ref float y, nint yStride, int outputs, TActivation activation,
        ref float partialSums, nint tileRow, nint tileColumn, int tileWidth, int range, int last) : ITileEnds
        where TActivation : struct, IActivation
    {
        private readonly ref float _bias = ref bias;
        private readonly ref float _y = ref y;
        private readonly ref float _partialSums = ref partialSums;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Start<TBlock>(nint row, nint column) where TBlock : struct, IBlock<TBlock> =>
            range == 0 ? TBlock.Load(ref _bias, column) : TBlock.Zero;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Finish<TBlock>(TBlock sum, nint row, nint column) where TBlock : struct, IBlock<TBlock>
        {
            if (last > 0)
            {
                nint place = (row - tileRow) * tileWidth + (column - tileColumn);
                int level = 0;
                for (; ((range >> level) & 1) != 0; level++)
                    sum = TBlock.Load(ref _partialSums, level * (PartialSums / 3) + place) + sum;
                if (range < last)
                {
                    TBlock.Store(sum, ref _partialSums, level * (PartialSums / 3) + place);
                    return;
                }
            }
            if (TActivation.IsSimple) sum = activation.Forward(sum);
            nint rest = outputs - column;
            if (rest >= TBlock.Count) TBlock.Store(sum, ref _y, row * yStride + column);
            else if (rest > 0) TBlock.StorePartial(sum, ref _y, row * yStride + column, (int)rest);
        }
    }
}
