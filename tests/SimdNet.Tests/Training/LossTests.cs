using FsCheck.Xunit;
using SimdNet.Reference;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

public class LossTests
{
    private delegate double Exact(ReadOnlySpan<double> outputs, ReadOnlySpan<double> targets, int size, Span<double> gradient);

    public static TheoryData<string> Names => ["MeanSquaredError", "HalfSumOfSquares", "CrossEntropy", "BinaryCrossEntropy"];

    [Property(MaxTest = 150)]
    public void LossesAreTheReferences(int batch, int size, int seed, bool large)
    {
        PropertyCount.Ran();
        (batch, size) = (Values.Size(batch, 1, 12), Values.Size(size, 1, 40));
        float[] outputs = Values.Uniform(batch * size, seed, large ? 60 : 3), targets = [.. Values.Uniform(batch * size, seed + 1).Select(Math.Abs)];
        foreach (string name in Names)
        {
            (Loss loss, Exact exact) = Find(name);
            var expectedGradient = new double[outputs.Length];
            double expected = exact(Values.ToDouble(outputs), Values.ToDouble(targets), size, expectedGradient);
            Realisations.OnEach(_ =>
            {
                var gradient = new float[outputs.Length];
                Values.AssertClose([expected], [loss.Evaluate(outputs, targets, size, gradient)], 1e-5, 1e-5);
                Values.AssertClose(expectedGradient, gradient, 1e-5, 1e-6);
            });
        }
    }

    [Property(MaxTest = 100)]
    public void ClassesAreOneHotTargets(int batch, int size, int seed)
    {
        PropertyCount.Ran();
        (batch, size) = (Values.Size(batch, 1, 12), Values.Size(size, 1, 40));
        float[] outputs = Values.Uniform(batch * size, seed, 5), targets = new float[outputs.Length];
        int[] classes = [.. Enumerable.Range(0, batch).Select(i => (int)((uint)(seed + 7 * i) % (uint)size))];
        for (int i = 0; i < batch; i++) targets[i * size + classes[i]] = 1;
        float[] fromTargets = new float[outputs.Length], fromClasses = new float[outputs.Length];
        float expected = Loss.CrossEntropy.Evaluate(outputs, targets, size, fromTargets);
        float actual = Loss.CrossEntropy.Evaluate(outputs, classes, size, fromClasses);
        Assert.Equal(expected, actual, 1e-5f);
        Values.AssertClose(Values.ToDouble(fromTargets), fromClasses);
    }

