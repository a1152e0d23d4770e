using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.Kernels;
using SimdNet.Training;

namespace SimdNet.CompilerServices;

/// <summary>
/// The dense layer on batches, for emitted code: weights are [inputs, outputs padded to whole blocks], rows <see cref="Dense.Stride"/> apart, and gradients
/// with respect to outputs are padded to whole blocks, their padding zero.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DenseLayer
{
    /// <summary><c>y = f(x W + b)</c>.</summary>
    /// <param name="x">[batch, inputs], rows <paramref name="xStride"/> apart.</param>
    /// <param name="xStride">The distance between rows of x.</param>
    /// <param name="weights">W, [inputs, padded outputs].</param>
    /// <param name="bias">b, [padded outputs].</param>
    /// <param name="activation">f.</param>
    /// <param name="y">[batch, outputs], rows <paramref name="yStride"/> apart.</param>
    /// <param name="yStride">The distance between rows of y.</param>
    /// <param name="batch">The number of rows.</param>
    /// <param name="inputs">The fan-in.</param>
    /// <param name="outputs">The fan-out, without padding.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Forward<TActivation>(
        ReadOnlySpan<float> x, int xStride, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, TActivation activation,
        Span<float> y, int yStride, int batch, int inputs, int outputs)
        where TActivation : struct, IActivation =>
        Forward(x, xStride, weights, packed: null, bias, activation, y, yStride, batch, inputs, outputs);

    /// <summary>The same, through a copy of the weights where there is one; the same bits.</summary>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    internal static void Forward<TActivation>(
        ReadOnlySpan<float> x, int xStride, ReadOnlySpan<float> weights, PackedMatrix? packed, ReadOnlySpan<float> bias, TActivation activation,
        Span<float> y, int yStride, int batch, int inputs, int outputs)
        where TActivation : struct, IActivation
    {
        int padded = SumOrder.PaddedOutputs(outputs), stride = SumOrder.StrideOfPadded(padded);
        Guard.Rows(x.Length, batch, xStride, inputs, nameof(x));
        Guard.Rows(weights.Length, inputs, stride, padded, nameof(weights));
        Guard.AtLeast(bias.Length, padded, nameof(bias), "padded outputs");
        Guard.Rows(y.Length, batch, yStride, outputs, nameof(y));
        if (batch > 1 && SumOrder.Chains(inputs, outputs) == 1)
        {
            ref float first = ref MemoryMarshal.GetReference(y);
            var product = new Product<ActivationEnds<TActivation>>(
                new Strided(ref MemoryMarshal.GetReference(x), xStride, 1), new Strided(ref MemoryMarshal.GetReference(weights), stride, 1),
                new Strided(ref MemoryMarshal.GetReference(bias), 0, 1), new Strided(ref first, yStride, 1),
                new ActivationEnds<TActivation>(activation, ref first, yStride, outputs), batch, outputs, padded, inputs, holdsSums: true, SumOrder.Lanes(outputs));
            if (packed is null) ProductKernel.Run(ref product);
            else ProductKernel.Run(ref product, packed);
            return;
        }
        var operation = new ForwardOperation<TActivation>(x, xStride, weights, bias, activation, y, yStride, batch, inputs, outputs);
        WorkerPool.RunRows(ref operation, batch, (long)inputs * padded);
    }

    /// <summary><c>y = f(x W + b)</c> of one row, for emitted code, which knows the sizes: nothing is checked.</summary>
    /// <param name="x">The first of the inputs.</param>
    /// <param name="weights">W, [inputs, padded outputs].</param>
    /// <param name="bias">b, [padded outputs].</param>
    /// <param name="activation">f.</param>
    /// <param name="y">The first of the outputs.</param>
    /// <param name="inputs">The fan-in.</param>
    /// <param name="outputs">The fan-out, without padding.</param>
    public static void Row<TActivation>(ref float x, ref float weights, ref float bias, TActivation activation, ref float y, int inputs, int outputs)
        where TActivation : struct, IActivation => DenseForwardKernel.Row(ref x, ref weights, ref bias, activation, ref y, inputs, outputs);

    /// <summary><c>dx = dy Wᵀ</c>.</summary>
    /// <param name="gradient">dy, [batch, padded outputs], rows <paramref name="gradientStride"/> apart.</param>
    /// <param name="inputGradient">dx, [batch, inputs], rows <paramref name="inputStride"/> apart.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void BackwardInput(
        ReadOnlySpan<float> gradient, int gradientStride, ReadOnlySpan<float> weights,
        Span<float> inputGradient, int inputStride, int batch, int inputs, int outputs)
    {
        int padded = SumOrder.PaddedOutputs(outputs), stride = SumOrder.StrideOfPadded(padded);
        Guard.Rows(gradient.Length, batch, gradientStride, padded, nameof(gradient));
        Guard.Rows(weights.Length, inputs, stride, padded, nameof(weights));
        Guard.Rows(inputGradient.Length, batch, inputStride, inputs, nameof(inputGradient));
        DenseInputGradientKernel.Run(
            new Strided(ref MemoryMarshal.GetReference(gradient), gradientStride, 1), new Strided(ref MemoryMarshal.GetReference(weights), stride, 1),
            new Strided(ref MemoryMarshal.GetReference(inputGradient), inputStride, 1), batch, inputs, padded, SumOrder.Lanes(outputs));
    }

    /// <summary><c>dW = xᵀ dy</c> and <c>db = Σ dy</c>, written over what was there.</summary>
    /// <param name="x">[batch, inputs], rows <paramref name="xStride"/> apart.</param>
    /// <param name="gradient">dy, [batch, padded outputs], rows <paramref name="gradientStride"/> apart.</param>
    /// <param name="weightsGradient">dW, [inputs, padded outputs].</param>
    /// <param name="biasGradient">db, [padded outputs].</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void BackwardParameters(
        ReadOnlySpan<float> x, int xStride, ReadOnlySpan<float> gradient, int gradientStride,
        Span<float> weightsGradient, Span<float> biasGradient, int batch, int inputs, int outputs) =>
        Parameters(x, xStride, gradient, gradientStride, default(WriteGradient), weightsGradient, default(WriteGradient), biasGradient, batch, inputs, outputs);

    /// <summary>One step of an optimizer that needs no gradients written down: plain descent, or Adam.</summary>
    /// <param name="x">[batch, inputs], rows <paramref name="xStride"/> apart.</param>
    /// <param name="gradient">dy, [batch, padded outputs], rows <paramref name="gradientStride"/> apart.</param>
    /// <param name="optimizer">The optimizer, whose step has begun.</param>
    /// <param name="storage">All parameters of the network.</param>
    /// <param name="weightOffset">Where W begins, [inputs, padded outputs].</param>
    /// <param name="biasOffset">Where b begins, [padded outputs].</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Step(
        ReadOnlySpan<float> x, int xStride, ReadOnlySpan<float> gradient, int gradientStride, Optimizer optimizer,
        Span<float> storage, int weightOffset, int biasOffset, int batch, int inputs, int outputs)
    {
        Span<float> weights = storage[weightOffset..], bias = storage[biasOffset..];
        if (optimizer is Adam adam)
        {
            AdamRule ofWeights = adam.Rule(isDecayed: true), ofBias = adam.Rule(isDecayed: false);
            Parameters(x, xStride, gradient, gradientStride, adam.Descent(in ofWeights, storage), weights, adam.Descent(in ofBias, storage), bias, batch, inputs, outputs);
            return;
        }
        var descent = new Descend(optimizer.LearningRate);
        Parameters(x, xStride, gradient, gradientStride, descent, weights, descent, bias, batch, inputs, outputs);
    }

    private static void Parameters<TUse>(
        ReadOnlySpan<float> x, int xStride, ReadOnlySpan<float> gradient, int gradientStride, TUse ofWeights, Span<float> weights,
        TUse ofBias, Span<float> bias, int batch, int inputs, int outputs)
        where TUse : struct, IGradientUse, allows ref struct
    {
        int padded = SumOrder.PaddedOutputs(outputs), stride = SumOrder.StrideOfPadded(padded);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        Guard.Rows(x.Length, batch, xStride, inputs, nameof(x));
        Guard.Rows(gradient.Length, batch, gradientStride, padded, nameof(gradient));
        Guard.Rows(weights.Length, inputs, stride, padded, nameof(weights));
        Guard.AtLeast(bias.Length, padded, nameof(bias), "padded outputs");
        ref float firstX = ref MemoryMarshal.GetReference(x), firstGradient = ref MemoryMarshal.GetReference(gradient), firstWeight = ref MemoryMarshal.GetReference(weights);
        if (batch == 1)
        {
            var outer = new OuterOperation<TUse>(x, gradient, ofWeights, weights, inputs, outputs);
            BlockDispatch.RunRegisters(ref outer, SumOrder.Lanes(outputs));
        }
        else
        {
            var product = new Product<GradientEnds<TUse>>(
                new Strided(ref firstX, 1, xStride), new Strided(ref firstGradient, gradientStride, 1), default,
                new Strided(ref firstWeight, stride, 1), new GradientEnds<TUse>(ofWeights, ref firstWeight, stride), inputs, padded, padded, batch,
                holdsSums: GradientEnds<TUse>.IsStore, SumOrder.Lanes(outputs));
            ProductKernel.Run(ref product);
        }
        var operation = new BiasOperation<TUse>(gradient, gradientStride, ofBias, bias, batch, outputs);
        BlockDispatch.Run(ref operation, SumOrder.Lanes(outputs));
    }

    private ref struct ForwardOperation<TActivation>(
        ReadOnlySpan<float> x, int xStride, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, TActivation activation,
        Span<float> y, int yStride, int batch, int inputs, int outputs) : IBlockOperation, IPartedRows
        where TActivation : struct, IActivation
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _weights = ref MemoryMarshal.GetReference(weights);
        private readonly ref float _bias = ref MemoryMarshal.GetReference(bias);
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);
        private int _first;

        public int RowsOfPart { private get; set; }

        public readonly void RunPart(int part)
        {
            ForwardOperation<TActivation> copy = this;
            copy._first = part * RowsOfPart;
            copy.RunWhole();
        }

        public void RunWhole() => BlockDispatch.Run(ref this, SumOrder.Lanes(outputs));

        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock> => DenseForwardKernel.Run<TBlock, TActivation>(
            ref Unsafe.Add(ref _x, (nint)_first * xStride), xStride, ref _weights, ref _bias, activation,
            ref Unsafe.Add(ref _y, (nint)_first * yStride), yStride, Math.Min(RowsOfPart, batch - _first), inputs, outputs);
    }

    private readonly ref struct OuterOperation<TUse>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, TUse use, Span<float> weights, int inputs, int outputs) : IBlockOperation
        where TUse : struct, IGradientUse, allows ref struct
    {
        private readonly TUse _use = use;
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly ref float _weights = ref MemoryMarshal.GetReference(weights);

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock> => DenseParameterGradientKernel.Outer<TBlock, TUse>(
            ref _x, ref _gradient, _use, ref _weights, inputs, SumOrder.PaddedOutputs(outputs));
    }

    private readonly ref struct BiasOperation<TUse>(
        ReadOnlySpan<float> gradient, int gradientStride, TUse use, Span<float> bias, int batch, int outputs) : IBlockOperation
        where TUse : struct, IGradientUse, allows ref struct
    {
        private readonly TUse _use = use;
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly ref float _bias = ref MemoryMarshal.GetReference(bias);

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock> => DenseParameterGradientKernel.Bias<TBlock, TUse>(
            ref _gradient, gradientStride, _use, ref _bias, batch, SumOrder.PaddedOutputs(outputs));
    }
}
