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
    /// <param name="gradient">dy, [batch, padded outputs].</param>
    /// <param name="weights">[inputs, padded outputs].</param>
    /// <param name="inputGradient">dx, [batch, inputs].</param>
    public static void Run<TBlock>(
        ref float gradient, nint gradientStride, ref float weights,
        ref float inputGradient, nint inputStride, int batch, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
    {
        int sample = 0;
        if (TBlock.Registers >= 16)
        {
            for (; sample <= batch - 2; sample += 2)
                Rows<TBlock, Two>(ref Unsafe.Add(ref gradient, sample * gradientStride), gradientStride, ref weights, ref Unsafe.Add(ref inputGradient, sample * inputStride), inputStride, inputs, padded);
        }
        for (; sample < batch; sample++)
            Rows<TBlock, One>(ref Unsafe.Add(ref gradient, sample * gradientStride), gradientStride, ref weights, ref Unsafe.Add(ref inputGradient, sample * inputStride), inputStride, inputs, padded);
    }

    /// <summary>Four rows of W meet one or two samples: six loads for eight multiply-adds in eight chains.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows<TBlock, TSamples>(
        ref float gradient, nint gradientStride, ref float weights, ref float inputGradient, nint inputStride, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TSamples : struct, IConstant
    {
        ref float secondGradient = ref Unsafe.Add(ref gradient, (TSamples.Value - 1) * gradientStride);
        ref float secondResult = ref Unsafe.Add(ref inputGradient, (TSamples.Value - 1) * inputStride);
        int input = 0;
        for (; input <= inputs - 4; input += 4)
        {
            TBlock s00 = TBlock.Zero, s01 = TBlock.Zero, s02 = TBlock.Zero, s03 = TBlock.Zero;
            TBlock s10 = TBlock.Zero, s11 = TBlock.Zero, s12 = TBlock.Zero, s13 = TBlock.Zero;
            ref float row = ref Unsafe.Add(ref weights, (nint)input * padded);
            for (int output = 0; output < padded; output += TBlock.Count)
            {
                TBlock dy0 = TBlock.Load(ref gradient, output);
                TBlock dy1 = TSamples.Value > 1 ? TBlock.Load(ref secondGradient, output) : default;
                TBlock w = TBlock.Load(ref row, output);
                s00 = TBlock.MultiplyAdd(w, dy0, s00);
                if (TSamples.Value > 1) s10 = TBlock.MultiplyAdd(w, dy1, s10);
                w = TBlock.Load(ref row, (nint)padded + output);
                s01 = TBlock.MultiplyAdd(w, dy0, s01);
                if (TSamples.Value > 1) s11 = TBlock.MultiplyAdd(w, dy1, s11);
                w = TBlock.Load(ref row, 2 * (nint)padded + output);
                s02 = TBlock.MultiplyAdd(w, dy0, s02);
                if (TSamples.Value > 1) s12 = TBlock.MultiplyAdd(w, dy1, s12);
                w = TBlock.Load(ref row, 3 * (nint)padded + output);
                s03 = TBlock.MultiplyAdd(w, dy0, s03);
                if (TSamples.Value > 1) s13 = TBlock.MultiplyAdd(w, dy1, s13);
            }
            ref float result = ref Unsafe.Add(ref inputGradient, input);
            result = TBlock.Sum(s00);
            Unsafe.Add(ref result, 1) = TBlock.Sum(s01);
            Unsafe.Add(ref result, 2) = TBlock.Sum(s02);
            Unsafe.Add(ref result, 3) = TBlock.Sum(s03);
            if (TSamples.Value > 1)
            {
                result = ref Unsafe.Add(ref secondResult, input);
                result = TBlock.Sum(s10);
                Unsafe.Add(ref result, 1) = TBlock.Sum(s11);
                Unsafe.Add(ref result, 2) = TBlock.Sum(s12);
                Unsafe.Add(ref result, 3) = TBlock.Sum(s13);
            }
        }
        for (; input < inputs; input++)
        {
            TBlock s0 = TBlock.Zero, s1 = TBlock.Zero;
            ref float row = ref Unsafe.Add(ref weights, (nint)input * padded);
            for (int output = 0; output < padded; output += TBlock.Count)
            {
                TBlock w = TBlock.Load(ref row, output);
                s0 = TBlock.MultiplyAdd(w, TBlock.Load(ref gradient, output), s0);
                if (TSamples.Value > 1) s1 = TBlock.MultiplyAdd(w, TBlock.Load(ref secondGradient, output), s1);
            }
            Unsafe.Add(ref inputGradient, input) = TBlock.Sum(s0);
            if (TSamples.Value > 1) Unsafe.Add(ref secondResult, input) = TBlock.Sum(s1);
        }
    }
}
