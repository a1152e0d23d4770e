using System.Collections.Generic;
using System.Linq;

namespace SimdNet.Specification;

/// <summary>A batch normalisation that is computed by the layer before it.</summary>
/// <param name="Layer">The dense layer or convolution.</param>
/// <param name="Norm">The normalisation.</param>
/// <param name="Epsilon">What it adds to the variance.</param>
internal sealed record FoldPlan(LayerSpec Layer, string Norm, float Epsilon)
{
    /// <summary>Whose bias holds the shift.</summary>
    public string BiasOwner => Layer.Tensors.Any(tensor => tensor.Name == "bias") ? Layer.Name : Norm;
}

/// <summary>The network with its batch normalisations folded into the layers before them, for prediction alone; parameters lie where they did.</summary>
internal static class Folding
{
    /// <summary>The folded network, and what is folded in it.</summary>
    public static (GraphSpec Spec, IReadOnlyList<FoldPlan> Folds) Of(GraphSpec spec)
    {
        var folds = new List<FoldPlan>();
        var layers = new List<LayerSpec>();
        var numbers = new int[spec.Layers.Count];
        for (int i = 0; i < spec.Layers.Count; i++)
        {
            LayerSpec layer = spec.Layers[i];
            layer = layer with { Inputs = new(layer.Inputs.Select(input => input < 0 ? input : numbers[input])) };
            if (layer is NormSpec { Kind: NormKind.BatchNorm } norm && FoldedInto(spec, i) is { } target)
            {
                var fold = new FoldPlan(target, norm.Name, norm.Epsilon);
                folds.Add(fold);
                numbers[i] = layer.Inputs[0];
                LayerSpec with = layers[numbers[i]] is ConvolutionSpec convolution ? convolution with { HasBias = true } : layers[numbers[i]];
                layers[numbers[i]] = with with { BiasOwner = fold.BiasOwner };
                continue;
            }
            numbers[i] = layers.Count;
            layers.Add(layer);
        }
        return (spec with { Layers = new(layers) }, folds);
    }

    /// <summary>The layer before a normalisation, where nobody else reads its result, and its parameters are its own.</summary>
    private static LayerSpec? FoldedInto(GraphSpec spec, int number)
    {
        int before = spec.Layers[number].Inputs[0];
        if (before < 0 || spec.Layers.Count(layer => layer.Inputs.Contains(before)) > 1 || IsShared(spec, number) || IsShared(spec, before)) return null;
        // A shift in the normalisation's place is one row, which a convolution in groups may not read.
        return spec.Layers[before] switch
        {
            DenseSpec dense => dense,
            ConvolutionSpec { IsTransposed: false } convolution when convolution.HasBias || convolution.Groups == 1 => convolution,
            _ => null,
        };
    }

    private static bool IsShared(GraphSpec spec, int number) =>
        spec.Layers[number].SharedWith is not null || spec.Layers.Any(layer => layer.SharedWith == spec.Layers[number].Name);
}
