using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// <c>dx = dy Wᵀ</c>: each element is the product of a row of W and a row of dy, which both lie in memory in blocks.
/// Its order of sums: one chain in each lane over the blocks of outputs in ascending order, then the tree of
/// <see cref="IBlock{TSelf}.Sum"/>; the same for one sample and for a row of a batch.
/// </summary>
/// <remarks>
/// Where a block is several registers, a tile of rows and samples in whole blocks would not fit the registers: a batch goes through single ones, one part of the lanes
/// after the other. One sample goes in whole blocks, for as many chains side by side.
/// </remarks>
/// <param name="gradient">dy, [batch, padded outputs].</param>
/// <param name="weights">[inputs, padded outputs].</param>
/// <param name="inputGradient">dx, [batch, inputs].</param>
/// <param name="batch">The samples.</param>
/// <param name="inputs">The rows of W.</param>
/// <param name="padded">Whole blocks of outputs.</param>
/// <param name="lanes">How many chains an element has, as many as the lanes of a block; without vectors there is one.</param>
internal ref struct DenseInputGradientKernel(Strided gradient, Strided weights, Strided inputGradient, int batch, int inputs, int padded, int lanes) : IBlockOperation, IPartedRows
{
    /// <summary>So many floats of W go through all samples together: they stay in the second-level cache.</summary>
    private const int WeightsTogether = 1 << 16;

    /// <summary>With fewer outputs the ends of tiles take longer than what parts of the lanes save.</summary>
    private const int LeastOutputsInParts = 96;

    private readonly Strided _gradient = gradient, _weights = weights, _inputGradient = inputGradient;
    private int _part;

    public int RowsOfPart { private get; set; }

    public static void Run(Strided gradient, Strided weights, Strided inputGradient, int batch, int inputs, int padded, int lanes)
    {
        var kernel = new DenseInputGradientKernel(gradient, weights, inputGradient, batch, inputs, padded, lanes);
        WorkerPool.RunRows(ref kernel, batch, (long)inputs * padded);
    }

    public readonly void RunPart(int part)
    {
        DenseInputGradientKernel copy = this;
        copy._part = part;
        copy.RunWhole();
    }

    public void RunWhole() => BlockDispatch.Run(ref this, lanes);

    public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
    {
        if (TBlock.Registers < 8 || (TBlock.Registers < 16 && batch > 1 && padded >= LeastOutputsInParts))
        {
            BlockDispatch.RunRegisters(ref this, lanes);
            return;
        }

        // Without vectors there is one chain.
        int parts = TBlock.Count == 1 ? 1 : lanes / TBlock.Count;
        if (parts == 4) Run<TBlock, Four>();
        else if (parts == 2) Run<TBlock, Two>();
        else Run<TBlock, One>();
    }

    [MethodImpl(Jit.Kernel)]
    private readonly void Run<TBlock, TParts>()
        where TBlock : struct, IBlock<TBlock>
        where TParts : struct, IConstant
    {
        int begin = _part * RowsOfPart, end = Math.Min(begin + RowsOfPart, batch), rows = Math.Max(1, WeightsTogether / padded / 4) * 4;
        for (int first = 0; first < inputs; first += rows)
        {
            int count = Math.Min(rows, inputs - first), sample = begin;
            if (TBlock.Registers >= 32)
            {
                for (; sample <= end - 4; sample += 4) Rows<TBlock, TParts, Four>(sample, first, count);
            }
            if (TBlock.Registers >= 16)
            {
                for (; sample <= end - 3; sample += 3) Rows<TBlock, TParts, Three>(sample, first, count);
                for (; sample <= end - 2; sample += 2) Rows<TBlock, TParts, Two>(sample, first, count);
            }
            for (; sample < end; sample++) Rows<TBlock, TParts, One>(sample, first, count);
        }
    }

    /// <summary>Some rows of W and up to four samples.</summary>
    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    private readonly void Rows<TBlock, TParts, TSamples>(int sample, int first, int count)
        where TBlock : struct, IBlock<TBlock>
        where TParts : struct, IConstant
        where TSamples : struct, IConstant
    {
        Unsafe.SkipInit(out TileSums buffer);
        ref float sums = ref buffer.Aligned;
        ref float dy = ref _gradient.At(sample, 0), w = ref _weights.At(first, 0), dx = ref _inputGradient.At(sample, first);
        nint dyRow = _gradient.Row, stride = _weights.Row, dxRow = _inputGradient.Row, period = TParts.Value * TBlock.Count;
        int outputs = padded, input = 0;
        for (; input <= count - 4; input += 4)
        {
            ref float target = ref TParts.Value == 1 ? ref Unsafe.Add(ref dx, input) : ref sums;
            for (nint part = 0; part < period; part += TBlock.Count)
                Tile<TBlock, TParts, TSamples>(ref Unsafe.Add(ref dy, part), dyRow, ref Unsafe.Add(ref w, part), stride, ref Unsafe.Add(ref target, part), TParts.Value == 1 ? dxRow : 4 * period, outputs);
            if (TParts.Value > 1) Join<TBlock, TParts>(ref sums, TSamples.Value, ref Unsafe.Add(ref dx, input), dxRow);
            w = ref Unsafe.Add(ref w, 4 * stride);
        }
        if (input < count) Rest<TBlock, TParts>(sample, TSamples.Value, first + input, count - input);
    }

    /// <summary>The last rows of W, fewer than four.</summary>
    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    private readonly void Rest<TBlock, TParts>(int sample, int samples, int input, int rows)
        where TBlock : struct, IBlock<TBlock>
        where TParts : struct, IConstant
    {
        Unsafe.SkipInit(out TileSums buffer);
        ref float sums = ref buffer.Aligned;
        nint period = TParts.Value * TBlock.Count;
        for (int row = input; row < input + rows; row++)
        {
            for (int i = sample; i < sample + samples; i++)
            {
                ref float w = ref _weights.At(row, 0), dy = ref _gradient.At(i, 0);
                for (nint part = 0; part < period; part += TBlock.Count)
                {
                    TBlock sum = TBlock.Zero;
                    for (nint output = part; output < padded; output += period) TBlock.Accumulate(ref sum, TBlock.Load(ref w, output), in dy, output);
                    TBlock.Store(sum, ref sums, part);
                }
                _inputGradient.At(i, row) = TBlock.Sum(Joined<TBlock, TParts>(ref sums));
            }
        }
    }

    /// <summary>Adds up the sums of a tile that were kept in parts; a method of its own, because beside a tile it is too much for the JIT.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Join<TBlock, TParts>(ref float sums, int samples, ref float inputGradient, nint stride)
        where TBlock : struct, IBlock<TBlock>
        where TParts : struct, IConstant
    {
        nint period = TParts.Value * TBlock.Count;
        for (nint sample = 0; sample < samples; sample++)
        {
            TBlock.StoreSums(
                Joined<TBlock, TParts>(ref sums), Joined<TBlock, TParts>(ref Unsafe.Add(ref sums, period)),
                Joined<TBlock, TParts>(ref Unsafe.Add(ref sums, 2 * period)), Joined<TBlock, TParts>(ref Unsafe.Add(ref sums, 3 * period)), ref inputGradient, sample * stride);
            sums = ref Unsafe.Add(ref sums, 4 * period);
        }
    }

    /// <summary>The parts of a block of sums, added up as the tree of a whole block does: halves first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock Joined<TBlock, TParts>(ref float sums)
        where TBlock : struct, IBlock<TBlock>
        where TParts : struct, IConstant
    {
        TBlock first = TBlock.Load(ref sums, 0);
        if (TParts.Value == 1) return first;
        if (TParts.Value == 2) return first + TBlock.Load(ref sums, TBlock.Count);
        return (first + TBlock.Load(ref sums, 2 * TBlock.Count)) + (TBlock.Load(ref sums, TBlock.Count) + TBlock.Load(ref sums, 3 * TBlock.Count));
    }

    /// <summary>
    /// Four rows of W meet up to four samples: for three, seven loads for twelve multiply-adds in as many chains. A block of sums is added up, or, where it is a part of one,
    /// kept: [samples, 4] blocks.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<TBlock, TParts, TSamples>(ref float gradient, nint second, ref float weights, nint stride, ref float target, nint targetStride, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TParts : struct, IConstant
        where TSamples : struct, IConstant
    {
        TBlock s00 = TBlock.Zero, s01 = TBlock.Zero, s02 = TBlock.Zero, s03 = TBlock.Zero;
        TBlock s10 = TBlock.Zero, s11 = TBlock.Zero, s12 = TBlock.Zero, s13 = TBlock.Zero;
        TBlock s20 = TBlock.Zero, s21 = TBlock.Zero, s22 = TBlock.Zero, s23 = TBlock.Zero;
        TBlock s30 = TBlock.Zero, s31 = TBlock.Zero, s32 = TBlock.Zero, s33 = TBlock.Zero;
        ref float third = ref Unsafe.Add(ref weights, 2 * stride), later = ref Unsafe.Add(ref gradient, TSamples.Value > 2 ? 2 * second : 0);
        for (int output = 0; output < padded; output += TParts.Value * TBlock.Count)
        {
            TBlock dy0 = TBlock.Load(ref gradient, 0), dy1 = default, dy2 = default, dy3 = default;
            if (TSamples.Value > 1) dy1 = TBlock.Load(ref gradient, second);
            if (TSamples.Value > 2) dy2 = TBlock.Load(ref later, 0);
            if (TSamples.Value > 3) dy3 = TBlock.Load(ref later, second);
            TBlock w = TBlock.Load(ref weights, 0);
            TBlock.Accumulate(ref s00, w, dy0);
            if (TSamples.Value > 1) TBlock.Accumulate(ref s10, w, dy1);
            if (TSamples.Value > 2) TBlock.Accumulate(ref s20, w, dy2);
            if (TSamples.Value > 3) TBlock.Accumulate(ref s30, w, dy3);
            w = TBlock.Load(ref weights, stride);
            TBlock.Accumulate(ref s01, w, dy0);
            if (TSamples.Value > 1) TBlock.Accumulate(ref s11, w, dy1);
            if (TSamples.Value > 2) TBlock.Accumulate(ref s21, w, dy2);
            if (TSamples.Value > 3) TBlock.Accumulate(ref s31, w, dy3);
            w = TBlock.Load(ref third, 0);
            TBlock.Accumulate(ref s02, w, dy0);
            if (TSamples.Value > 1) TBlock.Accumulate(ref s12, w, dy1);
            if (TSamples.Value > 2) TBlock.Accumulate(ref s22, w, dy2);
            if (TSamples.Value > 3) TBlock.Accumulate(ref s32, w, dy3);
            w = TBlock.Load(ref third, stride);
            TBlock.Accumulate(ref s03, w, dy0);
            if (TSamples.Value > 1) TBlock.Accumulate(ref s13, w, dy1);
            if (TSamples.Value > 2) TBlock.Accumulate(ref s23, w, dy2);
            if (TSamples.Value > 3) TBlock.Accumulate(ref s33, w, dy3);
            weights = ref Unsafe.Add(ref weights, TParts.Value * TBlock.Count);
            third = ref Unsafe.Add(ref third, TParts.Value * TBlock.Count);
            gradient = ref Unsafe.Add(ref gradient, TParts.Value * TBlock.Count);
            later = ref Unsafe.Add(ref later, TParts.Value * TBlock.Count);
        }
        if (TParts.Value > 1)
        {
            Keep(s00, s01, s02, s03, ref target, TParts.Value * TBlock.Count);
            if (TSamples.Value > 1) Keep(s10, s11, s12, s13, ref Unsafe.Add(ref target, targetStride), TParts.Value * TBlock.Count);
            if (TSamples.Value > 2) Keep(s20, s21, s22, s23, ref Unsafe.Add(ref target, 2 * targetStride), TParts.Value * TBlock.Count);
            if (TSamples.Value > 3) Keep(s30, s31, s32, s33, ref Unsafe.Add(ref target, 3 * targetStride), TParts.Value * TBlock.Count);
            return;
        }
        TBlock.StoreSums(s00, s01, s02, s03, ref target, 0);
        if (TSamples.Value > 1) TBlock.StoreSums(s10, s11, s12, s13, ref target, targetStride);
        if (TSamples.Value > 2) TBlock.StoreSums(s20, s21, s22, s23, ref target, 2 * targetStride);
        if (TSamples.Value > 3) TBlock.StoreSums(s30, s31, s32, s33, ref target, 3 * targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<TBlock>(TBlock first, TBlock second, TBlock third, TBlock fourth, ref float target, nint stride) where TBlock : struct, IBlock<TBlock>
    {
        TBlock.Store(first, ref target, 0);
        TBlock.Store(second, ref target, stride);
        TBlock.Store(third, ref target, 2 * stride);
        TBlock.Store(fourth, ref target, 3 * stride);
    }
}
