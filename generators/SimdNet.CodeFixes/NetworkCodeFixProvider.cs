using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SimdNet.CodeFixes;

/// <summary>Mends the faults of a declaration that have one way out.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
public sealed class NetworkCodeFixProvider : CodeFixProvider
{
    private const string NotFlat = "SNET1002", SoftmaxNotLast = "SNET1006", Slope = "SNET1008", NotPartial = "SNET1009", LossDoesNotFit = "SNET1015";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [NotFlat, SoftmaxNotLast, Slope, NotPartial, LossDoesNotFit];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null) return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            SyntaxNode node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            (string Title, SyntaxNode Root)? fix = diagnostic.Id switch
            {
                NotFlat => node.FirstAncestorOrSelf<AttributeSyntax>() is { } dense ? ("Add [Flatten]", InsertFlatten(root, dense)) : null,
                SoftmaxNotLast => node.FirstAncestorOrSelf<AttributeSyntax>() is { } softmax ? ("Remove this [Softmax]", Remove(root, softmax)) : null,
                Slope => node.FirstAncestorOrSelf<AttributeSyntax>() is { } leaky && IsZero(leaky) ? ("Use [Relu]", root.ReplaceNode(leaky, Attribute("Relu").WithTriviaFrom(leaky))) : null,
                NotPartial => node.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } type ? ($"Make {type.Identifier.ValueText} partial", MakePartial(root, type)) : null,
                _ => OtherLoss(root, node),
            };
            if (fix is not { } found) continue;
            Document changed = context.Document.WithSyntaxRoot(found.Root);
            context.RegisterCodeFix(CodeAction.Create(found.Title, _ => Task.FromResult(changed), equivalenceKey: diagnostic.Id), diagnostic);
        }
    }

    private static AttributeSyntax Attribute(string name) => SyntaxFactory.Attribute(SyntaxFactory.IdentifierName(name));

    private static SyntaxNode InsertFlatten(SyntaxNode root, AttributeSyntax dense)
    {
        var list = (AttributeListSyntax)dense.Parent!;
        SyntaxToken comma = SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space);
        SyntaxNodeOrTokenList attributes = list.Attributes.GetWithSeparators().InsertRange(
            2 * list.Attributes.IndexOf(dense), [Attribute("Flatten").WithLeadingTrivia(dense.GetLeadingTrivia()), comma]);
        return root.ReplaceNode(list, list.WithAttributes(SyntaxFactory.SeparatedList<AttributeSyntax>(attributes)));
    }

    private static SyntaxNode Remove(SyntaxNode root, AttributeSyntax attribute)
    {
        var list = (AttributeListSyntax)attribute.Parent!;
        return list.Attributes.Count == 1
            ? root.RemoveNode(list, list.GetLeadingTrivia().All(trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)) ? SyntaxRemoveOptions.KeepNoTrivia : SyntaxRemoveOptions.KeepLeadingTrivia)!
            : root.ReplaceNode(list, list.WithAttributes(list.Attributes.Remove(attribute)).WithTriviaFrom(list));
    }

    private static bool IsZero(AttributeSyntax leaky) =>
        leaky.ArgumentList?.Arguments is [{ Expression: LiteralExpressionSyntax { Token.Value: 0f or 0d or 0 } }];

    private static SyntaxNode MakePartial(SyntaxNode root, TypeDeclarationSyntax type)
    {
        // 'partial' is the last modifier; the first token's comments stay in front.
        SyntaxToken partial = SyntaxFactory.Token(SyntaxKind.PartialKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        TypeDeclarationSyntax changed = type.Modifiers.Any()
            ? type.WithModifiers(type.Modifiers.Add(partial))
            : type.WithKeyword(type.Keyword.WithLeadingTrivia()).WithModifiers(SyntaxFactory.TokenList(partial.WithLeadingTrivia(type.Keyword.LeadingTrivia)));
        return root.ReplaceNode(type, changed);
    }

    private static (string Title, SyntaxNode Root)? OtherLoss(SyntaxNode root, SyntaxNode argument)
    {
        SimpleNameSyntax? name = argument.DescendantNodesAndSelf().OfType<SimpleNameSyntax>()
            .LastOrDefault(part => part.Identifier.ValueText is "CrossEntropy" or "BinaryCrossEntropy");
        if (name is null) return null;
        string other = name.Identifier.ValueText == "CrossEntropy" ? "BinaryCrossEntropy" : "CrossEntropy";
        return ("Use Loss." + other, root.ReplaceNode(name, SyntaxFactory.IdentifierName(other).WithTriviaFrom(name)));
    }
}
