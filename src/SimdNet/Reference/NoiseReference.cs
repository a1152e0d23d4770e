namespace SimdNet.Reference;

/// <summary>Normally distributed noise from random bits, in double precision.</summary>
public static class NoiseReference
{
    /// <summary>
    /// The number that 32 random bits stand for: the lowest is its sign, the others, the whole number n, say that a normally distributed number lies beyond it with probability
    /// <c>(n + 1/2) / 2^32</c>.
    /// </summary>
    public static double Normal(uint bits) => ((bits & 1) == 0 ? 1 : -1) * Quantile(((bits >> 1) + 0.5) / 4294967296.0);

    /// <summary>The z of <c>1 - Φ(z) = tail</c>, for a tail of at most 1/2, by bisection.</summary>
    public static double Quantile(double tail)
    {
        double low = 0, high = 40;
        for (int i = 0; i < 80; i++)
        {
            double middle = (low + high) / 2;
            if (ErrorFunctionReference.NormalDistribution(-middle) > tail) low = middle;
            else high = middle;
        }
        return low;
    }
}
