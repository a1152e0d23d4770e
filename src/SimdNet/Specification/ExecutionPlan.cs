using System.Collections.Generic;
using System.Linq;

namespace SimdNet.Specification;

/// <summary>One step of the computation: values become another value.</summary>
/// <param name="Name">The name of its layer, or of the turn of an image.</param>
/// <param name="Call">The operation; null where values are joined.</param>
/// <param name="Join">How values are joined; null where there is an operation.</param>
/// <param name="Fused">The activation computed with it, or null.</param>
/// <param name="Inputs">The values it reads.</param>
/// <param name="Output">The value it writes.</param>
/// <param name="IsTrained">Whether it has parameters with gradients.</param>
/// <param name="HasState">Whether it remembers something of earlier time steps in a stream.</param>
/// <param name="Shared">Where its parameters lie, an offset and a length each, if other steps have them as well; otherwise null.</param>
/// <param name="Layer">The layer; null where values are joined or turned around.</param>
internal sealed record StepPlan(
    string Name, OperationCall? Call, JoinPlan? Join, ActivationSpec? Fused, IReadOnlyList<int> Inputs, int Output, bool IsTrained = false, bool HasState = false, IReadOnlyList<int>? Shared = null,
    LayerSpec? Layer = null);

/// <summary>A sum, a product, or rows side by side.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Rows">The rows of one sample, for rows side by side.</param>
/// <param name="Sizes">The length of a row of each value.</param>
internal sealed record JoinPlan(JoinKind Kind, int Rows, IReadOnlyList<int> Sizes)
{
    /// <summary>The length of a row of the result.</summary>
    public int Width { get; } = Sizes.Sum();

    /// <summary>Where the rows of a value begin within those of the result.</summary>
    public int Before(int index)
    {
        int before = 0;
        for (int i = 0; i < index; i++) before += Sizes[i];
        return before;
    }
}

/// <summary>Where a gradient of a step's input goes.</summary>
/// <param name="Value">The value whose gradient it is; -1 where nobody needs it.</param>
/// <param name="Accumulates">Whether it is added to what another step wrote.</param>
internal sealed record GradientTarget(int Value, bool Accumulates);

/// <summary>A step on the way back.</summary>
/// <param name="AddsParameters">Whether gradients of its parameters are added to those that are there, which another step wrote that shares them.</param>
internal sealed record BackwardStep(StepPlan Step, IReadOnlyList<GradientTarget> Targets, bool AddsParameters);

/// <summary>The activation at the end that a loss is fused with; the training pass leaves it to the library.</summary>
internal enum FinalActivation
{
    None,
    Softmax,
    Sigmoid,
    InnerSigmoid,
}

/// <summary>
/// The steps of a network in prediction or in training. Images are channels first for users and channels last inside: they are
/// turned around where a layer needs it, once.
/// </summary>
internal sealed class ExecutionPlan
{
    /// <summary>The value that is the network's input.</summary>
    public const int Input = 0;

    private readonly GraphSpec _spec;
    private readonly ParameterPlan _parameters;
    private readonly bool _isTraining;
    private readonly List<StepPlan> _steps = [];
    private readonly List<int> _lengths = [];

    /// <summary>For each layer, the input first, the value that is its result channels first, and channels last; -1 where there is none yet.</summary>
    private readonly int[] _logical, _inside;

    public ExecutionPlan(GraphSpec spec, ParameterPlan parameters, bool isTraining)
    {
        _spec = spec;
        _parameters = parameters;
        _isTraining = isTraining;
        _logical = [.. Enumerable.Repeat(-1, spec.Layers.Count + 1)];
        _inside = [.. _logical];
        Set(LayerSpec.NetworkInput, NewValue(Shapes.Length(spec.InputShape)), isInside: false);
        int last = spec.Layers.Count - 1;
        if (isTraining && IsTheLibrarys(spec))
        {
            // The library applies it, or the loss is fused with it.
            int before = spec.Layers[last].Inputs[0];
            for (int i = 0; i < last; i++) Plan(i);
            Output = Logical(before);
            return;
        }
        for (int i = 0; i <= last; i++) Plan(i);
        Output = Logical(last);
    }

    /// <summary>The steps in order.</summary>
    public IReadOnlyList<StepPlan> Steps => _steps;

    /// <summary>The floats of each value.</summary>
    public IReadOnlyList<int> Lengths => _lengths;

    /// <summary>The value that is the result.</summary>
    public int Output { get; }

    /// <summary>How many samples go through the network together: enough work for every core, few enough that their values stay in a second-level cache.</summary>
    public static int Chunk(int memory) => System.Math.Max(1, System.Math.Min(256, (1 << 17) / System.Math.Max(1, memory)));

    /// <summary>The floats of each value that a training pass stores; 0 for the input and the result, which lie elsewhere.</summary>
    public int[] StoredLengths() => [.. _lengths.Select((length, value) => value == Input || value == Output ? 0 : length)];

