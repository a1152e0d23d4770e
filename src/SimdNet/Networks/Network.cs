using System.Globalization;
using SimdNet.CompilerServices;
using SimdNet.Data;
using SimdNet.Layers;
using SimdNet.Specification;
using SimdNet.Training;

namespace SimdNet;

/// <summary>
/// A network that is built at run time, where its shape is known only then. It runs the same kernels as a generated class of the
/// same declaration, with the same bits; a generated class costs less a call, and its layers are checked when it is compiled.
/// </summary>
public sealed class Network : IStreamingNetwork
{
    private readonly ParameterBlock _parameters;
    private readonly GraphProgram _program;

    private Network(GraphProgram program, ParameterBlock parameters)
    {
        _program = program;
        _parameters = parameters;
    }

    /// <summary>Builds a network whose parameters are drawn at random.</summary>
    /// <param name="inputShape">The shape of one sample: (features), (time, features) or (channels, height, width).</param>
    /// <param name="define">From the input to the result: <c>x => x.Dense(16).Relu().Dense(1)</c>, or the <c>Define</c> method of a class.</param>
    /// <param name="seed">Decides the weights; null for all zero.</param>
    /// <exception cref="ArgumentException">A layer does not fit its input, or the shape is empty or has a size that is not positive.</exception>
    public static Network Create(ReadOnlySpan<int> inputShape, Func<Node, Node> define, ulong? seed = null)
    {
        ArgumentNullException.ThrowIfNull(define);
        if (inputShape.IsEmpty) throw new ArgumentException("The shape of a sample needs at least one size.", nameof(inputShape));
        foreach (int size in inputShape) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(inputShape));
        var builder = new GraphBuilder([.. inputShape], (fault, _, arguments) =>
            throw new ArgumentException($"{fault.Id}: {string.Format(CultureInfo.InvariantCulture, fault.Message, arguments)}", nameof(define)));
        Node result = define(new Node(builder, LayerSpec.NetworkInput));
        if (result is null || result.Layer != builder.Count - 1 || builder.Count == 0)
            throw new ArgumentException("The definition must return the layer that it adds last.", nameof(define));
        var program = new GraphProgram(builder.Finish());
        var network = new Network(program, program.CreateParameters());
        if (seed is { } given) network._parameters.Initialize(given);
        return network;
    }

    /// <inheritdoc/>
    public int InputSize => _program.InputSize;

    /// <inheritdoc/>
    public int OutputSize => _program.OutputSize;

    /// <inheritdoc/>
    public int OutputSteps => _program.Spec.OutputSteps;

    /// <inheritdoc/>
    public int ParameterCount => _program.Parameters.Count;

    /// <inheritdoc/>
    public OutputActivation OutputActivation => (OutputActivation)ExecutionPlan.FinalOf(_program.Spec);

    /// <inheritdoc/>
    public Span<float> Parameters => _parameters.Span;

    /// <inheritdoc/>
    public int DecayedLength => _parameters.DecayedLength;

    /// <inheritdoc/>
    public TensorTable Tensors => _parameters.Tensors;

    /// <inheritdoc/>
    public Preprocessing? Preprocessing
    {
        get => _parameters.Preprocessing;
        set => _parameters.Preprocessing = value;
    }

    internal GraphSpec Spec => _program.Spec;

    private GraphStream Stream => _program.Stream ?? throw new NotSupportedException($"The network cannot run on a stream: {_program.StreamFault}.");

    /// <inheritdoc/>
    public void Forward(ReadOnlySpan<float> input, Span<float> output)
    {
        int samples = NetworkCalls.CheckForward(input.Length, InputSize, output.Length, OutputSize);
        _program.Forward(input, _parameters.All, output, samples);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A layer needs the whole sequence at once.</exception>
    public int StepInputSize => Stream.InputSize;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A layer needs the whole sequence at once.</exception>
    public int StepOutputSize => Stream.OutputSize;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A layer needs the whole sequence at once.</exception>
    public NetworkState CreateState() => Stream.CreateState();

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A layer needs the whole sequence at once.</exception>
    public void Forward(ReadOnlySpan<float> input, Span<float> output, NetworkState state) => Stream.Forward(input, _parameters.All, output, state);

    /// <inheritdoc/>
    public TrainingPass CreateTrainingPass(int maxBatch) => _program.CreateTrainingPass(this, _parameters, maxBatch);

    /// <inheritdoc/>
    public void Save(string path) => _parameters.Save(path);

    /// <inheritdoc/>
    public void Save(Stream stream) => _parameters.Save(stream);

    /// <summary>Reads the parameters of a network of the same layers.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or its names or shapes are not this network's; nothing is changed then.</exception>
    public void Load(string path) => _parameters.Load(path);

    /// <summary>Reads the parameters of a network of the same layers from a stream.</summary>
    /// <exception cref="InvalidDataException">The data is damaged, or its names or shapes are not this network's; nothing is changed then.</exception>
    public void Load(Stream stream) => _parameters.Load(stream);

    /// <summary>A network with the same parameters in storage of its own.</summary>
    public Network Clone() => new(_program, _parameters.Clone());
}
