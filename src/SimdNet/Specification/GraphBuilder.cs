using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SimdNet.Kernels;
using SimdNet.Layers;

namespace SimdNet.Specification;

/// <summary>
/// Makes a specification, layer by layer: the one place that knows which arguments and which shapes a layer takes. After a fault
/// the shape of a layer is unknown, and goes on unknown, so that one mistake is reported once.
/// </summary>
/// <param name="inputShape">The shape of one sample; null where it is wrong.</param>
/// <param name="report">Takes a fault, the number of the layer that has it, and what its message says.</param>
internal sealed partial class GraphBuilder(IReadOnlyList<int>? inputShape, Action<FaultKind, int, object[]> report)
{
    /// <summary>So many outputs are too many for any layer, with one input and a bias.</summary>
    private const int MostUnits = 1 << 30;

    private readonly List<LayerSpec?> _layers = [];
    private readonly List<IReadOnlyList<int>?> _shapes = [];
    private readonly List<(string Kind, IReadOnlyList<int> Inputs, LayerArguments Arguments)> _declared = [];
    private readonly Dictionary<string, int> _counts = [];
    private long _storage;

    /// <summary>The layers so far.</summary>
    public int Count => _declared.Count;

    /// <summary>Adds a layer and returns its number.</summary>
    /// <param name="kind">The layer's name: <c>Dense</c>.</param>
    /// <param name="inputs">The numbers of the layers whose results it takes.</param>
    /// <param name="arguments">Its arguments.</param>
    public int Add(string kind, IReadOnlyList<int> inputs, LayerArguments arguments) => Add(kind, inputs, arguments, null);

    /// <param name="original">The layer whose parameters it has; null where it has its own.</param>
    private int Add(string kind, IReadOnlyList<int> inputs, LayerArguments arguments, LayerSpec? original)
    {
        _declared.Add((kind, inputs, arguments));
        _counts.TryGetValue(kind, out int count);
        _counts[kind] = ++count;
        string name = char.ToLowerInvariant(kind[0]) + kind.Substring(1) + count.ToString(CultureInfo.InvariantCulture);
        IReadOnlyList<int>?[] shapes = [.. inputs.Select(ShapeOf)];
        (LayerSpec? layer, IReadOnlyList<int>? shape) = shapes.Any(known => known is null) ? (null, null) : Make(kind, name, new(inputs), [.. shapes.Select(known => known!)], arguments);
        if (layer is not null && original is not null)
        {
            if (!layer.Tensors.Select(tensor => tensor.Shape).SequenceEqual(original.Tensors.Select(tensor => tensor.Shape)))
                Report(FaultKind.SizesDoNotFit, "Reuse", $"the parameters of {original.Name} do not fit {Shapes.Text(shapes[0]!)}; give it values of the shape that it has in its first place");
            layer = layer with { SharedWith = original.SharedWith ?? original.Name };
        }
        if (layer is not null && !IsSmallEnough(name, Shapes.Floats(layer.OutputShape))) layer = null;
        _layers.Add(layer);
        _shapes.Add(layer?.OutputShape ?? shape);
        if (layer is { SharedWith: null }) CheckStorage(layer);
        return _layers.Count - 1;
    }

    /// <summary>The shape of a layer's result, or of the input; null where a fault has made it unknown.</summary>
    public IReadOnlyList<int>? ShapeOf(int layer) => layer == LayerSpec.NetworkInput ? inputShape : _shapes[layer];

    /// <summary>The whole specification; what is wrong with it has been reported.</summary>
    public GraphSpec Finish()
    {
        for (int i = 0; i < _declared.Count; i++)
        {
            int next = _declared[i].Kind == "Softmax" ? FirstReader(i) : -1;
            if (next >= 0) report(FaultKind.SoftmaxNotLast, i, next >= _resultsFrom ? ["another result", "give logits, or LogSoftmax, and apply Elementwise.Softmax where you predict"] : [_declared[next].Kind, "remove one of them"]);
            else if (i >= _inputLayers && i < _declared.Count - 1 && FirstReader(i) < 0 && !_layers.Any(layer => layer is null || layer.SharedWith == _layers[i]!.Name)) report(FaultKind.NotRead, i, [_declared[i].Kind]);
        }
        return new GraphSpec(new(inputShape ?? []), new(_layers.Where(layer => layer is not null).Select((layer, i) => Initialised(layer!, i)))) { Inputs = _inputs, ResultsFrom = _resultsFrom };
    }

    /// <summary>Weights before a relu are drawn for it.</summary>
    private LayerSpec Initialised(LayerSpec layer, int number)
    {
        if (layer.Weights != Initializer.Auto || layer.SharedWith is not null) return layer;
        ActivationSpec? next = ActivationOf(number);
        return next?.Kind is ActivationKind.Relu or ActivationKind.LeakyRelu
            ? layer.WithWeights(Initializer.KaimingUniform, next.Slope)
            : layer.WithWeights(Initializer.GlorotUniform, 0);
    }

