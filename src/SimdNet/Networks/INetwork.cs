using SimdNet.Data;
using SimdNet.Training;

namespace SimdNet;

/// <summary>What predicts: a network, or a frozen one.</summary>
public interface IPredictor
{
    /// <summary>The number of floats of one input sample.</summary>
    int InputSize { get; }

    /// <summary>The number of floats of one output.</summary>
    int OutputSize { get; }

    /// <summary>
    /// How many steps an output has, each of <see cref="OutputSize"/> / <see cref="OutputSteps"/> floats: the first size of a network that
    /// puts out a sequence, (time, features), and 1 of any other. Losses, classes and accuracy count each step by itself.
    /// </summary>
    int OutputSteps => 1;

    /// <summary>The activation that the network ends in, which decides how a loss reads its output.</summary>
    OutputActivation OutputActivation { get; }

    /// <summary>
    /// What is done to rows of a data frame before they are predicted from (<see cref="Predictor.Predict(IPredictor, DataFrame)"/>), and
    /// to the outputs afterwards; null where there is nothing to do. <see cref="Forward"/> knows nothing of it.
    /// </summary>
    Preprocessing? Preprocessing { get; }

    /// <summary>
    /// Predicts: <paramref name="input"/> is [n, <see cref="InputSize"/>], <paramref name="output"/> is
    /// [n, <see cref="OutputSize"/>], which must not overlap. Allocates nothing; any number of threads may call it on one network.
    /// </summary>
    /// <exception cref="ArgumentException">The input is no whole number of samples, or the output does not fit it.</exception>
    void Forward(ReadOnlySpan<float> input, Span<float> output);
}

/// <summary>
/// What every generated network can do, so that a program can choose among compiled networks when it runs.
/// </summary>
public interface INetwork : IPredictor
{
    /// <summary>The number of parameters, without padding.</summary>
    int ParameterCount { get; }

    /// <summary>
    /// The storage of all parameters, padding included: one 64-byte-aligned block, first the weights that decay, then
    /// biases. Padding is zero and must stay zero.
    /// </summary>
    Span<float> Parameters { get; }

    /// <summary>How many floats at the beginning of <see cref="Parameters"/> weight decay applies to.</summary>
    int DecayedLength { get; }

    /// <summary>The parameter tensors by their logical names and shapes.</summary>
    TensorTable Tensors { get; }

    /// <summary>
    /// What is done to rows of a data frame before they are predicted from (<see cref="Predictor.Predict(IPredictor, DataFrame)"/>), and
    /// to the outputs afterwards: saved with the parameters; null where there is nothing to do. <see cref="IPredictor.Forward"/> and training know nothing of it.
    /// </summary>
    /// <exception cref="ArgumentException">It makes another number of features than the network takes, or has another number of classes.</exception>
    new Preprocessing? Preprocessing { get; set; }

    /// <summary>Creates the activations and gradients for training on up to <paramref name="maxBatch"/> samples at once.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBatch"/> is not positive.</exception>
    TrainingPass CreateTrainingPass(int maxBatch);

    /// <summary>Writes all parameters as a safetensors file, whole or not at all.</summary>
    void Save(string path);

    /// <summary>Writes all parameters in the safetensors format.</summary>
    void Save(Stream stream);
}

/// <summary>A network that can be loaded and copied as its own type.</summary>
/// <typeparam name="TSelf">The network itself.</typeparam>
public interface INetwork<TSelf> : INetwork where TSelf : INetwork<TSelf>
{
    /// <summary>Loads a network that <see cref="INetwork.Save(string)"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or its names or shapes are not this network's.</exception>
    static abstract TSelf Load(string path);

    /// <summary>Loads a network from a stream.</summary>
    /// <exception cref="InvalidDataException">The data is damaged, or its names or shapes are not this network's.</exception>
    static abstract TSelf Load(Stream stream);

    /// <summary>Loads a network from memory, an embedded resource for example.</summary>
    /// <exception cref="InvalidDataException">The data is damaged, or its names or shapes are not this network's.</exception>
    static abstract TSelf Load(ReadOnlySpan<byte> data);

    /// <summary>A network with the same parameters in storage of its own.</summary>
    TSelf Clone();
}

/// <summary>The last layer of a network, where it is an activation that a loss is fused with.</summary>
public enum OutputActivation
{
    /// <summary>None of the others: what the network puts out are values or logits.</summary>
    None,

    /// <summary>Softmax: the outputs are a distribution. Trained with cross-entropy as one fused, stable step.</summary>
    Softmax,

    /// <summary>Sigmoid: each output is a probability. Trained with binary cross-entropy as one fused, stable step.</summary>
    Sigmoid,

    /// <summary>
    /// A sigmoid that is not the last layer, since others behind it lay its results out differently, or several results have one each. Losses that read logits refuse it: they would take
    /// the outputs for logits.
    /// </summary>
    InnerSigmoid,
}
