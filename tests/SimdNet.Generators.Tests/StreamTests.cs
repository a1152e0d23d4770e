using System.Reflection;
using Microsoft.CodeAnalysis;
using SimdNet.Layers;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Networks on streams: one step or one block at a time they have the bits of the whole sequence.</summary>
public sealed class StreamTests(StreamTests.Compiled compiled) : IClassFixture<StreamTests.Compiled>
{
    private const int Steps = 13;

    private static readonly int[] Sizes = [1, 3, 4, 7, 8, 9, 15, 16, 17, 20, 24, 31, 33, 40, 48, 65, 130];

    /// <summary>From sequences of tokens below 7, or of three features.</summary>
    private static readonly (bool IsOfTokens, string Body)[] Graphs =
    [
        (false, "=> x.Lstm(5, returnSequences: true).Dense(4).Tanh().Dropout(0.5f).Gru(6).Dense(2);"),
        (false, "{ Node y = x.Dense(4).Gru(4, returnSequences: true, resetAfter: false); return (y * y + x.Dense(4)).Concat(x).SimpleRnn(17, returnSequences: true).Softplus(); }"),
        (false, "=> x.LayerNorm().Dense(6).BatchNorm().RmsNorm().Lstm(20).LayerNorm().Dense(3).Softmax();"),
        (false, "=> x.Conv1D(5, 3, padding: Padding.Causal, dilation: 2).Tanh().Conv1D(5, 4, padding: Padding.Causal, groups: 5).Conv1D(2, 1);"),
        (false, "{ for (int i = 0; i < 3; i++) { Node y = x.Conv1D(8, 2, padding: Padding.Causal, dilation: 1 << i); x = (y.Tanh() * y.Sigmoid()).Concat(x); } return x.Conv1D(1, 1); }"),
        (true, "{ x = x.Embedding(7, 8).PositionEmbedding(); for (int i = 0; i < 2; i++) { x = x + x.LayerNorm().MultiHeadAttention(2, causal: true, rotary: i > 0); x = x + x.LayerNorm().Dense(12).Gelu().Dense(8); } return x.Dense(7); }"),
        (true, "=> x.Embedding(7, 6).MultiHeadAttention(6, causal: true, keyValueHeads: 2).Gru(5).Dense(1).Sigmoid();"),
        (false, "=> x.Gru(9, returnSequences: true).Dense(4).LogSoftmax().SimpleRnn(5, returnSequences: true).Softmax();"),
        (false, "{ Node y = x.GaussianNoise(0.1f).Slice(1, 1, 2).PRelu(); return y.Gru(3, returnSequences: true).Slice(axis: 1, start: 0, length: 2) * y; }"),
        // Layers of every width that is written out, and of some that are not.
        .. Sizes.Select((size, i) => (false,
            $"=> x.Lstm({size}, returnSequences: true).Conv1D({Sizes[(i + 5) % Sizes.Length]}, {1 + i % 4}, padding: Padding.Causal, dilation: {1 + i % 3}, bias: {(i % 2 == 0 ? "true" : "false")}).Tanh()"
            + $".Gru({Sizes[(i + 9) % Sizes.Length]}, returnSequences: true).Dense({size}){(i % 2 == 0 ? ".Tanh()" : "")}{(i % 3 == 0 ? $".Gru({size}, returnSequences: true)" : i % 3 == 1 ? $".Conv1D({size}, 2, padding: Padding.Causal).Relu()" : "")};")),
        // Layers that would remember something on the time axis, behind it.
        (false, "=> x.Lstm(8).Reshape(2, 4).Gru(3, returnSequences: true).Conv1D(3, 2, padding: Padding.Causal).MultiHeadAttention(1, causal: true).Flatten().Dense(2);"),
        (false, "=> x.Gru(18).Reshape(2, 3, 3).Conv2D(4, 3).Flatten();"),
        (false, "=> x.Conv1D(3, 1).Conv1D(2, 18, padding: Padding.Causal).Lstm(2, returnSequences: true);"),
    ];

