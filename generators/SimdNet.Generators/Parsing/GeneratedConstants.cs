using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace SimdNet.Generators.Parsing;

/// <summary>Constants of networks, <c>Encoder.OutputSize</c>: the generator writes them, and so a declaration cannot follow from them. The analyzer alone sees them.</summary>
internal sealed class GeneratedConstants(Compilation compilation, CancellationToken cancellation)
{
    public const string WayOut = "the generator writes that constant itself, after it has read this; use a constant of your own in both places";

    private readonly Dictionary<ISymbol, bool> _known = new(SymbolEqualityComparer.Default);

    /// <summary>Whether an expression names one, or a constant that is made of one.</summary>
    public bool AreIn(ExpressionSyntax expression) =>
        expression.DescendantNodesAndSelf().OfType<SimpleNameSyntax>().Any(name => IsOne(compilation.GetSemanticModel(name.SyntaxTree).GetSymbolInfo(name, cancellation).Symbol));

    /// <inheritdoc cref="AreIn(ExpressionSyntax)"/>
    public bool AreIn(IOperation operation) => operation.DescendantsAndSelf().OfType<IFieldReferenceOperation>().Any(reference => IsOne(reference.Field));

    private bool IsOne(ISymbol? symbol)
    {
        if (symbol is not IFieldSymbol { IsConst: true } field || field.DeclaringSyntaxReferences.FirstOrDefault() is not { } declaration || !compilation.ContainsSyntaxTree(declaration.SyntaxTree)) return false;
        if (_known.TryGetValue(field, out bool known)) return known;
        _known[field] = false;
        bool isWritten = declaration.SyntaxTree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) && field.ContainingType.GetAttributes().Any(NetworkParser.IsNetwork);
        return _known[field] = isWritten || (declaration.GetSyntax(cancellation) is VariableDeclaratorSyntax { Initializer.Value: { } value } && AreIn(value));
    }
}
