using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// A GRU layer (Cho et al. 2014; PyTorch's GRU): <c>r, z = sigmoid(x W + b + h U + b')</c>, the candidate <c>n = tanh(x W + b + r (h U + b'))</c>, and
/// <c>h' = (1 - z) n + z h</c>, computed as <c>n + z (h - n)</c>. Gates lie in the order r, z, n.
/// </summary>
/// <inheritdoc cref="RecurrentOperation" path="/remarks"/>
/// <param name="features">The inputs of a time step.</param>
/// <param name="units">The outputs of a time step.</param>
/// <param name="steps">The time steps of a sequence.</param>
/// <param name="returnSequences">Whether the result is that of every step, at its time, or only that of the step computed last.</param>
/// <param name="reverse">Whether the last time step comes first.</param>
/// <param name="resetAfter">
/// Whether the reset gate comes after the product, as in PyTorch and by default in Keras, or before it, as first described:
/// <c>n = tanh(x W + b + (r h) U + b')</c>.
/// </param>
/// <param name="inputWeightOffset">Where [features][gate][units, padded] begin.</param>
/// <param name="recurrentWeightOffset">Where [units][gate][units, padded] begin.</param>
/// <param name="inputBiasOffset">Where [gate][units, padded] begin.</param>
/// <param name="recurrentBiasOffset">Where [gate][units, padded] begin.</param>
/// <exception cref="ArgumentOutOfRangeException">A size is not positive, or an offset negative.</exception>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GruOperation(
    int features, int units, int steps, bool returnSequences, bool reverse, bool resetAfter, int inputWeightOffset, int recurrentWeightOffset, int inputBiasOffset, int recurrentBiasOffset)
    : RecurrentOperation(
        new RecurrentShape(RecurrentLayout.GruGates, features, units, steps, returnSequences, reverse, inputWeightOffset, recurrentWeightOffset, inputBiasOffset, recurrentBiasOffset),
        resetAfter ? new RecurrentPass<GruCell>() : new RecurrentPass<ResetFirstGruCell>());
