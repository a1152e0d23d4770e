using System.ComponentModel;
using System.Runtime.CompilerServices;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// The way back of one sample with plain gradient descent, for emitted code, which knows the sizes and the block: nothing is
/// checked here. Results have the same bits as the layers' methods for batches.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SampleStep
{
    /// <summary>Copies the gradient of the outputs to a padded row; the padding becomes zero.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Pad<TBlock>(ref float gradient, ref float padded, int outputs) where TBlock : struct, IBlock<TBlock>
    {
        int output = 0;
        for (; output <= outputs - TBlock.Count; output += TBlock.Count) TBlock.Store(TBlock.Load(in gradient, output), ref padded, output);
        if (output < outputs) TBlock.Store(TBlock.LoadPartial(in gradient, output, outputs - output), ref padded, output);
    }

    /// <summary>Copies a padded row without its padding.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Unpad<TBlock>(ref float padded, ref float row, int width) where TBlock : struct, IBlock<TBlock>
    {
        int i = 0;
        for (; i <= width - TBlock.Count; i += TBlock.Count) TBlock.Store(TBlock.Load(in padded, i), ref row, i);
        if (i < width) TBlock.StorePartial(TBlock.Load(in padded, i), ref row, i, width - i);
    }

    /// <summary><c>dx = f'(x) dy</c> from y, in place over a padded row.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Activation<TBlock, TActivation>(TActivation activation, ref float y, ref float gradient, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TActivation : struct, IActivation
    {
        for (int i = 0; i < padded; i += TBlock.Count)
            TBlock.Store(activation.Backward(TBlock.Load(in y, i), TBlock.Load(in gradient, i)), ref gradient, i);
    }

    /// <summary>
    /// <c>dx = dy Wᵀ</c>, then <c>W -= learningRate xᵀ dy</c> and <c>b -= learningRate dy</c>, in one pass over the weights: as many
    /// rows at a time as there are registers for, so that a block of dy is read once for all. Each number of rows is a method of its own: in one
    /// the JIT would stop inlining. The last rows come first: the way forward read them last, and begins with the first ones again, so that
    /// weights which are a little too large for the first-level cache are mostly found there.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    public static void Dense<TBlock>(
        ref float x, ref float gradient, float learningRate, ref float weights, ref float bias, ref float inputGradient, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
    {
        int together = TBlock.Registers >= 16 ? 4 : TBlock.Registers >= 8 ? 2 : 1;
        int whole = together == 1 ? 0 : inputs / together * together;
        if (whole < inputs) Rows<TBlock>(ref x, ref gradient, learningRate, ref weights, ref inputGradient, whole, inputs, padded);
        if (together == 4 && padded == TBlock.Count) FourRowsOfOneBlock<TBlock>(ref x, ref gradient, learningRate, ref weights, ref inputGradient, whole);
        else if (together == 4) FourRows<TBlock>(ref x, ref gradient, learningRate, ref weights, ref inputGradient, whole, padded);
        else if (together == 2) TwoRows<TBlock>(ref x, ref gradient, learningRate, ref weights, ref inputGradient, whole, padded);
        DenseParameterGradientKernel.Bias<TBlock, Descend>(ref gradient, 0, new Descend(learningRate), ref bias, batch: 1, padded);
    }

    /// <summary>Four rows at a time, a whole multiple of that.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void FourRows<TBlock>(ref float x, ref float gradient, float learningRate, ref float weights, ref float inputGradient, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock> =>
        InlinedFourRows<TBlock>(ref x, ref gradient, learningRate, ref weights, ref inputGradient, inputs, padded);

    /// <summary>The same for layers that are one block wide: the JIT knows that, and leaves the loop over blocks out.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void FourRowsOfOneBlock<TBlock>(ref float x, ref float gradient, float learningRate, ref float weights, ref float inputGradient, int inputs)
        where TBlock : struct, IBlock<TBlock> =>
        InlinedFourRows<TBlock>(ref x, ref gradient, learningRate, ref weights, ref inputGradient, inputs, TBlock.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InlinedFourRows<TBlock>(ref float x, ref float gradient, float learningRate, ref float weights, ref float inputGradient, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
    {
        TBlock rate = TBlock.Splat(-learningRate);
        nint stride = SumOrder.StrideOfPadded(padded);
        for (int input = inputs - 4; input >= 0; input -= 4)
        {
            TBlock x0 = TBlock.Splat(Unsafe.Add(ref x, input)), x1 = TBlock.Splat(Unsafe.Add(ref x, input + 1));
            TBlock x2 = TBlock.Splat(Unsafe.Add(ref x, input + 2)), x3 = TBlock.Splat(Unsafe.Add(ref x, input + 3));
            TBlock s0 = TBlock.Zero, s1 = TBlock.Zero, s2 = TBlock.Zero, s3 = TBlock.Zero;
            ref float row = ref Unsafe.Add(ref weights, input * stride);
            ref float third = ref Unsafe.Add(ref row, 2 * stride);
            for (int output = 0; output < padded; output += TBlock.Count)
            {
                TBlock dy = TBlock.Load(ref gradient, output);
                TBlock w0 = TBlock.Load(ref row, 0), w1 = TBlock.Load(ref row, stride);
                TBlock w2 = TBlock.Load(ref third, 0), w3 = TBlock.Load(ref third, stride);
                TBlock.Accumulate(ref s0, w0, dy);
                TBlock.Accumulate(ref s1, w1, dy);
                TBlock.Accumulate(ref s2, w2, dy);
                TBlock.Accumulate(ref s3, w3, dy);
                TBlock.Store(TBlock.MultiplyAdd(rate, TBlock.MultiplyAdd(x0, dy, TBlock.Zero), w0), ref row, 0);
                TBlock.Store(TBlock.MultiplyAdd(rate, TBlock.MultiplyAdd(x1, dy, TBlock.Zero), w1), ref row, stride);
                TBlock.Store(TBlock.MultiplyAdd(rate, TBlock.MultiplyAdd(x2, dy, TBlock.Zero), w2), ref third, 0);
                TBlock.Store(TBlock.MultiplyAdd(rate, TBlock.MultiplyAdd(x3, dy, TBlock.Zero), w3), ref third, stride);
                row = ref Unsafe.Add(ref row, TBlock.Count);
                third = ref Unsafe.Add(ref third, TBlock.Count);
            }
            TBlock.StoreSums(s0, s1, s2, s3, ref inputGradient, input);
        }
    }

    /// <summary>The same, two rows at a time.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void TwoRows<TBlock>(ref float x, ref float gradient, float learningRate, ref float weights, ref float inputGradient, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
    {
        TBlock rate = TBlock.Splat(-learningRate);
        nint stride = SumOrder.StrideOfPadded(padded);
        for (int input = inputs - 2; input >= 0; input -= 2)
        {
            TBlock x0 = TBlock.Splat(Unsafe.Add(ref x, input)), x1 = TBlock.Splat(Unsafe.Add(ref x, input + 1));
            TBlock s0 = TBlock.Zero, s1 = TBlock.Zero;
            ref float row = ref Unsafe.Add(ref weights, input * stride);
            for (int output = 0; output < padded; output += TBlock.Count)
            {
                TBlock dy = TBlock.Load(ref gradient, output), w0 = TBlock.Load(ref row, 0), w1 = TBlock.Load(ref row, stride);
                TBlock.Accumulate(ref s0, w0, dy);
                TBlock.Accumulate(ref s1, w1, dy);
                TBlock.Store(TBlock.MultiplyAdd(rate, TBlock.MultiplyAdd(x0, dy, TBlock.Zero), w0), ref row, 0);
                TBlock.Store(TBlock.MultiplyAdd(rate, TBlock.MultiplyAdd(x1, dy, TBlock.Zero), w1), ref row, stride);
                row = ref Unsafe.Add(ref row, TBlock.Count);
            }
            Unsafe.Add(ref inputGradient, input) = TBlock.Sum(s0);
            Unsafe.Add(ref inputGradient, input + 1) = TBlock.Sum(s1);
        }
    }

    /// <summary>One row after the other, from the last to <paramref name="first"/>.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Rows<TBlock>(ref float x, ref float gradient, float learningRate, ref float weights, ref float inputGradient, int first, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
    {
        TBlock rate = TBlock.Splat(-learningRate);
        nint stride = SumOrder.StrideOfPadded(padded);
        for (int input = inputs - 1; input >= first; input--)
        {
            TBlock value = TBlock.Splat(Unsafe.Add(ref x, input)), sum = TBlock.Zero;
            ref float row = ref Unsafe.Add(ref weights, input * stride);
            for (int output = 0; output < padded; output += TBlock.Count)
            {
                TBlock dy = TBlock.Load(ref gradient, output), w = TBlock.Load(ref row, output);
                TBlock.Accumulate(ref sum, w, dy);
                TBlock.Store(TBlock.MultiplyAdd(rate, TBlock.MultiplyAdd(value, dy, TBlock.Zero), w), ref row, output);
            }
            Unsafe.Add(ref inputGradient, input) = TBlock.Sum(sum);
        }
    }

    /// <summary><c>W -= learningRate xᵀ dy</c> and <c>b -= learningRate dy</c>: the first layer, whose input needs no gradient.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void FirstDense<TBlock>(ref float x, ref float gradient, float learningRate, ref float weights, ref float bias, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
    {
        var use = new Descend(learningRate);
        DenseParameterGradientKernel.Outer<TBlock, Descend>(ref x, ref gradient, use, ref weights, inputs, padded);
        DenseParameterGradientKernel.Bias<TBlock, Descend>(ref gradient, 0, use, ref bias, batch: 1, padded);
    }
}
