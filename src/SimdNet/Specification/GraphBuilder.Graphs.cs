using System.Collections.Generic;
using System.Linq;

namespace SimdNet.Specification;

/// <summary>Graphs with several inputs and results, and layers that stand in several places.</summary>
internal sealed partial class GraphBuilder
{
    /// <summary>The number of layers when the results were joined.</summary>
    private int _resultsFrom = int.MaxValue;

    /// <summary>The number of layers that cut a sample into inputs, which a network need not read.</summary>
    private int _inputLayers;

    private EquatableArray<EquatableArray<int>> _inputs = new([]);

    /// <summary>Cuts a flat sample into inputs of these shapes, one behind the other, and returns the layers that give them.</summary>
    public IReadOnlyList<int> AddInputs(IReadOnlyList<IReadOnlyList<int>> shapes)
    {
        var inputs = new List<int>();
        int start = 0;
        _inputs = new(shapes.Select(shape => new EquatableArray<int>(shape)));
        foreach (IReadOnlyList<int> shape in shapes)
        {
            int length = Shapes.Length(shape);
            int input = Add("Slice", [LayerSpec.NetworkInput], new LayerArguments(new Dictionary<string, object?> { ["axis"] = 0, ["start"] = start, ["length"] = length }));
            if (shape.Count > 1) input = Add("Reshape", [input], new LayerArguments(new Dictionary<string, object?> { ["shape"] = shape }));
            inputs.Add(input);
            start += length;
        }
        _inputLayers = Count;
        return inputs;
    }

    /// <summary>Lays several results one behind the other in a flat one.</summary>
    public int AddResults(IReadOnlyList<int> results)
    {
        var none = new LayerArguments(new Dictionary<string, object?>());
        _resultsFrom = Count;
        int[] flat = [.. results.Select(result => ShapeOf(result) is { Count: > 1 } ? Add("Flatten", [result], none) : result)];
        return Add("Concat", flat, none);
    }

    /// <summary>Adds a layer once more, with the parameters that it has, and returns the number of its new place.</summary>
    /// <param name="layer">The number of the layer.</param>
    /// <param name="input">The layer whose result it takes here.</param>
    public int Reuse(int layer, int input)
    {
        (string kind, IReadOnlyList<int> inputs, LayerArguments arguments) = layer == LayerSpec.NetworkInput ? ("Reuse", [], new LayerArguments(new Dictionary<string, object?>())) : _declared[layer];
        if (inputs.Count != 1)
        {
            _declared.Add(("Reuse", [input], arguments));
            Report(FaultKind.SizesDoNotFit, "Reuse", "it applies a layer of one input once more; give it the result of such a layer");
            _layers.Add(null);
            _shapes.Add(null);
            return _layers.Count - 1;
        }
        return Add(kind, [input], arguments, _layers[layer]);
    }
}
