using Digits;
using SimdNet.CompilerServices;
using SimdNet.Layers;
using SimdNet.Training;
using Text;

namespace SimdNet.Benchmarks;

/// <summary>Two convolutions over a small image.</summary>
[Network(3, 32, 32)]
[Conv2D(16, kernel: 3, padding: Padding.Same), Relu]
[Conv2D(32, kernel: 3, padding: Padding.Same), Relu]
public sealed partial class ConvolutionNet;

/// <summary>Each channel with its own window.</summary>
[Network(64, 56, 56)]
[Conv2D(64, kernel: 3, padding: Padding.Same, groups: 64)]
public sealed partial class DepthwiseNet;

/// <summary>A block of a transformer that sees the whole sequence, norms first.</summary>
[Network(Steps, Width)]
public sealed partial class BlockNet
{
    internal const int Steps = 64, Width = 256, Heads = 4;

    private static Node Define(Node x)
    {
        x += x.LayerNorm().MultiHeadAttention(Heads);
        return x + x.LayerNorm().Dense(4 * Width).Gelu().Dense(Width);
    }
}

/// <summary>A recurrent layer whose weights no first-level cache holds.</summary>
[Network(100, 128)]
[Lstm(256, returnSequences: true)]
public sealed partial class LongLstm;

/// <content>Layers other than dense ones, in networks as large as users have.</content>
internal sealed partial class Comparison
{
    private const string Products = "multiply-adds";

    private void MeasureLayers()
    {
        ConvolutionNet convolutions = new(1);
        BlockNet block = new(1);
        LongLstm lstm = new(1);
        Forward("convolutions 3-16-32, 3x3, 32x32", convolutions, OnnxModel.Convolutions(convolutions, [3, 32, 32], 2), 32 * 32 * 9 * (3 * 16 + 16 * 32), 0.65);
        MeasureDepthwise();
        Forward("transformer block, 64 steps of 256", block, OnnxModel.TransformerBlock(block, BlockNet.Steps, BlockNet.Width, BlockNet.Heads), ProductsOfBlock(), 0.6, block.Freeze());
        Forward("LSTM 128-256, 100 steps", lstm, OnnxModel.Lstm(lstm, 100, 128, 256), 100 * (128 + 256) * 4 * 256, double.NaN, lstm.Freeze());
        MeasureConvolutionalTraining();
        MeasureGeneration();

        // ONNX Runtime copies weights to where its products read them when it loads a model: a frozen network does so too, and is held against the goals where it does.
        void Forward(string name, INetwork network, byte[] model, double products, double leastShare, FrozenNetwork? frozen = null)
        {
            float[] input = Samples(network, 1), output = new float[network.OutputSize];
            using OnnxSession? onnx = OnnxSession.TryCreate(model);
            onnx?.Check(network.Forward, input);
            var contest = new Contest(
                Contest.Of(() => network.Forward(input, output)), onnx is null ? null : onnx.Measure, Machine.MultiplyAdds,
                frozen is null ? null : Contest.Of(() => frozen.Forward(input, output)));
            if (frozen is not null) Add(RowOf(name + ", frozen", 3, 1, leastShare));
            Add(RowOf(name, 0, frozen is null ? 1 : double.NaN, frozen is null ? leastShare : double.NaN));

            Row RowOf(string title, int contestant, double mostRatio, double leastOf) => new(
                "layers, one sample", title, contest.Time(contestant), Onnx, contest.Ratio(contestant, 1), mostRatio, Products, contest.Ratio(2, contestant) * products / Machine.Lanes, leastOf);
        }
    }

    /// <summary>Projections to queries, keys, values and back, the products of attention, and the two layers behind it.</summary>
    private static double ProductsOfBlock() => BlockNet.Steps * BlockNet.Width * (4.0 * BlockNet.Width + 2 * BlockNet.Steps + 8 * BlockNet.Width);

