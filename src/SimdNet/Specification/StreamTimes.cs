using System.Collections.Generic;
using System.Linq;

namespace SimdNet.Specification;

/// <summary>What in a network has the stream's time, where some of its inputs do.</summary>
internal sealed class StreamTimes
{
    /// <summary>Values that are the same for the whole stream, values of a step that have a time axis of one step, and those that have none.</summary>
    private enum Time
    {
        Context,
        Sequence,
        Value,
    }

    private readonly GraphSpec _spec;
    private readonly StreamInputs _inputs;
    private readonly bool[] _isStep;

    /// <summary>What each layer's result is, and which inputs it depends on; and the layer over one step, where it is not one of the context.</summary>
    private readonly Time[] _times;
    private readonly HashSet<int>[] _sources;
    private readonly LayerSpec?[] _steps;

    public StreamTimes(GraphSpec spec, StreamInputs inputs, bool[] isStep, bool isAnyLength)
    {
        (_spec, _inputs, _isStep) = (spec, inputs, isStep);
        _times = new Time[spec.Layers.Count];
        _steps = new LayerSpec?[spec.Layers.Count];
        _sources = [.. spec.Layers.Select(_ => new HashSet<int>())];
        NeededWhole = new bool[isStep.Length];
        for (int i = 0; i < spec.Layers.Count && Reason is null; i++)
        {
            if (inputs.Of(i) is >= 0 and int input) SetInput(i, input);
            else if (i >= inputs.Count) Follow(i, isAnyLength);
        }
        if (Reason is null && TimeOf(spec.Layers.Count - 1) == Time.Context) Reason = "its result does not depend on the stream";
    }

    /// <summary>Why it cannot stream; null where it can.</summary>
    public string? Reason { get; private set; }

    /// <summary>The inputs that the layer which is the reason needs whole.</summary>
    public bool[] NeededWhole { get; }

    private Time TimeOf(int layer) => layer == LayerSpec.NetworkInput ? Time.Sequence : _times[layer];

    private void SetInput(int layer, int input)
    {
        _times[layer] = _isStep[input] ? Time.Sequence : Time.Context;
        _sources[layer].Add(input);
    }

    private void Follow(int number, bool isAnyLength)
    {
        LayerSpec layer = _spec.Layers[number];
        foreach (int input in layer.Inputs) _sources[number].UnionWith(SourcesOf(input));
        Time[] read = [.. layer.Inputs.Select(TimeOf)];
        bool isResult = number >= _spec.ResultsFrom;
        if (read.All(time => time == Time.Context)) return;
        if (!read.Contains(Time.Sequence) || isResult)
        {
            (_times[number], _steps[number]) = (Time.Value, isResult ? Flat(layer) : layer);
            return;
        }
        if (layer is not EmbeddingSpec && layer.Inputs.Any(input => TimeOf(input) == Time.Sequence && ShapeOf(input).Count == 1))
        {
            // Tokens are a sequence to embeddings alone.
            Fail(layer, [.. layer.Inputs.Where(input => ShapeOf(input).Count == 1).SelectMany(SourcesOf)]);
            return;
        }
        if (layer is CrossAttentionSpec cross)
        {
            if (read[1] == Time.Context) (_times[number], _steps[number]) = (Time.Sequence, new CrossAttentionStepSpec(cross) { IsStep = true });
            else Fail(layer, SourcesOf(layer.Inputs[1]));
            return;
        }
        if (read.Any(time => time != Time.Sequence))
        {
            Reason = layer.Name + " joins the stream and what has another time";
            return;
        }
        if (isAnyLength && layer is AttentionSpec)
        {
            Reason = layer.Name + " keeps the keys and values of a whole sequence, and so needs its longest length; declare one in place of Sequence.Any";
            return;
        }
        if (layer.ToOneStep() is { } step) (_times[number], _steps[number]) = (step.OutputShape.Count == 2 ? Time.Sequence : Time.Value, step with { IsStep = true });
        else Fail(layer, _sources[number]);
    }

    private EquatableArray<int> ShapeOf(int layer) => layer == LayerSpec.NetworkInput ? _spec.InputShape : _spec.Layers[layer].OutputShape;

    private HashSet<int> SourcesOf(int layer) => layer == LayerSpec.NetworkInput ? [0] : _sources[layer];

    private void Fail(LayerSpec layer, HashSet<int> sources)
    {
        Reason = layer.Name + (layer is ConvolutionSpec { Horizontal.Stride: > 1 } or PoolingSpec { Horizontal.Stride: > 1 } ? " takes several steps for one of its results, and a stream gives a result for each" : " needs the whole sequence at once");
        foreach (int input in sources) NeededWhole[input] = true;
    }

    /// <summary>What lays results side by side, with those of one step.</summary>
    private LayerSpec Flat(LayerSpec layer)
    {
        int[] sizes = [.. layer.Inputs.Select(input => Shapes.Length(ShapeOfStep(input)))];
        return layer is JoinSpec join ? join with { OutputShape = new([sizes.Sum()]), Sizes = new(sizes) } : layer with { OutputShape = new(sizes) };
    }

