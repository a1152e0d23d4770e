using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using SimdNet.Generators.Emitting;
using SimdNet.Generators.Parsing;
using SimdNet.Generators.Planning;
using SimdNet.Generators.Spec;

namespace SimdNet.Generators;

/// <summary>
/// Writes the other part of every class with [Network]. Faults are the analyzer's to report: for a wrong declaration
/// members that stand in are written, where the class can take them.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class NetworkGenerator : IIncrementalGenerator
{
    /// <summary>The name of the step that yields specifications, for tests of what is computed anew.</summary>
    internal const string SpecStep = "NetworkSpec";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<Declaration> declarations = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                NetworkParser.NetworkAttribute,
                static (node, _) => node is ClassDeclarationSyntax,
                static (syntax, cancellation) => IsFirstPart(syntax) ? NetworkParser.Parse(
                    (INamedTypeSymbol)syntax.TargetSymbol, syntax.SemanticModel.Compilation,
                    syntax.SemanticModel.Compilation.Options.OptimizationLevel == OptimizationLevel.Release,
                    cancellation).Declaration : null)
            .Where(static declaration => declaration is { CanBeEmitted: true })
            .Select(static (declaration, _) => declaration!)
            .WithTrackingName(SpecStep);

        context.RegisterSourceOutput(declarations, static (output, declaration) => output.AddSource(
            HintName(declaration.Spec),
            SourceText.From(declaration.IsRight ? NetworkEmitter.Emit(declaration.Spec) : StubEmitter.Emit(declaration.Spec), Encoding.UTF8)));
    }

    /// <summary>A class that has [Network] on two parts, wrongly, is found twice.</summary>
    private static bool IsFirstPart(GeneratorAttributeSyntaxContext syntax) => syntax.TargetSymbol.GetAttributes().First(NetworkParser.IsNetwork)
        .ApplicationSyntaxReference is { } first && first.SyntaxTree == syntax.TargetNode.SyntaxTree && syntax.TargetNode.Span.Contains(first.Span);

    private static string HintName(NetworkSpec spec)
    {
        string[] parts = [spec.Namespace, .. spec.ContainingTypes.Select(type => type.Substring(type.LastIndexOf(' ') + 1)), spec.Name, "g.cs"];
        return string.Join(".", parts.Where(part => part.Length > 0)).Replace("@", "");
    }
}
