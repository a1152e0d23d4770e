using System.ComponentModel;
using System.Runtime.CompilerServices;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>A relu with a learned slope for each channel (He et al. 2015): <c>y = x &gt; 0 ? x : slope x</c>.</summary>
/// <remarks>
/// Samples are [positions, channels]. Its parameter, which does not decay, are the slopes, [channels] without padding: PyTorch's weight. The gradient of a slope is the sum of
/// <c>x dy</c> where x is not positive: a chain over each 256 positions of the batch in ascending order, and the chains' sums in ascending order. NaN stays NaN.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PReluOperation : Operation
{
    private readonly int _positions, _channels, _offset, _end;

    /// <summary>A relu on samples of <paramref name="positions"/> times <paramref name="channels"/>.</summary>
    /// <param name="positions">The pixels of an image, the steps of a sequence, or 1.</param>
    /// <param name="channels">The channels.</param>
    /// <param name="offset">Where the slopes begin, [channels].</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the offset negative.</exception>
    public PReluOperation(int positions, int channels, int offset)
        : base(OperationGuard.Length(positions, channels), OperationGuard.Length(positions, channels))
    {
        (_positions, _channels, _offset) = (positions, channels, offset);
        _end = OperationGuard.End(offset, channels);
    }

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        Map<ForwardMap>(x, default, parameters, y, batch);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        OperationGuard.Backward(this, x, outputGradient, parameters, _end, kept, inputGradient, gradients, _end, batch);
        ChannelSumsKernel.Run<SlopeTerms>(x, outputGradient, parameters.Slice(_offset, _channels), gradients.Slice(_offset, _channels), default, batch * _positions, _channels);
        if (!inputGradient.IsEmpty) Map<GradientMap>(x, outputGradient, parameters, inputGradient, batch);
    }

    private void Map<TMap>(ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, ReadOnlySpan<float> parameters, Span<float> result, int batch) where TMap : struct, IChannelMap
    {
        int period = ChannelMapKernel.Period(_channels, batch * _positions);
        using Workspace.Lease lease = Workspace.Rent(period);
        parameters.Slice(_offset, _channels).CopyTo(lease.Span);
        ChannelMapKernel.Repeat(lease.Span, period, _channels);
        ChannelMapKernel.Run<TMap>(x, gradient, lease.Span, result, period);
    }

    /// <summary><c>y = x &gt; 0 ? x : v0 x</c>.</summary>
    private readonly struct ForwardMap : IChannelMap
    {
        public static bool HasGradient => false;

        public static int Vectors => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TBlock Apply<TBlock>(TBlock x, TBlock gradient, TBlock v0, TBlock v1, TBlock v2, TBlock v3) where TBlock : struct, IBlock<TBlock> =>
            TBlock.SelectLessThan(TBlock.Zero, x, x, x * v0);
    }

    /// <summary><c>dx = x &gt; 0 ? dy : v0 dy</c>.</summary>
    private readonly struct GradientMap : IChannelMap
    {
        public static bool HasGradient => true;

        public static int Vectors => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TBlock Apply<TBlock>(TBlock x, TBlock gradient, TBlock v0, TBlock v1, TBlock v2, TBlock v3) where TBlock : struct, IBlock<TBlock> =>
            TBlock.SelectLessThan(TBlock.Zero, x, gradient, gradient * v0);
    }

    /// <summary><c>Σ x dy</c> where x is not positive.</summary>
    private readonly struct SlopeTerms : IChannelTerms
    {
        public static bool HasGradient => true;

        public static bool HasSecond => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Add<TBlock>(TBlock x, TBlock gradient, TBlock centre, ref TBlock first, ref TBlock second) where TBlock : struct, IBlock<TBlock> =>
            TBlock.Accumulate(ref first, TBlock.SelectLessThan(TBlock.Zero, x, TBlock.Zero, x), gradient);
    }
}
