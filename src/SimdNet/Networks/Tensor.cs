using System.Diagnostics;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;
using SimdNet.Kernels;

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
        int end = _layout.Offset + 1;
        for (int axis = 0; axis < _layout.Sizes.Length; axis++) end += (_layout.Sizes[axis] - 1) * _layout.Strides[axis];
        if (block.Length != _storage.Span.Length) Guard.AtLeast(block.Length, end, nameof(block), "the trained parameters, to the end of the tensor");
        Copy(block[_layout.Offset..], destination, toStorage: false);
    }

    /// <summary>Sets the elements from <paramref name="source"/>, which is in the logical order.</summary>
    /// <exception cref="ArgumentException"><paramref name="source"/> does not have <see cref="Length"/> elements.</exception>
    public void CopyFrom(ReadOnlySpan<float> source)
    {
        Guard.Length(source.Length, Length, nameof(source), "the elements of the tensor");
        CopyFrom(source, _storage.Span);
    }

    /// <summary>Sets the elements in <paramref name="block"/>, which is laid out as <see cref="INetwork.Parameters"/>.</summary>
    internal void CopyFrom(ReadOnlySpan<float> source, Span<float> block) => Copy(source, block[_layout.Offset..], toStorage: true);

    /// <summary>The elements in the logical order, in a new array.</summary>
    public float[] ToArray()
    {
        var elements = new float[Length];
        CopyTo(elements);
        return elements;
    }

    /// <summary>Copies all elements, a matrix of the last two sizes after the other.</summary>
    private void Copy(ReadOnlySpan<float> source, Span<float> target, bool toStorage)
    {
        ReadOnlySpan<int> sizes = _layout.Sizes, strides = _layout.Strides;
        int columns = sizes[^1], columnStride = strides[^1];
        int rows = sizes.Length > 1 ? sizes[^2] : 1, rowStride = sizes.Length > 1 ? strides[^2] : 0;
        for (int first = 0; first < Length; first += rows * columns)
        {
            // The place of the matrix, from the sizes before the last two.
            int stored = 0, rest = first / (rows * columns);
            for (int axis = sizes.Length - 3; axis >= 0; axis--)
            {
                (rest, int index) = Math.DivRem(rest, sizes[axis]);
                stored += index * strides[axis];
            }
            if (toStorage) Copy(source[first..], columns, 1, target[stored..], rowStride, columnStride, rows, columns);
            else Copy(source[stored..], rowStride, columnStride, target[first..], columns, 1, rows, columns);
        }
    }

    /// <summary>Copies a matrix whose rows are side by side on one end, and its rows or columns on the other in every layout that has many.</summary>
    private static void Copy(
        ReadOnlySpan<float> source, int sourceRow, int sourceColumn, Span<float> target, int targetRow, int targetColumn, int rows, int columns)
    {
        ref float from = ref MemoryMarshal.GetReference(source), to = ref MemoryMarshal.GetReference(target);
        if (sourceColumn == 1 && targetColumn == 1)
        {
            for (int row = 0; row < rows; row++) source.Slice(row * sourceRow, columns).CopyTo(target[(row * targetRow)..]);
        }
        else if (sourceColumn == 1 && targetRow == 1)
        {
            TransposeKernel.Run(ref from, sourceRow, rows, columns, ref to, targetColumn);
        }
        else if (sourceRow == 1 && targetColumn == 1)
        {
            TransposeKernel.Run(ref from, sourceColumn, columns, rows, ref to, targetRow);
        }
        else
        {
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < columns; column++)
                    target[row * targetRow + column * targetColumn] = source[row * sourceRow + column * sourceColumn];
            }
        }
    }
}
