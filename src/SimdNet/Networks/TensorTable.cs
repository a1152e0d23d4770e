using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace SimdNet;

/// <summary>The parameter tensors of a network in the order in which they are stored, by name and by index.</summary>
public sealed class TensorTable : IReadOnlyList<Tensor>
{
    private readonly Tensor[] _tensors;

    internal TensorTable(Tensor[] tensors) => _tensors = tensors;

    /// <summary>The number of tensors.</summary>
    public int Count => _tensors.Length;

    /// <summary>The tensor at <paramref name="index"/>.</summary>
    public Tensor this[int index] => _tensors[index];

    /// <summary>The tensor named <paramref name="name"/>.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists the names.</exception>
    public Tensor this[string name] => TryGet(name, out Tensor? tensor)
        ? tensor
        : throw new KeyNotFoundException($"There is no tensor \"{name}\"; the network has {string.Join(", ", _tensors.Select(t => t.Name))}.");

    /// <summary>Finds a tensor by its name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Tensor? tensor)
    {
        tensor = Array.Find(_tensors, t => t.Name == name);
        return tensor is not null;
    }

    /// <summary>The tensors, one after the other.</summary>
    public IEnumerator<Tensor> GetEnumerator() => ((IEnumerable<Tensor>)_tensors).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
