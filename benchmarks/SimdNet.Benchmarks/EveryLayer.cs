using System.Globalization;
using System.Reflection;
using System.Text;
using SimdNet.Layers;
using SimdNet.Training;

namespace SimdNet.Benchmarks;

/// <summary>
/// Every layer by itself, in a network that is built at run time: prediction and training beside the limit, the multiply-adds of its products or copying as many floats as come in and
/// go out, whichever there is, measured in turn with it.
/// </summary>
internal static class EveryLayer
{
    private const int Batch = 16;

    /// <summary>The layers, the shape that each is given, and the multiply-adds of its products for one sample; none for those that only read and write.</summary>
    private static readonly (string Name, int[] Shape, Func<Node, Node> Define, double Products)[] Layers =
    [
        ("Dense(256)", [256], x => x.Dense(256), 256 * 256),
        ("Dense(128)", [64, 128], x => x.Dense(128), 64 * 128 * 128),
        ("Conv1D(32, 3, padding: Same)", [256, 32], x => x.Conv1D(32, 3, padding: Padding.Same), 256 * 3 * 32 * 32),
        ("Conv1D(32, 3, dilation: 4, padding: Causal)", [256, 32], x => x.Conv1D(32, 3, dilation: 4, padding: Padding.Causal), 256 * 3 * 32 * 32),
        ("Conv2D(32, 3, padding: Same)", [32, 32, 32], x => x.Conv2D(32, 3, padding: Padding.Same), 32 * 32 * 9 * 32 * 32),
        ("Conv2D(64, 3, padding: Same, groups: 64)", [64, 28, 28], x => x.Conv2D(64, 3, padding: Padding.Same, groups: 64), 28 * 28 * 9 * 64),
        ("Conv2D(64, 1)", [64, 28, 28], x => x.Conv2D(64, 1), 28 * 28 * 64 * 64),
        ("ConvTranspose1D(32, 4, stride: 2)", [128, 32], x => x.ConvTranspose1D(32, 4, stride: 2), 128 * 4 * 32 * 32),
        ("ConvTranspose2D(32, 4, stride: 2)", [32, 16, 16], x => x.ConvTranspose2D(32, 4, stride: 2), 16 * 16 * 16 * 32 * 32),
        ("MaxPool1D(2)", [256, 64], x => x.MaxPool1D(2), 0),
        ("MaxPool2D(2)", [32, 32, 32], x => x.MaxPool2D(2), 0),
        ("AveragePool1D(2)", [256, 64], x => x.AveragePool1D(2), 0),
        ("AveragePool2D(2)", [32, 32, 32], x => x.AveragePool2D(2), 0),
        ("GlobalMaxPool", [32, 32, 32], x => x.GlobalMaxPool(), 0),
        ("GlobalAveragePool", [32, 32, 32], x => x.GlobalAveragePool(), 0),
        ("Upsample2D(2)", [16, 32, 32], x => x.Upsample2D(2), 0),
        ("Upsample2D(2, bilinear: true)", [16, 32, 32], x => x.Upsample2D(2, bilinear: true), 0),
        ("ZeroPad2D(1, 1, 1, 1)", [32, 32, 32], x => x.ZeroPad2D(1, 1, 1, 1), 0),
        ("BatchNorm", [32, 32, 32], x => x.BatchNorm(), 0),
        ("LayerNorm", [64, 256], x => x.LayerNorm(), 0),
        ("RmsNorm", [64, 256], x => x.RmsNorm(), 0),
        ("GroupNorm(8)", [32, 32, 32], x => x.GroupNorm(8), 0),
        ("SimpleRnn(64)", [64, 64], x => x.SimpleRnn(64, returnSequences: true), 64 * (64 + 64) * 64),
        ("Gru(64)", [64, 64], x => x.Gru(64, returnSequences: true), 3 * 64 * (64 + 64) * 64),
        ("Lstm(64)", [64, 64], x => x.Lstm(64, returnSequences: true), 4 * 64 * (64 + 64) * 64),
        ("Embedding(1000, 128)", [64], x => x.Embedding(1000, 128), 0),
        ("PositionEmbedding", [64, 128], x => x.PositionEmbedding(), 0),
        ("MultiHeadAttention(4)", [64, 128], x => x.MultiHeadAttention(4), 64 * 4 * 128 * 128 + 2 * 64 * 64 * 128),
        ("MultiHeadAttention(4, causal, rotary)", [64, 128], x => x.MultiHeadAttention(4, causal: true, rotary: true), 64 * 4 * 128 * 128 + 64 * 64 * 128),
        ("CrossAttention(4)", [64, 128], x => x.CrossAttention(x, 4), 64 * 4 * 128 * 128 + 2 * 64 * 64 * 128),
        ("Relu", [64, 256], x => x.Relu(), 0),
        ("LeakyRelu", [64, 256], x => x.LeakyRelu(), 0),
        ("PRelu", [64, 256], x => x.PRelu(), 0),
        ("Sigmoid", [64, 256], x => x.Sigmoid(), 0),
        ("Tanh", [64, 256], x => x.Tanh(), 0),
        ("Elu", [64, 256], x => x.Elu(), 0),
        ("Selu", [64, 256], x => x.Selu(), 0),
        ("Gelu", [64, 256], x => x.Gelu(), 0),
        ("Gelu(approximate: true)", [64, 256], x => x.Gelu(approximate: true), 0),
        ("Silu", [64, 256], x => x.Silu(), 0),
        ("Mish", [64, 256], x => x.Mish(), 0),
        ("Softplus", [64, 256], x => x.Softplus(), 0),
        ("Softsign", [64, 256], x => x.Softsign(), 0),
        ("HardSigmoid", [64, 256], x => x.HardSigmoid(), 0),
        ("HardSwish", [64, 256], x => x.HardSwish(), 0),
        ("Softmax", [64, 256], x => x.Softmax(), 0),
        ("LogSoftmax", [64, 256], x => x.LogSoftmax(), 0),
        ("Dropout(0.5)", [64, 256], x => x.Dropout(0.5f), 0),
        ("GaussianNoise(0.1)", [64, 256], x => x.GaussianNoise(0.1f), 0),
        ("Reshape(256, 64)", [64, 256], x => x.Reshape(256, 64), 0),
        ("Permute(1, 0)", [64, 256], x => x.Permute(1, 0), 0),
        ("Slice(axis 1, half)", [64, 256], x => x.Slice(1, 64, 128), 0),
        ("Add", [64, 256], x => x.Relu() + x, 0),
        ("Multiply", [64, 256], x => x.Relu() * x, 0),
        ("Concat", [64, 128], x => x.Relu().Concat(x), 0),
    ];

