namespace SimdNet.Reference;

/// <summary>The error function in double precision, the oracle of <see cref="Elementwise.Erf"/> and <see cref="Elementwise.Gelu"/>.</summary>
public static class ErrorFunctionReference
{
    // √π.
    private const double RootPi = 1.7724538509055160273;

    /// <summary><c>erf x = 2/√π ∫ e^-t² dt from 0 to x</c>, to a relative error of 1e-14.</summary>
    public static double Erf(double x) => double.IsNaN(x) ? x : Math.Abs(x) < 2 ? Series(x) : Math.CopySign(1 - Fraction(Math.Abs(x)), x);

    /// <summary><c>erfc x = 1 - erf x</c>, to a relative error of 1e-13.</summary>
    public static double Erfc(double x) => double.IsNaN(x) ? x : Math.Abs(x) < 2 ? 1 - Series(x) : x < 0 ? 2 - Fraction(-x) : Fraction(x);

    /// <summary><c>Φ(x) = erfc(-x/√2) / 2</c>, the distribution function of the normal distribution.</summary>
    public static double NormalDistribution(double x) => Erfc(x * -Math.Sqrt(0.5)) / 2;

    /// <summary><c>erf x = 2/√π e^-x² Σ 2^n x^(2n+1) / (1 · 3 · … · (2n+1))</c>: all terms have one sign, so nothing cancels.</summary>
    private static double Series(double x)
    {
        double term = x, sum = x;
        for (int n = 1; Math.Abs(term) > 1e-18 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / RootPi * Math.Exp(-x * x) * sum;
    }

    /// <summary><c>erfc x = e^-x² / √π · 1 / (x + (1/2) / (x + (2/2) / (x + (3/2) / (x + …))))</c> for x of at least 2.</summary>
    private static double Fraction(double x)
    {
        // Beyond, the result is below the smallest double.
        if (x > 27.3) return 0;
        double denominator = x;
        for (int n = 10 + (int)(250 / (x * x)); n > 0; n--) denominator = x + n / 2.0 / denominator;
        return Math.Exp(-x * x) / (RootPi * denominator);
    }
}
