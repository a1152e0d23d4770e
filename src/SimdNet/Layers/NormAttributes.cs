namespace SimdNet.Layers;

/// <summary>
/// <c>y = (x - mean) / sqrt(variance + epsilon) scale + shift</c> for each channel of an image, or feature, over the batch and all positions; in prediction with running statistics (Ioffe and
/// Szegedy 2015). Any shape. Defaults are PyTorch's: Keras counts momentum the other way round (0.99) and has epsilon 1e-3. Keras <c>BatchNormalization</c>, PyTorch <c>BatchNorm1d</c> and
/// <c>BatchNorm2d</c>, ONNX <c>BatchNormalization</c>. Parameters: <c>weight</c> and <c>bias</c> [channels], and the statistics <c>running_mean</c> and <c>running_var</c>.
/// </summary>
/// <param name="epsilon">What is added to the variance.</param>
/// <param name="momentum">The share of a batch in the running statistics.</param>
public sealed class BatchNormAttribute(float epsilon = 1e-5f, float momentum = 0.1f) : LayerAttribute
{
    /// <summary>What is added to the variance.</summary>
    public float Epsilon { get; } = epsilon;

    /// <summary>The share of a batch in the running statistics.</summary>
    public float Momentum { get; } = momentum;
}

/// <summary>
/// <c>y = (x - mean) / sqrt(variance + epsilon) scale + shift</c> over the features of each sample, or of each step of a sequence (Ba et al. 2016). Keras
/// <c>LayerNormalization</c>, PyTorch <c>LayerNorm</c>, ONNX <c>LayerNormalization</c>. Parameters: <c>weight</c> and <c>bias</c> [features].
/// </summary>
/// <param name="epsilon">What is added to the variance.</param>
public sealed class LayerNormAttribute(float epsilon = 1e-5f) : LayerAttribute
{
    /// <summary>What is added to the variance.</summary>
    public float Epsilon { get; } = epsilon;
}

/// <summary>
/// <c>y = x / sqrt(mean of x² + epsilon) scale</c> over the features of each sample, or of each step of a sequence (Zhang and Sennrich 2019). Keras <c>RMSNormalization</c>, PyTorch <c>RMSNorm</c>,
/// ONNX <c>RMSNormalization</c>. Parameter: <c>weight</c> [features].
/// </summary>
/// <param name="epsilon">What is added to the variance.</param>
public sealed class RmsNormAttribute(float epsilon = 1e-6f) : LayerAttribute
{
    /// <summary>What is added to the variance.</summary>
    public float Epsilon { get; } = epsilon;
}

/// <summary>
/// <c>y = (x - mean) / sqrt(variance + epsilon) scale + shift</c> over the positions and channels of each group (Wu and He 2018). Images, sequences, flat inputs. Keras <c>GroupNormalization</c>,
/// PyTorch <c>GroupNorm</c>, ONNX <c>GroupNormalization</c>. Parameters: <c>weight</c> and <c>bias</c> [channels].
/// </summary>
/// <param name="groups">Into how many groups channels are cut.</param>
/// <param name="epsilon">What is added to the variance.</param>
public sealed class GroupNormAttribute(int groups, float epsilon = 1e-5f) : LayerAttribute
{
    /// <summary>Into how many groups channels are cut.</summary>
    public int Groups { get; } = groups;

    /// <summary>What is added to the variance.</summary>
    public float Epsilon { get; } = epsilon;
}
