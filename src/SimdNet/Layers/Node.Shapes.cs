namespace SimdNet.Layers;

public sealed partial class Node
{
    /// <inheritdoc cref="SliceAttribute"/>
    public Node Slice(int axis, int start, int length) => Apply(nameof(Slice), (nameof(axis), axis), (nameof(start), start), (nameof(length), length));
}
