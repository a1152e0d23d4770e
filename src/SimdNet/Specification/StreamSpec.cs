using System.Linq;

namespace SimdNet.Specification;

/// <summary>A network over sequences as it is in a stream, where one time step comes at a time.</summary>
internal static class StreamSpec
{
    /// <summary>
    /// The network over sequences of one step, with the same parameters; layers that remember something of earlier steps have a state. A recurrent layer that
    /// gives its last result alone gives it after each step, as if the sequence ended there.
    /// </summary>
    /// <param name="spec">The network.</param>
    /// <param name="isAnyLength">Whether its sequences have any length, so that there is no longest one.</param>
    /// <returns>Null where it cannot stream, and why.</returns>
    public static (GraphSpec? Step, string? Reason) Of(GraphSpec spec, bool isAnyLength = false)
    {
        bool isOfTokens = spec.InputShape.Count == 1 && spec.Layers.Any(layer => layer is EmbeddingSpec && layer.Inputs.Contains(LayerSpec.NetworkInput));
        if (spec.InputShape.Count != 2 && !isOfTokens) return (null, $"its input, {Shapes.Text(spec.InputShape)}, has no time axis; declare it as (time, features)");
        var hasTime = new bool[spec.Layers.Count + 1];
        hasTime[0] = true;
        var steps = new LayerSpec[spec.Layers.Count];
        for (int i = 0; i < steps.Length; i++)
        {
            LayerSpec layer = spec.Layers[i];
            bool readsTime = layer.Inputs.Any(input => hasTime[input + 1]);
            if ((readsTime ? layer.ToOneStep() : layer) is not { } step) return (null, layer.Name + " needs the whole sequence at once");
            if (isAnyLength && layer is AttentionSpec) return (null, layer.Name + " keeps the keys and values of a whole sequence, and so needs its longest length; declare one in place of Sequence.Any");
            steps[i] = step;
            hasTime[i + 1] = readsTime && step.OutputShape.Count == 2;
        }
        return (new GraphSpec(isOfTokens ? new([1]) : new([1, spec.InputShape[1]]), new(steps)), null);
    }
}