    public static void Run()
    {
        string processor = Results.Processor();
        var text = new StringBuilder("# Every layer\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Processor: {processor}. {Hardware.Describe()}. SimdNet {typeof(Hardware).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Medians in microseconds a sample, on one core, of networks that are built at run time; training is the way forward and back, {Batch} samples at a time. ");
        text.Append("The limit is the multiply-adds of the products at the peak, or copying as many floats as come in and go out. An image alone is turned to channels last and back, which is most of what its smaller layers take; within a network they share that. ");
        text.Append("Run again: `dotnet run -c Release --project benchmarks/SimdNet.Benchmarks -- layers`.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| layer | input | one sample | of {Batch} | training | limit | share of {Batch} |\n|---|---|---:|---:|---:|---|---:|\n");
        int threads = Hardware.MaxThreads;
        Hardware.MaxThreads = 1;
        Machine.Pin(Environment.ProcessorCount - 1);
        foreach ((string name, int[] shape, Func<Node, Node> define, double products) in Layers)
        {
            string row = Measure(name, shape, Network.Create(shape, define, seed: 1), products);
            Console.WriteLine(row);
            text.Append(row).Append('\n');
        }
        Machine.Pin(-1);
        Hardware.MaxThreads = threads;
        Console.WriteLine("Written to " + Results.Write("layers-" + Results.FileName(processor), text.ToString()));
    }

    private static string Measure(string name, int[] shape, Network network, double products)
    {
        bool isTokens = shape.Length == 1 && name.StartsWith("Embedding", StringComparison.Ordinal);
        float[] input = new float[Batch * network.InputSize], output = new float[Batch * network.OutputSize], gradient = new float[output.Length];
        new RandomStream(1).FillUniform(input, isTokens ? 0 : -1, isTokens ? 999 : 1);
        if (isTokens) for (int i = 0; i < input.Length; i++) input[i] = MathF.Floor(input[i]);
        new RandomStream(2).FillUniform(gradient, -1, 1);
        AlignedBuffer from = Machine.Touched(Batch * (network.InputSize + network.OutputSize) / 2), to = Machine.Touched(from.Length);
        TrainingPass pass = network.CreateTrainingPass(Batch);

        var contest = new Contest(
            Contest.Of(() => network.Forward(input.AsSpan(0, network.InputSize), output.AsSpan(0, network.OutputSize))),
            Contest.Of(() => network.Forward(input, output)),
            Contest.Of(() =>
            {
                pass.Forward(input);
                pass.Backward(gradient);
            }),
            products > 0 ? Machine.MultiplyAdds : Contest.Of(() => from.Span.CopyTo(to.Span)));
        double share = products > 0 ? contest.Ratio(3, 1) * Batch * products / Machine.Lanes : contest.Ratio(3, 1);
        return string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {string.Join(" x ", shape)} | {contest.Time(0) / 1000:G3} | {contest.Time(1) / Batch / 1000:G3} | {contest.Time(2) / Batch / 1000:G3} | {(products > 0 ? "multiply-adds" : "copying")} | {share:P0} |");
    }
}
