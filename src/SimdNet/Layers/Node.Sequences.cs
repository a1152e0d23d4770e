using SimdNet.Specification;

namespace SimdNet.Layers;

public sealed partial class Node
{
    /// <inheritdoc cref="EmbeddingAttribute"/>
    public Node Embedding(int vocabulary, int width) => Apply(nameof(Embedding), (nameof(vocabulary), vocabulary), (nameof(width), width));

    /// <inheritdoc cref="PositionEmbeddingAttribute"/>
    public Node PositionEmbedding() => Apply(nameof(PositionEmbedding));

    /// <inheritdoc cref="MultiHeadAttentionAttribute"/>
    public Node MultiHeadAttention(int heads, bool causal = false, int keyValueHeads = 0, bool rotary = false, bool bias = true) => Apply(
        nameof(MultiHeadAttention), (nameof(heads), heads), (nameof(causal), causal), (nameof(keyValueHeads), keyValueHeads), (nameof(rotary), rotary), (nameof(bias), bias));

    /// <summary>
    /// Multi-head attention of this sequence to another (Vaswani et al. 2017): queries are made of this one, (time, features), keys and values of <paramref name="memory"/>, (its time,
    /// its features); the result has the shape of this one. Keras <c>MultiHeadAttention</c> and PyTorch <c>MultiheadAttention</c> with another key and value, ONNX
    /// (opset 23) <c>Attention</c>. Parameters: <c>in_proj_weight</c> [3 features, features], or where the features differ or heads are shared <c>q_proj_weight</c>, <c>k_proj_weight</c>,
    /// <c>v_proj_weight</c> [features of the heads, features of each]; <c>in_proj_bias</c>, or where heads are shared <c>q_proj_bias</c>, <c>k_proj_bias</c>, <c>v_proj_bias</c>;
    /// <c>out_proj.weight</c> [features, features], <c>out_proj.bias</c>.
    /// </summary>
    /// <param name="memory">The other sequence.</param>
    /// <param name="heads">The heads of queries, a divisor of the features.</param>
    /// <param name="keyValueHeads">The heads of keys and values, which neighbouring heads of queries share (Ainslie et al. 2023); 0 for as many.</param>
    /// <param name="bias">Whether the projections add something.</param>
    /// <exception cref="ArgumentNullException">The memory is null.</exception>
    /// <exception cref="ArgumentException">A value is no sequence, or the heads do not divide the features or one another; or the values belong to different networks.</exception>
    public Node CrossAttention(Node memory, int heads, int keyValueHeads = 0, bool bias = true)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (memory.Graph != Graph) throw new ArgumentException("The values belong to different networks.", nameof(memory));
        var arguments = new LayerArguments(new Dictionary<string, object?> { [nameof(heads)] = heads, [nameof(keyValueHeads)] = keyValueHeads, [nameof(bias)] = bias });
        return new Node(Graph, Graph.Add(nameof(CrossAttention), [Layer, memory.Layer], arguments));
    }

    /// <inheritdoc cref="SimpleRnnAttribute"/>
    public Node SimpleRnn(int units, bool returnSequences = false, bool reverse = false, Activation activation = Activation.Tanh) => Apply(
        nameof(SimpleRnn), (nameof(units), units), (nameof(returnSequences), returnSequences), (nameof(reverse), reverse), (nameof(activation), (int)activation));

    /// <inheritdoc cref="GruAttribute"/>
    public Node Gru(int units, bool returnSequences = false, bool reverse = false, bool resetAfter = true) => Apply(
        nameof(Gru), (nameof(units), units), (nameof(returnSequences), returnSequences), (nameof(reverse), reverse), (nameof(resetAfter), resetAfter));

    /// <inheritdoc cref="LstmAttribute"/>
    public Node Lstm(int units, bool returnSequences = false, bool reverse = false) => Apply(
        nameof(Lstm), (nameof(units), units), (nameof(returnSequences), returnSequences), (nameof(reverse), reverse));
}
