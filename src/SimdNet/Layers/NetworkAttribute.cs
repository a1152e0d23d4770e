namespace SimdNet;

/// <summary>
/// Makes a network of a sealed partial class: the layers are the attributes beside it, from top to bottom and left to
/// right, and the generator writes the class.
/// </summary>
/// <param name="inputShape">The shape of one sample: (features), (time, features) or (channels, height, width).</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class NetworkAttribute(params int[] inputShape) : Attribute
{
    /// <summary>The shape of one sample.</summary>
    public IReadOnlyList<int> InputShape { get; } = inputShape;
}