    /// <summary>The loss is that of the rows with a class alone, and the gradient of the others zero; where none has one, all is zero.</summary>
    [Property(MaxTest = 100)]
    public void IgnoredClassesDoNotCount(int batch, int size, int seed, bool isBinary)
    {
        PropertyCount.Ran();
        (batch, size) = (Values.Size(batch, 1, 12), isBinary ? 1 : Values.Size(size, 1, 40));
        Loss loss = isBinary ? Loss.BinaryCrossEntropy : Loss.CrossEntropy;
        float[] outputs = Values.Uniform(batch * size, seed, 5), gradient = Values.Uniform(batch * size, seed + 1);
        int[] classes = [.. Enumerable.Range(0, batch).Select(i => (int)((uint)(seed + 5 * i) % (uint)(isBinary ? 3 : size + 1)) - 1).Select(label => label < 0 ? Loss.IgnoredClass : label)];
        int[] counted = [.. Enumerable.Range(0, batch).Where(i => classes[i] != Loss.IgnoredClass)];
        float[] countedGradient = new float[counted.Length * size];
        float expected = loss.Evaluate([.. counted.SelectMany(i => outputs[(i * size)..((i + 1) * size)])], [.. counted.Select(i => classes[i])], size, countedGradient);
        Assert.Equal(expected, loss.Evaluate(outputs, classes, size, gradient));
        Assert.Equal(countedGradient, counted.SelectMany(i => gradient[(i * size)..((i + 1) * size)]));
        Assert.All(Enumerable.Range(0, batch).Except(counted), i => Assert.All(gradient[(i * size)..((i + 1) * size)], value => Assert.Equal(0, value)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ReferencesHaveTheGradientsTheyClaim(string name)
    {
        const double Step = 1e-6;
        Exact exact = Find(name).Exact;
        double[] outputs = Values.ToDouble(Values.Uniform(12, 1, 2)), targets = [.. Values.ToDouble(Values.Uniform(12, 2)).Select(Math.Abs)];
        double[] gradient = new double[12], ignored = new double[12];
        exact(outputs, targets, 4, gradient);
        for (int i = 0; i < outputs.Length; i++)
        {
            double value = outputs[i];
            outputs[i] = value + Step;
            double above = exact(outputs, targets, 4, ignored);
            outputs[i] = value - Step;
            double below = exact(outputs, targets, 4, ignored);
            outputs[i] = value;
            Assert.Equal((above - below) / (2 * Step), gradient[i], 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryRealisationHasTheSameBits(string name) => Realisations.AssertEqualBits(() =>
    {
        float[] outputs = Values.Uniform(630, 1, 10), targets = [.. Values.Uniform(630, 2).Select(Math.Abs)], gradient = new float[630];
        return [Find(name).Loss.Evaluate(outputs, targets, 10, gradient), .. gradient];
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void NaNIsNotSwallowed(string name)
    {
        float[] outputs = [1, float.NaN, 2], targets = [0, 1, 0], gradient = new float[3];
        Assert.True(float.IsNaN(Find(name).Loss.Evaluate(outputs, targets, 3, gradient)));
        Assert.True(float.IsNaN(gradient[1]));
    }

    [Fact]
    public void LargeLogitsStayFinite()
    {
        float[] gradient = new float[2];
        Assert.Equal(2000f, Loss.CrossEntropy.Evaluate([1000f, -1000f], [1], 2, gradient));
        Assert.Equal([1, -1], gradient);
        Assert.Equal(500f, Loss.BinaryCrossEntropy.Evaluate([1000f, 1000f], [0f, 1f], 2, gradient));
    }

    [Fact]
    public void WrongCallsNameTheParameter()
    {
        float[] f(int n) => new float[n];
        Assert.Equal("targets", Assert.Throws<ArgumentException>(() => Loss.MeanSquaredError.Evaluate(f(4), f(3), 2, f(4))).ParamName);
        Assert.Equal("gradient", Assert.Throws<ArgumentException>(() => Loss.CrossEntropy.Evaluate(f(4), f(4), 2, f(3))).ParamName);
        Assert.Contains("Expected a multiple of 4 floats (whole samples), but 7", Assert.Throws<ArgumentException>(() => Loss.CrossEntropy.Evaluate(f(7), f(7), 4, f(7))).Message);
        ArgumentException wrongClass = Assert.Throws<ArgumentException>(() => Loss.CrossEntropy.Evaluate(f(4), new[] { 0, 2 }, 2, f(4)));
        Assert.Contains("Row 1 (a sample, or one step of it) has class 2", wrongClass.Message);
        Assert.Equal("classes", Assert.Throws<ArgumentException>(() => Loss.MeanSquaredError.Evaluate(f(4), new[] { 0, 1 }, 2, f(4))).ParamName);
    }

    private static (Loss Loss, Exact Exact) Find(string name) => name switch
    {
        "MeanSquaredError" => (Loss.MeanSquaredError, (outputs, targets, _, gradient) => LossReference.MeanSquaredError(outputs, targets, gradient)),
        "HalfSumOfSquares" => (Loss.HalfSumOfSquares, (outputs, targets, _, gradient) => LossReference.HalfSumOfSquares(outputs, targets, gradient)),
        "CrossEntropy" => (Loss.CrossEntropy, LossReference.CrossEntropy),
        _ => (Loss.BinaryCrossEntropy, (outputs, targets, _, gradient) => LossReference.BinaryCrossEntropy(outputs, targets, gradient)),
    };
}
