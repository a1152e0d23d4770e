using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

public class GaussianNoiseTests
{
    [Property(MaxTest = 60)]
    public void NoiseIsTheReference(int batch, int length, int deviation, int pass, int seed)
    {
        PropertyCount.Ran();
        (batch, length) = (Values.Size(batch, 1, 4), Values.Size(length, 1, 90));
        var step = new TrainingStep((ulong)seed, (ulong)Values.Size(pass), 5);
        float stddev = 0.25f * Values.Size(deviation, 0, 8);
        var operation = new GaussianNoiseOperation(length, stddev);
        float[] x = Values.Uniform(batch * length, seed), y = new float[x.Length], dy = Values.Uniform(x.Length, seed + 1), dx = new float[x.Length];
        var stream = new RandomStream(step.Seed, (1UL << 63) | (step.Pass << 16) | (uint)step.Layer);
        double[] expected = [.. x.Select((value, i) => value + stddev * NoiseReference.Normal(stream.Bits((ulong)i)))];
        Realisations.OnEach(_ =>
        {
            Values.AssertSameBits(x, OperationHarness.Predict(operation, x, []));
            operation.ForwardTraining(x, default, y, default, batch, step);
            Values.AssertClose(expected, y, 1e-5, 1e-6);
            operation.Backward(x, y, dy, default, default, dx, default, batch);
            Values.AssertSameBits(dy, dx);
        });
        OperationHarness.AssertEqualBits(operation, x, [], dy);
        OperationHarness.AssertInputGradientIsOptional(operation, x, [], dy);
    }

    /// <summary>Every exponent of the tail, both signs, and the neighbourhood of where the formula changes.</summary>
    [Fact]
    public void TheQuantileIsCloseEverywhere() => Realisations.OnEach(_ =>
    {
        var tails = new List<float>();
        for (int exponent = 2; exponent <= 33; exponent++)
        {
            for (int part = 0; part < 40; part++) tails.Add((1 + part / 40f) * MathF.Pow(2, -exponent));
        }
        // t = 5 is a tail of (1 - sqrt(1 - e^-5)) / 2.
        for (int i = -30; i <= 30; i++) tails.Add(0.00168735f * (1 + i * 1e-5f));
        tails.AddRange([0.5f, MathF.BitDecrement(0.5f), 0.49999f, 0.4999f]);
        float[] x = [.. tails, .. tails.Select(tail => -tail)], y = new float[x.Length];
        ElementwiseLayer.Forward(default(Quantile), x, y);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = Math.Sign(x[i]) * NoiseReference.Quantile(Math.Abs((double)x[i]));
            Assert.True(Math.Abs(expected - y[i]) <= 2e-6 * Math.Abs(expected), $"{x[i]:R}: expected {expected}, got {y[i]}.");
        }
    });

    [Fact]
    public void NoiseIsNormallyDistributed()
    {
        const int Count = 200_000;
        float[] x = new float[Count], y = new float[Count];
        new GaussianNoiseOperation(Count, 2).ForwardTraining(x, default, y, default, 1, new TrainingStep(7, 3, 1));
        double[] z = [.. y.Select(value => value / 2.0).Order()];
        double mean = z.Average();
        Assert.Equal(0, mean, 0.01);
        Assert.Equal(1, z.Average(value => value * value), 0.015);
        Assert.Equal(0, z.Average(value => value * value * value), 0.03);
        Assert.Equal(3, z.Average(value => value * value * value * value), 0.1);

        // Kolmogorov and Smirnov: beyond 1.95 / sqrt(n) in one of a thousand seeds.
        double distance = z.Select((value, i) => Math.Abs(ErrorFunctionReference.NormalDistribution(value) - (i + 0.5) / Count)).Max();
        Assert.True(distance < 1.95 / Math.Sqrt(Count), $"{distance}");
    }

    [Fact]
    public void SeedPassAndLayerNameTheNoise()
    {
        var operation = new GaussianNoiseOperation(40, 1);
        float[] first = Run(new TrainingStep(1, 2, 3));
        Assert.Equal(first, Run(new TrainingStep(1, 2, 3)));
        foreach (TrainingStep other in new[] { new TrainingStep(2, 2, 3), new TrainingStep(1, 3, 3), new TrainingStep(1, 2, 4) })
            Assert.True(first.Zip(Run(other)).Count(pair => pair.First == pair.Second) < 3);

        float[] Run(TrainingStep step)
        {
            float[] y = new float[40];
            operation.ForwardTraining(new float[40], default, y, default, 1, step);
            return y;
        }
    }

    [Fact]
    public void PredictionHasNoNoise()
    {
        Network noisy = Network.Create([6], x => x.Dense(6).Tanh().GaussianNoise(1).Dense(3), seed: 1), quiet = Network.Create([6], x => x.Dense(6).Tanh().Dense(3), seed: 1);
        float[] x = Values.Uniform(12, 1), expected = new float[6], actual = new float[6];
        quiet.Forward(x, expected);
        noisy.Forward(x, actual);
        Values.AssertSameBits(expected, actual);
        TrainingPass pass = noisy.CreateTrainingPass(2);
        Assert.NotEqual(expected, pass.Forward(x).ToArray());
        TrainingPass none = Network.Create([6], x => x.Dense(6).Tanh().GaussianNoise(0).Dense(3), seed: 1).CreateTrainingPass(2);
        Values.AssertSameBits(expected, none.Forward(x));
    }

    [Fact]
    public void NothingIsTouchedBeyondSpansAndNothingAllocated()
    {
        foreach (int length in new[] { 1, 3, 4, 7, 16, 17, 33, 64 })
        {
            var operation = new GaussianNoiseOperation(length, 0.5f);
            float[] x = Values.Uniform(3 * length, 1);
            OperationHarness.AssertStaysWithinSpans(operation, x, []);
            OperationHarness.AssertAllocatesNothing(operation, x, []);
            OperationHarness.AssertRefusesWrongLengths(operation, x, [], 0);
        }
        Assert.Equal("standardDeviation", Assert.Throws<ArgumentOutOfRangeException>(() => new GaussianNoiseOperation(1, float.NaN)).ParamName);
        Assert.Equal("standardDeviation", Assert.Throws<ArgumentOutOfRangeException>(() => new GaussianNoiseOperation(1, -1)).ParamName);
    }

    private readonly struct Quantile : IActivation
    {
        public static bool IsSimple => false;

        public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.NormalQuantile(x);

        public TBlock Backward<TBlock>(TBlock value, TBlock gradient) where TBlock : struct, IBlock<TBlock> => gradient;
    }
}
