extern alias Generator;

using System.Reflection;
using Generator::SimdNet.Generators.Parsing;
using Microsoft.CodeAnalysis;
using SimdNet.Layers;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>
/// Networks that a Define method declares: the generator's class and the network that the method builds when it runs are the same, and
/// what they compute backward is the derivative of what they compute forward.
/// </summary>
public sealed class GraphTests(GraphTests.Compiled compiled) : IClassFixture<GraphTests.Compiled>
{
    private const int Batch = 5;

    private static readonly (string Shape, string Body)[] Graphs =
    [
        ("4", "=> x.Dense(3).Tanh();"),
        ("6", "=> x + x;"),
        ("6", "=> x.Dense(6) * x;"),
        ("5", "{ Node y = x.Dense(7).Tanh(); return (y + y).Dense(3).Softmax(); }"),
        ("5", "{ for (int i = 0; i < 3; i++) x = Residual(x, 8 << i, skips: i > 0); return x.Dense(2).Sigmoid(); } static Node Residual(Node x, int width, bool skips = false) { Node y = x.Dense(width).Tanh(); return skips ? y + x.Dense(width) : y; }"),
        ("6", "{ Node a = x.Dense(5).Tanh(), b = x.Dense(20).Sigmoid(); return a.Concat(b, x).Dense(4).Sigmoid().Dense(3); }"),
        ("7, 5", "=> x.Dense(6).Tanh().Dense(3).Flatten().Dense(2);"),
        ("7, 5", "{ Node y = x.Dense(9).Sigmoid(); y = y.Concat(x); return (y * y).Dense(4); }"),
        ("3, 4, 5", "{ Node y = x.Tanh() + x; return y.Concat(x).Flatten().Dense(17).Dropout(0.25f).Dense(3).Softmax(); }"),
        ("9", "{ x = x.Dropout(0.5f); int n = 2; while (n-- > 0) { if (n == 1) continue; x = x.Dense(n + 4).Tanh(); } return x; }"),
        ("9", "=> (x.Dense(4, Initializer.GlorotNormal) + x.Dense(4)).Tanh() * x.Dense(units: 4);"),
        ("9", "{ static Node Twice(Node x) => x + x; Node[] parts = [x.Dense(3), Twice(x).Dense(2)]; return x.Concat(parts); }"),
        ("3, 6, 7", "=> x.Conv2D(5, 3).Tanh().Flatten().Dense(3).Softmax();"),
        ("1, 8, 8", "{ for (int i = 0; i < 2; i++) x = x.Conv2D(4 << i, kernel: 3, padding: Padding.Same).BatchNorm().Tanh().AveragePool2D(); return x.GlobalAveragePool().Dense(3); }"),
        ("2, 7, 5", "{ Node y = x.Conv2D(6, 3, stride: 2, padding: Padding.Same).Tanh(); return y.Concat(y.Conv2D(6, 3, groups: 6, pad: 1, bias: false)); }"),
        ("4, 6, 6", "{ Node y = x.Conv2D(4, 1).Tanh() + x; return y.MaxPool2D(3, stride: 2, pad: 1).ConvTranspose2D(3, 2, stride: 2).GroupNorm(3).Sigmoid(); }"),
        ("11, 3", "=> x.Conv1D(4, 3, padding: Padding.Causal, dilation: 2).Tanh().LayerNorm().MaxPool1D().Conv1D(2, 2).RmsNorm().GlobalMaxPool();"),
        ("9, 2", "=> (x.ConvTranspose1D(4, 3, stride: 2, padding: Padding.Same).AveragePool1D(2) * x.Conv1D(4, 1)).BatchNorm(1e-3f, momentum: 0.5f).Flatten().Dense(2);"),
        ("6, 8", "{ for (int i = 0; i < 2; i++) x = x + Block(x.LayerNorm().MultiHeadAttention(2, causal: true, rotary: i == 0).Dense(12).Tanh().Dense(8)); return x.RmsNorm(); } static Node Block(Node x) => x;"),
        ("7, 96", "=> x + x.LayerNorm().MultiHeadAttention(4).Dense(96).Gelu();"),
        ("3, 5", "=> x.Lstm(130).Dense(2);"),
        ("5, 12", "=> x.PositionEmbedding().MultiHeadAttention(4, keyValueHeads: 2, bias: false).Flatten().Dense(3).Softmax();"),
        ("7, 3", "=> x.Lstm(5, returnSequences: true).Gru(6, returnSequences: true, reverse: true).SimpleRnn(4).Dense(2);"),
        ("6, 4", "=> x.Gru(3, returnSequences: true).Concat(x.Lstm(9, returnSequences: true, reverse: true)).Gru(2, resetAfter: false).Sigmoid();"),
        ("4", "=> x.Dense(9).Gelu().Dense(17).Silu().Dense(5).Elu(0.7f).Dense(6).Softplus().Dense(5).Mish().Dense(4).LogSoftmax();"),
        ("6", "=> x.Dense(24).Gelu(approximate: true).Reshape(2, 3, 4).Conv2D(3, 2).Softsign().Reshape(6, 3).Dense(4).Selu();"),
        // Rows of weights that lie a line further apart than they are long.
        ("20", "=> x.Dense(256).Tanh().Dense(512).Sigmoid().Dense(3).Softmax();"),
        ("3, 256", "=> x + x.MultiHeadAttention(4).Dense(500).Tanh().Dense(256).CrossAttention(x.Dense(256), 2);"),
        ("5", "=> x.Dense(8).HardSigmoid().Dense(3).HardSwish();"),
        ("6, 5", "=> x.Dense(4).Softmax();"),
        ("12", "=> x.Dense(12).Tanh().Reshape(3, 4).Softmax();"),
        ("5, 3", "=> x.Gru(9, returnSequences: true).LogSoftmax().Dense(1).Sigmoid();"),
        ("2, 3, 4", "=> x.ZeroPad2D(1, 0, 2, 1).Conv2D(3, 2).Upsample2D(2, bilinear: true).Tanh().Upsample2D(2).AveragePool2D(3, 2, pad: 1, countIncludePad: false);"),
        ("9", "=> x.Slice(0, 0, 4).Dense(3).Concat(x.Slice(0, 4, 5).Reshape(5, 1).Gru(3)).Dense(2);"),
        ("7, 5", "=> (x.Slice(1, 2, 3) * x.Slice(1, 0, 3)).Slice(0, 3, 4).Dense(2);"),
        ("3, 5, 4", "{ Node y = x.Conv2D(6, 2, padding: Padding.Same).Tanh(); return y.Slice(0, 1, 4).Slice(1, 2, 3).Concat(x.Slice(1, 0, 3)).Slice(2, 1, 2).Conv2D(2, 1); }"),
        ("7, 5", "=> x.Permute(1, 0).Dense(4).Tanh().Permute(0, 1).Permute(1, 0);"),
        ("3, 5, 4", "{ Node y = x.Conv2D(6, 2).Tanh(); return y.Permute(1, 2, 0).Reshape(12, 6).Dense(6).Reshape(4, 3, 6).Permute(2, 0, 1).Concat(y).Conv2D(2, 1).Permute(2, 1, 0); }"),
        ("4, 3, 5", "=> (x.Permute(0, 2, 1) * x.Permute(1, 0, 2).Reshape(4, 5, 3)).Permute(1, 2, 0).Permute(2, 0, 1).Flatten().Dense(2);"),
        ("5", "=> x.GaussianNoise(0.3f).Dense(7).Tanh().GaussianNoise(0f).Dense(3).GaussianNoise(stddev: 1);"),
        ("2, 3, 4", "=> x.Conv2D(3, 2).GaussianNoise(0.5f).Tanh().Flatten().Dense(2);"),
        ("8, 3", "{ x = x.Conv1D(8, 3, bias: false).BatchNorm().Relu().Conv1D(4, 3, groups: 2).BatchNorm().Elu(); return x.Dense(5).BatchNorm().Tanh().Flatten().Dense(7).BatchNorm(); }"),
        ("2, 7, 6", "{ x = x.Conv2D(6, 3, bias: false).BatchNorm().Relu(); Node y = x.Conv2D(6, 3, groups: 6, padding: Padding.Same, bias: false).BatchNorm() + x.Conv2D(6, 1).BatchNorm(); return y.Relu().ConvTranspose2D(2, 2).BatchNorm(); }"),
        ("5", "{ Node a = x.Dense(4).Tanh(), d = a.Dense(4); return a.Tanh().Reuse(d).Tanh().Reuse(d) + d; }"),
        ("4", "{ Node d = x.Dense(4); return x.Tanh().Reuse(d) * d; }"),
        // A chain, but for a layer that stands in it twice.
        ("4", "{ Node d = x.Dense(4); return d.Tanh().Reuse(d).Tanh(); }"),
        ("6", "{ Node d = x.Dropout(0.25f).Dense(6), e = d.Sigmoid().Reuse(d).Sigmoid().Dense(20); return e.Tanh().Dense(6).Reuse(d).Softmax(); }"),
        // Numbers of every kind, and a local function that is not static.
        ("9", "{ short units = 4; decimal rate = 0.5m; Node y = x.Dense(units).Dense((byte)(units + 3)).Dropout((float)rate); return Part(y.Concat(x)); Node Part(Node z) { long start = 2; byte length = 3; uint size = length; return z.Slice(0, (int)start, (int)size).Dense((int)(start + 0.9f)); } }"),
        ("6, 3", "{ Node c = x.Conv1D(3, 3, padding: Padding.Same), n = c.BatchNorm(), g = n.Gru(3, returnSequences: true); return x.Reuse(n).Reuse(c).Tanh().Reuse(g).Concat(g).Flatten().Dense(2).Softmax(); }"),
        ("6", "{ var (a, b) = Two(x); (Node c, _) = Two(a); return a.Concat(b, c); } static (Node, Node) Two(Node x) => (x.Dense(3).Tanh(), x);"),
        ("2, 5, 4", "=> x.Conv2D(3, 2).PRelu().Conv2D(2, 2).Flatten().PRelu().Dense(2);"),
        ("5, 3", "=> x.Dense(18).PRelu().Gru(2, returnSequences: true).PRelu();"),
        ("6, 8", "{ Node memory = x.Slice(0, 2, 4).Dense(5).Tanh(); return x + x.CrossAttention(memory, 2).CrossAttention(x.Slice(0, 0, 3), heads: 4, bias: false).CrossAttention(memory, 4, keyValueHeads: 2); }"),
    ];