    /// <summary>The activation that follows a layer, behind a normalisation where there is one.</summary>
    private ActivationSpec? ActivationOf(int number)
    {
        int next = FirstReader(number);
        return next < 0 ? null : _layers[next] is NormSpec ? ActivationOf(next) : _layers[next] as ActivationSpec;
    }

    /// <summary>The first layer that takes the result of another; -1 where there is none.</summary>
    private int FirstReader(int number) => _declared.FindIndex(number + 1, layer => layer.Inputs.Contains(number));

    private void Report(FaultKind fault, params object[] arguments) => report(fault, _declared.Count - 1, arguments);

    /// <summary>Tensors begin on 64-byte boundaries.</summary>
    private void CheckStorage(LayerSpec layer)
    {
        _storage += layer.Tensors.Sum(tensor => (tensor.Length + 15L) / 16 * 16);
        if (_storage <= int.MaxValue) return;
        Report(FaultKind.TooLarge, layer.Name, _storage.ToString(CultureInfo.InvariantCulture));
        _storage = 0;
    }

    private (LayerSpec? Layer, IReadOnlyList<int>? Shape) Make(string kind, string name, EquatableArray<int> inputs, IReadOnlyList<int>[] shapes, LayerArguments arguments)
    {
        IReadOnlyList<int> shape = shapes[0];
        EquatableArray<int> same = new(shape);
        switch (kind)
        {
            case "Dense":
                return MakeDense(name, inputs, shape, arguments);
            case "Relu":
            case "Sigmoid":
            case "Tanh":
            case "Silu":
            case "Mish":
            case "HardSwish":
            case "Selu":
            case "Softplus":
            case "Softsign":
            case "HardSigmoid":
                return (new ActivationSpec(name, inputs, same, (ActivationKind)Enum.Parse(typeof(ActivationKind), kind), 0), null);
            case "LeakyRelu":
                float slope = arguments.Single("slope");
                if (!(slope > 0) || float.IsInfinity(slope)) Report(FaultKind.Slope, Text(slope));
                return (new ActivationSpec(name, inputs, same, ActivationKind.LeakyRelu, slope), null);
            case "Gelu":
                return (new ActivationSpec(name, inputs, same, arguments.Boolean("approximate") ? ActivationKind.GeluTanh : ActivationKind.Gelu, 0), null);
            case "Elu":
                float alpha = arguments.Single("alpha", 1);
                if (!(alpha >= 0) || float.IsInfinity(alpha)) Report(FaultKind.SizesDoNotFit, kind, $"alpha is {Text(alpha)}; it must be finite and at least 0");
                return (new ActivationSpec(name, inputs, same, ActivationKind.Elu, alpha), null);
            case "PRelu":
                return (MakePRelu(name, inputs, shape), null);
            case "LogSoftmax":
            case "Softmax":
                return MakeSoftmax(kind, name, inputs, shape);
            case "Reshape":
                return (MakeReshape(name, inputs, shape, arguments), null);
            case "Slice":
                return (MakeSlice(name, inputs, shape, arguments), null);
            case "Permute":
                return (MakePermute(name, inputs, shape, arguments), null);
            case "Flatten":
                return (new ReshapeSpec(name, inputs, new([Shapes.Length(shape)])), null);
            case "Dropout":
                float rate = arguments.Single("rate");
                if (!(rate >= 0 && rate < 1)) Report(FaultKind.DropoutRate, Text(rate));
                return (new DropoutSpec(name, inputs, same, rate), null);
            case "GaussianNoise":
                float deviation = arguments.Single("stddev");
                if (!(deviation >= 0) || float.IsInfinity(deviation)) Report(FaultKind.SizesDoNotFit, kind, $"the standard deviation is {Text(deviation)}; it must be finite and at least 0");
                return (new GaussianNoiseSpec(name, inputs, same, deviation), null);
            case "Add":
            case "Multiply":
                if (shapes.All(other => other.SequenceEqual(shape))) return (new JoinSpec(name, inputs, same, (JoinKind)Enum.Parse(typeof(JoinKind), kind), new([])), null);
                Report(FaultKind.ShapesDiffer, kind, string.Join(" and ", shapes.Select(Shapes.Text)), "their shapes must be equal");
                return (null, shape);
            case "Concat":
                return MakeConcat(name, inputs, shapes);
            case "Conv1D":
            case "Conv2D":
            case "ConvTranspose1D":
            case "ConvTranspose2D":
                return (MakeConvolution(kind, name, inputs, shape, arguments), null);
            case "MaxPool1D":
            case "MaxPool2D":
            case "AveragePool1D":
            case "AveragePool2D":
            case "GlobalMaxPool":
            case "GlobalAveragePool":
                return (MakePooling(kind, name, inputs, shape, arguments), null);
            case "Upsample2D":
                return (MakeUpsample(name, inputs, shape, arguments), null);
            case "ZeroPad2D":
                return (MakeZeroPad(name, inputs, shape, arguments), null);
            case "BatchNorm":
            case "LayerNorm":
            case "RmsNorm":
            case "GroupNorm":
                return (MakeNorm(kind, name, inputs, shape, arguments), null);
            case "Embedding":
                return (MakeEmbedding(name, inputs, shape, arguments), null);
            case "PositionEmbedding":
                return (HasRank(kind, shape, isImage: false) ? new PositionsSpec(name, inputs, same, shape[0]) : null, null);
            case "SimpleRnn":
            case "Gru":
            case "Lstm":
                return (MakeRecurrent(kind, name, inputs, shape, arguments), null);
            case "MultiHeadAttention":
                return (MakeAttention(name, inputs, shape, arguments), null);
            case "CrossAttention":
                return (MakeCrossAttention(name, inputs, shape, shapes[1], arguments), null);
            default:
                throw new InvalidOperationException("There is no layer " + kind + ".");
        }
    }

