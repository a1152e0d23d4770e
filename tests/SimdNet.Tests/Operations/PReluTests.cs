using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class PReluTests
{
    [Property(MaxTest = 100)]
    public void PReluIsTheReference(int batch, int positions, int channels, int seed)
    {
        PropertyCount.Ran();
        (batch, positions, channels) = (Values.Size(batch, 1, 4), Values.Size(positions, 1, 90), Values.Size(channels, 1, 90));
        var operation = new PReluOperation(positions, channels, 3);
        float[] x = Values.Uniform(batch * operation.InputLength, seed), parameters = Values.Uniform(3 + channels, seed + 1), dy = Values.Uniform(x.Length, seed + 2);
        x[(seed & 1) % x.Length] = 0;
        float[] y = new float[x.Length], dx = new float[x.Length];
        double[] exact = new double[x.Length], slopes = new double[channels];
        PReluReference.Forward<float>(x, parameters.AsSpan(3), y);
        PReluReference.Backward<float>(x, parameters.AsSpan(3), dy, dx, new float[channels]);
        PReluReference.Backward<double>(Values.ToDouble(x), Values.ToDouble(parameters).AsSpan(3), Values.ToDouble(dy), exact, slopes);
        Realisations.OnEach(_ =>
        {
            Values.AssertSameBits(y, OperationHarness.Predict(operation, x, parameters));
            OperationHarness.Pass pass = OperationHarness.Train(operation, x, parameters, dy);
            Values.AssertSameBits(y, pass.Y);
            Values.AssertSameBits(dx, pass.InputGradient);
            Values.AssertClose(slopes, pass.Gradients.AsSpan(3), 1e-5, 1e-5);
        });
        OperationHarness.AssertEqualBits(operation, x, parameters, dy);
        OperationHarness.AssertSamplesAreIndependent(operation, x, parameters, dy);
        OperationHarness.AssertInputGradientIsOptional(operation, x, parameters, dy);
    }

    [Fact]
    public void NaNGoesOn() => Realisations.OnEach(_ =>
    {
        var operation = new PReluOperation(2, 3, 0);
        OperationHarness.Pass pass = OperationHarness.Train(operation, [1, float.NaN, 2, 3, 4, -1], [0.5f, 0.5f, 0.5f], [1, 1, 1, 1, 1, 1]);
        Assert.Equal([1, float.NaN, 2, 3, 4, -0.5f], pass.Y);
        Assert.Equal([0, float.NaN, -1], pass.Gradients);
    });

    [Fact]
    public void NothingIsTouchedBeyondSpansAndNothingAllocated()
    {
        foreach ((int positions, int channels) in new[] { (1, 1), (5, 3), (2, 16), (33, 7), (3, 65), (300, 4) })
        {
            var operation = new PReluOperation(positions, channels, 3);
            float[] x = Values.Uniform(2 * operation.InputLength, 1), parameters = Values.Uniform(3 + channels, 2);
            OperationHarness.AssertStaysWithinSpans(operation, x, parameters);
            OperationHarness.AssertAllocatesNothing(operation, x, parameters);
            OperationHarness.AssertRefusesWrongLengths(operation, x, parameters, parameters.Length);
        }
    }

    [Fact]
    public void SlopesBeginAtAQuarterAndDoNotDecay()
    {
        Network network = Network.Create([3, 4, 5], x => x.PRelu(), seed: 1);
        Assert.Equal([3], network.Tensors["pRelu1.weight"].Shape);
        Assert.Equal([0.25f, 0.25f, 0.25f], network.Tensors["pRelu1.weight"].ToArray());
        Assert.Equal(0, network.DecayedLength);
    }

    [Fact]
    public void TheReferenceHasTheGradientItClaims()
    {
        double[] x = Values.ToDouble(Values.Uniform(12, 1)), slopes = Values.ToDouble(Values.Uniform(3, 2)), dy = Values.ToDouble(Values.Uniform(12, 3));
        double[] y = new double[12], dx = new double[12], dSlopes = new double[3];
        PReluReference.Backward<double>(x, slopes, dy, dx, dSlopes);
        GradientCheck.Run([(x, dx), (slopes, dSlopes)], () =>
        {
            PReluReference.Forward<double>(x, slopes, y);
            return y.Zip(dy, (value, gradient) => value * gradient).Sum();
        });
    }

    [Fact]
    public void AStreamHasTheBitsOfTheSequence()
    {
        Network network = Network.Create([5, 4], x => x.GaussianNoise(1).Slice(1, 1, 3).PRelu().Dense(2), seed: 1);
        float[] x = Values.Uniform(20, 1), y = new float[10], steps = new float[10];
        network.Forward(x, y);
        NetworkState state = network.CreateState();
        network.Forward(x.AsSpan(0, 8), steps.AsSpan(0, 4), state);
        network.Forward(x.AsSpan(8), steps.AsSpan(4), state);
        Values.AssertSameBits(y, steps);
    }
}
