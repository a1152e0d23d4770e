using System.ComponentModel;

namespace SimdNet.CompilerServices;

/// <summary><c>y = f(x)</c> on each element.</summary>
/// <param name="length">The floats of a sample.</param>
/// <param name="activation">f.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ActivationOperation<TActivation>(int length, TActivation activation) : Operation(length, length)
    where TActivation : struct, IActivation
{
    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch) => ElementwiseLayer.Forward(activation, x, y);

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        if (!inputGradient.IsEmpty) ElementwiseLayer.Backward(activation, TActivation.BackwardReadsInput ? x : y, outputGradient, inputGradient);
    }
}

/// <summary>Softmax over each row of a sample: all of it, or a time step of a sequence.</summary>
/// <param name="rows">The rows of a sample.</param>
/// <param name="width">The floats of a row.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class SoftmaxOperation(int rows, int width) : Operation(Guard.Size(rows, width), Guard.Size(rows, width))
{
    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch) =>
        SoftmaxLayer.Forward(x, width, y, width, batch * rows, width);

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        if (!inputGradient.IsEmpty) SoftmaxLayer.Backward(y, outputGradient, inputGradient, width);
    }
}

/// <summary>The logarithm of softmax over each row of a sample: all of it, or a time step of a sequence.</summary>
/// <param name="rows">The rows of a sample.</param>
/// <param name="width">The floats of a row.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class LogSoftmaxOperation(int rows, int width) : Operation(Guard.Size(rows, width), Guard.Size(rows, width))
{
    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch) =>
        LogSoftmaxLayer.Forward(x, width, y, width, batch * rows, width);

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        if (!inputGradient.IsEmpty) LogSoftmaxLayer.Backward(y, outputGradient, inputGradient, width);
    }
}

/// <summary>Dropout: in training only.</summary>
/// <param name="length">The floats of a sample.</param>
/// <param name="rate">The share of values that are dropped.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class DropoutOperation(int length, float rate) : Operation(length, length)
{
    /// <inheritdoc/>
    public override int KeptLength(int batch) => batch * InputLength;

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch) => x.CopyTo(y);

    /// <inheritdoc/>
    public override void ForwardTraining(ReadOnlySpan<float> x, Span<float> parameters, Span<float> y, Span<float> kept, int batch, TrainingStep step) =>
        DropoutLayer.Forward(x, rate, step.Seed, step.Pass, step.Layer, kept, y);

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        if (!inputGradient.IsEmpty) ElementwiseLayer.Multiply(outputGradient, kept, inputGradient);
    }
}
