using System.Reflection;
using Microsoft.CodeAnalysis;
using SimdNet.Layers;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Streams of networks with several inputs and results: some come step by step, some are the context, which is given once.</summary>
public sealed class StreamInputTests(StreamInputTests.Compiled compiled) : IClassFixture<StreamInputTests.Compiled>
{
    private const int Steps = 13;

    /// <summary>The shape of each input, those that come step by step, the size of each result and whether it is a sequence, and what <c>Define</c> says of a, b and c.</summary>
    private static readonly Case[] Cases =
    [
        // A decoder that looks at what an encoder makes of another sequence.
        new([[9, 6], [Steps, 6]], [1], [(4, true)],
            "{ Node memory = (a + a.MultiHeadAttention(2)).LayerNorm(); Node y = b + b.MultiHeadAttention(3, causal: true); return (y + y.CrossAttention(memory, 3, keyValueHeads: 1)).Dense(4).Softmax(); }"),
        new([[Steps, 3], [Steps, 3]], [1], [(5, true)], "=> b.Gru(5, returnSequences: true).CrossAttention(a.Gru(4, returnSequences: true, reverse: true), 5).Dense(5);"),
        new([[20, 8], [Steps, 8]], [1], [(8, true)], "{ for (int i = 0; i < 3; i++) b = b + b.LayerNorm().CrossAttention(a, 2, bias: i > 0).Tanh(); return b; }"),
        new([[7], [Steps]], [1], [(7, true)], "{ Node memory = a.Embedding(7, 6).PositionEmbedding().Conv1D(5, 3, padding: Padding.Same); return b.Embedding(7, 8).CrossAttention(memory, 4, 2).Dense(7); }", IsOfTokens: true),
        // Several that come step by step, and what is the same in all of them.
        new([[Steps, 3], [Steps, 2]], [0, 1], [(3, true)], "=> a.Gru(5, returnSequences: true).Concat(b.Conv1D(4, 2, padding: Padding.Causal)).Dense(3);"),
        new([[Steps, 3], [5]], [0], [(2, false)], "=> a.Lstm(6).Concat(b.Dense(4).Tanh()).Dense(2);"),
        new([[5], [Steps, 3]], [1], [(8, false)], "=> b.Gru(3).Concat(a);"),
        new([[Steps, 4], [3], [Steps, 4]], [0, 2], [(4, true), (2, false)], "{ Node y = (a * c).Gru(4, returnSequences: true); return (y + c, y.Lstm(3).Concat(b.Dense(2)).Dense(2)); }"),
        new([[2, 4, 5], [3], [Steps, 4]], [2], [(3, true), (1, false), (2, false)],
            "{ Node seen = a.Conv2D(3, 3, padding: Padding.Same).Relu(); return (c.Gru(3, returnSequences: true), c.Lstm(4).Concat(seen.GlobalAveragePool().Concat(b)).Dense(1).Concat(seen.Flatten()).Dense(1), b.Dense(2)); }"),
        new([[Steps, 4]], [0], [(4, true), (3, true), (2, false)], "=> (a, a.Dense(3).Tanh(), a.SimpleRnn(2));"),
        // What takes all of the context in each step.
        new([[6, 4], [Steps, 3]], [1], [(3, false)], "=> b.Lstm(8).Reshape(2, 4).CrossAttention(a.Dense(5), 2).Flatten().Concat(a.GlobalAveragePool()).Dense(3);"),
        new([[5], [Steps]], [1], [(6, true)], "{ Node seen = a.Embedding(7, 6).GlobalAveragePool().Concat(a.Dense(2)).Reshape(2, 4); return b.Embedding(7, 6).CrossAttention(seen, 2); }", IsOfTokens: true),
        new([[2, 3, 3], [Steps, 2]], [1], [(4, false)], "=> (b.Gru(18).Reshape(2, 3, 3) + a.Conv2D(2, 1)).Relu().Conv2D(4, 3).Flatten();"),
    ];

