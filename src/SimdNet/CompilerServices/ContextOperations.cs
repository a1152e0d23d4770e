using System.ComponentModel;

namespace SimdNet.CompilerServices;

/// <summary>A value that is the same in each step of a stream: its state is the value.</summary>
/// <param name="length">The floats of the value.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ContextOperation(int length) : PredictionOperation(length, length)
{
    /// <inheritdoc/>
    public override int StateLength => OutputLength;

    internal override bool RemembersContext => true;

    /// <inheritdoc/>
    public override void Step(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y) => state.CopyTo(y);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch) =>
        throw new NotSupportedException("A value of the context is read in steps of a stream.");
}

/// <summary>The state of <see cref="CrossAttentionOperation.Step"/>, of the sequence that is attended to.</summary>
/// <param name="attention">The attention.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CrossAttentionMemoryOperation(CrossAttentionOperation attention) : PredictionOperation(attention.MemoryLength, attention.StateLength)
{
    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        for (int sample = 0; sample < batch; sample++) attention.Remember(x.Slice(sample * InputLength, InputLength), parameters, y.Slice(sample * OutputLength, OutputLength));
    }
}

/// <summary>An operation of streams alone, which nothing is trained by.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class PredictionOperation : Operation
{
    private protected PredictionOperation(int inputLength, int outputLength) : base(inputLength, outputLength)
    {
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always.</exception>
    public sealed override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch) =>
        throw new NotSupportedException("There is no training on streams.");
}
