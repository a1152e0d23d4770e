using System.Reflection;
using Microsoft.CodeAnalysis;
using SimdNet.Data;
using SimdNet.Layers;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Several inputs and results, sequences of any length, and tokens: generated classes against the networks that their methods build.</summary>
public sealed class InputTests
{
    private const int Batch = 3;

    private const string Source = """
        using SimdNet;
        using SimdNet.Layers;
        /// <summary>Two inputs, two results.</summary>
        [Network]
        public sealed partial class Towers
        {
            internal static (Node score, Node) Define([Shape(1, 4, 5)] Node image, [Shape(3)] Node numbers)
            {
                Node y = image.Conv2D(4, 3).Relu().Flatten().Concat(numbers).Dense(8).Tanh();
                return (y.Dense(3), y.Dense(4).Reshape(2, 2));
            }
        }
        /// <summary>A sequence of any length.</summary>
        [Network(Sequence.Any, 3), Conv1D(4, 2, padding: Padding.Causal), Elu(0.5f), Gru(5, returnSequences: true), Dense(4), Softmax]
        public sealed partial class Tagger;
        /// <summary>One result for a sequence of any length.</summary>
        [Network(Sequence.Any)]
        public sealed partial class Reader
        {
            internal static Node Define(Node x) => x.Embedding(9, 6).MultiHeadAttention(2, causal: true).Lstm(4).Dense(1).Sigmoid();
        }
        /// <summary>Tokens.</summary>
        [Network(5), Embedding(9, 6), MultiHeadAttention(3, causal: true), Dense(9)]
        public sealed partial class Writer;
        /// <summary>A sequence that becomes shorter.</summary>
        [Network(Sequence.Any, 3), Conv1D(4, 3, stride: 2), MaxPool1D, Gru(5, returnSequences: true)]
        public sealed partial class Strided;
        /// <summary>Names that the emitted overload has itself.</summary>
        [Network]
        public sealed partial class Crowded
        {
            internal static (Node first, Node results, Node lease) Define([Shape(2)] Node first, [Shape(3)] Node joined, [Shape(5, 2)] Node samples, [Shape(1)] Node state, [Shape(1)] Node steps, [Shape(1)] Node Forward, [Shape(1)] Node OutputSize)
                => (first.Dense(2), joined.Concat(state, steps, Forward, OutputSize), samples.Gru(3));
        }
        /// <summary>An input that has no name, beside a result that has its name.</summary>
        [Network(4)]
        public sealed partial class Split
        {
            internal static (Node input, Node output) Define(Node x) => (x.Dense(2), x.Dense(3));
        }
        /// <summary>What calls them as a program does.</summary>
        public static class Calls
        {
            public static void Towers(object network, float[] image, float[] numbers, float[] score, float[] second) => ((Towers)network).Forward(image, numbers, score, second);
            public static void Crowded(object network, float[] first, float[] joined, float[] samples, float[] one, float[] left, float[] middle, float[] right)
                => ((Crowded)network).Forward(first, joined, samples, state: one, steps: one, one, one, left, middle, right);
            public static void Split(object network, float[] input, float[] first, float[] second) => ((Split)network).Forward(input, first, second);
            public static void Writer(object network, int[] tokens, float[] output) => ((Writer)network).Forward(tokens, output);
            public static void Stream(object network, int[] tokens, float[] output, object state) => ((Writer)network).Forward(tokens, output, (NetworkState)state);
            public static void Reader(object network, int[] tokens, float[] output) => ((Reader)network).Forward(tokens, output);
            public static object WithLength(object network, int steps) => network is Tagger tagger ? tagger.WithLength(steps) : ((Reader)network).WithLength(steps);
        }
        """;

    private static readonly Assembly Compiled = GeneratorHarness.Load(GeneratorHarness.Compile("#pragma warning disable CS1591\n" + Source, OptimizationLevel.Release));

    [Fact]
    public void SeveralInputsAndResultsLieSideBySideOrApart()
    {
        INetwork network = Create("Towers");
        MethodInfo define = network.GetType().GetMethod("Define", BindingFlags.Static | BindingFlags.NonPublic)!;
        Network runtime = Network.CreateGraph([[1, 4, 5], [3]], inputs =>
        {
            (Node score, Node second) = ((Node, Node))define.Invoke(null, [inputs[0], inputs[1]])!;
            return [score, second];
        }, seed: 42);
        Assert.Equal((23, 7), (network.InputSize, network.OutputSize));
        float[] image = Values.Uniform(Batch * 20, 1), numbers = Values.Uniform(Batch * 3, 2), score = new float[Batch * 3], second = new float[Batch * 4];
        float[] joined = [.. Enumerable.Range(0, Batch).SelectMany(i => (float[])[.. image.AsSpan(i * 20, 20), .. numbers.AsSpan(i * 3, 3)])];
        float[] output = new float[Batch * 7], expected = new float[Batch * 7];
        network.Forward(joined, output);
        runtime.Forward(joined, expected);
        Values.AssertSameBits(expected, output);
        Call("Towers", network, image, numbers, score, second);
        for (int i = 0; i < Batch; i++)
        {
            Values.AssertSameBits(output.AsSpan(i * 7, 3), score.AsSpan(i * 3, 3));
            Values.AssertSameBits(output.AsSpan(i * 7 + 3, 4), second.AsSpan(i * 4, 4));
        }
        Assert.Contains("as in the first input", Assert.Throws<ArgumentException>(() => Call("Towers", network, image, new float[3], score, second)).Message);

        TrainingPass pass = network.CreateTrainingPass(Batch), other = runtime.CreateTrainingPass(Batch);
        Assert.Equal(pass.Step(joined, output, Loss.MeanSquaredError, new Adam()), other.Step(joined, output, Loss.MeanSquaredError, new Adam()));
        Values.AssertSameBits(network.Parameters, runtime.Parameters);
    }