    /// <summary>The activation that a network ends in.</summary>
    public static FinalActivation FinalOf(GraphSpec spec) => spec.Layers.LastOrDefault() switch
    {
        SoftmaxSpec => FinalActivation.Softmax,
        ActivationSpec { Kind: ActivationKind.Sigmoid } => FinalActivation.Sigmoid,
        { } last when Moves(last) && HasInnerSigmoid(spec) => FinalActivation.InnerSigmoid,
        _ => FinalActivation.None,
    };

    /// <summary>Whether training leaves the last layer to the library, which may fuse it with the loss.</summary>
    private static bool IsTheLibrarys(GraphSpec spec) => FinalOf(spec) is FinalActivation.Softmax or FinalActivation.Sigmoid;

    /// <summary>Whether a layer gives the values that it takes, all or some, in other places or with other values beside them.</summary>
    private static bool Moves(LayerSpec layer) => layer is ReshapeSpec or SliceSpec or PermuteSpec or DropoutSpec or JoinSpec { Kind: JoinKind.Concat };

    /// <summary>Whether the result has values of a sigmoid that were moved since.</summary>
    private static bool HasInnerSigmoid(GraphSpec spec)
    {
        var has = new bool[spec.Layers.Count];
        for (int i = 0; i < has.Length; i++)
        {
            has[i] = spec.Layers[i] is ActivationSpec { Kind: ActivationKind.Sigmoid }
                || (Moves(spec.Layers[i]) && spec.Layers[i].Inputs.Any(input => input != LayerSpec.NetworkInput && has[input]));
        }
        return has[has.Length - 1];
    }

    /// <summary>The way back to all parameters, and then to the input, which writes gradients of parameters once more.</summary>
    public (IReadOnlyList<BackwardStep> Parameters, IReadOnlyList<BackwardStep> Input) WayBack()
    {
        var trained = new bool[_lengths.Count];
        foreach (StepPlan step in _steps) trained[step.Output] = step.IsTrained || step.Inputs.Any(input => trained[input]);
        var written = new HashSet<int> { Output };
        var shared = new HashSet<int>();
        return (
            Walk(input => trained[input], step => trained[step.Output], places => !shared.Add(places[0])),
            Walk(input => !trained[input], step => step.Inputs.Any(input => !trained[input]), _ => false));

        IReadOnlyList<BackwardStep> Walk(System.Func<int, bool> isNeeded, System.Func<StepPlan, bool> isOnWay, System.Func<IReadOnlyList<int>, bool> adds) =>
        [
            .. Enumerable.Reverse(_steps).Where(isOnWay).Select(step => new BackwardStep(
                step, [.. step.Inputs.Select(input => isNeeded(input) ? new GradientTarget(input, !written.Add(input)) : new GradientTarget(-1, false))],
                step.Shared is not null && adds(step.Shared))),
        ];
    }

    /// <summary>
    /// Where values lie in prediction, from the first float of a sample's memory: a place is used again when nobody reads its value any
    /// more. The input and the result have places of their own (-1).
    /// </summary>
    public (IReadOnlyList<int> Offsets, int Length) Memory()
    {
        int[] offsets = [.. Enumerable.Repeat(-1, _lengths.Count)], lastUse = new int[_lengths.Count];
        for (int i = 0; i < _steps.Count; i++)
        {
            lastUse[_steps[i].Output] = i;
            foreach (int input in _steps[i].Inputs) lastUse[input] = i;
        }
        int total = 0;
        var living = new List<(int Value, int First, int End)>();
        for (int i = 0; i < _steps.Count; i++)
        {
            int value = _steps[i].Output;
            if (value == Output) continue;
            living.RemoveAll(place => lastUse[place.Value] < i);
            int length = (_lengths[value] + 15) / 16 * 16, first = 0;
            foreach ((_, int start, int end) in living.OrderBy(place => place.First))
            {
                if (first + length <= start) break;
                first = System.Math.Max(first, end);
            }
            offsets[value] = first;
            living.Add((value, first, first + length));
            total = System.Math.Max(total, first + length);
        }
        return (offsets, total);
    }

    private void Plan(int number)
    {
        LayerSpec layer = _spec.Layers[number];
        if (_logical[number + 1] >= 0 || _inside[number + 1] >= 0) return;
        int first = layer.Inputs[0];
        switch (layer)
        {
            case ReshapeSpec:
                Set(number, Logical(first), isInside: false);
                return;
            case PermuteSpec { TurnsChannelsLast: true }:
                Set(number, Inside(first), isInside: false);
                return;
            case PermuteSpec { TurnsChannelsFirst: true }:
                Set(number, Logical(first), isInside: true);
                return;
            case DropoutSpec dropout when !_isTraining || dropout.Rate == 0:
            case GaussianNoiseSpec noise when !_isTraining || noise.StandardDeviation == 0:
                (_logical[number + 1], _inside[number + 1]) = (_logical[first + 1], _inside[first + 1]);
                return;
            case JoinSpec join:
                PlanJoin(number, join);
                return;
        }
        bool isInside = layer.ReadsImages || (layer.IsElementwise && _inside[first + 1] >= 0);
        int input = layer is CrossAttentionSpec ? Joined(layer) : isInside ? Inside(first) : Logical(first);
        ActivationSpec? fused = FusedWith(number);
        OperationCall call = layer.Operation(_parameters.Offsets(layer), fused)!;
        int output = NewValue(layer.OutputLength);
        _steps.Add(new StepPlan(layer.Name, call, null, fused, [input], output, layer.Tensors.Any(tensor => tensor.Role != TensorRole.Statistic), layer is { IsStep: true, HasState: true }, SharedPlaces(layer), layer));
        Set(number, output, isInside);
        if (fused is not null) Set(NumberOf(fused), output, isInside);
    }

