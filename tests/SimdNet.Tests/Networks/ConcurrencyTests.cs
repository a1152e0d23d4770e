using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>One network, many threads: each result is compared with what a single thread computed.</summary>
public class ConcurrencyTests
{
    private const int Threads = 16, Inputs = 64;

    [Fact]
    public void PredictionIsTheSameOnManyThreadsWhileAnotherTrains()
    {
        INetwork[] networks = [new TinyNet(1), new CurveNet(2), new MixedNet(3)];
        int[] callsOfThread = [40_000, 20_000, 2_600];
        int[] batches = [1, 1, 3];
        long calls = 0;
        foreach (((INetwork network, int count), int batch) in networks.Zip(callsOfThread).Zip(batches))
        {
            float[] x = Values.Uniform(Inputs * batch * network.InputSize, 1), expected = new float[Inputs * batch * network.OutputSize];
            for (int i = 0; i < Inputs; i++) network.Forward(Part(x, i, batch * network.InputSize), Part(expected, i, batch * network.OutputSize));

            int different = 0;
            using var stop = new CancellationTokenSource();
            var training = new Thread(() => TrainAClone(network, stop.Token));
            training.Start();
            Thread[] predicting = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
            {
                var y = new float[batch * network.OutputSize];
                for (int call = 0; call < count; call++)
                {
                    int i = (call * 7 + thread * 13) % Inputs;
                    network.Forward(Part(x, i, batch * network.InputSize), y);
                    if (!y.AsSpan().SequenceEqual(Part(expected, i, y.Length))) Interlocked.Increment(ref different);
                }
                Interlocked.Add(ref calls, count);
            }))];
            foreach (Thread thread in predicting) thread.Start();
            foreach (Thread thread in predicting) thread.Join();
            stop.Cancel();
            training.Join();
            Assert.Equal(0, different);
        }
        Assert.True(calls >= 1_000_000, $"{calls} calls");
    }

    [Fact]
    public void TwoThreadsTrainANetworkToTheBitsOfOne()
    {
        float[]? expected = null;
        int before = Hardware.MaxThreads;
        try
        {
            foreach (int threads in new[] { 1, 2, 3 })
            {
                Hardware.MaxThreads = threads;
                var network = new MixedNet(1);
                TrainingPass pass = network.CreateTrainingPass(700);
                float[] x = Values.Uniform(700 * 20, 1), y = new float[700 * 5];
                int[] classes = [.. Enumerable.Range(0, 700).Select(i => i % 5)];
                for (int step = 0; step < 3; step++) pass.Step(x, classes, Loss.CrossEntropy, new Adam());
                network.Forward(x, y);
                float[] all = [.. network.Parameters, .. y];
                expected ??= all;
                Values.AssertSameBits(expected, all);
            }
        }
        finally
        {
            Hardware.MaxThreads = before;
        }
    }

    private static Span<float> Part(float[] values, int index, int length) => values.AsSpan(index * length, length);

    private static void TrainAClone(INetwork network, CancellationToken stop)
    {
        INetwork clone = network switch { TinyNet tiny => tiny.Clone(), CurveNet curve => curve.Clone(), _ => ((MixedNet)network).Clone() };
        TrainingPass pass = clone.CreateTrainingPass(8);
        float[] x = Values.Uniform(8 * clone.InputSize, 5), targets = Values.Uniform(8 * clone.OutputSize, 6);
        var optimizer = new Adam();
        while (!stop.IsCancellationRequested) pass.Step(x, targets, Loss.MeanSquaredError, optimizer);
    }
}
