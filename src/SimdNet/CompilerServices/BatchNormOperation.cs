using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// Batch normalisation of each channel over the batch and all positions (Ioffe and Szegedy 2015; PyTorch's BatchNorm, whose ε is 1e-5
/// and whose momentum 0.1). In training <c>y = (x - mean) / sqrt(variance + ε) scale + shift</c> with the batch's own mean and
/// variance, which divides by their number n; running statistics go towards them, <c>running += momentum (new - running)</c>, the
/// variance there dividing by n - 1. In prediction <c>y = x a + b</c> with <c>a = scale / sqrt(running variance + ε)</c> and
/// <c>b = shift - running mean a</c>.
/// </summary>
/// <remarks>
/// Samples are [positions, channels]. Parameters, none of which decays: scale, shift, running mean and running variance, each [channels]
/// without padding; PyTorch's weight, bias, running_mean and running_var. The way back writes zeros as gradients of the running ones.
/// The order of sums: a chain over each 256 positions of the batch, in ascending order, and the chains' sums in ascending order. They take
/// two passes, so that an offset of a channel costs no digits. A batch must have two values a channel or more.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class BatchNormOperation : Operation
{
    private readonly int _positions, _channels, _scaleOffset, _shiftOffset, _meanOffset, _varianceOffset, _end, _trainedEnd;
    private readonly float _epsilon, _momentum;

    /// <summary>Normalises samples of <paramref name="positions"/> times <paramref name="channels"/>.</summary>
    /// <param name="positions">The pixels of an image, the steps of a sequence, or 1.</param>
    /// <param name="channels">The channels.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="momentum">How far running statistics go towards those of a batch, 0 to 1.</param>
    /// <param name="scaleOffset">Where the scale begins, [channels].</param>
    /// <param name="shiftOffset">Where the shift begins, [channels].</param>
    /// <param name="meanOffset">Where the running mean begins, [channels].</param>
    /// <param name="varianceOffset">Where the running variance begins, [channels].</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, an offset or ε negative, or the momentum not from 0 to 1.</exception>
    public BatchNormOperation(
        int positions, int channels, float epsilon, float momentum, int scaleOffset, int shiftOffset, int meanOffset, int varianceOffset)
        : base(OperationGuard.Length(positions, channels), OperationGuard.Length(positions, channels))
    {
        if (!(momentum is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "Expected a number from 0 to 1.");
        (_positions, _channels, _epsilon, _momentum) = (positions, channels, OperationGuard.Epsilon(epsilon), momentum);
        (_scaleOffset, _shiftOffset, _meanOffset, _varianceOffset) = (scaleOffset, shiftOffset, meanOffset, varianceOffset);
        _trainedEnd = Math.Max(OperationGuard.End(scaleOffset, channels), OperationGuard.End(shiftOffset, channels));
        _end = Math.Max(
            Math.Max(OperationGuard.End(scaleOffset, channels), OperationGuard.End(shiftOffset, channels)),
            Math.Max(OperationGuard.End(meanOffset, channels), OperationGuard.End(varianceOffset, channels)));
    }

    /// <inheritdoc/>
    public override int KeptLength(int batch) => checked(3 * _channels);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        Predict(x, parameters, y, batch * _positions);
    }

    /// <summary>Normalises one position.</summary>
    /// <inheritdoc/>
    public override void Step(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y)
    {
        OperationGuard.Step(this, x, _channels, parameters, _end, state, y, _channels);
        Predict(x, parameters, y, 1);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The batch has only one value a channel, which has no variance.</exception>
    public override void ForwardTraining(ReadOnlySpan<float> x, Span<float> parameters, Span<float> y, Span<float> kept, int batch, TrainingStep step)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        OperationGuard.Kept(this, kept, batch);
        int count = checked(batch * _positions);
        if (count < 2) throw new ArgumentOutOfRangeException(nameof(batch), batch, "Batch normalisation learns nothing from one value of each channel: train on batches of two samples or more, or use LayerNorm or GroupNorm.");
        int period = ChannelMapKernel.Period(_channels, count);
        using Workspace.Lease lease = Workspace.Rent(checked(2 * _channels + 3 * period));
        Span<float> sum = lease.Span[.._channels], squares = lease.Span.Slice(_channels, _channels), vectors = lease.Span[(2 * _channels)..];
        Span<float> mean = kept[.._channels];
        x[.._channels].CopyTo(mean);
        ChannelSumsKernel.Run<Differences>(x, default, mean, sum, default, count, _channels);
        ChannelStepKernel.Run(new MeanStep(mean, sum, count), _channels);
        ChannelSumsKernel.Run<Deviations>(x, default, mean, sum, squares, count, _channels);
        ChannelStepKernel.Run(
            new StatisticsStep(
                kept, sum, squares, parameters.Slice(_meanOffset, _channels), parameters.Slice(_varianceOffset, _channels), _channels, count, _epsilon, _momentum),
            _channels);
        ChannelStepKernel.Run(
            new NormalizeStep(kept, parameters.Slice(_scaleOffset, _channels), parameters.Slice(_shiftOffset, _channels), vectors, _channels, period), _channels);
        ChannelMapKernel.Repeat(vectors, period, _channels);
        ChannelMapKernel.Run<NormalizeMap>(x, default, vectors, y, period);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        OperationGuard.Backward(this, x, outputGradient, parameters, _end, kept, inputGradient, gradients, _trainedEnd, batch);
        int count = batch * _positions, period = ChannelMapKernel.Period(_channels, count);
        using Workspace.Lease lease = Workspace.Rent(checked(2 * _channels + 4 * period));
        Span<float> sum = lease.Span[.._channels], product = lease.Span.Slice(_channels, _channels), vectors = lease.Span[(2 * _channels)..];
        ChannelSumsKernel.Run<GradientTerms>(x, outputGradient, kept[.._channels], sum, product, count, _channels);
        ChannelStepKernel.Run(
            new GradientStep(
                kept, parameters.Slice(_scaleOffset, _channels), sum, product, gradients.Slice(_scaleOffset, _channels), gradients.Slice(_shiftOffset, _channels),
                vectors, _channels, period, count),
            _channels);
        if (inputGradient.IsEmpty) return;
        ChannelMapKernel.Repeat(vectors, period, _channels);
        ChannelMapKernel.Run<NormalizeGradientMap>(x, outputGradient, vectors, inputGradient, period);
    }

    private void Predict(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int rows)
    {
        int period = ChannelMapKernel.Period(_channels, rows);
        using Workspace.Lease lease = Workspace.Rent(2 * period);
        ChannelStepKernel.Run(
            new PredictionStep(
                parameters.Slice(_scaleOffset, _channels), parameters.Slice(_shiftOffset, _channels), parameters.Slice(_meanOffset, _channels),
                parameters.Slice(_varianceOffset, _channels), lease.Span, period, _epsilon),
            _channels);
        ChannelMapKernel.Repeat(lease.Span, period, _channels);
        ChannelMapKernel.Run<AffineMap>(x, default, lease.Span, y, period);
    }
}
