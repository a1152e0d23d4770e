using SimdNet.Layers;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Large enough to be computed in chunks, in tiles and by calls of the library.</summary>
[Network(20)]
[Dense(200), Relu]
[Dense(60), Tanh]
[Dense(5), Softmax]
internal sealed partial class MixedNet;

public sealed class NetworkTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".safetensors");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void TheContractOfTheDesignHolds()
    {
        Assert.Equal(20, MixedNet.InputSize);
        Assert.Equal(5, MixedNet.OutputSize);
        Assert.Equal(20 * 200 + 200 + 200 * 60 + 60 + 60 * 5 + 5, MixedNet.ParameterCount);
        Assert.All(new MixedNet().Parameters.ToArray(), value => Assert.Equal(0, value));
        INetwork network = new MixedNet(seed: 1);
        Assert.Equal(OutputActivation.Softmax, network.OutputActivation);
        Assert.Equal(["dense1.weight", "dense2.weight", "dense3.weight", "dense1.bias", "dense2.bias", "dense3.bias"], network.Tensors.Select(tensor => tensor.Name));
        Assert.All(network.Tensors, tensor => Assert.Equal(0, tensor.Offset % 16));
        Assert.Equal(network.Tensors["dense1.bias"].Offset, network.DecayedLength);
        Assert.Equal([200, 20], network.Tensors["dense1.weight"].Shape);
        Assert.InRange(network.Tensors["dense1.weight"].ToArray().Max(), 0.5 * Math.Sqrt(6.0 / 20), Math.Sqrt(6.0 / 20));
        Assert.InRange(network.Tensors["dense2.weight"].ToArray().Max(), 0.5 * Math.Sqrt(6.0 / 260), Math.Sqrt(6.0 / 260));
        Assert.Equal(network.Parameters.ToArray(), new MixedNet(seed: 1).Parameters.ToArray());
        Assert.NotEqual(network.Parameters.ToArray(), new MixedNet(seed: 2).Parameters.ToArray());
    }

    /// <summary>Rows of 256 and 512 weights lie a line further apart than they are long; nothing is ever written there.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public void AStepOfWideLayersIsItsParts(int batch)
    {
        Network fused = Network.Create([30], x => x.Dense(256).Relu().Dense(512).Tanh().Dense(3), seed: 1), parts = fused.Clone();
        float[] x = Values.Uniform(batch * 30, 1), targets = Values.Uniform(batch * 3, 2);
        foreach (Func<Optimizer> create in new Func<Optimizer>[] { () => new Sgd(0.01f), () => new Adam(0.01f) })
        {
            (Optimizer one, Optimizer other) = (create(), create());
            TrainingPass pass = fused.CreateTrainingPass(batch), inParts = parts.CreateTrainingPass(batch);
            for (int step = 0; step < 3; step++)
            {
                pass.Step(x, targets, Loss.MeanSquaredError, one);
                inParts.Forward(x);
                inParts.BackwardLoss(Loss.MeanSquaredError, targets);
                other.Update(parts.Parameters, inParts.Gradients);
            }
            Values.AssertClose(Values.ToDouble(parts.Parameters.ToArray()), fused.Parameters.ToArray(), 1e-4, 1e-5);
        }
        foreach ((string name, int rows, int width) in new[] { ("dense1.weight", 30, 256), ("dense2.weight", 256, 512) })
        {
            for (int row = 0; row < rows; row++)
                Assert.False(fused.Parameters.Slice(fused.Tensors[name].Offset + row * (width + 16) + width, 16).ContainsAnyExcept(0f), name);
        }
    }

    [Fact]
    public void SavedAndLoadedAndClonedNetworksPredictTheSameBits()
    {
        var network = new MixedNet(seed: 5);
        network.Save(_path);
        byte[] file = File.ReadAllBytes(_path);
        float[] expected = Predict(network);
        Values.AssertSameBits(expected, Predict(MixedNet.Load(_path)));
        Values.AssertSameBits(expected, Predict(MixedNet.Load(new MemoryStream(file))));
        Values.AssertSameBits(expected, Predict(MixedNet.Load(file)));
        MixedNet clone = network.Clone();
        clone.Parameters[0] = 9;
        Values.AssertSameBits(expected, Predict(network));
        Assert.NotEqual(expected, Predict(clone));
        Assert.Contains("dense3.weight is missing", Assert.Throws<InvalidDataException>(() => MixedNet.Load(Save(new CurveNet(1)))).Message);
    }

    [Fact]
    public void SixteenThreadsPredictOnOneNetwork()
    {
        var network = new MixedNet(seed: 5);
        float[] expected = Predict(network), expectedOne = new float[5];
        network.Forward(Input(1), expectedOne);
        int wrong = 0;
        Thread[] threads = [.. Enumerable.Range(0, 16).Select(_ => new Thread(() =>
        {
            var one = new float[5];
            for (int i = 0; i < 200; i++)
            {
                network.Forward(Input(1), one);
                if (!one.AsSpan().SequenceEqual(expectedOne) || (i % 20 == 0 && !Predict(network).AsSpan().SequenceEqual(expected))) Interlocked.Increment(ref wrong);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void WrongCallsSayWhatWasExpected()
    {
        var network = new MixedNet(seed: 5);
        ArgumentException input = Assert.Throws<ArgumentException>(() => network.Forward(new float[21], new float[5]));
        Assert.Equal("input", input.ParamName);
        Assert.Contains("multiple of 20 floats (whole samples), but 21", input.Message);
        ArgumentException output = Assert.Throws<ArgumentException>(() => network.Forward(new float[40], new float[5]));
        Assert.Equal("output", output.ParamName);
        Assert.Contains("Expected 10 floats (2 samples of 5), but 5", output.Message);
        network.Forward([], []);

        Assert.Throws<ArgumentOutOfRangeException>(() => network.CreateTrainingPass(0));
        Assert.Contains("smaller batches", Assert.Throws<ArgumentOutOfRangeException>(() => network.CreateTrainingPass(int.MaxValue)).Message);
        Assert.Equal("maxBatch", Assert.Throws<ArgumentOutOfRangeException>(() => Network.Create([1], x => x.Dense(64).Relu().Dense(1)).CreateTrainingPass(1 << 26)).ParamName);
        TrainingPass pass = network.CreateTrainingPass(2);
        Assert.Throws<InvalidOperationException>(() => pass.Backward([]));
        Assert.Throws<InvalidOperationException>(() => pass.Backward(new float[2]));
        Assert.Throws<InvalidOperationException>(() => pass.InputGradients.Length);
        Assert.Equal("input", Assert.Throws<ArgumentException>(() => pass.Forward(new float[60])).ParamName);
        pass.Step(new float[20], new[] { 1 }, Loss.CrossEntropy, new Sgd(0.1f));
        Assert.Throws<InvalidOperationException>(() => pass.InputGradients.Length);
        Assert.Throws<InvalidOperationException>(() => pass.BackwardLoss(Loss.CrossEntropy, new[] { 1 }));
    }

    [Fact]
    public void AnotherContractVersionIsRefused() => Assert.Contains(
        "version 99", Assert.Throws<InvalidOperationException>(() => CompilerServices.NetworkCalls.CheckVersion(99, 0)).Message);

    private static float[] Input(int samples) => Values.Uniform(samples * 20, 4);

    private static float[] Predict(MixedNet network)
    {
        var output = new float[100 * 5];
        network.Forward(Input(100), output);
        return output;
    }

    private static byte[] Save(INetwork network)
    {
        using var stream = new MemoryStream();
        network.Save(stream);
        return stream.ToArray();
    }
}
