using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using SimdNet.Generators.Diagnostics;
using SimdNet.Generators.Parsing;

namespace SimdNet.Generators;

/// <summary>Reports what is wrong with a declaration. It reads with the generator's own parser, so the two agree.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NetworkAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = Descriptors.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
        context.RegisterOperationAction(LossCheck.Analyze, OperationKind.ObjectCreation);
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        ImmutableArray<AttributeData> attributes = type.GetAttributes();
        if (attributes.IsEmpty) return;
        if (!attributes.Any(NetworkParser.IsNetwork))
        {
            AttributeData? layer = attributes.FirstOrDefault(NetworkParser.IsLayer);
            if (layer is not null)
                context.ReportDiagnostic(Diagnostic.Create(Descriptors.LayersWithoutNetwork, layer.ApplicationSyntaxReference?.GetSyntax(context.CancellationToken).GetLocation(), type.Name));
            return;
        }
        foreach (Fault fault in NetworkParser.Parse(type, context.Compilation, optimize: true, context.CancellationToken).Faults)
            context.ReportDiagnostic(fault.ToDiagnostic());
    }
}
