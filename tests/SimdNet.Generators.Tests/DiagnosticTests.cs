extern alias Generator;

using Generator::SimdNet.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace SimdNet.Tests;

public class DiagnosticTests
{
    private const string Usings = "using SimdNet;\nusing SimdNet.Layers;\n";

    /// <summary>The sources below have no documentation and a field that nobody sets; what is emitted beside them is checked.</summary>
    private const string UndocumentedSource = "#pragma warning disable CS1591, CS0649\n";

    public static TheoryData<string> Pages =>
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "docs", "diagnostics"), "SNET1*.md").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    public static TheoryData<string, string, string, string> Faults => new()
    {
        { "SNET1001", "[Network(4)] partial class N;", "N has no layers", "Network(4)" },
        { "SNET1002", "[Network(16, 14, 14), Dense(3)] partial class N;", "Dense expects a flat input, but receives 16x14x14; add [Flatten]", "Dense(3)" },
        { "SNET1003", "[Network, Dense(3)] partial class N;", "[Network] needs the shape of a sample", "Network" },
        { "SNET1004", "[Network(4), Dense(-3)] partial class N;", "Dense has size -3", "Dense(-3)" },
        { "SNET1004", "[Network(4, 0), Dense(3)] partial class N;", "The input has size 0", "Network(4, 0)" },
        { "SNET1005", "[Network(70000), Dense(70000)] partial class N;", "dense1 brings the network to 4", "Dense(70000)" },
        { "SNET1005", "[Network(70000, 70000), Flatten] partial class N;", "4900000000", "Network(70000, 70000)" },
        { "SNET1006", "[Network(4), Softmax, Dense(3)] partial class N;", "but Dense follows", "Softmax" },
        { "SNET1007", "[Network(4), Dropout(1f), Dense(3)] partial class N;", "rate 1;", "Dropout(1f)" },
        { "SNET1007", "[Network(4), Dropout(-0.5f), Dense(3)] partial class N;", "rate -0.5", "Dropout(-0.5f)" },
        { "SNET1007", "[Network(4), Dropout(float.NaN), Dense(3)] partial class N;", "rate NaN", "Dropout(float.NaN)" },
        { "SNET1008", "[Network(4), Dense(3), LeakyRelu(-1f)] partial class N;", "slope -1", "LeakyRelu(-1f)" },
        { "SNET1009", "[Network(4), Dense(3)] class N;", "write 'partial class N'", "N" },
        { "SNET1009", "class Outer { [Network(4), Dense(3)] partial class N; }", "Outer must be partial", "Outer" },
        { "SNET1010", "[Network(4), Dense(3)] static partial class N;", "static", "N" },
        { "SNET1010", "[Network(4), Dense(3)] abstract partial class N;", "abstract", "N" },
        { "SNET1010", "[Network(4), Dense(3)] partial class N<T>;", "generic", "N" },
        { "SNET1010", "[Network(4), Dense(3)] partial record N;", "a record", "N" },
        { "SNET1010", "[Network(4), Dense(3)] partial struct N;", "a struct", "N" },
        { "SNET1010", "class Base(int x) { public int X => x; } [Network(4), Dense(3)] partial class N : Base;", "derived from Base", "N" },
        { "SNET1011", "[Dense(3)] partial class N;", "no [Network]", "Dense(3)" },
        { "SNET1012", "[Network(4), Dense(3)] partial class N { public int Tensors; }", "'N.Tensors'", "Tensors" },
        { "SNET1012", "[Network(4), Dense(3)] partial class N { public N() { } }", "'N.N()'", "N" },
        { "SNET1012", "[Network(4), Dense(3)] partial class N { public void Save(string path) { } }", "'N.Save(string)'", "Save" },
        { "SNET1012", "[Network(4), Dense(3)] partial class N { public int OutputSteps => 3; }", "'N.OutputSteps'", "OutputSteps" },
        { "SNET1016", "[Network(3, 4, 5), Softmax] partial class N;", "Softmax expects flat values or a sequence, (time, features), but receives 3x4x5; add Flatten or GlobalAveragePool before it", "Softmax" },
        { "SNET1016", "[Network(3, 4, 5), LogSoftmax, Flatten, Dense(3)] partial class N;", "LogSoftmax expects flat values", "LogSoftmax" },
        { "SNET1017", "[Network(4)] partial class N { static Node Define(Node x) => x.Dense(3) + x.Dense(5); }", "Add cannot join 3 and 5", "x.Dense(3) + x.Dense(5)" },
        { "SNET1017", "[Network(4, 3)] partial class N { static Node Define(Node x) => x.Concat(x.Flatten()); }", "Concat cannot join 4x3 and 12", "Concat(x.Flatten())" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { try { x = x.Relu(); } finally { } return x; } }", "it takes constants (const), locals", "try { x = x.Relu(); } finally { }" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) => x.Dense(System.Math.Max(3, 4)); }", "The generator cannot run 'System.Math.Max(3, 4)'", "System.Math.Max(3, 4)" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { while (true) { } } }", "more than 200000 steps", "true" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) => Again(x); static Node Again(Node x) => Again(x.Relu()); }", "deeper than 64", "Again(x.Relu())" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x, int n) => x.Dense(n); }", "static Node Define(Node x)", "Define" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { x.Dense(3); return x; } }", "the layer that it adds last", "Define" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { if (x.Shape[0] == 4) x = x.Relu(); return x.Dense(3); } }", "it takes constants (const), locals", "x.Shape[0]" },
        { "SNET1019", "[Network(4), Dense(3)] partial class N { static Node Define(Node x) => x.Relu(); }", "keep one of them", "Dense(3)" },
        { "SNET1020", "[Network(4, 3), Slice(2, 0, 1)] partial class N;", "Slice: 4x3 has no axis 2", "Slice(2, 0, 1)" },
        { "SNET1020", "[Network(4, 3), Slice(1, 2, 2)] partial class N;", "Slice: 2 from 2 do not lie within axis 1 of 4x3, which has 3", "Slice(1, 2, 2)" },
        { "SNET1004", "[Network(4)] partial class N { static Node Define(Node x) => x.Slice(0, 1, 0); }", "The length of Slice has size 0", "Slice(0, 1, 0)" },
        { "SNET1020", "[Network(4, 3), Permute(1, 1)] partial class N;", "Permute: (1, 1) is no order of the axes of 4x3", "Permute(1, 1)" },
        { "SNET1020", "[Network(4, 3), Permute(0, 1, 2)] partial class N;", "(0, 1, 2) is no order", "Permute(0, 1, 2)" },
        { "SNET1020", "[Network(4), GaussianNoise(-1f), Dense(3)] partial class N;", "the standard deviation is -1", "GaussianNoise(-1f)" },
        { "SNET1020", "[Network(4, 6)] partial class N { static Node Define(Node x) => x.CrossAttention(x, 4); }", "6 features cannot be cut into 4 heads", "CrossAttention(x, 4)" },
        { "SNET1016", "[Network(4, 6)] partial class N { static Node Define(Node x) => x.CrossAttention(x.Flatten(), 2); }", "CrossAttention expects a sequence", "CrossAttention(x.Flatten(), 2)" },
        { "SNET1002", "[Network(4, 5, 6)] partial class N { static Node Define(Node x) => x.Relu().Dense(3).Relu(); }", "receives 4x5x6", "Dense(3)" },
        { "SNET1004", "[Network(4)] partial class N { static Node Define(Node x) { for (int i = 3; i >= 0; i--) x = x.Dense(i).Tanh(); return x; } }", "Dense has size 0", "Dense(i)" },
        { "SNET1020", "[Network(4)] partial class N { static Node Define(Node x) { Node y = x.Dense(3); return y.Reuse(y); } }", "the parameters of dense1 do not fit 3", "Reuse(y)" },
        { "SNET1020", "[Network(4)] partial class N { static Node Define(Node x) { Node y = x + x; return x.Reuse(y); } }", "a layer of one input", "Reuse(y)" },
        { "SNET1006", "[Network(4)] partial class N { static (Node, Node) Define(Node x) => (x.Dense(3).Softmax(), x.Dense(2)); }", "but another result follows", "Softmax()" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define([Shape(4)] Node x, Node y) => x.Concat(y); }", "each of several inputs has its shape on its parameter", "Define" },
        { "SNET1018", "[Network] partial class N { static Node Define([Shape(4)] Node x, Node y) => x.Concat(y); }", "each of several inputs has its shape on its parameter", "Define" },
        { "SNET1004", "[Network] partial class N { static Node Define([Shape(4)] Node x, [Shape(0)] Node y) => x.Concat(y); }", "The input has size 0", "Shape(0)" },
        { "SNET1021", "[Network(Sequence.Any, 3), Flatten, Dense(2)] partial class N;", "flatten1 needs a fixed number", "Flatten" },
        { "SNET1003", "[Network] partial class N { static Node Define([Shape] Node x, [Shape(4)] Node y) => x.Concat(y); }", "[Shape] needs the shape of a sample", "Shape" },
        { "SNET1005", "[Network(65536, 65536), Relu] partial class N;", "The input brings the network to 4294967296", "Network(65536, 65536)" },
        { "SNET1005", "[Network] partial class N { static Node Define([Shape(40000, 40000)] Node x, [Shape(40000, 40000)] Node y) => x + y; }", "The input brings the network to 3200000000", "Network" },
        { "SNET1005", "[Network(200000, 64), Dense(20000)] partial class N;", "dense1 brings the network to 4000000000", "Dense(20000)" },
        { "SNET1005", "[Network(1000000), Embedding(50000, 4096)] partial class N;", "embedding1 brings the network to 4096000000", "Embedding(50000, 4096)" },
        { "SNET1016", "[Network(9, 3), Lstm(4), Lstm(4)] partial class N;", "lstm1 gives its last step alone; let it give all: returnSequences: true", "Lstm(4)" },
        { "SNET1020", "[Network(8, 8, 1), Conv2D(8, 3)] partial class N;", "does not fit into 8x8x1, (channels, height, width)", "Conv2D(8, 3)" },
        { "SNET1012", "[Network(4), Dense(1)] partial class N(string name) { public string Name => name; }", "stands behind its name", "N" },
        { "SNET1004", "[Network] partial class N { static Node Define([Shape(Sequence.Any, 3)] Node x, [Shape(2)] Node y) => x.Gru(2).Concat(y); }", "Sequence.Any, which is for the time of networks of one input", "Shape(Sequence.Any, 3)" },
        { "SNET1005", "[Network(1, 1), Conv1D(2147483647, 1)] partial class N;", "conv1D1 brings the network to 2147483647", "Conv1D(2147483647, 1)" },
        { "SNET1005", "[Network(1), Embedding(1, 2147483647)] partial class N;", "embedding1 brings the network to 2147483647", "Embedding(1, 2147483647)" },
        { "SNET1005", "[Network(2, 50000), MultiHeadAttention(1)] partial class N;", "multiHeadAttention1 brings the network to", "MultiHeadAttention(1)" },
        { "SNET1020", "[Network(9, 2), Conv1D(3, 3, pad: -1)] partial class N;", "Conv1D: padding of -1 must not be negative", "Conv1D(3, 3, pad: -1)" },
        { "SNET1020", "[Network(2, 9, 9), MaxPool2D(3, pad: -1)] partial class N;", "MaxPool2D: padding of -1 must not be negative", "MaxPool2D(3, pad: -1)" },
        { "SNET1020", "[Network(2, 9, 9), Conv2D(3, 3, padding: Padding.Causal), Flatten] partial class N;", "causal padding is for sequences", "Conv2D(3, 3, padding: Padding.Causal)" },
        { "SNET1020", "[Network(9, 2), Conv1D(3, 3, padding: (Padding)7)] partial class N;", "no padding of number 7", "Conv1D(3, 3, padding: (Padding)7)" },
        { "SNET1022", "[Network(4)] partial class N { static Node Define(Node x) { x = x.Dense(3); x.Relu(); return x.Dense(2); } }", "Nothing reads what Relu gives", "Relu()" },
        { "SNET1022", "[Network(4)] partial class N { static Node Define(Node x) { Node y = x.Dense(3); return x.Dense(2); } }", "Nothing reads what Dense gives", "Dense(3)" },
        { "SNET1020", "[Network(9, 2), Conv1D(3, 3, pad: 2000000000)] partial class N;", "padding of 2000000000", "Conv1D(3, 3, pad: 2000000000)" },
        { "SNET1020", "[Network(9, 2), Conv1D(3, 3, padding: Padding.Causal, dilation: 2000000000)] partial class N;", "spans 4000000001", "Conv1D(3, 3, padding: Padding.Causal, dilation: 2000000000)" },
        { "SNET1016", "[Network(2, 2, 2, 2)] partial class N { static Node Define(Node x) => x.Concat(x); }", "Concat expects flat values, sequences or images, but receives 2x2x2x2", "Concat(x)" },
        { "SNET1020", "[Network(4, 3), Slice(2, 0, 1), Dense(3), Gru(2)] partial class N;", "Slice: 4x3 has no axis 2", "Slice(2, 0, 1)" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { long n = 3000000000; return x.Dense((int)n); } }", "does not fit into int", "(int)n" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { double n = 3e9; return x.Dense((int)n); } }", "does not fit into int", "(int)n" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { int n = 300; return x.Dense((byte)n); } }", "does not fit into byte", "(byte)n" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { long n = 3; return x.Dense((int)(n * n)); } }", "it takes constants (const), locals", "n * n" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { int n = 3; Grow(ref n); return x.Dense(n); } static void Grow(ref int n) { n = n + 1; } }", "returns", "ref n" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { Size(out int n); return x.Dense(n); } static void Size(out int n) { n = 4; } }", "returns", "out int n" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { int n = 3; return Wide(x, in n); } static Node Wide(Node x, in int n) => x.Dense(n); }", "returns", "in n" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { int n = 3; ref int m = ref n; m = 5; return x.Dense(n); } }", "ref", "m = ref n" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { x.ToString(); return x.Dense(3); } }", "it takes constants (const), locals", "x.ToString()" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { Node y = x.Relu(); return x.Equals(y) ? y : x.Dense(3); } }", "it takes constants (const), locals", "x.Equals(y)" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { Node y = null!; return x.Reuse(y); } }", "the Node has no value here", "y" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { Node y = null!; return x.Dense(3).Concat(x, y); } }", "the Node has no value here", "Concat(x, y)" },
        { "SNET1018", "[Network(4, 2)] partial class N { static Node Define(Node x) => x.CrossAttention(null!, 1); }", "the Node has no value here", "null" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) => null!; }", "the layer that it adds last", "Define" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { int n = 3; return Wide(x); Node Wide(Node y) => y.Dense(n); } }", "make it static", "n" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { int n = 3; Set(); return x.Dense(n); void Set() { n = 4; } } }", "make it static", "n" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { while (true) x = x.Relu(); } }", "more than 10000 layers", "Relu()" },
        { "SNET1012", "[Network(4), Dense(3)] partial class N(string name) { public string Name => name; }", "'N.N(string)'", "N" },
        { "SNET1012", "[Network(4), Dense(3)] partial class N { public int InputSize() => 3; }", "'N.InputSize()'", "InputSize" },
        { "SNET1010", "[Network(4), Dense(3)] file partial class N;", "file-local", "N" },
        { "SNET1010", "file partial class Outer { [Network(4), Dense(3)] internal partial class N; }", "file-local", "N" },
        { "SNET1021", "[Network(Sequence.Any, 3), MaxPool1D, Flatten, Dense(2)] partial class N;", "flatten1 needs a fixed number", "Flatten" },
        { "SNET1021", "[Network(Sequence.Any, 3), Conv1D(2, 2, stride: 2), PositionEmbedding] partial class N;", "positionEmbedding1 needs a fixed number", "PositionEmbedding" },
        { "SNET1021", "[Network(Sequence.Any), Dense(3)] partial class N;", "dense1 needs a fixed number", "Dense(3)" },
        { "SNET1021", "[Network(Sequence.Any, 3), PositionEmbedding, Gru(2)] partial class N;", "positionEmbedding1 needs a fixed number", "PositionEmbedding" },
        { "SNET1004", "[Network(Sequence.Any, 3, 4), Flatten, Dense(2)] partial class N;", "The input has size -1", "Network(Sequence.Any, 3, 4)" },
        { "SNET1013", "[Network(4), Dense(3)] partial class N; [Relu] partial class N;", "more than one part", "Relu" },
        { "SNET1013", "[Network(4), Dense(3)] partial class N; [Network(4)] partial class N;", "more than one part", "Network(4)" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task AFaultIsToldUnderItsPlace(string id, string source, string message, string place)
    {
        Diagnostic diagnostic = Assert.Single(await GeneratorHarness.Analyze(Usings + source));
        Assert.Equal(id, diagnostic.Id);
        Assert.Contains(message, diagnostic.GetMessage());
        Assert.Equal(place, diagnostic.Location.SourceTree!.GetText(TestContext.Current.CancellationToken).ToString(diagnostic.Location.SourceSpan));
    }

    /// <summary>A class that can have another part gets one that stands in, so the fault is the only error.</summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public void CallsOfAWrongNetworkAreNoErrors(string id, string source, string message, string place)
    {
        _ = (message, place);
        IReadOnlyDictionary<string, string> written = GeneratorHarness.Generate(Usings + source);
        if (id is "SNET1009" or "SNET1010" or "SNET1011" or "SNET1012")
        {
            Assert.Empty(written);
            return;
        }
        Assert.Single(written);
        if (source.LastIndexOf("[Network", StringComparison.Ordinal) > 0) return; // A second [Network] is an error of the compiler's as well.
        const string Use = """
            static class Use
            {
                static void All(System.IO.Stream s, System.Span<float> v)
                {
                    var n = new N(1);
                    n.Forward(v, v);
                    n.Preprocessing = N.Load(s).Clone().Preprocessing;
                    new SimdNet.Training.Trainer<N>(n, SimdNet.Training.Loss.CrossEntropy, new SimdNet.Training.Adam());
                    n.CreateTrainingPass(N.InputSize + N.OutputSize + N.ParameterCount);
                    N.Load("").Save(""); n.Save(s); n.Tensors[0].CopyTo(n.Parameters[n.DecayedLength..]);
                }
            }
            """;
        GeneratorHarness.Compile(UndocumentedSource + Usings + source + Use, OptimizationLevel.Release);
    }

    [Fact]
    public async Task AllFaultsAreToldAtOnce()
    {
        IReadOnlyList<Diagnostic> diagnostics = await GeneratorHarness.Analyze(Usings + """
            [Network(1, 4, 2)]
            [Dropout(2f)]
            [Dense(3), Softmax, LeakyRelu(0f)]
            [Dense(0)]
            class N { void Clone() { } }
            """);
        Assert.Equal(["SNET1007", "SNET1002", "SNET1006", "SNET1008", "SNET1004", "SNET1009", "SNET1012"], diagnostics.Select(diagnostic => diagnostic.Id));
    }

    [Fact]
    public async Task NetworksThatDifferInCaseAreToldApart()
    {
        const string Source = Usings + "[Network(4), Dense(3)] partial class SubNet; [Network(4), Dense(5)] partial class Subnet;";
        Diagnostic diagnostic = Assert.Single(await GeneratorHarness.Analyze(Source));
        Assert.Equal("SNET1014", diagnostic.Id);
        Assert.Contains("Subnet and SubNet", diagnostic.GetMessage());
        Assert.Single(GeneratorHarness.Generate(Source));
    }

    [Theory]
    [InlineData("Dense(1)", "CrossEntropy", "one output a step")]
    [InlineData("Dense(2), Softmax", "CrossEntropy", null)]
    [InlineData("Dense(1)", "BinaryCrossEntropy", null)]
    public async Task ALossOverStepsIsToldByTheOutputsOfAStep(string last, string loss, string? message)
    {
        IReadOnlyList<Diagnostic> diagnostics = await GeneratorHarness.Analyze(
            Usings + $"using SimdNet.Training; [Network(4, 3), {last}] partial class N {{ object Train() => new Trainer<N>(this, Loss.{loss}, new Adam()); }}");
        Assert.Equal(message is null ? [] : ["SNET1015"], diagnostics.Select(diagnostic => diagnostic.Id));
        if (message is not null) Assert.Contains(message, diagnostics[0].GetMessage());
    }

    [Theory]
    [InlineData("Sigmoid", "CrossEntropy", "ends in Sigmoid; use Loss.BinaryCrossEntropy")]
    [InlineData("Softmax", "BinaryCrossEntropy", "ends in Softmax; use Loss.CrossEntropy")]
    [InlineData("Dense(1)", "CrossEntropy", "one output")]
    [InlineData("Sigmoid", "BinaryCrossEntropy", null)]
    [InlineData("Softmax", "CrossEntropy", null)]
    [InlineData("Softmax", "MeanSquaredError", null)]
    [InlineData("Sigmoid", "WeightedCrossEntropy(1, 2, 3)", "Loss.WeightedCrossEntropy does not fit N, which ends in Sigmoid; use Loss.WeightedBinaryCrossEntropy")]
    [InlineData("Softmax", "WeightedBinaryCrossEntropy(20)", "ends in Softmax; use Loss.WeightedCrossEntropy")]
    [InlineData("Softmax", "WeightedCrossEntropy(1, 2, 3)", null)]
    [InlineData("Dropout(0.1f)", "BinaryCrossEntropy", null)]
    [InlineData("Sigmoid, Flatten", "BinaryCrossEntropy", "a sigmoid that is not its last layer; let it be the last one")]
    [InlineData("Sigmoid, Flatten", "MeanSquaredError", null)]
    [InlineData("Sigmoid, Dense(2)", "CrossEntropy", null)]
    public async Task ALossThatDoesNotFitIsToldUnderIt(string last, string loss, string? message)
    {
        IReadOnlyList<Diagnostic> diagnostics = await GeneratorHarness.Analyze(
            Usings + $"using SimdNet.Training; [Network(4), Dense(3), {last}] partial class N {{ object Train() => new Trainer<N>(this, Loss.{loss}, new Adam()); }}");
        Assert.Equal(message is null ? [] : ["SNET1015"], diagnostics.Select(diagnostic => diagnostic.Id));
        if (message is not null) Assert.Contains(message, diagnostics[0].GetMessage());
    }

    [Theory]
    [InlineData("[Network(4), Dense(3)] partial class N { public void Forward(float[] x) { } public N(string name) : this() { } public int Load(int n) => n; }")]
    [InlineData("partial class Outer { public partial struct Inner { [Network(2, 3), Flatten, Dense(3), Tanh] internal sealed partial class N; } }")]
    [InlineData("namespace A.B { [Network(4)] [Dense(3, Initializer = Initializer.GlorotNormal)] [Sigmoid] public partial class N { public int Extra; } }")]
    [InlineData("[Network(4), Relu] partial class N;")]
    [InlineData("[Network(4), Dropout(0f), Softmax] partial class N;")]
    [InlineData("[Network(4), Dropout(0.5f)] partial class N;")]
    public async Task WhatIsRightIsGeneratedAndCompiles(string source)
    {
        Assert.Empty(await GeneratorHarness.Analyze(Usings + source));
        GeneratorHarness.Compile(UndocumentedSource + Usings + source, OptimizationLevel.Release);
        GeneratorHarness.Compile(UndocumentedSource + Usings + source, OptimizationLevel.Debug);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task ThePagesExamplesAreWrongAndRight(string id)
    {
        string[] examples = Repository.Examples($"docs/diagnostics/{id}.md");
        Assert.Equal(2, examples.Length);
        Assert.Equal([id], (await GeneratorHarness.Analyze(Usings + examples[0])).Select(diagnostic => diagnostic.Id));
        Assert.Empty(await GeneratorHarness.Analyze(Usings + examples[1]));
        Assert.NotEmpty(GeneratorHarness.Generate(Usings + examples[1]));
    }

    /// <summary>Every member that is emitted, whatever the network is, collides with another of its name.</summary>
    [Theory]
    [InlineData("[Network(4), Dense(3)]", "")]
    [InlineData("[Network(4), Dense(300)]", "")]
    [InlineData("[Network(7, 4), Gru(3, returnSequences: true), Dense(2)]", "")]
    [InlineData("[Network(5), Embedding(7, 4), Gru(3)]", "")]
    [InlineData("[Network(Sequence.Any, 4), Gru(3, returnSequences: true)]", "")]
    [InlineData("[Network]", "static (Node p, Node q) Define([Shape(6, 4)] Node a, [Shape(6, 4)] Node b, [Shape(3)] Node c, [Shape(2)] Node d) => (a.Concat(b).Gru(3), c.Concat(d).Dense(2));")]
    public async Task EmittedMembersCollide(string attributes, string body)
    {
        string source = Usings + $"{attributes} partial class N {{ {body} }}";
        GeneratorHarness.CreateDriver().RunGeneratorsAndUpdateCompilation(GeneratorHarness.CreateCompilation(source), out Compilation compilation, out _, TestContext.Current.CancellationToken);
        foreach (ISymbol member in compilation.GetTypeByMetadataName("N")!.GetMembers().Where(member => !member.IsImplicitlyDeclared && member.CanBeReferencedByName && member.Name != "Define"))
        {
            foreach (string declaration in member is IMethodSymbol method ? [$"public int {member.Name};", Same(method)] : new[] { $"public int {member.Name};", $"public void {member.Name}() {{ }}" })
                Assert.Equal(["SNET1012"], (await GeneratorHarness.Analyze(Usings + $"{attributes} partial class N {{ {body} {declaration} }}")).Select(diagnostic => diagnostic.Id));
        }

        static string Same(IMethodSymbol method) => $"public void {method.Name}({string.Join(", ", method.Parameters.Select((parameter, i) => parameter.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) + " p" + i))}) {{ }}";
    }

    [Fact]
    public async Task AttributesOfOnesOwnAreNoLayers()
    {
        const string Source = Usings + "class SwishAttribute : LayerAttribute; [Network(4), Dense(3), Swish] partial class N;";
        Assert.Empty(await GeneratorHarness.Analyze(Source));
        Assert.Single(GeneratorHarness.Generate(Source));
        Assert.Equal(["CS0122"], GeneratorHarness.CreateCompilation(Source).GetDiagnostics(TestContext.Current.CancellationToken).Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && diagnostic.GetMessage().Contains("LayerAttribute")).Select(diagnostic => diagnostic.Id).Distinct());
    }

    /// <summary>Files of networks differ in more than case, and namespaces and classes may be named as keywords.</summary>
    [Fact]
    public async Task NamespacesAndOuterClassesThatDifferInCaseAreToldApart()
    {
        foreach (string source in new[] { "namespace Plant { [Network(4), Dense(3)] partial class N; } namespace plant { [Network(4), Dense(5)] partial class N; }", "partial class Plant { [Network(4), Dense(3)] partial class N; } partial class plant { [Network(4), Dense(5)] partial class N; }" })
        {
            Diagnostic diagnostic = Assert.Single(await GeneratorHarness.Analyze(Usings + source));
            Assert.Equal("SNET1014", diagnostic.Id);
            Assert.Contains("plant.N and Plant.N", diagnostic.GetMessage());
            Assert.Single(GeneratorHarness.Generate(Usings + source));
        }
    }

    [Theory]
    [InlineData("[Network(4), Dense(3)]")]
    [InlineData("[Network(5), Embedding(9, 4), Gru(3)]")]
    [InlineData("[Network(Sequence.Any, 4), Gru(3)]")]
    [InlineData("[Network(4), Dense(0)]")]
    public void NamesMayBeKeywords(string attributes)
    {
        const string Around = "namespace @base.@int {{ public partial class @event {{ {0} public partial class @record {{ }} {0} public partial class @checked {{ }} }} }}";
        string source = Usings + string.Format(System.Globalization.CultureInfo.InvariantCulture, Around, attributes);
        Assert.Equal(["base.int.event.checked.g.cs", "base.int.event.record.g.cs"], GeneratorHarness.Generate(source).Keys.Order());
        GeneratorHarness.Compile("#pragma warning disable CS1591\n" + source, OptimizationLevel.Release);
    }

    [Theory]
    [InlineData("[Network(Encoder.OutputSize), Dense(3)] partial class N;", "Encoder.OutputSize")]
    [InlineData("[Network(4), Dense(2 * Encoder.OutputSize)] partial class N;", "2 * Encoder.OutputSize")]
    [InlineData("[Network(Size), Dense(3)] partial class N { const int Size = Encoder.OutputSize + 1; }", "Size")]
    [InlineData("[Network(4)] partial class N { static Node Define(Node x) => x.Dense(Encoder.OutputSize); }", "Encoder.OutputSize")]
    [InlineData("[Network(4)] partial class N { const int Size = Encoder.InputSize; static Node Define(Node x) => Wide(x, Size); static Node Wide(Node x, int n) => x.Dense(n); }", "Size")]
    [InlineData("[Network] partial class N { static Node Define([Shape(Encoder.OutputSize)] Node x, [Shape(2)] Node y) => x.Concat(y); }", "Encoder.OutputSize")]
    public async Task AConstantThatIsGeneratedIsNotThereYet(string source, string place)
    {
        Diagnostic diagnostic = Assert.Single(await GeneratorHarness.Analyze(Usings + "[Network(6), Dense(3)] partial class Encoder;" + source));
        Assert.Equal("SNET1018", diagnostic.Id);
        Assert.Contains("use a constant of your own", diagnostic.GetMessage());
        Assert.Equal(place, diagnostic.Location.SourceTree!.GetText(TestContext.Current.CancellationToken).ToString(diagnostic.Location.SourceSpan));
    }

    /// <summary>As in an editor, where projects reference one another without files between them.</summary>
    [Fact]
    public async Task ALossOnANetworkOfAnotherProjectIsNotLookedAt()
    {
        const string Network = Usings + "[Network(4)] public sealed partial class N { static Node Define(Node x) => x.Dense(3).Sigmoid(); }";
        const string Use = "using SimdNet.Training; class Use { object Train(N n) => new Trainer<N>(n, Loss.CrossEntropy, new Adam()); }";
        GeneratorHarness.CreateDriver().RunGeneratorsAndUpdateCompilation(GeneratorHarness.CreateCompilation(Network), out Compilation other, out _, TestContext.Current.CancellationToken);
        Compilation compilation = GeneratorHarness.CreateCompilation(Use).AddReferences(other.ToMetadataReference());
        Assert.Empty(await compilation.WithAnalyzers([new NetworkAnalyzer()]).GetAllDiagnosticsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void EveryDiagnosticHasAPage() => Assert.Equal(
        new NetworkAnalyzer().SupportedDiagnostics.Select(descriptor => descriptor.Id).Order(), Pages.Select(page => page.Data));
}
