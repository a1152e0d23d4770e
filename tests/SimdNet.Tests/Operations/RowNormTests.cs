using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Layer and root mean square normalisation.</summary>
public class RowNormTests
{
    private const float Epsilon = 1e-5f;

    [Property(MaxTest = 100)]
    public void LayerNormIsTheReference(int batch, int rows, int width, int seed, int kind)
    {
        PropertyCount.Ran();
        (batch, rows, width) = (Values.Size(batch, 1, 4), Values.Size(rows, 1, 6), Values.Size(width, 1, 140));
        (LayerNormOperation operation, float[] x, float[] parameters, float[] dy) = Layer(batch, rows, width, seed, Math.Abs((long)kind) % 2 == 0 ? 0 : 1000);
        double[] exactX = Values.ToDouble(x), scale = Values.ToDouble(parameters)[3..(3 + width)], shift = Values.ToDouble(parameters)[^width..];
        double[] y = new double[x.Length], dx = new double[x.Length], dScale = new double[width], dShift = new double[width];
        NormalizationReference.Forward<double>(exactX, scale, shift, y, 1, width, 1, Epsilon);
        NormalizationReference.Backward<double>(exactX, Values.ToDouble(dy), scale, dx, dScale, dShift, 1, width, 1, Epsilon);
        Realisations.OnEach(_ =>
        {
            Values.AssertClose(y, OperationHarness.Predict(operation, x, parameters), 1e-5, 3e-5);
            OperationHarness.Pass pass = OperationHarness.Train(operation, x, parameters, dy);
            Values.AssertClose(y, pass.Y, 1e-5, 3e-5);
            AssertGradient(dx, pass.InputGradient);
            AssertGradient(dScale, pass.Gradients.AsSpan(3, width));
            AssertGradient(dShift, pass.Gradients.AsSpan(pass.Gradients.Length - width));
        });
        OperationHarness.AssertInputGradientIsOptional(operation, x, parameters, dy);
    }

    [Property(MaxTest = 100)]
    public void RmsNormIsTheReference(int batch, int rows, int width, int seed)
    {
        PropertyCount.Ran();
        (batch, rows, width) = (Values.Size(batch, 1, 4), Values.Size(rows, 1, 6), Values.Size(width, 1, 140));
        (RmsNormOperation operation, float[] x, float[] parameters, float[] dy) = Rms(batch, rows, width, seed);
        double[] exactX = Values.ToDouble(x), scale = Values.ToDouble(parameters)[3..], y = new double[x.Length], dx = new double[x.Length], dScale = new double[width];
        NormalizationReference.RmsForward<double>(exactX, scale, y, Epsilon);
        NormalizationReference.RmsBackward<double>(exactX, Values.ToDouble(dy), scale, dx, dScale, Epsilon);
        Realisations.OnEach(_ =>
        {
            Values.AssertClose(y, OperationHarness.Predict(operation, x, parameters), 1e-6, 1e-6);
            OperationHarness.Pass pass = OperationHarness.Train(operation, x, parameters, dy);
            Values.AssertClose(y, pass.Y, 1e-6, 1e-6);
            AssertGradient(dx, pass.InputGradient);
            AssertGradient(dScale, pass.Gradients.AsSpan(3));
        });
        OperationHarness.AssertInputGradientIsOptional(operation, x, parameters, dy);
    }

    [Property(MaxTest = 40)]
    public void BitsAreEqual(int batch, int rows, int width, int seed)
    {
        PropertyCount.Ran();
        (batch, rows, width) = (Values.Size(batch, 1, 4), Values.Size(rows, 1, 5), Values.Size(width, 1, 140));
        (LayerNormOperation layer, float[] x, float[] parameters, float[] dy) = Layer(batch, rows, width, seed, 5);
        OperationHarness.AssertEqualBits(layer, x, parameters, dy);
        OperationHarness.AssertSamplesAreIndependent(layer, x, parameters, dy);
        OperationHarness.AssertStepsAreTheSequence(layer, rows, x, parameters);
        (RmsNormOperation rms, x, parameters, dy) = Rms(batch, rows, width, seed);
        OperationHarness.AssertEqualBits(rms, x, parameters, dy);
        OperationHarness.AssertSamplesAreIndependent(rms, x, parameters, dy);
        OperationHarness.AssertStepsAreTheSequence(rms, rows, x, parameters);
    }

    /// <summary>What an offset leaves of the digits of x is normalised as exactly as without one.</summary>
    [Theory]
    [InlineData(1e6f)]
    [InlineData(-3e7f)]
    [InlineData(1e20f)]
    public void AnOffsetCostsNoDigits(float offset) => Realisations.OnEach(_ =>
    {
        const int Width = 77;
        float spacing = MathF.BitIncrement(offset) - offset;
        float[] scale = [.. Enumerable.Repeat(1f, Width)], parameters = [.. scale, .. new float[Width]];
        float[] steps = [.. Values.Uniform(Width, 5, 8).Select(value => MathF.Round(value))], x = [.. steps.Select(value => offset + Math.Abs(spacing) * value)];
        double[] y = new double[Width];
        NormalizationReference.Forward<double>(Values.ToDouble(x), Values.ToDouble(scale), new double[Width], y, 1, Width, 1, 0);
        Values.AssertClose(y, OperationHarness.Predict(new LayerNormOperation(1, Width, 0, 0, Width), x, parameters), 1e-5, 1e-5);
    });