    private EquatableArray<int> ShapeOfStep(int layer) =>
        layer == LayerSpec.NetworkInput ? OneStep(_spec.InputShape)
        : _inputs.Of(layer) is >= 0 and int input && _isStep[input] ? OneStep(_inputs.Shapes[input])
        : _steps[layer]?.OutputShape ?? _spec.Layers[layer].OutputShape;

    /// <summary>A step of features or a token.</summary>
    private static EquatableArray<int> OneStep(EquatableArray<int> shape) => shape.Count == 1 ? new([1]) : new([1, shape[1]]);

    /// <summary>The network over one step, and that of the context.</summary>
    public StreamSpec Build()
    {
        int[] stepInputs = [.. Numbers(true)], contextInputs = [.. Numbers(false)];
        var step = new Part(stepInputs.Select(input => (_inputs.LayerOf(input), OneStep(_inputs.Shapes[input]))), _spec);
        var context = new Part(contextInputs.Select(input => (_inputs.LayerOf(input), _inputs.Shapes[input])), _spec);
        var states = new List<LayerSpec>();
        for (int i = _inputs.Count; i < _spec.Layers.Count; i++)
        {
            LayerSpec layer = _spec.Layers[i];
            if (_steps[i] is not { } own)
            {
                context.Add(i, layer);
                continue;
            }
            if (own is CrossAttentionStepSpec { Whole: var cross })
            {
                states.Add(new CrossAttentionMemorySpec(cross, context.NumberOf(cross.Inputs[1])));
                step.Add(i, own with { Inputs = new([cross.Inputs[0]]) });
                continue;
            }
            foreach (int input in layer.Inputs.Where(input => TimeOf(input) == Time.Context && !step.Has(input)))
            {
                LayerSpec given = _spec.Layers[input];
                states.Add(new ReshapeSpec(given.Name + "Values", new([context.NumberOf(input)]), new([given.OutputLength])));
                step.Add(input, new ContextSpec(given.Name + "Given", new([LayerSpec.NetworkInput]), given.OutputShape) { IsStep = true });
            }
            step.Add(i, own);
        }
        return new StreamSpec(step.Build([]), new(stepInputs), states.Count > 0 ? context.Build(states) : null, new(states.Count > 0 ? contextInputs : []));

        IEnumerable<int> Numbers(bool isStep) => Enumerable.Range(0, _isStep.Length).Where(input => _isStep[input] == isStep);
    }

    /// <summary>A network made of some layers of another.</summary>
    private sealed class Part
    {
        private readonly List<LayerSpec> _layers = [];
        private readonly Dictionary<int, int> _numbers = new() { [LayerSpec.NetworkInput] = LayerSpec.NetworkInput };
        private readonly EquatableArray<int> _shape;

        /// <param name="inputs">The layers that give its inputs, and their shapes.</param>
        /// <param name="spec">The other network.</param>
        public Part(IEnumerable<(int Layer, EquatableArray<int> Shape)> inputs, GraphSpec spec)
        {
            (int Layer, EquatableArray<int> Shape)[] all = [.. inputs];
            if (all.Length == 1)
            {
                _shape = all[0].Shape;
                _numbers[all[0].Layer] = LayerSpec.NetworkInput;
                return;
            }
            int size = all.Sum(input => Shapes.Length(input.Shape)), start = 0;
            _shape = new([size]);
            foreach ((int layer, EquatableArray<int> shape) in all)
            {
                int length = Shapes.Length(shape);
                _layers.Add(new SliceSpec(spec.Layers[layer].Name + "Part", new([LayerSpec.NetworkInput]), new([length]), 0, size, start));
                start += length;
                _layers.Add(new ReshapeSpec(spec.Layers[layer].Name, new([_layers.Count - 1]), shape));
                _numbers[layer] = _layers.Count - 1;
            }
        }

        public bool Has(int layer) => _numbers.ContainsKey(layer);

        /// <summary>Its number of one of the other network's layers.</summary>
        public int NumberOf(int layer) => _numbers[layer];

        /// <summary>Adds a layer, whose inputs are numbers in the other network.</summary>
        public void Add(int number, LayerSpec layer)
        {
            _layers.Add(layer with { Inputs = new(layer.Inputs.Select(NumberOf)) });
            _numbers[number] = _layers.Count - 1;
        }

        /// <param name="states">Layers whose results lie one behind the other at the end; none where the last layer is the result.</param>
        public GraphSpec Build(IReadOnlyList<LayerSpec> states)
        {
            int first = _layers.Count;
            _layers.AddRange(states);
            int[] sizes = [.. states.Select(state => state.OutputLength)];
            if (states.Count > 0) _layers.Add(new JoinSpec("context", new(Enumerable.Range(first, states.Count)), new([sizes.Sum()]), JoinKind.Concat, new(sizes)));
            return new GraphSpec(_shape, new(_layers));
        }
    }
}
