namespace SimdNet.Layers;

/// <summary>
/// A row of a table for each token: <c>y[t] = weight[x[t]]</c>, (time) to (time, width). The input holds whole numbers from 0 to below
/// <paramref name="vocabulary"/>; any other is refused with its position. Keras and PyTorch <c>Embedding</c>, ONNX <c>Gather</c>. Parameter: <c>weight</c>
/// [vocabulary, width].
/// </summary>
/// <param name="vocabulary">How many tokens there are, at most 2^24.</param>
/// <param name="width">The features of a token.</param>
public sealed class EmbeddingAttribute(int vocabulary, int width) : LayerAttribute
{
    /// <summary>How many tokens there are.</summary>
    public int Vocabulary { get; } = vocabulary;

    /// <summary>The features of a token.</summary>
    public int Width { get; } = width;
}

/// <summary>
/// A learned row that is added to each step: <c>y[t] = x[t] + weight[t]</c>, (time, features). KerasHub <c>PositionEmbedding</c>, PyTorch and ONNX an
/// embedding of 0, 1, 2, ... and a sum. Parameter: <c>weight</c> [time, features].
/// </summary>
public sealed class PositionEmbeddingAttribute : LayerAttribute;

/// <summary>
/// Multi-head self attention (Vaswani et al. 2017): <c>softmax(q kᵀ / sqrt(head width)) v</c> in each head, between two projections, (time, features) to the
/// same shape. Keras and ONNX (opset 23) <c>Attention</c>, PyTorch <c>MultiheadAttention</c> with <c>batch_first</c>. Parameters: <c>in_proj_weight</c> [features of
/// queries, keys and values, features], <c>in_proj_bias</c>, <c>out_proj.weight</c> [features, features], <c>out_proj.bias</c>.
/// </summary>
/// <param name="heads">The heads of queries, a divisor of the features.</param>
/// <param name="causal">Whether a step sees only those before it, and itself.</param>
/// <param name="keyValueHeads">The heads of keys and values, which neighbouring heads of queries share (Ainslie et al. 2023); 0 for as many.</param>
/// <param name="rotary">Whether queries and keys are turned by their positions (Su et al. 2021; halves of a head are the pairs, as in GPT-NeoX).</param>
/// <param name="bias">Whether the projections add something.</param>
public sealed class MultiHeadAttentionAttribute(int heads, bool causal = false, int keyValueHeads = 0, bool rotary = false, bool bias = true) : LayerAttribute
{
    /// <summary>The heads of queries.</summary>
    public int Heads { get; } = heads;

    /// <summary>Whether a step sees only those before it, and itself.</summary>
    public bool Causal { get; } = causal;

    /// <summary>The heads of keys and values; 0 for as many as of queries.</summary>
    public int KeyValueHeads { get; } = keyValueHeads;

    /// <summary>Whether queries and keys are turned by their positions.</summary>
    public bool Rotary { get; } = rotary;

    /// <summary>Whether the projections add something.</summary>
    public bool Bias { get; } = bias;
}
