using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class TransposedConvolutionTests
{
    private const int WeightOffset = 16;

    [Property(MaxTest = 100)]
    public void ItIsTheReference(int seed)
    {
        PropertyCount.Ran();
        (ConvolutionShape shape, int batch) = Draw(seed);
        (float[] x, float[] weight, float[] bias, float[] gradient) = Draw(shape, batch, seed);
        double[] y = new double[gradient.Length], dx = new double[x.Length], dw = new double[weight.Length], db = new double[bias.Length];
        double[] ySize = new double[y.Length], dxSize = new double[dx.Length], dwSize = new double[dw.Length], dbSize = new double[db.Length];
        All(Values.ToDouble(x), Values.ToDouble(weight), Values.ToDouble(bias), Values.ToDouble(gradient), y, dx, dw, db);
        All(Abs(x), Abs(weight), Abs(bias), Abs(gradient), ySize, dxSize, dwSize, dbSize);
        int terms = 1 + shape.KernelHeight * shape.KernelWidth * Math.Max(shape.InputChannels, shape.OutputChannels), pixels = batch * shape.InputHeight * shape.InputWidth;
        Realisations.OnEach(_ =>
        {
            (float[] actual, float[] inputGradient, float[] gradients) = Run<Identity>(shape, batch, x, Stored(shape, weight, bias), gradient);
            Values.AssertSums(y, ySize, terms, actual);
            Values.AssertSums(dx, dxSize, terms, inputGradient);
            Values.AssertSums(dw, dwSize, pixels, [.. Enumerable.Range(0, weight.Length).Select(i => gradients[PlaceOfWeight(shape, i)])]);
            Values.AssertSums(db, dbSize, pixels, [.. Enumerable.Range(0, bias.Length).Select(i => gradients[PlaceOfBias(shape, i)])]);
        });

        void All(double[] x, double[] w, double[] b, double[] dy, double[] y, double[] dx, double[] dw, double[] db)
        {
            ConvolutionReference.BackwardInput<double>(shape, x, w, b, y);
            ConvolutionReference.Forward<double>(shape, dy, w, default, dx);
            ConvolutionReference.BackwardWeight<double>(shape, dy, x, dw);
            ConvolutionReference.BackwardBias<double>(dy, db);
        }
    }

    [Property(MaxTest = 60)]
    public void EveryRealisationHasTheSameBits(int seed)
    {
        PropertyCount.Ran();
        (ConvolutionShape shape, int batch) = Draw(seed);
        (float[] x, float[] weight, float[] bias, float[] gradient) = Draw(shape, batch, seed);
        float[] parameters = Stored(shape, weight, bias);
        Realisations.AssertEqualBits(() =>
        {
            (float[] y, float[] dx, float[] gradients) = Run<Tanh>(shape, batch, x, parameters, gradient);
            return [.. y, .. dx, .. gradients];
        });
        Realisations.OnEach(_ =>
        {
            (float[] y, float[] dx, float[] _) = Run<Tanh>(shape, batch, x, parameters, gradient);
            for (int sample = 0; sample < batch; sample++)
            {
                float[] one = x[(sample * shape.OutputLength)..((sample + 1) * shape.OutputLength)], dy = gradient[(sample * shape.InputLength)..((sample + 1) * shape.InputLength)];
                (float[] oneY, float[] oneGradient, float[] _) = Run<Tanh>(shape, 1, one, parameters, dy);
                Values.AssertSameBits(oneY, y.AsSpan(sample * shape.InputLength, shape.InputLength));
                Values.AssertSameBits(oneGradient, dx.AsSpan(sample * shape.OutputLength, shape.OutputLength));
            }
        });
    }

    [Property(MaxTest = 60)]
    public void NothingBeyondTheSpansIsTouched(int seed, bool atEnd)
    {
        PropertyCount.Ran();
        (ConvolutionShape shape, int batch) = Draw(seed);
        (float[] x, float[] weight, float[] bias, float[] gradient) = Draw(shape, batch, seed);
        float[] stored = Stored(shape, weight, bias);
        Realisations.OnEach(_ =>
        {
            var operation = new TransposedConvolutionOperation<Relu>(shape, WeightOffset, WeightOffset + shape.WeightLength);
            using GuardedBuffer input = GuardedBuffer.Of(x, atEnd), parameters = GuardedBuffer.Of(stored, atEnd), dy = GuardedBuffer.Of(gradient, atEnd);
            using GuardedBuffer y = new(gradient.Length, atEnd), dx = new(x.Length, atEnd), gradients = new(stored.Length, atEnd);
            operation.Forward(input.GetSpan(), parameters.GetSpan(), y.GetSpan(), batch);
            operation.Backward(input.GetSpan(), y.GetSpan(), dy.GetSpan(), parameters.GetSpan(), default, dx.GetSpan(), gradients.GetSpan(), batch);
            Values.AssertSameBits(Run<Relu>(shape, batch, x, stored, gradient).Y, y.GetSpan());
        });
    }

    [Fact]
    public void TwoThreadsHaveTheBitsOfOneAndNothingIsAllocated()
    {
        ConvolutionShape shape = ConvolutionShape.Transposed(30, 30, 40, 24, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1);
        const int Batch = 4;
        (float[] x, float[] weight, float[] bias, float[] gradient) = Draw(shape, Batch, 1);
        float[] parameters = Stored(shape, weight, bias);
        Values.AssertSameBits(Realisations.OnThreads(1, Compute), Realisations.OnThreads(2, Compute));

        float[] Compute()
        {
            var operation = new TransposedConvolutionOperation<Relu>(shape, WeightOffset, WeightOffset + shape.WeightLength);
            float[] y = new float[gradient.Length], dx = new float[x.Length], gradients = new float[parameters.Length];
            Run();
            Run();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            Run();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
            return [.. y, .. dx, .. gradients];

            void Run()
            {
                operation.Forward(x, parameters, y, Batch);
                operation.Backward(x, y, gradient, parameters, default, dx, gradients, Batch);
            }
        }
    }

    [Fact]
    public void SizesAndResultsAreTheFieldsStandard()
    {
        // PyTorch: conv_transpose2d(torch.tensor([[[[1., 2.]]]]), torch.tensor([[[[1., 10., 100.]]]]), bias=torch.tensor([1000.]), stride=(1, 2))
        ConvolutionShape shape = ConvolutionShape.Transposed(1, 2, 1, 1, 1, 3, 1, 2);
        Assert.Equal((1, 5), (shape.InputHeight, shape.InputWidth));
        float[] y = new float[5];
        new TransposedConvolutionOperation<Identity>(shape, WeightOffset, WeightOffset + shape.WeightLength).Forward([1, 2], Stored(shape, [1, 10, 100], [1000]), y, 1);
        Assert.Equal([1001, 1010, 1102, 1020, 1200], y);

        // And with padding 1 and output padding 1: one column less at both ends, one more behind.
        shape = ConvolutionShape.Transposed(1, 2, 1, 1, 1, 3, 1, 2, left: 1, right: 1, outputPaddingWidth: 1);
        Assert.Equal(4, shape.InputWidth);
        y = new float[4];
        new TransposedConvolutionOperation<Identity>(shape, WeightOffset, WeightOffset + shape.WeightLength).Forward([1, 2], Stored(shape, [1, 10, 100], [1000]), y, 1);
        Assert.Equal([1010, 1102, 1020, 1200], y);
        Assert.Throws<ArgumentException>(() => ConvolutionShape.Transposed(1, 2, 1, 1, 1, 3, 1, 2, outputPaddingWidth: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConvolutionShape.Transposed(1, 1, 1, 1, 1, 1, left: 1));
    }

    private static (float[] Y, float[] InputGradient, float[] Gradients) Run<TActivation>(ConvolutionShape shape, int batch, float[] x, float[] parameters, float[] gradient) where TActivation : struct, IActivation
    {
        var operation = new TransposedConvolutionOperation<TActivation>(shape, WeightOffset, WeightOffset + shape.WeightLength);
        float[] y = Values.Uniform(gradient.Length, 9), dx = Values.Uniform(x.Length, 9), gradients = new float[parameters.Length];
        operation.Forward(x, parameters, y, batch);
        operation.Backward(x, y, gradient, parameters, default, dx, gradients, batch);
        return (y, dx, gradients);
    }

    private static (ConvolutionShape Shape, int Batch) Draw(int seed)
    {
        var random = new Random(seed);
        int Pick(int most) => random.Next(1, most + 1);
        while (true)
        {
            int groups = random.Next(3) == 0 ? Pick(20) : 1, each = groups > 1 ? 4 : 24;
            int inputs = groups * (random.Next(2) == 0 ? 1 : Pick(each)), outputs = groups * (random.Next(2) == 0 ? 1 : Pick(each)), strideHeight = Pick(3), strideWidth = Pick(3);
            try
            {
                return (ConvolutionShape.Transposed(
                    Pick(6), Pick(12), inputs, outputs, Pick(4), Pick(4), strideHeight, strideWidth, Pick(3), Pick(3), random.Next(3), random.Next(3), random.Next(3), random.Next(3),
                    random.Next(strideHeight), random.Next(strideWidth), groups), random.Next(4));
            }
            catch (ArgumentOutOfRangeException)
            {
                // More cut off than there is.
            }
        }
    }

    /// <summary>Values for an operation whose input is the shape's output.</summary>
    private static (float[] X, float[] Weight, float[] Bias, float[] Gradient) Draw(ConvolutionShape shape, int batch, int seed) => (
        Values.Uniform(batch * shape.OutputLength, seed), Values.Uniform(shape.OutputChannels * (shape.InputChannels / shape.Groups) * shape.KernelHeight * shape.KernelWidth, seed + 1),
        Values.Uniform(shape.InputChannels, seed + 2), Values.Uniform(batch * shape.InputLength, seed + 3));

    private static float[] Stored(ConvolutionShape shape, float[] weight, float[] bias)
    {
        var parameters = new float[WeightOffset + shape.WeightLength + shape.TransposedBiasLength];
        for (int i = 0; i < weight.Length; i++) parameters[PlaceOfWeight(shape, i)] = weight[i];
        for (int i = 0; i < bias.Length; i++) parameters[PlaceOfBias(shape, i)] = bias[i];
        return parameters;
    }

    /// <summary>Where the weight's element lies: PyTorch's [inputs, outputs of a group, height, width], in rows.</summary>
    private static int PlaceOfWeight(ConvolutionShape shape, int index)
    {
        (int group, int output, int input, int y, int x) = shape.WeightStrides;
        int inputs = shape.InputChannels / shape.Groups, outputs = shape.OutputChannels / shape.Groups, rest = index / shape.KernelWidth / shape.KernelHeight, o = rest / inputs;
        return WeightOffset + o / outputs * group + o % outputs * output + rest % inputs * input + index / shape.KernelWidth % shape.KernelHeight * y + index % shape.KernelWidth * x;
    }

    private static int PlaceOfBias(ConvolutionShape shape, int channel)
    {
        int channels = shape.InputChannels / shape.Groups;
        return WeightOffset + shape.WeightLength + (shape.IsDepthwise ? channel : channel / channels * (shape.TransposedBiasLength / shape.Groups) + channel % channels);
    }

    private static double[] Abs(float[] values) => [.. values.Select(value => Math.Abs((double)value))];
}
