using SimdNet.CompilerServices;
using SimdNet.Specification;

namespace SimdNet;

/// <summary>The steps of a stream of a network that is built at run time, as the generator would write them down.</summary>
internal sealed class GraphStream
{
    private readonly ExecutionPlan _plan;
    private readonly Operation?[] _operations;
    private readonly int[] _states;
    private readonly ValuePlaces _places;
    private readonly StreamLayout _layout;
    private readonly GraphProgram? _context;

    public GraphStream(StreamSpec stream, ParameterPlan parameters)
    {
        GraphSpec step = stream.Step;
        _context = stream.Context is { } context ? new GraphProgram(context, parameters) : null;
        (InputSize, OutputSize) = (Shapes.Length(step.InputShape), Shapes.Length(step.OutputShape));
        _plan = new ExecutionPlan(step, parameters, isTraining: false);
        _operations = [.. _plan.Steps.Select(one => one.Call is null ? null : OperationFactory.Create(one.Call))];
        _places = new ValuePlaces(_plan, InputSize);
        _states = new int[_operations.Length];
        var layers = new List<(string, Operation)>();
        for (int i = 0; i < _operations.Length; i++)
        {
            _states[i] = _plan.Steps[i].HasState ? layers.Count : -1;
            if (_states[i] >= 0) layers.Add((_plan.Steps[i].Name, _operations[i]!));
        }
        _layout = new StreamLayout(InputSize, OutputSize, ContextSize, _places.Memory, [.. layers]);
    }

    public int InputSize { get; }

    public int OutputSize { get; }

    public int ContextSize => _context?.InputSize ?? 0;

    /// <summary>What a network throws whose inputs all come step by step.</summary>
    public static NotSupportedException NoContext() => new("All inputs of this network come step by step: there are none to be given once.");

    public NetworkState CreateState() => _layout.CreateState();

    public void SetContext(ReadOnlySpan<float> context, ReadOnlySpan<float> parameters, NetworkState state)
    {
        if (_context is null) throw NoContext();
        _layout.CheckContext(context.Length, state);
        using Workspace.Lease lease = Workspace.Rent(_context.OutputSize);
        _context.Forward(context, parameters, lease.Span, 1);
        _layout.SetContext(lease.Span, state);
    }

    public void Forward(ReadOnlySpan<float> input, ReadOnlySpan<float> parameters, Span<float> output, NetworkState state)
    {
        int steps = _layout.CheckForward(input.Length, output.Length, state);
        Span<float> memory = StreamLayout.MemoryOf(state);
        if (_plan.Output == ExecutionPlan.Input) input.CopyTo(output);
        for (int time = 0; time < steps; time++)
        {
            ReadOnlySpan<float> x = input.Slice(time * InputSize, InputSize);
            Span<float> y = output.Slice(time * OutputSize, OutputSize);
            for (int i = 0; i < _operations.Length; i++)
            {
                Span<float> result = _places.Result(i, memory, y, 1, 0, 1);
                ReadOnlySpan<float> first = _places.Input(i, 0, x, memory, y, 1, 0, 1);
                if (_states[i] >= 0) _operations[i]!.Step(first, parameters, _layout.Of(state, _states[i]), result);
                else if (_operations[i] is { } operation) operation.Forward(first, parameters, result, 1);
                else for (int j = 0; j < _places.Inputs(i); j++) GraphProgram.Join(_plan.Steps[i].Join!, j, 1, first, _places.Input(i, j, x, memory, y, 1, 0, 1), result);
            }
        }
    }
}
