using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class AttentionTests
{
    [Property(MaxTest = 150)]
    public void AttentionIsTheReference(int batch, int steps, int headWidth, int groups, int shared, bool isCausal, bool isRotary, bool hasBias, int seed)
    {
        PropertyCount.Ran();
        var layer = new Layer(Values.Size(steps, 1, 60), Values.Size(headWidth, 1, 20), Values.Size(groups, 1, 3), Values.Size(shared, 1, 3), isCausal, isRotary, hasBias, seed);
        float[] x = Values.Uniform(Values.Size(batch, 1, 3) * layer.Operation.InputLength, seed + 1, 2), dy = Values.Uniform(x.Length, seed + 2);
        (double[] y, double[] dx, double[] gradients) = layer.Exact(x, dy);
        Realisations.OnEach(_ =>
        {
            Values.AssertClose(y, OperationHarness.Predict(layer.Operation, x, layer.Parameters), 1e-5, 1e-5);
            OperationHarness.Pass pass = OperationHarness.Train(layer.Operation, x, layer.Parameters, dy);
            Values.AssertClose(y, pass.Y, 1e-5, 1e-5);
            AssertGradient(dx, pass.InputGradient);
            AssertGradient(gradients, layer.Logical(pass.Gradients));
            layer.AssertPaddingIsZero(pass.Gradients);
        });
        OperationHarness.AssertInputGradientIsOptional(layer.Operation, x, layer.Parameters, dy);
    }

    [Property(MaxTest = 60)]
    public void BitsAreEqual(int batch, int steps, int headWidth, int groups, int shared, bool isCausal, bool isRotary, int seed)
    {
        PropertyCount.Ran();
        var layer = new Layer(Values.Size(steps, 1, 90), Values.Size(headWidth, 1, 40), Values.Size(groups, 1, 3), Values.Size(shared, 1, 2), isCausal, isRotary, true, seed);
        float[] x = Values.Uniform(Values.Size(batch, 1, 3) * layer.Operation.InputLength, seed + 1, 2), dy = Values.Uniform(x.Length, seed + 2);
        OperationHarness.AssertEqualBits(layer.Operation, x, layer.Parameters, dy);
        OperationHarness.AssertSamplesAreIndependent(layer.Operation, x, layer.Parameters, dy);
    }

    [Property(MaxTest = 60)]
    public void StepsHaveTheBitsOfTheSequence(int steps, int headWidth, int groups, int shared, bool isRotary, bool hasBias, int seed)
    {
        PropertyCount.Ran();
        var layer = new Layer(Values.Size(steps, 1, 90), Values.Size(headWidth, 1, 40), Values.Size(groups, 1, 3), Values.Size(shared, 1, 3), true, isRotary, hasBias, seed);
        OperationHarness.AssertStepsAreTheSequence(layer.Operation, layer.Steps, Values.Uniform(2 * layer.Operation.InputLength, seed + 1, 2), layer.Parameters);
    }

    [Property(MaxTest = 30)]
    public void AFrozenLayerHasTheSameBits(int batch, int steps, int headWidth, int groups, int shared, bool isCausal, bool isRotary, bool hasBias, int seed)
    {
        PropertyCount.Ran();
        var layer = new Layer(Values.Size(steps, 1, 90), Values.Size(headWidth, 10, 80), Values.Size(groups, 1, 3), Values.Size(shared, 1, 3), isCausal, isRotary, hasBias, seed);
        OperationHarness.AssertFrozenIsTheSame(layer.Operation, Values.Uniform(Values.Size(batch, 1, 3) * layer.Operation.InputLength, seed + 1, 2), layer.Parameters);
    }

    /// <summary>A sequence longer than a panel of the product, and a batch of more rows than prediction takes at a time.</summary>
    [Fact]
    public void LongSequencesAndLargeBatchesHaveTheBitsOfTheirParts() => Realisations.OnEach(_ =>
    {
        var layer = new Layer(550, 8, 2, 1, true, true, true, 1);
        OperationHarness.AssertStepsAreTheSequence(layer.Operation, 550, Values.Uniform(layer.Operation.InputLength, 2), layer.Parameters);
        layer = new Layer(700, 8, 1, 1, false, false, true, 1);
        OperationHarness.AssertSamplesAreIndependent(layer.Operation, Values.Uniform(5 * layer.Operation.InputLength, 2), layer.Parameters);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TwoThreadsHaveTheBitsOfOne(bool isCausal)
    {
        var layer = new Layer(300, 32, 4, 2, isCausal, true, true, 1);
        float[] x = Values.Uniform(2 * layer.Operation.InputLength, 2), dy = Values.Uniform(x.Length, 3);
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

    /// <summary>Keys that are all alike weigh every visible value the same.</summary>
    [Fact]
    public void EqualKeysGiveTheMean() => Realisations.OnEach(_ =>
    {
        const int Steps = 37, Width = 3;
        foreach (bool isCausal in new[] { false, true })
        {
            // Keys of zero; values and the output as they are.
            int stride = Dense.Stride(3 * Width), outStride = Dense.Stride(Width);
            float[] parameters = new float[Width * stride + Width * outStride], x = Values.Uniform(Steps * Width, 1);
            for (int i = 0; i < Width; i++)
            {
                parameters[i * stride + i] = 1;
                parameters[i * stride + 2 * Width + i] = 1;
                parameters[Width * stride + i * outStride + i] = 1;
            }
            float[] y = OperationHarness.Predict(new AttentionOperation(Steps, Width, 1, 1, isCausal, false, 0, -1, Width * stride, -1), x, parameters);
            for (int step = 0; step < Steps; step++)
            {
                int visible = isCausal ? step + 1 : Steps;
                for (int i = 0; i < Width; i++)
                    Assert.Equal(Enumerable.Range(0, visible).Average(other => x[other * Width + i]), y[step * Width + i], 1e-6f);
            }
        }
    });

    /// <summary>With rotary positions a score depends on how far two steps are apart, not on where they are.</summary>
    [Fact]
    public void RotaryScoresDependOnDistances()
    {
        const int Steps = 20, Width = 6;
        (float[] cosines, float[] sines) = SimdNet.Kernels.RotaryKernel.Tables(Steps, Width);
        float[] pair = Values.Uniform(2 * Width, 1);
        Assert.Equal(Score(3, 1), Score(19, 17), 1e-5);
        Assert.Equal(Score(0, 5), Score(9, 14), 1e-5);
        Assert.True(Math.Abs(Score(3, 1) - Score(4, 1)) > 1e-3);

        double Score(int query, int key)
        {
            float[] q = pair[..Width], k = pair[Width..];
            SimdNet.Kernels.RotaryKernel.Rotate(q, Width, 1, query, 1, Width, cosines, sines, isBack: false);
            SimdNet.Kernels.RotaryKernel.Rotate(k, Width, 1, key, 1, Width, cosines, sines, isBack: false);
            return q.Zip(k, (a, b) => (double)a * b).Sum();
        }
    }

    /// <summary>What a causal step does not see cannot touch it, not even by way of zero times infinity.</summary>
    [Fact]
    public void NothingComesFromTheFuture() => Realisations.OnEach(_ =>
    {
        var layer = new Layer(50, 8, 2, 1, true, true, true, 1);
        float[] x = Values.Uniform(layer.Operation.InputLength, 2), expected = OperationHarness.Predict(layer.Operation, x, layer.Parameters);
        foreach (int first in new[] { 1, 5, 6, 7, 23, 24, 25, 49 })
        {
            float[] changed = [.. x];
            changed.AsSpan(first * layer.Width).Fill(float.NaN);
            float[] y = OperationHarness.Predict(layer.Operation, changed, layer.Parameters);
            Values.AssertSameBits(expected.AsSpan(0, first * layer.Width), y.AsSpan(0, first * layer.Width));
            Assert.All(y[(first * layer.Width)..], value => Assert.True(float.IsNaN(value)));
        }
    });

    /// <summary>Scores of thousands: softmax takes the largest off first.</summary>
    [Fact]
    public void LargeScoresDoNotOverflow()
    {
        var layer = new Layer(30, 8, 2, 1, false, false, false, 1);
        float[] x = Values.Uniform(layer.Operation.InputLength, 2, 1000);
        (double[] y, _, _) = layer.Exact(x, new float[x.Length]);
        Realisations.OnEach(_ => Values.AssertClose(y, OperationHarness.Predict(layer.Operation, x, layer.Parameters), 1e-2, 1));
    }

    [Fact]
    public void NothingIsTouchedBeyondSpansAndNothingAllocated()
    {
        foreach ((int steps, int headWidth, int groups, int shared) in new[] { (1, 1, 1, 1), (2, 4, 1, 2), (5, 8, 2, 1), (17, 16, 1, 1), (25, 17, 2, 2), (33, 3, 3, 1), (48, 12, 1, 3) })
        {
            foreach (bool isCausal in new[] { false, true })
            {
                var layer = new Layer(steps, headWidth, groups, shared, isCausal, headWidth % 2 == 0, steps % 2 == 0, steps);
                float[] x = Values.Uniform(2 * layer.Operation.InputLength, 1);
                OperationHarness.AssertStaysWithinSpans(layer.Operation, x, layer.Parameters, isCausal ? steps : 0);
                OperationHarness.AssertAllocatesNothing(layer.Operation, x, layer.Parameters, isCausal ? steps : 0);
                OperationHarness.AssertRefusesWrongLengths(layer.Operation, x, layer.Parameters, layer.End);

                // Scratch memory between protected pages as well.
                foreach (bool atEnd in new[] { false, true })
                {
                    var thread = new Thread(() =>
                    {
                        using var guarded = new GuardedNetworks(atEnd);
                        OperationHarness.Train(layer.Operation, x, layer.Parameters, x);
                        OperationHarness.Predict(layer.Operation, x, layer.Parameters);
                        if (isCausal) OperationHarness.AssertStepsAreTheSequence(layer.Operation, steps, x, layer.Parameters);
                    });
                    thread.Start();
                    thread.Join();
                }
            }
        }
    }

    [Fact]
    public void WrongSizesAreRefused()
    {
        Assert.Equal("heads", Refused(4, 6, 4, 1, false));
        Assert.Equal("keyValueHeads", Refused(4, 6, 3, 2, false));
        Assert.Equal("heads", Refused(4, 6, 2, 2, true));
        Assert.NotNull(Refused(0, 6, 2, 2, false));
        var layer = new Layer(2, 4, 1, 1, true, false, true, 1);
        float[] state = new float[layer.Operation.StateLength], one = new float[layer.Width];
        for (int i = 0; i < 2; i++) layer.Operation.Step(one, layer.Parameters, state, one);
        Assert.Contains("2 steps", Assert.Throws<InvalidOperationException>(() => layer.Operation.Step(one, layer.Parameters, state, one)).Message);
        Assert.Equal("state", Assert.Throws<ArgumentException>(() => layer.Operation.Step(one, layer.Parameters, new float[state.Length - 1], one)).ParamName);
        var whole = new Layer(2, 4, 1, 1, false, false, true, 1);
        Assert.Equal(0, whole.Operation.StateLength);
        Assert.Throws<NotSupportedException>(() => whole.Operation.Step(one, whole.Parameters, default, one));

        string? Refused(int steps, int width, int heads, int keyValueHeads, bool isRotary) => Fault(steps, width, heads, keyValueHeads, isRotary).ParamName;

        ArgumentOutOfRangeException Fault(int steps, int width, int heads, int keyValueHeads, bool isRotary) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => new AttentionOperation(steps, width, heads, keyValueHeads, false, isRotary, 0, 0, 0, 0));
    }

    [Fact]
    public void TheReferenceHasTheGradientItClaims()
    {
        foreach ((bool isCausal, bool isRotary) in new[] { (false, false), (true, false), (true, true) })
        {
            const int Steps = 4, Width = 8;
            var reference = new AttentionReference(Steps, Width, 4, 2, isCausal, isRotary);
            double[] x = Values.ToDouble(Values.Uniform(Steps * Width, 1)), weights = Values.ToDouble(Values.Uniform(x.Length, 2)), y = new double[x.Length];
            double[] inWeights = Values.ToDouble(Values.Uniform(Width * reference.Projected, 3)), inBias = Values.ToDouble(Values.Uniform(reference.Projected, 4));
            double[] outWeights = Values.ToDouble(Values.Uniform(Width * Width, 5)), outBias = Values.ToDouble(Values.Uniform(Width, 6));
            double[] dx = new double[x.Length], dInWeights = new double[inWeights.Length], dInBias = new double[inBias.Length];
            double[] dOutWeights = new double[outWeights.Length], dOutBias = new double[outBias.Length];
            reference.Backward<double>(x, inWeights, inBias, outWeights, weights, dx, dInWeights, dInBias, dOutWeights, dOutBias);
            foreach ((double[] at, double[] gradient) in new[] { (x, dx), (inWeights, dInWeights), (inBias, dInBias), (outWeights, dOutWeights), (outBias, dOutBias) })
                OperationHarness.AssertGradient(Loss, at, gradient);

            double Loss()
            {
                reference.Forward<double>(x, inWeights, inBias, outWeights, outBias, y);
                return y.Zip(weights, (value, weight) => value * weight).Sum();
            }
        }
    }

    private static void AssertGradient(double[] expected, ReadOnlySpan<float> actual) =>
        Values.AssertClose(expected, actual, 1e-4, 2e-5 * (1 + expected.Max(Math.Abs)));

    /// <summary>An operation, its parameters as they are stored, behind some of another layer's, and as the reference wants them.</summary>
    private sealed class Layer
    {
        private readonly AttentionReference _reference;
        private readonly bool _hasBias;
        private readonly int _inStride, _outStride;

        public Layer(int steps, int headWidth, int groups, int shared, bool isCausal, bool isRotary, bool hasBias, int seed)
        {
            int heads = groups * shared;
            if (isRotary) headWidth += headWidth % 2;
            (Steps, Width, _hasBias) = (steps, heads * headWidth, hasBias);
            _reference = new AttentionReference(steps, Width, heads, groups, isCausal, isRotary);
            (_inStride, _outStride) = (Dense.Stride(_reference.Projected), Dense.Stride(Width));
            Operation = new AttentionOperation(steps, Width, heads, groups, isCausal, isRotary, First, hasBias ? InBias : -1, OutWeights, hasBias ? OutBias : -1);
            Parameters = new float[OutBias + _outStride];
            float[] values = Values.Uniform(LogicalLength, seed);
            float scale = 2 / MathF.Sqrt(Width);
            Copy(values, Parameters, toStorage: true);
            for (int i = 0; i < Parameters.Length; i++) Parameters[i] *= scale;
            if (!hasBias) Parameters.AsSpan(InBias, _inStride).Clear();
            if (!hasBias) Parameters.AsSpan(OutBias, _outStride).Clear();
        }

        public int Steps { get; }

        public int Width { get; }

        public AttentionOperation Operation { get; }

        public float[] Parameters { get; }

        /// <summary>What the operation needs of the parameters.</summary>
        public int End => _hasBias ? Parameters.Length : OutWeights + Width * _outStride;

        private static int First => 16;

        private int OutWeights => First + Width * _inStride;

        private int InBias => OutWeights + Width * _outStride;

        private int OutBias => InBias + _inStride;

        private int LogicalLength => Width * _reference.Projected + Width * Width + _reference.Projected + Width;

        /// <summary>Input weights, output weights and the biases without padding; only those that the layer has.</summary>
        public float[] Logical(float[] stored)
        {
            var values = new float[LogicalLength];
            Copy(values, stored, toStorage: false);
            return _hasBias ? values : values[..(Width * (_reference.Projected + Width))];
        }

        public void AssertPaddingIsZero(float[] gradients)
        {
            float[] copy = [.. gradients];
            Copy(new float[LogicalLength], copy, toStorage: true);
            int end = _hasBias ? copy.Length : InBias;
            Values.AssertSameBits(new float[end - First], copy.AsSpan(First..end));
        }

        /// <summary>y, dx and the gradients of the logical parameters over a batch.</summary>
        public (double[] Y, double[] InputGradient, double[] Gradients) Exact(float[] x, float[] dy)
        {
            int length = Steps * Width, projected = _reference.Projected;
            var values = new float[LogicalLength];
            Copy(values, Parameters, toStorage: false);
            double[] all = Values.ToDouble(values), y = new double[x.Length], dx = new double[x.Length], sum = new double[all.Length], one = new double[all.Length];
            (Range inWeights, Range outWeights) = (..(Width * projected), (Width * projected)..(Width * (projected + Width)));
            (Range inBias, Range outBias) = ((Width * (projected + Width))..(all.Length - Width), (all.Length - Width)..);
            for (int start = 0; start < x.Length; start += length)
            {
                double[] sample = Values.ToDouble(x)[start..(start + length)], gradient = Values.ToDouble(dy)[start..(start + length)];
                _reference.Forward<double>(sample, all.AsSpan(inWeights), all.AsSpan(inBias), all.AsSpan(outWeights), all.AsSpan(outBias), y.AsSpan(start, length));
                _reference.Backward<double>(
                    sample, all.AsSpan(inWeights), all.AsSpan(inBias), all.AsSpan(outWeights), gradient, dx.AsSpan(start, length),
                    one.AsSpan(inWeights), one.AsSpan(inBias), one.AsSpan(outWeights), one.AsSpan(outBias));
                for (int i = 0; i < sum.Length; i++) sum[i] += one[i];
            }
            return (y, dx, _hasBias ? sum : sum[..outWeights.End.Value]);
        }

        private void Copy(float[] logical, float[] stored, bool toStorage)
        {
            int at = 0, projected = _reference.Projected;
            for (int row = 0; row < Width; row++) Move(First + row * _inStride, projected);
            for (int row = 0; row < Width; row++) Move(OutWeights + row * _outStride, Width);
            Move(InBias, projected);
            Move(OutBias, Width);

            void Move(int place, int count)
            {
                Span<float> outside = logical.AsSpan(at, count), inside = stored.AsSpan(place, count);
                if (toStorage) outside.CopyTo(inside);
                else inside.CopyTo(outside);
                at += count;
            }
        }
    }
}
