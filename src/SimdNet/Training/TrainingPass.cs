using System.ComponentModel;
using SimdNet.CompilerServices;
using SimdNet.Kernels;

namespace SimdNet.Training;

/// <summary>
/// The activations and gradients of one network in training, for batches up to a size: everything is allocated once,
/// and the methods allocate nothing. One thread at a time may use it.
/// </summary>
public abstract class TrainingPass
{
    private readonly AlignedBuffer _gradients, _inputs, _logits, _logitGradients, _outputs, _inputGradients;
    private readonly int _inputSize, _outputSize, _steps, _stepSize;
    private readonly OutputActivation _final;
    private State _state;
    private bool _hasOutputs;

    /// <summary>What an array holds, less what aligns it.</summary>
    internal const int MostFloats = int.MaxValue - 4096;

    /// <summary>Allocates for batches of up to <paramref name="maxBatch"/> samples.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBatch"/> is not positive.</exception>
    protected TrainingPass(INetwork network, int maxBatch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBatch);
        Network = network;
        MaxBatch = maxBatch;
        _inputSize = network.InputSize;
        _outputSize = network.OutputSize;
        _steps = network.OutputSteps;
        _stepSize = _outputSize / _steps;
        _final = network.OutputActivation;
        if ((long)maxBatch * Math.Max(_inputSize, _outputSize) > MostFloats) throw TooLarge(maxBatch);
        _gradients = new AlignedBuffer(network.Parameters.Length);
        _inputs = new AlignedBuffer(maxBatch * _inputSize);
        _inputGradients = new AlignedBuffer(maxBatch * _inputSize);
        _logits = new AlignedBuffer(maxBatch * _outputSize);
        _logitGradients = new AlignedBuffer(maxBatch * _outputSize);
        _outputs = _final is OutputActivation.None or OutputActivation.InnerSigmoid ? _logits : new AlignedBuffer(maxBatch * _outputSize);
    }

    private enum State
    {
        Nothing,
        Forward,
        Backward,
        BackwardWithInputs,
        Stepped,
    }

    /// <summary>The network in training.</summary>
    public INetwork Network { get; }

    /// <summary>The largest batch.</summary>
    public int MaxBatch { get; }

    /// <summary>The samples of the last forward pass.</summary>
    public int Batch { get; private set; }

    /// <summary>The seed of the dropout masks.</summary>
    public ulong Seed { get; set; }

    /// <summary>The number of forward passes in training so far: with <see cref="Seed"/> it decides the dropout masks.</summary>
    public ulong Passes { get; set; }

    /// <summary>
    /// The largest norm of all gradients together with which <see cref="Step(ReadOnlySpan{float}, ReadOnlySpan{float}, Loss, Optimizer)"/> updates: longer ones are shortened to it, as by
    /// PyTorch's <c>clip_grad_norm_</c> (Pascanu et al. 2013). Null, the default, for none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive, or not finite.</exception>
    public float? MaxGradientNorm
    {
        get;
        set
        {
            if (value is { } norm) Guard.Positive(norm, nameof(MaxGradientNorm));
            field = value;
        }
    }

    /// <summary>The gradients of the last backward pass, laid out as <see cref="INetwork.Parameters"/>; a <see cref="Step(ReadOnlySpan{float}, ReadOnlySpan{float}, Loss, Optimizer)"/> that updates on the way back writes none.</summary>
    public Span<float> Gradients => _gradients.Span;

    /// <summary>What the network put out in the last forward pass, [batch, outputs]; a final softmax or sigmoid is computed when it is first asked for.</summary>
    public ReadOnlySpan<float> Outputs
    {
        get
        {
            if (!_hasOutputs) ForwardFinal();
            return _outputs.Span[..(Batch * _outputSize)];
        }
    }

    /// <summary>
    /// dLoss/dInput of the last backward pass, [batch, inputs]. It is computed when it is first asked for, from the
    /// parameters as they are then: ask before updating them.
    /// </summary>
    /// <exception cref="InvalidOperationException">There was no backward pass, or a step has changed the parameters since.</exception>
    public ReadOnlySpan<float> InputGradients
    {
        get
        {
            Span<float> gradient = _inputGradients.Span[..(Batch * _inputSize)];
            if (_state == State.Backward)
            {
                BackwardInputKeepingGradients(gradient);
                _state = State.BackwardWithInputs;
            }
            return _state == State.BackwardWithInputs
                ? gradient
                : throw new InvalidOperationException("Input gradients exist after Backward or BackwardLoss, and before a step changes the parameters.");
        }
    }

    /// <summary>Whether dropout is active in the running forward pass.</summary>
    protected bool IsTraining { get; private set; }

    /// <summary>
    /// The network's results before a final softmax or sigmoid, [batch, outputs], which <see cref="ForwardLayers"/> writes.
    /// </summary>
    protected Span<float> Logits => _logits.Span[..(Batch * _outputSize)];

    /// <summary>The gradient with respect to <see cref="Logits"/>, [batch, outputs], from which the layers go backward.</summary>
    protected Span<float> LogitGradients => _logitGradients.Span[..(Batch * _outputSize)];

    /// <summary>The forward pass in training: dropout is active.</summary>
    /// <param name="input">[batch, inputs], copied.</param>
    /// <returns>The outputs, [batch, outputs], until the next pass.</returns>
    /// <exception cref="ArgumentException">The input is no whole number of samples, or too many.</exception>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> input)
    {
        StartForward(Keep(input), isTraining: true);
        _state = State.Forward;
        return Outputs;
    }

    /// <summary>The backward pass from dLoss/dOutput, [batch, outputs]; gradients of an earlier pass are overwritten.</summary>
    /// <exception cref="ArgumentException">The gradient's length is not that of the outputs.</exception>
    /// <exception cref="InvalidOperationException">There was no forward pass.</exception>
    public void Backward(ReadOnlySpan<float> outputGradient)
    {
        RequireForward();
        Guard.Length(outputGradient.Length, Batch * _outputSize, nameof(outputGradient), "as many as the outputs of the last forward pass");
        BackwardFinal(outputGradient);
        BackwardKept();
    }

    /// <summary>The backward pass from a loss, fused with a final softmax or sigmoid where it can be.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="targets">[batch, outputs].</param>
    /// <returns>The loss's value.</returns>
    /// <exception cref="InvalidOperationException">There was no forward pass, or the loss does not fit the last layer.</exception>
    public float BackwardLoss(Loss loss, ReadOnlySpan<float> targets)
    {
        RequireForward();
        float value = Evaluate(loss, targets, default, hasClasses: false);
        BackwardKept();
        return value;
    }

    /// <summary>The backward pass from a loss, fused with a final softmax where it can be.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="classes">[batch], or [batch, <see cref="IPredictor.OutputSteps"/>], each from 0 to the outputs (of a step) - 1, or <see cref="Loss.IgnoredClass"/>.</param>
    /// <returns>The loss's value.</returns>
    /// <exception cref="InvalidOperationException">There was no forward pass, or the loss does not fit the last layer.</exception>
    public float BackwardLoss(Loss loss, ReadOnlySpan<int> classes)
    {
        RequireForward();
        float value = Evaluate(loss, default, classes, hasClasses: true);
        BackwardKept();
        return value;
    }

    /// <summary>
    /// One step of training: forward, loss, backward, update; plain gradient descent and Adam update the weights on the
    /// way back and write no gradients. The same bits as the calls one by one. A loss that is NaN or infinite is returned
    /// without an update, of running statistics neither.
    /// </summary>
    /// <param name="input">[batch, inputs].</param>
    /// <param name="targets">[batch, outputs].</param>
    /// <param name="loss">The loss.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <returns>The loss before the update.</returns>
    public float Step(ReadOnlySpan<float> input, ReadOnlySpan<float> targets, Loss loss, Optimizer optimizer) =>
        Step(input, targets, default, hasClasses: false, loss, optimizer);

    /// <summary>One step of training on samples of classes.</summary>
    /// <param name="input">[batch, inputs].</param>
    /// <param name="classes">[batch], or [batch, <see cref="IPredictor.OutputSteps"/>], each from 0 to the outputs (of a step) - 1, or <see cref="Loss.IgnoredClass"/>.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <returns>The loss before the update.</returns>
    public float Step(ReadOnlySpan<float> input, ReadOnlySpan<int> classes, Loss loss, Optimizer optimizer) =>
        Step(input, default, classes, hasClasses: true, loss, optimizer);

    /// <summary>The loss without dropout and without gradients, as for validation; <see cref="Outputs"/> holds the predictions.</summary>
    /// <param name="input">[batch, inputs].</param>
    /// <param name="targets">[batch, outputs].</param>
    /// <param name="loss">The loss.</param>
    public float Evaluate(ReadOnlySpan<float> input, ReadOnlySpan<float> targets, Loss loss)
    {
        StartForward(input, isTraining: false);
        return Evaluate(loss, targets, default, hasClasses: false);
    }

    /// <summary>The loss of samples of classes without dropout and without gradients, as for validation.</summary>
    /// <param name="input">[batch, inputs].</param>
    /// <param name="classes">[batch], or [batch, <see cref="IPredictor.OutputSteps"/>], each from 0 to the outputs (of a step) - 1, or <see cref="Loss.IgnoredClass"/>.</param>
    /// <param name="loss">The loss.</param>
    public float Evaluate(ReadOnlySpan<float> input, ReadOnlySpan<int> classes, Loss loss)
    {
        StartForward(input, isTraining: false);
        return Evaluate(loss, default, classes, hasClasses: true);
    }

    /// <summary>Whether all parameters and running statistics are finite numbers.</summary>
    internal bool IsFinite => !Network.Parameters.ContainsAnyExceptInRange(float.MinValue, float.MaxValue) && !Statistics.ContainsAnyExceptInRange(float.MinValue, float.MaxValue);

    /// <summary>What the forward pass in training changes of the network: the running statistics of normalisations.</summary>
    private protected virtual Span<float> Statistics => default;

    /// <summary>Emitted: computes <see cref="Logits"/> and keeps the activations that the way back needs.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected abstract void ForwardLayers(ReadOnlySpan<float> input, int batch);

    /// <summary>Emitted: computes <see cref="Gradients"/> from <see cref="LogitGradients"/>.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected abstract void BackwardLayers(ReadOnlySpan<float> input, int batch);

    /// <summary>Emitted: whether there is a <see cref="StepLayers"/>.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected virtual bool StepsLayers => true;

    /// <summary>Emitted: goes back as <see cref="BackwardLayers"/> does, and updates the parameters, by an optimizer that needs no gradients written.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected virtual void StepLayers(ReadOnlySpan<float> input, int batch, Optimizer optimizer) => throw new NotSupportedException();

    /// <summary>Emitted: the same for one sample and plain descent; false where there is nothing of its own for that.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected virtual bool StepSample(ReadOnlySpan<float> input, float learningRate) => false;

    /// <summary>Emitted: the gradient with respect to the input, after <see cref="BackwardLayers"/>.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected abstract void BackwardInput(ReadOnlySpan<float> input, int batch, Span<float> inputGradient);

    /// <summary>
    /// How many decisions of the last pass are correct, and of how many: the class of each sample, or of each step of it, or, where each
    /// output decides for itself, the side of one half that it lies on.
    /// </summary>
    internal (int Correct, int Decisions) CountCorrect(ReadOnlySpan<float> targets, ReadOnlySpan<int> classes, bool eachOutput)
    {
        int correct = 0, decisions = 0, size = eachOutput ? 1 : _stepSize;
        for (int row = 0; row < Logits.Length / size; row++)
        {
            if (!classes.IsEmpty && classes[row] == Loss.IgnoredClass) continue;
            decisions++;
            bool isCorrect = eachOutput
                ? Logits[row] > 0 == (classes.IsEmpty ? targets[row] > 0.5f : classes[row] == 1)
                : IndexOfMax(Logits.Slice(row * size, size)) == (classes.IsEmpty ? IndexOfMax(targets.Slice(row * size, size)) : classes[row]);
            if (isCorrect) correct++;
        }
        return (correct, decisions);
    }

    internal static ArgumentOutOfRangeException TooLarge(int maxBatch) =>
        new(nameof(maxBatch), maxBatch, $"The values of so many samples are more than the {MostFloats} floats that an array holds; train in smaller batches.");

    private static int IndexOfMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best]) best = i;
        }
        return best;
    }

    private ReadOnlySpan<float> Keep(ReadOnlySpan<float> input)
    {
        CheckBatch(input.Length);
        input.CopyTo(_inputs.Span);
        return _inputs.Span[..input.Length];
    }

    /// <summary>How many samples that many floats are.</summary>
    private int CheckBatch(int length)
    {
        // One sample is a common step, and needs no division.
        if (length == _inputSize) return 1;
        if (length == 0 || length % _inputSize != 0 || length / _inputSize > MaxBatch)
            throw new ArgumentException($"Expected 1 to {MaxBatch} samples of {_inputSize} floats, but {length} floats were given.", "input");
        return length / _inputSize;
    }

    /// <summary>Goes through the layers. There is a way back only where <see cref="Forward"/> has kept the input, which it says afterwards.</summary>
    private void StartForward(ReadOnlySpan<float> input, bool isTraining)
    {
        Batch = CheckBatch(input.Length);
        IsTraining = isTraining;
        if (isTraining) Passes++;
        _state = State.Nothing;
        _hasOutputs = false;
        ForwardLayers(input, Batch);
    }

    private void RequireForward()
    {
        if (_state is State.Nothing or State.Stepped) throw new InvalidOperationException("Call Forward before the backward pass.");
    }

    private void ForwardFinal()
    {
        switch (_final)
        {
            case OutputActivation.Softmax: SoftmaxLayer.Forward(Logits, _stepSize, _outputs.Span, _stepSize, Batch * _steps, _stepSize); break;
            case OutputActivation.Sigmoid: ElementwiseLayer.Forward(default(Sigmoid), Logits, _outputs.Span[..(Batch * _outputSize)]); break;
        }
        _hasOutputs = true;
    }

    private void BackwardFinal(ReadOnlySpan<float> outputGradient)
    {
        switch (_final)
        {
            case OutputActivation.Softmax: SoftmaxLayer.Backward(Outputs, outputGradient, LogitGradients, _stepSize); break;
            case OutputActivation.Sigmoid: ElementwiseLayer.Backward(default(Sigmoid), Outputs, outputGradient, LogitGradients); break;
            default: outputGradient.CopyTo(LogitGradients); break;
        }
    }

    /// <summary>Where layers are gone through once more, they write their gradients again: those that are there stay, clipped or not.</summary>
    private void BackwardInputKeepingGradients(Span<float> inputGradient)
    {
        using Workspace.Lease kept = Workspace.Rent(StepsLayers ? 0 : _gradients.Length);
        if (!StepsLayers) Gradients.CopyTo(kept.Span);
        BackwardInput(_inputs.Span[..(Batch * _inputSize)], Batch, inputGradient);
        if (!StepsLayers) kept.Span.CopyTo(Gradients);
    }

    private void BackwardKept()
    {
        BackwardLayers(_inputs.Span[..(Batch * _inputSize)], Batch);
        _state = State.Backward;
    }

    /// <summary>The loss, and the gradient with respect to the logits.</summary>
    private float Evaluate(Loss loss, ReadOnlySpan<float> targets, ReadOnlySpan<int> classes, bool hasClasses)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (_final == OutputActivation.InnerSigmoid && loss.ReadsLogits)
            throw new InvalidOperationException($"{loss.Name} reads logits, but this network's sigmoid is not its last layer; let it be the last one (behind Flatten, and behind Concat where there are several results), or leave it out.");
        bool readsLogits = _final is OutputActivation.None or OutputActivation.InnerSigmoid || loss.FusedWith == _final;
        if (!readsLogits && loss.ReadsLogits)
            throw new InvalidOperationException($"{loss.Name} reads logits and fits a network that ends in {(loss.FusedWith == OutputActivation.None ? "" : $"{loss.FusedWith} or in ")}none, but this one ends in {_final}; remove that layer or choose another loss.");
        if (hasClasses && classes.Length != Batch * _steps)
            throw new ArgumentException($"Expected {Batch * _steps} classes ({Batch} samples{(_steps == 1 ? "" : $" of {_steps} steps, one class a step")}), but {classes.Length} were given.", nameof(classes));
        ReadOnlySpan<float> outputs = readsLogits ? Logits : Outputs;
        float value = hasClasses
            ? loss.Evaluate(outputs, classes, _stepSize, LogitGradients)
            : loss.Evaluate(outputs, targets, _stepSize, LogitGradients);
        if (!readsLogits) BackwardFinal(LogitGradients);
        return value;
    }

    private float Step(ReadOnlySpan<float> input, ReadOnlySpan<float> targets, ReadOnlySpan<int> classes, bool hasClasses, Loss loss, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        optimizer.RequireNetwork(Network);
        return Statistics.IsEmpty ? StepOnce(input, targets, classes, hasClasses, loss, optimizer) : StepOrRestore(input, targets, classes, hasClasses, loss, optimizer);
    }

    /// <summary>The same, with running statistics as they were where there is no finite loss, or something is refused.</summary>
    private float StepOrRestore(ReadOnlySpan<float> input, ReadOnlySpan<float> targets, ReadOnlySpan<int> classes, bool hasClasses, Loss loss, Optimizer optimizer)
    {
        using Workspace.Lease before = Workspace.Rent(Statistics.Length);
        Statistics.CopyTo(before.Span);
        float value = float.NaN;
        try
        {
            return value = StepOnce(input, targets, classes, hasClasses, loss, optimizer);
        }
        finally
        {
            if (!float.IsFinite(value)) before.Span.CopyTo(Statistics);
        }
    }

    private float StepOnce(ReadOnlySpan<float> input, ReadOnlySpan<float> targets, ReadOnlySpan<int> classes, bool hasClasses, Loss loss, Optimizer optimizer)
    {
        StartForward(input, isTraining: true);
        float value = Evaluate(loss, targets, classes, hasClasses);
        _state = State.Stepped;
        if (!float.IsFinite(value)) return value;
        if (MaxGradientNorm is { } norm)
        {
            BackwardLayers(input, Batch);
            UpdateKernel.Clip(Gradients, norm);
            optimizer.Update(Network.Parameters, Gradients, Network.DecayedLength);
            return value;
        }
        if (Batch == 1 && optimizer.IsPlainDescent && StepSample(input, optimizer.LearningRate)) return value;
        if (StepsLayers && optimizer.TryBeginFused(_gradients.Length))
        {
            StepLayers(input, Batch, optimizer);
        }
        else
        {
            BackwardLayers(input, Batch);
            optimizer.Update(Network.Parameters, Gradients, Network.DecayedLength);
        }
        return value;
    }
}
