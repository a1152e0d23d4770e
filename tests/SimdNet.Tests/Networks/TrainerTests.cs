using SimdNet.Data;
using SimdNet.Layers;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Two inputs, two classes that a straight line does not part.</summary>
[Network(2)]
[Dense(16), Tanh]
[Dropout(0.1f)]
[Dense(2), Softmax]
internal sealed partial class RingNet;

/// <summary>A curve.</summary>
[Network(1)]
[Dense(24), Tanh]
[Dense(1)]
internal sealed partial class CurveNet;

/// <summary>One probability.</summary>
[Network(2)]
[Dense(16), LeakyRelu]
[Dense(1), Sigmoid]
internal sealed partial class SideNet;

/// <summary>A hidden layer that is normalised over the batch.</summary>
[Network(2)]
[Dense(8)]
[BatchNorm, Relu]
[Dense(2), Softmax]
internal sealed partial class NormalizedRingNet;

public sealed class TrainerTests
{
    [Fact]
    public void ClassesAreLearned()
    {
        var network = new RingNet(seed: 3);
        (DataSet train, DataSet validation) = Ring().Split(0.8, 1);
        var trainer = new Trainer<RingNet>(network, Loss.CrossEntropy, new Adam(0.03f)) { BatchSize = 30, Seed = 4, Schedule = Schedule.Cosine };
        History history = trainer.Fit(train, validation, epochs: 200);
        Assert.Equal(200, history.Epochs.Count);
        Assert.False(history.WasCancelled);
        Assert.True(history.Epochs[^1].Validation!.Accuracy > 0.9, $"{history.Epochs[^1]}");
        Assert.True(history.Epochs[^1].Training.Loss < history.Epochs[0].Training.Loss / 2, $"{history.Epochs[0]} {history.Epochs[^1]}");
        Assert.Equal(history.Epochs[^1].Validation, trainer.Evaluate(validation));
        Assert.Null(history.Epochs[^1].Validation!.MeanAbsoluteError);
        Assert.True(history.Epochs[^1].LearningRate < 1e-4f);
    }

    [Fact]
    public void ACurveIsLearned()
    {
        float[] x = [.. Enumerable.Range(0, 200).Select(i => i / 100f - 1)], y = [.. x.Select(value => MathF.Sin(3 * value))];
        var trainer = new Trainer<CurveNet>(new CurveNet(seed: 3), Loss.MeanSquaredError, new Adam(0.03f)) { BatchSize = 20, Schedule = Schedule.Cosine };
        Metrics metrics = trainer.Fit(DataSet.FromTargets(x, 1, y, 1), epochs: 300).Epochs[^1].Training;
        Assert.True(metrics.MeanAbsoluteError < 0.05, $"{metrics}");
        Assert.Null(metrics.Accuracy);
    }

    [Fact]
    public void AProbabilityIsLearned()
    {
        DataSet ring = Ring();
        var set = DataSet.FromTargets(ring.Inputs.ToArray(), 2, [.. ring.Classes.ToArray().Select(label => (float)label)], 1);
        var trainer = new Trainer<SideNet>(new SideNet(seed: 3), Loss.BinaryCrossEntropy, new AdamW(0.02f));
        Assert.True(trainer.Fit(set, epochs: 60).Epochs[^1].Training.Accuracy > 0.93);
    }

    [Fact]
    public void ClassesAreTheSameAsOneHotTargetsForMetrics()
    {
        DataSet ring = Ring();
        var targets = DataSet.FromTargets(ring.Inputs.ToArray(), 2, [.. ring.Classes.ToArray().SelectMany(label => label == 0 ? new[] { 1f, 0f } : [0f, 1f])], 2);
        var trainer = new Trainer<RingNet>(new RingNet(seed: 9), Loss.CrossEntropy, new Adam());
        Metrics fromClasses = trainer.Evaluate(ring), fromTargets = trainer.Evaluate(targets);
        Assert.Equal(fromClasses.Accuracy, fromTargets.Accuracy);
        Assert.Equal(fromClasses.Loss, fromTargets.Loss, 1e-6);
    }

