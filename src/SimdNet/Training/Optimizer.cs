namespace SimdNet.Training;

/// <summary>
/// Turns gradients into better parameters. State (momentum, moments) is made at the first update for that number of
/// parameters; nothing is allocated afterwards.
/// </summary>
public abstract class Optimizer
{
    private int _length = -1;
    private INetwork? _network;
    private TensorTable? _tensors;

    /// <summary>Sets the learning rate and the weight decay.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them is negative or not a number.</exception>
    protected Optimizer(float learningRate, float weightDecay)
    {
        LearningRate = learningRate;
        RequireFraction(weightDecay, float.PositiveInfinity, nameof(weightDecay));
        WeightDecay = weightDecay;
    }

    /// <summary>The step length. It may be changed between updates; <see cref="Trainer{TNetwork}"/> does so by its schedule.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not a number.</exception>
    public float LearningRate
    {
        get;
        set
        {
            RequireFraction(value, float.PositiveInfinity, nameof(LearningRate));
            field = value;
        }
    }

    /// <summary>How strongly parameters are drawn to zero.</summary>
    public float WeightDecay { get; }

    /// <summary>
    /// Whether weight decay applies to biases too, as it does by default in PyTorch. Here it does not by default: the one
    /// default in which the optimizers differ from PyTorch's.
    /// </summary>
    public bool DecayAll { get; init; }

    /// <summary>The updates since the optimizer was made, or since <see cref="Reset"/>.</summary>
    public long Steps { get; private protected set; }

    /// <summary>
    /// The names of what is kept for each parameter from one update to the next, <c>first_moment</c> for example: checkpoints hold it. An optimizer of one's own that keeps
    /// something names it here.
    /// </summary>
    protected internal virtual IReadOnlyList<string> StateNames => [];

    /// <summary>Updates all parameters; weight decay, if any, applies to all of them.</summary>
    /// <exception cref="ArgumentException">The lengths differ, from each other or from those of the first update.</exception>
    public void Update(Span<float> parameters, ReadOnlySpan<float> gradients) => Update(parameters, gradients, parameters.Length);

    /// <summary>
    /// Updates all parameters; weight decay, if any, applies to the first <paramref name="decayedLength"/> of them
    /// (<see cref="INetwork.DecayedLength"/>), or to all with <see cref="DecayAll"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The lengths differ, from each other or from those of the first update.</exception>
    public void Update(Span<float> parameters, ReadOnlySpan<float> gradients, int decayedLength)
    {
        Guard.Length(gradients.Length, parameters.Length, nameof(gradients), "as many as there are parameters");
        ArgumentOutOfRangeException.ThrowIfNegative(decayedLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decayedLength, parameters.Length);
        RequireState(parameters.Length);
        Steps++;
        UpdateAll(parameters, gradients, DecayAll ? parameters.Length : decayedLength);
    }

    /// <summary>Forgets all state: the next update is the first.</summary>
    public void Reset() => (_length, Steps, _network, _tensors) = (-1, 0, null, null);

    /// <summary>Throws where what is kept from one update to the next is that of another network's parameters, however many those are.</summary>
    /// <exception cref="InvalidOperationException">It is.</exception>
    internal void RequireNetwork(INetwork network)
    {
        if (ReferenceEquals(network, _network)) return;

        // Networks for sequences of different lengths share their tensors.
        TensorTable tensors = network.Tensors;
        if (Steps > 0 && StateNames.Count > 0 && _tensors is not null && !ReferenceEquals(tensors, _tensors))
            throw new InvalidOperationException($"This {GetType().Name} keeps what it has learned of another network's parameters; make one for each network, or call Reset.");
        (_network, _tensors) = (network, tensors);
    }

    /// <summary>Zero state for that many parameters, to be filled from a checkpoint.</summary>
    internal void Restore(int length, long steps)
    {
        Reset();
        RequireState(length);
        Steps = steps;
    }

    /// <summary>Whether an update is <c>w -= learningRate g</c> and nothing else.</summary>
    internal virtual bool IsPlainDescent => false;

    /// <summary>Begins a step that updates parameters as soon as their gradients are known, without writing them; false where the optimizer cannot.</summary>
    internal virtual bool TryBeginFused(int length) => false;

    /// <summary>Makes the state at the first update, and throws where it is that of another number of parameters.</summary>
    private protected void RequireState(int parameters)
    {
        if (_length < 0)
        {
            CreateState(parameters);
            _length = parameters;
        }
        Guard.Length(parameters, _length, nameof(parameters), "the parameters this optimizer has state for; call Reset, or use one optimizer for each network");
    }

    /// <summary>Makes the state for that many parameters, all zero.</summary>
    protected abstract void CreateState(int length);

    /// <summary>What is kept under one of <see cref="StateNames"/>, laid out as the parameters are; it is read for a checkpoint, and written from one.</summary>
    protected internal virtual Span<float> State(string name) => throw new ArgumentException($"{GetType().Name} keeps nothing named \"{name}\".", nameof(name));

    /// <summary>Updates the parameters, the first <paramref name="decayedLength"/> of them with weight decay.</summary>
    protected abstract void UpdateAll(Span<float> parameters, ReadOnlySpan<float> gradients, int decayedLength);

    /// <summary>Throws unless the value is at least 0 and below <paramref name="bound"/>.</summary>
    private protected static void RequireFraction(float value, float bound, string parameter)
    {
        if (!(value >= 0 && value < bound))
            throw new ArgumentOutOfRangeException(parameter, value, float.IsInfinity(bound) ? "The value must be finite and not negative." : $"The value must be at least 0 and below {bound}.");
    }
}
