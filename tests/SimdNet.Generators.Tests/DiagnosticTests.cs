extern alias Generator;

using Generator::SimdNet.Generators;
using Microsoft.CodeAnalysis;
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
        { "SNET1011", "[Dense(3)] partial class N;", "no [Network]", "Dense(3)" },
        { "SNET1012", "[Network(4), Dense(3)] partial class N { public int Tensors; }", "'N.Tensors'", "Tensors" },
        { "SNET1012", "[Network(4), Dense(3)] partial class N { public N() { } }", "'N.N()'", "N" },
        { "SNET1012", "[Network(4), Dense(3)] partial class N { public void Save(string path) { } }", "'N.Save(string)'", "Save" },
        { "SNET1012", "[Network(4), Dense(3)] partial class N { public int OutputSteps => 3; }", "'N.OutputSteps'", "OutputSteps" },
        { "SNET1016", "[Network(3, 4, 5), Softmax] partial class N;", "Softmax expects flat values or a sequence, (time, features), but receives 3x4x5; add Flatten or GlobalAveragePool before it", "Softmax" },
        { "SNET1016", "[Network(3, 4, 5), LogSoftmax, Flatten, Dense(3)] partial class N;", "LogSoftmax expects flat values", "LogSoftmax" },
        { "SNET1017", "[Network(4)] partial class N { static Node Define(Node x) => x.Dense(3) + x.Dense(5); }", "Add cannot join 3 and 5", "x.Dense(3) + x.Dense(5)" },
        { "SNET1017", "[Network(4, 3)] partial class N { static Node Define(Node x) => x.Concat(x.Flatten()); }", "Concat cannot join 4x3 and 12", "Concat(x.Flatten())" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { try { x = x.Relu(); } finally { } return x; } }", "it takes locals", "try { x = x.Relu(); } finally { }" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) => x.Dense(System.Math.Max(3, 4)); }", "The generator cannot run 'System.Math.Max(3, 4)'", "System.Math.Max(3, 4)" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { while (true) { } } }", "more than 200000 steps", "true" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) => Again(x); static Node Again(Node x) => Again(x.Relu()); }", "deeper than 64", "Again(x.Relu())" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x, int n) => x.Dense(n); }", "static Node Define(Node x)", "Define" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { x.Dense(3); return x; } }", "the layer that it adds last", "Define" },
        { "SNET1018", "[Network(4)] partial class N { static Node Define(Node x) { if (x.Shape[0] == 4) x = x.Relu(); return x.Dense(3); } }", "it takes locals", "x.Shape[0]" },
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
    [InlineData("Dropout(0.1f)", "BinaryCrossEntropy", null)]
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

    [Fact]
    public void EveryDiagnosticHasAPage() => Assert.Equal(
        new NetworkAnalyzer().SupportedDiagnostics.Select(descriptor => descriptor.Id).Order(), Pages.Select(page => page.Data));
}
