using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Kernels;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

/// <summary>LSTM, both kinds of GRU, and simple recurrent layers with both activations.</summary>
public class RecurrentTests
{
    private static readonly Kind[] Kinds = Enum.GetValues<Kind>();

    public enum Kind
    {
        Lstm,
        Gru,
        ResetFirstGru,
        Tanh,
        Relu,
    }

    [Property(MaxTest = 60)]
    public void ForwardIsTheReference(int features, int units, int steps, int batch, int seed)
    {
        PropertyCount.Ran();
        foreach (Kind kind in Kinds)
        {
            Case c = Case.Draw(kind, features, units, steps, Values.Size(batch, 0, 5), seed);
            double[] expected = c.Expected();
            Realisations.OnEach(_ =>
            {
                Values.AssertClose(expected, OperationHarness.Predict(c.Operation, c.X, c.Parameters), 1e-5, 1e-5);
                float[] y = new float[expected.Length], kept = Values.Uniform(c.Operation.KeptLength(c.Batch), 5);
                c.Operation.ForwardTraining(c.X, c.Parameters, y, kept, c.Batch, default);
                Values.AssertSameBits(OperationHarness.Predict(c.Operation, c.X, c.Parameters), y);
            });
        }
    }

    [Property(MaxTest = 50)]
    public void BackwardIsTheReference(int features, int units, int steps, int batch, int seed)
    {
        PropertyCount.Ran();
        foreach (Kind kind in Kinds)
        {
            Case c = Case.Draw(kind, features, units, steps, Values.Size(batch, 1, 5), seed);
            (double[] dx, RecurrentTensors<double> gradients) = c.ExpectedGradients();
            Realisations.OnEach(_ =>
            {
                OperationHarness.Pass pass = OperationHarness.Train(c.Operation, c.X, c.Parameters, c.OutputGradient);
                Values.AssertClose(dx, pass.InputGradient, 1e-4, 3e-5);
                Values.AssertClose(gradients.InputWeights, c.Logical(pass.Gradients, c.InputWeightOffset, c.Features), 1e-4, 1e-4);
                Values.AssertClose(gradients.RecurrentWeights, c.Logical(pass.Gradients, c.RecurrentWeightOffset, c.Units), 1e-4, 1e-4);
                Values.AssertClose(gradients.InputBias, c.Logical(pass.Gradients, c.InputBiasOffset, 1), 1e-4, 1e-4);
                Values.AssertClose(gradients.RecurrentBias, c.Logical(pass.Gradients, c.RecurrentBiasOffset, 1), 1e-4, 1e-4);
                c.AssertPaddingIsZero(pass.Gradients);
            });
            OperationHarness.AssertInputGradientIsOptional(c.Operation, c.X, c.Parameters, c.OutputGradient);
        }
    }

    [Property(MaxTest = 40)]
    public void BitsAreEqual(int features, int units, int steps, int batch, int seed)
    {
        PropertyCount.Ran();
        foreach (Kind kind in Kinds)
        {
            Case c = Case.Draw(kind, features, units, steps, Values.Size(batch, 1, 9), seed);
            OperationHarness.AssertEqualBits(c.Operation, c.X, c.Parameters, c.OutputGradient);
            OperationHarness.AssertSamplesAreIndependent(c.Operation, c.X, c.Parameters, c.OutputGradient);
            c = c with { ReturnsSequences = true, IsReverse = false };
            OperationHarness.AssertStepsAreTheSequence(c.Operation, c.Steps, c.X, c.Parameters);
        }
    }

    /// <summary>Every number of ranges, more than a stack holds, and more steps than are summed at once.</summary>
    [Theory]
    [InlineData(1, 16, 9)]
    [InlineData(1, 20, 9)]
    [InlineData(3, 32, 5)]
    [InlineData(17, 130, 70)]
    [InlineData(40, 300, 20)]
    public void LargerLayersHaveTheBitsOfTheirSteps(int features, int units, int steps)
    {
        foreach (Kind kind in Kinds)
        {
            Case c = new Case(kind, features, units, steps, 2, 7) { ReturnsSequences = true };
            Values.AssertClose(c.Expected(), OperationHarness.Predict(c.Operation, c.X, c.Parameters), 1e-4, 3e-5);
            Realisations.AssertEqualBits(() => OperationHarness.Predict(c.Operation, c.X, c.Parameters));
            OperationHarness.AssertStepsAreTheSequence(c.Operation, steps, c.X, c.Parameters);
            Case more = new(kind, features, units, steps, 37, 7) { ReturnsSequences = true, IsReverse = true };
            float[] y = OperationHarness.Predict(more.Operation, more.X, more.Parameters);
            for (int sample = 0; sample < more.Batch; sample += 12)
            {
                float[] one = [.. more.X.AsSpan(sample * more.Operation.InputLength, more.Operation.InputLength)];
                Values.AssertSameBits(OperationHarness.Predict(more.Operation, one, more.Parameters), y.AsSpan(sample * more.Operation.OutputLength, more.Operation.OutputLength));
            }
        }
    }

