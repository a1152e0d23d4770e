using System.Numerics;

namespace SimdNet.Reference;

/// <summary>Embedding as plain loops.</summary>
public static class EmbeddingReference
{
    /// <summary><c>y[i] = table[tokens[i]]</c>; table [vocabulary, width], y [tokens, width].</summary>
    public static void Forward<T>(ReadOnlySpan<int> tokens, ReadOnlySpan<T> table, Span<T> y, int width) where T : INumber<T>
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            for (int j = 0; j < width; j++) y[i * width + j] = table[tokens[i] * width + j];
        }
    }

    /// <summary><c>dtable[tokens[i]] += dy[i]</c>, from zero.</summary>
    public static void Backward<T>(ReadOnlySpan<int> tokens, ReadOnlySpan<T> gradient, Span<T> tableGradient, int width) where T : INumber<T>
    {
        tableGradient.Clear();
        for (int i = 0; i < tokens.Length; i++)
        {
            for (int j = 0; j < width; j++) tableGradient[tokens[i] * width + j] += gradient[i * width + j];
        }
    }
}
