using SimdNet.Generators.Emitting;
using SimdNet.Specification;

namespace SimdNet.Generators.Spec;

/// <summary>A class with [Network]: what its network computes, and where the class is.</summary>
/// <param name="Namespace">The namespace of the class; empty for the global one.</param>
/// <param name="Name">The class.</param>
/// <param name="ContainingTypes">The types the class lies in, from the outside, each as it is declared: <c>partial class Outer</c>.</param>
/// <param name="Graph">What the network computes.</param>
/// <param name="Optimize">Whether the compilation that takes the emitted code optimises it.</param>
internal sealed record NetworkSpec(string Namespace, string Name, EquatableArray<string> ContainingTypes, GraphSpec Graph, bool Optimize)
{
    /// <summary>The class as it is written where it is declared.</summary>
    public string Identifier => Names.Identifier(Name);

    /// <summary>Several inputs, one behind the other in a sample; empty where there is one.</summary>
    public EquatableArray<ValueSpec> Inputs { get; init; } = new([]);

    /// <summary>Several results, one behind the other in what is put out; empty where there is one.</summary>
    public EquatableArray<ValueSpec> Results { get; init; } = new([]);

    /// <summary>Where sequences have any length, what builds the network at run time: a <c>Define</c> method, or an expression of x; otherwise null.</summary>
    public string? AnyLengthDefinition { get; init; }

    /// <summary>Where sequences have any length, the floats of one time step's result, or of the whole result where it has no time axis.</summary>
    public int AnyLengthResult { get; init; }
}

/// <summary>One of several inputs or results.</summary>
internal sealed record ValueSpec(string Name, int Length);

/// <summary>What was read from a class with [Network].</summary>
/// <param name="Spec">The network, incomplete where the declaration is wrong.</param>
/// <param name="IsRight">Whether there is no fault.</param>
/// <param name="CanBeEmitted">Whether the class can have another part: the faults, if any, are those of layers and shapes.</param>
internal sealed record Declaration(NetworkSpec Spec, bool IsRight, bool CanBeEmitted);
