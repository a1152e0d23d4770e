using SimdNet.CompilerServices;

namespace SimdNet;

/// <content>Activations of networks, and their gradients.</content>
public static partial class Elementwise
{
    /// <summary><c>y[i] = x[i] Φ(x[i]) = x[i] (1 + erf(x[i]/√2)) / 2</c>, within 2 ULP; subnormal results are kept.</summary>
    /// <remarks>Hendrycks and Gimpel, Gaussian Error Linear Units, 2016; in PyTorch <c>gelu</c>.</remarks>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Gelu(ReadOnlySpan<float> x, Span<float> y) => Forward(default(Gelu), x, y);

    /// <summary><c>dx[i] = (Φ(x[i]) + x[i] φ(x[i])) dy[i]</c> for <c>y = gelu(x)</c>, with φ the density of the normal distribution.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void GeluBackward(ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(Gelu), x, gradient, inputGradient);

    /// <summary><c>y[i] = x[i] (1 + tanh(√(2/π) (x[i] + 0.044715 x[i]³))) / 2</c>, within 2 ULP; subnormal results are kept.</summary>
    /// <remarks>Hendrycks and Gimpel, 2016; in PyTorch <c>gelu</c> with <c>approximate="tanh"</c>. It differs from <see cref="Gelu"/> by up to 5e-4.</remarks>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void GeluTanh(ReadOnlySpan<float> x, Span<float> y) => Forward(default(GeluTanh), x, y);

    /// <summary><c>dx[i] = y'(x[i]) dy[i]</c> for <c>y = geluTanh(x)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void GeluTanhBackward(ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(GeluTanh), x, gradient, inputGradient);

    /// <summary><c>y[i] = x[i] / (1 + e^-x[i])</c>, within 2 ULP; subnormal results are kept. Also called swish.</summary>
    /// <remarks>Elfwing, Uchibe and Doya, 2017; Ramachandran, Zoph and Le, 2017.</remarks>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Silu(ReadOnlySpan<float> x, Span<float> y) => Forward(default(Silu), x, y);

    /// <summary><c>dx[i] = σ(x[i]) (1 + x[i] (1 - σ(x[i]))) dy[i]</c> for <c>y = silu(x)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void SiluBackward(ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(Silu), x, gradient, inputGradient);

    /// <summary><c>y[i] = x[i] tanh(ln(1 + e^x[i]))</c>, within 2 ULP; subnormal results are kept.</summary>
    /// <remarks>Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019.</remarks>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Mish(ReadOnlySpan<float> x, Span<float> y) => Forward(default(Mish), x, y);

    /// <summary><c>dx[i] = (w + x[i] σ(x[i]) (1 - w²)) dy[i]</c> for <c>y = mish(x)</c>, with <c>w = tanh(ln(1 + e^x[i]))</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void MishBackward(ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(Mish), x, gradient, inputGradient);

    /// <summary><c>y[i] = x[i] min(max(x[i] + 3, 0), 6) / 6</c>, within 2 ULP.</summary>
    /// <remarks>Howard and others, Searching for MobileNetV3, 2019.</remarks>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void HardSwish(ReadOnlySpan<float> x, Span<float> y) => Forward(default(HardSwish), x, y);

    /// <summary><c>dx[i] = x[i] &lt;= -3 ? 0 : x[i] &gt;= 3 ? dy[i] : (x[i]/3 + 1/2) dy[i]</c> for <c>y = hardSwish(x)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void HardSwishBackward(ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(HardSwish), x, gradient, inputGradient);

    /// <summary><c>y[i] = x[i] &lt; 0 ? alpha (e^x[i] - 1) : x[i]</c>, within 2 ULP.</summary>
    /// <remarks>Clevert, Unterthiner and Hochreiter, Exponential Linear Units, 2015.</remarks>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part; alpha is negative.</exception>
    public static void Elu(ReadOnlySpan<float> x, Span<float> y, float alpha = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(alpha);
        Forward(new Elu(alpha), x, y);
    }

    /// <summary><c>dx[i] = y[i] &lt;= 0 ? (y[i] + alpha) dy[i] : dy[i]</c> for <c>y = elu(x)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or alpha is negative.</exception>
    public static void EluBackward(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient, float alpha = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(alpha);
        ElementwiseLayer.Backward(new Elu(alpha), y, gradient, inputGradient);
    }

    /// <summary><c>y[i] = x[i] &lt; 0 ? λ α (e^x[i] - 1) : λ x[i]</c> with λ = 1.0507009873554805 and α = 1.6732632423543772, within 3 ULP.</summary>
    /// <remarks>Klambauer, Unterthiner, Mayr and Hochreiter, Self-Normalizing Neural Networks, 2017.</remarks>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Selu(ReadOnlySpan<float> x, Span<float> y) => Forward(default(Selu), x, y);

    /// <summary><c>dx[i] = y[i] &lt;= 0 ? (y[i] + λ α) dy[i] : λ dy[i]</c> for <c>y = selu(x)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void SeluBackward(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(Selu), y, gradient, inputGradient);

    /// <summary><c>y[i] = ln(1 + e^x[i])</c>, within 2 ULP; subnormal results are kept.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Softplus(ReadOnlySpan<float> x, Span<float> y) => Forward(default(Softplus), x, y);

    /// <summary><c>dx[i] = (1 - e^-y[i]) dy[i]</c> for <c>y = softplus(x)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void SoftplusBackward(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(Softplus), y, gradient, inputGradient);

    /// <summary><c>y[i] = x[i] / (1 + |x[i]|)</c>, within 2 ULP.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void Softsign(ReadOnlySpan<float> x, Span<float> y) => Forward(default(Softsign), x, y);

    /// <summary><c>dx[i] = dy[i] / (1 + |x[i]|)²</c> for <c>y = softsign(x)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void SoftsignBackward(ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(Softsign), x, gradient, inputGradient);

    /// <summary><c>y[i] = min(max(x[i] + 3, 0), 6) / 6</c>, which is <c>x/6 + 1/2</c> between 0 and 1; within 2 ULP.</summary>
    /// <remarks>As in PyTorch and Keras 3. ONNX's operator has a slope of 0.2 unless told otherwise.</remarks>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap in part.</exception>
    public static void HardSigmoid(ReadOnlySpan<float> x, Span<float> y) => Forward(default(HardSigmoid), x, y);

    /// <summary><c>dx[i] = 0 &lt; y[i] &lt; 1 ? dy[i] / 6 : 0</c> for <c>y = hardSigmoid(x)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void HardSigmoidBackward(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        ElementwiseLayer.Backward(default(HardSigmoid), y, gradient, inputGradient);
}
