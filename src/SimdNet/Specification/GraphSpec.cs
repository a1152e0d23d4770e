using System.Collections.Generic;
using System.Linq;
using SimdNet.Layers;

namespace SimdNet.Specification;

/// <summary>
/// What a network computes: shapes, layers, parameters. Plain values, equal when the declarations are equal. These files are
/// compiled into the library and into the generator: attributes, <c>Define</c> methods and calls at run time all end here.
/// </summary>
/// <param name="InputShape">The shape of one sample.</param>
/// <param name="Layers">The layers in the order of computation; the last one gives the result.</param>
internal sealed record GraphSpec(EquatableArray<int> InputShape, EquatableArray<LayerSpec> Layers)
{
    /// <summary>The shapes of several inputs, which the first layers cut the sample into; empty where there is one.</summary>
    public EquatableArray<EquatableArray<int>> Inputs { get; init; } = new([]);

    /// <summary>The first of the layers that lay several results one behind the other; beyond all where there is one.</summary>
    public int ResultsFrom { get; init; } = int.MaxValue;

    /// <summary>The shape of the result.</summary>
    public EquatableArray<int> OutputShape => Layers.Count == 0 ? InputShape : Layers[Layers.Count - 1].OutputShape;

    /// <summary>The steps of a result that is a sequence, otherwise 1.</summary>
    public int OutputSteps => OutputShape.Count == 2 ? OutputShape[0] : 1;
}

/// <summary>One layer.</summary>
/// <param name="Name">Its kind and number among its kind, from 1: <c>dense1</c>.</param>
/// <param name="Inputs">The layers whose results it takes, by number; <see cref="NetworkInput"/> for the network's input.</param>
/// <param name="OutputShape">The shape of its result.</param>
internal abstract record LayerSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape)
{
    /// <summary>The network's input in place of a layer's number.</summary>
    public const int NetworkInput = -1;

    /// <summary>The name of the layer whose parameters it has; null where it has its own.</summary>
    public string? SharedWith { get; init; }

    /// <summary>The name of the layer in whose place its bias lies; null where that is its own.</summary>
    public string? BiasOwner { get; init; }

    /// <summary>The floats of its result.</summary>
    public int OutputLength => Shapes.Length(OutputShape);

    /// <summary>Its parameters, in the order in which <see cref="Operation"/> takes their places.</summary>
    public virtual IReadOnlyList<TensorSpec> Tensors => [];

    /// <summary>How results and gradients are computed; null where values are only looked at differently, or joined.</summary>
    /// <param name="offsets">Where each of <see cref="Tensors"/> begins.</param>
    /// <param name="activation">An activation that is computed with it, or null.</param>
    public virtual OperationCall? Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => null;

    /// <summary>Whether many rows go through its weights in a sample, so that a frozen network keeps them as the product reads them.</summary>
    public virtual bool KeepsWeights => false;

    /// <summary>How its weights are drawn; null where it has none to be drawn.</summary>
    public virtual Initializer? Weights => null;

    /// <summary>The layer with weights that are drawn in another way.</summary>
    public virtual LayerSpec WithWeights(Initializer initializer, float slope) => this;

    /// <summary>Whether an activation that follows can be computed with it.</summary>
    public virtual bool TakesActivation => false;

    /// <summary>Whether each element of the result depends on one element of the input alone, so that their order does not matter.</summary>
    public virtual bool IsElementwise => false;

    /// <summary>Whether images must be [height, width, channels] for it.</summary>
    public virtual bool ReadsImages => false;

    /// <summary>A stream's state holds the number of a step as a float: up to here every whole number is one.</summary>
    public const int MostStepsCounted = 1 << 24;

    /// <summary>The layer over sequences of one time step, with the same tensors, as it is in a stream; null where it needs the whole sequence at once.</summary>
    public virtual LayerSpec? ToOneStep() => null;

    /// <summary>Whether it takes one time step of a stream at a time. Others in a stream have all that they read, and compute it anew.</summary>
    public bool IsStep { get; init; }

    /// <summary>Whether it remembers something of earlier time steps, where it takes one at a time.</summary>
    public virtual bool HasState => false;

    /// <summary>A sequence of one step in place of one of many.</summary>
    protected EquatableArray<int> OneStepShape => new([1, OutputShape[OutputShape.Count - 1]]);
}

/// <summary>The elementwise activations, named as the types that compute them.</summary>
internal enum ActivationKind
{
    Relu,
    LeakyRelu,
    Sigmoid,
    Tanh,
    Gelu,
    GeluTanh,
    Silu,
    Mish,
    HardSwish,
    Elu,
    Selu,
    Softplus,
    Softsign,
    HardSigmoid,
}

/// <summary>Sizes of shapes.</summary>
internal static class Shapes
{
    public static int Length(IEnumerable<int> shape) => shape.Aggregate(1, (product, size) => product * size);

    /// <summary>The same where it may be more than a span holds.</summary>
    public static double Floats(IEnumerable<int> shape) => shape.Aggregate(1.0, (product, size) => product * size);

    public static string Text(IEnumerable<int> shape) => string.Join("x", shape);
}
