using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// Root mean square normalisation over the last axis: <c>y = x / sqrt(mean(x²) + ε) scale</c> (Zhang and Sennrich 2019; PyTorch's RMSNorm,
/// whose ε, where none is given, is the distance from 1 to the next float, 2^-23; language models are trained with 1e-5 or 1e-6).
/// </summary>
/// <remarks>Its parameter, which does not decay, is the scale [width], PyTorch's weight, without padding.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RmsNormOperation : Operation
{
    private readonly int _rows, _width, _scaleOffset, _end;
    private readonly float _epsilon;

    /// <summary>Normalises each of <paramref name="rows"/> rows of <paramref name="width"/> floats in a sample.</summary>
    /// <param name="rows">The rows of a sample: the time steps of a sequence, the pixels of an image, or 1.</param>
    /// <param name="width">The floats of a row.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="scaleOffset">Where the scale begins, [width].</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, the offset or ε negative.</exception>
    public RmsNormOperation(int rows, int width, float epsilon, int scaleOffset)
        : base(OperationGuard.Length(rows, width), OperationGuard.Length(rows, width))
    {
        (_rows, _width, _epsilon, _scaleOffset) = (rows, width, OperationGuard.Epsilon(epsilon), scaleOffset);
        _end = OperationGuard.End(scaleOffset, width);
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
        RowNormKernel.Backward<Uncentred>(
            x, outputGradient, parameters.Slice(_scaleOffset, _width), kept, inputGradient, gradients.Slice(_scaleOffset, _width), default, batch * _rows, _width);
    }

    private void Run(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, Span<float> kept, int rows) =>
        RowNormKernel.Forward<Uncentred>(x, parameters.Slice(_scaleOffset, _width), default, y, kept, rows, _width, _epsilon);
}