    /// <summary>
    /// The layer as it runs within a network, where channels lie innermost and values at multiples of 64 bytes, and a network of it alone, which turns the image around at both ends. Its limit is the
    /// larger of two times: that of its multiply-adds, and that of reading as many floats as go in and come out from the second-level cache.
    /// </summary>
    private void MeasureDepthwise()
    {
        const int Channels = 64, Side = 56, Floats = Channels * Side * Side, CacheFloats = 1 << 16;
        var network = new DepthwiseNet(1);
        var layer = new ConvolutionOperation<Identity>(new ConvolutionShape(Side, Side, Channels, Channels, 3, 3, top: 1, left: 1, bottom: 1, right: 1, groups: Channels), 0, 9 * Channels);
        float[] input = Samples(network, 1), output = new float[Floats];
        AlignedBuffer cache = Machine.Touched(CacheFloats), image = Machine.Touched(Floats), result = Machine.Touched(Floats);
        input.CopyTo(image.Span);
        using OnnxSession? onnx = OnnxSession.TryCreate(OnnxModel.Depthwise(network, [Channels, Side, Side]));
        onnx?.Check(network.Forward, input);
        var contest = new Contest(
            Contest.Of(() => network.Forward(input, output)), Contest.Of(() => layer.Forward(image.Span, network.Parameters, result.Span, 1)), onnx is null ? null : onnx.Measure,
            Machine.MultiplyAdds, calls => Machine.Loads(cache.Span, calls));
        foreach ((int contestant, string name, double least) in new[] { (1, "channels innermost", 0.6), (0, "a network of it alone", double.NaN) })
        {
            double products = contest.Ratio(3, contestant) * 9 * Floats / Machine.Lanes, loads = contest.Ratio(4, contestant) * 2 * Floats / CacheFloats;
            Add(new Row("layers, one sample", "depthwise 3x3, 64 x 56 x 56, " + name, contest.Time(contestant), Onnx, contest.Ratio(contestant, 2), Limit: products > loads ? Products : "L2 loads", Share: Math.Max(products, loads), LeastShare: least));
        }
    }

    /// <summary>
    /// A whole step of samples/DigitsConv. Each convolution and the dense layer multiply as often on the way forward as for the gradient of their weights and for that
    /// of their input, which the first layer does not need; Adam's own operations are not counted.
    /// </summary>
    private void MeasureConvolutionalTraining()
    {
        const int Batch = 64;
        const double First = 28 * 28 * 9 * 16, Second = 14 * 14 * 9 * 16 * 32, Last = 7 * 7 * 32 * 10;
        var network = new DigitNet(1);
        TrainingPass pass = network.CreateTrainingPass(Batch);
        float[] inputs = Samples(network, Batch);
        int[] classes = [.. Enumerable.Range(0, Batch).Select(i => i % 10)];
        var adam = new Adam(1e-6f);
        var contest = new Contest(Contest.Settled(() => pass.Step(inputs, classes, Loss.CrossEntropy, adam)), Machine.MultiplyAdds);
        Add(new Row("training step, samples/DigitsConv", $"batch {Batch}, Adam", contest.Time(0), Limit: Products, Share: contest.Ratio(1, 0) * Batch * (2 * First + 3 * (Second + Last)) / Machine.Lanes, LeastShare: 0.45));
    }

    /// <summary>
    /// The transformer of samples/Text, one character a call, over whole contexts again and again. Each token reads all weights but the table of the embedding; keys and
    /// values of those before it are not counted.
    /// </summary>
    private void MeasureGeneration()
    {
        var network = new TextNet(1);
        NetworkState state = network.CreateState();
        int[] tokens = [.. Enumerable.Range(0, TextNet.Context).Select(i => i * 37 % TextNet.Vocabulary)];
        float[] probabilities = new float[TextNet.Vocabulary];
        int weights = TextNet.ParameterCount - network.Tensors["embedding1.weight"].ToArray().Length, step = 0;
        var contest = new Contest(Contest.Settled(Generate), calls => Machine.Loads(network.Parameters[..weights], calls));
        Add(new Row("generation, samples/Text", $"a character, {weights:N0} weights", contest.Time(0), Limit: "loads of the weights", Share: contest.Ratio(1, 0), LeastShare: 0.5));

        void Generate()
        {
            if (step == 0) state.Reset();
            network.Forward(tokens.AsSpan(step, 1), probabilities, state);
            step = (step + 1) % tokens.Length;
        }
    }

    private static float[] Samples(INetwork network, int count)
    {
        var inputs = new float[count * network.InputSize];
        new RandomStream(1).FillUniform(inputs, -1, 1);
        return inputs;
    }
}