    [Fact]
    public void TheGeneratorReadsWhatTheMethodBuilds()
    {
        foreach ((string name, INetwork _, Network runtime) in compiled.Create())
            Assert.Equal(compiled.Specs[name], runtime.Spec.ToString());
    }

    [Fact]
    public void BothHaveTheSameBits()
    {
        foreach ((_, INetwork generated, Network runtime) in compiled.Create())
        {
            Assert.Equal(generated.ParameterCount, runtime.ParameterCount);
            Assert.Equal(generated.OutputSteps, runtime.OutputSteps);
            Assert.Equal(generated.Tensors.Select(tensor => (tensor.Name, tensor.Offset)), runtime.Tensors.Select(tensor => (tensor.Name, tensor.Offset)));
            Values.AssertSameBits(Trace(generated), Trace(runtime));
        }
    }

    [Fact]
    public void EveryRealisationHasTheSameBits()
    {
        for (int i = 0; i < Graphs.Length; i++) Realisations.AssertEqualBits(() => Trace(compiled.Create().ElementAt(i).Generated));
    }

    [Fact]
    public void ARowOfABatchHasTheBitsOfOneSample()
    {
        foreach ((_, INetwork network, _) in compiled.Create())
        {
            float[] input = Values.Uniform(Batch * network.InputSize, 3), output = new float[Batch * network.OutputSize], one = new float[network.OutputSize];
            Realisations.OnEach(_ =>
            {
                network.Forward(input, output);
                for (int row = 0; row < Batch; row++)
                {
                    network.Forward(input.AsSpan(row * network.InputSize, network.InputSize), one);
                    Values.AssertSameBits(one, output.AsSpan(row * network.OutputSize, network.OutputSize));
                }
            });
        }
    }