    [Fact]
    public void AStreamHasTheBitsOfTheSequence()
    {
        foreach (Example example in compiled.Examples())
        {
            (_, IStreamingNetwork network, float[] sample, float[] context, float[] input) = example;
            Assert.Equal(example.Case.StepSize, network.StepInputSize);
            Assert.Equal(context.Length, network.ContextSize);
            Realisations.OnEach(_ =>
            {
                NetworkState state = network.CreateState();
                var sequence = new float[network.OutputSize];
                network.Forward(sample, sequence);
                if (context.Length > 0) network.SetContext(context, state);
                foreach (int block in new[] { 1, 4, Steps })
                {
                    state.Reset();
                    example.AssertIsTheSequence(sequence, StreamTests.Run(network, input, state, block));
                }
            });
        }
    }

    [Fact]
    public void StreamsStayWithinTheirMemoryAndAllocateNothing()
    {
        foreach (bool atEnd in new[] { false, true })
        {
            using var inside = new GuardedNetworks(atEnd);
            foreach ((string name, IStreamingNetwork network, _, float[] context, float[] input) in compiled.Examples())
            {
                using GuardedBuffer x = GuardedBuffer.Of(input, atEnd), once = GuardedBuffer.Of(context, atEnd), y = new(Steps * network.StepOutputSize, atEnd);
                Realisations.OnEach(_ =>
                {
                    NetworkState state = network.CreateState();
                    Allocations.AssertNone(name, All);
                    Assert.False(y.GetSpan().ToArray().Any(float.IsNaN), name);

                    void All()
                    {
                        if (context.Length > 0) network.SetContext(once.GetSpan(), state);
                        else state.Reset();
                        network.Forward(x.GetSpan(), y.GetSpan(), state);
                    }
                });
            }
        }
    }

    [Fact]
    public void ACopyAndASavedStateKnowTheContext()
    {
        foreach ((string name, IStreamingNetwork network, _, float[] context, float[] input) in compiled.Examples())
        {
            if (context.Length == 0) continue;
            NetworkState state = network.CreateState(), copy = network.CreateState(), loaded = network.CreateState(), other = network.CreateState();
            network.SetContext(context, state);
            int first = 5 * network.StepInputSize;
            StreamTests.Run(network, input[..first], state, 1);
            using var stream = new MemoryStream();
            state.Save(stream);
            stream.Position = 0;
            loaded.Load(stream);
            state.CopyTo(copy);
            NetworkState clone = state.Clone();
            float[] expected = StreamTests.Run(network, input[first..], state, 1);
            foreach (NetworkState same in new[] { copy, loaded, clone }) Values.AssertSameBits(expected, StreamTests.Run(network, input[first..], same, 3));

            // Another context begins anew, and gives something else.
            float[] whole = StreamTests.Run(network, input, Given(context), 1);
            network.SetContext([.. context.Reverse()], other);
            Assert.False(whole.SequenceEqual(StreamTests.Run(network, input, other, 1)), name);
            network.SetContext(context, other);
            Values.AssertSameBits(whole, StreamTests.Run(network, input, other, 1));

            NetworkState Given(float[] values)
            {
                NetworkState given = network.CreateState();
                network.SetContext(values, given);
                return given;
            }
        }
    }

    [Fact]
    public void PartsThatLieApartAreTheSame()
    {
        IStreamingNetwork network = compiled.Examples().First(example => example.Name == "Inputs8").Network;
        float[] image = Values.Uniform(40, 1), numbers = Values.Uniform(3, 2), input = Values.Uniform(Steps * 4, 3);
        NetworkState state = network.CreateState();
        network.SetContext([.. image, .. numbers], state);
        float[] joined = StreamTests.Run(network, input, state, 1), first = new float[Steps * 3], second = new float[Steps], third = new float[Steps * 2];
        compiled.Call("Apart8", network, image, numbers, input, first, second, third, state);
        for (int i = 0; i < Steps; i++) Values.AssertSameBits(joined.AsSpan(i * 6, 6), [.. first.AsSpan(i * 3, 3), second[i], .. third.AsSpan(i * 2, 2)]);
        Assert.Contains("Expected 3 floats (those of this input), but 2", Assert.Throws<ArgumentException>(() => compiled.Call("Apart8", network, image, numbers[1..], input, first, second, third, state)).Message);
        Assert.Contains("13 times 1", Assert.Throws<ArgumentException>(() => compiled.Call("Apart8", network, image, numbers, input, first, second[1..], third, state)).Message);
    }

