using FsCheck.Xunit;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

/// <summary>The error function and the activations beside those of <see cref="ElementwiseTests"/>, against their definitions in double precision.</summary>
public class ActivationTests
{
    /// <summary>A prime stride through all floats: every exponent and both signs, half a million values on every realisation.</summary>
    private const uint Stride = 8191;

    private delegate void Function(ReadOnlySpan<float> x, Span<float> y);

    private delegate void Gradient(ReadOnlySpan<float> value, ReadOnlySpan<float> gradient, Span<float> inputGradient);

    /// <summary>A function, its gradient from x or y, their definitions, and the errors promised with and without fused multiply-adds.</summary>
    private sealed record Subject(
        Function Forward, Func<double, double> Exact, double Most, double MostUnfused,
        Gradient? Backward = null, Func<double, double, double>? ExactBackward = null, bool ReadsInput = false);

    private static readonly Dictionary<string, Subject> Subjects = new()
    {
        ["erf"] = new(Elementwise.Erf, ErrorFunctionReference.Erf, 1, 1),
        ["gelu"] = new(Elementwise.Gelu, ActivationReference.Gelu, 2, 3, Elementwise.GeluBackward, ActivationReference.GeluBackward, true),
        ["geluTanh"] = new(Elementwise.GeluTanh, ActivationReference.GeluTanh, 2, 200, Elementwise.GeluTanhBackward, ActivationReference.GeluTanhBackward, true),
        ["silu"] = new(Elementwise.Silu, ActivationReference.Silu, 2, 3, Elementwise.SiluBackward, ActivationReference.SiluBackward, true),
        ["mish"] = new(Elementwise.Mish, ActivationReference.Mish, 2, 4, Elementwise.MishBackward, ActivationReference.MishBackward, true),
        ["hardSwish"] = new(Elementwise.HardSwish, ActivationReference.HardSwish, 3, 3, Elementwise.HardSwishBackward, ActivationReference.HardSwishBackward, true),
        ["elu"] = new(
            (x, y) => Elementwise.Elu(x, y), x => ActivationReference.Elu(x, 1), 2, 2,
            (y, dy, dx) => Elementwise.EluBackward(y, dy, dx), (x, dy) => ActivationReference.EluBackward(x, dy, 1)),
        ["elu 0.3"] = new(
            (x, y) => Elementwise.Elu(x, y, 0.3f), x => ActivationReference.Elu(x, 0.3f), 3, 3,
            (y, dy, dx) => Elementwise.EluBackward(y, dy, dx, 0.3f), (x, dy) => ActivationReference.EluBackward(x, dy, 0.3f)),
        ["selu"] = new(Elementwise.Selu, ActivationReference.Selu, 3, 3, Elementwise.SeluBackward, ActivationReference.SeluBackward),
        ["softplus"] = new(Elementwise.Softplus, ActivationReference.Softplus, 2, 3, Elementwise.SoftplusBackward, ActivationReference.SoftplusBackward),
        ["softsign"] = new(Elementwise.Softsign, ActivationReference.Softsign, 2, 2, Elementwise.SoftsignBackward, ActivationReference.SoftsignBackward, true),
        ["hardSigmoid"] = new(Elementwise.HardSigmoid, ActivationReference.HardSigmoid, 2, 2, Elementwise.HardSigmoidBackward, ActivationReference.HardSigmoidBackward),
    };

    public static TheoryData<string> Names => [.. Subjects.Keys];

