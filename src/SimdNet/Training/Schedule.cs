namespace SimdNet.Training;

/// <summary>How the learning rate changes while a network is trained: a factor for each step.</summary>
public abstract class Schedule
{
    /// <summary>The learning rate stays as it is.</summary>
    public static Schedule Constant { get; } = new ConstantSchedule();

    /// <summary>
    /// The learning rate falls to zero along half a cosine, <c>½ (1 + cos(π step / steps))</c> (Loshchilov and Hutter
    /// 2017, without restarts).
    /// </summary>
    public static Schedule Cosine { get; } = new CosineSchedule();

    /// <summary>
    /// This schedule after a warm-up, which transformers and large batches want: over the first <paramref name="steps"/> steps the learning rate grows in
    /// a straight line, <c>(step + 1) / steps</c>, and this schedule runs over those that are left (Goyal et al. 2017).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="steps"/> is negative.</exception>
    public Schedule AfterWarmUp(long steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        return new WarmUpSchedule(this, steps);
    }

    /// <summary>The factor on the learning rate for step <paramref name="step"/> of <paramref name="steps"/>, counted from 0.</summary>
    public abstract float Factor(long step, long steps);

    private sealed class WarmUpSchedule(Schedule then, long warmUp) : Schedule
    {
        public override float Factor(long step, long steps) =>
            step < warmUp ? (step + 1f) / warmUp : then.Factor(step - warmUp, steps - warmUp);
    }

    private sealed class ConstantSchedule : Schedule
    {
        public override float Factor(long step, long steps) => 1;
    }

    private sealed class CosineSchedule : Schedule
    {
        public override float Factor(long step, long steps) => (float)(0.5 * (1 + Math.Cos(Math.PI * step / steps)));
    }
}
