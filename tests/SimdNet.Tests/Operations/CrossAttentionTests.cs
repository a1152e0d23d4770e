using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class CrossAttentionTests
{
    [Property(MaxTest = 100)]
    public void CrossAttentionIsTheReference(int batch, int queries, int steps, int headWidth, int heads, int group, int memoryWidth, bool hasBias, int seed)
    {
        PropertyCount.Ran();
        var layer = new Layer(Values.Size(queries, 1, 50), Values.Size(steps, 1, 50), Values.Size(headWidth, 1, 20), Values.Size(heads, 1, 3), Values.Size(group, 1, 3), Values.Size(memoryWidth, 1, 40), hasBias, seed);
        int samples = Values.Size(batch, 1, 3);
        float[] x = Values.Uniform(samples * layer.Operation.InputLength, seed + 1, 2), dy = Values.Uniform(samples * layer.Operation.OutputLength, seed + 2);
        (double[] y, double[] dx, double[] gradients) = layer.Exact(x, dy);
        Realisations.OnEach(_ =>
        {
            Values.AssertClose(y, OperationHarness.Predict(layer.Operation, x, layer.Parameters), 1e-5, 1e-5);
            OperationHarness.Pass pass = OperationHarness.Train(layer.Operation, x, layer.Parameters, dy);
            Values.AssertClose(y, pass.Y, 1e-5, 1e-5);
            AssertGradient(dx, pass.InputGradient);
            AssertGradient(gradients, pass.Gradients.AsSpan(Layer.First));
        });
        OperationHarness.AssertInputGradientIsOptional(layer.Operation, x, layer.Parameters, dy);
    }

    [Property(MaxTest = 40)]
    public void BitsAreEqual(int batch, int queries, int steps, int headWidth, int heads, int group, int memoryWidth, int seed)
    {
        PropertyCount.Ran();
        var layer = new Layer(Values.Size(queries, 1, 70), Values.Size(steps, 1, 70), Values.Size(headWidth, 1, 40), Values.Size(heads, 1, 3), Values.Size(group, 1, 3), Values.Size(memoryWidth, 1, 40), true, seed);
        int samples = Values.Size(batch, 1, 3);
        float[] x = Values.Uniform(samples * layer.Operation.InputLength, seed + 1, 2), dy = Values.Uniform(samples * layer.Operation.OutputLength, seed + 2);
        OperationHarness.AssertEqualBits(layer.Operation, x, layer.Parameters, dy);
        OperationHarness.AssertSamplesAreIndependent(layer.Operation, x, layer.Parameters, dy);
    }

    [Property(MaxTest = 30)]
    public void AFrozenLayerHasTheSameBits(int batch, int queries, int steps, int headWidth, int heads, int group, int memoryWidth, bool hasBias, int seed)
    {
        PropertyCount.Ran();
        var layer = new Layer(Values.Size(queries, 1, 70), Values.Size(steps, 1, 70), Values.Size(headWidth, 20, 90), Values.Size(heads, 1, 3), Values.Size(group, 1, 3), Values.Size(memoryWidth, 20, 150), hasBias, seed);
        OperationHarness.AssertFrozenIsTheSame(layer.Operation, Values.Uniform(Values.Size(batch, 1, 3) * layer.Operation.InputLength, seed + 1), layer.Parameters);
    }

    [Fact]
    public void TwoThreadsHaveTheBitsOfOne()
    {
        var layer = new Layer(200, 300, 32, 2, 2, 48, true, 1);
        float[] x = Values.Uniform(2 * layer.Operation.InputLength, 2), dy = Values.Uniform(2 * layer.Operation.OutputLength, 3);
        Values.AssertSameBits(OnThreads(1), OnThreads(2));

        float[] OnThreads(int threads)
        {
            int before = Hardware.MaxThreads;
            Hardware.MaxThreads = threads;
            try
            {
                return [.. OperationHarness.Predict(layer.Operation, x, layer.Parameters), .. OperationHarness.Train(layer.Operation, x, layer.Parameters, dy).All];
            }
            finally
            {
                Hardware.MaxThreads = before;
            }
        }
    }

    /// <summary>A sequence that looks at itself has what self attention gives, of the same tensors.</summary>
    [Fact]
    public void AttentionToItselfIsSelfAttention()
    {
        Network self = Network.Create([9, 12], x => x.MultiHeadAttention(3), seed: 1), cross = Network.Create([9, 12], x => x.CrossAttention(x, 3), seed: 2);
        float[] x = Values.Uniform(2 * 9 * 12, 1), expected = new float[x.Length], actual = new float[x.Length];
        foreach (Tensor tensor in self.Tensors)
        {
            float[] values = Values.Uniform(tensor.Length, tensor.Length, 0.5f);
            tensor.CopyFrom(values);
            cross.Tensors[tensor.Name.Replace("multiHeadAttention", "crossAttention")].CopyFrom(values);
        }
        Assert.Equal(self.ParameterCount, cross.ParameterCount);
        self.Forward(x, expected);
        cross.Forward(x, actual);
        Values.AssertClose(Values.ToDouble(expected), actual, 1e-5, 1e-5);
    }

    [Fact]
    public void NothingIsTouchedBeyondSpansAndNothingAllocated()
    {
        foreach ((int queries, int steps, int headWidth, int heads, int group, int memoryWidth) in new[] { (1, 1, 1, 1, 1, 1), (2, 5, 4, 2, 1, 3), (17, 3, 16, 1, 2, 16), (25, 33, 17, 2, 1, 7), (5, 48, 12, 3, 3, 20) })
        {
            var layer = new Layer(queries, steps, headWidth, heads, group, memoryWidth, steps % 2 == 0, steps);
            float[] x = Values.Uniform(2 * layer.Operation.InputLength, 1), dy = Values.Uniform(2 * layer.Operation.OutputLength, 2);
            OperationHarness.AssertStaysWithinSpans(layer.Operation, x, layer.Parameters);
            OperationHarness.AssertAllocatesNothing(layer.Operation, x, layer.Parameters);
            OperationHarness.AssertRefusesWrongLengths(layer.Operation, x, layer.Parameters, layer.End);

            // Scratch memory between protected pages as well.
            foreach (bool atEnd in new[] { false, true })
            {
                var thread = new Thread(() =>
                {
                    using var guarded = new GuardedNetworks(atEnd);
                    OperationHarness.Train(layer.Operation, x, layer.Parameters, dy);
                    OperationHarness.Predict(layer.Operation, x, layer.Parameters);
                });
                thread.Start();
                thread.Join();
            }
        }
        Assert.Equal("heads", Assert.Throws<ArgumentOutOfRangeException>(() => new CrossAttentionOperation(2, 6, 3, 4, 4, 2, 0, 0, 0, -1, -1, -1, 0, -1)).ParamName);
        Assert.Equal("keyValueHeads", Assert.Throws<ArgumentOutOfRangeException>(() => new CrossAttentionOperation(2, 6, 3, 4, 3, 2, 0, 0, 0, -1, -1, -1, 0, -1)).ParamName);
    }

    [Fact]
    public void TheReferenceHasTheGradientItClaims()
    {
        var reference = new CrossAttentionReference(3, 4, 5, 2, 2, 1);
        double[] x = Values.ToDouble(Values.Uniform(12, 1)), memory = Values.ToDouble(Values.Uniform(10, 2)), dy = Values.ToDouble(Values.Uniform(12, 3)), y = new double[12];
        CrossAttentionReference.Tensors<double> tensors = reference.CreateTensors<double>(), gradients = reference.CreateTensors<double>();
        for (int i = 0; i < tensors.All.Length; i++) Values.ToDouble(Values.Uniform(tensors.All[i].Length, 4 + i)).CopyTo(tensors.All[i], 0);
        double[] dx = new double[12], dMemory = new double[10];
        reference.Backward<double>(x, memory, tensors, dy, dx, dMemory, gradients);
        GradientCheck.Run([(x, dx), (memory, dMemory), .. tensors.All.Zip(gradients.All)], () =>
        {
            reference.Forward<double>(x, memory, tensors, y);
            return y.Zip(dy, (value, gradient) => value * gradient).Sum();
        });
    }

    private static void AssertGradient(double[] expected, ReadOnlySpan<float> actual) => Values.AssertClose(expected, actual, 1e-4, 2e-5 * (1 + expected.Max(Math.Abs)));

    /// <summary>An operation, and its parameters as they are stored, behind some of another layer's.</summary>
    private sealed class Layer
    {
        public const int First = 16;

        private readonly CrossAttentionReference _reference;
        private readonly int _queries, _steps, _width, _memoryWidth, _keyWidth;
        private readonly bool _hasBias;

        /// <param name="heads">The heads of keys and values.</param>
        /// <param name="group">The heads of queries for each.</param>
        public Layer(int queries, int steps, int headWidth, int heads, int group, int memoryWidth, bool hasBias, int seed)
        {
            (_queries, _steps, _width, _keyWidth, _memoryWidth, _hasBias) = (queries, steps, heads * group * headWidth, heads * headWidth, memoryWidth, hasBias);
            _reference = new CrossAttentionReference(queries, _width, steps, memoryWidth, heads * group, heads);
            int stride = Dense.Stride(_width), keyStride = Dense.Stride(_keyWidth);
            int square = _width * stride, memory = memoryWidth * keyStride, end = First + 2 * square + 2 * memory;
            Operation = hasBias
                ? Create(end, end + stride, end + stride + keyStride, end + stride + 2 * keyStride)
                : Create(-1, -1, -1, -1);
            End = hasBias ? end + 2 * stride + 2 * keyStride : end;
            CrossAttentionReference.Tensors<double> tensors = _reference.CreateTensors<double>();
            float scale = 2 / MathF.Sqrt(_width);
            for (int i = 0; i < (hasBias ? 8 : 4); i++) Values.ToDouble(Values.Uniform(tensors.All[i].Length, seed + 10 + i, scale)).CopyTo(tensors.All[i], 0);
            _tensors = tensors;
            Parameters = [.. new float[First], .. Stored(tensors).Select(value => (float)value)];

            CrossAttentionOperation Create(int queryBias, int keyBias, int valueBias, int outBias) => new(
                queries, _width, steps, memoryWidth, heads * group, heads, First, First + square, First + square + memory, queryBias, keyBias, valueBias, First + square + 2 * memory, outBias);
        }

        private readonly CrossAttentionReference.Tensors<double> _tensors;

        public CrossAttentionOperation Operation { get; }

        public float[] Parameters { get; }

        /// <summary>What the operation needs of the parameters.</summary>
        public int End { get; }

        /// <summary>y, dx, and the gradients as they are stored, padding included.</summary>
        public (double[] Y, double[] InputGradient, double[] Gradients) Exact(float[] x, float[] dy)
        {
            int outputs = _queries * _width, inputs = outputs + _steps * _memoryWidth, samples = x.Length / inputs;
            double[] y = new double[dy.Length], dx = new double[x.Length], xs = Values.ToDouble(x), dys = Values.ToDouble(dy);
            CrossAttentionReference.Tensors<double> sum = _reference.CreateTensors<double>(), one = _reference.CreateTensors<double>();
            for (int sample = 0; sample < samples; sample++)
            {
                ReadOnlySpan<double> from = xs.AsSpan(sample * inputs, outputs), memory = xs.AsSpan(sample * inputs + outputs, inputs - outputs);
                _reference.Forward(from, memory, _tensors, y.AsSpan(sample * outputs, outputs));
                _reference.Backward(
                    from, memory, _tensors, dys.AsSpan(sample * outputs, outputs), dx.AsSpan(sample * inputs, outputs), dx.AsSpan(sample * inputs + outputs, inputs - outputs), one);
                for (int tensor = 0; tensor < 8; tensor++)
                {
                    for (int i = 0; i < sum.All[tensor].Length; i++) sum.All[tensor][i] += one.All[tensor][i];
                }
            }
            return (y, dx, Stored(sum));
        }

        private double[] Stored(CrossAttentionReference.Tensors<double> tensors) => [.. tensors.All.Take(_hasBias ? 8 : 4).SelectMany((tensor, i) =>
        {
            int width = i % 4 is 1 or 2 ? _keyWidth : _width;
            return tensor.Chunk(width).SelectMany(row => row.Concat(new double[Dense.Stride(width) - width]));
        })];
    }
}
