namespace SimdNet.Layers;

/// <summary>A layer of a network that is declared by attributes.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public abstract class LayerAttribute : Attribute
{
    /// <summary>The layers are those of the library; others are made of these in a <c>Define</c> method.</summary>
    private protected LayerAttribute()
    {
    }
}

/// <summary>
/// Every output sees every input: <c>y = x Wᵀ + b</c>, [inputs] to [units]. Keras <c>Dense</c>, PyTorch <c>Linear</c>,
/// ONNX <c>Gemm</c>. Parameters: <c>weight</c> [units, inputs], <c>bias</c> [units].
/// </summary>
/// <param name="units">The number of outputs.</param>
public sealed class DenseAttribute(int units) : LayerAttribute
{
    /// <summary>The number of outputs.</summary>
    public int Units { get; } = units;

    /// <summary>How the weights are drawn.</summary>
    public Initializer Initializer { get; set; } = Initializer.Auto;
}

/// <summary><c>y = max(x, 0)</c>, any shape; NaN stays NaN. Keras <c>ReLU</c>, PyTorch <c>ReLU</c>, ONNX <c>Relu</c>.</summary>
public sealed class ReluAttribute : LayerAttribute;

/// <summary><c>y = x &lt; 0 ? slope x : x</c>, any shape. Keras <c>LeakyReLU</c>, PyTorch <c>LeakyReLU</c>, ONNX <c>LeakyRelu</c>.</summary>
/// <param name="slope">The slope left of zero, above 0 (PyTorch and ONNX 0.01, Keras 0.3).</param>
public sealed class LeakyReluAttribute(float slope = 0.01f) : LayerAttribute
{
    /// <summary>The slope left of zero.</summary>
    public float Slope { get; } = slope;
}

/// <summary><c>y = 1 / (1 + e^-x)</c>, any shape. Keras <c>sigmoid</c>, PyTorch <c>Sigmoid</c>, ONNX <c>Sigmoid</c>.</summary>
public sealed class SigmoidAttribute : LayerAttribute;

/// <summary><c>y = tanh x</c>, any shape. Keras <c>tanh</c>, PyTorch <c>Tanh</c>, ONNX <c>Tanh</c>.</summary>
public sealed class TanhAttribute : LayerAttribute;

/// <summary>
/// <c>y[i] = e^x[i] / Σ e^x[j]</c> over the last axis (all of flat values, each step of a sequence by itself), as the last layer: a distribution over classes. Keras
/// <c>Softmax</c>, PyTorch <c>Softmax(-1)</c>, ONNX <c>Softmax</c>. Trained with cross-entropy as one stable step.
/// </summary>
public sealed class SoftmaxAttribute : LayerAttribute;

/// <summary>Any shape becomes [product of its sizes]; nothing is moved. Keras and PyTorch <c>Flatten</c>, ONNX <c>Flatten</c>.</summary>
public sealed class FlattenAttribute : LayerAttribute;

/// <summary>
/// In training each value is zero with probability <paramref name="rate"/> and multiplied by <c>1 / (1 - rate)</c>
/// otherwise, any shape; in prediction nothing happens. Keras and PyTorch <c>Dropout</c>, ONNX <c>Dropout</c>.
/// </summary>
/// <param name="rate">The share of values that are dropped, from 0 to below 1.</param>
public sealed class DropoutAttribute(float rate) : LayerAttribute
{
    /// <summary>The share of values that are dropped.</summary>
    public float Rate { get; } = rate;
}

/// <summary>
/// In training normally distributed noise is added to each value, <c>y = x + n</c> with mean zero, any shape; in prediction nothing happens. Keras <c>GaussianNoise</c>, PyTorch
/// <c>x + stddev * randn_like(x)</c>.
/// </summary>
/// <param name="stddev">The standard deviation of the noise, finite and at least 0.</param>
public sealed class GaussianNoiseAttribute(float stddev) : LayerAttribute
{
    /// <summary>The standard deviation of the noise.</summary>
    public float Stddev { get; } = stddev;
}