    private (LayerSpec? Layer, IReadOnlyList<int>? Shape) MakeDense(string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        int units = arguments.Integer("units");
        if (units <= 0)
        {
            Report(FaultKind.NotPositive, "Dense", Text(units));
            return (null, null);
        }
        if (shape.Count > 2)
        {
            Report(FaultKind.NotFlat, Shapes.Text(shape));
            return (null, [units]);
        }
        int width = shape[shape.Count - 1];
        long storage = (width + 1L) * SumOrder.RowStride(Math.Min(units, MostUnits));
        if (storage > int.MaxValue)
        {
            Report(FaultKind.TooLarge, name, storage.ToString(CultureInfo.InvariantCulture));
            return (null, [units]);
        }
        return (new DenseSpec(name, inputs, new([.. shape.Take(shape.Count - 1), units]), width, units, (Initializer)arguments.Integer("initializer"), 0), null);
    }

    private (LayerSpec? Layer, IReadOnlyList<int>? Shape) MakeSoftmax(string kind, string name, EquatableArray<int> inputs, IReadOnlyList<int> shape)
    {
        if (shape.Count > 2)
        {
            Report(FaultKind.WrongRank, kind, "flat values or a sequence, (time, features)", Shapes.Text(shape), "add Flatten or GlobalAveragePool before it");
            return (null, shape);
        }
        return (kind == "Softmax" ? new SoftmaxSpec(name, inputs, new(shape)) : new LogSoftmaxSpec(name, inputs, new(shape)), null);
    }

    private LayerSpec? MakeReshape(string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        IReadOnlyList<int> sizes = arguments.Integers("shape");
        if (sizes.Count is >= 1 and <= 3 && sizes.All(size => size > 0) && Shapes.Floats(sizes) == Shapes.Length(shape)) return new ReshapeSpec(name, inputs, new(sizes));
        Report(FaultKind.SizesDoNotFit, "Reshape", $"{Text(Shapes.Length(shape))} values of {Shapes.Text(shape)} cannot have the shape {Shapes.Text(sizes)}; one to three sizes, all of them positive, must have the same product");
        return null;
    }

    /// <summary>Images are joined along channels, sequences along features.</summary>
    private (LayerSpec? Layer, IReadOnlyList<int>? Shape) MakeConcat(string name, EquatableArray<int> inputs, IReadOnlyList<int>[] shapes)
    {
        if (shapes.FirstOrDefault(shape => shape.Count > 3) is { } other)
        {
            Report(FaultKind.WrongRank, "Concat", "flat values, sequences or images", Shapes.Text(other), "add Flatten or Reshape before it");
            return (null, null);
        }
        int axis = shapes[0].Count == 3 ? 0 : shapes[0].Count - 1;
        if (shapes.Any(shape => shape.Count != shapes[0].Count || shape.Where((size, i) => i != axis && size != shapes[0][i]).Any()))
        {
            Report(FaultKind.ShapesDiffer, "Concat", string.Join(" and ", shapes.Select(Shapes.Text)), "all sizes but those of channels or features must be equal");
            return (null, null);
        }
        int[] sizes = [.. shapes.Select(shape => shape[axis])];
        if (!IsSmallEnough(name, shapes.Sum(Shapes.Floats))) return (null, null);
        int[] result = [.. shapes[0]];
        result[axis] = sizes.Sum();
        return (new JoinSpec(name, inputs, new(result), JoinKind.Concat, new(sizes)), null);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(float value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The arguments of a layer by their names, from an attribute or from a call.</summary>
internal sealed class LayerArguments(IReadOnlyDictionary<string, object?> values)
{
    /// <summary>A whole number, or another one where it was left out.</summary>
    public int Integer(string name, int other = 0) => values.TryGetValue(name, out object? value) && value is int number ? number : other;

    /// <summary>A float.</summary>
    public float Single(string name, float other = 0) => values.TryGetValue(name, out object? value) ? value switch { float number => number, int number => number, _ => other } : other;

    /// <summary>Yes or no.</summary>
    public bool Boolean(string name, bool other = false) => values.TryGetValue(name, out object? value) && value is bool flag ? flag : other;

    /// <summary>Whole numbers; none where they were left out.</summary>
    public IReadOnlyList<int> Integers(string name) => values.TryGetValue(name, out object? value) && value is IEnumerable<int> numbers ? [.. numbers] : [];

    /// <summary>Whether the layer has such an argument.</summary>
    public bool Has(string name) => values.ContainsKey(name);
}
