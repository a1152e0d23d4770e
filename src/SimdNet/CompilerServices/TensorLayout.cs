namespace SimdNet.CompilerServices;

/// <summary>Where one parameter tensor lies in the parameter block, as the generator planned it.</summary>
/// <remarks>
/// The storage is <paramref name="rows"/> rows of <paramref name="columns"/> floats, <paramref name="stride"/> floats
/// apart; the logical tensor is its transpose: a dense layer's weights are stored [inputs][outputs, padded] and named
/// [outputs, inputs]. A vector is one row.
/// </remarks>
public sealed class TensorLayout(string name, int[] shape, int offset, int rows, int columns, int stride, bool isDecayed)
{
    /// <summary>The logical name.</summary>
    public string Name { get; } = name;

    /// <summary>The logical shape.</summary>
    public IReadOnlyList<int> Shape { get; } = shape;

    /// <summary>The first float of the tensor in the parameter block.</summary>
    public int Offset { get; } = offset;

    /// <summary>The number of stored rows: the fan-in of a weight.</summary>
    public int Rows { get; } = rows;

    /// <summary>The number of floats in a row, without padding: the fan-out of a weight.</summary>
    public int Columns { get; } = columns;

    /// <summary>The distance between rows, padding included.</summary>
    public int Stride { get; } = stride;

    /// <summary>Whether weight decay applies.</summary>
    public bool IsDecayed { get; } = isDecayed;

    /// <summary>The number of elements, without padding.</summary>
    public int Length => Rows * Columns;
}
