using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class ConvolutionTests
{
    [Property(MaxTest = 120)]
    public void ForwardIsTheReference(int seed)
    {
        PropertyCount.Ran();
        AssertForward(Case.Draw(seed));
    }

    [Property(MaxTest = 120)]
    public void BackwardIsTheReference(int seed)
    {
        PropertyCount.Ran();
        AssertBackward(Case.Draw(seed));
    }

    /// <summary>Three neighbouring columns of single channels, which have kernels of their own: rows of many tiles, channels that are no whole blocks.</summary>
    [Property(MaxTest = 120)]
    public void DepthwiseRowsAreTheReference(int batch, int height, int width, int channels, int kernelHeight, int padding, bool atEnd, int seed)
    {
        PropertyCount.Ran();
        int pad = Values.Size(padding, 0, 2), rows = Values.Size(kernelHeight, 1, 3), count = Values.Size(channels, 1, 70);
        var shape = new ConvolutionShape(Values.Size(height, rows, 9), Values.Size(width, 3, 90), count, count, rows, 3, top: pad, left: pad, bottom: pad, right: pad, groups: count);
        Case c = Case.Of(shape, Values.Size(batch, 1, 2), seed);
        AssertForward(c);
        AssertBackward(c);
        AssertStaysWithinSpans(c, atEnd);
        Realisations.AssertEqualBits(c.All<Tanh>);
    }

    private static void AssertForward(Case c)
    {
        var expected = new double[c.Batch * c.Shape.OutputLength];
        var magnitudes = new double[expected.Length];
        ConvolutionReference.Forward<double>(c.Shape, Values.ToDouble(c.X), Values.ToDouble(c.Weight), Values.ToDouble(c.Bias), expected);
        ConvolutionReference.Forward<double>(c.Shape, Abs(c.X), Abs(c.Weight), Abs(c.Bias), magnitudes);
        Realisations.OnEach(_ => Values.AssertSums(expected, magnitudes, c.Terms, c.Forward<Identity>()));
    }

    private static void AssertBackward(Case c)
    {
        double[] dx = new double[c.X.Length], dw = new double[c.Weight.Length], db = new double[c.Bias.Length];
        double[] dxSize = new double[dx.Length], dwSize = new double[dw.Length], dbSize = new double[db.Length];
        ConvolutionReference.BackwardInput<double>(c.Shape, Values.ToDouble(c.Gradient), Values.ToDouble(c.Weight), default, dx);
        ConvolutionReference.BackwardInput<double>(c.Shape, Abs(c.Gradient), Abs(c.Weight), default, dxSize);
        ConvolutionReference.BackwardWeight<double>(c.Shape, Values.ToDouble(c.X), Values.ToDouble(c.Gradient), dw);
        ConvolutionReference.BackwardWeight<double>(c.Shape, Abs(c.X), Abs(c.Gradient), dwSize);
        if (c.BiasOffset >= 0)
        {
            ConvolutionReference.BackwardBias<double>(Values.ToDouble(c.Gradient), db);
            ConvolutionReference.BackwardBias<double>(Abs(c.Gradient), dbSize);
        }
        int pixels = c.Batch * c.Shape.OutputHeight * c.Shape.OutputWidth;
        Realisations.OnEach(_ =>
        {
            (float[] inputGradient, float[] gradients) = c.Backward<Identity>(new float[c.Gradient.Length]);
            Values.AssertSums(dx, dxSize, c.Terms * c.Shape.OutputChannels, inputGradient);
            Values.AssertSums(dw, dwSize, pixels, c.LogicalWeight(gradients));
            if (c.BiasOffset >= 0) Values.AssertSums(db, dbSize, pixels, c.LogicalBias(gradients));
            c.AssertPaddingIsZero(gradients);
        });
    }

    [Property(MaxTest = 80)]
    public void EveryRealisationHasTheSameBits(int seed)
    {
        PropertyCount.Ran();
        Case c = Case.Draw(seed);
        Realisations.AssertEqualBits(c.All<Tanh>);
    }

    [Property(MaxTest = 60)]
    public void ARowOfABatchHasTheBitsOfOneSample(int seed)
    {
        PropertyCount.Ran();
        Case c = Case.Draw(seed);
        Realisations.OnEach(_ =>
        {
            float[] y = c.Forward<Relu>(), dx = c.Backward<Relu>(y).InputGradient;
            for (int sample = 0; sample < c.Batch; sample++)
            {
                Case one = c.Sample(sample);
                float[] oneY = one.Forward<Relu>();
                Values.AssertSameBits(oneY, y.AsSpan(sample * c.Shape.OutputLength, c.Shape.OutputLength));
                Values.AssertSameBits(one.Backward<Relu>(oneY).InputGradient, dx.AsSpan(sample * c.Shape.InputLength, c.Shape.InputLength));
            }
        });
    }

    /// <summary>Shapes whose work is cut among threads, in every way that windows are read.</summary>
    [Theory]
    [InlineData(40, 37, 20, 33, 3, 3, 1, 1, 1)]
    [InlineData(40, 37, 32, 32, 1, 1, 1, 0, 1)]
    [InlineData(40, 37, 32, 64, 3, 3, 2, 1, 2)]
    [InlineData(40, 37, 32, 32, 3, 3, 1, 2, 1, 2)]
    [InlineData(1, 9000, 8, 24, 1, 5, 1, 0, 1)]
    [InlineData(1, 9000, 8, 24, 1, 5, 1, 0, 1, 50)]
    [InlineData(1, 2000, 64, 24, 1, 3, 1, 0, 2, 300)]
    [InlineData(96, 96, 96, 96, 3, 3, 1, 1, 96)]
    [InlineData(4, 4, 96, 100, 3, 3, 1, 1, 1)]
    public void TwoThreadsHaveTheBitsOfOneAndNothingIsAllocated(
        int height, int width, int inputs, int outputs, int kernelHeight, int kernelWidth, int stride, int padding, int groups, int dilation = 1)
    {
        var shape = new ConvolutionShape(height, width, inputs, outputs, kernelHeight, kernelWidth, stride, stride, dilation, dilation, padding, padding, padding, padding, groups);
        Case c = Case.Of(shape, batch: 12, seed: 5);
        Values.AssertSameBits(Realisations.OnThreads(1, Compute), Realisations.OnThreads(2, Compute));

        float[] Compute()
        {
            var operation = new ConvolutionOperation<Relu>(shape, c.WeightOffset, c.BiasOffset);
            float[] y = new float[c.Gradient.Length], dx = new float[c.X.Length], gradients = new float[c.Parameters.Length];
            Run();
            Run();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            Run();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
            return [.. y, .. dx, .. gradients];

            void Run()
            {
                operation.Forward(c.X, c.Parameters, y, c.Batch);
                operation.Backward(c.X, y, c.Gradient, c.Parameters, default, dx, gradients, c.Batch);
            }
        }
    }

    [Property(MaxTest = 80)]
    public void NothingBeyondTheSpansIsTouched(int seed, bool atEnd)
    {
        PropertyCount.Ran();
        AssertStaysWithinSpans(Case.Draw(seed), atEnd);
    }

    private static void AssertStaysWithinSpans(Case c, bool atEnd)
    {
        Realisations.OnEach(_ =>
        {
            var operation = new ConvolutionOperation<Relu>(c.Shape, c.WeightOffset, c.BiasOffset);
            using GuardedBuffer x = GuardedBuffer.Of(c.X, atEnd), parameters = GuardedBuffer.Of(c.Parameters, atEnd), gradient = GuardedBuffer.Of(c.Gradient, atEnd);
            using GuardedBuffer y = new(c.Gradient.Length, atEnd), dx = new(c.X.Length, atEnd), gradients = new(c.Parameters.Length, atEnd);
            operation.Forward(x.GetSpan(), parameters.GetSpan(), y.GetSpan(), c.Batch);
            operation.Backward(x.GetSpan(), y.GetSpan(), gradient.GetSpan(), parameters.GetSpan(), default, dx.GetSpan(), gradients.GetSpan(), c.Batch);
            Values.AssertSameBits(c.Forward<Relu>(), y.GetSpan());
        });
    }

    [Fact]
    public void TheReferenceHasTheGradientItClaims()
    {
        var shape = new ConvolutionShape(5, 4, 4, 6, 3, 2, 2, 1, 1, 2, 1, 0, 0, 1, 2);
        Case c = Case.Of(shape, batch: 2, seed: 1);
        double[] x = Values.ToDouble(c.X), w = Values.ToDouble(c.Weight), b = Values.ToDouble(c.Bias), weight = Values.ToDouble(c.Gradient);
        double[] dx = new double[x.Length], dw = new double[w.Length], db = new double[b.Length];
        ConvolutionReference.BackwardInput<double>(shape, weight, w, default, dx);
        ConvolutionReference.BackwardWeight<double>(shape, x, weight, dw);
        ConvolutionReference.BackwardBias<double>(weight, db);
        GradientCheck.Run([(x, dx), (w, dw), (b, db)], () =>
        {
            var y = new double[weight.Length];
            ConvolutionReference.Forward<double>(shape, x, w, b, y);
            return y.Zip(weight, (a, g) => a * g).Sum();
        });
    }

    [Fact]
    public void WindowsAreTheFieldsStandard()
    {
        // PyTorch: torch.nn.functional.conv2d(torch.arange(9.).view(1, 1, 3, 3), torch.arange(4.).view(1, 1, 2, 2), bias=torch.tensor([1.]))
        var shape = new ConvolutionShape(3, 3, 1, 1, 2, 2);
        Assert.Equal((2, 2), (shape.OutputHeight, shape.OutputWidth));
        float[] parameters = new float[shape.WeightLength + shape.BiasLength], y = new float[4];
        for (int i = 0; i < 4; i++) parameters[i / 2 * shape.WeightStrides.Y + i % 2 * shape.WeightStrides.X] = i;
        parameters[shape.WeightLength] = 1;
        new ConvolutionOperation<Identity>(shape, 0, shape.WeightLength).Forward([0, 1, 2, 3, 4, 5, 6, 7, 8], parameters, y, 1);
        Assert.Equal([20, 26, 38, 44], y);
    }

    [Fact]
    public void SizesFollowFromTheWindow()
    {
        var shape = new ConvolutionShape(224, 112, 3, 64, 7, 5, 2, 3, 1, 2, 3, 4, 3, 4);
        Assert.Equal((112, 38), (shape.OutputHeight, shape.OutputWidth));
        Assert.Equal(224 * 112 * 3, shape.InputLength);
        Assert.Equal(112 * 38 * 64, shape.OutputLength);
        Assert.Equal(7 * 5 * 3 * 64, shape.WeightLength);
        Assert.Equal(64, shape.BiasLength);
        Assert.Equal((7 * 5 * 3 * 64, 1, 64, 5 * 3 * 64, 3 * 64), shape.WeightStrides);
        var depthwise = new ConvolutionShape(8, 8, 20, 20, 3, 3, groups: 20);
        Assert.True(depthwise.IsDepthwise);
        Assert.Equal((9 * 32, 32), (depthwise.WeightLength, depthwise.BiasLength));
        Assert.Equal((1, 1, 32, 96, 32), depthwise.WeightStrides);
    }

    [Fact]
    public void WrongShapesAndCallsNameTheParameter()
    {
        Assert.Equal("groups", Assert.Throws<ArgumentException>(() => new ConvolutionShape(4, 4, 3, 4, 1, 1, groups: 2)).ParamName);
        Assert.Equal("height", Assert.Throws<ArgumentException>(() => new ConvolutionShape(4, 4, 1, 1, 5, 1)).ParamName);
        Assert.Equal("width", Assert.Throws<ArgumentOutOfRangeException>(() => new ConvolutionShape(4, 4, 1, 1, 1, 1, 1, 0)).ParamName);
        Assert.Equal("width", Assert.Throws<ArgumentOutOfRangeException>(() => new ConvolutionShape(4, 4, 1, 1, 1, 1, left: -1)).ParamName);
        Assert.Throws<ArgumentException>(() => new ConvolutionShape(1 << 15, 1 << 15, 4, 4, 1, 1));
        var shape = new ConvolutionShape(4, 4, 1, 1, 1, 1);
        var operation = new ConvolutionOperation<Identity>(shape, 4, 0);
        float[] f(int n) => new float[n];
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => operation.Forward(f(31), f(8), f(32), 2)).ParamName);
        Assert.Equal("parameters", Assert.Throws<ArgumentException>(() => operation.Forward(f(32), f(7), f(32), 2)).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => operation.Forward(f(32), f(8), f(33), 2)).ParamName);
        Assert.Equal("gradients", Assert.Throws<ArgumentException>(() => operation.Backward(f(32), f(32), f(32), f(8), default, default, f(7), 2)).ParamName);
        Assert.Equal("inputGradient", Assert.Throws<ArgumentException>(() => operation.Backward(f(32), f(32), f(32), f(8), default, f(1), f(8), 2)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConvolutionOperation<Identity>(shape, -1, 0));
    }

    private static double[] Abs(float[] values) => [.. values.Select(value => Math.Abs((double)value))];

    /// <summary>A convolution with values for everything, logical and stored.</summary>
    private sealed record Case(ConvolutionShape Shape, int Batch, float[] X, float[] Weight, float[] Bias, float[] Gradient, float[] Parameters, int WeightOffset, int BiasOffset)
    {
        public int Terms => Shape.KernelHeight * Shape.KernelWidth * Shape.InputChannels / Shape.Groups + 1;

        public static Case Draw(int seed)
        {
            var random = new Random(seed);
            int Pick(int most) => random.Next(1, most + 1);
            while (true)
            {
                bool flat = random.Next(4) == 0;
                int groups = random.Next(3) == 0 ? Pick(20) : 1;
                int inputs = groups * (groups > 1 && random.Next(2) == 0 ? 1 : Pick(groups > 1 ? 4 : 20)), outputs = groups * (inputs == groups && random.Next(3) > 0 ? 1 : Pick(groups > 1 ? 4 : 40));
                int height = flat ? 1 : Pick(12), kernelHeight = flat ? 1 : Pick(3), width = Pick(30), kernelWidth = Pick(4), dilationHeight = flat ? 1 : Pick(2), dilationWidth = Pick(3);
                int top = flat ? 0 : random.Next(3), bottom = flat ? 0 : random.Next(3), left = random.Next(4), right = random.Next(4);
                if ((kernelHeight - 1) * dilationHeight >= height + top + bottom || (kernelWidth - 1) * dilationWidth >= width + left + right) continue;
                var shape = new ConvolutionShape(
                    height, width, inputs, outputs, kernelHeight, kernelWidth, flat ? 1 : Pick(3), Pick(3), dilationHeight, dilationWidth, top, left, bottom, right, groups);
                return Of(shape, random.Next(4), seed, hasBias: random.Next(4) > 0);
            }
        }

        public static Case Of(ConvolutionShape shape, int batch, int seed, bool hasBias = true)
        {
            int inputs = shape.InputChannels / shape.Groups;
            float[] weight = Values.Uniform(shape.OutputChannels * inputs * shape.KernelHeight * shape.KernelWidth, seed + 1), bias = hasBias ? Values.Uniform(shape.OutputChannels, seed + 2) : [];
            const int WeightOffset = 16;
            var parameters = new float[WeightOffset + shape.WeightLength + shape.BiasLength];
            var c = new Case(
                shape, batch, Values.Uniform(batch * shape.InputLength, seed), weight, bias, Values.Uniform(batch * shape.OutputLength, seed + 3), parameters,
                WeightOffset, hasBias ? WeightOffset + shape.WeightLength : -1);
            for (int i = 0; i < weight.Length; i++) parameters[c.PlaceOfWeight(i)] = weight[i];
            for (int i = 0; i < bias.Length; i++) parameters[c.PlaceOfBias(i)] = bias[i];
            return c;
        }

        public Case Sample(int sample) => this with
        {
            Batch = 1,
            X = X[(sample * Shape.InputLength)..((sample + 1) * Shape.InputLength)],
            Gradient = Gradient[(sample * Shape.OutputLength)..((sample + 1) * Shape.OutputLength)],
        };

        public float[] Forward<TActivation>() where TActivation : struct, IActivation
        {
            float[] y = Values.Uniform(Gradient.Length, 9);
            new ConvolutionOperation<TActivation>(Shape, WeightOffset, BiasOffset).Forward(X, Parameters, y, Batch);
            return y;
        }

        public (float[] InputGradient, float[] Gradients) Backward<TActivation>(float[] y) where TActivation : struct, IActivation
        {
            float[] dx = Values.Uniform(X.Length, 9), gradients = Values.Uniform(Parameters.Length, 9);
            new ConvolutionOperation<TActivation>(Shape, WeightOffset, BiasOffset).Backward(X, y, Gradient, Parameters, default, dx, gradients, Batch);
            return (dx, gradients);
        }

        public float[] All<TActivation>() where TActivation : struct, IActivation
        {
            float[] y = Forward<TActivation>();
            (float[] dx, float[] gradients) = Backward<TActivation>(y);
            return [.. y, .. dx, .. LogicalWeight(gradients), .. BiasOffset < 0 ? [] : LogicalBias(gradients)];
        }

        public float[] LogicalWeight(float[] stored) => [.. Enumerable.Range(0, Weight.Length).Select(i => stored[PlaceOfWeight(i)])];

        public float[] LogicalBias(float[] stored) => [.. Enumerable.Range(0, Bias.Length).Select(i => stored[PlaceOfBias(i)])];

        public void AssertPaddingIsZero(float[] gradients)
        {
            HashSet<int> places = [.. Enumerable.Range(0, Weight.Length).Select(PlaceOfWeight), .. Enumerable.Range(0, Bias.Length).Select(PlaceOfBias)];
            int end = BiasOffset < 0 ? WeightOffset + Shape.WeightLength : gradients.Length;
            for (int i = WeightOffset; i < end; i++) Assert.True(places.Contains(i) || gradients[i] == 0, $"[{i}] is {gradients[i]}.");
        }

        private int PlaceOfWeight(int index)
        {
            (int group, int output, int input, int y, int x) = Shape.WeightStrides;
            int inputs = Shape.InputChannels / Shape.Groups, outputs = Shape.OutputChannels / Shape.Groups, rest = index / Shape.KernelWidth / Shape.KernelHeight, o = rest / inputs;
            return WeightOffset + o / outputs * group + o % outputs * output + rest % inputs * input + index / Shape.KernelWidth % Shape.KernelHeight * y + index % Shape.KernelWidth * x;
        }

        private int PlaceOfBias(int output)
        {
            int outputs = Shape.OutputChannels / Shape.Groups;
            return BiasOffset + (Shape.IsDepthwise ? output : output / outputs * (Shape.BiasLength / Shape.Groups) + output % outputs);
        }
    }
}
