using System;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using SimdNet.Generators.Diagnostics;
using SimdNet.Generators.Parsing;
using SimdNet.Generators.Planning;
using SimdNet.Generators.Spec;
using SimdNet.Specification;

namespace SimdNet.Generators;

/// <summary>Finds <c>new Trainer&lt;TNetwork&gt;(network, Loss.X, ...)</c> with a loss that the network's end does not go with, or <c>Loss.WeightedX(...)</c>.</summary>
internal static class LossCheck
{
    public static void Analyze(OperationAnalysisContext context)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        if (creation.Type is not INamedTypeSymbol { Name: "Trainer", TypeArguments: [INamedTypeSymbol network] } trainer
            || trainer.ContainingNamespace.ToDisplayString() != "SimdNet.Training"
            || !SymbolEqualityComparer.Default.Equals(network.ContainingAssembly, context.Compilation.Assembly) || !network.GetAttributes().Any(NetworkParser.IsNetwork)) return;
        IArgumentOperation? argument = creation.Arguments.FirstOrDefault(one => one.Parameter?.Name == "loss");
        string? loss = argument?.Value switch
        {
            IPropertyReferenceOperation { Property: { Name: var property, ContainingType.Name: "Loss" } } => property,
            IInvocationOperation { TargetMethod: { Name: var method, IsStatic: true, ContainingType.Name: "Loss" } } => method,
            _ => null,
        };
        if (loss is null) return;
        Declaration declaration = NetworkParser.Parse(network, context.Compilation, optimize: true, context.CancellationToken).Declaration;
        if (!declaration.IsRight) return;

        const string Weighted = "Weighted";
        bool isWeighted = loss.StartsWith(Weighted, StringComparison.Ordinal);
        string kind = isWeighted ? loss.Substring(Weighted.Length) : loss, use = isWeighted ? "use Loss." + Weighted : "use Loss.";
        GraphSpec graph = declaration.Spec.Graph;
        (string End, string WayOut)? fault = (kind, ExecutionPlan.FinalOf(graph)) switch
        {
            ("CrossEntropy", FinalActivation.Sigmoid) => ("Sigmoid", use + "BinaryCrossEntropy, or end in Softmax"),
            ("BinaryCrossEntropy", FinalActivation.Softmax) => ("Softmax", use + "CrossEntropy, or end in Sigmoid"),
            ("CrossEntropy" or "BinaryCrossEntropy", FinalActivation.InnerSigmoid) => ("a sigmoid that is not its last layer", "let it be the last one (behind Flatten, and behind Concat where there are several results), or leave it out, since the loss reads logits"),
            ("CrossEntropy", _) when Shapes.Length(graph.OutputShape) == graph.OutputSteps => (graph.OutputSteps == 1
                ? "one output, whose share of the classes is always 1"
                : "one output a step, whose share of the classes is always 1", use + "BinaryCrossEntropy with that one output, or one output for each class"),
            _ => null,
        };
        if (fault is { } found)
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.LossDoesNotFit, argument!.Syntax.GetLocation(), "Loss." + loss, network.Name, found.End, found.WayOut));
    }
}