    [Fact]
    public void AStreamHasTheBitsOfTheSequence()
    {
        foreach ((string name, IStreamingNetwork network, float[] input) in compiled.Create())
        {
            Realisations.OnEach(_ =>
            {
                float[] sequence = new float[network.OutputSize];
                network.Forward(input, sequence);
                NetworkState state = network.CreateState();
                foreach (int block in new[] { 1, 4, Steps })
                {
                    state.Reset();
                    AssertEnd(name, network, sequence, Run(network, input, state, block));
                }
            });
        }
    }

    [Fact]
    public void StreamsStayWithinTheirMemory()
    {
        foreach (bool atEnd in new[] { false, true })
        {
            using var inside = new GuardedNetworks(atEnd);
            foreach ((string name, IStreamingNetwork network, float[] input) in compiled.Create())
            {
                using GuardedBuffer x = GuardedBuffer.Of(input, atEnd), y = new(Steps * network.StepOutputSize, atEnd);
                Realisations.OnEach(_ =>
                {
                    NetworkState state = network.CreateState();
                    network.Forward(x.GetSpan(), y.GetSpan(), state);
                    Assert.False(y.GetSpan().ToArray().Any(float.IsNaN), name);
                });
            }
            Assert.True(inside.Count > 3 * Graphs.Length, $"only {inside.Count} buffers of networks lay between protected pages");
        }
    }

    [Fact]
    public void ACopyAndASavedStateGoOnAlike()
    {
        foreach ((string name, IStreamingNetwork network, float[] input) in compiled.Create())
        {
            int first = 5 * network.StepInputSize;
            NetworkState state = network.CreateState(), copy = network.CreateState(), loaded = network.CreateState();
            Run(network, input[..first], state, 1);
            using var stream = new MemoryStream();
            state.Save(stream);
            state.CopyTo(copy);
            NetworkState clone = state.Clone();
            float[] expected = Run(network, input[first..], state, 1);
            stream.Position = 0;
            loaded.Load(stream);
            foreach (NetworkState other in new[] { copy, clone, loaded }) Values.AssertSameBits(expected, Run(network, input[first..], other, 3));
            Assert.False(expected.SequenceEqual(Run(network, input[first..], network.CreateState(), 1)), name);
        }
    }

    [Fact]
    public void NothingIsAllocated()
    {
        foreach ((string name, IStreamingNetwork network, float[] input) in compiled.Create())
        {
            NetworkState state = network.CreateState();
            float[] output = new float[Steps * network.StepOutputSize];
            for (int i = 0; i < 3; i++) All();
            long before = GC.GetAllocatedBytesForCurrentThread();
            All();
            Assert.True(GC.GetAllocatedBytesForCurrentThread() == before, $"{name} allocates.");

            void All()
            {
                state.Reset();
                network.Forward(input, output, state);
            }
        }
    }

    [Fact]
    public void WrongCallsSayWhatIsWrong()
    {
        Network network = Network.Create([Steps, 3], x => x.MultiHeadAttention(1, causal: true), seed: 1), other = Network.Create([Steps, 3], x => x.Gru(3, returnSequences: true));
        NetworkState state = network.CreateState();
        var output = new float[3];
        Assert.Contains("another network", Assert.Throws<ArgumentException>(() => network.Forward(new float[3], output, other.CreateState())).Message);
        Assert.Contains("another network", Assert.Throws<ArgumentException>(() => state.CopyTo(other.CreateState())).Message);
        Assert.Throws<ArgumentNullException>(() => network.Forward(new float[3], output, null!));
        Assert.Contains("multiple of 3", Assert.Throws<ArgumentException>(() => network.Forward(new float[4], output, state)).Message);
        Assert.Contains("2 time steps of 3", Assert.Throws<ArgumentException>(() => network.Forward(new float[6], output, state)).Message);
        for (int i = 0; i < Steps; i++) network.Forward(new float[3], output, state);
        Assert.Contains($"all its {Steps} steps", Assert.Throws<InvalidOperationException>(() => network.Forward(new float[3], output, state)).Message);
        state.Reset();
        network.Forward(new float[3], output, state);
        using var stream = new MemoryStream();
        state.Save(stream);
        stream.Position = 0;
        Assert.Throws<InvalidDataException>(() => other.CreateState().Load(stream));
    }

