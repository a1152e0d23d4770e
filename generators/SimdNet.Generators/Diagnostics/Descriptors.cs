using Microsoft.CodeAnalysis;

namespace SimdNet.Generators.Diagnostics;

/// <summary>What can be wrong with the declaration of a network. Each id has a page in docs/diagnostics.</summary>
internal static class Descriptors
{
    public static readonly DiagnosticDescriptor NoLayers = Error("SNET1001", "A network needs a layer",
        "{0} has no layers; add one below [Network], for example [Dense(10)]");

    public static readonly DiagnosticDescriptor NotFlat = Error("SNET1002", "Dense expects a flat input",
        "Dense expects a flat input, but receives {0}; add [Flatten]");

    public static readonly DiagnosticDescriptor NoInputShape = Error("SNET1003", "The input shape is missing",
        "[Network] needs the shape of a sample, for example [Network(784)] or [Network(1, 28, 28)]");

    public static readonly DiagnosticDescriptor NotPositive = Error("SNET1004", "A size must be positive",
        "{0} has size {1}; sizes are whole numbers from 1");

    public static readonly DiagnosticDescriptor TooLarge = Error("SNET1005", "The network is too large",
        "{0} brings the network to {1} floats; one network holds at most 2147483647, padding included: use smaller layers");

    public static readonly DiagnosticDescriptor SoftmaxNotLast = Error("SNET1006", "Softmax must be the last layer",
        "Softmax must be the last layer, but {0} follows; remove one of them");

    public static readonly DiagnosticDescriptor DropoutRate = Error("SNET1007", "A dropout rate lies between 0 and 1",
        "Dropout has rate {0}; rates lie from 0 to below 1: the share of values that are dropped");

    public static readonly DiagnosticDescriptor Slope = Error("SNET1008", "A leaky relu needs a positive slope",
        "LeakyRelu has slope {0}; it must be finite and above 0: use [Relu] for a slope of 0");

    public static readonly DiagnosticDescriptor NotPartial = Error("SNET1009", "The class must be partial",
        "{0} must be partial, so that the generator can write its other part; write 'partial class {0}'");

    public static readonly DiagnosticDescriptor WrongKind = Error("SNET1010", "A network is a plain class",
        "{0} is {1}; a network is a class that is neither static, abstract, generic nor a record, and no struct");

    public static readonly DiagnosticDescriptor LayersWithoutNetwork = Error("SNET1011", "Layers need [Network]",
        "{0} has layers but no [Network]; add [Network(...)] with the shape of a sample above them");

    public static readonly DiagnosticDescriptor Collision = Error("SNET1012", "A member collides with a generated one",
        "{0} declares '{1}', which the generator writes; rename or remove it");

    public static readonly DiagnosticDescriptor TwoParts = Error("SNET1013", "Layers stand on one part of a class",
        "{0} has [Network] and layers on more than one part, which have no order among them; write them all above one part");

    public static readonly DiagnosticDescriptor SameName = Error("SNET1014", "Two networks differ in case only",
        "{0} and {1} differ in case only, and their generated files would be one on many machines; rename one of them");

    public static readonly DiagnosticDescriptor LossDoesNotFit = Error("SNET1015", "The loss does not fit the last layer",
        "{0} does not fit {1}, which ends in {2}; {3}");

    private static DiagnosticDescriptor Error(string id, string title, string message) => new(
        id, title, message, "SimdNet", DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: $"docs/diagnostics/{id}.md");
}
