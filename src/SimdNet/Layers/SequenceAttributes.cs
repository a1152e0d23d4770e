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

/// <summary>What all recurrent layers are told.</summary>
public abstract class RecurrentAttribute : LayerAttribute
{
    /// <summary>A recurrent layer is one of the library.</summary>
    private protected RecurrentAttribute(int units, bool returnSequences, bool reverse) => (Units, ReturnSequences, Reverse) = (units, returnSequences, reverse);

    /// <summary>The outputs of a step.</summary>
    public int Units { get; }

    /// <summary>Whether the result is that of every step, or only that of the last.</summary>
    public bool ReturnSequences { get; }

    /// <summary>Whether the last step comes first.</summary>
    public bool Reverse { get; }
}

/// <summary>
/// A simple recurrent layer (Elman 1990): <c>h' = f(x W + b + h U + b')</c>, (time, features) to (time, units) or (units). Keras <c>SimpleRNN</c>, PyTorch <c>RNN</c>, ONNX
/// <c>RNN</c>. Parameters: <c>weight_ih</c> [units, features], <c>weight_hh</c> [units, units], <c>bias_ih</c>, <c>bias_hh</c> [units].
/// </summary>
/// <param name="units">The outputs of a step.</param>
/// <param name="returnSequences">Whether the result is that of every step, (time, units), or only that of the last, (units).</param>
/// <param name="reverse">Whether the last step comes first; results stay at their time.</param>
/// <param name="activation">f: tanh or relu.</param>
public sealed class SimpleRnnAttribute(int units, bool returnSequences = false, bool reverse = false, Activation activation = Activation.Tanh) : RecurrentAttribute(units, returnSequences, reverse)
{
    /// <summary>f: tanh or relu.</summary>
    public Activation Activation { get; } = activation;
}

/// <summary>
/// A GRU layer (Cho et al. 2014): <c>r, z = sigmoid(x W + b + h U + b')</c>, <c>n = tanh(x W + b + r (h U + b'))</c>, <c>h' = (1 - z) n + z h</c>, (time, features) to (time, units) or
/// (units). Keras and PyTorch <c>GRU</c>, ONNX <c>GRU</c> with <c>linear_before_reset</c>. Parameters, gates in the order r, z, n: <c>weight_ih</c> [3 units, features], <c>weight_hh</c>
/// [3 units, units], <c>bias_ih</c>, <c>bias_hh</c> [3 units].
/// </summary>
/// <param name="units">The outputs of a step.</param>
/// <param name="returnSequences">Whether the result is that of every step, (time, units), or only that of the last, (units).</param>
/// <param name="reverse">Whether the last step comes first; results stay at their time.</param>
/// <param name="resetAfter">Whether the reset gate comes after the product with U, as in PyTorch and Keras, or before it, as first described.</param>
public sealed class GruAttribute(int units, bool returnSequences = false, bool reverse = false, bool resetAfter = true) : RecurrentAttribute(units, returnSequences, reverse)
{
    /// <summary>Whether the reset gate comes after the product with U, as in PyTorch and Keras, or before it, as first described.</summary>
    public bool ResetAfter { get; } = resetAfter;
}

/// <summary>
/// An LSTM layer (Hochreiter and Schmidhuber 1997): <c>i, f, o = sigmoid(x W + b + h U + b')</c>, <c>g = tanh(...)</c>, <c>c' = f c + i g</c>, <c>h' = o tanh(c')</c>, (time, features) to
/// (time, units) or (units). Keras, PyTorch and ONNX <c>LSTM</c>. Parameters, gates in the order i, f, g, o: <c>weight_ih</c> [4 units, features], <c>weight_hh</c> [4 units, units],
/// <c>bias_ih</c>, <c>bias_hh</c> [4 units].
/// </summary>
/// <param name="units">The outputs of a step.</param>
/// <param name="returnSequences">Whether the result is that of every step, (time, units), or only that of the last, (units).</param>
/// <param name="reverse">Whether the last step comes first; results stay at their time.</param>
public sealed class LstmAttribute(int units, bool returnSequences = false, bool reverse = false) : RecurrentAttribute(units, returnSequences, reverse);