    [Fact]
    public void ASequenceOfAnyLengthHasTheBitsOfAFixedOne()
    {
        INetwork tagger = Create("Tagger");
        foreach (int steps in new[] { 1, 2, 7, 50 })
        {
            Network same = Network.Create([steps, 3], x => x.Conv1D(4, 2, padding: Padding.Causal).Elu(0.5f).Gru(5, returnSequences: true).Dense(4).Softmax(), seed: 42);
            float[] input = Values.Uniform(steps * 3, steps), output = new float[steps * 4], expected = new float[steps * 4], stream = new float[steps * 4];
            tagger.Forward(input, output);
            same.Forward(input, expected);
            Values.AssertSameBits(expected, output);
            var streaming = (IStreamingNetwork)tagger;
            streaming.Forward(input, stream, streaming.CreateState());
            Values.AssertSameBits(expected, stream);
        }
        Assert.Contains("multiple of 3", Assert.Throws<ArgumentException>(() => tagger.Forward(new float[4], new float[4])).Message);
        Assert.Contains("result of 2 time steps", Assert.Throws<ArgumentException>(() => tagger.Forward(new float[6], new float[4])).Message);
        Assert.Contains("WithLength", Assert.Throws<NotSupportedException>(() => tagger.CreateTrainingPass(1)).Message);
    }

    [Fact]
    public void EmittedOverloadsTakeInputsAndResultsOfAnyName()
    {
        INetwork crowded = Create("Crowded"), split = Create("Split");
        float[] input = Values.Uniform(19, 1), output = new float[12], left = new float[2], middle = new float[7], right = new float[3];
        input.AsSpan(16).Fill(input[15]);
        crowded.Forward(input, output);
        Call("Crowded", crowded, input[..2], input[2..5], input[5..15], input[15..16], left, middle, right);
        Values.AssertSameBits(output, [.. left, .. middle, .. right]);
        Call("Split", split, input[..4], left, right);
        split.Forward(input.AsSpan(0, 4), output.AsSpan(0, 5));
        Values.AssertSameBits(output.AsSpan(0, 5), [.. left, .. right]);
    }

    /// <summary>The result of a sequence that becomes shorter has steps of OutputSize floats, as many as its layers leave.</summary>
    [Fact]
    public void AStridedSequenceOfAnyLengthHasFewerSteps()
    {
        INetwork strided = Create("Strided");
        Network runtime = Network.Create([Sequence.Any, 3], x => x.Conv1D(4, 3, stride: 2).MaxPool1D().Gru(5, returnSequences: true), seed: 42);
        Assert.Equal((5, 5), (strided.OutputSize, runtime.OutputSize));
        foreach (int steps in new[] { 5, 6, 11, 40 })
        {
            Network same = Network.Create([steps, 3], x => x.Conv1D(4, 3, stride: 2).MaxPool1D().Gru(5, returnSequences: true), seed: 42);
            float[] input = Values.Uniform(steps * 3, steps), expected = new float[same.OutputSize], output = new float[expected.Length], other = new float[expected.Length];
            Assert.Equal((expected.Length, 0), (runtime.WithLength(steps).OutputSize, expected.Length % 5));
            same.Forward(input, expected);
            strided.Forward(input, output);
            runtime.Forward(input, other);
            Values.AssertSameBits(expected, output);
            Values.AssertSameBits(expected, other);
        }
        Assert.Equal(6 * 3, Network.Create([Sequence.Any, 4], x => x.Reshape(2 * x.Shape[0], 2).Gru(3, returnSequences: true)).WithLength(3).OutputSize);
        Assert.Equal(4, Network.Create([Sequence.Any, 4], x => x.MaxPool1D(8192, padding: Padding.Same)).OutputSize);
        Assert.Equal(4, Network.Create([Sequence.Any, 4], x => x.MaxPool1D().Slice(0, 0, 1).Flatten()).OutputSize);
    }

