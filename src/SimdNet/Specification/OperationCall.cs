namespace SimdNet.Specification;

/// <summary>The construction of an object of the library: emitted code writes it down, a network at run time makes it.</summary>
/// <param name="type">The type's name in the compiler services.</param>
/// <param name="arguments">Its constructor's arguments: whole numbers, floats, booleans, values of the library's enumerations, and further constructions.</param>
internal sealed class OperationCall(string type, params object[] arguments)
{
    public string Type { get; } = type;

    public object[] Arguments { get; } = arguments;

    /// <summary>The activation that is its type argument and its last argument; null where it takes none.</summary>
    public ActivationCall? Activation { get; set; }
}

/// <summary>An activation as a type argument; null for the identity.</summary>
/// <param name="activation">The activation.</param>
internal sealed class ActivationCall(ActivationSpec? activation)
{
    public ActivationSpec? Activation { get; } = activation;
}
