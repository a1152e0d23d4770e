using System;
using System.Linq;

namespace SimdNet.Specification;

/// <summary>Networks over sequences of any length: their layers and parameters must be the same for each.</summary>
internal static class AnyLength
{
    /// <summary>A length that stands for all: longer than the windows of convolutions are.</summary>
    public const int Probe = 4096;

    /// <summary>The first layer whose size or parameters follow from the length of its input, -1 where there is none; and whether the result has a time axis.</summary>
    /// <param name="spec">The network for <see cref="Probe"/>.</param>
    /// <param name="longer">The network for another length, where a definition that runs may look at it: what is reshaped to more steps then has a time axis.</param>
    public static (int FirstFixed, bool HasTime) Of(GraphSpec spec, GraphSpec? longer = null)
    {
        var hasTime = new bool[spec.Layers.Count];
        for (int i = 0; i < hasTime.Length; i++)
        {
            LayerSpec layer = spec.Layers[i];
            bool isOfTokens = layer.Inputs.Contains(LayerSpec.NetworkInput) && spec.InputShape.Count == 1;
            if (!layer.Inputs.Any(input => input == LayerSpec.NetworkInput || hasTime[input])) continue;
            bool isLonger = IsLonger(layer.OutputShape, longer?.Layers.ElementAtOrDefault(i)?.OutputShape);
            if (layer is SliceSpec { Axis: 0 } && !isLonger) continue;
            if (layer is PositionsSpec or PermuteSpec || (layer is ReshapeSpec && !isLonger) || (isOfTokens && layer is not EmbeddingSpec)) return (i, false);
            hasTime[i] = layer.OutputShape.Count == 2 && (layer is not CrossAttentionSpec || layer.Inputs[0] == LayerSpec.NetworkInput || hasTime[layer.Inputs[0]]);
        }
        return (-1, hasTime.LastOrDefault());
    }

    private static bool IsLonger(EquatableArray<int> shape, EquatableArray<int>? other) => shape.Count == 2 && other?.Count == 2 && shape[0] != other[0] && shape[1] == other[1];

    /// <summary>The first layer that has other parameters than for another length; -1 where there is none.</summary>
    public static int FirstOther(GraphSpec spec, GraphSpec other)
    {
        int count = Math.Min(spec.Layers.Count, other.Layers.Count);
        for (int i = 0; i < count; i++)
        {
            LayerSpec one = spec.Layers[i], same = other.Layers[i];
            if (one.Name != same.Name || !one.Tensors.Select(tensor => tensor.Shape).SequenceEqual(same.Tensors.Select(tensor => tensor.Shape))) return i;
        }
        return spec.Layers.Count == other.Layers.Count ? -1 : count - 1;
    }
}
