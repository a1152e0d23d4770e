using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class SliceTests
{
    [Property(MaxTest = 100)]
    public void SliceIsTheReference(int before, int size, int behind, int start, int length, int batch, int seed)
    {
        PropertyCount.Ran();
        (before, size, behind, batch) = (Values.Size(before, 1, 9), Values.Size(size, 1, 20), Values.Size(behind, 1, 9), Values.Size(batch, 0, 3));
        length = Values.Size(length, 1, size);
        start = Values.Size(start, 0, size - length);
        var operation = new SliceOperation(before, size * behind, start * behind, length * behind);
        float[] x = Values.Uniform(batch * operation.InputLength, seed), y = new float[batch * operation.OutputLength], dy = Values.Uniform(y.Length, seed + 1), dx = new float[x.Length];
        SliceReference.Forward<float>(batch * before, size, behind, start, length, x, y);
        SliceReference.Backward<float>(batch * before, size, behind, start, length, dy, dx);
        Realisations.OnEach(_ =>
        {
            Values.AssertSameBits(y, OperationRun.Forward(operation, x));
            Values.AssertSameBits(dx, OperationRun.Backward(operation, x, y, dy));
        });
    }

    [Theory]
    [InlineData(1, 1, 0, 1)]
    [InlineData(1, 17, 3, 11)]
    [InlineData(5, 7, 0, 6)]
    [InlineData(5, 7, 6, 1)]
    [InlineData(3, 33, 0, 33)]
    public void PromisesAreKept(int rows, int width, int first, int length) => OperationRun.AssertPromises(new SliceOperation(rows, width, first, length), 3, 1);

    [Fact]
    public void TheReferenceHasTheGradientItClaims()
    {
        double[] x = Values.ToDouble(Values.Uniform(2 * 5 * 3, 1)), dy = Values.ToDouble(Values.Uniform(2 * 2 * 3, 2)), y = new double[dy.Length], dx = new double[x.Length];
        SliceReference.Backward<double>(2, 5, 3, 1, 2, dy, dx);
        GradientCheck.Run([(x, dx)], () =>
        {
            SliceReference.Forward<double>(2, 5, 3, 1, 2, x, y);
            return y.Zip(dy, (value, gradient) => value * gradient).Sum();
        });
    }

    [Fact]
    public void WrongSizesAndCallsNameTheParameter()
    {
        Assert.Equal("first", Assert.Throws<ArgumentOutOfRangeException>(() => new SliceOperation(2, 5, -1, 2)).ParamName);
        Assert.Equal("first", Assert.Throws<ArgumentOutOfRangeException>(() => new SliceOperation(2, 5, 4, 2)).ParamName);
        Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => new SliceOperation(2, 5, 0, 6)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SliceOperation(2, 5, 0, 0));
        var operation = new SliceOperation(2, 5, 1, 3);
        OperationHarness.AssertRefusesWrongLengths(operation, Values.Uniform(2 * operation.InputLength, 1), [], 0);
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 0, 4)]
    public void AnImageIsCutAlongTheAxesThatUsersSee(int axis, int start, int length)
    {
        int[] shape = [3, 4, 5], result = [3, 4, 5];
        result[axis] = length;
        Network network = Network.Create(shape, x => x.Slice(axis, start, length));
        float[] x = Values.Uniform(60, 1), y = new float[network.OutputSize];
        network.Forward(x, y);
        int at = 0;
        for (int c = 0; c < result[0]; c++)
        {
            for (int h = 0; h < result[1]; h++)
            {
                for (int w = 0; w < result[2]; w++)
                    Assert.Equal(x[((c + (axis == 0 ? start : 0)) * 4 + h + (axis == 1 ? start : 0)) * 5 + w + (axis == 2 ? start : 0)], y[at++]);
            }
        }
        Assert.Equal(y.Length, at);
    }
}
