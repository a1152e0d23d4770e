using FsCheck.Xunit;
using SimdNet.Reference;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

public class LossTests
{
    private delegate double Exact(ReadOnlySpan<double> outputs, ReadOnlySpan<double> targets, int size, Span<double> gradient);

    public static TheoryData<string> Names => ["MeanSquaredError", "HalfSumOfSquares", "CrossEntropy", "BinaryCrossEntropy", "WeightedCrossEntropy", "WeightedBinaryCrossEntropy", "MeanAbsoluteError", "Huber"];

    [Property(MaxTest = 150)]
    public void LossesAreTheReferences(int batch, int size, int seed, bool large)
    {
        PropertyCount.Ran();
        (batch, size) = (Values.Size(batch, 1, 12), Values.Size(size, 1, 40));
        float[] outputs = Values.Uniform(batch * size, seed, large ? 60 : 3), targets = [.. Values.Uniform(batch * size, seed + 1).Select(Math.Abs)];
        foreach (string name in Names)
        {
            (Loss loss, Exact exact) = Find(name, size);
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

    /// <summary>A class of weight 3 counts as if each of its rows were there three times; one of weight 0, and what is ignored, not at all.</summary>
    [Property(MaxTest = 100)]
    public void AWeightIsHowOftenAClassCounts(int batch, int size, int seed)
    {
        PropertyCount.Ran();
        (batch, size) = (Values.Size(batch, 1, 12), Values.Size(size, 2, 20));
        float[] outputs = Values.Uniform(batch * size, seed, 5), gradient = new float[batch * size], weights = [.. Enumerable.Range(0, size).Select(label => (float)(label % 3))];
        int[] classes = [.. Enumerable.Range(0, batch).Select(i => (int)((uint)(seed + 5 * i) % (uint)(size + 1)) - 1).Select(label => label < 0 ? Loss.IgnoredClass : label)];
        int[] repeated = [.. Enumerable.Range(0, batch).SelectMany(i => Enumerable.Repeat(i, classes[i] < 0 ? 0 : (int)weights[classes[i]]))];
        float[] repeatedGradient = new float[repeated.Length * size];
        float expected = Loss.CrossEntropy.Evaluate([.. repeated.SelectMany(i => outputs[(i * size)..((i + 1) * size)])], [.. repeated.Select(i => classes[i])], size, repeatedGradient);
        Loss weighted = Loss.WeightedCrossEntropy(weights);
        Assert.Equal(expected, weighted.Evaluate(outputs, classes, size, gradient), 1e-5f);
        var sums = new double[batch * size];
        for (int place = 0; place < repeated.Length; place++)
        {
            for (int j = 0; j < size; j++) sums[repeated[place] * size + j] += repeatedGradient[place * size + j];
        }
        Values.AssertClose(sums, gradient, 1e-5, 1e-6);
        Assert.Equal(repeated.Length, weighted.Weight(classes));
    }

    [Fact]
    public void WhatIsTrueCountsAsOftenAsItsWeightSays()
    {
        float[] outputs = [0.5f, -1, 2], gradient = new float[3], plain = new float[3];
        float loss = Loss.WeightedBinaryCrossEntropy(4).Evaluate(outputs, [1, 0, Loss.IgnoredClass], 1, gradient);
        float repeated = Loss.BinaryCrossEntropy.Evaluate([0.5f, 0.5f, 0.5f, 0.5f, -1], [1, 1, 1, 1, 0], 1, new float[5]);
        Loss.BinaryCrossEntropy.Evaluate(outputs, [1, 0, Loss.IgnoredClass], 1, plain);
        Assert.Equal(repeated * 5 / 2, loss, 1e-6f);
        Values.AssertClose([4.0 * plain[0], plain[1], 0], gradient, 1e-6, 1e-7);
        Assert.Equal("WeightedBinaryCrossEntropy", Loss.WeightedBinaryCrossEntropy(4).Name);
    }

    /// <summary>The loss is the sum of the parts' losses, and so is its gradient.</summary>
    [Property(MaxTest = 50)]
    public void ALossForEachResultIsTheSumOfTheirs(int rows, int first, int second, int seed)
    {
        PropertyCount.Ran();
        (rows, first, second) = (Values.Size(rows, 1, 9), Values.Size(first, 1, 20), Values.Size(second, 1, 20));
        int size = first + second;
        float[] outputs = Values.Uniform(rows * size, seed, 3), targets = [.. Values.Uniform(rows * size, seed + 1).Select(Math.Abs)], gradient = new float[rows * size];
        float value = Loss.PerResult(new(Loss.CrossEntropy, first, 0.25f), new(Loss.MeanSquaredError, second)).Evaluate(outputs, targets, size, gradient);

        float[] Part(float[] all, int from, int count) => [.. Enumerable.Range(0, rows).SelectMany(row => all[(row * size + from)..(row * size + from + count)])];
        float[] classGradient = new float[rows * first], valueGradient = new float[rows * second];
        float classLoss = Loss.CrossEntropy.Evaluate(Part(outputs, 0, first), Part(targets, 0, first), first, classGradient);
        float valueLoss = Loss.MeanSquaredError.Evaluate(Part(outputs, first, second), Part(targets, first, second), second, valueGradient);
        Assert.Equal(0.25f * classLoss + valueLoss, value, 1e-5f);
        Assert.Equal(classGradient.Select(element => 0.25f * element), Part(gradient, 0, first));
        Assert.Equal(valueGradient, Part(gradient, first, second));
    }

    [Fact]
    public void LossesThatDoNotFitResultsAreRefused()
    {
        Assert.Contains("at least one result", Assert.Throws<ArgumentException>(() => Loss.PerResult()).Message);
        Assert.Contains("its size is 0", Assert.Throws<ArgumentException>(() => Loss.PerResult(new ResultLoss(Loss.CrossEntropy, 0))).Message);
        Assert.Contains("weight of CrossEntropy is NaN", Assert.Throws<ArgumentException>(() => Loss.PerResult(new ResultLoss(Loss.CrossEntropy, 2, float.NaN))).Message);
        Assert.Contains("use MeanSquaredError", Assert.Throws<ArgumentException>(() => Loss.PerResult(new ResultLoss(Loss.HalfSumOfSquares, 2))).Message);
        Loss both = Loss.PerResult(new(Loss.BinaryCrossEntropy, 2), new(Loss.MeanSquaredError, 1));
        Assert.Contains("parts of 3 outputs together, but the network puts out 4", Assert.Throws<InvalidOperationException>(() => both.Evaluate(new float[4], new float[4], 4, new float[4])).Message);

        TrainingPass Pass(Func<Layers.Node, Layers.Node> define) => Network.Create([2], define, seed: 1).CreateTrainingPass(1);
        Assert.Contains("reads logits", Assert.Throws<InvalidOperationException>(() => Pass(x => x.Dense(3).Softmax()).Step([1, 2], [0f, 1, 0], both, new Adam())).Message);
        Assert.Contains("reads logits", Assert.Throws<InvalidOperationException>(() => Pass(x => x.Dense(2).Sigmoid().Concat(x.Dense(1))).Step([1, 2], [0f, 1, 0], both, new Adam())).Message);
    }

    [Fact]
    public void ImpossibleWeightsAreRefused()
    {
        Assert.Contains("above 0", Assert.Throws<ArgumentException>(() => Loss.WeightedCrossEntropy()).Message);
        Assert.Contains("above 0", Assert.Throws<ArgumentException>(() => Loss.WeightedCrossEntropy(0, 0)).Message);
        Assert.Contains("class 1 is NaN", Assert.Throws<ArgumentException>(() => Loss.WeightedCrossEntropy(1, float.NaN)).Message);
        Assert.Contains("class 0 is -1", Assert.Throws<ArgumentException>(() => Loss.WeightedCrossEntropy(-1, 2)).Message);
        Assert.Equal("delta", Assert.Throws<ArgumentOutOfRangeException>(() => Loss.Huber(0)).ParamName);
        Assert.Equal("positiveWeight", Assert.Throws<ArgumentOutOfRangeException>(() => Loss.WeightedBinaryCrossEntropy(-1)).ParamName);
        Assert.Contains("weights of 2 classes, but the network tells 3 apart", Assert.Throws<InvalidOperationException>(() => Loss.WeightedCrossEntropy(1, 2).Evaluate(new float[3], [0], 3, new float[3])).Message);
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
        Exact exact = Find(name, 4).Exact;
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
        return [Find(name, 10).Loss.Evaluate(outputs, targets, 10, gradient), .. gradient];
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void NaNIsNotSwallowed(string name)
    {
        float[] outputs = [1, float.NaN, 2], targets = [0, 1, 0], gradient = new float[3];
        Assert.True(float.IsNaN(Find(name, 3).Loss.Evaluate(outputs, targets, 3, gradient)));
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

    private static (Loss Loss, Exact Exact) Find(string name, int size) => name switch
    {
        "MeanSquaredError" => (Loss.MeanSquaredError, (outputs, targets, _, gradient) => LossReference.MeanSquaredError(outputs, targets, gradient)),
        "HalfSumOfSquares" => (Loss.HalfSumOfSquares, (outputs, targets, _, gradient) => LossReference.HalfSumOfSquares(outputs, targets, gradient)),
        "CrossEntropy" => (Loss.CrossEntropy, LossReference.CrossEntropy),
        "MeanAbsoluteError" => (Loss.MeanAbsoluteError, (outputs, targets, _, gradient) => LossReference.MeanAbsoluteError(outputs, targets, gradient)),
        "Huber" => (Loss.Huber(0.75f), (outputs, targets, _, gradient) => LossReference.Huber(outputs, targets, 0.75, gradient)),
        "WeightedCrossEntropy" => (Loss.WeightedCrossEntropy(Weights(size)), (outputs, targets, _, gradient) => LossReference.WeightedCrossEntropy(outputs, targets, Values.ToDouble(Weights(size)), gradient)),
        "WeightedBinaryCrossEntropy" => (Loss.WeightedBinaryCrossEntropy(20), (outputs, targets, _, gradient) => LossReference.WeightedBinaryCrossEntropy(outputs, targets, 20, gradient)),
        _ => (Loss.BinaryCrossEntropy, (outputs, targets, _, gradient) => LossReference.BinaryCrossEntropy(outputs, targets, gradient)),
    };

    /// <summary>Weights of classes; the third one does not count.</summary>
    private static float[] Weights(int size) => [.. Enumerable.Range(0, size).Select(i => i == 2 ? 0 : 0.5f + i)];
}
