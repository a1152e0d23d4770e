using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace SimdNet.CompilerServices;

/// <summary>
/// Noise in training only: <c>y = x + n</c> with n normally distributed around zero (Keras <c>GaussianNoise</c>). Seed, pass and layer alone decide n. The gradient passes
/// through.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GaussianNoiseOperation : Operation
{
    private readonly float _standardDeviation;

    /// <summary>Noise on samples of <paramref name="length"/> floats.</summary>
    /// <param name="length">The floats of a sample.</param>
    /// <param name="standardDeviation">The standard deviation of the noise.</param>
    /// <exception cref="ArgumentOutOfRangeException">The standard deviation is not a number from zero.</exception>
    public GaussianNoiseOperation(int length, float standardDeviation) : base(length, length)
    {
        if (!(float.IsFinite(standardDeviation) && standardDeviation >= 0))
            throw new ArgumentOutOfRangeException(nameof(standardDeviation), standardDeviation, "Expected a number from zero.");
        _standardDeviation = standardDeviation;
    }

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        OperationGuard.Forward(this, x, parameters, 0, y, batch);
        x.CopyTo(y);
    }

    /// <inheritdoc/>
    public override void ForwardTraining(ReadOnlySpan<float> x, Span<float> parameters, Span<float> y, Span<float> kept, int batch, TrainingStep step)
    {
        OperationGuard.Forward(this, x, parameters, 0, y, batch);
        RandomStream.FillTails(step.Seed, RandomStream.StreamOf(step.Pass, step.Layer), y);
        ElementwiseLayer.Backward(new Noise(_standardDeviation), x, y, y);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        OperationGuard.Backward(this, x, outputGradient, parameters, 0, kept, inputGradient, gradients, 0, batch);
        if (!inputGradient.IsEmpty) outputGradient.CopyTo(inputGradient);
    }

    /// <summary>A value and a random tail, in the place of an activation's gradient.</summary>
    private readonly struct Noise(float standardDeviation) : IActivation
    {
        public static bool IsSimple => false;

        public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Backward<TBlock>(TBlock x, TBlock tail) where TBlock : struct, IBlock<TBlock> =>
            TBlock.MultiplyAdd(BlockMath.NormalQuantile(tail), TBlock.Splat(standardDeviation), x);
    }
}
