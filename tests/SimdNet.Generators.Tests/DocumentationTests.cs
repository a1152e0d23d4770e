using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Xunit;

namespace SimdNet.Tests;

/// <summary>What the documentation shows compiles. (The pages of the diagnostics have their own test.)</summary>
public partial class DocumentationTests
{
    /// <summary>What a console project has; and what an example has that names nothing itself, since it is no file.</summary>
    private static readonly string[] ImplicitUsings = ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading"], Namespaces = ["SimdNet", "SimdNet.Data", "SimdNet.Layers", "SimdNet.Training"];

    private const string DigitNet = "[SimdNet.Network(784), SimdNet.Layers.Dense(10), SimdNet.Layers.Softmax] sealed partial class DigitNet;";

    /// <summary>What an example takes as given: declarations, and the parameters of the method around its statements.</summary>
    private static readonly Dictionary<string, (string Declarations, string Given)[]> Examples = new()
    {
        ["README.md"] =
        [
            ("", ""), (DigitNet, "SimdNet.Data.DataSet train, SimdNet.Data.DataSet validation, float[] image"), ("", ""),
            ("[Network(30), Dense(16), Relu, Dense(1), Sigmoid] partial class DiagnosisNet;", ""),
        ],
        ["docs/layers.md"] =
        [
            ("", ""), ("", "float[] image, float[] probabilities"), ("", ""), ("", ""), ("", ""),
            ("[Network(Sequence.Any, 4), Gru(16, returnSequences: true), Dense(3), Softmax] partial class Tagger;", "float[] sequence, float[] tags"),
            ("", "float[][] sequences, int[][] labels, float[] inputs"), ("", "DataSet[] samples"),
            ("[Network(9, 1), Lstm(4), Dense(1)] partial class Voice;", "Voice net, float[] sample, float[] result"),
            ("", ""),
            ("[Network] partial class Translator { static Node Define([Shape(4)] Node a, [Shape(5)] Node b) => b.Embedding(9, 4).CrossAttention(a.Embedding(9, 4), 1); }",
                "Translator translator, float[] sentence, float[] word, float[] probabilities"),
        ],
        ["docs/training.md"] =
        [
            (DigitNet, "DigitNet net, DataSet train, DataSet validation"), (DigitNet, "DigitNet net, DataSet train, DataSet validation"),
            (DigitNet, "DigitNet net, (float[], int[])[] batches"), ("", ""), ("", ""), (DigitNet, "DigitNet net, DataSet train"), (DigitNet, "DigitNet net, DataFrame test"), (DigitNet, "DigitNet net, DataFrame validation"),
            ("", "float[] series, int start"), (DigitNet, "DigitNet net"),
        ],
        ["docs/first-network.md"] = [("", "TrainingPass pass, float[] inputs, float[] targets")],
    };

    public static TheoryData<string> Pages =>
        [.. new[] { "README.md" }.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(path => "docs/" + Path.GetFileName(path)))];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task ExamplesCompile(string page)
    {
        string[] blocks = Repository.Examples(page);
        Assert.Equal(Examples.TryGetValue(page, out var examples) ? examples.Length : 0, blocks.Length);
        for (int i = 0; i < blocks.Length; i++)
        {
            // Declarations come first in an example, so that it reads from the top, or last in a whole program; the compiler wants statements in a method.
            string written = Usings().Match(blocks[i]).Value, block = WholeProgram().Replace(blocks[i][written.Length..], "$2$1");
            int statements = Declarations().Match(block).Length;
            string usings = string.Concat(ImplicitUsings.Concat(written.Length > 0 ? [] : Namespaces).Select(name => $"using {name};\n"));
            string source = $"#pragma warning disable CS1591, CS0219\n{usings}{written}{block[..statements]}\n{examples![i].Declarations}\nstatic class Example {{ static void Run({examples[i].Given}) {{\n{block[statements..]}\n}} }}\n";
            Assert.Empty(await GeneratorHarness.Analyze(source));
            GeneratorHarness.Compile(source, OptimizationLevel.Release);
        }
    }

    [GeneratedRegex(@"\A(?:using [\w.]+;\n)*")]
    private static partial Regex Usings();

    /// <summary>Statements, and a network at the end.</summary>
    [GeneratedRegex(@"\A(\n\w.*\n)(\n\[Network.*partial class \w+;\n)\z", RegexOptions.Singleline)]
    private static partial Regex WholeProgram();

    /// <summary>Everything down to the last declaration of a class.</summary>
    [GeneratedRegex(@"\A.*(?:partial|sealed) class \w+(?:\([^)]*\) : \w+)?(?:;|\n\{.*\n\})(?:\n|\z)|\A", RegexOptions.Singleline)]
    private static partial Regex Declarations();
}
