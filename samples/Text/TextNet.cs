using SimdNet;
using SimdNet.Layers;

namespace Text;

/// <summary>A transformer that reads characters and says after each which one comes next (Vaswani et al. 2017, decoder alone; norms first, rotary positions).</summary>
[Network(Context)]
public sealed partial class TextNet
{
    /// <summary>The characters that it sees at most, and how many there are to tell apart.</summary>
    public const int Context = 128, Vocabulary = 106;

    private const int Width = 96, Heads = 3, Blocks = 4;

    private static Node Define(Node x)
    {
        x = x.Embedding(Vocabulary, Width);
        for (int i = 0; i < Blocks; i++)
        {
            x += x.LayerNorm().MultiHeadAttention(Heads, causal: true, rotary: true);
            x += x.LayerNorm().Dense(4 * Width).Gelu().Dense(Width);
        }
        return x.LayerNorm().Dense(Vocabulary).Softmax();
    }
}
