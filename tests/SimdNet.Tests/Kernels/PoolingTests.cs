using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class PoolingTests
{
    [Property(MaxTest = 100)]
    public void MaxIsTheReference(int seed, bool hasTies)
    {
        PropertyCount.Ran();
        (PoolingSizes sizes, int batch) = Draw(seed);
        Operation operation = Max(sizes);
        float[] x = Values.Sprinkled(batch * operation.InputLength, seed), gradient = Values.Uniform(batch * operation.OutputLength, seed + 1);
        if (hasTies) x = [.. x.Select(value => MathF.Round(2 * value))];
        float[] expected = new float[gradient.Length], dx = new float[x.Length];
        PoolingReference.Max<float>(sizes, x, expected);
        PoolingReference.MaxBackward<float>(sizes, x, expected, gradient, dx);
        Realisations.OnEach(_ =>
        {
            float[] y = OperationRun.Forward(operation, x);
            Assert.Equal(expected, y);
            Assert.Equal(dx, OperationRun.Backward(operation, x, y, gradient));
        });
    }

    [Property(MaxTest = 100)]
    public void AverageIsTheReference(int seed, bool countIncludePad)
    {
        PropertyCount.Ran();
        (PoolingSizes sizes, int batch) = Draw(seed);
        Operation operation = Average(sizes, countIncludePad);
        float[] x = Values.Uniform(batch * operation.InputLength, seed), gradient = Values.Uniform(batch * operation.OutputLength, seed + 1);
        double[] expected = new double[gradient.Length], dx = new double[x.Length];
        PoolingReference.Average<double>(sizes, countIncludePad, Values.ToDouble(x), expected);
        PoolingReference.AverageBackward<double>(sizes, countIncludePad, Values.ToDouble(gradient), dx);
        Realisations.OnEach(_ =>
        {
            float[] y = OperationRun.Forward(operation, x);
            Values.AssertClose(expected, y);
            Values.AssertClose(dx, OperationRun.Backward(operation, x, y, gradient));
        });
    }

    [Property(MaxTest = 30)]
    public void PromisesAreKept(int seed)
    {
        PropertyCount.Ran();
        (PoolingSizes sizes, int batch) = Draw(seed);
        OperationRun.AssertPromises(Max(sizes), batch, seed);
        OperationRun.AssertPromises(Average(sizes, seed % 2 == 0), batch, seed);
    }

    [Fact]
    public void LargeBatchesAreCutAmongThreads()
    {
        var sizes = new PoolingSizes(40, 40, 20, 7, 7, 2, 2, 3, 3, 3, 3);
        OperationRun.AssertPromises(Max(sizes), 24, 1);
        OperationRun.AssertPromises(Average(sizes, countIncludePad: true), 24, 1);
    }

    [Fact]
    public void TheReferenceHasTheGradientItClaims()
    {
        var sizes = new PoolingSizes(5, 4, 3, 3, 2, 2, 1, 1, 0, 1, 1);
        double[] x = Values.ToDouble(Values.Uniform(2 * 60, 1)), gradient = Values.ToDouble(Values.Uniform(2 * sizes.OutputHeight * sizes.OutputWidth * 3, 2));
        double[] y = new double[gradient.Length], dx = new double[x.Length];
        PoolingReference.Max<double>(sizes, x, y);
        PoolingReference.MaxBackward<double>(sizes, x, y, gradient, dx);
        GradientCheck.Run([(x, dx)], () =>
        {
            PoolingReference.Max<double>(sizes, x, y);
            return y.Zip(gradient, (a, g) => a * g).Sum();
        });
        foreach (bool countIncludePad in new[] { false, true })
        {
            PoolingReference.AverageBackward<double>(sizes, countIncludePad, gradient, dx);
            GradientCheck.Run([(x, dx)], () =>
            {
                PoolingReference.Average<double>(sizes, countIncludePad, x, y);
                return y.Zip(gradient, (a, g) => a * g).Sum();
            });
        }
    }

    [Fact]
    public void ResultsAreTheFieldsStandard()
    {
        // PyTorch: avg_pool2d(torch.tensor([[[1., 2.], [3., 4.]]]), 2, 1, padding=1), with count_include_pad and without.
        float[] x = [1, 2, 3, 4], y = new float[9];
        new AveragePoolingOperation(2, 2, 1, 2, 2, 1, 1, 1, 1, 1, 1).Forward(x, default, y, 1);
        Assert.Equal([0.25f, 0.75f, 0.5f, 1, 2.5f, 1.5f, 0.75f, 1.75f, 1], y);
        new AveragePoolingOperation(2, 2, 1, 2, 2, 1, 1, 1, 1, 1, 1, countIncludePad: false).Forward(x, default, y, 1);
        Assert.Equal([1, 1.5f, 2, 2, 2.5f, 3, 3, 3.5f, 4], y);
        new MaxPoolingOperation(2, 2, 1, 2, 2, 1, 1, 1, 1, 1, 1).Forward([-1, -2, -3, float.NaN], default, y, 1);
        Assert.Equal([-1, -1, -2, -1, float.NaN, float.NaN, -3, float.NaN, float.NaN], y);
    }

    [Fact]
    public void WrongShapesAndCallsNameTheParameter()
    {
        Assert.Equal("height", Assert.Throws<ArgumentException>(() => new MaxPoolingOperation(4, 4, 1, 2, 2, 1, 1, top: 2)).ParamName);
        Assert.Equal("width", Assert.Throws<ArgumentException>(() => new MaxPoolingOperation(4, 4, 1, 2, 2, 1, 1, right: 2)).ParamName);
        Assert.Equal("height", Assert.Throws<ArgumentOutOfRangeException>(() => new MaxPoolingOperation(4, 4, 1, 2, 2, 0, 1)).ParamName);
        var operation = new MaxPoolingOperation(4, 4, 1, 2, 2, 2, 2);
        float[] f(int n) => new float[n];
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => operation.Forward(f(31), default, f(8), 2)).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => operation.Forward(f(32), default, f(9), 2)).ParamName);
        Assert.Equal("inputGradient", Assert.Throws<ArgumentException>(() => operation.Backward(f(32), f(8), f(8), default, default, f(1), default, 2)).ParamName);
    }

    private static MaxPoolingOperation Max(PoolingSizes s) =>
        new(s.InputHeight, s.InputWidth, s.Channels, s.KernelHeight, s.KernelWidth, s.StrideHeight, s.StrideWidth, s.Top, s.Left, s.Bottom, s.Right);

    private static AveragePoolingOperation Average(PoolingSizes s, bool countIncludePad) =>
        new(s.InputHeight, s.InputWidth, s.Channels, s.KernelHeight, s.KernelWidth, s.StrideHeight, s.StrideWidth, s.Top, s.Left, s.Bottom, s.Right, countIncludePad);

    private static (PoolingSizes Sizes, int Batch) Draw(int seed)
    {
        var random = new Random(seed);
        int Pick(int least, int most) => random.Next(least, most + 1);
        while (true)
        {
            int height = Pick(1, 9), width = Pick(1, 9), kernelHeight = Pick(1, 4), kernelWidth = Pick(1, 4);
            var sizes = new PoolingSizes(
                height, width, Pick(1, 70), kernelHeight, kernelWidth, Pick(1, 3), Pick(1, 3), Pick(0, kernelHeight - 1), Pick(0, kernelWidth - 1), Pick(0, kernelHeight - 1), Pick(0, kernelWidth - 1));
            bool fits = kernelHeight <= height + sizes.Top + sizes.Bottom && kernelWidth <= width + sizes.Left + sizes.Right;
            if (fits && (sizes.OutputHeight - 1) * sizes.StrideHeight - sizes.Top < height && (sizes.OutputWidth - 1) * sizes.StrideWidth - sizes.Left < width) return (sizes, Pick(0, 3));
        }
    }
}