    /// <summary>Few steps and many, one row and several, and every kind that is large enough for a copy.</summary>
    [Theory]
    [InlineData(130, 3, 1)]
    [InlineData(131, 20, 3)]
    [InlineData(130, 5, 4)]
    [InlineData(300, 17, 2)]
    public void AFrozenLayerHasTheSameBits(int units, int steps, int batch)
    {
        foreach (Kind kind in Kinds)
        {
            Case c = new(kind, 40, units, steps, batch, 7) { ReturnsSequences = true };
            OperationHarness.AssertFrozenIsTheSame(c.Operation, c.X, c.Parameters);
        }
    }

    [Fact]
    public void TheReferencesHaveTheGradientsTheyClaim()
    {
        foreach (Kind kind in Kinds)
        {
            foreach (bool reverse in new[] { false, true })
            {
                Case c = new(kind, 3, 4, 5, 1, 3) { IsReverse = reverse, ReturnsSequences = true };
                double[] x = Values.ToDouble(c.X), weights = Values.ToDouble(c.OutputGradient), dx = new double[x.Length];
                RecurrentTensors<double> tensors = c.Tensors(), gradients = tensors.Zeros();
                c.ReferenceBackward(x, tensors, weights, dx, gradients);
                GradientCheck.Run(
                    [
                        (x, dx), (tensors.InputWeights, gradients.InputWeights), (tensors.RecurrentWeights, gradients.RecurrentWeights),
                        (tensors.InputBias, gradients.InputBias), (tensors.RecurrentBias, gradients.RecurrentBias),
                    ],
                    () =>
                    {
                        var h = new double[weights.Length];
                        c.ReferenceForward(x, tensors, h);
                        return h.Zip(weights, (a, b) => a * b).Sum();
                    });
            }
        }
    }

