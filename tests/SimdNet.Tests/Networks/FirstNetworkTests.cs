using System.Globalization;
using System.Text.RegularExpressions;
using SimdNet.Layers;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>The network of docs/first-network.md.</summary>
[Network(3)]
[Dense(2), Sigmoid]
[Dense(1), Sigmoid]
internal sealed partial class TinyNet;

public partial class FirstNetworkTests
{
    private static readonly float[] Inputs = [1, 0, 1, 0, 1, 0, 1, 1, 0];
    private static readonly float[] Targets = [0, 1, 1];

    [Fact]
    public void EveryNumberOnThePageIsTheCodes()
    {
        double[] onPage = [.. SixDecimals().Matches(ReadPage()).Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture))];
        float[] computed = [.. OneSample(), .. ThreeSamples()];
        Assert.Equal(computed.Length, onPage.Length);
        for (int i = 0; i < computed.Length; i++) Assert.True(Math.Abs(onPage[i] - computed[i]) < 1.2e-6, $"Number {i}: the page says {onPage[i]}, the code {computed[i]}.");
    }

    [Fact]
    public void AThousandEpochsPutEveryPredictionOnItsSide()
    {
        TinyNet network = Create();
        TrainingPass pass = network.CreateTrainingPass(3);
        float first = pass.Step(Inputs, Targets, Loss.HalfSumOfSquares, new Sgd(2f)), last = first;
        for (int epoch = 2; epoch <= 1000; epoch++) last = pass.Step(Inputs, Targets, Loss.HalfSumOfSquares, new Sgd(2f));
        var predictions = new float[3];
        network.Forward(Inputs, predictions);
        Assert.True(last < first / 10);
        Assert.True(predictions[0] < 0.5f && predictions[1] > 0.5f && predictions[2] > 0.5f);
    }

    private static float[] OneSample()
    {
        TinyNet network = Create();
        TrainingPass pass = network.CreateTrainingPass(1);
        (float[] sums, float[] hidden, float sum, float output) = Layers(network, Inputs.AsSpan(0, 3));
        Assert.Equal(output, pass.Forward(Inputs.AsSpan(0, 3))[0]);
        float loss = pass.BackwardLoss(Loss.HalfSumOfSquares, Targets.AsSpan(0, 1));
        float[] gradients = Parameters(network, pass.Gradients);
        pass.Step(Inputs.AsSpan(0, 3), Targets.AsSpan(0, 1), Loss.HalfSumOfSquares, new Sgd(0.1f));

        // The deltas are the gradients of the biases.
        float[] deltas = [gradients[2], gradients[9], gradients[10]];
        return [.. sums, .. hidden, sum, output, loss, .. deltas, .. gradients, .. Parameters(network, network.Parameters)];
    }

    private static float[] ThreeSamples()
    {
        TinyNet network = Create();
        var numbers = new List<float>();
        TrainingPass one = network.CreateTrainingPass(1), pass = network.CreateTrainingPass(3);
        for (int i = 0; i < 3; i++)
        {
            (_, float[] hidden, _, float output) = Layers(network, Inputs.AsSpan(3 * i, 3));
            one.Forward(Inputs.AsSpan(3 * i, 3));
            float loss = one.BackwardLoss(Loss.HalfSumOfSquares, Targets.AsSpan(i, 1));
            float[] gradients = Parameters(network, one.Gradients);
            numbers.AddRange([.. hidden, output, loss, gradients[2], gradients[9], gradients[10]]);
        }
        pass.Forward(Inputs);
        numbers.Add(pass.BackwardLoss(Loss.HalfSumOfSquares, Targets));
        numbers.AddRange(Parameters(network, pass.Gradients));
        pass.Step(Inputs, Targets, Loss.HalfSumOfSquares, new Sgd(0.1f));
        numbers.AddRange(Parameters(network, network.Parameters));
        numbers.Add(pass.Evaluate(Inputs, Targets, Loss.HalfSumOfSquares));
        return [.. numbers];
    }

    private static TinyNet Create()
    {
        var network = new TinyNet();
        network.Tensors["dense1.weight"].CopyFrom([0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f]);
        network.Tensors["dense1.bias"].CopyFrom([0.1f, 0.2f]);
        network.Tensors["dense2.weight"].CopyFrom([0.1f, 0.2f]);
        network.Tensors["dense2.bias"].CopyFrom([0.2f]);
        return network;
    }

    /// <summary>What happens inside, with the library's kernels: hidden sums, hidden values, the output's sum, the output.</summary>
    private static (float[] Sums, float[] Hidden, float Sum, float Output) Layers(TinyNet network, ReadOnlySpan<float> input)
    {
        float[] sums = new float[2], hidden = new float[2], sum = new float[1], output = new float[1];
        float[] w = network.Tensors["dense1.weight"].ToArray();
        Dense.Forward(input, [w[0], w[3], w[1], w[4], w[2], w[5]], network.Tensors["dense1.bias"].ToArray(), sums, 3, 2);
        Elementwise.Sigmoid(sums, hidden);
        Dense.Forward(hidden, network.Tensors["dense2.weight"].ToArray(), network.Tensors["dense2.bias"].ToArray(), sum, 2, 1);
        Elementwise.Sigmoid(sum, output);
        return (sums, hidden, sum[0], output[0]);
    }

    /// <summary>V, c, W and b in the order of the page.</summary>
    private static float[] Parameters(TinyNet network, ReadOnlySpan<float> block)
    {
        var numbers = new List<float>();
        foreach (string name in new[] { "dense2.weight", "dense2.bias", "dense1.weight", "dense1.bias" })
        {
            var elements = new float[network.Tensors[name].Length];
            network.Tensors[name].CopyTo(block, elements);
            numbers.AddRange(elements);
        }
        return [.. numbers];
    }

    private static string ReadPage() => File.ReadAllText(Path.Combine(Repository.Root, "docs", "first-network.md"));

    [GeneratedRegex(@"-?\d+\.\d{6}")]
    private static partial Regex SixDecimals();
}