    /// <summary>All inputs of a layer, one behind the other: operations read one value.</summary>
    private int Joined(LayerSpec layer)
    {
        int[] inputs = [.. layer.Inputs.Select(Logical)], sizes = [.. inputs.Select(input => _lengths[input])];
        int joined = NewValue(sizes.Sum());
        _steps.Add(new StepPlan(layer.Name + "Inputs", null, new JoinPlan(JoinKind.Concat, 1, sizes), null, inputs, joined));
        return joined;
    }

    private void PlanJoin(int number, JoinSpec join)
    {
        bool isInside = join.Inputs.Any(input => _inside[input + 1] >= 0 && _logical[input + 1] < 0);
        int[] inputs = [.. join.Inputs.Select(input => isInside ? Inside(input) : Logical(input))];
        bool isImage = join.OutputShape.Count == 3;
        int pixels = isImage ? join.OutputShape[1] * join.OutputShape[2] : 1;
        int rows = isImage ? isInside ? pixels : 1 : join.OutputShape.Count == 2 ? join.OutputShape[0] : 1;
        int output = NewValue(join.OutputLength);
        _steps.Add(new StepPlan(join.Name, null, new JoinPlan(join.Kind, rows, [.. join.Sizes.Select(size => isImage && !isInside ? size * pixels : size)]), null, inputs, output));
        Set(number, output, isInside);
    }

    /// <summary>The activation that is computed together with a layer: the only one that reads its result.</summary>
    private ActivationSpec? FusedWith(int number)
    {
        if (!_spec.Layers[number].TakesActivation || _spec.Layers.Count(layer => layer.Inputs.Contains(number)) != 1) return null;
        var next = _spec.Layers.First(layer => layer.Inputs.Contains(number)) as ActivationSpec;
        bool isTheLibrarys = _isTraining && next == _spec.Layers[_spec.Layers.Count - 1] && IsTheLibrarys(_spec);
        return isTheLibrarys || (_isTraining && next is { ReadsInputOnWayBack: true }) ? null : next;
    }

    /// <summary>Where the trained parameters of a layer lie that others have as well.</summary>
    private int[]? SharedPlaces(LayerSpec layer)
    {
        string owner = layer.SharedWith ?? layer.Name;
        if (layer.Tensors.Count == 0 || _spec.Layers.Count(other => (other.SharedWith ?? other.Name) == owner) == 1) return null;
        return [.. _parameters.Offsets(layer).Zip(layer.Tensors, (offset, tensor) => (offset, tensor)).Where(place => place.tensor.Role != TensorRole.Statistic).SelectMany(place => new[] { place.offset, place.tensor.Length })];
    }

    private int NumberOf(LayerSpec layer) => Enumerable.Range(0, _spec.Layers.Count).First(i => ReferenceEquals(_spec.Layers[i], layer));

    private EquatableArray<int> ShapeOf(int layer) => layer == LayerSpec.NetworkInput ? _spec.InputShape : _spec.Layers[layer].OutputShape;

    private int Logical(int layer) => _logical[layer + 1] >= 0 ? _logical[layer + 1] : _logical[layer + 1] = Turn(layer, _inside[layer + 1], toInside: false);

    private int Inside(int layer) => _inside[layer + 1] >= 0 ? _inside[layer + 1] : _inside[layer + 1] = Turn(layer, _logical[layer + 1], toInside: true);

    private int Turn(int layer, int value, bool toInside)
    {
        EquatableArray<int> shape = ShapeOf(layer);
        int channels = shape[0], pixels = shape[1] * shape[2];
        int output = NewValue(channels * pixels);
        _steps.Add(new StepPlan(
            "turn" + (1 + _steps.Count(step => step.Call?.Type == "TransposeOperation")),
            new OperationCall("TransposeOperation", toInside ? channels : pixels, toInside ? pixels : channels), null, null, [value], output));
        return output;
    }

    private void Set(int layer, int value, bool isInside)
    {
        // Where there is one channel, or one pixel, both orders are the same.
        EquatableArray<int> shape = ShapeOf(layer);
        bool isSame = shape.Count != 3 || shape[0] == 1 || shape[1] * shape[2] == 1;
        if (isInside || (isSame && shape.Count == 3)) _inside[layer + 1] = value;
        if (!isInside || isSame) _logical[layer + 1] = value;
    }

    private int NewValue(int length)
    {
        _lengths.Add(length);
        return _lengths.Count - 1;
    }
}
