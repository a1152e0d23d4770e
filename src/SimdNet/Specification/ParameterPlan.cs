using System.Collections.Generic;
using System.Linq;

namespace SimdNet.Specification;

/// <summary>Where a parameter tensor lies.</summary>
internal sealed record TensorPlan(string Name, TensorSpec Spec, int Offset);

/// <summary>
/// Where all parameters lie: weights, which decay, then biases, then running statistics, which are not trained. Tensors begin on 64-byte boundaries.
/// </summary>
internal sealed class ParameterPlan
{
    private const int TensorAlignment = 16;

    private readonly List<TensorPlan> _tensors = [];
    private readonly Dictionary<(string Layer, string Tensor), int> _offsets = [];

    public ParameterPlan(GraphSpec spec)
    {
        Place(spec, TensorRole.Weight);
        DecayedLength = Total;
        Place(spec, TensorRole.Bias);
        Length = Total;
        Place(spec, TensorRole.Statistic);
    }

    /// <summary>The tensors in the order in which they lie.</summary>
    public IReadOnlyList<TensorPlan> Tensors => _tensors;

    /// <summary>The number of trained parameters, without padding.</summary>
    public int Count => _tensors.Where(tensor => tensor.Spec.Role != TensorRole.Statistic).Sum(tensor => Shapes.Length(tensor.Spec.Shape));

    /// <summary>The floats that weight decay applies to.</summary>
    public int DecayedLength { get; }

    /// <summary>The floats that are trained, padding included.</summary>
    public int Length { get; }

    /// <summary>All floats.</summary>
    public int Total { get; private set; }

    /// <summary>Where the tensors of a layer begin.</summary>
    public IReadOnlyList<int> Offsets(LayerSpec layer) => [.. layer.Tensors.Select(tensor => _offsets[((tensor.Name == "bias" ? layer.BiasOwner : null) ?? layer.SharedWith ?? layer.Name, tensor.Name)])];

    private void Place(GraphSpec spec, TensorRole role)
    {
        foreach (LayerSpec layer in spec.Layers.Where(layer => layer.SharedWith is null))
        {
            foreach (TensorSpec tensor in layer.Tensors.Where(tensor => tensor.Role == role))
            {
                _offsets[(layer.Name, tensor.Name)] = Total;
                _tensors.Add(new TensorPlan(layer.Name + "." + tensor.Name, tensor, Total));
                Total += (tensor.Length + TensorAlignment - 1) / TensorAlignment * TensorAlignment;
            }
        }
    }
}
