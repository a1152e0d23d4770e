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
/// <param name="weights">[inputs, padded outputs], rows <paramref name="stride"/> apart.</param>
/// <param name="inputGradient">dx, [batch, inputs].</param>
/// <param name="lanes">How many chains an element has, as many as the lanes of a block; without vectors there is one.</param>
internal readonly ref struct DenseInputGradientKernel(
    ref float gradient, nint gradientStride, ref float weights, nint stride, ref float inputGradient, nint inputStride, int batch, int inputs, int padded, int lanes) : IBlockOperation
{
    /// <summary>So many floats of W go through all samples together: they stay in the second-level cache.</summary>
    private const int WeightsTogether = 1 << 16;

    /// <summary>With fewer outputs the ends of tiles take longer than what parts of the lanes save.</summary>
    private const int LeastOutputsInParts = 96;

    private readonly ref float _gradient = ref gradient, _weights = ref weights, _inputGradient = ref inputGradient;

    public static void Run(
        ref float gradient, nint gradientStride, ref float weights, nint stride, ref float inputGradient, nint inputStride, int batch, int inputs, int padded, int lanes)
    {
        var kernel = new DenseInputGradientKernel(ref gradient, gradientStride, ref weights, stride, ref inputGradient, inputStride, batch, inputs, padded, lanes);
        BlockDispatch.Run(ref kernel, lanes);
    }

    public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
    {
        if (TBlock.Registers < 8 || (TBlock.Registers < 16 && batch > 1 && padded >= LeastOutputsInParts))
        {
            DenseInputGradientKernel inParts = this;
            BlockDispatch.RunRegisters(ref inParts, lanes);
            return;
        }

        // Without vectors there is one chain.
        int parts = TBlock.Count == 1 ? 1 : lanes / TBlock.Count;
        if (parts == 4) Run<TBlock, Four>();
        else if (parts == 2) Run<TBlock, Two>();
        else Run<TBlock, One>();
    }

    [MethodImpl(Jit.Kernel)]
    private void Run<TBlock, TParts>()
        where TBlock : struct, IBlock<TBlock>
        where TParts : struct, IConstant
    {
        int rows = Math.Max(1, WeightsTogether / padded / 4) * 4;
        for (int first = 0; first < inputs; first += rows)
        {
            int count = Math.Min(rows, inputs - first), sample = 0;
            ref float w = ref Unsafe.Add(ref _weights, first * stride);
            ref float dx = ref Unsafe.Add(ref _inputGradient, first);
            if (TBlock.Registers >= 32)
            {
                for (; sample <= batch - 4; sample += 4)
                    Rows<TBlock, TParts, Four>(ref Unsafe.Add(ref _gradient, sample * gradientStride), gradientStride, ref w, stride, ref Unsafe.Add(ref dx, sample * inputStride), inputStride, count, padded);
            }
            if (TBlock.Registers >= 16)
            {
                for (; sample <= batch - 3; sample += 3)
                    Rows<TBlock, TParts, Three>(ref Unsafe.Add(ref _gradient, sample * gradientStride), gradientStride, ref w, stride, ref Unsafe.Add(ref dx, sample * inputStride), inputStride, count, padded);
                for (; sample <= batch - 2; sample += 2)
                    Rows<TBlock, TParts, Two>(ref Unsafe.Add(ref _gradient, sample * gradientStride), gradientStride, ref w, stride, ref Unsafe.Add(ref dx, sample * inputStride), inputStride, count, padded);
            }
            for (; sample < batch; sample++)
                Rows<TBlock, TParts, One>(ref Unsafe.Add(ref _gradient, sample * gradientStride), gradientStride, ref w, stride, ref Unsafe.Add(ref dx, sample * inputStride), inputStride, count, padded);
        }
    }

    /// <summary>Some rows of W and up to four samples.</summary>
    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    private static void Rows<TBlock, TParts, TSamples>(
        ref float gradient, nint gradientStride, ref float weights, nint stride, ref float inputGradient, nint inputStride, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TParts : struct, IConstant
        where TSamples : struct, IConstant
    {
        Unsafe.SkipInit(out TileSums buffer);
        ref float sums = ref buffer.Aligned;
        nint period = TParts.Value * TBlock.Count;
        int input = 0;
        for (; input <= inputs - 4; input += 4)
        {
            ref float target = ref TParts.Value == 1 ? ref Unsafe.Add(ref inputGradient, input) : ref sums;
            for (nint part = 0; part < period; part += TBlock.Count)
                Tile<TBlock, TParts, TSamples>(ref Unsafe.Add(ref gradient, part), gradientStride, ref Unsafe.Add(ref weights, part), stride, ref Unsafe.Add(ref target, part), TParts.Value == 1 ? inputStride : 4 * period, padded);
            for (nint i = 0; TParts.Value > 1 && i < TSamples.Value; i++)
            {
                ref float four = ref Unsafe.Add(ref sums, i * 4 * period);
                TBlock.StoreSums(
                    Joined<TBlock, TParts>(ref four), Joined<TBlock, TParts>(ref Unsafe.Add(ref four, period)),
                    Joined<TBlock, TParts>(ref Unsafe.Add(ref four, 2 * period)), Joined<TBlock, TParts>(ref Unsafe.Add(ref four, 3 * period)), ref inputGradient, i * inputStride + input);
            }
            weights = ref Unsafe.Add(ref weights, 4 * stride);
        }
        if (input < inputs)
            Rest<TBlock, TParts>(ref gradient, gradientStride, ref weights, stride, ref Unsafe.Add(ref inputGradient, input), inputStride, inputs - input, TSamples.Value, padded);
    }

    /// <summary>The last rows of W, fewer than four.</summary>
    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    private static void Rest<TBlock, TParts>(
        ref float gradient, nint gradientStride, ref float weights, nint stride, ref float inputGradient, nint inputStride, int inputs, int samples, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TParts : struct, IConstant
    {
        Unsafe.SkipInit(out TileSums buffer);
        ref float sums = ref buffer.Aligned;
        nint period = TParts.Value * TBlock.Count;
        for (nint input = 0; input < inputs; input++)
        {
            for (nint sample = 0; sample < samples; sample++)
            {
                for (nint part = 0; part < period; part += TBlock.Count)
                {
                    TBlock sum = TBlock.Zero;
                    for (nint output = part; output < padded; output += period)
                        TBlock.Accumulate(ref sum, TBlock.Load(ref weights, input * stride + output), TBlock.Load(ref gradient, sample * gradientStride + output));
                    TBlock.Store(sum, ref sums, part);
                }
                Unsafe.Add(ref inputGradient, sample * inputStride + input) = TBlock.Sum(Joined<TBlock, TParts>(ref sums));
            }
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
