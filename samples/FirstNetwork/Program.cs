using System.Globalization;
using SimdNet;
using SimdNet.Layers;
using SimdNet.Training;

// Three samples of three inputs, and what the network shall answer.
float[] inputs = [1, 0, 1, 0, 1, 0, 1, 1, 0];
float[] targets = [0, 1, 1];

// The weights that docs/first-network.md begins with.
var network = new TinyNet();
network.Tensors["dense1.weight"].CopyFrom([0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f]);
network.Tensors["dense1.bias"].CopyFrom([0.1f, 0.2f]);
network.Tensors["dense2.weight"].CopyFrom([0.1f, 0.2f]);
network.Tensors["dense2.bias"].CopyFrom([0.2f]);

// The page takes 0.1, small enough to follow by hand. A sigmoid's slope is at most 1/4, so two layers shrink a gradient
// sixteenfold and more: at 0.1 a thousand epochs hardly move. At 2 they suffice, and the loss still falls without jumps.
var descent = new Sgd(learningRate: 2f);

TrainingPass pass = network.CreateTrainingPass(maxBatch: 3);
for (int epoch = 1; epoch <= 1000; epoch++)
{
    float loss = pass.Step(inputs, targets, Loss.HalfSumOfSquares, descent);
    if (epoch == 1 || epoch % 100 == 0) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"epoch {epoch,4}  loss {loss:F6}"));
}

Console.WriteLine();
Span<float> predictions = stackalloc float[3];
network.Forward(inputs, predictions);
for (int i = 0; i < predictions.Length; i++)
{
    bool isRight = predictions[i] > 0.5f == targets[i] > 0.5f;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"[{string.Join(' ', inputs.AsSpan(3 * i, 3).ToArray())}] -> {predictions[i]:F4}, target {targets[i]}: {(isRight ? "right" : "wrong")} side of 0.5"));
}

/// <summary>Three inputs, two hidden units, one output.</summary>
[Network(3)]
[Dense(2), Sigmoid]
[Dense(1), Sigmoid]
public sealed partial class TinyNet;
