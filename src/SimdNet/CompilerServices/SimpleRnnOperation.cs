using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// A simple recurrent layer (Elman 1990; PyTorch's RNN, Keras's SimpleRNN): <c>h' = f(x W + b + h U + b')</c>, with tanh or relu for f.
/// </summary>
/// <inheritdoc cref="RecurrentOperation" path="/remarks"/>
/// <param name="features">The inputs of a time step.</param>
/// <param name="units">The outputs of a time step.</param>
/// <param name="steps">The time steps of a sequence.</param>
/// <param name="returnSequences">Whether the result is that of every step, at its time, or only that of the step computed last.</param>
/// <param name="reverse">Whether the last time step comes first.</param>
/// <param name="activation"><see cref="Activation.Tanh"/> or <see cref="Activation.Relu"/>.</param>
/// <param name="inputWeightOffset">Where [features][gate][units, padded] begin.</param>
/// <param name="recurrentWeightOffset">Where [units][gate][units, padded] begin.</param>
/// <param name="inputBiasOffset">Where [gate][units, padded] begin.</param>
/// <param name="recurrentBiasOffset">Where [gate][units, padded] begin.</param>
/// <exception cref="ArgumentOutOfRangeException">A size is not positive, or an offset negative.</exception>
/// <exception cref="ArgumentException">The activation is another.</exception>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class SimpleRnnOperation(
    int features, int units, int steps, bool returnSequences, bool reverse, Activation activation, int inputWeightOffset, int recurrentWeightOffset, int inputBiasOffset, int recurrentBiasOffset)
    : RecurrentOperation(
        new RecurrentShape(RecurrentLayout.SimpleRnnGates, features, units, steps, returnSequences, reverse, inputWeightOffset, recurrentWeightOffset, inputBiasOffset, recurrentBiasOffset),
        Pass(activation))
{
    private static RecurrentPass Pass(Activation activation) => activation switch
    {
        Activation.Tanh => new RecurrentPass<SimpleRnnCell<Tanh>>(),
        Activation.Relu => new RecurrentPass<SimpleRnnCell<Relu>>(),
        _ => throw new ArgumentException($"Expected tanh or relu, but {activation} was given.", nameof(activation)),
    };
}
