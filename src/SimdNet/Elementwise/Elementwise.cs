using System.Runtime.InteropServices;
using SimdNet.CompilerServices;
using SimdNet.Kernels;

namespace SimdNet;

/// <summary>
/// Functions of each element of a span. A result depends on its element alone, not on its position or on the length,
/// and has the same bits at every vector width. Source and destination may be the same span, but not overlap otherwise.
/// </summary>
public static partial class Elementwise
{
    /// <summary><c>y[i] = e^x[i]</c>, within 1 ULP; subnormal results are kept.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Exp(ReadOnlySpan<float> x, Span<float> y) => Forward(default(Exponential), x, y);

    /// <summary><c>y[i] = ln x[i]</c>, within 1 ULP; -infinity at zero, NaN below.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Log(ReadOnlySpan<float> x, Span<float> y) => Forward(default(Logarithm), x, y);

    /// <summary><c>y[i] = 1 / (1 + e^-x[i])</c>, within 2 ULP.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Sigmoid(ReadOnlySpan<float> x, Span<float> y) => Forward(default(Sigmoid), x, y);

    /// <summary><c>y[i] = tanh x[i]</c>, within 2 ULP; odd, and exact at zero.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Tanh(ReadOnlySpan<float> x, Span<float> y) => Forward(default(Tanh), x, y);

    /// <summary><c>y[i] = erf x[i] = 2/√π ∫ e^-t² dt from 0 to x[i]</c>, within 1 ULP; odd, and exact at zero.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Erf(ReadOnlySpan<float> x, Span<float> y) => Forward(default(ErrorFunction), x, y);

    /// <summary><c>y[i] = x[i] &lt; 0 ? 0 : x[i]</c>; NaN stays NaN.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Relu(ReadOnlySpan<float> x, Span<float> y) => Forward(default(Relu), x, y);

    /// <summary><c>y[i] = x[i] &lt; 0 ? slope x[i] : x[i]</c>; NaN stays NaN.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void LeakyRelu(ReadOnlySpan<float> x, float slope, Span<float> y) => Forward(new LeakyRelu(slope), x, y);

    /// <summary><c>dx[i] = y[i] (1 - y[i]) dy[i]</c> for <c>y = sigmoid(x)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void SigmoidBackward(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(Sigmoid), y, gradient, inputGradient);

    /// <summary><c>dx[i] = (1 - y[i]²) dy[i]</c> for <c>y = tanh(x)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void TanhBackward(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(Tanh), y, gradient, inputGradient);

    /// <summary><c>dx[i] = y[i] &lt;= 0 ? 0 : dy[i]</c> for <c>y = relu(x)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void ReluBackward(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(Relu), y, gradient, inputGradient);

    /// <summary><c>dx[i] = y[i] &lt;= 0 ? slope dy[i] : dy[i]</c> for <c>y = leakyRelu(x)</c> with a positive slope.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the slope is not positive.</exception>
    public static void LeakyReluBackward(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, float slope, Span<float> inputGradient)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slope);
        ElementwiseLayer.Backward(new LeakyRelu(slope), y, gradient, inputGradient);
    }

    /// <summary>
    /// <c>y[i] = e^(x[i] - max) / Σ e^(x[j] - max)</c> in each row of <paramref name="columns"/> elements. An element of
    /// -infinity gives 0; a row that contains NaN or +infinity, or only -infinity, gives NaN.
    /// </summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="columns">The length of a row.</param>
    /// <param name="y">[rows, columns].</param>
    /// <exception cref="ArgumentException">The lengths differ, or are no whole number of rows.</exception>
    public static void Softmax(ReadOnlySpan<float> x, int columns, Span<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        Guard.Length(x.Length % columns, 0, nameof(x), "whole rows only");
        Guard.Destination(x, y);
        SoftmaxLayer.Forward(x, columns, y, columns, x.Length / columns, columns);
    }

    /// <summary><c>dx[i] = y[i] (dy[i] - Σ dy[j] y[j])</c> in each row of <paramref name="columns"/> elements.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or are no whole number of rows.</exception>
    public static void SoftmaxBackward(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, int columns, Span<float> inputGradient) =>
        SoftmaxLayer.Backward(y, gradient, inputGradient, columns);

    /// <summary>
    /// <c>y[i] = x[i] - max - ln Σ e^(x[j] - max)</c>, the logarithm of softmax, in each row of <paramref name="columns"/> elements. An
    /// element of -infinity gives -infinity; a row that contains NaN or +infinity, or only -infinity, gives NaN.
    /// </summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="columns">The length of a row.</param>
    /// <param name="y">[rows, columns].</param>
    /// <exception cref="ArgumentException">The lengths differ, or are no whole number of rows, or the spans overlap in part.</exception>
    public static void LogSoftmax(ReadOnlySpan<float> x, int columns, Span<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        Guard.Length(x.Length % columns, 0, nameof(x), "whole rows only");
        Guard.Destination(x, y);
        LogSoftmaxLayer.Forward(x, columns, y, columns, x.Length / columns, columns);
    }

    /// <summary><c>dx[i] = dy[i] - e^y[i] Σ dy[j]</c> for <c>y = logSoftmax(x)</c>, in each row of <paramref name="columns"/> elements.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or are no whole number of rows.</exception>
    public static void LogSoftmaxBackward(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, int columns, Span<float> inputGradient) =>
        LogSoftmaxLayer.Backward(y, gradient, inputGradient, columns);

    /// <summary><c>max + ln Σ e^(x[i] - max)</c>; -infinity for an empty span.</summary>
    public static float LogSumExp(ReadOnlySpan<float> x)
    {
        if (x.IsEmpty) return float.NegativeInfinity;
        var operation = new LogSumExpOperation(x);
        BlockDispatch.Run(ref operation);
        return operation.Result;
    }

    private static void Forward<TActivation>(TActivation activation, ReadOnlySpan<float> x, Span<float> y) where TActivation : struct, IActivation
    {
        Guard.Destination(x, y);
        ElementwiseLayer.Forward(activation, x, y);
    }

    private ref struct LogSumExpOperation(ReadOnlySpan<float> x) : IBlockOperation
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly int _length = x.Length;

        public float Result { get; private set; }

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock> =>
            Result = SoftmaxKernel.LogSumExp<TBlock>(ref _x, _length);
    }
}
