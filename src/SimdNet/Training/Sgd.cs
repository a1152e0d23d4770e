using SimdNet.Kernels;

namespace SimdNet.Training;

/// <summary>
/// Gradient descent with momentum, as PyTorch's <c>torch.optim.SGD</c> defines it:
/// <c>g += decay w; v = momentum v + g; w -= learningRate v</c>, or with Nesterov's momentum
/// <c>w -= learningRate (g + momentum v)</c>. A v that becomes subnormal, as that of a unit which is never active, is zero from then on: processors take
/// many times as long for such numbers.
/// </summary>
public sealed class Sgd : Optimizer
{
    private readonly float _momentum;
    private readonly bool _nesterov;
    private AlignedBuffer _velocity = new(0);

    /// <summary>Sets the constants.</summary>
    /// <param name="learningRate">The step length.</param>
    /// <param name="momentum">How much of the last step is kept, 0 to 1.</param>
    /// <param name="nesterov">Whether the gradient is taken as if the momentum's step were made already.</param>
    /// <param name="weightDecay">Added to the gradient, times the weight.</param>
    /// <exception cref="ArgumentException">A constant is out of its range, or Nesterov's momentum is asked for without momentum.</exception>
    public Sgd(float learningRate, float momentum = 0, bool nesterov = false, float weightDecay = 0) : base(learningRate, weightDecay)
    {
        RequireFraction(momentum, 1, nameof(momentum));
        if (nesterov && momentum == 0) throw new ArgumentException("Nesterov's momentum needs a momentum above 0.", nameof(nesterov));
        _momentum = momentum;
        _nesterov = nesterov;
    }

    internal override bool IsPlainDescent => _momentum == 0 && WeightDecay == 0;

    internal override bool TryBeginFused(int length)
    {
        if (IsPlainDescent) Steps++;
        return IsPlainDescent;
    }

    /// <remarks>Here again, since the compiler would take the number for the learning rate of the static one.</remarks>
    /// <inheritdoc/>
    public new void Update(Span<float> parameters, ReadOnlySpan<float> gradients, int decayedLength) => base.Update(parameters, gradients, decayedLength);

    /// <summary><c>w -= learningRate g</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or a constant is out of its range.</exception>
    public static void Update(Span<float> parameters, ReadOnlySpan<float> gradients, float learningRate)
    {
        Guard.Length(gradients.Length, parameters.Length, nameof(gradients), "as many as there are parameters");
        RequireFraction(learningRate, float.PositiveInfinity, nameof(learningRate));
        UpdateKernel.Descend(gradients, learningRate, 0, parameters);
    }

    /// <summary><c>g += decay w; v = momentum v + g; w -= learningRate v</c>, or Nesterov's <c>w -= learningRate (g + momentum v)</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or a constant is out of its range.</exception>
    public static void Update(
        Span<float> parameters, ReadOnlySpan<float> gradients, Span<float> velocity,
        float learningRate, float momentum, bool nesterov, float weightDecay)
    {
        Guard.Length(gradients.Length, parameters.Length, nameof(gradients), "as many as there are parameters");
        Guard.Length(velocity.Length, parameters.Length, nameof(velocity), "as many as there are parameters");
        RequireFraction(learningRate, float.PositiveInfinity, nameof(learningRate));
        RequireFraction(momentum, 1, nameof(momentum));
        RequireFraction(weightDecay, float.PositiveInfinity, nameof(weightDecay));
        UpdateKernel.Momentum(gradients, learningRate, momentum, nesterov, weightDecay, velocity, parameters);
    }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<string> StateNames => _momentum == 0 ? [] : ["velocity"];

    /// <inheritdoc/>
    protected internal override Span<float> State(string name) => name == "velocity" && _momentum != 0 ? _velocity.Span : base.State(name);

    /// <inheritdoc/>
    protected override void CreateState(int length) => _velocity = new AlignedBuffer(_momentum == 0 ? 0 : length);

    /// <inheritdoc/>
    protected override void UpdateAll(Span<float> parameters, ReadOnlySpan<float> gradients, int decayedLength)
    {
        if (_momentum == 0)
        {
            UpdateKernel.Descend(gradients[..decayedLength], LearningRate, WeightDecay, parameters[..decayedLength]);
            UpdateKernel.Descend(gradients[decayedLength..], LearningRate, 0, parameters[decayedLength..]);
            return;
        }
        Span<float> velocity = _velocity.Span;
        Update(parameters[..decayedLength], gradients[..decayedLength], velocity[..decayedLength], LearningRate, _momentum, _nesterov, WeightDecay);
        Update(parameters[decayedLength..], gradients[decayedLength..], velocity[decayedLength..], LearningRate, _momentum, _nesterov, 0);
    }
}
