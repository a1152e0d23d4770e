using System.ComponentModel;
using System.Runtime.InteropServices;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// The dense layer on batches, for emitted code: weights are [inputs, outputs padded to whole blocks], and gradients
/// with respect to outputs are padded likewise, their padding zero.
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
        where TActivation : struct, IActivation
    {
        int padded = SumOrder.PaddedOutputs(outputs);
        Guard.Rows(x.Length, batch, xStride, inputs, nameof(x));
        Guard.Rows(weights.Length, inputs, padded, padded, nameof(weights));
        Guard.AtLeast(bias.Length, padded, nameof(bias), "padded outputs");
        Guard.Rows(y.Length, batch, yStride, outputs, nameof(y));
        var operation = new ForwardOperation<TActivation>(x, xStride, weights, bias, activation, y, yStride, batch, inputs, outputs);
        BlockDispatch.Run(ref operation, SumOrder.Lanes(outputs));
    }

    /// <summary><c>dx = dy Wᵀ</c>.</summary>
    /// <param name="gradient">dy, [batch, padded outputs], rows <paramref name="gradientStride"/> apart.</param>
    /// <param name="inputGradient">dx, [batch, inputs], rows <paramref name="inputStride"/> apart.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void BackwardInput(
        ReadOnlySpan<float> gradient, int gradientStride, ReadOnlySpan<float> weights,
        Span<float> inputGradient, int inputStride, int batch, int inputs, int outputs)
    {
        int padded = SumOrder.PaddedOutputs(outputs);
        Guard.Rows(gradient.Length, batch, gradientStride, padded, nameof(gradient));
        Guard.Rows(weights.Length, inputs, padded, padded, nameof(weights));
        Guard.Rows(inputGradient.Length, batch, inputStride, inputs, nameof(inputGradient));
        var operation = new InputOperation(gradient, gradientStride, weights, inputGradient, inputStride, batch, inputs, padded);
        BlockDispatch.Run(ref operation, SumOrder.Lanes(outputs));
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
        Parameters(x, xStride, gradient, gradientStride, default(WriteGradient), weightsGradient, biasGradient, batch, inputs, outputs);

    /// <summary><c>W -= learningRate xᵀ dy</c> and <c>b -= learningRate Σ dy</c>, without writing a gradient.</summary>
    /// <param name="x">[batch, inputs], rows <paramref name="xStride"/> apart.</param>
    /// <param name="gradient">dy, [batch, padded outputs], rows <paramref name="gradientStride"/> apart.</param>
    /// <param name="weights">W, [inputs, padded outputs].</param>
    /// <param name="bias">b, [padded outputs].</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Descend(
        ReadOnlySpan<float> x, int xStride, ReadOnlySpan<float> gradient, int gradientStride, float learningRate,
        Span<float> weights, Span<float> bias, int batch, int inputs, int outputs) =>
        Parameters(x, xStride, gradient, gradientStride, new Descend(learningRate), weights, bias, batch, inputs, outputs);

    private static void Parameters<TUse>(
        ReadOnlySpan<float> x, int xStride, ReadOnlySpan<float> gradient, int gradientStride, TUse use,
        Span<float> weights, Span<float> bias, int batch, int inputs, int outputs)
        where TUse : struct, IGradientUse
    {
        int padded = SumOrder.PaddedOutputs(outputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        Guard.Rows(x.Length, batch, xStride, inputs, nameof(x));
        Guard.Rows(gradient.Length, batch, gradientStride, padded, nameof(gradient));
        Guard.Rows(weights.Length, inputs, padded, padded, nameof(weights));
        Guard.AtLeast(bias.Length, padded, nameof(bias), "padded outputs");
        var operation = new ParameterOperation<TUse>(x, xStride, gradient, gradientStride, use, weights, bias, batch, inputs, padded);
        BlockDispatch.Run(ref operation, SumOrder.Lanes(outputs));
    }

    private readonly ref struct ForwardOperation<TActivation>(
        ReadOnlySpan<float> x, int xStride, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, TActivation activation,
        Span<float> y, int yStride, int batch, int inputs, int outputs) : IBlockOperation
        where TActivation : struct, IActivation
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _weights = ref MemoryMarshal.GetReference(weights);
        private readonly ref float _bias = ref MemoryMarshal.GetReference(bias);
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock> =>
            DenseForwardKernel.Run<TBlock, TActivation>(ref _x, xStride, ref _weights, ref _bias, activation, ref _y, yStride, batch, inputs, outputs);
    }

    private readonly ref struct InputOperation(
        ReadOnlySpan<float> gradient, int gradientStride, ReadOnlySpan<float> weights,
        Span<float> inputGradient, int inputStride, int batch, int inputs, int padded) : IBlockOperation
    {
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly ref float _weights = ref MemoryMarshal.GetReference(weights);
        private readonly ref float _inputGradient = ref MemoryMarshal.GetReference(inputGradient);

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock> =>
            DenseInputGradientKernel.Run<TBlock>(ref _gradient, gradientStride, ref _weights, ref _inputGradient, inputStride, batch, inputs, padded);
    }

    private readonly ref struct ParameterOperation<TUse>(
        ReadOnlySpan<float> x, int xStride, ReadOnlySpan<float> gradient, int gradientStride, TUse use,
        Span<float> weights, Span<float> bias, int batch, int inputs, int padded) : IBlockOperation
        where TUse : struct, IGradientUse
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly ref float _weights = ref MemoryMarshal.GetReference(weights);
        private readonly ref float _bias = ref MemoryMarshal.GetReference(bias);

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock> =>
            DenseParameterGradientKernel.Run<TBlock, TUse>(ref _x, xStride, ref _gradient, gradientStride, use, ref _weights, ref _bias, batch, inputs, padded);
    }
}
