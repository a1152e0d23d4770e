namespace SimdNet.Layers;

public sealed partial class Node
{
    /// <inheritdoc cref="BatchNormAttribute"/>
    public Node BatchNorm(float epsilon = 1e-5f, float momentum = 0.1f) => Apply(nameof(BatchNorm), (nameof(epsilon), epsilon), (nameof(momentum), momentum));

    /// <inheritdoc cref="LayerNormAttribute"/>
    public Node LayerNorm(float epsilon = 1e-5f) => Apply(nameof(LayerNorm), (nameof(epsilon), epsilon));

    /// <inheritdoc cref="RmsNormAttribute"/>
    public Node RmsNorm(float epsilon = 1e-6f) => Apply(nameof(RmsNorm), (nameof(epsilon), epsilon));

    /// <inheritdoc cref="GroupNormAttribute"/>
    public Node GroupNorm(int groups, float epsilon = 1e-5f) => Apply(nameof(GroupNorm), (nameof(groups), groups), (nameof(epsilon), epsilon));
}
