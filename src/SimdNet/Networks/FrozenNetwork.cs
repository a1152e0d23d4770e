using System.ComponentModel;
using SimdNet.Data;

namespace SimdNet;

/// <summary>
/// A network as it was when <c>Freeze</c> was called, for prediction alone: nothing changes it any more, so a service predicts from one while it trains the network. Batch normalisations are folded
/// into the dense layers and convolutions before them, which saves a pass over their results; that rounds differently in the last bits. Large weights are kept a second time, as products of many rows read them. Any number of threads may use it.
/// </summary>
public sealed class FrozenNetwork : IPredictor
{
    private readonly ForwardMethod _forward;

    /// <summary>What computes a frozen network, with parameters that nobody else has.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public FrozenNetwork(INetwork network, ForwardMethod forward)
    {
        ArgumentNullException.ThrowIfNull(network);
        _forward = forward;
        (InputSize, OutputSize, OutputSteps, OutputActivation) = (network.InputSize, network.OutputSize, network.OutputSteps, network.OutputActivation);
        Preprocessing = network.Preprocessing;
    }

    /// <summary>Predicts.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public delegate void ForwardMethod(ReadOnlySpan<float> input, Span<float> output);

    /// <inheritdoc cref="IPredictor.InputSize"/>
    public int InputSize { get; }

    /// <inheritdoc cref="IPredictor.OutputSize"/>
    public int OutputSize { get; }

    /// <inheritdoc cref="IPredictor.OutputSteps"/>
    public int OutputSteps { get; }

    /// <inheritdoc cref="IPredictor.OutputActivation"/>
    public OutputActivation OutputActivation { get; }

    /// <summary>What the network's preprocessing was.</summary>
    public Preprocessing? Preprocessing { get; }

    /// <inheritdoc cref="IPredictor.Forward"/>
    public void Forward(ReadOnlySpan<float> input, Span<float> output) => _forward(input, output);
}