    [Fact]
    public void ANetworkThatCannotStreamSaysWhy()
    {
        Assert.Contains("gru1 needs the whole sequence", Reason([Steps, 3], x => x.Gru(2, reverse: true)));
        Assert.Contains("globalAveragePool1 needs the whole sequence", Reason([Steps, 3], x => x.GlobalAveragePool()));
        Assert.Contains("conv1D1 needs the whole sequence", Reason([Steps, 3], x => x.Conv1D(2, 3, padding: Padding.Same)));
        Assert.Contains("multiHeadAttention1 needs the whole sequence", Reason([Steps, 3], x => x.MultiHeadAttention(1)));
        Assert.Contains("flatten1 needs the whole sequence", Reason([Steps, 3], x => x.Flatten().Dense(1)));
        Assert.Contains("conv1D1 takes several steps for one of its results", Reason([Steps, 3], x => x.Conv1D(2, 2, stride: 2)));
        Assert.Contains("has no time axis", Reason([3], x => x.Dense(1)));

        // Its state could not count the steps.
        Assert.Contains("conv1D1 needs the whole sequence", Reason([Steps, 1], x => x.Conv1D(1, 2, dilation: (1 << 24) + 1, padding: Padding.Causal)));
        Assert.Contains("positionEmbedding1 needs the whole sequence", Reason([(1 << 24) + 1, 1], x => x.PositionEmbedding()));
        Assert.Contains("multiHeadAttention1 needs the whole sequence", Reason([(1 << 24) + 1, 1], x => x.MultiHeadAttention(1, causal: true)));

        static string Reason(int[] shape, Func<Node, Node> define) => Assert.Throws<NotSupportedException>(() => Network.Create(shape, define).CreateState()).Message;
    }

    /// <summary>Goes through a stream in blocks.</summary>
    internal static float[] Run(IStreamingNetwork network, float[] input, NetworkState state, int block)
    {
        int steps = input.Length / network.StepInputSize;
        var output = new float[steps * network.StepOutputSize];
        for (int step = 0; step < steps; step += block)
        {
            int count = Math.Min(block, steps - step);
            network.Forward(input.AsSpan(step * network.StepInputSize, count * network.StepInputSize), output.AsSpan(step * network.StepOutputSize, count * network.StepOutputSize), state);
        }
        return output;
    }

    /// <summary>A network that gives its last result alone agrees at the end.</summary>
    private static void AssertEnd(string name, IStreamingNetwork network, float[] sequence, float[] stream)
    {
        Assert.True(sequence.Length == stream.Length || sequence.Length == network.StepOutputSize, name);
        Values.AssertSameBits(sequence, stream.AsSpan(stream.Length - sequence.Length));
    }

    /// <summary>All graphs in one compilation.</summary>
    public sealed class Compiled
    {
        private readonly Assembly _assembly = GeneratorHarness.Load(GeneratorHarness.Compile(
            "using SimdNet;\nusing SimdNet.Layers;\n" + string.Join("\n", Graphs.Select((graph, i) =>
                $"/// <summary>A stream.</summary>\n[Network({Steps}{(graph.IsOfTokens ? "" : ", 3")})]\npublic sealed partial class Stream{i} {{ static Node Define(Node x) {graph.Body} }}")),
            OptimizationLevel.Release));

        /// <summary>The generated classes, the networks that their methods build, and a sequence.</summary>
        internal IEnumerable<(string Name, IStreamingNetwork Network, float[] Input)> Create()
        {
            for (int i = 0; i < Graphs.Length; i++)
            {
                INetwork generated = GeneratorHarness.Create(_assembly, "Stream" + i, 42);
                var define = generated.GetType().GetMethod("Define", BindingFlags.Static | BindingFlags.NonPublic)!.CreateDelegate<Func<Node, Node>>();
                bool isOfTokens = Graphs[i].IsOfTokens;
                float[] input = isOfTokens ? [.. Enumerable.Range(0, Steps).Select(step => (float)(step * 5 % 7))] : Values.Uniform(Steps * 3, i);
                yield return ("Stream" + i, (IStreamingNetwork)generated, input);
                yield return ("run-time Stream" + i, Network.Create(isOfTokens ? [Steps] : [Steps, 3], define, seed: 42), input);
            }
        }
    }
}
