using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// Layer normalisation over the last axis: <c>y = (x - mean) / sqrt(variance + ε) scale + shift</c>, with the variance that divides by
/// the width (Ba, Kiros and Hinton 2016; PyTorch's LayerNorm, whose ε is 1e-5).
/// </summary>
/// <remarks>
/// Parameters, neither of which decays: scale [width] and shift [width], PyTorch's weight and bias, each without padding. Mean and
/// variance take two passes, so an offset of a whole row costs no digits; a row of one value gives the shift.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class LayerNormOperation : Operation
{
    private readonly int _rows, _width, _scaleOffset, _shiftOffset, _end;
    private readonly float _epsilon;

    /// <summary>Normalises each of <paramref name="rows"/> rows of <paramref name="width"/> floats in a sample.</summary>
    /// <param name="rows">The rows of a sample: the time steps of a sequence, the pixels of an image, or 1.</param>
    /// <param name="width">The floats of a row.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="scaleOffset">Where the scale begins, [width].</param>
    /// <param name="shiftOffset">Where the shift begins, [width].</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, an offset or ε negative.</exception>
    public LayerNormOperation(int rows, int width, float epsilon, int scaleOffset, int shiftOffset)
        : base(OperationGuard.Length(rows, width), OperationGuard.Length(rows, width))
    {
        (_rows, _width, _epsilon, _scaleOffset, _shiftOffset) = (rows, width, OperationGuard.Epsilon(epsilon), scaleOffset, shiftOffset);
        _end = Math.Max(OperationGuard.End(scaleOffset, width), OperationGuard.End(shiftOffset, width));
    }

    /// <inheritdoc/>
    public override int KeptLength(int batch) => checked(batch * _rows * RowNormKernel.KeptOfRow);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        Run(x, parameters, y, default, batch * _rows);
    }

    /// <inheritdoc/>
    public override void ForwardTraining(ReadOnlySpan<float> x, Span<float> parameters, Span<float> y, Span<float> kept, int batch, TrainingStep step)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        OperationGuard.Kept(this, kept, batch);
        Run(x, parameters, y, kept, batch * _rows);
    }

    /// <summary>Normalises one row.</summary>
    /// <inheritdoc/>
    public override void Step(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y)
    {
        OperationGuard.Step(this, x, _width, parameters, _end, state, y, _width);
        Run(x, parameters, y, default, 1);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        OperationGuard.Backward(this, x, outputGradient, parameters, _end, kept, inputGradient, gradients, _end, batch);
        RowNormKernel.Backward<Centred>(
            x, outputGradient, parameters.Slice(_scaleOffset, _width), kept, inputGradient,
            gradients.Slice(_scaleOffset, _width), gradients.Slice(_shiftOffset, _width), batch * _rows, _width);
    }

    private void Run(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, Span<float> kept, int rows) =>
        RowNormKernel.Forward<Centred>(x, parameters.Slice(_scaleOffset, _width), parameters.Slice(_shiftOffset, _width), y, kept, rows, _width, _epsilon);
}
