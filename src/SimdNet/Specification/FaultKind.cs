namespace SimdNet.Specification;

/// <summary>
/// What can be wrong with a layer: the generator reports it as a diagnostic under the declaration, a network at run time throws it.
/// Each id has a page in docs/diagnostics.
/// </summary>
/// <param name="Id">The diagnostic's id.</param>
/// <param name="Title">What is wrong in general.</param>
/// <param name="Message">What is wrong here, and the way out.</param>
internal sealed record FaultKind(string Id, string Title, string Message)
{
    public static readonly FaultKind NoLayers = new("SNET1001", "A network needs a layer",
        "{0} has no layers; add one below [Network], for example [Dense(10)], or a method static Node Define(Node x)");

    public static readonly FaultKind NotFlat = new("SNET1002", "Dense expects a flat input or a sequence",
        "Dense expects a flat input, but receives {0}; add [Flatten]");

    public static readonly FaultKind NoInputShape = new("SNET1003", "The input shape is missing",
        "[{0}] needs the shape of a sample, for example [{0}(784)] or [{0}(1, 28, 28)]");

    public static readonly FaultKind NotPositive = new("SNET1004", "A size must be positive",
        "{0} has size {1}; sizes are whole numbers from 1");

    public static readonly FaultKind TooLarge = new("SNET1005", "The network is too large",
        "{0} brings the network to {1} floats; one network holds at most 2147483647, padding included: use smaller layers");

    public static readonly FaultKind SoftmaxNotLast = new("SNET1006", "Softmax must be the last layer",
        "Softmax must be the last layer, but {0} follows; {1}");

    public static readonly FaultKind DropoutRate = new("SNET1007", "A dropout rate lies between 0 and 1",
        "Dropout has rate {0}; rates lie from 0 to below 1: the share of values that are dropped");

    public static readonly FaultKind Slope = new("SNET1008", "A leaky relu needs a positive slope",
        "LeakyRelu has slope {0}; it must be finite and above 0: use [Relu] for a slope of 0");

    public static readonly FaultKind WrongRank = new("SNET1016", "A layer receives a shape of another kind",
        "{0} expects {1}, but receives {2}; {3}");

    public static readonly FaultKind ShapesDiffer = new("SNET1017", "Values that are joined do not fit together",
        "{0} cannot join {1}; {2}");

    public static readonly FaultKind FixedLength = new("SNET1021", "A layer needs a fixed number of time steps",
        "{0} needs a fixed number of time steps, but sequences have any length; declare the number, or put a layer before it that leaves no time axis, as GlobalAveragePool or a recurrent layer does");

    public static readonly FaultKind NotRead = new("SNET1022", "Nothing reads a layer's result",
        "Nothing reads what {0} gives; a layer changes no Node, it returns another: x = x.{0}(...)");

    public static readonly FaultKind SizesDoNotFit = new("SNET1020", "The sizes of a layer do not fit its input",
        "{0}: {1}");
}
