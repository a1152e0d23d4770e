using System.Collections.Generic;
using SimdNet.Generators.Spec;
using SimdNet.Specification;

namespace SimdNet.Generators.Planning;

/// <summary>
/// How a chain of dense layers and elementwise ones is computed, whose layers are written out: plain data that the emitter turns into text
/// without deciding anything.
/// </summary>
/// <param name="BatchesBySample">
/// Whether a batch is predicted sample by sample: where all parameters stay in the first-level cache, sharing a load of
/// weights among samples brings less than the fixed sizes of the emitted code.
/// </param>
internal sealed record NetworkPlan(
    NetworkSpec Spec,
    IReadOnlyList<OperationPlan> Operations,
    ParameterPlan Parameters,
    bool BatchesBySample)
{
    /// <summary>The floats of one sample.</summary>
    public int InputSize => Shapes.Length(Spec.Graph.InputShape);

    /// <summary>The floats of one output.</summary>
    public int OutputSize => Shapes.Length(Spec.Graph.OutputShape);

    /// <summary>The activation that the network ends in.</summary>
    public FinalActivation Final => ExecutionPlan.FinalOf(Spec.Graph);
}

/// <summary>One step of the computation: a value of <paramref name="Width"/> floats a sample becomes the next.</summary>
/// <param name="Name">The layer's name, and the emitted method's.</param>
/// <param name="Width">The floats of its result.</param>
/// <param name="Stride">The distance between the samples of its result where the plan keeps it.</param>
internal abstract record OperationPlan(string Name, int Width, int Stride);

/// <summary>A dense layer with its bias and, where one follows, its activation in the same pass.</summary>
internal sealed record DensePlan(
    string Name, int Width, int Stride,
    int Inputs, ActivationSpec? Activation, int WeightOffset, int BiasOffset,
    int Lanes, int Chains, DenseStyle Style, string Reason) : OperationPlan(Name, Width, Stride)
{
    /// <summary>The blocks of a row of weights.</summary>
    public int Blocks => Stride / Lanes;
}

/// <summary>How the forward pass of one sample through a dense layer is written.</summary>
internal enum DenseStyle
{
    /// <summary>Every multiply-add is written out.</summary>
    StraightLine,

    /// <summary>A register tile of outputs in a loop over the inputs, with constant trip counts.</summary>
    Tile,

    /// <summary>A call of the library's kernel.</summary>
    Library,
}

/// <summary>An activation that could not be fused into the layer before it.</summary>
internal sealed record ActivationPlan(string Name, int Width, int Stride, ActivationSpec Activation) : OperationPlan(Name, Width, Stride);

/// <summary>Softmax, always the last operation.</summary>
internal sealed record SoftmaxPlan(string Name, int Width, int Stride) : OperationPlan(Name, Width, Stride);

/// <summary>Dropout, which exists in training only.</summary>
internal sealed record DropoutPlan(string Name, int Width, int Stride, float Rate) : OperationPlan(Name, Width, Stride);
