using System;
using System.Linq;

namespace SimdNet.Specification;

/// <summary>Networks over sequences of any length: their layers and parameters must be the same for each.</summary>
internal static class AnyLength
{
    /// <summary>A length that stands for all: longer than the windows of convolutions are.</summary>
    public const int Probe = 4096;

    /// <summary>The first layer that is another one where the sequence is longer by one step; -1 where there is none.</summary>
    public static int FirstFixed(GraphSpec spec, GraphSpec longer)
    {
        for (int i = 0; i < Math.Min(spec.Layers.Count, longer.Layers.Count); i++)
        {
            LayerSpec one = spec.Layers[i], other = longer.Layers[i];
            bool isAlike = one.OutputShape.Equals(other.OutputShape)
                || (one.OutputShape.Count == 2 && other.OutputShape.Count == 2 && one.OutputShape[1] == other.OutputShape[1]);
            if (one.Name != other.Name || !isAlike || !one.Tensors.Select(tensor => tensor.Shape).SequenceEqual(other.Tensors.Select(tensor => tensor.Shape))) return i;
        }
        return spec.Layers.Count == longer.Layers.Count ? -1 : Math.Min(spec.Layers.Count, longer.Layers.Count) - 1;
    }
}
