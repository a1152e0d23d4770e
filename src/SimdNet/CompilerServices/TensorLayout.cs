using System.ComponentModel;
using SimdNet.Layers;

namespace SimdNet.CompilerServices;

/// <summary>Where one parameter tensor lies in the parameter block, as it was planned, and how it begins.</summary>
/// <remarks>
/// Element <c>[i, j, ...]</c> of the logical tensor, split into <paramref name="sizes"/>, lies <c>i strides[0] + j strides[1] + ...</c>
/// floats after <paramref name="offset"/>: a dense layer's weights are named [outputs, inputs] and stored [inputs][outputs, padded].
/// </remarks>
/// <param name="name">The logical name.</param>
/// <param name="shape">The logical shape.</param>
/// <param name="offset">The first float of the tensor in the parameter block.</param>
/// <param name="strides">The distance in storage between neighbours along each size.</param>
/// <param name="isDecayed">Whether weight decay applies.</param>
/// <param name="sizes">The shape with sizes split where storage needs it (an axis of gates and units, of groups and channels); null for the shape itself.</param>
/// <param name="initializer">How elements are drawn.</param>
/// <param name="fanIn">The inputs that an output sums over.</param>
/// <param name="fanOut">The outputs that an input goes to.</param>
/// <param name="slope">The slope of the relu that follows.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TensorLayout(
    string name, int[] shape, int offset, int[] strides, bool isDecayed, int[]? sizes = null,
    Initializer initializer = Initializer.Zeros, int fanIn = 1, int fanOut = 1, float slope = 0)
{
    /// <summary>The logical name.</summary>
    public string Name { get; } = name;

    /// <summary>The logical shape.</summary>
    public IReadOnlyList<int> Shape { get; } = shape;

    /// <summary>The first float of the tensor in the parameter block.</summary>
    public int Offset { get; } = offset;

    /// <summary>Whether weight decay applies.</summary>
    public bool IsDecayed { get; } = isDecayed;

    /// <summary>The number of elements, without padding.</summary>
    public int Length { get; } = shape.Aggregate(1, (product, size) => product * size);

    internal int[] Sizes { get; } = sizes ?? shape;

    internal int[] Strides { get; } = strides;

    internal Initializer Initializer { get; } = initializer;

    internal int FanIn { get; } = fanIn;

    internal int FanOut { get; } = fanOut;

    internal float Slope { get; } = slope;
}
