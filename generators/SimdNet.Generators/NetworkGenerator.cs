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
/// nothing is written.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class NetworkGenerator : IIncrementalGenerator
{
    /// <summary>The name of the step that yields specifications, for tests of what is computed anew.</summary>
    internal const string SpecStep = "NetworkSpec";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<NetworkSpec> specs = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                NetworkParser.NetworkAttribute,
                static (node, _) => node is ClassDeclarationSyntax,
                static (syntax, cancellation) => NetworkParser.Parse(
                    (INamedTypeSymbol)syntax.TargetSymbol,
                    syntax.SemanticModel.Compilation.Options.OptimizationLevel == OptimizationLevel.Release,
                    cancellation).Spec)
            .Where(static spec => spec is not null)
            .Select(static (spec, _) => spec!)
            .WithTrackingName(SpecStep);

        context.RegisterSourceOutput(specs, static (output, spec) =>
            output.AddSource(HintName(spec), SourceText.From(NetworkEmitter.Emit(NetworkPlanner.Plan(spec)), Encoding.UTF8)));
    }

    private static string HintName(NetworkSpec spec)
    {
        string[] parts = [spec.Namespace, .. spec.ContainingTypes.Select(type => type.Substring(type.LastIndexOf(' ') + 1)), spec.Name, "g.cs"];
        return string.Join(".", parts.Where(part => part.Length > 0));
    }
}
