using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>Learned positions: <c>y = x + table</c>, a row of the table for each time step (Vaswani et al. 2017, section 3.5; GPT-2's wpe).</summary>
/// <remarks>
/// Samples are [steps, width]. Its parameter, which does not decay, is the table [steps, width], without padding and not transposed. The way
/// back adds up the samples in ascending order. The state of a stream is the number of its next step.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PositionsOperation : Operation
{
    private readonly int _steps, _width, _offset, _end;

    /// <summary>Positions of sequences of <paramref name="steps"/> rows of <paramref name="width"/> floats.</summary>
    /// <param name="steps">The time steps of a sample.</param>
    /// <param name="width">The floats of a step.</param>
    /// <param name="offset">Where the table begins, [steps, width].</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the offset negative.</exception>
    public PositionsOperation(int steps, int width, int offset)
        : base(OperationGuard.Length(steps, width), OperationGuard.Length(steps, width))
    {
        (_steps, _width, _offset) = (steps, width, offset);
        _end = OperationGuard.End(offset, InputLength);
    }

    /// <inheritdoc/>
    public override int StateLength => 1;

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        ChannelMapKernel.Run<AddMap>(x, default, parameters[_offset.._end], y, InputLength);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The stream has had all its steps.</exception>
    public override void Step(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y)
    {
        OperationGuard.Step(this, x, _width, parameters, _end, state, y, _width);
        int step = OperationGuard.NextStep(ref state[0], _steps);
        ChannelMapKernel.Run<AddMap>(x, default, parameters.Slice(_offset + step * _width, _width), y, _width);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        OperationGuard.Backward(this, x, outputGradient, parameters, _end, kept, inputGradient, gradients, _end, batch);
        Span<float> table = gradients[_offset.._end];
        outputGradient[..InputLength].CopyTo(table);
        for (int sample = 1; sample < batch; sample++)
            ChannelMapKernel.Run<AddMap>(table, default, outputGradient.Slice(sample * InputLength, InputLength), table, InputLength);
        if (!inputGradient.IsEmpty) outputGradient.CopyTo(inputGradient);
    }
}
