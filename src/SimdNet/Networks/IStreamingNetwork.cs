namespace SimdNet;

/// <summary>
/// A network over sequences that also runs on a stream, one time step or one block of steps a call. Generated networks have it where every layer on the
/// time axis can: recurrent layers that do not go backwards, causal convolutions and attention, and whatever looks at one step alone.
/// </summary>
public interface IStreamingNetwork : INetwork
{
    /// <summary>The number of floats of one time step.</summary>
    int StepInputSize { get; }

    /// <summary>The number of floats of one time step's result.</summary>
    int StepOutputSize { get; }

    /// <summary>The number of floats of the inputs that are given once for the whole stream, by <see cref="SetContext"/>; 0 where there are none.</summary>
    int ContextSize => 0;

    /// <summary>The state of a stream that begins.</summary>
    NetworkState CreateState();

    /// <summary>
    /// Gives a stream the inputs that do not have its time: a sequence that is attended to, a picture, facts about the speaker. What layers need of them is computed once, and the stream begins anew.
    /// Of several inputs the first with a time axis has the stream's time, and so have all others of as many steps, but for those that a layer needs whole.
    /// </summary>
    /// <param name="context">The inputs one behind the other, <see cref="ContextSize"/> floats.</param>
    /// <param name="state">The state, which keeps it when it is reset.</param>
    /// <exception cref="ArgumentException">The state is that of another network, or the context does not have its length.</exception>
    /// <exception cref="NotSupportedException">All inputs come step by step.</exception>
    void SetContext(ReadOnlySpan<float> context, NetworkState state) => throw GraphStream.NoContext();

    /// <summary>
    /// Goes on with a stream by n time steps: <paramref name="input"/> is [n, <see cref="StepInputSize"/>], <paramref name="output"/> is
    /// [n, <see cref="StepOutputSize"/>]. The same bits as the sequence at once, however it is cut. A recurrent layer that gives its last result alone gives it after each step, as if the sequence
    /// ended there. Allocates nothing; any number of threads may call it on one network, each with a state of its own.
    /// </summary>
    /// <exception cref="ArgumentException">The state is that of another network, or the input is no whole number of steps, or the output does not fit it.</exception>
    /// <exception cref="InvalidOperationException">
    /// Attention or learned positions have had as many steps as the network's sequences have, or the network has inputs that are given once and the state has not had them.
    /// </exception>
    void Forward(ReadOnlySpan<float> input, Span<float> output, NetworkState state);
}
