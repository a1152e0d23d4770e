using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// Group normalisation: <c>y = (x - mean) / sqrt(variance + ε) scale + shift</c>, mean and variance over all positions of a sample and one
/// group of neighbouring channels (Wu and He 2018; PyTorch's GroupNorm, whose ε is 1e-5). With as many groups as channels it is
/// instance normalisation.
/// </summary>
/// <remarks>
/// Samples are [positions, channels]. Parameters, neither of which decays: scale [channels] and shift [channels], PyTorch's weight and bias,
/// each without padding. The order of sums: in each channel a chain over each 256 positions, the chains' sums in ascending order, then the
/// channels of a group, which is mostly narrower than a block, in ascending order. Two passes, so an offset of a group costs no digits.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GroupNormOperation : Operation
{
    private readonly int _positions, _channels, _width, _scaleOffset, _shiftOffset, _end;
    private readonly float _epsilon;

    /// <summary>Normalises samples of <paramref name="positions"/> times <paramref name="channels"/>.</summary>
    /// <param name="positions">The pixels of an image, the steps of a sequence, or 1.</param>
    /// <param name="channels">The channels.</param>
    /// <param name="groups">How many groups the channels are cut into; it divides them.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="scaleOffset">Where the scale begins, [channels].</param>
    /// <param name="shiftOffset">Where the shift begins, [channels].</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, the groups do not divide the channels, an offset or ε is negative.</exception>
    public GroupNormOperation(int positions, int channels, int groups, float epsilon, int scaleOffset, int shiftOffset)
        : base(OperationGuard.Length(positions, channels), OperationGuard.Length(positions, channels))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        if (channels % groups != 0) throw new ArgumentOutOfRangeException(nameof(groups), groups, $"Expected a divisor of the {channels} channels.");
        (_positions, _channels, _width, _epsilon, _scaleOffset, _shiftOffset) = (positions, channels, channels / groups, OperationGuard.Epsilon(epsilon), scaleOffset, shiftOffset);
        _end = Math.Max(OperationGuard.End(scaleOffset, channels), OperationGuard.End(shiftOffset, channels));
    }

    /// <inheritdoc/>
    public override int KeptLength(int batch) => checked(3 * _channels * batch);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        using Workspace.Lease lease = Workspace.Rent(3 * _channels);
        for (int sample = 0; sample < batch; sample++) Run(x.Slice(sample * InputLength, InputLength), parameters, y.Slice(sample * InputLength, InputLength), lease.Span);
    }

    /// <inheritdoc/>
    public override void ForwardTraining(ReadOnlySpan<float> x, Span<float> parameters, Span<float> y, Span<float> kept, int batch, TrainingStep step)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        OperationGuard.Kept(this, kept, batch);
        for (int sample = 0; sample < batch; sample++)
            Run(x.Slice(sample * InputLength, InputLength), parameters, y.Slice(sample * InputLength, InputLength), kept.Slice(3 * _channels * sample, 3 * _channels));
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        OperationGuard.Backward(this, x, outputGradient, parameters, _end, kept, inputGradient, gradients, _end, batch);
        Span<float> scaleGradient = gradients.Slice(_scaleOffset, _channels), shiftGradient = gradients.Slice(_shiftOffset, _channels);
        scaleGradient.Clear();
        shiftGradient.Clear();
        int period = ChannelMapKernel.Period(_channels, _positions);
        using Workspace.Lease lease = Workspace.Rent(checked(2 * _channels + 4 * period));
        Span<float> sum = lease.Span[.._channels], product = lease.Span.Slice(_channels, _channels), vectors = lease.Span[(2 * _channels)..];
        for (int sample = 0; sample < batch; sample++)
        {
            ReadOnlySpan<float> input = x.Slice(sample * InputLength, InputLength), dy = outputGradient.Slice(sample * InputLength, InputLength);
            ReadOnlySpan<float> statistics = kept.Slice(3 * _channels * sample, 3 * _channels);
            ChannelSumsKernel.Run<GradientTerms>(input, dy, statistics[.._channels], sum, product, _positions, _channels);
            for (int channel = 0; channel < _channels; channel++)
            {
                // From here on the sum of dy x̂.
                product[channel] = statistics[_channels + channel] * product[channel] + statistics[2 * _channels + channel] * sum[channel];
                scaleGradient[channel] += product[channel];
                shiftGradient[channel] += sum[channel];
            }
            if (inputGradient.IsEmpty) continue;
            GradientVectors(statistics, parameters.Slice(_scaleOffset, _channels), sum, product, vectors, period);
            ChannelMapKernel.Repeat(vectors, period, _channels);
            ChannelMapKernel.Run<NormalizeGradientMap>(input, dy, vectors, inputGradient.Slice(sample * InputLength, InputLength), period);
        }
    }

    /// <summary>One sample; statistics are written to kept, [3, channels].</summary>
    private void Run(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, Span<float> kept)
    {
        int period = ChannelMapKernel.Period(_channels, _positions);
        using Workspace.Lease lease = Workspace.Rent(checked(2 * _channels + 3 * period));
        Span<float> sum = lease.Span[.._channels], squares = lease.Span.Slice(_channels, _channels), vectors = lease.Span[(2 * _channels)..];
        Statistics(x, kept, sum, squares);
        ChannelStepKernel.Run(
            new NormalizeStep(kept, parameters.Slice(_scaleOffset, _channels), parameters.Slice(_shiftOffset, _channels), vectors, _channels, period), _channels);
        ChannelMapKernel.Repeat(vectors, period, _channels);
        ChannelMapKernel.Run<NormalizeMap>(x, default, vectors, y, period);
    }

    private void Statistics(ReadOnlySpan<float> x, Span<float> kept, Span<float> sum, Span<float> squares)
    {
        float count = (float)_positions * _width;
        Span<float> mean = kept[.._channels], inverse = kept.Slice(_channels, _channels), offset = kept[(2 * _channels)..];
        for (int first = 0; first < _channels; first += _width) mean.Slice(first, _width).Fill(x[first]);
        ChannelSumsKernel.Run<Differences>(x, default, mean, sum, default, _positions, _channels);
        for (int first = 0; first < _channels; first += _width) mean.Slice(first, _width).Fill(x[first] + Sum(sum.Slice(first, _width)) / count);
        ChannelSumsKernel.Run<Deviations>(x, default, mean, sum, squares, _positions, _channels);
        for (int first = 0; first < _channels; first += _width)
        {
            RowStatistics group = RowStatistics.Of(mean[first], Sum(sum.Slice(first, _width)), Sum(squares.Slice(first, _width)), count, _epsilon);
            inverse.Slice(first, _width).Fill(group.Inverse);
            offset.Slice(first, _width).Fill(group.Offset);
        }
    }

    /// <summary>The vectors of <see cref="NormalizeGradientMap"/> for <c>dx = inverse (g - mean(g) - x̂ mean(g x̂))</c> with <c>g = dy scale</c>.</summary>
    private void GradientVectors(
        ReadOnlySpan<float> kept, ReadOnlySpan<float> scale, ReadOnlySpan<float> sum, ReadOnlySpan<float> product, Span<float> vectors, int period)
    {
        float count = (float)_positions * _width;
        for (int first = 0; first < _channels; first += _width)
        {
            float inverse = kept[_channels + first], offset = kept[2 * _channels + first], gradient = 0, slope = 0;
            for (int channel = first; channel < first + _width; channel++)
            {
                gradient += scale[channel] * sum[channel];
                slope += scale[channel] * product[channel];
            }
            (gradient, slope) = (-inverse * (gradient / count), -inverse * (slope / count));
            for (int channel = first; channel < first + _width; channel++)
            {
                vectors[channel] = kept[channel];
                vectors[period + channel] = slope * inverse;
                vectors[2 * period + channel] = slope * offset + gradient;
                vectors[3 * period + channel] = inverse * scale[channel];
            }
        }
    }

    private static float Sum(ReadOnlySpan<float> values)
    {
        float sum = 0;
        foreach (float value in values) sum += value;
        return sum;
    }
}
