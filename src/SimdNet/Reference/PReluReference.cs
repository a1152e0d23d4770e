using System.Numerics;

namespace SimdNet.Reference;

/// <summary>A relu with a slope for each channel as plain loops over [rows, channels].</summary>
public static class PReluReference
{
    /// <summary><c>y = x &gt; 0 ? x : slope x</c>.</summary>
    public static void Forward<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> slopes, Span<T> y) where T : INumber<T>
    {
        for (int i = 0; i < x.Length; i++) y[i] = x[i] > T.Zero ? x[i] : slopes[i % slopes.Length] * x[i];
    }

    /// <summary><c>dx = x &gt; 0 ? dy : slope dy</c>, and for each slope the sum of <c>x dy</c> where x is not positive.</summary>
    public static void Backward<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> slopes, ReadOnlySpan<T> gradient, Span<T> inputGradient, Span<T> slopeGradients) where T : INumber<T>
    {
        slopeGradients.Clear();
        for (int i = 0; i < x.Length; i++)
        {
            inputGradient[i] = x[i] > T.Zero ? gradient[i] : slopes[i % slopes.Length] * gradient[i];
            if (!(x[i] > T.Zero)) slopeGradients[i % slopes.Length] += x[i] * gradient[i];
        }
    }
}
