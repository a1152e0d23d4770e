using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class UpsampleTests
{
    [Property(MaxTest = 100)]
    public void UpsampleIsTheReference(int height, int width, int channels, int factorHeight, int factorWidth, int batch, bool isBilinear)
    {
        PropertyCount.Ran();
        (height, width, channels, factorHeight, factorWidth, batch) =
            (Values.Size(height, 1, 6), Values.Size(width, 1, 6), Values.Size(channels, 1, 40), Values.Size(factorHeight, 1, 4), Values.Size(factorWidth, 1, 4), Values.Size(batch, 0, 3));
        var operation = new UpsampleOperation(height, width, channels, factorHeight, factorWidth, isBilinear);
        float[] x = Values.Uniform(batch * operation.InputLength, 1), gradient = Values.Uniform(batch * operation.OutputLength, 2);
        double[] expected = new double[gradient.Length], dx = new double[x.Length];
        UpsampleReference.Forward<double>(height, width, channels, factorHeight, factorWidth, isBilinear, Values.ToDouble(x), expected);
        UpsampleReference.Backward<double>(height, width, channels, factorHeight, factorWidth, isBilinear, Values.ToDouble(gradient), dx);
        Realisations.OnEach(_ =>
        {
            float[] y = OperationRun.Forward(operation, x);
            Values.AssertClose(expected, y);
            Values.AssertClose(dx, OperationRun.Backward(operation, x, y, gradient));
        });
    }

    [Theory]
    [InlineData(3, 2, 5, 2, 3, false)]
    [InlineData(3, 2, 5, 2, 3, true)]
    [InlineData(1, 1, 17, 1, 1, true)]
    [InlineData(40, 40, 32, 2, 2, true)]
    public void PromisesAreKept(int height, int width, int channels, int factorHeight, int factorWidth, bool isBilinear) =>
        OperationRun.AssertPromises(new UpsampleOperation(height, width, channels, factorHeight, factorWidth, isBilinear), 12, 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheReferenceHasTheGradientItClaims(bool isBilinear)
    {
        double[] x = Values.ToDouble(Values.Uniform(2 * 3 * 4 * 2, 1)), gradient = Values.ToDouble(Values.Uniform(x.Length * 6, 2)), y = new double[gradient.Length], dx = new double[x.Length];
        UpsampleReference.Backward<double>(3, 4, 2, 2, 3, isBilinear, gradient, dx);
        GradientCheck.Run([(x, dx)], () =>
        {
            UpsampleReference.Forward<double>(3, 4, 2, 2, 3, isBilinear, x, y);
            return y.Zip(gradient, (a, g) => a * g).Sum();
        });
    }

    [Fact]
    public void BilinearIsTheFieldsStandard()
    {
        // PyTorch: interpolate(torch.tensor([[[1., 2.]]]), scale_factor=2, mode='linear', align_corners=False)
        float[] y = new float[4];
        new UpsampleOperation(1, 2, 1, 1, 2, isBilinear: true).Forward([1, 2], default, y, 1);
        Assert.Equal([1, 1.25f, 1.75f, 2], y);
    }

    [Property(MaxTest = 60)]
    public void ZeroPaddingSurroundsAndCutsOff(int height, int width, int channels, int seed)
    {
        PropertyCount.Ran();
        (height, width, channels) = (Values.Size(height, 1, 6), Values.Size(width, 1, 6), Values.Size(channels, 1, 20));
        var random = new Random(seed);
        int top = random.Next(3), left = random.Next(3), bottom = random.Next(3), right = random.Next(3), batch = random.Next(4), rows = top + height + bottom, columns = left + width + right;
        var operation = new ZeroPaddingOperation(height, width, channels, top, left, bottom, right);
        float[] x = Values.Uniform(batch * operation.InputLength, seed), expected = new float[batch * rows * columns * channels], gradient = Values.Uniform(expected.Length, seed), dx = new float[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int channel = i % channels, column = i / channels % width, row = i / channels / width % height, sample = i / channels / width / height;
            int place = ((sample * rows + top + row) * columns + left + column) * channels + channel;
            (expected[place], dx[i]) = (x[i], gradient[place]);
        }
        Assert.Equal(expected, OperationRun.Forward(operation, x));
        Assert.Equal(dx, OperationRun.Backward(operation, x, expected, gradient));
        OperationRun.AssertPromises(operation, batch, seed);
    }

    [Fact]
    public void WrongShapesAndCallsNameTheParameter()
    {
        float[] f(int n) => new float[n];
        Assert.Throws<ArgumentOutOfRangeException>(() => new UpsampleOperation(1, 1, 1, 0, 1, true));
        Assert.Equal("left", Assert.Throws<ArgumentOutOfRangeException>(() => new ZeroPaddingOperation(3, 3, 1, 0, -1, 0, 0)).ParamName);
        var upsample = new UpsampleOperation(2, 2, 1, 2, 2, true);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => upsample.Forward(f(4), default, f(4), 1)).ParamName);
        Assert.Equal("inputGradient", Assert.Throws<ArgumentException>(() => upsample.Backward(f(4), f(16), f(16), default, default, f(5), default, 1)).ParamName);
    }
}
