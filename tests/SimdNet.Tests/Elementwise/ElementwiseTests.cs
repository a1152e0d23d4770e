using FsCheck.Xunit;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class ElementwiseTests
{
    /// <summary>A prime stride through all floats: every exponent and both signs, two million values.</summary>
    private const uint Stride = 2039;

    private delegate void Function(ReadOnlySpan<float> x, Span<float> y);

    public static TheoryData<string, double> Accuracy => new()
    {
        { "exp", 1 }, { "log", 1 }, { "sigmoid", 2 }, { "tanh", 2 },
    };

    [Theory]
    [MemberData(nameof(Accuracy))]
    public void ErrorsStayWithinThePromise(string name, double most)
    {
        (Function function, Func<double, double> exact) = Find(name);
        var x = new float[1 << 16];
        var y = new float[x.Length];
        double largest = 0;
        float worst = 0;
        for (ulong start = 0; start < 1UL << 32; start += (ulong)x.Length * Stride)
        {
            for (int i = 0; i < x.Length; i++) x[i] = BitConverter.UInt32BitsToSingle((uint)Math.Min(start + (ulong)i * Stride, uint.MaxValue));
            function(x, y);
            for (int i = 0; i < x.Length; i++)
            {
                double error = UlpError.Measure(exact(x[i]), y[i]);
                if (error > largest) (largest, worst) = (error, x[i]);
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {largest:F3} ULP at {worst:R}");
        Assert.True(largest <= most, $"{name}: {largest:F3} ULP at {worst:R}.");
    }

    [Fact]
    public void SpecialValuesAreThoseOfC99() => Realisations.OnEach(_ =>
    {
        float inf = float.PositiveInfinity, nan = float.NaN;
        AssertValues("exp", [0, -0f, inf, -inf, nan, 89, -104, -103.2f], [1, 1, inf, 0, nan, inf, 0, float.Epsilon]);
        AssertValues("log", [1, 0, -0f, -1, inf, -inf, nan, float.Epsilon], [0, -inf, -inf, nan, inf, nan, nan, -103.27893f]);
        AssertValues("sigmoid", [0, inf, -inf, nan, 100, -200], [0.5f, 1, 0, nan, 1, 0]);
        AssertValues("tanh", [0, -0f, inf, -inf, nan, 20, -20, float.Epsilon], [0, -0f, 1, -1, nan, 1, -1, float.Epsilon]);
        AssertValues("relu", [0, -0f, inf, -inf, nan, 3, -3], [0, -0f, inf, 0, nan, 3, 0]);
    });

    [Fact]
    public void TanhIsOddAndMonotoneWhereItSaturates()
    {
        float[] x = [.. Enumerable.Range(0, 200_000).Select(i => 8f + i * 1e-5f)];
        var positive = new float[x.Length];
        var negative = new float[x.Length];
        Elementwise.Tanh(x, positive);
        Elementwise.Tanh([.. x.Select(value => -value)], negative);
        for (int i = 0; i < x.Length; i++)
        {
            Assert.Equal(-positive[i], negative[i]);
            Assert.True(positive[i] <= 1 && (i == 0 || positive[i] >= positive[i - 1] - 1.2e-7f));
        }
        Assert.Equal(1f, positive[^1]);
    }

    /// <summary>Every float of a neighbourhood: where a function reaches its end it does not turn back.</summary>
    [Theory]
    [InlineData("sigmoid", 15.5f, 18f)]
    [InlineData("sigmoid", -104.5f, -103f)]
    [InlineData("tanh", 8.5f, 9.5f)]
    [InlineData("exp", 88.7f, 88.8f)]
    [InlineData("exp", -104.5f, -103f)]
    [InlineData("log", 1e-45f, 1e-41f)]
    public void FunctionsAreMonotoneWhereTheySaturate(string name, float from, float to)
    {
        var x = new List<float>();
        for (float value = from; value <= to; value = MathF.BitIncrement(value)) x.Add(value);
        var y = new float[x.Count];
        Realisations.OnEach(_ =>
        {
            Find(name).Function(x.ToArray(), y);
            for (int i = 1; i < y.Length; i++) Assert.True(y[i] >= y[i - 1], $"{name}({x[i - 1]:R}) = {y[i - 1]:R}, but {name}({x[i]:R}) = {y[i]:R}.");
        });
    }

    [Theory]
    [InlineData("exp")]
    [InlineData("log")]
    [InlineData("sigmoid")]
    [InlineData("tanh")]
    [InlineData("relu")]
    public void EveryRealisationHasTheSameBits(string name) => Realisations.AssertEqualBits(() =>
    {
        float[] x = [.. Values.Special, .. Values.Uniform(1000, 3, 20), .. Values.Uniform(1000, 4, 1e-6f)];
        var y = new float[x.Length];
        Find(name).Function(x, y);
        return y;
    });

    [Property(MaxTest = 200)]
    public void AResultDoesNotDependOnItsPlace(int length, int at, int seed)
    {
        PropertyCount.Ran();
        float[] x = Values.Uniform(Values.Size(length, 1), seed, 10);
        int place = Values.Size(at, 0, x.Length - 1);
        foreach (string name in new[] { "exp", "log", "sigmoid", "tanh" })
        {
            var all = new float[x.Length];
            var one = new float[1];
            Find(name).Function(x, all);
            Find(name).Function(x.AsSpan(place, 1), one);
            Values.AssertSameBits(one, all.AsSpan(place, 1));
        }
    }

    [Property(MaxTest = 100)]
    public void SoftmaxIsTheReference(int rows, int columns, int seed, int kind)
    {
        PropertyCount.Ran();
        (rows, columns) = (Values.Size(rows, 0, 5), Values.Size(columns, 1));
        float[] x = Values.Uniform(rows * columns, seed, kind % 2 == 0 ? 3 : 200);
        float[] gradient = Values.Uniform(x.Length, seed + 1);
        var expected = new double[x.Length];
        var expectedGradient = new double[x.Length];
        for (int row = 0; row < rows; row++)
        {
            Range range = (row * columns)..((row + 1) * columns);
            ElementwiseReference.Softmax<double>(Values.ToDouble(x)[range], expected.AsSpan(range));
            ElementwiseReference.SoftmaxBackward<double>(expected.AsSpan(range), Values.ToDouble(gradient)[range], expectedGradient.AsSpan(range));
        }
        Realisations.OnEach(_ =>
        {
            var y = new float[x.Length];
            var inputGradient = new float[x.Length];
            Elementwise.Softmax(x, columns, y);
            Values.AssertClose(expected, y);
            Elementwise.SoftmaxBackward(y, gradient, columns, inputGradient);
            Values.AssertClose(expectedGradient, inputGradient, 1e-4, 1e-6);
            if (rows > 0)
                Values.AssertClose([ElementwiseReference.LogSumExp<double>(Values.ToDouble(x)[..columns])], [Elementwise.LogSumExp(x.AsSpan(0, columns))], 1e-6);
        });
    }

    [Fact]
    public void SoftmaxTreatsInfinityAndNaNAsDocumented() => Realisations.OnEach(_ =>
    {
        var y = new float[3];
        Elementwise.Softmax([float.NegativeInfinity, 0, 0], 3, y);
        Assert.Equal([0, 0.5f, 0.5f], y);
        foreach (float[] x in new float[][] { [float.NaN, 0, 1], [0, float.PositiveInfinity, 1], [float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity] })
        {
            Elementwise.Softmax(x, 3, y);
            Assert.Contains(y, float.IsNaN);
        }
        Assert.Equal(float.NegativeInfinity, Elementwise.LogSumExp([]));
    });

    [Property(MaxTest = 100)]
    public void GradientsAreTheReferences(int length, int seed)
    {
        PropertyCount.Ran();
        float[] y = Values.Uniform(Values.Size(length), seed), gradient = Values.Uniform(y.Length, seed + 1);
        Realisations.OnEach(_ =>
        {
            var result = new float[y.Length];
            Elementwise.SigmoidBackward(y, gradient, result);
            Values.AssertClose([.. y.Zip(gradient, (a, g) => ElementwiseReference.SigmoidBackward<double>(a, g))], result);
            Elementwise.TanhBackward(y, gradient, result);
            Values.AssertClose([.. y.Zip(gradient, (a, g) => ElementwiseReference.TanhBackward<double>(a, g))], result);
            Elementwise.ReluBackward(y, gradient, result);
            Values.AssertClose([.. y.Zip(gradient, (a, g) => ElementwiseReference.LeakyReluBackward<double>(a, g, 0))], result);
            Elementwise.LeakyReluBackward(y, gradient, 0.1f, result);
            Values.AssertClose([.. y.Zip(gradient, (a, g) => ElementwiseReference.LeakyReluBackward<double>(a, g, 0.1))], result);
            Elementwise.LeakyRelu(y, 0.1f, result);
            Values.AssertClose([.. y.Select(a => ElementwiseReference.LeakyRelu<double>(a, 0.1))], result);
        });
    }

    [Fact]
    public void ReferencesHaveTheGradientsTheyClaim()
    {
        const double Step = 1e-6;
        foreach (double x in new[] { -3.0, -0.4, 0.3, 2.0 })
        {
            double sigmoid = (ElementwiseReference.Sigmoid(x + Step) - ElementwiseReference.Sigmoid(x - Step)) / (2 * Step);
            Assert.Equal(sigmoid, ElementwiseReference.SigmoidBackward(ElementwiseReference.Sigmoid(x), 1), 1e-7);
            double tanh = (Math.Tanh(x + Step) - Math.Tanh(x - Step)) / (2 * Step);
            Assert.Equal(tanh, ElementwiseReference.TanhBackward(Math.Tanh(x), 1), 1e-7);
            double leaky = (ElementwiseReference.LeakyRelu(x + Step, 0.1) - ElementwiseReference.LeakyRelu(x - Step, 0.1)) / (2 * Step);
            Assert.Equal(leaky, ElementwiseReference.LeakyReluBackward(ElementwiseReference.LeakyRelu(x, 0.1), 1, 0.1), 1e-7);
        }

        double[] logits = [0.3, -1, 2, 0.7], weights = [1, -2, 0.5, 3], probabilities = new double[4], gradient = new double[4];
        ElementwiseReference.Softmax<double>(logits, probabilities);
        ElementwiseReference.SoftmaxBackward<double>(probabilities, weights, gradient);
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] += Step;
            ElementwiseReference.Softmax<double>(logits, probabilities);
            double above = probabilities.Zip(weights, (p, w) => p * w).Sum();
            logits[i] -= 2 * Step;
            ElementwiseReference.Softmax<double>(logits, probabilities);
            double below = probabilities.Zip(weights, (p, w) => p * w).Sum();
            logits[i] += Step;
            Assert.Equal((above - below) / (2 * Step), gradient[i], 1e-7);
        }
    }

    [Fact]
    public void WrongCallsNameTheParameter()
    {
        var buffer = new float[20];
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => Elementwise.Exp(buffer, new float[19])).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => Elementwise.Tanh(buffer.AsSpan(0, 10), buffer.AsSpan(5, 10))).ParamName);
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => Elementwise.Softmax(buffer, 7, buffer)).ParamName);
        float[] same = [1, 2, 3];
        Elementwise.Relu(same, same);
        Assert.Equal([1, 2, 3], same);
    }

    private static (Function Function, Func<double, double> Exact) Find(string name) => name switch
    {
        "exp" => (Elementwise.Exp, Math.Exp),
        "log" => (Elementwise.Log, Math.Log),
        "sigmoid" => (Elementwise.Sigmoid, x => 1 / (1 + Math.Exp(-x))),
        "tanh" => (Elementwise.Tanh, Math.Tanh),
        _ => (Elementwise.Relu, ElementwiseReference.Relu),
    };

    private static void AssertValues(string name, float[] x, float[] expected)
    {
        var y = new float[x.Length];
        Find(name).Function(x, y);
        Values.AssertSameBits([.. expected.Select(Canonical)], [.. y.Select(Canonical)]);

        static float Canonical(float value) => float.IsNaN(value) ? float.NaN : value;
    }
}
