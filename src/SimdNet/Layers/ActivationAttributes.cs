namespace SimdNet.Layers;

/// <summary>
/// <c>y = x Φ(x)</c> with the Gaussian distribution function Φ (Hendrycks and Gimpel 2016), any shape. Keras <c>gelu</c>, PyTorch <c>GELU</c>, ONNX <c>Gelu</c>.
/// </summary>
/// <param name="approximate">Whether Φ is approximated by tanh, as PyTorch does with <c>approximate='tanh'</c>.</param>
public sealed class GeluAttribute(bool approximate = false) : LayerAttribute
{
    /// <summary>Whether Φ is approximated by tanh.</summary>
    public bool Approximate { get; } = approximate;
}

/// <summary><c>y = x &lt; 0 ? alpha (e^x - 1) : x</c> (Clevert et al. 2015), any shape. Keras <c>elu</c>, PyTorch <c>ELU</c>, ONNX <c>Elu</c>.</summary>
/// <param name="alpha">What y comes near to far left, with the other sign; at least 0.</param>
public sealed class EluAttribute(float alpha = 1f) : LayerAttribute
{
    /// <summary>What y comes near to far left, with the other sign.</summary>
    public float Alpha { get; } = alpha;
}

/// <summary>
/// Another shape for the same values, in the order that users see: the last size runs fastest. Keras <c>Reshape</c>, PyTorch <c>Unflatten</c>, ONNX <c>Reshape</c>.
/// </summary>
/// <param name="shape">One to three sizes, whose product is the number of values.</param>
public sealed class ReshapeAttribute(params int[] shape) : LayerAttribute
{
    /// <summary>The sizes.</summary>
    public IReadOnlyList<int> Shape { get; } = shape;
}

/// <summary><c>y = x / (1 + e^-x)</c>, also called swish, any shape. Keras <c>silu</c>, PyTorch <c>SiLU</c>, ONNX <c>Swish</c> (opset 24).</summary>
public sealed class SiluAttribute : LayerAttribute;

/// <summary><c>y = x tanh(ln(1 + e^x))</c> (Misra 2019), any shape. Keras <c>mish</c>, PyTorch <c>Mish</c>, ONNX <c>Mish</c>.</summary>
public sealed class MishAttribute : LayerAttribute;

/// <summary><c>y = x min(max(x + 3, 0), 6) / 6</c> (Howard et al. 2019), any shape. Keras <c>hard_silu</c>, PyTorch <c>Hardswish</c>, ONNX <c>HardSwish</c>.</summary>
public sealed class HardSwishAttribute : LayerAttribute;

/// <summary><c>y = x &lt; 0 ? λ α (e^x - 1) : λ x</c> with λ = 1.0507 and α = 1.6733 (Klambauer et al. 2017), any shape. Keras <c>selu</c>, PyTorch <c>SELU</c>, ONNX <c>Selu</c>.</summary>
public sealed class SeluAttribute : LayerAttribute;

/// <summary><c>y = ln(1 + e^x)</c>, any shape. Keras <c>softplus</c>, PyTorch <c>Softplus</c>, ONNX <c>Softplus</c>.</summary>
public sealed class SoftplusAttribute : LayerAttribute;

/// <summary><c>y = x / (1 + |x|)</c>, any shape. Keras <c>softsign</c>, PyTorch <c>Softsign</c>, ONNX <c>Softsign</c>.</summary>
public sealed class SoftsignAttribute : LayerAttribute;

/// <summary><c>y = min(max(x + 3, 0), 6) / 6</c>, any shape. Keras <c>hard_sigmoid</c>, PyTorch <c>Hardsigmoid</c>, ONNX <c>HardSigmoid</c> with alpha 1/6 (its default is 0.2).</summary>
public sealed class HardSigmoidAttribute : LayerAttribute;

/// <summary><c>y[i] = x[i] - ln Σ e^x[j]</c> over the last axis: all of flat values, each step of a sequence by itself. Keras <c>log_softmax</c>, PyTorch <c>LogSoftmax(-1)</c>, ONNX <c>LogSoftmax</c>.</summary>
public sealed class LogSoftmaxAttribute : LayerAttribute;

/// <summary>
/// <c>y = x &gt; 0 ? x : slope x</c> with a learned slope for each channel of an image, or each feature (He et al. 2015), any shape. Keras <c>PReLU</c> with axes shared, PyTorch
/// <c>PReLU(num_parameters=channels)</c>, ONNX <c>PRelu</c>. Parameter: <c>weight</c> [channels], which begins at 0.25 and does not decay.
/// </summary>
public sealed class PReluAttribute : LayerAttribute;
