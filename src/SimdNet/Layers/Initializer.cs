namespace SimdNet.Layers;

/// <summary>How the weights of a layer are drawn; biases begin at zero. n is the fan-in, m the fan-out.</summary>
public enum Initializer
{
    /// <summary><see cref="KaimingUniform"/> where a relu follows, otherwise <see cref="GlorotUniform"/>.</summary>
    Auto,

    /// <summary>Uniform within <c>±sqrt(6 / (n + m))</c> (Glorot and Bengio 2010; Keras' default).</summary>
    GlorotUniform,

    /// <summary>Normal with variance <c>2 / (n + m)</c> (Glorot and Bengio 2010).</summary>
    GlorotNormal,

    /// <summary>Uniform within <c>±sqrt(6 / ((1 + slope²) n))</c>, where slope is that of the (leaky) relu that follows (He et al. 2015).</summary>
    KaimingUniform,

    /// <summary>Normal with variance <c>2 / ((1 + slope²) n)</c> (He et al. 2015).</summary>
    KaimingNormal,

    /// <summary>All zero.</summary>
    Zeros,

    /// <summary>All one.</summary>
    Ones,

    /// <summary>Normal with variance 1 (PyTorch's default for embeddings).</summary>
    Normal,

    /// <summary>All one quarter (PyTorch's default for the slopes of a learned relu).</summary>
    Quarter,
}
