using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Softmax over the last axis, and its logarithm: each row of a sample by itself.</summary>
public class SoftmaxTests
{
    private delegate void Forward(ReadOnlySpan<double> x, Span<double> y);

    private delegate void Backward(ReadOnlySpan<double> y, ReadOnlySpan<double> gradient, Span<double> inputGradient);

    [Property(MaxTest = 100)]
    public void EachRowIsTheReference(int batch, int rows, int width, int seed, bool isLogarithm)
    {
        PropertyCount.Ran();
        (batch, rows, width) = (Values.Size(batch, 1, 4), Values.Size(rows, 1, 7), Values.Size(width, 1, 50));
        float[] x = Values.Uniform(batch * rows * width, seed, 8), gradient = Values.Uniform(x.Length, seed + 1);
        Forward forward = isLogarithm ? ElementwiseReference.LogSoftmax : ElementwiseReference.Softmax;
        Backward backward = isLogarithm ? ElementwiseReference.LogSoftmaxBackward : ElementwiseReference.SoftmaxBackward;
        double[] y = new double[x.Length], dx = new double[x.Length];
        for (int row = 0; row < batch * rows; row++)
        {
            Range range = (row * width)..((row + 1) * width);
            forward(Values.ToDouble(x)[range], y.AsSpan(range));
            backward(y.AsSpan(range), Values.ToDouble(gradient)[range], dx.AsSpan(range));
        }
        Realisations.OnEach(_ =>
        {
            OperationHarness.Pass pass = OperationHarness.Train(Create(rows, width, isLogarithm), x, [], gradient);
            Values.AssertClose(y, OperationHarness.Predict(Create(rows, width, isLogarithm), x, []), 1e-5, 1e-6);
            Values.AssertClose(y, pass.Y, 1e-5, 1e-6);
            Values.AssertClose(dx, pass.InputGradient, 1e-5, 1e-5);
        });
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 37)]
    [InlineData(5, 16)]
    [InlineData(7, 3)]
    public void TheOperationsAreOperations(int rows, int width)
    {
        foreach (bool isLogarithm in new[] { false, true })
        {
            Operation operation = Create(rows, width, isLogarithm);
            float[] x = Values.Uniform(3 * rows * width, 1, 5), gradient = Values.Uniform(x.Length, 2);
            OperationHarness.AssertEqualBits(operation, x, [], gradient);
            OperationHarness.AssertSamplesAreIndependent(operation, x, [], gradient);
            OperationHarness.AssertInputGradientIsOptional(operation, x, [], gradient);
            OperationHarness.AssertStaysWithinSpans(operation, x, []);
        }
    }

    [Fact]
    public void WrongSizesAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftmaxOperation(0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogSoftmaxOperation(2, 0));
        Assert.Throws<ArgumentException>(() => new SoftmaxOperation(2, 3).Forward(new float[5], [], new float[6], 1));
        Assert.Throws<ArgumentException>(() => new LogSoftmaxOperation(2, 3).Forward(new float[6], [], new float[5], 1));
    }

    private static Operation Create(int rows, int width, bool isLogarithm) => isLogarithm ? new LogSoftmaxOperation(rows, width) : new SoftmaxOperation(rows, width);
}