    [Fact]
    public void WrongCallsSayWhatIsWrong()
    {
        Network network = Create([[5, 3], [Steps, 3]], (a, b) => b.CrossAttention(a, 1)), other = Create([[Steps, 3], [Steps, 3]], (a, b) => a + b.Gru(3, returnSequences: true));
        NetworkState state = network.CreateState();
        Assert.Contains("SetContext(context, state)", Assert.Throws<InvalidOperationException>(() => network.Forward(new float[3], new float[3], state)).Message);
        Assert.Contains("Expected 15 floats", Assert.Throws<ArgumentException>(() => network.SetContext(new float[14], state)).Message);
        Assert.Contains("another network", Assert.Throws<ArgumentException>(() => network.SetContext(new float[15], other.CreateState())).Message);
        Assert.Throws<ArgumentNullException>(() => network.SetContext(new float[15], null!));
        Assert.Contains("none to be given once", Assert.Throws<NotSupportedException>(() => other.SetContext(new float[15], other.CreateState())).Message);
        Assert.Equal((15, 0), (network.ContextSize, other.ContextSize));
        network.SetContext(new float[15], state);
        state.Reset();
        network.Forward(new float[3], new float[3], state);
        Assert.Contains("multiple of 3", Assert.Throws<ArgumentException>(() => network.Forward(new float[4], new float[3], state)).Message);
    }

    [Fact]
    public void ANetworkThatCannotStreamSaysWhy()
    {
        Assert.Contains("none of its inputs has a time axis", Reason([[3], [4]], (a, b) => a.Concat(b)));
        Assert.Contains("multiHeadAttention1 needs the whole sequence", Reason([[Steps, 3], [3]], (a, b) => a.MultiHeadAttention(1).Lstm(3).Concat(b)));
        Assert.Contains("crossAttention1 needs the whole sequence", Reason([[Steps, 3], [3]], (a, b) => a.CrossAttention(a.Gru(2, returnSequences: true), 1).Lstm(3).Concat(b)));
        Assert.Contains("add1 joins the stream and what has another time", Reason([[Steps, 3], [Steps, 3]], (a, b) => a + b.Gru(3, returnSequences: true, reverse: true)));
        Assert.Contains("dense1 needs the whole sequence", Assert.Throws<NotSupportedException>(() => Network.Create([5], x => x.Embedding(9, 4).Gru(3).Concat(x.Dense(2))).CreateState()).Message);
        Assert.Contains("relu1 needs the whole sequence", Assert.Throws<NotSupportedException>(() => Network.Create([5], x => x.Embedding(9, 4).Gru(5).Concat(x.Relu())).CreateState()).Message);
        KeyValuePair<string, string> emitted = Assert.Single(GeneratorHarness.Generate("using SimdNet; using SimdNet.Layers; [Network(5)] partial class N { static Node Define(Node x) => x.Embedding(9, 4).Gru(3).Concat(x.Dense(2)); }"));
        Assert.Contains("no streams: dense1 needs the whole sequence at once", emitted.Value);
        Assert.DoesNotContain("CreateState", emitted.Value);
        Assert.Contains("does not depend on the stream", Reason([[Steps, 3], [4]], (a, b) => b.Dense(2)));

        static string Reason(int[][] shapes, Func<Node, Node, Node> define) => Assert.Throws<NotSupportedException>(() => Create(shapes, define).CreateState()).Message;
    }

    private static Network Create(int[][] shapes, Func<Node, Node, Node> define) => Network.CreateGraph(shapes, inputs => [define(inputs[0], inputs[1])], seed: 1);

    /// <param name="Shapes">The shape of each input.</param>
    /// <param name="StepInputs">The inputs that come step by step.</param>
    /// <param name="Results">The features of each result, and whether it has a time axis.</param>
    /// <param name="Body">What <c>Define</c> does.</param>
    internal sealed record Case(int[][] Shapes, int[] StepInputs, (int Size, bool HasTime)[] Results, string Body, bool IsOfTokens = false)
    {
        public int StepSize => StepInputs.Sum(StepSizeOf);

        public int StepSizeOf(int input) => Shapes[input].Length == 1 ? 1 : Shapes[input][1];

        public int Length(int input) => Shapes[input].Aggregate((product, size) => product * size);

