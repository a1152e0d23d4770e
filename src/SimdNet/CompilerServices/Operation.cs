using System.ComponentModel;

namespace SimdNet.CompilerServices;

/// <summary>
/// One layer with its sizes and the places of its parameters, for emitted code and for networks that are built at run time: both
/// call the same objects, so they have the same bits. It is immutable, and any number of threads may use it.
/// </summary>
/// <remarks>
/// Values are rows, one a sample, without gaps. Images are [height, width, channels] and sequences [time, features] within a row,
/// so that the floats which a kernel needs together lie together; a network turns images around at its ends.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class Operation
{
    /// <summary>An operation from rows of <paramref name="inputLength"/> floats to rows of <paramref name="outputLength"/>.</summary>
    protected Operation(int inputLength, int outputLength)
    {
        InputLength = inputLength;
        OutputLength = outputLength;
    }

    /// <summary>The floats of one sample.</summary>
    public int InputLength { get; }

    /// <summary>The floats of one result.</summary>
    public int OutputLength { get; }

    /// <summary>How many floats a training pass keeps from the way forward to the way back, besides x and y.</summary>
    public virtual int KeptLength(int batch) => 0;

    /// <summary>The floats of a stream's state; 0 where there is none.</summary>
    public virtual int StateLength => 0;

    /// <summary>Whether the state holds what is the same in all steps of a stream.</summary>
    internal virtual bool RemembersContext => false;

    /// <summary>One time step of one stream: <c>y = f(x, state)</c>, which changes the state; the same bits as that step of a sequence.</summary>
    /// <exception cref="NotSupportedException">The layer needs the whole sequence at once.</exception>
    public virtual void Step(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y) =>
        throw new NotSupportedException($"{GetType().Name} needs the whole sequence at once.");

    /// <summary><c>y = f(x)</c> in prediction.</summary>
    /// <param name="x">[batch, <see cref="InputLength"/>].</param>
    /// <param name="parameters">All parameters of the network.</param>
    /// <param name="y">[batch, <see cref="OutputLength"/>].</param>
    /// <param name="batch">The number of samples.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public abstract void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch);

    /// <summary>The layer for prediction with these parameters alone, which may keep them in a form of its own; the same bits.</summary>
    public virtual Operation Freeze(FrozenParameters parameters) => this;

    /// <summary><c>y = f(x)</c> in training, for layers that do something else there, or keep something for the way back.</summary>
    /// <param name="x">[batch, <see cref="InputLength"/>].</param>
    /// <param name="parameters">All parameters of the network; running statistics among them are updated.</param>
    /// <param name="y">[batch, <see cref="OutputLength"/>].</param>
    /// <param name="kept"><see cref="KeptLength"/> floats for <see cref="Backward"/>.</param>
    /// <param name="batch">The number of samples.</param>
    /// <param name="step">What names random numbers.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public virtual void ForwardTraining(ReadOnlySpan<float> x, Span<float> parameters, Span<float> y, Span<float> kept, int batch, TrainingStep step) =>
        Forward(x, parameters, y, batch);

    /// <summary>The gradients of the input and of the parameters from that of the result, written over what was there.</summary>
    /// <param name="x">What the way forward in training was given.</param>
    /// <param name="y">Its result.</param>
    /// <param name="outputGradient">dy, [batch, <see cref="OutputLength"/>].</param>
    /// <param name="parameters">All parameters of the network.</param>
    /// <param name="kept">What <see cref="ForwardTraining"/> kept.</param>
    /// <param name="inputGradient">dx, [batch, <see cref="InputLength"/>]; empty where nobody needs it.</param>
    /// <param name="gradients">The gradients of all parameters, laid out as they are; the operation writes its own, padding as zeros.</param>
    /// <param name="batch">The number of samples.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public abstract void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch);
}

/// <summary>What names the random numbers of a layer in one step of training.</summary>
/// <param name="seed">The seed of the training pass.</param>
/// <param name="pass">The number of forward passes in training so far.</param>
/// <param name="layer">The layer's number in the network.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct TrainingStep(ulong seed, ulong pass, int layer)
{
    /// <summary>The seed of the training pass.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>The number of forward passes in training so far.</summary>
    public ulong Pass { get; } = pass;

    /// <summary>The layer's number in the network.</summary>
    public int Layer { get; } = layer;
}
