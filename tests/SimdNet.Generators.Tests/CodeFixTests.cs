extern alias Generator;
using Generator::SimdNet.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using SimdNet.CodeFixes;
using Xunit;

namespace SimdNet.Tests;

public class CodeFixTests
{
    private const string Usings = "using SimdNet;\nusing SimdNet.Layers;\nusing SimdNet.Training;\n";

    [Theory]
    [InlineData("[Network(1, 28, 28)]\n[Dense(10), Softmax]\npartial class N;", "Add [Flatten]", "[Network(1, 28, 28)]\n[Flatten, Dense(10), Softmax]\npartial class N;")]
    [InlineData("[Network(2, 3, 4), Relu, Dense(10)]\npartial class N;", "Add [Flatten]", "[Network(2, 3, 4), Relu, Flatten, Dense(10)]\npartial class N;")]
    [InlineData("[Network(4)]\n[Dense(3), Softmax]\n[Dense(2)] // the last\npartial class N;", "Remove this [Softmax]", "[Network(4)]\n[Dense(3)]\n[Dense(2)] // the last\npartial class N;")]
    [InlineData("[Network(4)]\n[Softmax]\n[Dense(2)]\npartial class N;", "Remove this [Softmax]", "[Network(4)]\n[Dense(2)]\npartial class N;")]
    [InlineData("[Network(4), Dense(3), LeakyRelu(0f)]\npartial class N;", "Use [Relu]", "[Network(4), Dense(3), Relu]\npartial class N;")]
    [InlineData("[Network(4), Dense(3), LeakyRelu(-1f)]\npartial class N;", null, null)]
    [InlineData("/// <summary>A net.</summary>\n[Network(4), Dense(3)]\npublic sealed class N;", "Make N partial", "/// <summary>A net.</summary>\n[Network(4), Dense(3)]\npublic sealed partial class N;")]
    [InlineData("[Network(4), Dense(3)]\n// A net.\nclass N;", "Make N partial", "[Network(4), Dense(3)]\n// A net.\npartial class N;")]
    [InlineData("struct Outer { [Network(4), Dense(3)] partial class N; }", "Make Outer partial", "partial struct Outer { [Network(4), Dense(3)] partial class N; }")]
    [InlineData("[Network(4), Dense(1), Sigmoid] partial class N { object T() => new Trainer<N>(this, Loss.CrossEntropy, new Adam()); }", "Use Loss.BinaryCrossEntropy",
        "[Network(4), Dense(1), Sigmoid] partial class N { object T() => new Trainer<N>(this, Loss.BinaryCrossEntropy, new Adam()); }")]
    public async Task AFixMendsTheDeclaration(string source, string? title, string? expected)
    {
        (string Title, string Source)? fix = await Fix(Usings + source);
        Assert.Equal(title, fix?.Title);
        if (fix is null) return;
        Assert.Equal(Usings + expected, fix.Value.Source);
        Assert.Empty(await GeneratorHarness.Analyze(fix.Value.Source));
    }

    /// <summary>The one fix offered for the first diagnostic, and the text it makes.</summary>
    private static async Task<(string Title, string Source)?> Fix(string source)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using var workspace = new AdhocWorkspace();
        Compilation model = GeneratorHarness.CreateCompilation(source);
        Project project = workspace.AddProject("Networks", LanguageNames.CSharp)
            .WithMetadataReferences(model.References).WithCompilationOptions(model.Options).WithParseOptions(model.SyntaxTrees.Single().Options);
        Document document = project.AddDocument("Source.cs", SourceText.From(source));
        Compilation compilation = (await document.Project.GetCompilationAsync(cancellation))!;
        Diagnostic diagnostic = (await compilation.WithAnalyzers([new NetworkAnalyzer()]).GetAnalyzerDiagnosticsAsync(cancellation)).First();

        var actions = new List<CodeAction>();
        await new NetworkCodeFixProvider().RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), cancellation));
        if (actions.Count == 0) return null;
        CodeAction single = Assert.Single(actions);
        var change = (ApplyChangesOperation)(await single.GetOperationsAsync(cancellation)).Single();
        SourceText text = await change.ChangedSolution.GetDocument(document.Id)!.GetTextAsync(cancellation);
        return (single.Title, text.ToString());
    }
}
