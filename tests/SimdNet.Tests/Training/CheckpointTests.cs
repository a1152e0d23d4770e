using System.Buffers.Binary;
using System.Text;
using SimdNet.Data;
using SimdNet.Layers;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>A little of everything that training changes or draws: statistics, dropout, parameters with and without decay.</summary>
[Network(3)]
[Dense(20), BatchNorm, Relu]
[Dropout(0.2f)]
[Dense(2), Softmax]
internal sealed partial class ResumedNet;

public sealed class CheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private Action? _batchTrained;

    public static TheoryData<string> Optimizers => ["sgd", "momentum", "adam", "adamw", "own"];

    private string File1 => Path.Combine(_folder, "run.checkpoint");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void ARunGoesOnAsIfItHadNotEnded(string optimizer)
    {
        Trainer<ResumedNet> whole = Make(optimizer), before = Make(optimizer), after = Make(optimizer, networkSeed: 99);
        for (int epoch = 0; epoch < 7; epoch++) whole.Fit(Data(), epochs: 1);

        before.Fit(Data(), epochs: 3);
        before.SaveCheckpoint(File1);
        before.Fit(Data(), epochs: 1);
        after.Fit(Data(), epochs: 2);
        after.LoadCheckpoint(File1);
        Assert.Equal(3, after.Epochs);
        after.Fit(Data(), epochs: 4);

        Assert.Equal(whole.Network.Tensors.SelectMany(tensor => tensor.ToArray()), after.Network.Tensors.SelectMany(tensor => tensor.ToArray()));
    }

    /// <summary>Stopped before the first batch of a call, and in the middle of epochs; a checkpoint in between or none.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AnEpochThatWasStoppedIsGoneOnWith(bool savesCheckpoints)
    {
        Trainer<ResumedNet> whole = Make("adam", Schedule.Cosine, scheduledEpochs: 3), stopped = Make("adam", Schedule.Cosine, scheduledEpochs: 3);
        whole.Fit(Data(), epochs: 3);

        int calls = 0;
        for (; stopped.Epochs < 3; calls++)
        {
            using var source = new CancellationTokenSource();
            int batches = calls % 3;
            if (batches == 0) source.Cancel();
            if (savesCheckpoints && calls > 0)
            {
                stopped = Make("adam", Schedule.Cosine, scheduledEpochs: 3);
                stopped.LoadCheckpoint(File1);
            }
            _batchTrained = () =>
            {
                if (--batches == 0) source.Cancel();
            };
            long before = stopped.Epochs;
            History history = stopped.Fit(Data(), epochs: 2, cancellationToken: source.Token);
            Assert.True(history.WasCancelled);
            Assert.Equal(before + history.Epochs.Count, stopped.Epochs);
            if (savesCheckpoints) stopped.SaveCheckpoint(File1);
        }
        Assert.True(calls > 8);
        Assert.Equal(whole.Network.Tensors.SelectMany(tensor => tensor.ToArray()), stopped.Network.Tensors.SelectMany(tensor => tensor.ToArray()));
    }

    [Fact]
    public void AnOptimizerKeepsToItsNetwork()
    {
        ResumedNet first = new(1), second = new(2);
        var adam = new Adam();
        new Trainer<ResumedNet>(first, Loss.CrossEntropy, adam).Fit(Data());
        var other = new Trainer<ResumedNet>(second, Loss.CrossEntropy, adam);
        Assert.Contains("make one for each network", Assert.Throws<InvalidOperationException>(() => other.Fit(Data())).Message);
        Assert.Equal(0, other.Epochs);
        new Trainer<ResumedNet>(first, Loss.CrossEntropy, adam).Fit(Data());
        adam.Reset();
        other.Fit(Data());

        var plain = new Sgd(0.1f);
        new Trainer<ResumedNet>(first, Loss.CrossEntropy, plain).Fit(Data());
        new Trainer<ResumedNet>(second, Loss.CrossEntropy, plain).Fit(Data());
    }

    [Fact]
    public void AScheduleRunsOverAllCallsWhereItIsToldHowManyEpochsTheyHave()
    {
        Trainer<ResumedNet> whole = Make("adam", Schedule.Cosine), parts = Make("adam", Schedule.Cosine, scheduledEpochs: 6), resumed = Make("adam", Schedule.Cosine, scheduledEpochs: 6);
        History history = whole.Fit(Data(), epochs: 6);
        List<float> rates = [parts.Fit(Data(), epochs: 1).Epochs[0].LearningRate, .. parts.Fit(Data(), epochs: 2).Epochs.Select(epoch => epoch.LearningRate)];
        parts.SaveCheckpoint(File1);
        resumed.LoadCheckpoint(File1);
        rates.AddRange(resumed.Fit(Data(), epochs: 3).Epochs.Select(epoch => epoch.LearningRate));
        Assert.Equal(history.Epochs.Select(epoch => epoch.LearningRate), rates);
        Assert.Equal(whole.Network.Parameters, resumed.Network.Parameters);

        Assert.Equal(rates[^1], resumed.Fit(Data(), epochs: 1).Epochs[0].LearningRate);
        Assert.Throws<ArgumentOutOfRangeException>(() => Make("adam", scheduledEpochs: 0));
    }

    [Fact]
    public void TheLearningRateIsTheOptimizersOwnAlsoWhileAScheduleRuns()
    {
        Trainer<ResumedNet> trainer = Make("adam", Schedule.Cosine), resumed = Make("adam");
        trainer.Fit(Data(), epochs: 2, progress: new Told(progress =>
        {
            if (progress is { Completed: not null, Epoch: 1 }) trainer.SaveCheckpoint(File1);
        }));
        resumed.LoadCheckpoint(File1);
        Assert.Equal(1, resumed.Epochs);
        Assert.Equal(0.01f, resumed.Fit(Data(), epochs: 1).Epochs[0].LearningRate);
    }

    [Fact]
    public void BeforeTheFirstStepThereIsNothingOfTheOptimizers()
    {
        Trainer<ResumedNet> fresh = Make("adam"), other = Make("adam", networkSeed: 5);
        fresh.SaveCheckpoint(File1);
        other.Fit(Data(), epochs: 2);
        other.LoadCheckpoint(File1);
        Assert.Equal(0, other.Epochs);
        fresh.Fit(Data(), epochs: 2);
        other.Fit(Data(), epochs: 2);
        Assert.Equal(fresh.Network.Parameters, other.Network.Parameters);
    }

    [Fact]
    public void WhatDoesNotFitIsRefusedAndChangesNothing()
    {
        Trainer<ResumedNet> written = Make("adam"), trainer = Make("adam", networkSeed: 5);
        written.Fit(Data(), epochs: 1);
        written.SaveCheckpoint(File1);
        trainer.Fit(Data(), epochs: 1);
        float[] before = trainer.Network.Parameters.ToArray();

        Assert.Contains("with Adam, but this one has Sgd", Refused(Make("momentum")));
        Assert.Contains("the seed 8", Refused(new Trainer<ResumedNet>(new ResumedNet(1), Loss.CrossEntropy, new Adam())));
        Assert.Contains("dense1.weight has shape [20, 3]", Refused(new Trainer<RingNet>(new RingNet(1), Loss.CrossEntropy, new Adam()) { Seed = 8 }));

        trainer.Network.Save(File1);
        Assert.Contains("ResumedNet.Load reads it", Refused(trainer));

        written.SaveCheckpoint(File1);
        Assert.Contains("which a trainer's LoadCheckpoint reads", Assert.Throws<InvalidDataException>(() => ResumedNet.Load(File1)).Message);
        byte[] bytes = File.ReadAllBytes(File1);
        string text = Encoding.Latin1.GetString(bytes);
        foreach ((string from, string to) in new[] { ("epochs\\u0022:1", "epochs\\u0022:-"), ("samples\\u0022:61", "samples\\u0022:-1"), ("done\\u0022:-1", "done\\u0022:61"), ("done\\u0022:-1", "done\\u0022:-2"), ("ordered_since\\u0022:0", "ordered_since\\u0022:9"), ("version\\u0022:1", "version\\u0022:2"), ("first_moment", "first_nonsens") })
        {
            Assert.Contains(from, text);
            File.WriteAllBytes(File1, Encoding.Latin1.GetBytes(text.Replace(from, to)));
            Refused(trainer);
        }
        for (int length = 0; length < bytes.Length; length += 97)
        {
            File.WriteAllBytes(File1, bytes[..length]);
            Refused(trainer);
        }
        BinaryPrimitives.WriteInt64LittleEndian(bytes, long.MaxValue);
        File.WriteAllBytes(File1, bytes);
        Refused(trainer);
        Assert.Equal(before, trainer.Network.Parameters.ToArray());
        Assert.Equal(1, trainer.Epochs);
    }

    private string Refused<TNetwork>(Trainer<TNetwork> trainer) where TNetwork : class, INetwork => Assert.Throws<InvalidDataException>(() => trainer.LoadCheckpoint(File1)).Message;

    private Trainer<ResumedNet> Make(string optimizer, Schedule? schedule = null, ulong networkSeed = 1, int? scheduledEpochs = null) =>
        new(new ResumedNet(networkSeed), Loss.CrossEntropy, optimizer switch
        {
            "sgd" => new Sgd(0.05f),
            "momentum" => new Sgd(0.05f, momentum: 0.9f, weightDecay: 0.01f),
            "adam" => new Adam(0.01f),
            "adamw" => new AdamW(0.01f),
            _ => new RunningMean(),
        })
        {
            BatchSize = 16,
            Seed = 8,
            Schedule = schedule ?? Schedule.Constant,
            ScheduledEpochs = scheduledEpochs,
            Augment = (inputs, _, random) =>
            {
                inputs[random.Next(inputs.Length)] += 0.1f;
                _batchTrained?.Invoke();
            },
        };

    /// <summary>61 samples: the last batch is a short one.</summary>
    private static DataSet Data()
    {
        float[] inputs = Values.Uniform(61 * 3, 4);
        return DataSet.FromClasses(inputs, 3, [.. Enumerable.Range(0, 61).Select(i => inputs[3 * i] * inputs[3 * i + 1] > 0 ? 1 : 0)]);
    }

    private sealed class Told(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }

    /// <summary>An optimizer of one's own: it goes along the mean of all gradients.</summary>
    private sealed class RunningMean() : Optimizer(0.5f, 0)
    {
        private float[] _sum = [];

        protected internal override IReadOnlyList<string> StateNames => ["sum"];

        protected internal override Span<float> State(string name) => _sum;

        protected override void CreateState(int length) => _sum = new float[length];

        protected override void UpdateAll(Span<float> parameters, ReadOnlySpan<float> gradients, int decayedLength)
        {
            for (int i = 0; i < parameters.Length; i++)
            {
                _sum[i] += gradients[i];
                parameters[i] -= LearningRate * _sum[i] / Steps;
            }
        }
    }
}
