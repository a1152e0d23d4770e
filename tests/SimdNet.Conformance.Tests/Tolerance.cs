using Xunit;

namespace SimdNet.Conformance.Tests;

/// <summary>How far two right answers may be apart.</summary>
internal static class Tolerance
{
    /// <summary>What elementary functions may add, in units of rounding: both libraries approximate them.</summary>
    private const int Functions = 16;

    /// <summary>
    /// Asserts that each output agrees: within n 2⁻²⁴ of the largest output for sums of n terms, each of which is rounded once, whatever their
    /// order. Of the largest, because the terms of a small sum are not small. Where a layer makes rounding grow, the bound grows as much.
    /// </summary>
    public static void AssertAgrees(float[] expected, float[] actual, LayerCase layer)
    {
        Assert.Equal(expected.Length, actual.Length);
        double bound = (layer.Terms + Functions) * Math.Pow(2, -24) * layer.Growth * Math.Max(1, expected.Max(value => Math.Abs((double)value)));
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs((double)expected[i] - actual[i]) <= bound, $"[{i}] is {actual[i]:R}, by ONNX Runtime {expected[i]:R}; bound {bound:E1}.");
    }
}
