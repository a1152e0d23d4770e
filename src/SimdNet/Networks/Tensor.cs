using System.Diagnostics;
using SimdNet.CompilerServices;

namespace SimdNet;

/// <summary>
/// A logical view of one parameter tensor: its name and shape are PyTorch's, whatever the layout in storage, and
/// copying in or out translates between the two.
/// </summary>
[DebuggerDisplay("{Name} [{string.Join(\", \", Shape)}]")]
public sealed class Tensor
{
    private readonly AlignedBuffer _storage;
    private readonly TensorLayout _layout;

    internal Tensor(AlignedBuffer storage, TensorLayout layout)
    {
        _storage = storage;
        _layout = layout;
    }

    /// <summary>The name, for example <c>dense1.weight</c>.</summary>
    public string Name => _layout.Name;

    /// <summary>The logical shape, for example <c>[outputs, inputs]</c> for the weights of a dense layer.</summary>
    public IReadOnlyList<int> Shape => _layout.Shape;

    /// <summary>The number of elements, without padding.</summary>
    public int Length => _layout.Length;

    /// <summary>Where the tensor begins in <see cref="INetwork.Parameters"/>.</summary>
    public int Offset => _layout.Offset;

    /// <summary>Whether weight decay applies to the tensor.</summary>
    public bool IsDecayed => _layout.IsDecayed;

    /// <summary>Copies the elements, in the logical order, to <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> does not have <see cref="Length"/> elements.</exception>
    public void CopyTo(Span<float> destination) => CopyTo(_storage.Span, destination);

    /// <summary>
    /// Copies the elements of this tensor out of <paramref name="block"/>, which is laid out as
    /// <see cref="INetwork.Parameters"/>; gradients, for example.
    /// </summary>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void CopyTo(ReadOnlySpan<float> block, Span<float> destination)
    {
        Guard.Length(destination.Length, Length, nameof(destination), "the elements of the tensor");
        Guard.Length(block.Length, _storage.Span.Length, nameof(block), "the storage of the parameters");
        for (int column = 0; column < _layout.Columns; column++)
            for (int row = 0; row < _layout.Rows; row++)
                destination[column * _layout.Rows + row] = block[_layout.Offset + row * _layout.Stride + column];
    }

    /// <summary>Sets the elements from <paramref name="source"/>, which is in the logical order.</summary>
    /// <exception cref="ArgumentException"><paramref name="source"/> does not have <see cref="Length"/> elements.</exception>
    public void CopyFrom(ReadOnlySpan<float> source)
    {
        Guard.Length(source.Length, Length, nameof(source), "the elements of the tensor");
        Span<float> block = _storage.Span;
        for (int column = 0; column < _layout.Columns; column++)
            for (int row = 0; row < _layout.Rows; row++)
                block[_layout.Offset + row * _layout.Stride + column] = source[column * _layout.Rows + row];
    }

    /// <summary>The elements in the logical order, in a new array.</summary>
    public float[] ToArray()
    {
        var elements = new float[Length];
        CopyTo(elements);
        return elements;
    }
}
