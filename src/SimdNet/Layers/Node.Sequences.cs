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
