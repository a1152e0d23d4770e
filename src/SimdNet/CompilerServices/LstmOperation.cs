using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// An LSTM layer (Hochreiter and Schmidhuber 1997; PyTorch's LSTM): with the sums of a step's four gates <c>x W + b + h U + b'</c>,
/// <c>i, f, o = sigmoid</c> and <c>g = tanh</c>, <c>c' = f c + i g</c> and <c>h' = o tanh(c')</c>. Gates lie in the order i, f, g, o.
/// </summary>
/// <inheritdoc cref="RecurrentOperation" path="/remarks"/>
/// <param name="features">The inputs of a time step.</param>
/// <param name="units">The outputs of a time step.</param>
/// <param name="steps">The time steps of a sequence.</param>
/// <param name="returnSequences">Whether the result is that of every step, at its time, or only that of the step computed last.</param>
/// <param name="reverse">Whether the last time step comes first.</param>
/// <param name="inputWeightOffset">Where [features][gate][units, padded] begin.</param>
/// <param name="recurrentWeightOffset">Where [units][gate][units, padded] begin.</param>
/// <param name="inputBiasOffset">Where [gate][units, padded] begin.</param>
/// <param name="recurrentBiasOffset">Where [gate][units, padded] begin.</param>
/// <exception cref="ArgumentOutOfRangeException">A size is not positive, or an offset negative.</exception>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class LstmOperation(
    int features, int units, int steps, bool returnSequences, bool reverse, int inputWeightOffset, int recurrentWeightOffset, int inputBiasOffset, int recurrentBiasOffset)
    : RecurrentOperation(
        new RecurrentShape(RecurrentLayout.LstmGates, features, units, steps, returnSequences, reverse, inputWeightOffset, recurrentWeightOffset, inputBiasOffset, recurrentBiasOffset),
        new RecurrentPass<LstmCell>());
