using System.Collections.Generic;
using System.Linq;

namespace SimdNet.Specification;

/// <summary>
/// A network over sequences as it is in a stream, where one time step comes at a time; inputs that do not have the stream's time, its context, come whole, once.
/// </summary>
/// <param name="Step">The network over sequences of one step, with the same parameters; layers that remember something of earlier steps, or of the context, have a state.</param>
/// <param name="StepInputs">The numbers of the inputs that it takes a step of.</param>
/// <param name="Context">From the context to the states that hold what layers need of it, one behind the other; null where there is none.</param>
/// <param name="ContextInputs">The numbers of the inputs that are the context.</param>
internal sealed record StreamSpec(GraphSpec Step, EquatableArray<int> StepInputs, GraphSpec? Context, EquatableArray<int> ContextInputs)
{
    /// <summary>
    /// A recurrent layer that gives its last result alone gives it after each step, as if the sequence ended there. The first input with a time axis has the stream's time, and all others of
    /// as many steps, but those that a layer needs whole.
    /// </summary>
    /// <param name="spec">The network.</param>
    /// <param name="isAnyLength">Whether its sequences have any length, so that there is no longest one.</param>
    /// <returns>Null where it cannot stream, and why.</returns>
    public static (StreamSpec? Stream, string? Reason) Of(GraphSpec spec, bool isAnyLength = false)
    {
        StreamInputs inputs = new(spec);
        bool[] hasTime = [.. inputs.Shapes.Select((_, input) => inputs.HasTime(input))];
        string? reason = inputs.Shapes.Count > 1
            ? "none of its inputs has a time axis; declare one as (time, features)"
            : $"its input, {Shapes.Text(spec.InputShape)}, has no time axis; declare it as (time, features)";
        while (hasTime.Contains(true))
        {
            int steps = inputs.Shapes[System.Array.IndexOf(hasTime, true)][0];
            var times = new StreamTimes(spec, inputs, [.. hasTime.Select((one, input) => one && inputs.Shapes[input][0] == steps)], isAnyLength);
            reason = times.Reason;
            if (reason is null) return (times.Build(), null);

            // What a layer needs whole may be the context.
            bool[] rest = [.. hasTime.Zip(times.NeededWhole, (one, whole) => one && !whole)];
            if (rest.SequenceEqual(hasTime)) break;
            hasTime = rest;
        }
        return (null, reason);
    }
}

/// <summary>The inputs of a network: the flat sample is cut into several, or is the only one.</summary>
internal sealed class StreamInputs
{
    private readonly GraphSpec _spec;
    private readonly List<int> _layers = [];

    public StreamInputs(GraphSpec spec)
    {
        _spec = spec;
        Shapes = spec.Inputs.Count > 0 ? spec.Inputs : [spec.InputShape];
        foreach (EquatableArray<int> shape in spec.Inputs)
        {
            Count += shape.Count > 1 ? 2 : 1;
            _layers.Add(Count - 1);
        }
        if (spec.Inputs.Count == 0) _layers.Add(LayerSpec.NetworkInput);
    }

    /// <summary>The shape of each.</summary>
    public IReadOnlyList<EquatableArray<int>> Shapes { get; }

    /// <summary>The layers that cut the sample, which are the first ones.</summary>
    public int Count { get; }

    /// <summary>The layer that gives an input, or <see cref="LayerSpec.NetworkInput"/>.</summary>
    public int LayerOf(int input) => _layers[input];

    /// <summary>The number of the input that a layer gives; -1 where it is another layer.</summary>
    public int Of(int layer) => _layers.IndexOf(layer);

    /// <summary>Whether it is a sequence, of features or of tokens.</summary>
    public bool HasTime(int input) =>
        Shapes[input].Count == 2 || (Shapes[input].Count == 1 && _spec.Layers.Any(layer => layer is EmbeddingSpec && layer.Inputs.Contains(_layers[input])));
}
