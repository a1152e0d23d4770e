using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Kernels;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Batch and group normalisation.</summary>
public class ChannelNormTests
{
    private const float Epsilon = 1e-5f;

    [Property(MaxTest = 100)]
    public void BatchNormInTrainingIsTheReference(int batch, int positions, int channels, int seed, int kind)
    {
        PropertyCount.Ran();
        (batch, positions, channels) = (Values.Size(batch, 1, 5), Values.Size(positions, 2, 9), Values.Size(channels, 1, 140));
        float offset = Math.Abs((long)kind) % 2 == 0 ? 0 : 1000, momentum = 0.25f;
        int count = batch * positions;
        var operation = new BatchNormOperation(positions, channels, Epsilon, momentum, 2, 2 + channels, 3 + 2 * channels, 3 + 3 * channels);
        float[] x = [.. Values.Uniform(count * channels, seed).Select(value => value + offset)], parameters = Parameters(3 + 4 * channels, channels, seed + 1), dy = Values.Uniform(x.Length, seed + 2);
        double[] exactX = Values.ToDouble(x), exact = Values.ToDouble(parameters), scale = exact[2..(2 + channels)], shift = exact[(2 + channels)..(2 + 2 * channels)];
        double[] y = new double[x.Length], dx = new double[x.Length], dScale = new double[channels], dShift = new double[channels];
        NormalizationReference.Forward<double>(exactX, scale, shift, y, count, channels, channels, Epsilon);
        NormalizationReference.Backward<double>(exactX, Values.ToDouble(dy), scale, dx, dScale, dShift, count, channels, channels, Epsilon);
        for (int channel = 0; channel < channels; channel++)
        {
            (double mean, double variance) = NormalizationReference.Moments<double>(exactX, channel, count, channels, 1);
            exact[3 + 2 * channels + channel] += momentum * (mean - exact[3 + 2 * channels + channel]);
            exact[3 + 3 * channels + channel] += momentum * (variance * count / (count - 1) - exact[3 + 3 * channels + channel]);
        }
        Realisations.OnEach(_ =>
        {
            OperationHarness.Pass pass = OperationHarness.Train(operation, x, parameters, dy);
            Values.AssertClose(y, pass.Y, 1e-5, 1e-5 * (1 + y.Max(Math.Abs)));
            Values.AssertClose(exact, pass.Parameters, 1e-6, 1e-6);
            AssertGradient(dx, pass.InputGradient);
            AssertGradient(dScale, pass.Gradients.AsSpan(2, channels));
            AssertGradient(dShift, pass.Gradients.AsSpan(2 + channels, channels));

            // Statistics have no gradients: the block may end before them.
            float[] kept = new float[operation.KeptLength(batch)], after = [.. parameters], gradients = new float[2 + 2 * channels];
            operation.ForwardTraining(x, after, new float[x.Length], kept, batch, default);
            operation.Backward(x, pass.Y, dy, after, kept, default, gradients, batch);
            Values.AssertSameBits(pass.Gradients.AsSpan(2, 2 * channels), gradients.AsSpan(2));
        });
        OperationHarness.AssertInputGradientIsOptional(operation, x, parameters, dy);
    }

