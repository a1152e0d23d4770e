using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class DenseTests
{
    [Property(MaxTest = 150)]
    public void ForwardIsTheReference(int batch, int inputs, int outputs, int seed)
    {
        PropertyCount.Ran();
        AssertForward(Values.Size(batch, 0, 20), Values.Size(inputs, 1, 140), Values.Size(outputs, 1, 140), seed);
    }

    private static void AssertForward(int batch, int inputs, int outputs, int seed)
    {
        float[] x = Values.Uniform(batch * inputs, seed), w = Values.Uniform(inputs * outputs, seed + 1), b = Values.Uniform(outputs, seed + 2);
        var expected = new double[batch * outputs];
        var magnitudes = new double[batch * outputs];
        DenseReference.Forward<double>(Values.ToDouble(x), Values.ToDouble(w), Values.ToDouble(b), expected, inputs, outputs);
        DenseReference.Forward<double>(Abs(x), Abs(w), Abs(b), magnitudes, inputs, outputs);
        Realisations.OnEach(_ =>
        {
            var y = new float[batch * outputs];
            Dense.Forward(x, w, b, y, inputs, outputs);
            Values.AssertSums(expected, magnitudes, inputs + 1, y);
        });
    }

    /// <summary>More rows than a block, more depth than a panel, and columns that end within a strip.</summary>
    [Property(MaxTest = 80)]
    public void AFrozenLayerHasTheSameBits(int batch, int rows, int inputs, int outputs, int seed)
    {
        PropertyCount.Ran();
        (batch, rows, inputs, outputs) = (Values.Size(batch, 1, 3), Values.Size(rows, 2, 120), Values.Size(inputs, 60, 1100), Values.Size(outputs, 1, 200));
        int padded = Dense.Stride(outputs);
        var layer = new DenseOperation<Relu>(rows, inputs, outputs, 0, inputs * padded, default);
        OperationHarness.AssertFrozenIsTheSame(layer, Values.Uniform(batch * rows * inputs, seed), Values.Uniform((inputs + 1) * padded, seed + 1));
    }

    /// <summary>A copy serves all layers that share its weights; small weights, and those of several chains, are read where they are.</summary>
    [Fact]
    public void WeightsAreCopiedOnceWhereThatBringsSomething()
    {
        var parameters = new FrozenParameters(new ParameterBlock([], 512 * Dense.Stride(512), 0, 1, 1));
        Assert.NotNull(parameters.Pack(0, 512, 512));
        Assert.Same(parameters.Pack(0, 512, 512), parameters.Pack(0, 512, 512));
        Assert.Null(parameters.Pack(0, 60, 64));
        Assert.Null(parameters.Pack(0, 4096, 8));
    }

    [Property(MaxTest = 100)]
    public void BackwardIsTheReference(int batch, int inputs, int outputs, int seed)
    {
        PropertyCount.Ran();
        AssertBackward(Values.Size(batch, 0, 20), Values.Size(inputs, 1), Values.Size(outputs, 1), seed);
    }

    /// <summary>Rows of weights that would share sets of the caches lie a line further apart.</summary>
    [Theory]
    [InlineData(1, 9, 256)]
    [InlineData(30, 33, 256)]
    [InlineData(5, 7, 500)]
    [InlineData(17, 40, 1024)]
    public void WideLayersAreTheReference(int batch, int inputs, int outputs)
    {
        Assert.Equal((outputs + 15) / 16 * 16 + 16, Dense.Stride(outputs));
        AssertForward(batch, inputs, outputs, 1);
        AssertBackward(batch, inputs, outputs, 1);
    }

    private static void AssertBackward(int batch, int inputs, int outputs, int seed)
    {
        float[] x = Values.Uniform(batch * inputs, seed), w = Values.Uniform(inputs * outputs, seed + 1), dy = Values.Uniform(batch * outputs, seed + 2);
        double[] dx = new double[x.Length], dw = new double[w.Length], db = new double[outputs];
        double[] dxSize = new double[x.Length], dwSize = new double[w.Length], dbSize = new double[outputs];
        DenseReference.BackwardInput<double>(Values.ToDouble(dy), Values.ToDouble(w), dx, inputs, outputs);
        DenseReference.BackwardInput<double>(Abs(dy), Abs(w), dxSize, inputs, outputs);
        DenseReference.BackwardParameters<double>(Values.ToDouble(x), Values.ToDouble(dy), dw, db, inputs, outputs);
        DenseReference.BackwardParameters<double>(Abs(x), Abs(dy), dwSize, dbSize, inputs, outputs);
        Realisations.OnEach(_ =>
        {
            float[] inputGradient = new float[x.Length], weightsGradient = Values.Uniform(w.Length, 9), biasGradient = Values.Uniform(outputs, 9);
            Dense.BackwardInput(dy, w, inputGradient, inputs, outputs);
            Dense.BackwardParameters(x, dy, weightsGradient, biasGradient, inputs, outputs);
            Values.AssertSums(dx, dxSize, outputs, inputGradient);
            Values.AssertSums(dw, dwSize, batch, weightsGradient);
            Values.AssertSums(db, dbSize, batch, biasGradient);
        });
    }

    [Property(MaxTest = 60)]
    public void EveryRealisationHasTheSameBits(int batch, int inputs, int outputs, int seed)
    {
        PropertyCount.Ran();
        (batch, inputs, outputs) = (Values.Size(batch, 1, 20), Values.Size(inputs, 1, 200), Values.Size(outputs, 1, 200));
        Realisations.AssertEqualBits(() => All(batch, inputs, outputs, seed));
    }

    [Property(MaxTest = 60)]
    public void ARowOfABatchHasTheBitsOfOneSample(int batch, int inputs, int outputs, int seed)
    {
        PropertyCount.Ran();
        (batch, inputs, outputs) = (Values.Size(batch, 1, 20), Values.Size(inputs, 1, 200), Values.Size(outputs, 1, 200));
        float[] x = Values.Uniform(batch * inputs, seed), w = Values.Uniform(inputs * outputs, seed + 1), b = Values.Uniform(outputs, seed + 2);
        float[] dy = Values.Uniform(batch * outputs, seed + 3);
        Realisations.OnEach(_ =>
        {
            float[] y = new float[batch * outputs], one = new float[outputs], dx = new float[x.Length], oneGradient = new float[inputs];
            Dense.Forward(x, w, b, y, inputs, outputs, Activation.Tanh);
            Dense.BackwardInput(dy, w, dx, inputs, outputs);
            for (int row = 0; row < batch; row++)
            {
                Dense.Forward(x.AsSpan(row * inputs, inputs), w, b, one, inputs, outputs, Activation.Tanh);
                Values.AssertSameBits(one, y.AsSpan(row * outputs, outputs));
                Dense.BackwardInput(dy.AsSpan(row * outputs, outputs), w, oneGradient, inputs, outputs);
                Values.AssertSameBits(oneGradient, dx.AsSpan(row * inputs, inputs));
            }
        });
    }

    [Fact]
    public void TwoThreadsHaveTheBitsOfOne()
    {
        Values.AssertSameBits(Realisations.OnThreads(1, Compute), Realisations.OnThreads(2, Compute));

        static float[] Compute() => All(512, 300, 200, 5);
    }

    [Theory]
    [InlineData(1, 10, 16)]
    [InlineData(1, 256, 272)]
    [InlineData(9, 512, 528)]
    public void PaddedWeightsAreReadWhereTheyLie(int batch, int outputs, int stride)
    {
        const int Inputs = 5;
        Assert.Equal(stride, Dense.Stride(outputs));
        float[] w = Values.Uniform(Inputs * outputs, 1), b = Values.Uniform(outputs, 2), x = Values.Uniform(batch * Inputs, 3);
        float[] padded = new float[Inputs * stride], paddedBias = new float[stride], y = new float[batch * outputs], fromPadded = new float[batch * outputs];
        for (int i = 0; i < Inputs; i++) w.AsSpan(i * outputs, outputs).CopyTo(padded.AsSpan(i * stride));
        b.CopyTo(paddedBias, 0);
        Dense.Forward(x, w, b, y, Inputs, outputs);
        Dense.Forward(x, padded, paddedBias, fromPadded, Inputs, outputs, weightStride: stride);
        Values.AssertSameBits(y, fromPadded);
    }

    [Property(MaxTest = 100)]
    public void SpecialValuesGoWhereTheReferenceTakesThem(int batch, int inputs, int outputs, int seed)
    {
        PropertyCount.Ran();
        (batch, inputs, outputs) = (Values.Size(batch, 1, 12), Values.Size(inputs, 1, 40), Values.Size(outputs, 1, 40));
        float[] x = Values.Sprinkled(batch * inputs, seed), w = Values.Sprinkled(inputs * outputs, seed + 1);
        float[] b = Values.Sprinkled(outputs, seed + 2), dy = Values.Sprinkled(batch * outputs, seed + 3);
        double[] y = new double[dy.Length], dx = new double[x.Length], dw = new double[w.Length], db = new double[outputs];
        DenseReference.Forward<double>(Values.ToDouble(x), Values.ToDouble(w), Values.ToDouble(b), y, inputs, outputs);
        DenseReference.BackwardInput<double>(Values.ToDouble(dy), Values.ToDouble(w), dx, inputs, outputs);
        DenseReference.BackwardParameters<double>(Values.ToDouble(x), Values.ToDouble(dy), dw, db, inputs, outputs);
        Realisations.OnEach(_ =>
        {
            float[] output = new float[y.Length], inputGradient = new float[x.Length], weightsGradient = new float[w.Length], biasGradient = new float[outputs];
            Dense.Forward(x, w, b, output, inputs, outputs);
            Dense.BackwardInput(dy, w, inputGradient, inputs, outputs);
            Dense.BackwardParameters(x, dy, weightsGradient, biasGradient, inputs, outputs);
            Values.AssertSameKind(y, output);
            Values.AssertSameKind(dx, inputGradient);
            Values.AssertSameKind(dw, weightsGradient);
            Values.AssertSameKind(db, biasGradient);
        });
    }

    [Fact]
    public void SpecialValuesPassThrough() => Realisations.OnEach(_ =>
    {
        float[] x = [1, float.NaN, 2, float.PositiveInfinity, 3, float.Epsilon];
        float[] w = [1, 1], b = [0];
        var y = new float[3];
        Dense.Forward(x, w, b, y, 2, 1, Activation.Relu);
        Assert.Equal([float.NaN, float.PositiveInfinity, 3], y);
        Dense.Forward([float.Epsilon, 0], w, b, y.AsSpan(0, 1), 2, 1);
        Assert.Equal(float.Epsilon, y[0]);
    });

    [Fact]
    public void TheReferenceHasTheGradientItClaims()
    {
        const int Inputs = 3, Outputs = 4, Batch = 2;
        const double Step = 1e-6;
        double[] x = Values.ToDouble(Values.Uniform(Batch * Inputs, 1)), w = Values.ToDouble(Values.Uniform(Inputs * Outputs, 2));
        double[] b = Values.ToDouble(Values.Uniform(Outputs, 3)), weight = Values.ToDouble(Values.Uniform(Batch * Outputs, 4));
        double[] dx = new double[x.Length], dw = new double[w.Length], db = new double[b.Length];
        DenseReference.BackwardInput<double>(weight, w, dx, Inputs, Outputs);
        DenseReference.BackwardParameters<double>(x, weight, dw, db, Inputs, Outputs);
        foreach ((double[] values, double[] gradient) in new[] { (x, dx), (w, dw), (b, db) })
        {
            for (int i = 0; i < values.Length; i++)
            {
                double value = values[i];
                values[i] = value + Step;
                double above = Weighted();
                values[i] = value - Step;
                double below = Weighted();
                values[i] = value;
                Assert.Equal((above - below) / (2 * Step), gradient[i], 1e-5);
            }
        }

        double Weighted()
        {
            var y = new double[weight.Length];
            DenseReference.Forward<double>(x, w, b, y, Inputs, Outputs);
            return y.Zip(weight, (a, c) => a * c).Sum();
        }
    }

    [Theory]
    [InlineData(1, 1, 4, 1)]
    [InlineData(784, 10, 16, 8)]
    [InlineData(784, 128, 128, 1)]
    [InlineData(64, 64, 64, 2)]
    [InlineData(16, 16, 16, 4)]
    [InlineData(8, 16, 16, 2)]
    [InlineData(3, 2, 4, 1)]
    [InlineData(20, 7, 8, 4)]
    public void TheOrderOfSumsFollowsFromTheShape(int inputs, int outputs, int padded, int chains)
    {
        Assert.Equal(padded, Kernels.SumOrder.PaddedOutputs(outputs));
        Assert.Equal(chains, Kernels.SumOrder.Chains(inputs, outputs));
    }

    [Fact]
    public void WrongCallsNameTheParameter()
    {
        float[] f(int n) => new float[n];
        Assert.Equal("weights", Assert.Throws<ArgumentException>(() => Dense.Forward(f(6), f(11), f(4), f(8), 3, 4)).ParamName);
        Assert.Equal("bias", Assert.Throws<ArgumentException>(() => Dense.Forward(f(6), f(12), f(3), f(8), 3, 4)).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => Dense.Forward(f(6), f(12), f(4), f(9), 3, 4)).ParamName);
        Assert.Equal("gradient", Assert.Throws<ArgumentException>(() => Dense.BackwardInput(f(7), f(12), f(6), 3, 4)).ParamName);
        Assert.Equal("weightsGradient", Assert.Throws<ArgumentException>(() => Dense.BackwardParameters(f(6), f(8), f(13), f(4), 3, 4)).ParamName);
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => Dense.Forward(f(7), f(12), f(4), f(8), 3, 4)).ParamName);
        float[] shared = f(12);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => Dense.Forward(shared.AsSpan(0, 6), f(12), f(4), shared.AsSpan(4, 8), 3, 4)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => Dense.Forward(f(6), f(12), f(4), f(8), 3, 0));
    }

    /// <summary>Outputs and all gradients of one layer.</summary>
    private static float[] All(int batch, int inputs, int outputs, int seed)
    {
        float[] x = Values.Uniform(batch * inputs, seed), w = Values.Uniform(inputs * outputs, seed + 1), b = Values.Uniform(outputs, seed + 2);
        float[] dy = Values.Uniform(batch * outputs, seed + 3);
        float[] y = new float[dy.Length], dx = new float[x.Length], dw = new float[w.Length], db = new float[outputs];
        Dense.Forward(x, w, b, y, inputs, outputs, Activation.Sigmoid);
        Dense.BackwardInput(dy, w, dx, inputs, outputs);
        Dense.BackwardParameters(x, dy, dw, db, inputs, outputs);
        return [.. y, .. dx, .. dw, .. db];
    }

    private static double[] Abs(float[] values) => [.. values.Select(value => Math.Abs((double)value))];
}