    [Fact]
    public void TheMeanOfAWeightedLossDoesNotDependOnBatches()
    {
        Metrics Evaluate(int batchSize) => new Trainer<RingNet>(new RingNet(seed: 9), Loss.WeightedCrossEntropy(1, 7), new Adam()) { BatchSize = batchSize }.Evaluate(Ring());
        Assert.Equal(Evaluate(500).Loss, Evaluate(7).Loss, 1e-6);
    }

    [Fact]
    public void AWarmUpGrowsAndThenTheScheduleRunsOverWhatIsLeft()
    {
        Schedule schedule = Schedule.Cosine.AfterWarmUp(4);
        Assert.Equal([0.25f, 0.5f, 0.75f, 1f, 1f], Enumerable.Range(0, 5).Select(step => schedule.Factor(step, 10)));
        for (int step = 4; step < 10; step++) Assert.Equal(Schedule.Cosine.Factor(step - 4, 6), schedule.Factor(step, 10));
        Assert.Equal(1 / 7f, Schedule.Constant.AfterWarmUp(7).Factor(0, 3));
        Assert.Equal(0.5f, Schedule.Cosine.AfterWarmUp(0).Factor(5, 10), 1e-6f);
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Cosine.AfterWarmUp(-1));

        // The trainer asks for every step of the run, from the first.
        var network = new CurveNet(seed: 1);
        var set = DataSet.FromTargets([0f, 1, 2, 3], 1, [0f, 1, 2, 3], 1);
        History history = new Trainer<CurveNet>(network, Loss.MeanSquaredError, new Sgd(0.01f)) { BatchSize = 1, Schedule = Schedule.Constant.AfterWarmUp(8) }.Fit(set, epochs: 3);
        Assert.Equal([0.005f, 0.01f, 0.01f], history.Epochs.Select(epoch => epoch.LearningRate));
    }

    [Fact]
    public void OneSeedReproducesARunToTheLastBit()
    {
        float[] first = Train(7), second = Train(7), other = Train(8);
        Values.AssertSameBits(first, second);
        Assert.NotEqual(first, other);

        static float[] Train(ulong seed)
        {
            var network = new RingNet(seed);
            new Trainer<RingNet>(network, Loss.CrossEntropy, new Adam())
            {
                Seed = seed,
                Augment = (inputs, _, random) =>
                {
                    foreach (ref float value in inputs) value += 0.01f * random.NextSingle();
                },
            }.Fit(Ring(), epochs: 3);
            return network.Parameters.ToArray();
        }
    }

    [Fact]
    public void CancellationLeavesAUsableNetwork()
    {
        using var source = new CancellationTokenSource();
        var network = new RingNet(seed: 1);
        var reports = new List<TrainingProgress>();
        History history = new Trainer<RingNet>(network, Loss.CrossEntropy, new Adam()).Fit(Ring(), epochs: 100, progress: new Progress(report =>
        {
            reports.Add(report);
            if (report.Completed?.Epoch == 3) source.Cancel();
        }), cancellationToken: source.Token);
        Assert.True(history.WasCancelled);
        Assert.Equal(3, history.Epochs.Count);
        var output = new float[2];
        network.Forward([0.1f, 0.2f], output);
        Assert.Equal(1, output[0] + output[1], 1e-5);
        Assert.Equal([1, 2, 3], reports.Where(report => report.Completed is not null).Select(report => report.Epoch));
    }

    [Fact]
    public void NaNStopsTheRunAndSaysWhere()
    {
        var network = new RingNet(seed: 1);
        DataSet set = DataSet.FromClasses(Values.Uniform(200, 1), 2, new int[100]);
        int batches = 0;
        var trainer = new Trainer<RingNet>(network, Loss.CrossEntropy, new Adam()) { BatchSize = 10, Augment = (inputs, _, _) => inputs[0] = ++batches == 14 ? float.NaN : inputs[0] };
        var stopped = Assert.Throws<TrainingDivergedException>(() => trainer.Fit(set, epochs: 2));
        Assert.Equal((2, 4), (stopped.Epoch, stopped.Batch));
        Assert.Contains("epoch 2, batch 4", stopped.Message);
        Assert.DoesNotContain(network.Parameters.ToArray(), float.IsNaN);
    }

    [Fact]
    public void ZeroWeightsOfSeveralLayersAreRefused()
    {
        var trainer = new Trainer<RingNet>(new RingNet(), Loss.CrossEntropy, new Adam());
        Assert.Contains("new RingNet(seed: 1)", Assert.Throws<InvalidOperationException>(() => trainer.Fit(Ring())).Message);

        // One layer learns from zero as from anywhere.
        Network line = Network.Create([2], x => x.Dense(2));
        Assert.True(new Trainer<Network>(line, Loss.CrossEntropy, new Adam(0.1f)).Fit(Ring(), epochs: 2).Epochs[1].Training.Loss < 0.7);
    }

    [Fact]
    public void ParametersThatBecomeInfiniteStopTheRun()
    {
        Network network = Network.Create([1], x => x.Dense(1));
        TrainingDivergedException diverged = Assert.Throws<TrainingDivergedException>(() =>
            new Trainer<Network>(network, Loss.MeanSquaredError, new Sgd(1e-3f)).Fit(DataSet.FromTargets([1e30f], 1, [1e12f], 1)));
        Assert.Contains("Parameters became NaN or infinite in epoch 1", diverged.Message);
    }

    [Fact]
    public void TwoResultsAreLearnedTogether()
    {
        Network network = Network.CreateGraph([[2]], inputs =>
        {
            Layers.Node hidden = inputs[0].Dense(16).Tanh();
            return [hidden.Dense(2), hidden.Dense(1)];
        }, seed: 3);
        DataSet ring = Ring();
        float[] targets = [.. Enumerable.Range(0, ring.Count).SelectMany(i => new[] { 1 - ring.Classes[i], ring.Classes[i], ring.Input(i)[0] * ring.Input(i)[1] })];
        DataSet train = DataSet.FromTargets(ring.Inputs.ToArray(), 2, targets, 3);
        var trainer = new Trainer<Network>(network, Loss.PerResult(new(Loss.CrossEntropy, 2), new(Loss.MeanSquaredError, 1, 2)), new Adam(0.03f));
        Metrics metrics = trainer.Fit(train, epochs: 60).Epochs[^1].Training;
        Assert.True(metrics is { Loss: < 0.25, Accuracy: null, MeanAbsoluteError: null }, $"{metrics}");
    }

    /// <summary>A loss of one's own that reads a sigmoid's logits takes the classes 0 and 1, as the library's does.</summary>
    [Fact]
    public void ALossOfOnesOwnTakesTwoClassesFromOneOutput()
    {
        var network = new SideNet(seed: 1);
        History history = new Trainer<SideNet>(network, new Hinge(), new Adam(0.02f)).Fit(Ring(), epochs: 30);
        Assert.True(history.Epochs[^1].Training.Accuracy > 0.85, $"{history.Epochs[^1]}");
    }

    [Fact]
    public void GradientsTooLargeForTheSquaresOfFloatsAreShortenedToo()
    {
        Network network = Network.Create([1], x => x.Dense(1), seed: 1);
        float before = network.Parameters[0];
        TrainingPass pass = network.CreateTrainingPass(1);
        pass.MaxGradientNorm = 1;
        pass.Step([1e20f], [3e20f], Loss.MeanAbsoluteError, new Sgd(0.125f));
        Assert.Equal(before + 0.125f, network.Parameters[0], 1e-5f);
    }

    [Fact]
    public void RunningStatisticsThatAreNoNumbersStopARun()
    {
        Network network = Network.Create([1], x => x.BatchNorm().Dense(1), seed: 1);
        DataSet data = DataSet.FromTargets([2e19f, -2e19f, 1, 2], 1, [0, 0, 1, 1], 1);
        Assert.Throws<TrainingDivergedException>(() => new Trainer<Network>(network, Loss.MeanSquaredError, new Adam()).Fit(data, epochs: 2));
    }

    /// <summary>A step with a largest norm is the one of a loop that shortens gradients itself, whatever the optimizer and the width.</summary>
    [Theory]
    [InlineData(1, 0.01f)]
    [InlineData(9, 0.01f)]
    [InlineData(9, 1e6f)]
    public void GradientsAreShortenedToTheLargestNorm(int batch, float most)
    {
        float[] inputs = Values.Uniform(batch * 2, 1), targets = Values.Uniform(batch, 2);
        float[] Parameters(bool byHand)
        {
            var network = new SideNet(seed: 3);
            TrainingPass pass = network.CreateTrainingPass(batch);
            var optimizer = new Adam(0.01f);
            if (!byHand) pass.MaxGradientNorm = most;
            for (int step = 0; step < 3; step++)
            {
                if (!byHand)
                {
                    pass.Step(inputs, targets, Loss.MeanSquaredError, optimizer);
                    continue;
                }
                pass.Forward(inputs);
                pass.BackwardLoss(Loss.MeanSquaredError, targets);
                double norm = Math.Sqrt(pass.Gradients.ToArray().Sum(gradient => (double)gradient * gradient));
                if (norm > most)
                {
                    foreach (ref float gradient in pass.Gradients) gradient *= (float)(most / norm);
                }
                optimizer.Update(network.Parameters, pass.Gradients, network.DecayedLength);
            }
            return network.Parameters.ToArray();
        }
        Values.AssertClose(Values.ToDouble(Parameters(byHand: true)), Parameters(byHand: false), 1e-5, 1e-6);
        Realisations.AssertEqualBits(() => Parameters(byHand: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SideNet().CreateTrainingPass(1).MaxGradientNorm = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer<SideNet>(new SideNet(1), Loss.MeanSquaredError, new Adam()) { MaxGradientNorm = float.NaN });
    }

    /// <summary>A step that was refused, or an evaluation, has kept nothing that one could go back from.</summary>
    [Fact]
    public void AfterARefusedBatchThereIsNoWayBack()
    {
        TrainingPass pass = Network.Create([2], x => x.Dense(3).Tanh().Dense(1), seed: 1).CreateTrainingPass(2);
        pass.Forward([1, 2]);
        Assert.Throws<ArgumentException>(() => pass.Step([3, 4], new float[5], Loss.MeanSquaredError, new Sgd(0.1f)));
        Assert.Throws<InvalidOperationException>(() => pass.Backward([1]));
        pass.Forward([1, 2]);
        Assert.Throws<ArgumentException>(() => pass.Evaluate([3, 4], new float[5], Loss.MeanSquaredError));
        Assert.Throws<InvalidOperationException>(() => pass.BackwardLoss(Loss.MeanSquaredError, [1f]));
    }

    /// <summary>The gradient of the input may take another walk through the layers, after which clipped gradients are clipped still.</summary>
    [Fact]
    public void AskingForInputGradientsKeepsTheOthers()
    {
        foreach (Network network in new[] { Network.Create([1, 4, 4], x => x.Conv2D(2, 3).Flatten().Dense(1), seed: 1), Network.Create([16], x => x.Dense(4).Tanh().Dense(1), seed: 1) })
        {
            TrainingPass pass = network.CreateTrainingPass(2), untouched = network.CreateTrainingPass(2);
            foreach (TrainingPass one in new[] { pass, untouched })
            {
                one.Forward(Values.Uniform(32, 3));
                one.BackwardLoss(Loss.MeanSquaredError, [1f, 2f]);
            }
            foreach (ref float gradient in pass.Gradients) gradient *= 0.5f;
            float[] clipped = pass.Gradients.ToArray();
            Assert.Contains(clipped, gradient => gradient != 0);
            Assert.Equal(untouched.InputGradients, pass.InputGradients);
            Assert.Equal(clipped, pass.Gradients.ToArray());
        }
    }

    [Fact]
    public void AStepThatTheOptimizerRefusesChangesNoStatistics()
    {
        var network = new NormalizedRingNet(seed: 1);
        var adam = new Adam();
        adam.Update(new float[7], new float[7]);
        float[] before = [.. network.Tensors.SelectMany(tensor => tensor.ToArray())];
        Assert.Throws<ArgumentException>(() => network.CreateTrainingPass(4).Step(Values.Uniform(8, 1), new[] { 0, 1, 0, 1 }, Loss.CrossEntropy, adam));
        Assert.Equal(before, network.Tensors.SelectMany(tensor => tensor.ToArray()));
    }

    [Fact]
    public void ABatchThatIsRefusedChangesNoStatistics()
    {
        var network = new NormalizedRingNet(seed: 1);
        TrainingPass pass = network.CreateTrainingPass(10);
        var optimizer = new Adam();
        pass.Step(Values.Uniform(20, 1), new int[10], Loss.CrossEntropy, optimizer);
        float[] before = State();
        float[] input = Values.Uniform(20, 2);
        Assert.Throws<ArgumentException>(() => pass.Step(input, new int[9], Loss.CrossEntropy, optimizer));
        Assert.Throws<ArgumentException>(() => pass.Step(input, [9, 0, 0, 0, 0, 0, 0, 0, 0, 0], Loss.CrossEntropy, optimizer));
        input[3] = float.NaN;
        Assert.False(float.IsFinite(pass.Step(input, new int[10], Loss.CrossEntropy, optimizer)));
        Assert.Equal(before, State());
        input[3] = 0;
        pass.Step(input, new int[10], Loss.CrossEntropy, optimizer);
        Assert.NotEqual(before, State());

        float[] State() => [.. network.Tensors.SelectMany(tensor => tensor.ToArray())];
    }

    [Theory]
    [InlineData(33, 32)]
    [InlineData(7, 2)]
    [InlineData(3, 2)]
    public void ASingleSampleLeftOverJoinsTheBatchBeforeIt(int samples, int batchSize)
    {
        var sizes = new List<int>();
        DataSet set = DataSet.FromClasses(Values.Uniform(2 * samples, 1), 2, new int[samples]);
        var trainer = new Trainer<NormalizedRingNet>(new NormalizedRingNet(seed: 1), Loss.CrossEntropy, new Adam())
        {
            BatchSize = batchSize,
            Augment = (inputs, size, _) => sizes.Add(inputs.Length / size),
        };
        EpochResult epoch = trainer.Fit(set, set, epochs: 2).Epochs[^1];
        Assert.True(double.IsFinite(epoch.Training.Loss) && double.IsFinite(epoch.Validation!.Loss));
        Assert.Equal(2 * samples, sizes.Sum());
        Assert.DoesNotContain(1, sizes);
    }

    [Fact]
    public void ASecondFitGoesOn()
    {
        DataSet ring = Ring();
        Trainer<RingNet> once = Create(), twice = Create();
        once.Fit(ring, epochs: 3);
        for (int epoch = 0; epoch < 3; epoch++) twice.Fit(ring, epochs: 1);
        Assert.Equal(once.Network.Parameters.ToArray(), twice.Network.Parameters.ToArray());

        static Trainer<RingNet> Create() => new(new RingNet(seed: 1), Loss.CrossEntropy, new Adam())
        {
            Augment = (inputs, _, random) => inputs[0] += random.NextSingle(),
        };
    }

    [Fact]
    public void APassHasItsOutputsAfterAStep()
    {
        var network = new SideNet(seed: 1);
        float[] input = Values.Uniform(8, 1), expected = new float[4];
        network.Forward(input, expected);
        TrainingPass pass = network.CreateTrainingPass(4);
        Assert.True(pass.Outputs.IsEmpty);
        pass.Step(input, [1f, 0, 1, 0], Loss.BinaryCrossEntropy, new Sgd(0.1f));
        Assert.Equal(expected, pass.Outputs.ToArray());
        pass.Evaluate(input[..4], [1f, 0], Loss.BinaryCrossEntropy);
        Assert.NotEqual(expected[..2], pass.Outputs.ToArray());
    }

    [Fact]
    public void WhatIsNoNumberIsToldBeforeTraining()
    {
        var trainer = new Trainer<RingNet>(new RingNet(1), Loss.CrossEntropy, new Adam());
        float[] inputs = Values.Uniform(200, 1), targets = Values.Uniform(200, 2);
        (inputs[57 * 2 + 1], targets[9]) = (float.NaN, float.NegativeInfinity);
        ArgumentException unknown = Assert.Throws<ArgumentException>(() => trainer.Fit(DataSet.FromClasses(inputs, 2, new int[100])));
        Assert.Contains("Sample 57 has NaN for input 1", unknown.Message);
        unknown = Assert.Throws<ArgumentException>(() => trainer.Evaluate(DataSet.FromTargets(Values.Uniform(200, 1), 2, targets, 2)));
        Assert.Contains("Sample 4 has", unknown.Message);
        Assert.Contains("for target 1", unknown.Message);
    }

    [Fact]
    public void WrongDataIsToldBeforeTraining()
    {
        var trainer = new Trainer<RingNet>(new RingNet(1), Loss.CrossEntropy, new Adam());
        Assert.Contains("have 3 inputs, but the network takes 2", Assert.Throws<ArgumentException>(() => trainer.Fit(DataSet.FromClasses(new float[3], 3, [0]))).Message);
        Assert.Contains("class 2", Assert.Throws<ArgumentException>(() => trainer.Fit(DataSet.FromClasses(new float[2], 2, [2]))).Message);
        Assert.Contains("3 targets", Assert.Throws<ArgumentException>(() => trainer.Fit(DataSet.FromTargets(new float[2], 2, new float[3], 3))).Message);
        Assert.Contains("no samples", Assert.Throws<ArgumentException>(() => trainer.Fit(DataSet.FromClasses([], 2, []))).Message);
        DataSet classes = DataSet.FromClasses(new float[2], 2, [0]), targets = DataSet.FromTargets(new float[2], 2, new float[2], 2);
        Assert.Equal("validation", Assert.Throws<ArgumentException>(() => trainer.Fit(classes, targets)).ParamName);
        Assert.Contains("takes probabilities", Assert.Throws<ArgumentException>(() => trainer.Fit(DataSet.FromTargets(new float[2], 2, [1, 2], 2))).Message);
        Network inner = Network.Create([2], x => x.Dense(3).Sigmoid().Flatten(), seed: 1), several = Network.CreateGraph([[2]], x => [x[0].Dense(1).Sigmoid(), x[0].Dense(2).Sigmoid()], seed: 1);
        foreach (Network network in new[] { inner, several })
        {
            Assert.Equal(OutputActivation.InnerSigmoid, network.OutputActivation);
            DataSet set = DataSet.FromTargets(new float[2], 2, new float[3], 3);
            Assert.Contains("is not its last layer", Assert.Throws<InvalidOperationException>(() => new Trainer<Network>(network, Loss.BinaryCrossEntropy, new Adam()).Fit(set)).Message);
            Assert.True(double.IsFinite(new Trainer<Network>(network, Loss.MeanSquaredError, new Adam()).Fit(set).Epochs[0].Training.Loss));
        }
        Assert.Contains("SNET1022", Assert.Throws<ArgumentException>(() => Network.Create([2], x => { x.Relu(); return x.Dense(2); }, seed: 1)).Message);
        Loss unfit = Loss.BinaryCrossEntropy; // In place the analyzer would refuse it.
        var wrongLoss = new Trainer<RingNet>(new RingNet(1), unfit, new Adam());
        Assert.Contains("ends in Softmax", Assert.Throws<InvalidOperationException>(() => wrongLoss.Fit(DataSet.FromTargets(new float[2], 2, new float[2], 2))).Message);
    }

    /// <summary>Points in a square, and whether they lie within a circle.</summary>
    private static DataSet Ring()
    {
        float[] points = Values.Uniform(1000, 2);
        return DataSet.FromClasses(points, 2, [.. Enumerable.Range(0, 500).Select(i => points[2 * i] * points[2 * i] + points[2 * i + 1] * points[2 * i + 1] < 0.5f ? 1 : 0)]);
    }

    /// <summary><c>max(0, 1 - s z)</c> for s of -1 and 1.</summary>
    private sealed class Hinge : Loss
    {
        public override string Name => "Hinge";

        public override OutputActivation FusedWith => OutputActivation.Sigmoid;

        public override float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, int outputSize, Span<float> gradient) => throw new NotSupportedException();

        public override float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<int> classes, int outputSize, Span<float> gradient)
        {
            float sum = 0;
            for (int i = 0; i < outputs.Length; i++)
            {
                float side = 2 * classes[i] - 1, lack = 1 - side * outputs[i];
                sum += Math.Max(0, lack);
                gradient[i] = lack > 0 ? -side / outputs.Length : 0;
            }
            return sum / outputs.Length;
        }
    }

    private sealed class Progress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
