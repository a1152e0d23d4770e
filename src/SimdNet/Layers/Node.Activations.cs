namespace SimdNet.Layers;

public sealed partial class Node
{
    /// <inheritdoc cref="GeluAttribute"/>
    public Node Gelu(bool approximate = false) => Apply(nameof(Gelu), (nameof(approximate), approximate));

    /// <inheritdoc cref="EluAttribute"/>
    public Node Elu(float alpha = 1f) => Apply(nameof(Elu), (nameof(alpha), alpha));

    /// <inheritdoc cref="ReshapeAttribute"/>
    public Node Reshape(params int[] shape) => Apply(nameof(Reshape), (nameof(shape), shape));

    /// <inheritdoc cref="SiluAttribute"/>
    public Node Silu() => Apply(nameof(Silu));

    /// <inheritdoc cref="MishAttribute"/>
    public Node Mish() => Apply(nameof(Mish));

    /// <inheritdoc cref="HardSwishAttribute"/>
    public Node HardSwish() => Apply(nameof(HardSwish));

    /// <inheritdoc cref="SeluAttribute"/>
    public Node Selu() => Apply(nameof(Selu));

    /// <inheritdoc cref="SoftplusAttribute"/>
    public Node Softplus() => Apply(nameof(Softplus));

    /// <inheritdoc cref="SoftsignAttribute"/>
    public Node Softsign() => Apply(nameof(Softsign));

    /// <inheritdoc cref="HardSigmoidAttribute"/>
    public Node HardSigmoid() => Apply(nameof(HardSigmoid));

    /// <inheritdoc cref="LogSoftmaxAttribute"/>
    public Node LogSoftmax() => Apply(nameof(LogSoftmax));

    /// <inheritdoc cref="PReluAttribute"/>
    public Node PRelu() => Apply(nameof(PRelu));
}
