namespace SimdNet.Reference;

/// <summary>The error of a float in units in the last place (ULP) of the exact result.</summary>
internal static class UlpError
{
    /// <summary>
    /// <c>|exact - actual| / ulp(exact)</c>; infinite where one is NaN, infinite or zero and the other, rounded, is not.
    /// A zero is right for what is smaller than the smallest two floats.
    /// </summary>
    public static double Measure(double exact, float actual)
    {
        if (double.IsNaN(exact)) return float.IsNaN(actual) ? 0 : double.PositiveInfinity;
        float nearest = (float)exact;
        if (nearest == actual) return float.IsInfinity(nearest) || exact == 0 ? 0 : Math.Abs(exact - actual) / Ulp(exact);
        if (!float.IsFinite(nearest) || !float.IsFinite(actual)) return double.PositiveInfinity;
        if (exact == 0 || (actual == 0 && Math.Abs(exact) >= 2 * float.Epsilon)) return double.PositiveInfinity;
        return Math.Abs(exact - actual) / Ulp(exact);
    }

    private static double Ulp(double exact)
    {
        int exponent = (int)((BitConverter.DoubleToInt64Bits(exact) >> 52) & 0x7FF) - 1023;
        return BitConverter.Int64BitsToDouble((long)(Math.Max(exponent, -126) - 23 + 1023) << 52);
    }
}
