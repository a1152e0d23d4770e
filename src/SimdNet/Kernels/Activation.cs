namespace SimdNet;

/// <summary>An activation that a kernel applies to its result.</summary>
public enum Activation
{
    /// <summary><c>y = x</c>.</summary>
    None,

    /// <summary><c>y = x &lt; 0 ? 0 : x</c>.</summary>
    Relu,

    /// <summary><c>y = 1 / (1 + e^-x)</c>.</summary>
    Sigmoid,

    /// <summary><c>y = tanh x</c>.</summary>
    Tanh,
}
