namespace SimdNet.Generators.Spec;

/// <summary>What a network is: shapes, layers, parameters. Plain values, equal when the declarations are equal.</summary>
/// <param name="Namespace">The namespace of the class; empty for the global one.</param>
/// <param name="Name">The class.</param>
/// <param name="ContainingTypes">The types the class lies in, from the outside, each as it is declared: <c>partial class Outer</c>.</param>
/// <param name="InputShape">The shape of one sample.</param>
/// <param name="Layers">The layers in the order of computation.</param>
/// <param name="Optimize">Whether the compilation that takes the emitted code optimises it.</param>
internal sealed record NetworkSpec(
    string Namespace, string Name, EquatableArray<string> ContainingTypes,
    EquatableArray<int> InputShape, EquatableArray<LayerSpec> Layers, bool Optimize);

/// <summary>What was read from a class with [Network].</summary>
/// <param name="Spec">The network, incomplete where the declaration is wrong.</param>
/// <param name="IsRight">Whether there is no fault.</param>
/// <param name="CanBeEmitted">Whether the class can have another part: the faults, if any, are those of layers and shapes.</param>
internal sealed record Declaration(NetworkSpec Spec, bool IsRight, bool CanBeEmitted);

/// <summary>One layer.</summary>
/// <param name="Name">Its kind and number among its kind, from 1: <c>dense1</c>.</param>
/// <param name="OutputShape">The shape of its result.</param>
internal abstract record LayerSpec(string Name, EquatableArray<int> OutputShape);

/// <summary>A dense layer.</summary>
/// <param name="Slope">The slope of the relu that follows, for the initializer.</param>
internal sealed record DenseSpec(string Name, EquatableArray<int> OutputShape, int Inputs, int Units, Initializer Initializer, float Slope)
    : LayerSpec(Name, OutputShape);

/// <summary>An elementwise activation; the slope belongs to the leaky relu.</summary>
internal sealed record ActivationSpec(string Name, EquatableArray<int> OutputShape, ActivationKind Kind, float Slope) : LayerSpec(Name, OutputShape);

/// <summary>Softmax.</summary>
internal sealed record SoftmaxSpec(string Name, EquatableArray<int> OutputShape) : LayerSpec(Name, OutputShape);

/// <summary>A change of shape that moves nothing.</summary>
internal sealed record FlattenSpec(string Name, EquatableArray<int> OutputShape) : LayerSpec(Name, OutputShape);

/// <summary>Dropout.</summary>
internal sealed record DropoutSpec(string Name, EquatableArray<int> OutputShape, float Rate) : LayerSpec(Name, OutputShape);

/// <summary>The elementwise activations, named as the types that compute them.</summary>
internal enum ActivationKind
{
    Relu,
    LeakyRelu,
    Sigmoid,
    Tanh,
}

/// <summary>How weights are drawn, named and numbered as the attribute's enumeration.</summary>
internal enum Initializer
{
    Auto,
    GlorotUniform,
    GlorotNormal,
    KaimingUniform,
    KaimingNormal,
    Zeros,
}
