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
}