    [Fact]
    public void ARowOfOneValueIsTheShift() => Realisations.OnEach(_ =>
    {
        foreach (int width in new[] { 1, 3, 16, 33 })
        {
            float[] scale = Values.Uniform(width, 1), shift = Values.Uniform(width, 2);
            foreach (float value in new[] { 0f, 0.1f, -7e5f, 1e30f })
            {
                float[] x = [.. Enumerable.Repeat(value, width)];
                Values.AssertSameBits(shift, OperationHarness.Predict(new LayerNormOperation(1, width, Epsilon, 0, width), x, [.. scale, .. shift]));
            }
            Values.AssertSameBits(new float[width], [.. OperationHarness.Predict(new RmsNormOperation(1, width, Epsilon, 0), new float[width], scale).Select(value => MathF.Abs(value))]);
        }
    });

    [Fact]
    public void NaNAndInfinityAreNotSwallowed() => Realisations.OnEach(_ =>
    {
        foreach (float value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            foreach (int place in new[] { 0, 7, 18 })
            {
                float[] x = Values.Uniform(38, 1), ones = [.. Enumerable.Repeat(1f, 38)];
                x[place] = value;
                float[] y = OperationHarness.Predict(new LayerNormOperation(2, 19, Epsilon, 0, 19), x, ones);
                Assert.All(y[..19], result => Assert.True(float.IsNaN(result)));
                Assert.All(y[19..], result => Assert.True(float.IsFinite(result)));
                if (float.IsNaN(value)) Assert.All(OperationHarness.Predict(new RmsNormOperation(2, 19, Epsilon, 0), x, ones)[..19], result => Assert.True(float.IsNaN(result)));
            }
        }
    });

    [Fact]
    public void NothingIsTouchedBeyondSpansAndNothingAllocated()
    {
        foreach (int width in new[] { 1, 4, 15, 16, 17, 31, 33, 64 })
        {
            (LayerNormOperation layer, float[] x, float[] parameters, _) = Layer(2, 3, width, 1, 0);
            OperationHarness.AssertStaysWithinSpans(layer, x, parameters, 3);
            OperationHarness.AssertAllocatesNothing(layer, x, parameters, 3);
            OperationHarness.AssertRefusesWrongLengths(layer, x, parameters, parameters.Length);
            (RmsNormOperation rms, x, parameters, _) = Rms(2, 3, width, 1);
            OperationHarness.AssertStaysWithinSpans(rms, x, parameters, 3);
            OperationHarness.AssertAllocatesNothing(rms, x, parameters, 3);
            OperationHarness.AssertRefusesWrongLengths(rms, x, parameters, parameters.Length);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new LayerNormOperation(0, 3, Epsilon, 0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LayerNormOperation(1, 3, float.NaN, 0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RmsNormOperation(1, 3, Epsilon, -1));
    }

    [Fact]
    public void TheReferencesHaveTheGradientsTheyClaim()
    {
        const int Samples = 2, Positions = 3, Channels = 4;
        double[] x = Values.ToDouble(Values.Uniform(Samples * Positions * Channels, 1)), weights = Values.ToDouble(Values.Uniform(x.Length, 2));
        double[] scale = Values.ToDouble(Values.Uniform(Channels, 3)), shift = Values.ToDouble(Values.Uniform(Channels, 4));
        double[] y = new double[x.Length], dx = new double[x.Length], dScale = new double[Channels], dShift = new double[Channels];
        foreach (int groups in new[] { 1, 2, 4 })
        {
            NormalizationReference.Backward<double>(x, weights, scale, dx, dScale, dShift, Positions, Channels, groups, 1e-3);
            foreach ((double[] at, double[] gradient) in new[] { (x, dx), (scale, dScale), (shift, dShift) }) OperationHarness.AssertGradient(() => Loss(groups), at, gradient);
        }
        NormalizationReference.RmsBackward<double>(x, weights, scale, dx, dScale, 1e-3);
        foreach ((double[] at, double[] gradient) in new[] { (x, dx), (scale, dScale) }) OperationHarness.AssertGradient(RmsLoss, at, gradient);

        double Loss(int groups)
        {
            NormalizationReference.Forward<double>(x, scale, shift, y, Positions, Channels, groups, 1e-3);
            return y.Zip(weights, (value, weight) => value * weight).Sum();
        }

        double RmsLoss()
        {
            NormalizationReference.RmsForward<double>(x, scale, y, 1e-3);
            return y.Zip(weights, (value, weight) => value * weight).Sum();
        }
    }

    /// <summary>Scale after three floats of another layer's, then one more, then the shift.</summary>
    private static (LayerNormOperation Operation, float[] X, float[] Parameters, float[] Gradient) Layer(int batch, int rows, int width, int seed, float offset) => (
        new LayerNormOperation(rows, width, Epsilon, 3, width + 4), [.. Values.Uniform(batch * rows * width, seed).Select(value => value + offset)],
        Values.Uniform(4 + 2 * width, seed + 1), Values.Uniform(batch * rows * width, seed + 2));

    private static (RmsNormOperation Operation, float[] X, float[] Parameters, float[] Gradient) Rms(int batch, int rows, int width, int seed) => (
        new RmsNormOperation(rows, width, Epsilon, 3), Values.Uniform(batch * rows * width, seed), Values.Uniform(3 + width, seed + 1), Values.Uniform(batch * rows * width, seed + 2));

    /// <summary>Differences of large terms: compared with the largest of them.</summary>
    private static void AssertGradient(double[] expected, ReadOnlySpan<float> actual) =>
        Values.AssertClose(expected, actual, 1e-4, 1e-5 * (1 + expected.Max(Math.Abs)));
}
