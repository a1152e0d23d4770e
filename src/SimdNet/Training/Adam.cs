using System.Runtime.InteropServices;
using SimdNet.Kernels;

namespace SimdNet.Training;

/// <summary>
/// Adam (Kingma and Ba 2015), as PyTorch's <c>torch.optim.Adam</c> defines it: <c>g += decay w;
/// m = β₁ m + (1 - β₁) g; v = β₂ v + (1 - β₂) g²; w -= learningRate m̂ / (sqrt(v̂) + ε)</c> with
/// <c>m̂ = m / (1 - β₁ᵗ)</c> and <c>v̂ = v / (1 - β₂ᵗ)</c>. An m or v that becomes subnormal, as those of a unit which is never active, is zero from then
/// on: processors take many times as long for such numbers.
/// </summary>
public class Adam : Optimizer
{
    private readonly float _beta1, _beta2, _epsilon;
    private AlignedBuffer _firstMoment = new(0), _secondMoment = new(0);

    /// <summary>Sets the constants; the defaults are PyTorch's.</summary>
    /// <param name="learningRate">The step length.</param>
    /// <param name="beta1">How much of the mean gradient is kept, 0 to 1.</param>
    /// <param name="beta2">How much of the mean square is kept, 0 to 1.</param>
    /// <param name="epsilon">Keeps the quotient finite where a gradient always was zero: positive (PyTorch 1e-8, Keras 1e-7).</param>
    /// <param name="weightDecay">Added to the gradient, times the weight.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant is out of its range.</exception>
    public Adam(float learningRate = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float epsilon = 1e-8f, float weightDecay = 0)
        : base(learningRate, weightDecay)
    {
        RequireFraction(beta1, 1, nameof(beta1));
        RequireFraction(beta2, 1, nameof(beta2));
        Guard.Positive(epsilon, nameof(epsilon));
        _beta1 = beta1;
        _beta2 = beta2;
        _epsilon = epsilon;
    }

    /// <summary>Whether the weights decay by themselves rather than through the gradient.</summary>
    private protected virtual bool IsDecoupled => false;

    /// <summary>One update; <paramref name="step"/> counts from 1.</summary>
    /// <exception cref="ArgumentException">The lengths differ, the step is not positive, or a constant is out of its range.</exception>
    public static void Update(
        Span<float> parameters, ReadOnlySpan<float> gradients, Span<float> firstMoment, Span<float> secondMoment, long step,
        float learningRate = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float epsilon = 1e-8f, float weightDecay = 0) =>
        Update(parameters, gradients, firstMoment, secondMoment, step, learningRate, beta1, beta2, epsilon, weightDecay, isDecoupled: false);

    internal override bool TryBeginFused(int length)
    {
        RequireState(length);
        Steps++;
        return true;
    }

    /// <summary>This step's constants.</summary>
    internal AdamRule Rule(bool isDecayed) => AdamRule.Create(Steps, LearningRate, _beta1, _beta2, _epsilon, isDecayed || DecayAll ? WeightDecay : 0, IsDecoupled);

    /// <summary>This step's update of one parameter after the other.</summary>
    internal AdamDescent Descent(ref readonly AdamRule rule, Span<float> parameters) => new(
        in rule, ref MemoryMarshal.GetReference(parameters), _firstMoment.Span, _secondMoment.Span);

    /// <inheritdoc/>
    protected internal override IReadOnlyList<string> StateNames => ["first_moment", "second_moment"];

    /// <inheritdoc/>
    protected internal override Span<float> State(string name) => name switch
    {
        "first_moment" => _firstMoment.Span,
        "second_moment" => _secondMoment.Span,
        _ => base.State(name),
    };

    /// <inheritdoc/>
    protected override void CreateState(int length)
    {
        _firstMoment = new AlignedBuffer(length);
        _secondMoment = new AlignedBuffer(length);
    }

    /// <inheritdoc/>
    protected override void UpdateAll(Span<float> parameters, ReadOnlySpan<float> gradients, int decayedLength)
    {
        Span<float> first = _firstMoment.Span, second = _secondMoment.Span;
        Update(parameters[..decayedLength], gradients[..decayedLength], first[..decayedLength], second[..decayedLength], Steps,
            LearningRate, _beta1, _beta2, _epsilon, WeightDecay, IsDecoupled);
        Update(parameters[decayedLength..], gradients[decayedLength..], first[decayedLength..], second[decayedLength..], Steps,
            LearningRate, _beta1, _beta2, _epsilon, 0, IsDecoupled);
    }

    private protected static void Update(
        Span<float> parameters, ReadOnlySpan<float> gradients, Span<float> firstMoment, Span<float> secondMoment, long step,
        float learningRate, float beta1, float beta2, float epsilon, float weightDecay, bool isDecoupled)
    {
        Guard.Length(gradients.Length, parameters.Length, nameof(gradients), "as many as there are parameters");
        Guard.Length(firstMoment.Length, parameters.Length, nameof(firstMoment), "as many as there are parameters");
        Guard.Length(secondMoment.Length, parameters.Length, nameof(secondMoment), "as many as there are parameters");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        RequireFraction(learningRate, float.PositiveInfinity, nameof(learningRate));
        RequireFraction(beta1, 1, nameof(beta1));
        RequireFraction(beta2, 1, nameof(beta2));
        Guard.Positive(epsilon, nameof(epsilon));
        RequireFraction(weightDecay, float.PositiveInfinity, nameof(weightDecay));
        UpdateKernel.Adam(gradients, step, learningRate, beta1, beta2, epsilon, weightDecay, isDecoupled, firstMoment, secondMoment, parameters);
    }
}

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), as PyTorch's <c>torch.optim.AdamW</c> defines it:
/// <c>w -= learningRate decay w</c> first, then Adam's update with the gradient as it is.
/// </summary>
public sealed class AdamW : Adam
{
    /// <summary>Sets the constants; the defaults are PyTorch's.</summary>
    /// <param name="learningRate">The step length.</param>
    /// <param name="beta1">How much of the mean gradient is kept, 0 to 1.</param>
    /// <param name="beta2">How much of the mean square is kept, 0 to 1.</param>
    /// <param name="epsilon">Keeps the quotient finite where a gradient always was zero: positive.</param>
    /// <param name="weightDecay">The share of a weight that decays in a step, times the learning rate.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant is out of its range.</exception>
    public AdamW(float learningRate = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float epsilon = 1e-8f, float weightDecay = 0.01f)
        : base(learningRate, beta1, beta2, epsilon, weightDecay)
    {
    }

    private protected override bool IsDecoupled => true;

    /// <summary>One update; <paramref name="step"/> counts from 1.</summary>
    /// <exception cref="ArgumentException">The lengths differ, the step is not positive, or a constant is out of its range.</exception>
    public static new void Update(
        Span<float> parameters, ReadOnlySpan<float> gradients, Span<float> firstMoment, Span<float> secondMoment, long step,
        float learningRate = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float epsilon = 1e-8f, float weightDecay = 0.01f) =>
        Update(parameters, gradients, firstMoment, secondMoment, step, learningRate, beta1, beta2, epsilon, weightDecay, isDecoupled: true);
}