    [Property(MaxTest = 60)]
    public void BatchNormInPredictionIsTheReference(int batch, int positions, int channels, int seed)
    {
        PropertyCount.Ran();
        (batch, positions, channels) = (Values.Size(batch, 0, 5), Values.Size(positions, 1, 40), Values.Size(channels, 1, 140));
        BatchNormOperation operation = Batch(positions, channels);
        float[] x = Values.Uniform(batch * positions * channels, seed), parameters = Parameters(4 * channels, channels, seed + 1);
        var expected = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int channel = i % channels;
            double deviation = Math.Sqrt(parameters[3 * channels + channel] + (double)Epsilon);
            expected[i] = (x[i] - (double)parameters[2 * channels + channel]) / deviation * parameters[channel] + parameters[channels + channel];
        }
        Realisations.OnEach(_ => Values.AssertClose(expected, OperationHarness.Predict(operation, x, parameters), 1e-5, 1e-5 * (1 + expected.Select(Math.Abs).DefaultIfEmpty().Max())));
        OperationHarness.AssertSamplesAreIndependent(operation, x, parameters);
        OperationHarness.AssertStepsAreTheSequence(operation, positions, x, parameters);
    }

    [Property(MaxTest = 100)]
    public void GroupNormIsTheReference(int batch, int positions, int width, int groups, int seed, int kind)
    {
        PropertyCount.Ran();
        (batch, positions, width, groups) = (Values.Size(batch, 1, 4), Values.Size(positions, 1, 9), Values.Size(width, 1, 20), Values.Size(groups, 1, 9));
        int channels = width * groups;
        float offset = Math.Abs((long)kind) % 2 == 0 ? 0 : 1000;
        GroupNormOperation operation = Group(positions, channels, groups);
        float[] x = [.. Values.Uniform(batch * positions * channels, seed).Select(value => value + offset)], parameters = Values.Uniform(2 * channels, seed + 1), dy = Values.Uniform(x.Length, seed + 2);
        double[] exactX = Values.ToDouble(x), scale = Values.ToDouble(parameters)[..channels], shift = Values.ToDouble(parameters)[channels..];
        double[] y = new double[x.Length], dx = new double[x.Length], dScale = new double[channels], dShift = new double[channels];
        NormalizationReference.Forward<double>(exactX, scale, shift, y, positions, channels, groups, Epsilon);
        NormalizationReference.Backward<double>(exactX, Values.ToDouble(dy), scale, dx, dScale, dShift, positions, channels, groups, Epsilon);
        Realisations.OnEach(_ =>
        {
            Values.AssertClose(y, OperationHarness.Predict(operation, x, parameters), 1e-5, 3e-5);
            OperationHarness.Pass pass = OperationHarness.Train(operation, x, parameters, dy);
            Values.AssertClose(y, pass.Y, 1e-5, 3e-5);
            AssertGradient(dx, pass.InputGradient);
            AssertGradient(dScale, pass.Gradients.AsSpan(0, channels));
            AssertGradient(dShift, pass.Gradients.AsSpan(channels));
        });
        OperationHarness.AssertInputGradientIsOptional(operation, x, parameters, dy);
        OperationHarness.AssertSamplesAreIndependent(operation, x, parameters, dy);
        OperationHarness.AssertEqualBits(operation, x, parameters, dy);
    }

    [Property(MaxTest = 40)]
    public void BatchNormHasTheSameBitsEverywhere(int batch, int positions, int channels, int seed)
    {
        PropertyCount.Ran();
        (batch, positions, channels) = (Values.Size(batch, 1, 5), Values.Size(positions, 2, 200), Values.Size(channels, 1, 140));
        float[] x = Values.Uniform(batch * positions * channels, seed, 3);
        OperationHarness.AssertEqualBits(Batch(positions, channels), x, Parameters(4 * channels, channels, seed), Values.Uniform(x.Length, seed + 2));
    }

    /// <summary>What an offset leaves of the digits of x is normalised as exactly as without one, over many values too.</summary>
    [Theory]
    [InlineData(1e6f, 300)]
    [InlineData(-3e7f, 5000)]
    [InlineData(1e15f, 300)]
    public void AnOffsetCostsNoDigits(float offset, int positions) => Realisations.OnEach(_ =>
    {
        const int Channels = 6;
        float spacing = Math.Abs(MathF.BitIncrement(offset) - offset);
        float[] parameters = Parameters(4 * Channels, Channels, 1);
        float[] x = [.. Values.Uniform(positions * Channels, 5, 8).Select(value => offset + spacing * MathF.Round(value))];
        double[] y = new double[x.Length], exact = Values.ToDouble(parameters), exactX = Values.ToDouble(x);
        NormalizationReference.Forward<double>(exactX, exact[..Channels], exact[Channels..(2 * Channels)], y, positions, Channels, Channels, 0);
        var batch = new BatchNormOperation(positions, Channels, 0, 0.1f, 0, Channels, 2 * Channels, 3 * Channels);
        Values.AssertClose(y, OperationHarness.Train(batch, x, parameters, new float[x.Length]).Y, 1e-5, 1e-5);
        NormalizationReference.Forward<double>(exactX, exact[..Channels], exact[Channels..(2 * Channels)], y, positions, Channels, 2, 0);
        Values.AssertClose(y, OperationHarness.Predict(new GroupNormOperation(positions, Channels, 2, 0, 0, Channels), x, parameters), 1e-5, 1e-5);
    });

    [Fact]
    public void AChannelOfOneValueIsTheShift() => Realisations.OnEach(_ =>
    {
        foreach (int channels in new[] { 1, 3, 16, 33 })
        {
            float[] parameters = Parameters(4 * channels, channels, 1), shift = parameters[channels..(2 * channels)];
            foreach (float value in new[] { 0f, 0.1f, -7e5f, 1e30f })
            {
                float[] x = [.. Enumerable.Repeat(value, 600 * channels)];
                OperationHarness.Pass pass = OperationHarness.Train(Batch(600, channels), x, parameters, new float[x.Length]);
                float[] y = OperationHarness.Predict(Group(600, channels, 1), x, parameters);
                for (int position = 0; position < 600; position++)
                {
                    Values.AssertSameBits(shift, pass.Y.AsSpan(position * channels, channels));
                    Values.AssertSameBits(shift, y.AsSpan(position * channels, channels));
                }
            }
        }
    });

    /// <summary>Many terms that are alike: one long chain would round each of them in the same direction.</summary>
    [Fact]
    public void LongSumsKeepTheirDigits() => Realisations.OnEach(_ =>
    {
        const int Count = 200_000;
        float[] x = new float[Count], gradient = [.. Enumerable.Repeat(0.3f, Count)], sum = new float[1], squares = new float[1];
        for (int i = 0; i < Count; i++) x[i] = i % 2 == 0 ? 0.7f : -0.7f;
        ChannelSumsKernel.Run<Deviations>(x, default, [0], sum, squares, Count, 1);
        Assert.Equal(Count * 0.7f * 0.7f, squares[0], Count * 0.49f * 1e-5f);
        ChannelSumsKernel.Run<GradientTerms>(x, gradient, [0], sum, squares, Count, 1);
        Assert.Equal(Count * 0.3f, sum[0], Count * 0.3f * 1e-5f);
    });

    [Fact]
    public void NaNAndInfinityAreNotSwallowed() => Realisations.OnEach(_ =>
    {
        foreach (float value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            const int Channels = 21;
            float[] x = Values.Uniform(5 * Channels, 1), parameters = Parameters(4 * Channels, Channels, 1);
            x[2 * Channels + 19] = value;
            float[] y = OperationHarness.Train(Batch(5, Channels), x, parameters, new float[x.Length]).Y;
            for (int i = 0; i < y.Length; i++) Assert.Equal(i % Channels == 19, float.IsNaN(y[i]));
            y = OperationHarness.Predict(Group(5, Channels, 3), x, parameters);
            for (int i = 0; i < y.Length; i++) Assert.Equal(i % Channels >= 14, float.IsNaN(y[i]));
        }
    });

    [Fact]
    public void NothingIsTouchedBeyondSpansAndNothingAllocated()
    {
        foreach (int channels in new[] { 1, 3, 8, 12, 16, 17, 31, 32, 64, 70, 129 })
        {
            float[] x = Values.Uniform(2 * 3 * channels, 1), parameters = Parameters(4 * channels, channels, 2);
            OperationHarness.AssertStaysWithinSpans(Batch(3, channels), x, parameters, 3);
            OperationHarness.AssertAllocatesNothing(Batch(3, channels), x, parameters, 3);
            OperationHarness.AssertRefusesWrongLengths(Batch(3, channels), x, parameters, 4 * channels, trained: 2 * channels);
            GroupNormOperation group = Group(3, channels, channels % 4 == 0 ? 4 : 1);
            OperationHarness.AssertStaysWithinSpans(group, x, parameters[..(2 * channels)]);
            OperationHarness.AssertAllocatesNothing(group, x, parameters);
            OperationHarness.AssertRefusesWrongLengths(group, x, parameters, 2 * channels);
        }
    }

    [Fact]
    public void WrongSizesAreRefused()
    {
        Assert.Equal("batch", Assert.Throws<ArgumentOutOfRangeException>(() => OperationHarness.Train(Batch(1, 3), new float[3], new float[12], new float[3])).ParamName);
        Assert.Equal("groups", Assert.Throws<ArgumentOutOfRangeException>(() => Group(2, 6, 4)).ParamName);
        Assert.Equal("momentum", Assert.Throws<ArgumentOutOfRangeException>(() => new BatchNormOperation(1, 3, Epsilon, float.NaN, 0, 3, 6, 9)).ParamName);
        Assert.Throws<NotSupportedException>(() => Group(2, 6, 2).Step(new float[6], new float[12], default, new float[6]));
    }

    private static BatchNormOperation Batch(int positions, int channels) => new(positions, channels, Epsilon, 0.1f, 0, channels, 2 * channels, 3 * channels);

    private static GroupNormOperation Group(int positions, int channels, int groups) => new(positions, channels, groups, Epsilon, 0, channels);

    /// <summary>Random numbers, the last of them variances: positive.</summary>
    private static float[] Parameters(int length, int channels, int seed)
    {
        float[] values = Values.Uniform(length, seed);
        foreach (ref float value in values.AsSpan(length - channels)) value = 0.05f + Math.Abs(value);
        return values;
    }

    /// <summary>
    /// Differences of terms that are as large as <c>1 / sqrt(epsilon)</c> where values hardly differ, each rounded by 2^-24: five such roundings, or
    /// as many of the largest gradient.
    /// </summary>
    private static void AssertGradient(double[] expected, ReadOnlySpan<float> actual) => Values.AssertClose(
        expected, actual, 1e-4, Math.Max(2e-5 * (1 + expected.Max(Math.Abs)), 5 * Math.Pow(2, -24) / Math.Sqrt(Epsilon)));
}
