namespace SimdNet.Layers;

/// <summary>
/// The shape of one of several inputs, on a parameter of a <c>Define</c> method: <c>static (Node, Node) Define([Shape(1, 28, 28)] Node image, [Shape(4)] Node numbers)</c>. The class's <c>[Network]</c> has no
/// shape then. A sample holds the inputs one behind the other; <c>Forward</c> takes them apart as well.
/// </summary>
/// <param name="sizes">The shape of the input: (features), (time, features) or (channels, height, width).</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ShapeAttribute(params int[] sizes) : Attribute
{
    /// <summary>The shape of the input.</summary>
    public IReadOnlyList<int> Sizes { get; } = sizes;
}
