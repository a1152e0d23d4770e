using System.Collections.Generic;
using SimdNet.Layers;

namespace SimdNet.Specification;

/// <summary>What is brought to mean zero and variance one.</summary>
internal enum NormKind
{
    BatchNorm,
    LayerNorm,
    RmsNorm,
    GroupNorm,
}

/// <summary>A normalisation with a scale and, but for the root mean square, a shift for each channel.</summary>
/// <param name="Positions">The pixels of an image, or the steps of a sequence; 1 for flat values.</param>
/// <param name="Channels">The channels or features.</param>
/// <param name="Groups">The groups of channels of a group normalisation.</param>
/// <param name="Epsilon">What is added to the variance.</param>
/// <param name="Momentum">The share of a batch in the running statistics.</param>
internal sealed record NormSpec(
    string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, NormKind Kind, int Positions, int Channels, int Groups, float Epsilon, float Momentum)
    : LayerSpec(Name, Inputs, OutputShape)
{
    public override bool ReadsImages => OutputShape.Count == 3;

    public override LayerSpec? ToOneStep() => Kind == NormKind.GroupNorm ? null : this with { OutputShape = OneStepShape, Positions = 1 };

    public override IReadOnlyList<TensorSpec> Tensors
    {
        get
        {
            var tensors = new List<TensorSpec> { Vector("weight", TensorRole.Bias, Initializer.Ones) };
            if (Kind != NormKind.RmsNorm) tensors.Add(Vector("bias", TensorRole.Bias, Initializer.Zeros));
            if (Kind == NormKind.BatchNorm)
            {
                tensors.Add(Vector("running_mean", TensorRole.Statistic, Initializer.Zeros));
                tensors.Add(Vector("running_var", TensorRole.Statistic, Initializer.Ones));
            }
            return tensors;

            TensorSpec Vector(string name, TensorRole role, Initializer initializer) => TensorSpec.Vector(name, Channels, Channels, role, initializer);
        }
    }

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => Kind switch
    {
        NormKind.BatchNorm => new("BatchNormOperation", Positions, Channels, Epsilon, Momentum, offsets[0], offsets[1], offsets[2], offsets[3]),
        NormKind.LayerNorm => new("LayerNormOperation", Positions, Channels, Epsilon, offsets[0], offsets[1]),
        NormKind.RmsNorm => new("RmsNormOperation", Positions, Channels, Epsilon, offsets[0]),
        _ => new("GroupNormOperation", Positions, Channels, Groups, Epsilon, offsets[0], offsets[1]),
    };
}