    public static TheoryData<string> NamesWithGradients => [.. Subjects.Where(pair => pair.Value.Backward is not null).Select(pair => pair.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public void ErrorsStayWithinThePromise(string name)
    {
        Subject subject = Subjects[name];
        float[] x = [.. Values.Special, .. Enumerable.Range(0, (int)(uint.MaxValue / Stride)).Select(i => BitConverter.UInt32BitsToSingle((uint)i * Stride))];
        double[] exact = [.. x.Select(value => subject.Exact(value))];
        var y = new float[x.Length];
        double most = Hardware.HasFusedMultiplyAdd ? subject.Most : subject.MostUnfused;
        Realisations.OnEach(set =>
        {
            subject.Forward(x, y);
            double largest = 0;
            float worst = 0;
            for (int i = 0; i < x.Length; i++)
            {
                double error = UlpError.Measure(exact[i], y[i]);
                if (error > largest) (largest, worst) = (error, x[i]);
            }
            TestContext.Current.TestOutputHelper?.WriteLine($"{name} on {set}: {largest:F3} ULP at {worst:R}");
            Assert.True(largest <= most, $"{name} on {set}: {largest:F3} ULP at {worst:R}.");
        });
    }

    [Fact]
    public void SpecialValuesAreTheLimits() => Realisations.OnEach(_ =>
    {
        float inf = float.PositiveInfinity, nan = float.NaN, max = float.MaxValue;
        AssertValues("erf", [0, -0f, inf, -inf, nan, 4, -4, float.Epsilon], [0, -0f, 1, -1, nan, 1, -1, float.Epsilon]);
        foreach (string gate in new[] { "gelu", "geluTanh", "silu", "mish", "hardSwish" })
        {
            AssertValues(gate, [0, -0f, inf, nan, max, 200], [0, -0f, inf, nan, max, 200]);
            AssertZero(gate, [-inf, -max, -200]);
        }
        foreach (string gate in new[] { "gelu", "geluTanh", "silu" }) AssertValues(gate, [float.Epsilon * 2, -float.Epsilon * 2], [float.Epsilon, -float.Epsilon]);
        AssertValues("elu", [0, -0f, inf, -inf, nan, max, -max, -float.Epsilon, -1e-20f], [0, -0f, inf, -1, nan, max, -1, -float.Epsilon, -1e-20f]);
        AssertValues("selu", [0, -0f, inf, -inf, nan], [0, -0f, inf, -1.7580993f, nan]);
        AssertValues("softplus", [0, -0f, inf, -inf, nan, max, -104, 20], [0.6931472f, 0.6931472f, inf, 0, nan, max, 0, 20]);
        AssertValues("softsign", [0, -0f, inf, -inf, nan, max, -max, 1, -3], [0, -0f, 1, -1, nan, 1, -1, 0.5f, -0.75f]);
        AssertValues("hardSigmoid", [0, -0f, inf, -inf, nan, 3, -3, 4, -4], [0.5f, 0.5f, 1, 0, nan, 1, 0, 1, 0]);
    });

    [Theory]
    [InlineData("erf")]
    [InlineData("softsign")]
    public void OddFunctionsAreOdd(string name) => Realisations.OnEach(_ =>
    {
        float[] x = [.. Values.Special, .. Values.Uniform(2000, 7, 5), .. Values.Uniform(1000, 8, 1e-3f)];
        float[] positive = Run(name, x), negative = Run(name, [.. x.Select(value => -value)]);
        for (int i = 0; i < x.Length; i++)
            Assert.True(float.IsNaN(x[i]) ? float.IsNaN(positive[i]) : BitConverter.SingleToInt32Bits(-positive[i]) == BitConverter.SingleToInt32Bits(negative[i]), $"{name}({x[i]:R})");
    });

    /// <summary>Every float of a neighbourhood: where a function reaches its end it does not turn back.</summary>
    [Theory]
    [InlineData("erf", 3.8f, 4.1f, 1)]
    [InlineData("softplus", -104.5f, -103f, 1)]
    [InlineData("softplus", 16f, 18f, 1)]
    [InlineData("elu", -18f, -16.5f, 1)]
    [InlineData("gelu", -14.6f, -14.1f, -1)]
    [InlineData("silu", -110.5f, -107f, -1)]
    [InlineData("mish", -110.5f, -107f, -1)]
    public void FunctionsAreMonotoneWhereTheySaturate(string name, float from, float to, int direction)
    {
        var x = new List<float>();
        for (float value = from; value <= to; value = MathF.BitIncrement(value)) x.Add(value);
        Realisations.OnEach(_ =>
        {
            float[] y = Run(name, [.. x]);
            for (int i = 1; i < y.Length; i++)
                Assert.True(direction * (y[i] - y[i - 1]) >= 0, $"{name}({x[i - 1]:R}) = {y[i - 1]:R}, but {name}({x[i]:R}) = {y[i]:R}.");
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryRealisationHasTheSameBits(string name) => Realisations.AssertEqualBits(() =>
    {
        Subject subject = Subjects[name];
        float[] x = [.. Values.Special, .. Values.Uniform(2000, 3, 20), .. Values.Uniform(1000, 4, 1e-6f), .. Values.Uniform(1000, 5, 120)];
        float[] y = Run(name, x), gradient = new float[x.Length];
        subject.Backward?.Invoke(subject.ReadsInput ? x : y, Values.Uniform(x.Length, 6), gradient);
        return [.. y, .. gradient];
    });

    [Property(MaxTest = 200)]
    public void AResultDoesNotDependOnItsPlace(int length, int at, int seed)
    {
        PropertyCount.Ran();
        float[] x = Values.Uniform(Values.Size(length, 1), seed, 10), dy = Values.Uniform(x.Length, seed + 1);
        int place = Values.Size(at, 0, x.Length - 1);
        foreach ((string name, Subject subject) in Subjects)
        {
            float[] all = Run(name, x);
            Values.AssertSameBits(Run(name, [x[place]]), all.AsSpan(place, 1));
            if (subject.Backward is not { } backward) continue;
            float[] value = subject.ReadsInput ? x : all, gradients = new float[x.Length], one = new float[1];
            backward(value, dy, gradients);
            backward(value.AsSpan(place, 1), dy.AsSpan(place, 1), one);
            Values.AssertSameBits(one, gradients.AsSpan(place, 1));
        }
    }

    [Theory]
    [MemberData(nameof(NamesWithGradients))]
    public void GradientsAreTheReferences(string name) => Realisations.OnEach(_ =>
    {
        Subject subject = Subjects[name];
        float[] x = [.. Values.Uniform(2000, 11, 8), .. Values.Uniform(500, 12, 100), .. Values.Uniform(100, 13, 1e-3f), 0, 1, -1, 1e30f, -1e30f];
        float[] dy = Values.Uniform(x.Length, 14), dx = new float[x.Length];
        subject.Backward!(subject.ReadsInput ? x : Run(name, x), dy, dx);
        for (int i = 0; i < x.Length; i++)
        {
            // 0 · ∞ in a definition, and gradients that the sign of y tells, where x is 0.
            if (Math.Abs(x[i]) > 1e20 || x[i] == 0) continue;
            double expected = subject.ExactBackward!(x[i], dy[i]);
            Assert.True(Math.Abs(expected - dx[i]) <= 1.5e-6 * Math.Abs(dy[i]) * Math.Max(1, Math.Abs(expected)), $"{name}'({x[i]:R}) {dy[i]:R}: expected {expected}, got {dx[i]}.");
        }
    });

    /// <summary>At the infinities a gradient is the limit, and no NaN; NaN itself stays where the function reads x.</summary>
    [Theory]
    [InlineData("gelu", 0, 1)]
    [InlineData("geluTanh", 0, 1)]
    [InlineData("silu", 0, 1)]
    [InlineData("mish", 0, 1)]
    [InlineData("hardSwish", 0, 1)]
    [InlineData("elu", 0, 1)]
    [InlineData("selu", 0, 1.050701f)]
    [InlineData("softplus", 0, 1)]
    [InlineData("softsign", 0, 0)]
    [InlineData("hardSigmoid", 0, 0)]
    public void GradientsHaveTheirLimits(string name, float atMinusInfinity, float atInfinity) => Realisations.OnEach(_ =>
    {
        Subject subject = Subjects[name];
        float[] x = [float.NegativeInfinity, float.PositiveInfinity, float.MinValue, float.MaxValue, float.NaN], dx = new float[x.Length];
        subject.Backward!(subject.ReadsInput ? x : Run(name, x), [1, 1, 1, 1, 1], dx);
        Assert.Equal([atMinusInfinity, atInfinity, atMinusInfinity, atInfinity], dx[..4]);
        if (subject.ReadsInput) Assert.True(float.IsNaN(dx[4]), $"{name}'(NaN) = {dx[4]}");
    });

    [Theory]
    [MemberData(nameof(NamesWithGradients))]
    public void ReferencesHaveTheGradientsTheyClaim(string name)
    {
        const double Step = 1e-6;
        Subject subject = Subjects[name];
        foreach (double x in new[] { -7.3, -3.4, -2.9, -1.3, -0.4, -0.01, 0.02, 0.3, 1.7, 2.9, 3.2, 8.5 })
        {
            double difference = (subject.Exact(x + Step) - subject.Exact(x - Step)) / (2 * Step), gradient = subject.ExactBackward!(x, 1.5) / 1.5;
            Assert.True(Math.Abs(difference - gradient) <= 1e-5 + 1e-3 * Math.Abs(gradient), $"{name}'({x}): {gradient}, by differences {difference}.");
        }
    }

    /// <summary>Values from 40 digits.</summary>
    [Fact]
    public void TheReferenceOfErfIsRight()
    {
        foreach ((double x, double expected) in new[] { (0.5, 0.52049987781304654), (1, 0.84270079294971487), (2, 0.99532226501895273), (3.5, 0.99999925690162766), (0, 0) })
        {
            AssertRelative(expected, ErrorFunctionReference.Erf(x));
            AssertRelative(-expected, ErrorFunctionReference.Erf(-x));
        }
        foreach ((double x, double expected) in new[]
        {
            (-1, 1.8427007929497149), (0.5, 0.47950012218695346), (1, 0.15729920705028513), (2, 0.0046777349810472658), (3, 2.2090496998585441e-5),
            (5, 1.537459794428035e-12), (10, 2.0884875837625448e-45), (26, 5.6631924088561428e-296), (-6, 2.0), (30, 0),
        })
        {
            AssertRelative(expected, ErrorFunctionReference.Erfc(x));
        }
        Assert.True(double.IsNaN(ErrorFunctionReference.Erf(double.NaN)) && double.IsNaN(ErrorFunctionReference.Erfc(double.NaN)));
        Assert.Equal(1, ErrorFunctionReference.Erf(double.PositiveInfinity));
        Assert.Equal(2, ErrorFunctionReference.Erfc(double.NegativeInfinity));

        // Both ways of computing it meet at 2.
        AssertRelative(ErrorFunctionReference.Erfc(2), ErrorFunctionReference.Erfc(Math.BitDecrement(2)));

        static void AssertRelative(double expected, double actual) => Assert.True(Math.Abs(expected - actual) <= 3e-13 * Math.Abs(expected), $"Expected {expected:R}, got {actual:R}.");
    }

    [Property(MaxTest = 100)]
    public void LogSoftmaxIsTheReference(int rows, int columns, int seed, int kind)
    {
        PropertyCount.Ran();
        (rows, columns) = (Values.Size(rows, 0, 5), Values.Size(columns, 1));
        float[] x = Values.Uniform(rows * columns, seed, kind % 2 == 0 ? 3 : 200), gradient = Values.Uniform(x.Length, seed + 1);
        var expected = new double[x.Length];
        var expectedGradient = new double[x.Length];
        for (int row = 0; row < rows; row++)
        {
            Range range = (row * columns)..((row + 1) * columns);
            ElementwiseReference.LogSoftmax<double>(Values.ToDouble(x)[range], expected.AsSpan(range));
            ElementwiseReference.LogSoftmaxBackward<double>(expected.AsSpan(range), Values.ToDouble(gradient)[range], expectedGradient.AsSpan(range));
        }
        Realisations.OnEach(_ =>
        {
            var y = new float[x.Length];
            var inputGradient = new float[x.Length];
            Elementwise.LogSoftmax(x, columns, y);
            Values.AssertClose(expected, y, 1e-6);
            Elementwise.LogSoftmaxBackward(y, gradient, columns, inputGradient);
            Values.AssertClose(expectedGradient, inputGradient, 1e-4, 1e-5);
            float[] same = [.. x];
            Elementwise.LogSoftmax(same, columns, same);
            Values.AssertSameBits(y, same);
        });
        Realisations.AssertEqualBits(() =>
        {
            float[] y = new float[x.Length], dx = new float[x.Length];
            Elementwise.LogSoftmax(x, columns, y);
            Elementwise.LogSoftmaxBackward(y, gradient, columns, dx);
            return [.. y, .. dx];
        });
    }

    [Fact]
    public void LogSoftmaxTreatsInfinityAndNaNAsDocumented() => Realisations.OnEach(_ =>
    {
        var y = new float[3];
        Elementwise.LogSoftmax([float.NegativeInfinity, 0, 0], 3, y);
        Assert.Equal([float.NegativeInfinity, -0.6931472f, -0.6931472f], y);
        foreach (float[] x in new float[][] { [float.NaN, 0, 1], [0, float.PositiveInfinity, 1], [float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity] })
        {
            Elementwise.LogSoftmax(x, 3, y);
            Assert.All(y, value => Assert.True(float.IsNaN(value)));
        }
    });

    [Fact]
    public void TheReferenceOfLogSoftmaxHasItsGradient()
    {
        const double Step = 1e-6;
        double[] logits = [0.3, -1, 2, 0.7], weights = [1, -2, 0.5, 3], y = new double[4], gradient = new double[4];
        ElementwiseReference.LogSoftmax<double>(logits, y);
        ElementwiseReference.LogSoftmaxBackward<double>(y, weights, gradient);
        for (int i = 0; i < logits.Length; i++)
        {
            double Value(double shift)
            {
                double[] moved = [.. logits], result = new double[4];
                moved[i] += shift;
                ElementwiseReference.LogSoftmax<double>(moved, result);
                return result.Zip(weights, (a, b) => a * b).Sum();
            }
            Assert.Equal((Value(Step) - Value(-Step)) / (2 * Step), gradient[i], 1e-7);
        }
    }

    [Fact]
    public void WrongCallsNameTheParameter()
    {
        var buffer = new float[20];
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => Elementwise.Gelu(buffer, new float[19])).ParamName);
        Assert.Equal("gradient", Assert.Throws<ArgumentException>(() => Elementwise.GeluBackward(buffer, new float[19], buffer)).ParamName);
        Assert.Equal("inputGradient", Assert.Throws<ArgumentException>(() => Elementwise.SoftplusBackward(buffer, buffer, new float[21])).ParamName);
        Assert.Equal("alpha", Assert.Throws<ArgumentOutOfRangeException>(() => Elementwise.Elu(buffer, buffer, -1)).ParamName);
        Assert.Equal("alpha", Assert.Throws<ArgumentOutOfRangeException>(() => Elementwise.EluBackward(buffer, buffer, buffer, -1)).ParamName);
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => Elementwise.LogSoftmax(buffer, 7, buffer)).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => Elementwise.LogSoftmaxBackward(buffer, buffer, 7, buffer)).ParamName);
    }

    private static float[] Run(string name, float[] x)
    {
        var y = new float[x.Length];
        Subjects[name].Forward(x, y);
        return y;
    }

    private static void AssertValues(string name, float[] x, float[] expected)
    {
        float[] y = Run(name, x);
        for (int i = 0; i < x.Length; i++)
        {
            bool same = float.IsNaN(expected[i]) ? float.IsNaN(y[i]) : BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(y[i]);
            Assert.True(same, $"{name}({x[i]:R}): expected {expected[i]:R}, got {y[i]:R}.");
        }
    }

    private static void AssertZero(string name, float[] x) => Assert.All(Run(name, x), value => Assert.Equal(0f, Math.Abs(value)));
}
