extern alias Generator;
using System.Collections;
using System.Reflection;
using Generator::SimdNet.Generators;
using Generator::SimdNet.Generators.Parsing;
using Generator::SimdNet.Generators.Spec;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace SimdNet.Tests;

/// <summary>What an incremental generator owes the editor: equal models first, then work that is not done twice.</summary>
public class IncrementalTests
{
    private const string Source = """
        using SimdNet;
        using SimdNet.Layers;
        namespace App;
        [Network(4)]
        [Dropout(0.1f)]
        [Dense(8), LeakyRelu(0.1f)]
        [Dense(3), Softmax]
        public sealed partial class Flowers;
        """;

    [Fact]
    public void TheSameSourceGivesEqualModels()
    {
        Assert.Equal(Parse(Source), Parse(Source));
        Assert.Equal(Parse(Source).GetHashCode(), Parse(Source).GetHashCode());
        Assert.Equal(Parse(Source), Parse("// moved\n\n" + Source.Replace("public sealed", "public\n  sealed")));
    }

    [Theory]
    [InlineData("Network(4)", "Network(5)")]
    [InlineData("Dense(8)", "Dense(9)")]
    [InlineData("0.1f), ", "0.2f), ")]
    [InlineData("LeakyRelu(0.1f)", "LeakyRelu(0.2f)")]
    [InlineData("LeakyRelu(0.1f)", "Tanh")]
    [InlineData("namespace App", "namespace Other")]
    [InlineData("Dense(3)", "Dense(3, Initializer = Initializer.Zeros)")]
    public void DifferentSourcesGiveDifferentModels(string before, string after)
    {
        string changed = Source.Replace("[Dropout(0.1f)]\n[", "[Dropout(0.1f), ").Replace(before, after);
        Assert.NotEqual(Parse(Source.Replace("[Dropout(0.1f)]\n[", "[Dropout(0.1f), ")), Parse(changed));
    }

    [Fact]
    public void AModelHoldsNothingOfTheCompiler()
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        Walk(Parse(Source));

        void Walk(object? value)
        {
            if (value is null || value.GetType().IsPrimitive || value is string || !seen.Add(value)) return;
            Assert.False(value is ISymbol or SyntaxNode or SyntaxTree or Compilation or Location or SemanticModel, value.GetType().FullName);
            if (value is IEnumerable items)
            {
                foreach (object? item in items) Walk(item);
            }
            for (Type? type = value.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            {
                foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)) Walk(field.GetValue(value));
            }
        }
    }

    [Theory]
    [InlineData("class Unrelated { int x = 1; }", IncrementalStepRunReason.Unchanged)]
    [InlineData("namespace SimdNet { class Other; }", IncrementalStepRunReason.Unchanged)]
    public void AnUnrelatedEditEmitsNothingAnew(string added, IncrementalStepRunReason reason)
    {
        CSharpCompilation compilation = GeneratorHarness.CreateCompilation(Source);
        GeneratorDriver driver = GeneratorHarness.CreateDriver(tracks: true).RunGenerators(compilation);
        driver = driver.RunGenerators(compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(added, (CSharpParseOptions)compilation.SyntaxTrees[0].Options, cancellationToken: TestContext.Current.CancellationToken)));
        GeneratorRunResult result = driver.GetRunResult().Results.Single();
        Assert.All(result.TrackedSteps[NetworkGenerator.SpecStep].SelectMany(step => step.Outputs), output => Assert.True(output.Reason is IncrementalStepRunReason.Cached || output.Reason == reason));
        Assert.All(result.TrackedOutputSteps.Values.SelectMany(steps => steps).SelectMany(step => step.Outputs), output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason));
    }

    [Fact]
    public void LineEndsOfTheSourceDoNotMatter()
    {
        string unix = Source.Replace("\r\n", "\n"), windows = unix.Replace("\n", "\r\n");
        KeyValuePair<string, string> generated = Assert.Single(GeneratorHarness.Generate(windows));
        Assert.Equal(Assert.Single(GeneratorHarness.Generate(unix)), generated);
        Assert.Equal("App.Flowers.g.cs", generated.Key);
        Assert.DoesNotContain('\r', generated.Value);
    }

    private static NetworkSpec Parse(string source)
    {
        CSharpCompilation compilation = GeneratorHarness.CreateCompilation(source);
        INamedTypeSymbol type = compilation.GetSymbolsWithName("Flowers", SymbolFilter.Type).OfType<INamedTypeSymbol>().Single();
        (Generator::SimdNet.Generators.Spec.Declaration declaration, IReadOnlyList<Generator::SimdNet.Generators.Diagnostics.Fault> faults) = NetworkParser.Parse(type, compilation, optimize: true, CancellationToken.None);
        Assert.Empty(faults);
        return declaration.Spec;
    }
}
