using System.Collections.Generic;
using SimdNet.Generators.Spec;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <summary>What differs between the ways in which networks are written: how they predict, and how they train.</summary>
internal abstract class NetworkBody(NetworkSpec spec, ParameterPlan parameters)
{
    public NetworkSpec Spec { get; } = spec;

    public ParameterPlan Parameters { get; } = parameters;

    /// <summary>The class of the training pass.</summary>
    public string TrainingClass => Spec.Name + "Training";

    /// <summary>How each layer is computed, a line each.</summary>
    public abstract IEnumerable<string> Describe();

    /// <summary>One time step, where the network runs on a stream; otherwise null.</summary>
    public virtual StreamSpec? Stream => null;

    /// <summary>Writes what a stream needs into the network's class.</summary>
    public virtual void WriteStream(SourceWriter writer)
    {
    }

    /// <summary>Writes <c>Freeze</c> into the network's class.</summary>
    public virtual void WriteFreeze(SourceWriter writer)
    {
        writer.WriteLine("/// <summary>A copy for prediction that nothing changes any more.</summary>");
        writer.WriteLine("public global::SimdNet.FrozenNetwork Freeze() => new global::SimdNet.FrozenNetwork(this, Clone().Forward);");
    }

    /// <summary>Writes <c>Forward</c> into the network's class.</summary>
    public abstract void WriteForward(SourceWriter writer);

    /// <summary>Writes the classes beside the network, which only its own file sees.</summary>
    public abstract void WriteClasses(SourceWriter writer);
}
