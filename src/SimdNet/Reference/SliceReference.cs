using System.Numerics;

namespace SimdNet.Reference;

/// <summary>A part of one axis as plain loops: an axis of <c>size</c> between <c>before</c> positions of the axes before it and <c>behind</c> of those behind it.</summary>
public static class SliceReference
{
    /// <summary><c>y[i, j, k] = x[i, start + j, k]</c>; x [before, size, behind], y [before, length, behind].</summary>
    public static void Forward<T>(int before, int size, int behind, int start, int length, ReadOnlySpan<T> x, Span<T> y) where T : INumber<T>
    {
        for (int i = 0; i < before; i++)
        {
            for (int j = 0; j < length; j++)
            {
                for (int k = 0; k < behind; k++) y[(i * length + j) * behind + k] = x[(i * size + start + j) * behind + k];
            }
        }
    }

    /// <summary><c>dx[i, start + j, k] = dy[i, j, k]</c>, zero elsewhere.</summary>
    public static void Backward<T>(int before, int size, int behind, int start, int length, ReadOnlySpan<T> gradient, Span<T> inputGradient) where T : INumber<T>
    {
        inputGradient.Clear();
        for (int i = 0; i < before; i++)
        {
            for (int j = 0; j < length; j++)
            {
                for (int k = 0; k < behind; k++) inputGradient[(i * size + start + j) * behind + k] = gradient[(i * length + j) * behind + k];
            }
        }
    }
}
