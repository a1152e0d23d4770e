using System.ComponentModel;
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
    private readonly GraphPrograms? _lengths;

    private Network(GraphProgram program, GraphPrograms? lengths, ParameterBlock parameters)
    {
        _program = program;
        _lengths = lengths;
        _parameters = parameters;
    }

    /// <summary>Builds a network whose parameters are drawn at random.</summary>
    /// <param name="inputShape">The shape of one sample: (features), (time, features) or (channels, height, width); time may be <see cref="Sequence.Any"/>.</param>
    /// <param name="define">From the input to the result: <c>x => x.Dense(16).Relu().Dense(1)</c>, or the <c>Define</c> method of a class.</param>
    /// <param name="seed">Decides the weights; null for all zero.</param>
    /// <exception cref="ArgumentException">A layer does not fit its input, or the shape is empty or has a size that is not positive.</exception>
    public static Network Create(ReadOnlySpan<int> inputShape, Func<Node, Node> define, ulong? seed = null)
    {
        ArgumentNullException.ThrowIfNull(define);
        bool isAnyLength = inputShape.Length is 1 or 2 && inputShape[0] == Sequence.Any;
        CheckShape(isAnyLength && inputShape.Length == 2 ? inputShape[1..] : isAnyLength ? [1] : inputShape, nameof(inputShape));
        GraphPrograms? lengths = isAnyLength ? new GraphPrograms(inputShape[1..], define) : null;
        return Create(lengths?.Probe ?? new GraphProgram(Build(inputShape, define, nameof(define))), lengths, seed);
    }

    /// <summary>
    /// Builds a network of several inputs or results. A sample holds the inputs one behind the other, and so does what is put out with the
    /// results, each in the order of its shape.
    /// </summary>
    /// <param name="inputShapes">The shape of each input.</param>
    /// <param name="define">From the inputs to the results.</param>
    /// <param name="seed">Decides the weights; null for all zero.</param>
    /// <exception cref="ArgumentException">A layer does not fit its input, or a shape is empty or has a size that is not positive.</exception>
    public static Network CreateGraph(IReadOnlyList<int[]> inputShapes, Func<IReadOnlyList<Node>, IReadOnlyList<Node>> define, ulong? seed = null)
    {
        ArgumentNullException.ThrowIfNull(inputShapes);
        ArgumentNullException.ThrowIfNull(define);
        if (inputShapes.Count == 0) throw new ArgumentException("A network has at least one input.", nameof(inputShapes));
        foreach (int[] shape in inputShapes) CheckShape(shape, nameof(inputShapes));
        if (inputShapes.Count != 1) CheckInput(inputShapes.Sum(shape => Shapes.Floats(shape)), nameof(inputShapes));
        int[] joined = inputShapes.Count == 1 ? inputShapes[0] : [inputShapes.Sum(shape => Shapes.Length(shape))];
        return Create(new GraphProgram(Build(joined, Joined, nameof(define))), null, seed);

        Node Joined(Node x)
        {
            GraphBuilder graph = x.Graph;
            IReadOnlyList<Node> results = define(inputShapes.Count == 1 ? [x] : [.. graph.AddInputs(inputShapes).Select(input => new Node(graph, input))]);
            if (results is null or { Count: 0 } || results.Any(result => result is null)) throw new ArgumentException("The definition must return at least one result, and none that is null.", nameof(define));
            foreach (Node result in results) CheckResult(result, graph, nameof(define));
            return results.Count == 1 ? results[0] : new Node(graph, graph.AddResults([.. results.Select(result => result.Layer)]));
        }
    }

    /// <inheritdoc/>
    /// <remarks>Of sequences of any length: of one time step.</remarks>
    public int InputSize => _lengths?.StepSize ?? _program.InputSize;

    /// <inheritdoc/>
    /// <remarks>Of sequences of any length, where the result is one: of one time step of the result, which has as many as its layers leave; <c>WithLength(steps).OutputSize</c> is that of all.</remarks>
    public int OutputSize => _lengths?.ResultSize ?? _program.OutputSize;

    /// <inheritdoc/>
    public int OutputSteps => _lengths is null ? _program.Spec.OutputSteps : 1;

    /// <inheritdoc/>
    public int ParameterCount => _program.Parameters.Count;

    /// <inheritdoc/>
    public OutputActivation OutputActivation => _program.Final;

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

    /// <summary>The parameters, for emitted code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public ParameterBlock Block => _parameters;

    internal GraphSpec Spec => _program.Spec;

    private GraphStream Stream => _program.Stream ?? throw new NotSupportedException($"The network cannot run on a stream: {_program.StreamFault}.");

    /// <inheritdoc/>
    /// <remarks>Over sequences of any length a call takes one of them.</remarks>
    public void Forward(ReadOnlySpan<float> input, Span<float> output)
    {
        if (_lengths is null)
        {
            int samples = NetworkCalls.CheckForward(input.Length, InputSize, output.Length, OutputSize);
            _program.Forward(input, _parameters.All, output, samples);
            return;
        }
        _lengths.Forward(input, _parameters.All, output);
    }

    /// <summary>Predicts from tokens, where the input goes to an embedding: the same as whole numbers in floats.</summary>
    /// <inheritdoc cref="Forward(ReadOnlySpan{float}, Span{float})"/>
    public void Forward(ReadOnlySpan<int> tokens, Span<float> output)
    {
        using Workspace.Lease lease = Workspace.Rent(tokens.Length);
        Forward(NetworkCalls.ToFloats(tokens, lease.Span), output);
    }

    /// <summary>
    /// The network for sequences of one length, with the very same parameters: for batches of them, and for training. Of a network over sequences of any length
    /// alone.
    /// </summary>
    /// <exception cref="NotSupportedException">The network's sequences have one length already.</exception>
    /// <exception cref="ArgumentException">A layer does not fit sequences of that length.</exception>
    public Network WithLength(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        if (_lengths is null) throw new NotSupportedException("The network was not created with Sequence.Any in place of the number of time steps.");
        return new Network(_lengths.Of(steps), null, _parameters);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A layer needs the whole sequence at once.</exception>
    public int StepInputSize => Stream.InputSize;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A layer needs the whole sequence at once.</exception>
    public int StepOutputSize => Stream.OutputSize;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A layer needs the whole sequence at once.</exception>
    public int ContextSize => Stream.ContextSize;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A layer needs the whole sequence at once.</exception>
    public NetworkState CreateState() => Stream.CreateState();

    /// <inheritdoc/>
    public void SetContext(ReadOnlySpan<float> context, NetworkState state) => Stream.SetContext(context, _parameters.All, state);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A layer needs the whole sequence at once.</exception>
    public void Forward(ReadOnlySpan<float> input, Span<float> output, NetworkState state) => Stream.Forward(input, _parameters.All, output, state);

    /// <summary>Goes on with a stream of tokens, where the input goes to an embedding.</summary>
    /// <inheritdoc cref="Forward(ReadOnlySpan{float}, Span{float}, NetworkState)"/>
    public void Forward(ReadOnlySpan<int> tokens, Span<float> output, NetworkState state)
    {
        using Workspace.Lease lease = Workspace.Rent(tokens.Length);
        Forward(NetworkCalls.ToFloats(tokens, lease.Span), output, state);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The network's sequences have any length.</exception>
    public TrainingPass CreateTrainingPass(int maxBatch) => _lengths is null
        ? _program.CreateTrainingPass(this, _parameters, maxBatch)
        : throw new NotSupportedException("A network over sequences of any length is trained on those of one length at a time: use WithLength(steps), which has the same parameters.");

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

    /// <summary>Reads the parameters of a network of the same layers from memory.</summary>
    /// <exception cref="InvalidDataException">The data is damaged, or its names or shapes are not this network's; nothing is changed then.</exception>
    public void Load(ReadOnlySpan<byte> data) => _parameters.Load(data);

    /// <summary>A network with the same parameters in storage of its own.</summary>
    public Network Clone() => new(_program, _lengths, _parameters.Clone());

    /// <summary>A copy for prediction that nothing changes any more, with batch normalisations folded into the layers before them.</summary>
    public FrozenNetwork Freeze()
    {
        var parameters = new FrozenParameters(_parameters.Fold(_program.Norms()));
        if (_lengths is not null)
        {
            GraphPrograms lengths = _lengths.Freeze(parameters);
            return new FrozenNetwork(this, (input, output) => lengths.Forward(input, parameters.All, output));
        }
        GraphProgram program = _program.Freeze(parameters);
        return new FrozenNetwork(this, (input, output) => program.Forward(input, parameters.All, output, NetworkCalls.CheckForward(input.Length, program.InputSize, output.Length, program.OutputSize)));
    }

    /// <summary>A network of the same layers whose parameters are drawn at random; all zero without a seed.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Network CreateAnother(ulong? seed = null) => Create(_program, _lengths, seed);

    /// <summary>The specification that a definition builds.</summary>
    /// <param name="inputShape">The shape of one sample.</param>
    /// <param name="define">From the input to the result.</param>
    /// <param name="parameter">The parameter to name where a layer does not fit.</param>
    internal static GraphSpec Build(ReadOnlySpan<int> inputShape, Func<Node, Node> define, string parameter)
    {
        int[] shape = inputShape.ToArray();
        CheckInput(Shapes.Floats(shape), parameter);
        var builder = new GraphBuilder(shape, (fault, _, arguments) => throw Fault(fault, parameter, arguments));
        Node result = define(new Node(builder, LayerSpec.NetworkInput));
        if (result is not null) CheckResult(result, builder, parameter);
        if (result is null || result.Layer != builder.Count - 1 || builder.Count == 0)
            throw new ArgumentException("The definition must return the layer that it adds last.", parameter);
        return builder.Finish();
    }

    /// <summary>What is thrown for a fault that the generator would report.</summary>
    internal static ArgumentException Fault(FaultKind fault, string parameter, params object[] arguments) =>
        new($"{fault.Id}: {string.Format(CultureInfo.InvariantCulture, fault.Message, arguments)}", parameter);

    private static Network Create(GraphProgram program, GraphPrograms? lengths, ulong? seed)
    {
        var network = new Network(program, lengths, program.CreateParameters());
        if (seed is { } given) network._parameters.Initialize(given);
        return network;
    }

    private static void CheckInput(double floats, string parameter)
    {
        if (floats > int.MaxValue) throw Fault(FaultKind.TooLarge, parameter, "The input", floats.ToString("F0", CultureInfo.InvariantCulture));
    }

    private static void CheckShape(ReadOnlySpan<int> shape, string parameter)
    {
        if (shape.IsEmpty) throw new ArgumentException("The shape of a sample needs at least one size.", parameter);
        if (shape.Contains(Sequence.Any)) throw new ArgumentException("Sequence.Any stands for the time of networks of one input, (Sequence.Any) or (Sequence.Any, features).", parameter);
        foreach (int size in shape) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, parameter);
        CheckInput(Shapes.Floats(shape.ToArray()), parameter);
    }

    private static void CheckResult(Node result, GraphBuilder graph, string parameter)
    {
        if (result.Graph != graph) throw new ArgumentException("A result belongs to another network.", parameter);
    }
}