    /// <summary>Known values, computed by hand: one unit, one feature, weights and biases all 0.5.</summary>
    [Fact]
    public void OneUnitIsAsWrittenOut()
    {
        double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));
        double gate = Sigmoid(1.5), cell = gate * Math.Tanh(1.5), lstm = gate * Math.Tanh(cell);
        double second = 1.5 + 0.5 * lstm, secondCell = Sigmoid(second) * cell + Sigmoid(second) * Math.Tanh(second);
        AssertAre(Kind.Lstm, lstm, Sigmoid(second) * Math.Tanh(secondCell));
        double gru = (1 - gate) * Math.Tanh(1 + 0.5 * gate), update = Sigmoid(1.5 + 0.5 * gru);
        AssertAre(Kind.Gru, gru, (1 - update) * Math.Tanh(1 + update * (0.5 * gru + 0.5)) + update * gru);
        double original = (1 - gate) * Math.Tanh(1.5), originalUpdate = Sigmoid(1.5 + 0.5 * original);
        AssertAre(Kind.ResetFirstGru, original, (1 - originalUpdate) * Math.Tanh(1.5 + 0.5 * originalUpdate * original) + originalUpdate * original);
        AssertAre(Kind.Tanh, Math.Tanh(1.5), Math.Tanh(1.5 + 0.5 * Math.Tanh(1.5)));
        AssertAre(Kind.Relu, 1.5, 2.25);

        static void AssertAre(Kind kind, params double[] expected)
        {
            Case c = new(kind, 1, 1, 2, 1, 1) { ReturnsSequences = true };
            float[] parameters = [.. c.Parameters.Select(value => value == 0 ? 0 : 0.5f)];
            Values.AssertClose(expected, OperationHarness.Predict(c.Operation, [1, 1], parameters), 1e-6, 1e-6);
        }
    }

    [Fact]
    public void NothingIsTouchedBeyondSpans()
    {
        foreach (Kind kind in Kinds)
        {
            foreach ((int features, int units, int steps, int batch) in new[] { (1, 1, 1, 1), (3, 4, 2, 5), (5, 7, 3, 4), (2, 8, 3, 1), (7, 17, 2, 3), (4, 33, 3, 6), (9, 16, 4, 2), (3, 100, 2, 5) })
            {
                Case c = new(kind, features, units, steps, batch, 3) { ReturnsSequences = true };
                OperationHarness.AssertStaysWithinSpans(c.Operation, c.X, c.Parameters, steps);
                c = c with { ReturnsSequences = false, IsReverse = true };
                OperationHarness.AssertStaysWithinSpans(c.Operation, c.X, c.Parameters);
            }
        }
    }

    [Fact]
    public void NothingIsAllocated()
    {
        foreach (Kind kind in Kinds)
        {
            foreach ((int units, int batch) in new[] { (20, 1), (20, 9), (90, 5), (300, 2) })
            {
                Case c = new(kind, 3, units, 6, batch, 3) { ReturnsSequences = true };
                OperationHarness.AssertAllocatesNothing(c.Operation, c.X, c.Parameters, 6);
            }
        }
    }

    [Fact]
    public void TwoThreadsHaveTheBitsOfOne()
    {
        foreach (Kind kind in Kinds)
        {
            Case c = new(kind, 40, 100, 12, 96, 3) { ReturnsSequences = true };
            Values.AssertSameBits(OnThreads(1), OnThreads(2));

            float[] OnThreads(int threads)
            {
                int before = Hardware.MaxThreads;
                Hardware.MaxThreads = threads;
                try
                {
                    return [.. OperationHarness.Predict(c.Operation, c.X, c.Parameters), .. OperationHarness.Train(c.Operation, c.X, c.Parameters, c.OutputGradient).All];
                }
                finally
                {
                    Hardware.MaxThreads = before;
                }
            }
        }
    }

    /// <summary>NaN in one step stays in the steps from there on, and in its own sample.</summary>
    [Fact]
    public void NotANumberIsNotSwallowed() => Realisations.OnEach(_ =>
    {
        const int Steps = 4, Units = 5, Features = 2;
        foreach (Kind kind in Kinds)
        {
            foreach (int batch in new[] { 2, 6 })
            {
                Case c = new(kind, Features, Units, Steps, batch, 3) { ReturnsSequences = true };
                float[] x = [.. c.X];
                x[(Steps + 2) * Features] = float.NaN;
                float[] y = OperationHarness.Predict(c.Operation, x, c.Parameters);
                for (int i = 0; i < y.Length; i++)
                {
                    int row = i / Units;
                    Assert.True(float.IsNaN(y[i]) == row is Steps + 2 or Steps + 3, $"{kind}, batch {batch}, row {row}: {y[i]}.");
                }
                float[] state = new float[c.Operation.StateLength], one = new float[Units];
                c.Operation.Step(x.AsSpan((Steps + 2) * Features, Features), c.Parameters, state, one);
                c.Operation.Step(x.AsSpan(0, Features), c.Parameters, state, one);
                Assert.All(one, value => Assert.True(float.IsNaN(value)));
            }
        }
    });

    [Fact]
    public void WrongCallsNameTheParameter()
    {
        foreach (Kind kind in Kinds)
        {
            Case c = new(kind, 3, 5, 4, 2, 3);
            OperationHarness.AssertRefusesWrongLengths(c.Operation, c.X, c.Parameters, c.Parameters.Length);
            float[] f(int count) => new float[count];
            int state = c.Operation.StateLength;
            Assert.Equal("x", Assert.Throws<ArgumentException>(() => c.Operation.Step(f(4), c.Parameters, f(state), f(5))).ParamName);
            Assert.Equal("y", Assert.Throws<ArgumentException>(() => c.Operation.Step(f(3), c.Parameters, f(state), f(6))).ParamName);
            Assert.Equal("state", Assert.Throws<ArgumentException>(() => c.Operation.Step(f(3), c.Parameters, f(state - 1), f(5))).ParamName);
            Assert.Equal("parameters", Assert.Throws<ArgumentException>(() => c.Operation.Step(f(3), f(c.Parameters.Length - 1), f(state), f(5))).ParamName);
            Assert.Contains("backwards", Assert.Throws<NotSupportedException>(() => (c with { IsReverse = true }).Operation.Step(f(3), c.Parameters, f(state), f(5))).Message);
            Assert.Equal("units", Assert.Throws<ArgumentOutOfRangeException>(() => (c with { Units = 0 }).Operation).ParamName);
            Assert.Equal("features", Assert.Throws<ArgumentOutOfRangeException>(() => (c with { Features = -1 }).Operation).ParamName);
            Assert.Equal("steps", Assert.Throws<ArgumentOutOfRangeException>(() => (c with { Steps = 0 }).Operation).ParamName);
            Assert.Throws<OverflowException>(() => (c with { Units = 50_000 }).Operation);
        }
        Assert.Equal("activation", Assert.Throws<ArgumentException>(() => new SimpleRnnOperation(1, 1, 1, false, false, Activation.Sigmoid, 0, 0, 0, 0)).ParamName);
    }

    [Theory]
    [InlineData(20, 4, 1)]
    [InlineData(16, 4, 2)]
    [InlineData(16, 3, 2)]
    [InlineData(16, 1, 4)]
    [InlineData(8, 3, 2)]
    [InlineData(7, 3, 1)]
    [InlineData(64, 1, 2)]
    public void TheOrderOfSumsFollowsFromTheShape(int units, int gates, int chains) => Assert.Equal(chains, SumOrder.RecurrentChains(units, gates));

    /// <summary>A layer with parameters behind some that are not its own.</summary>
    private sealed record Case(Kind Kind, int Features, int Units, int Steps, int Batch, int Seed)
    {
        public bool ReturnsSequences { get; init; }

        public bool IsReverse { get; init; }

        public int Gates => Kind switch
        {
            Kind.Lstm => RecurrentLayout.LstmGates,
            Kind.Gru or Kind.ResetFirstGru => RecurrentLayout.GruGates,
            _ => RecurrentLayout.SimpleRnnGates,
        };

        public int InputBiasOffset => 3;

        public int RecurrentBiasOffset => InputBiasOffset + RecurrentLayout.BiasLength(Gates, Units);

        public int InputWeightOffset => RecurrentBiasOffset + RecurrentLayout.BiasLength(Gates, Units);

        public int RecurrentWeightOffset => InputWeightOffset + RecurrentLayout.WeightLength(Gates, Features, Units);

        public int End => RecurrentWeightOffset + RecurrentLayout.WeightLength(Gates, Units, Units);

        public Operation Operation => Kind switch
        {
            Kind.Lstm => new LstmOperation(Features, Units, Steps, ReturnsSequences, IsReverse, InputWeightOffset, RecurrentWeightOffset, InputBiasOffset, RecurrentBiasOffset),
            Kind.Gru or Kind.ResetFirstGru => new GruOperation(
                Features, Units, Steps, ReturnsSequences, IsReverse, Kind == Kind.Gru, InputWeightOffset, RecurrentWeightOffset, InputBiasOffset, RecurrentBiasOffset),
            _ => new SimpleRnnOperation(
                Features, Units, Steps, ReturnsSequences, IsReverse, Kind == Kind.Relu ? Activation.Relu : Activation.Tanh,
                InputWeightOffset, RecurrentWeightOffset, InputBiasOffset, RecurrentBiasOffset),
        };

        public float[] X => Values.Uniform(Batch * Steps * Features, Seed, 2);

        public float[] OutputGradient => Values.Uniform(Batch * Units * (ReturnsSequences ? Steps : 1), Seed + 1);

        /// <summary>Weights of a size that neither dies out nor explodes through time; padding is zero.</summary>
        public float[] Parameters
        {
            get
            {
                var parameters = new float[End];
                RecurrentTensors<double> tensors = Tensors();
                Store(tensors.InputWeights, parameters, InputWeightOffset, Features);
                Store(tensors.RecurrentWeights, parameters, RecurrentWeightOffset, Units);
                Store(tensors.InputBias, parameters, InputBiasOffset, 1);
                Store(tensors.RecurrentBias, parameters, RecurrentBiasOffset, 1);
                return parameters;
            }
        }

        public static Case Draw(Kind kind, int features, int units, int steps, int batch, int seed) =>
            new(kind, Values.Size(features, 1, 20), Values.Size(units, 1, 40), Values.Size(steps, 1, 12), batch, seed)
            {
                ReturnsSequences = (seed & 1) == 0,
                IsReverse = (seed & 2) == 0,
            };

        public RecurrentTensors<double> Tensors()
        {
            var tensors = new RecurrentTensors<double>(Gates, Features, Units);
            Fill(tensors.InputWeights, Seed + 2, Features);
            Fill(tensors.RecurrentWeights, Seed + 3, Units);
            Fill(tensors.InputBias, Seed + 4, 4);
            Fill(tensors.RecurrentBias, Seed + 5, 4);
            return tensors;

            static void Fill(double[] target, int seed, int inputs) => Values.ToDouble(Values.Uniform(target.Length, seed, 1 / MathF.Sqrt(inputs))).CopyTo(target, 0);
        }

        public void ReferenceForward(ReadOnlySpan<double> x, RecurrentTensors<double> tensors, Span<double> h)
        {
            if (Kind == Kind.Lstm) LstmReference.Forward(x, tensors, h, IsReverse);
            else if (Kind is Kind.Gru or Kind.ResetFirstGru) GruReference.Forward(x, tensors, h, IsReverse, Kind == Kind.Gru);
            else SimpleRnnReference.Forward(x, tensors, h, IsReverse, Kind == Kind.Relu);
        }

        public void ReferenceBackward(ReadOnlySpan<double> x, RecurrentTensors<double> tensors, ReadOnlySpan<double> dh, Span<double> dx, RecurrentTensors<double> gradients)
        {
            if (Kind == Kind.Lstm) LstmReference.Backward(x, tensors, dh, dx, gradients, IsReverse);
            else if (Kind is Kind.Gru or Kind.ResetFirstGru) GruReference.Backward(x, tensors, dh, dx, gradients, IsReverse, Kind == Kind.Gru);
            else SimpleRnnReference.Backward(x, tensors, dh, dx, gradients, IsReverse, Kind == Kind.Relu);
        }

        public double[] Expected()
        {
            double[] x = Values.ToDouble(X), h = new double[Batch * Steps * Units];
            RecurrentTensors<double> tensors = Tensors();
            for (int sample = 0; sample < Batch; sample++)
                ReferenceForward(x.AsSpan(sample * Steps * Features, Steps * Features), tensors, h.AsSpan(sample * Steps * Units, Steps * Units));
            if (ReturnsSequences) return h;
            int last = IsReverse ? 0 : Steps - 1;
            return [.. Enumerable.Range(0, Batch).SelectMany(sample => h.Skip((sample * Steps + last) * Units).Take(Units))];
        }

        public (double[] InputGradient, RecurrentTensors<double> Gradients) ExpectedGradients()
        {
            double[] x = Values.ToDouble(X), given = Values.ToDouble(OutputGradient), dx = new double[x.Length];
            RecurrentTensors<double> tensors = Tensors(), gradients = tensors.Zeros();
            int last = IsReverse ? 0 : Steps - 1;
            for (int sample = 0; sample < Batch; sample++)
            {
                var dh = new double[Steps * Units];
                if (ReturnsSequences) given.AsSpan(sample * dh.Length, dh.Length).CopyTo(dh);
                else given.AsSpan(sample * Units, Units).CopyTo(dh.AsSpan(last * Units));
                int begin = sample * Steps * Features;
                ReferenceBackward(x.AsSpan(begin, Steps * Features), tensors, dh, dx.AsSpan(begin, Steps * Features), gradients);
            }
            return (dx, gradients);
        }

        /// <summary>A tensor [gates * units, inputs] out of storage.</summary>
        public float[] Logical(float[] storage, int offset, int inputs)
        {
            var tensor = new float[Gates * Units * inputs];
            for (int i = 0; i < tensor.Length; i++) tensor[i] = storage[Place(offset, i, inputs)];
            return tensor;
        }

        public void AssertPaddingIsZero(float[] gradients)
        {
            var rest = gradients.ToArray();
            foreach ((int offset, int inputs) in new[] { (InputWeightOffset, Features), (RecurrentWeightOffset, Units), (InputBiasOffset, 1), (RecurrentBiasOffset, 1) })
            {
                for (int i = 0; i < Gates * Units * inputs; i++) rest[Place(offset, i, inputs)] = 0;
            }
            Assert.All(rest.Skip(InputBiasOffset), value => Assert.Equal(0, value));
        }

        private void Store(double[] tensor, float[] storage, int offset, int inputs)
        {
            for (int i = 0; i < tensor.Length; i++) storage[Place(offset, i, inputs)] = (float)tensor[i];
        }

        private int Place(int offset, int index, int inputs)
        {
            (int row, int input) = Math.DivRem(index, inputs);
            (int gate, int unit) = Math.DivRem(row, Units);
            return offset + input * RecurrentLayout.InputStride(Gates, Units) + gate * RecurrentLayout.GateStride(Units) + unit;
        }
    }
}
