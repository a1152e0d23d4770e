using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using SimdNet.Specification;

namespace SimdNet.Generators.Diagnostics;

/// <summary>What can be wrong with the declaration of a network. Each id has a page in docs/diagnostics.</summary>
internal static class Descriptors
{
    public static readonly DiagnosticDescriptor NoLayers = Error("SNET1001", FaultKind.NoLayers.Title, FaultKind.NoLayers.Message);
    public static readonly DiagnosticDescriptor NotFlat = Error("SNET1002", FaultKind.NotFlat.Title, FaultKind.NotFlat.Message);
    public static readonly DiagnosticDescriptor NoInputShape = Error("SNET1003", FaultKind.NoInputShape.Title, FaultKind.NoInputShape.Message);
    public static readonly DiagnosticDescriptor NotPositive = Error("SNET1004", FaultKind.NotPositive.Title, FaultKind.NotPositive.Message);
    public static readonly DiagnosticDescriptor TooLarge = Error("SNET1005", FaultKind.TooLarge.Title, FaultKind.TooLarge.Message);
    public static readonly DiagnosticDescriptor SoftmaxNotLast = Error("SNET1006", FaultKind.SoftmaxNotLast.Title, FaultKind.SoftmaxNotLast.Message);
    public static readonly DiagnosticDescriptor DropoutRate = Error("SNET1007", FaultKind.DropoutRate.Title, FaultKind.DropoutRate.Message);
    public static readonly DiagnosticDescriptor Slope = Error("SNET1008", FaultKind.Slope.Title, FaultKind.Slope.Message);
    public static readonly DiagnosticDescriptor NotPartial = Error("SNET1009", "The class must be partial",
        "{0} must be partial, so that the generator can write its other part; write 'partial class {0}'");

    public static readonly DiagnosticDescriptor WrongKind = Error("SNET1010", "A network is a plain class",
        "{0} is {1}; a network is a class of its own, neither static, abstract, generic nor a record, and no struct");

    public static readonly DiagnosticDescriptor LayersWithoutNetwork = Error("SNET1011", "Layers need [Network]",
        "{0} has layers but no [Network]; add [Network(...)] with the shape of a sample above them");

    public static readonly DiagnosticDescriptor Collision = Error("SNET1012", "A member collides with a generated one",
        "{0} declares '{1}', which {2}; rename or remove it");

    public static readonly DiagnosticDescriptor TwoParts = Error("SNET1013", "Layers stand on one part of a class",
        "{0} has [Network] and layers on more than one part, which have no order among them; write them all above one part");

    public static readonly DiagnosticDescriptor SameName = Error("SNET1014", "Two networks differ in case only",
        "{0} and {1} differ in case only, and their generated files would be one on many machines; rename one of them");

    public static readonly DiagnosticDescriptor LossDoesNotFit = Error("SNET1015", "The loss does not fit the last layer",
        "{0} does not fit {1}, which ends in {2}; {3}");

    public static readonly DiagnosticDescriptor WrongRank = Error("SNET1016", FaultKind.WrongRank.Title, FaultKind.WrongRank.Message);

    public static readonly DiagnosticDescriptor ShapesDiffer = Error("SNET1017", FaultKind.ShapesDiffer.Title, FaultKind.ShapesDiffer.Message);

    public static readonly DiagnosticDescriptor NotInterpreted = Error("SNET1018", "A Define method is run by the generator",
        "The generator cannot run '{0}': {1}");

    public static readonly DiagnosticDescriptor TwoDeclarations = Error("SNET1019", "A network is declared once",
        "{0} has a Define method and layers as attributes; keep one of them");

    public static readonly DiagnosticDescriptor SizesDoNotFit = Error("SNET1020", FaultKind.SizesDoNotFit.Title, FaultKind.SizesDoNotFit.Message);

    public static readonly DiagnosticDescriptor FixedLength = Error("SNET1021", FaultKind.FixedLength.Title, FaultKind.FixedLength.Message);

    public static readonly DiagnosticDescriptor NotRead = Error("SNET1022", FaultKind.NotRead.Title, FaultKind.NotRead.Message);

    /// <summary>All of them.</summary>
    public static readonly ImmutableArray<DiagnosticDescriptor> All =
    [
        NoLayers, NotFlat, NoInputShape, NotPositive, TooLarge, SoftmaxNotLast, DropoutRate, Slope, NotPartial, WrongKind,
        LayersWithoutNetwork, Collision, TwoParts, SameName, LossDoesNotFit, WrongRank, ShapesDiffer, NotInterpreted, TwoDeclarations, SizesDoNotFit, FixedLength, NotRead,
    ];

    /// <summary>The diagnostic for a fault of a layer.</summary>
    public static DiagnosticDescriptor Of(FaultKind fault) => All.First(descriptor => descriptor.Id == fault.Id);

    private static DiagnosticDescriptor Error(string id, string title, string message) => new(
        id, title, message, "SimdNet", DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: $"docs/diagnostics/{id}.md");
}