    /// <summary>Along random directions of parameters and inputs: a mistake in the way back shows in all of them.</summary>
    [Fact]
    public void TheWayBackIsTheDerivativeOfTheWayForward()
    {
        foreach ((string name, INetwork network, _) in compiled.Create())
        {
            TrainingPass pass = network.CreateTrainingPass(Batch);
            pass.Seed = 11;
            float[] input = Values.Uniform(Batch * network.InputSize, 5), gradient = Values.Uniform(Batch * network.OutputSize, 6);
            pass.Forward(input);
            pass.Backward(gradient);
            float[] parameterGradients = pass.Gradients.ToArray(), inputGradients = pass.InputGradients.ToArray();
            for (int seed = 20; seed < 24; seed++)
            {
                float[] toInput = Values.Uniform(input.Length, seed);
                AssertDerivative(name, network, pass, input, gradient, toInput, inputGradients, null, parameterGradients);
                AssertDerivative(name, network, pass, input, gradient, null, inputGradients, Direction(network, seed), parameterGradients);
            }
        }
    }

    [Fact]
    public void NothingIsAllocated()
    {
        foreach ((string name, INetwork generated, Network runtime) in compiled.Create())
        {
            foreach (INetwork network in new[] { generated, runtime })
            {
                TrainingPass pass = network.CreateTrainingPass(Batch);
                Optimizer optimizer = new Adam();
                float[] input = Values.Uniform(Batch * network.InputSize, 5), output = new float[Batch * network.OutputSize], targets = new float[output.Length];
                Allocations.AssertNone(name, All);

                void All()
                {
                    network.Forward(input, output);
                    network.Forward(input.AsSpan(0, network.InputSize), output.AsSpan(0, network.OutputSize));
                    pass.Step(input, targets, Loss.MeanSquaredError, optimizer);
                    pass.Forward(input);
                    pass.Backward(targets);
                    _ = pass.InputGradients;
                }
            }
        }
    }

