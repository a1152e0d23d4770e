using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// <c>dx = dy Wᵀ</c>: each element is the product of a row of W and a row of dy, which both lie in memory in blocks.
/// Its order of sums: one chain in each lane over the blocks of outputs in ascending order, then the tree of
/// <see cref="IBlock{TSelf}.Sum"/>; the same for one sample and for a row of a batch.
/// </summary>
internal static class DenseInputGradientKernel
{
    /// <summary>So many floats of W go through all samples together: they stay in the second-level cache.</summary>
    private const int WeightsTogether = 1 << 16;

    /// <param name="gradient">dy, [batch, padded outputs].</param>
    /// <param name="weights">[inputs, padded outputs], rows <paramref name="stride"/> apart.</param>
    /// <param name="inputGradient">dx, [batch, inputs].</param>
    [MethodImpl(Jit.Kernel)]
    public static void Run<TBlock>(
        ref float gradient, nint gradientStride, ref float weights, nint stride,
        ref float inputGradient, nint inputStride, int batch, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
    {
        int rows = Math.Max(1, WeightsTogether / padded / 4) * 4;
        for (int first = 0; first < inputs; first += rows)
        {
            int count = Math.Min(rows, inputs - first), sample = 0;
            ref float w = ref Unsafe.Add(ref weights, first * stride);
            ref float dx = ref Unsafe.Add(ref inputGradient, first);
            if (TBlock.Registers >= 32)
            {
                for (; sample <= batch - 4; sample += 4)
                    Rows<TBlock, Four>(ref Unsafe.Add(ref gradient, sample * gradientStride), gradientStride, ref w, stride, ref Unsafe.Add(ref dx, sample * inputStride), inputStride, count, padded);
            }
            if (TBlock.Registers >= 16)
            {
                for (; sample <= batch - 2; sample += 2)
                    Rows<TBlock, Two>(ref Unsafe.Add(ref gradient, sample * gradientStride), gradientStride, ref w, stride, ref Unsafe.Add(ref dx, sample * inputStride), inputStride, count, padded);
            }
            for (; sample < batch; sample++)
                Rows<TBlock, One>(ref Unsafe.Add(ref gradient, sample * gradientStride), gradientStride, ref w, stride, ref Unsafe.Add(ref dx, sample * inputStride), inputStride, count, padded);
        }
    }

    /// <summary>Four rows of W meet one, two or four samples: for four, eight loads for sixteen multiply-adds in as many chains.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Rows<TBlock, TSamples>(
        ref float gradient, nint gradientStride, ref float weights, nint stride, ref float inputGradient, nint inputStride, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TSamples : struct, IConstant
    {
        nint second = gradientStride;
        int input = 0;
        for (; input <= inputs - 4; input += 4)
        {
            TBlock s00 = TBlock.Zero, s01 = TBlock.Zero, s02 = TBlock.Zero, s03 = TBlock.Zero;
            TBlock s10 = TBlock.Zero, s11 = TBlock.Zero, s12 = TBlock.Zero, s13 = TBlock.Zero;
            TBlock s20 = TBlock.Zero, s21 = TBlock.Zero, s22 = TBlock.Zero, s23 = TBlock.Zero;
            TBlock s30 = TBlock.Zero, s31 = TBlock.Zero, s32 = TBlock.Zero, s33 = TBlock.Zero;
            ref float row = ref Unsafe.Add(ref weights, input * stride);
            ref float third = ref Unsafe.Add(ref row, 2 * stride);
            ref float dy = ref gradient;
            ref float later = ref Unsafe.Add(ref gradient, (TSamples.Value > 2 ? 2 : 0) * second);
            for (int output = 0; output < padded; output += TBlock.Count)
            {
                TBlock dy0 = TBlock.Load(ref dy, 0), dy1 = default, dy2 = default, dy3 = default;
                if (TSamples.Value > 1) dy1 = TBlock.Load(ref dy, second);
                if (TSamples.Value > 2)
                {
                    dy2 = TBlock.Load(ref later, 0);
                    dy3 = TBlock.Load(ref later, second);
                }
                TBlock w = TBlock.Load(ref row, 0);
                TBlock.Accumulate(ref s00, w, dy0);
                if (TSamples.Value > 1) TBlock.Accumulate(ref s10, w, dy1);
                if (TSamples.Value > 2) TBlock.Accumulate(ref s20, w, dy2);
                if (TSamples.Value > 2) TBlock.Accumulate(ref s30, w, dy3);
                w = TBlock.Load(ref row, stride);
                TBlock.Accumulate(ref s01, w, dy0);
                if (TSamples.Value > 1) TBlock.Accumulate(ref s11, w, dy1);
                if (TSamples.Value > 2) TBlock.Accumulate(ref s21, w, dy2);
                if (TSamples.Value > 2) TBlock.Accumulate(ref s31, w, dy3);
                w = TBlock.Load(ref third, 0);
                TBlock.Accumulate(ref s02, w, dy0);
                if (TSamples.Value > 1) TBlock.Accumulate(ref s12, w, dy1);
                if (TSamples.Value > 2) TBlock.Accumulate(ref s22, w, dy2);
                if (TSamples.Value > 2) TBlock.Accumulate(ref s32, w, dy3);
                w = TBlock.Load(ref third, stride);
                TBlock.Accumulate(ref s03, w, dy0);
                if (TSamples.Value > 1) TBlock.Accumulate(ref s13, w, dy1);
                if (TSamples.Value > 2) TBlock.Accumulate(ref s23, w, dy2);
                if (TSamples.Value > 2) TBlock.Accumulate(ref s33, w, dy3);
                row = ref Unsafe.Add(ref row, TBlock.Count);
                third = ref Unsafe.Add(ref third, TBlock.Count);
                dy = ref Unsafe.Add(ref dy, TBlock.Count);
                later = ref Unsafe.Add(ref later, TBlock.Count);
            }
            TBlock.StoreSums(s00, s01, s02, s03, ref inputGradient, input);
            if (TSamples.Value > 1) TBlock.StoreSums(s10, s11, s12, s13, ref inputGradient, inputStride + input);
            if (TSamples.Value > 2) TBlock.StoreSums(s20, s21, s22, s23, ref inputGradient, 2 * inputStride + input);
            if (TSamples.Value > 2) TBlock.StoreSums(s30, s31, s32, s33, ref inputGradient, 3 * inputStride + input);
        }
        for (; input < inputs; input++)
        {
            for (int sample = 0; sample < TSamples.Value; sample++)
            {
                TBlock sum = TBlock.Zero;
                ref float row = ref Unsafe.Add(ref weights, input * stride);
                ref float dy = ref Unsafe.Add(ref gradient, sample * gradientStride);
                for (int output = 0; output < padded; output += TBlock.Count) TBlock.Accumulate(ref sum, TBlock.Load(ref row, output), TBlock.Load(ref dy, output));
                Unsafe.Add(ref inputGradient, sample * inputStride + input) = TBlock.Sum(sum);
            }
        }
    }
}
