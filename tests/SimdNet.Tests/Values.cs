using Xunit;

namespace SimdNet.Tests;

/// <summary>Random numbers for tests, and the tolerances that all of them share.</summary>
internal static class Values
{
    /// <summary>Every kind of float there is.</summary>
    public static readonly float[] Special =
    [
        0f, -0f, 1f, -1f, float.Epsilon, -float.Epsilon, 1.17549435e-38f, -1.17549435e-38f, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, 0.5f, -0.5f, 88.7f, -87.4f, -103.9f, 1e-8f, -1e-8f,
    ];

    /// <summary>A size from 0, small more often than not, as FsCheck draws its integers.</summary>
    public static int Size(int drawn, int least = 0, int most = 70) => least + (int)(Math.Abs((long)drawn) % (most - least + 1));

    public static float[] Uniform(int count, int seed, float scale = 1)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = scale * (2 * random.NextSingle() - 1);
        return values;
    }

    /// <summary>Ordinary numbers with a few zeros, subnormal numbers, infinities and NaN among them.</summary>
    public static float[] Sprinkled(int count, int seed)
    {
        float[] values = Uniform(count, seed), kinds = [0f, -0f, float.Epsilon, -1e-40f, float.PositiveInfinity, float.NegativeInfinity, float.NaN];
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            if (random.Next(25) == 0) values[i] = kinds[random.Next(kinds.Length)];
        }
        return values;
    }

    /// <summary>Asserts that NaN is NaN, an infinity the same infinity, and any other number close.</summary>
    public static void AssertSameKind(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = double.IsFinite(expected[i]) ? Math.Abs(expected[i] - actual[i]) <= 1e-4 : expected[i].Equals(actual[i]);
            Assert.True(same, $"[{i}]: expected {expected[i]}, got {actual[i]}.");
        }
    }

    public static double[] ToDouble(float[] values) => [.. values.Select(value => (double)value)];

    /// <summary>
    /// Asserts that sums of products agree with the exact ones: within n eps of the sum of magnitudes, the bound for any
    /// order of additions.
    /// </summary>
    public static void AssertSums(ReadOnlySpan<double> expected, ReadOnlySpan<double> magnitudes, int terms, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double bound = (terms + 2) * Math.Pow(2, -24) * magnitudes[i] + 1e-44;
            Assert.True(Math.Abs(expected[i] - actual[i]) <= bound, $"[{i}]: expected {expected[i]}, got {actual[i]}, bound {bound}.");
        }
    }

    public static void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double relative = 1e-5, double absolute = 1e-6)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= absolute + relative * Math.Abs(expected[i]), $"[{i}]: expected {expected[i]}, got {actual[i]}.");
        }
    }

    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]), $"[{i}]: {expected[i]:R} and {actual[i]:R} differ in bits.");
    }
}