    /// <summary>Frozen networks agree but for the rounding of folded normalisations, and training changes nothing in them.</summary>
    [Fact]
    public void AFrozenNetworkStaysAsItWas()
    {
        foreach ((string name, INetwork generated, Network runtime) in compiled.Create())
        {
            foreach (Tensor tensor in generated.Tensors.Where(tensor => tensor.Name.Contains("Norm", StringComparison.Ordinal))) tensor.CopyFrom([.. Values.Uniform(tensor.Length, 8).Select(value => Math.Abs(value) + 0.25f)]);
            for (int i = 0; i < generated.Tensors.Count; i++) runtime.Tensors[i].CopyFrom(generated.Tensors[i].ToArray());
            float[] input = Values.Uniform(Batch * generated.InputSize, 5), expected = new float[Batch * generated.OutputSize], output = new float[expected.Length], other = new float[expected.Length];
            generated.Forward(input, expected);
            var frozen = (FrozenNetwork)generated.GetType().GetMethod("Freeze")!.Invoke(generated, null)!;
            TrainingPass pass = generated.CreateTrainingPass(Batch);
            for (int i = 0; i < 3; i++) pass.Step(input, Values.Uniform(expected.Length, i), Loss.MeanSquaredError, new Adam(0.1f));
            frozen.Forward(input, output);
            runtime.Freeze().Forward(input, other);
            Values.AssertSameBits(output, other);
            bool hasFolds = generated.Tensors.Any(tensor => tensor.Name.Contains("running", StringComparison.Ordinal));
            if (!hasFolds) Values.AssertSameBits(expected, output);
            for (int i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - output[i]) <= 1e-4f * (1 + Math.Abs(expected[i])), $"{name}: {expected[i]} and {output[i]}.");
        }
    }

    /// <summary>Over sequences of any length all lengths share the weights that a frozen network keeps, and its normalisations are folded.</summary>
    [Fact]
    public void AFrozenNetworkTakesSequencesOfAnyLength()
    {
        Network network = Network.Create([Sequence.Any, 96], x => (x + x.LayerNorm().MultiHeadAttention(4)).Dense(96).BatchNorm(), seed: 3);
        FrozenNetwork frozen = network.Freeze();
        foreach (int steps in new[] { 1, 5, 40 })
        {
            float[] input = Values.Uniform(steps * 96, steps), expected = new float[input.Length], output = new float[input.Length];
            network.Forward(input, expected);
            frozen.Forward(input, output);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], output[i], 1e-4f);
        }
        Assert.Contains("whole time steps", Assert.Throws<ArgumentException>(() => frozen.Forward(new float[97], new float[97])).Message);
    }

    [Fact]
    public void ADefinitionThatDoesNotFitSaysHowAtRunTime()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => Network.Create([4, 5, 6], x => x.Dense(3)));
        Assert.Contains("SNET1002: Dense expects a flat input, but receives 4x5x6; add [Flatten]", exception.Message);
        Assert.Contains("SNET1017", Assert.Throws<ArgumentException>(() => Network.Create([4], x => x + x.Dense(3))).Message);
        Assert.Contains("adds last", Assert.Throws<ArgumentException>(() => Network.Create([4], x => x)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Network.Create([4, 0], x => x.Relu()));
        Assert.Throws<ArgumentException>(() => Network.Create([], x => x.Relu()));
        Assert.Contains("SNET1016: Concat expects", Assert.Throws<ArgumentException>(() => Network.Create([2, 2, 2, 2], x => x.Concat(x))).Message);
        Assert.Contains("SNET1020: Conv1D: padding of -1", Assert.Throws<ArgumentException>(() => Network.Create([9, 2], x => x.Conv1D(3, 3, pad: -1))).Message);
    }

    [Fact]
    public void AGraphOfSeveralInputsOrResultsSaysWhatIsMissing()
    {
        Node? other = null;
        Network.Create([2], x => other = x.Dense(5));
        Assert.Contains("another network", Assert.Throws<ArgumentException>(() => Network.Create([2], x =>
        {
            x.Dense(7);
            return other!;
        })).Message);
        Assert.Contains("another network", Assert.Throws<ArgumentException>(() => Network.CreateGraph([[2], [3]], inputs => [inputs[0].Concat(inputs[1]).Dense(4), other!])).Message);
        Assert.Contains("at least one input", Assert.Throws<ArgumentException>(() => Network.CreateGraph([], inputs => inputs)).Message);
        Assert.Contains("at least one result", Assert.Throws<ArgumentException>(() => Network.CreateGraph([[2], [3]], _ => [])).Message);
        Assert.Contains("at least one result", Assert.Throws<ArgumentException>(() => Network.CreateGraph([[2], [3]], _ => null!)).Message);
        Assert.Contains("none that is null", Assert.Throws<ArgumentException>(() => Network.CreateGraph([[2], [3]], inputs => [inputs[0].Dense(1), null!])).Message);
        Assert.Contains("apply Elementwise.Softmax where you predict", Assert.Throws<ArgumentException>(() => Network.CreateGraph([[2]], inputs => [inputs[0].Dense(2).Softmax(), inputs[0].Dense(1)])).Message);
        Assert.Contains("Sequence.Any stands for the time of networks of one input", Assert.Throws<ArgumentException>(() => Network.CreateGraph([[Sequence.Any, 2], [3]], inputs => inputs)).Message);
        Assert.Equal("inputShapes", Assert.Throws<ArgumentOutOfRangeException>(() => Network.CreateGraph([[2], [0]], inputs => inputs)).ParamName);
    }

    /// <summary>What does not fit into a span is told, and no product of sizes goes round.</summary>
    [Fact]
    public void ANetworkThatIsTooLargeSaysSoAtRunTime()
    {
        foreach ((int[] shape, Func<Node, Node> define, string message) in new (int[], Func<Node, Node>, string)[]
        {
            ([65536, 65536], x => x.Relu(), "The input brings the network to 4294967296"),
            ([65536, 65536, 65536], x => x.Flatten(), "The input brings the network to 281474976710656"),
            ([200_000, 64], x => x.Dense(20_000), "dense1 brings the network to 4000000000"),
            ([1_000_000], x => x.Embedding(50_000, 4096), "embedding1 brings the network to 4096000000"),
            ([2, 50_000], x => x.MultiHeadAttention(1), "multiHeadAttention1 brings the network to"),
            ([2, 50_000], x => x.CrossAttention(x, 1), "crossAttention1 brings the network to"),
            ([40_000, 40_000], x => x.Concat(x), "concat1 brings the network to 3200000000"),
            ([70_000, 1, 1], x => x.Conv2D(70_000, 1), "conv2D1 brings the network to"),
            ([1, 3, 3], x => x.Conv2D(1, 100_000, padding: Padding.Same), "conv2D1 brings the network to"),
            ([2, 2], x => x.Reshape(65536, 65536, 65536), "SNET1020"),
        })
        {
            Assert.Contains(message, Assert.Throws<ArgumentException>(() => Network.Create(shape, define)).Message);
        }
        Assert.Contains("The input brings the network to 3200000000", Assert.Throws<ArgumentException>(() => Network.CreateGraph([[40_000, 40_000], [40_000, 40_000]], inputs => [inputs[0] + inputs[1]])).Message);
        Assert.Contains("The input brings the network to 4294967296", Assert.Throws<ArgumentException>(() => Network.Create([Sequence.Any, 1 << 20], x => x.Gru(1))).Message);
        Assert.Contains("SNET1005", Assert.Throws<ArgumentException>(() => Network.Create([Sequence.Any, 64], x => x.Gru(1)).WithLength(1 << 26)).Message);
    }

    /// <summary>A random change of every tensor, padding left out.</summary>
    private static float[] Direction(INetwork network, int seed)
    {
        float[] before = network.Parameters.ToArray();
        foreach (Tensor tensor in network.Tensors) tensor.CopyFrom(Values.Uniform(tensor.Length, seed++));
        float[] direction = network.Parameters.ToArray();
        before.CopyTo(network.Parameters);
        return direction;
    }

    private static void AssertDerivative(
        string name, INetwork network, TrainingPass pass, float[] input, float[] gradient, float[]? toInput, float[] inputGradients, float[]? toParameters, float[] parameterGradients)
    {
        // Small enough that few maxima change places.
        const float Step = 1f / 4096;
        float[] before = network.Parameters.ToArray();
        double expected = (At(Step) - At(-Step)) / (2 * Step);
        double actual = (toInput is null ? 0 : Dot(toInput, inputGradients)) + (toParameters is null ? 0 : Dot(toParameters, parameterGradients));
        Assert.True(Math.Abs(expected - actual) <= 0.01 * Math.Abs(expected) + 0.01, $"{name}: {expected} and {actual}.");

        double At(float step)
        {
            float[] moved = [.. input.Select((value, i) => value + step * (toInput?[i] ?? 0))];
            for (int i = 0; i < before.Length; i++) network.Parameters[i] = before[i] + step * (toParameters?[i] ?? 0);
            pass.Passes = 0;
            double result = Dot(pass.Forward(moved).ToArray(), gradient);
            before.CopyTo(network.Parameters);
            return result;
        }
    }

    private static double Dot(float[] x, float[] y) => x.Zip(y, (a, b) => (double)a * b).Sum();

    /// <summary>Everything a network computes: predictions, gradients, and parameters after two steps.</summary>
    private static float[] Trace(INetwork network)
    {
        float[] input = Values.Uniform(Batch * network.InputSize, 5), output = new float[Batch * network.OutputSize];
        float[] targets = [.. Values.Uniform(output.Length, 6).Select(Math.Abs)];
        network.Forward(input, output);
        TrainingPass pass = network.CreateTrainingPass(Batch);
        pass.Forward(input);
        pass.Backward(targets);
        float[] gradients = [.. pass.InputGradients, .. pass.Gradients];
        pass.Step(input, targets, Loss.MeanSquaredError, new Sgd(0.1f));
        pass.Step(input, targets, Loss.MeanSquaredError, new Adam());
        return [.. output, .. gradients, .. network.Parameters];
    }

    /// <summary>All graphs in one compilation.</summary>
    public sealed class Compiled
    {
        private readonly Assembly _assembly;

        public Compiled()
        {
            string source = "using SimdNet;\nusing SimdNet.Layers;\n" + string.Join("\n", Graphs.Select((graph, i) =>
                $"/// <summary>A graph.</summary>\n[Network({graph.Shape})]\npublic sealed partial class Graph{i} {{ static Node Define(Node x) {graph.Body} }}"));
            _assembly = GeneratorHarness.Load(GeneratorHarness.Compile(source, OptimizationLevel.Release));
            var compilation = GeneratorHarness.CreateCompilation(source);
            Specs = Graphs.Select((_, i) => "Graph" + i).ToDictionary(name => name, name =>
                NetworkParser.Parse(compilation.GetTypeByMetadataName(name)!, compilation, optimize: true, CancellationToken.None).Declaration.Spec.Graph.ToString());
        }

        /// <summary>What the generator reads.</summary>
        internal IReadOnlyDictionary<string, string> Specs { get; }

        /// <summary>The generated classes, and the networks that their methods build.</summary>
        internal IEnumerable<(string Name, INetwork Generated, Network Runtime)> Create()
        {
            for (int i = 0; i < Graphs.Length; i++)
            {
                INetwork generated = GeneratorHarness.Create(_assembly, "Graph" + i, 42);
                var define = generated.GetType().GetMethod("Define", BindingFlags.Static | BindingFlags.NonPublic)!.CreateDelegate<Func<Node, Node>>();
                yield return ("Graph" + i, generated, Network.Create([.. Graphs[i].Shape.Split(", ").Select(int.Parse)], define, seed: 42));
            }
        }
    }
}
