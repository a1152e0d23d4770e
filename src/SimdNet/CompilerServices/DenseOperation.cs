using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// A dense layer with its activation, on each row of a sample: <c>y = f(x W + b)</c>. Weights are stored [inputs][outputs padded], the bias
/// [padded].
/// </summary>
/// <param name="rows">The rows of one sample: the time steps of a sequence, or 1.</param>
/// <param name="inputs">The fan-in.</param>
/// <param name="outputs">The fan-out.</param>
/// <param name="weightOffset">Where W begins among the parameters.</param>
/// <param name="biasOffset">Where b begins.</param>
/// <param name="activation">f, whose gradient is computed from y.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class DenseOperation<TActivation>(int rows, int inputs, int outputs, int weightOffset, int biasOffset, TActivation activation)
    : Operation(rows * inputs, rows * outputs)
    where TActivation : struct, IActivation
{
    private readonly int _padded = SumOrder.PaddedOutputs(outputs);
    private PackedMatrix? _weights;

    /// <inheritdoc/>
    public override Operation Freeze(FrozenParameters parameters) => rows == 1
        ? this
        : new DenseOperation<TActivation>(rows, inputs, outputs, weightOffset, biasOffset, activation) { _weights = parameters.Pack(weightOffset, inputs, outputs) };

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch) => DenseLayer.Forward(
        x, inputs, parameters[weightOffset..], _weights, parameters[biasOffset..], activation, y, outputs, batch * rows, inputs, outputs);

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        int count = batch * rows;
        bool isIdentity = typeof(TActivation) == typeof(Identity);
        using Workspace.Lease activated = Workspace.Rent(isIdentity ? 0 : count * outputs);
        if (!isIdentity)
        {
            ElementwiseLayer.Backward(activation, y, outputGradient, activated.Span);
            outputGradient = activated.Span;
        }
        using Workspace.Lease padded = Workspace.Rent(outputs == _padded ? 0 : count * _padded);
        if (outputs != _padded)
        {
            padded.Span.Clear();
            ElementwiseLayer.CopyRows(outputGradient, outputs, padded.Span, _padded, count, outputs);
            outputGradient = padded.Span;
        }
        if (!inputGradient.IsEmpty) DenseLayer.BackwardInput(outputGradient, _padded, parameters[weightOffset..], inputGradient, inputs, count, inputs, outputs);
        DenseLayer.BackwardParameters(x, inputs, outputGradient, _padded, gradients[weightOffset..], gradients[biasOffset..], count, inputs, outputs);
    }
}