        public string Declaration(string name)
        {
            string parameters = string.Join(", ", Shapes.Select((shape, i) => $"{(Shapes.Length > 1 ? $"[Shape({string.Join(", ", shape)})] " : "")}Node {"abc"[i]}"));
            string type = Results.Length == 1 ? "Node" : $"({string.Join(", ", Results.Select(_ => "Node"))})";
            return $"/// <summary>A stream.</summary>\n[Network{(Shapes.Length == 1 ? $"({string.Join(", ", Shapes[0])})" : "")}]\npublic sealed partial class {name} {{ internal static {type} Define({parameters}) {Body} }}";
        }
    }

    /// <param name="Sample">All inputs whole.</param>
    /// <param name="Context">The inputs that are given once.</param>
    /// <param name="Input">The steps of the others.</param>
    internal sealed record Example(string Name, IStreamingNetwork Network, float[] Sample, float[] Context, float[] Input)
    {
        public required Case Case { get; init; }

        /// <summary>Each result lies alone in the sequence, and beside the others in a step; one without a time axis is that of the last step.</summary>
        public void AssertIsTheSequence(float[] sequence, float[] stream)
        {
            int width = Network.StepOutputSize, start = 0, column = 0;
            foreach ((int size, bool hasTime) in Case.Results)
            {
                float[] own = [.. Enumerable.Range(hasTime ? 0 : Steps - 1, hasTime ? Steps : 1).SelectMany(step => stream.AsSpan(step * width + column, size).ToArray())];
                Values.AssertSameBits(sequence.AsSpan(start, own.Length), own);
                start += own.Length;
                column += size;
            }
            Assert.Equal((sequence.Length, width), (start, column));
        }
    }

    /// <summary>All networks in one compilation.</summary>
    public sealed class Compiled
    {
        private readonly Assembly _assembly = GeneratorHarness.Load(GeneratorHarness.Compile(
            "using SimdNet;\nusing SimdNet.Layers;\n" + string.Join("\n", Cases.Select((one, i) => one.Declaration("Inputs" + i))) + """

            /// <summary>What calls them as a program does.</summary>
            public static class Calls
            {
                /// <summary>Inputs and results that lie apart.</summary>
                public static void Apart8(object network, float[] image, float[] numbers, float[] input, float[] first, float[] second, float[] third, object state)
                {
                    ((Inputs8)network).SetContext(image, numbers, (NetworkState)state);
                    ((Inputs8)network).Forward(input, first, second, third, (NetworkState)state);
                }
            }
            """,
            OptimizationLevel.Release));

        /// <summary>The generated classes, and the networks that their methods build.</summary>
        internal IEnumerable<Example> Examples()
        {
            for (int i = 0; i < Cases.Length; i++)
            {
                Case one = Cases[i];
                INetwork generated = GeneratorHarness.Create(_assembly, "Inputs" + i, 42);
                MethodInfo define = generated.GetType().GetMethod("Define", BindingFlags.Static | BindingFlags.NonPublic)!;
                Network built = Network.CreateGraph(one.Shapes, inputs => define.Invoke(null, [.. inputs]) switch
                {
                    Node result => [result],
                    System.Runtime.CompilerServices.ITuple tuple => [.. Enumerable.Range(0, tuple.Length).Select(j => (Node)tuple[j]!)],
                    _ => throw new InvalidOperationException(),
                }, seed: 42);
                float[][] inputs = [.. one.Shapes.Select((_, j) => one.IsOfTokens
                    ? [.. Enumerable.Range(0, one.Length(j)).Select(step => (float)(step * 5 % 7))]
                    : Values.Uniform(one.Length(j), 10 * i + j))];
                foreach ((string name, IStreamingNetwork network) in new[] { ("Inputs" + i, (IStreamingNetwork)generated), ("run-time Inputs" + i, built) })
                {
                    yield return new Example(
                        name, network, [.. inputs.SelectMany(values => values)], [.. inputs.Where((_, j) => !one.StepInputs.Contains(j)).SelectMany(values => values)],
                        [.. Enumerable.Range(0, Steps).SelectMany(step => one.StepInputs.SelectMany(j => inputs[j].AsSpan(step * one.StepSizeOf(j), one.StepSizeOf(j)).ToArray()))])
                    { Case = one };
                }
            }
        }

        internal void Call(string method, params object[] arguments)
        {
            try
            {
                _assembly.GetType("Calls")!.GetMethod(method)!.Invoke(null, arguments);
            }
            catch (TargetInvocationException exception)
            {
                throw exception.InnerException!;
            }
        }
    }
}