    [Fact]
    public void OneLengthTrainsTheParametersOfAll()
    {
        INetwork tagger = Create("Tagger");
        var fixedLength = (Network)Call("WithLength", tagger, 6)!;
        float[] before = tagger.Parameters.ToArray();
        int[] classes = [.. Enumerable.Range(0, Batch * 6).Select(i => i % 4)];
        var trainer = new Trainer<Network>(fixedLength, Loss.CrossEntropy, new Adam());
        trainer.Fit(DataSet.FromClasses(Values.Uniform(Batch * 18, 4), 18, classes, classesPerSample: 6));
        Assert.NotEqual(before, tagger.Parameters.ToArray());
        Values.AssertSameBits(tagger.Parameters, fixedLength.Parameters);
    }

    [Fact]
    public void TokensAreWholeNumbersInFloats()
    {
        int[] tokens = [3, 8, 0, 1, 3];
        float[] input = [.. tokens.Select(token => (float)token)], output = new float[45], expected = new float[45], stream = new float[45];
        INetwork writer = Create("Writer"), reader = Create("Reader");
        writer.Forward(input, expected);
        Call("Writer", writer, tokens, output);
        Values.AssertSameBits(expected, output);
        Call("Stream", writer, tokens, stream, ((IStreamingNetwork)writer).CreateState());
        Values.AssertSameBits(expected, stream);
        float[] one = new float[1], same = new float[1];
        reader.Forward(input, same);
        Call("Reader", reader, tokens, one);
        Values.AssertSameBits(same, one);
        Assert.False(reader is IStreamingNetwork);
        Assert.Contains("Expected tokens from 0 to 8", Assert.Throws<ArgumentOutOfRangeException>(() => Call("Writer", writer, new[] { 1, 2, 3, 4, 9 }, output)).Message);
    }

    [Fact]
    public void AnyLengthAtRunTimeSaysWhatDoesNotFit()
    {
        Assert.Contains("SNET1021: flatten1", Assert.Throws<ArgumentException>(() => Network.Create([Sequence.Any, 2], x => x.Flatten().Dense(1))).Message);
        Assert.Contains("SNET1021: flatten1", Assert.Throws<ArgumentException>(() => Network.Create([Sequence.Any, 2], x => x.MaxPool1D().Flatten().Dense(1))).Message);
        Assert.Contains("SNET1021: dense1", Assert.Throws<ArgumentException>(() => Network.Create([Sequence.Any, 2], x => x.Dense(x.Shape[0]))).Message);
        Assert.Contains("SNET1021: dense1", Assert.Throws<ArgumentException>(() => Network.Create([Sequence.Any, 2], x => x.Dense(x.Shape[0] < 9 ? 2 : 3)).WithLength(8)).Message);
        Assert.Contains("Sequence.Any", Assert.Throws<NotSupportedException>(() => Network.Create([4, 2], x => x.Gru(1)).WithLength(3)).Message);
        Network network = Network.Create([Sequence.Any, 2], x => x.Conv1D(3, 4).GlobalMaxPool(), seed: 1);
        Assert.Equal(nameof(Network.WithLength) + "|steps", nameof(Network.WithLength) + "|" + Assert.Throws<ArgumentException>(() => network.WithLength(3)).ParamName);
        Assert.Equal(3, network.OutputSize);
        Network allButTheLast = Network.Create([Sequence.Any, 2], x => x.Slice(0, 1, x.Shape[0] - 1).Dense(3), seed: 1);
        Assert.Equal((3, 12), (allButTheLast.OutputSize, allButTheLast.WithLength(5).OutputSize));
        network.Forward(new float[10], new float[3]);
        var trainer = new Trainer<Network>(network, Loss.MeanSquaredError, new Adam());
        Assert.Contains("network.WithLength(6)", Assert.Throws<ArgumentException>(() => trainer.Fit(DataSet.FromTargets(new float[12], 12, new float[3], 3))).Message);
        Assert.Contains("longest length", Assert.Throws<NotSupportedException>(() => Network.Create([Sequence.Any, 2], x => x.MultiHeadAttention(1, causal: true)).CreateState()).Message);
    }

    [Fact]
    public void SavedAndLoadedAsOthersAre()
    {
        foreach (string name in new[] { "Tagger", "Towers" })
        {
            INetwork network = Create(name);
            using var stream = new MemoryStream();
            network.Save(stream);
            stream.Position = 0;
            var loaded = (INetwork)network.GetType().GetMethod("Load", [typeof(Stream)])!.Invoke(null, [stream])!;
            Values.AssertSameBits(network.Parameters, loaded.Parameters);
            network.Parameters[0]++;
            Assert.NotEqual(network.Parameters[0], loaded.Parameters[0]);
        }
    }

    private static INetwork Create(string name) => GeneratorHarness.Create(Compiled, name, 42);

    private static object? Call(string method, params object[] arguments)
    {
        try
        {
            return Compiled.GetType("Calls")!.GetMethod(method)!.Invoke(null, arguments);
        }
        catch (TargetInvocationException exception)
        {
            throw exception.InnerException!;
        }
    }
}
