using SimdNet.CompilerServices;
using SimdNet.Specification;
using SimdNet.Training;

namespace SimdNet;

/// <summary>The steps of a network that is built at run time, as the generator would write them down.</summary>
internal sealed class GraphProgram
{
    private readonly TensorLayout[] _layouts;
    private readonly ExecutionPlan _prediction, _training;
    private readonly Operation?[] _operations, _trained;
    private readonly ValuePlaces _places;
    private readonly BackwardStep[] _toParameters, _toInput;
    private readonly Lazy<GraphStream?> _stream;
    private readonly bool _isAnyLength;

    public GraphProgram(GraphSpec spec, bool isAnyLength = false) : this(spec, new ParameterPlan(spec), isAnyLength)
    {
    }

    /// <param name="parameters">Where they lie, which may be those of a larger network.</param>
    public GraphProgram(GraphSpec spec, ParameterPlan parameters, bool isAnyLength = false)
    {
        Spec = spec;
        Final = (OutputActivation)ExecutionPlan.FinalOf(spec);
        _isAnyLength = isAnyLength;
        (InputSize, OutputSize) = (Shapes.Length(spec.InputShape), Shapes.Length(spec.OutputShape));
        Parameters = parameters;
        _layouts =
        [
            .. Parameters.Tensors.Select(tensor => new TensorLayout(
                tensor.Name, [.. tensor.Spec.Shape], tensor.Offset, [.. tensor.Spec.Strides], tensor.Spec.Role == TensorRole.Weight, [.. tensor.Spec.Sizes],
                tensor.Spec.Initializer, tensor.Spec.FanIn, tensor.Spec.FanOut, tensor.Spec.Slope)),
        ];
        _prediction = new ExecutionPlan(spec, Parameters, isTraining: false);
        _training = new ExecutionPlan(spec, Parameters, isTraining: true);
        _operations = [.. _prediction.Steps.Select(Create)];
        _trained = [.. _training.Steps.Select(Create)];
        _places = new ValuePlaces(_prediction, InputSize);
        (IReadOnlyList<BackwardStep> toParameters, IReadOnlyList<BackwardStep> toInput) = _training.WayBack();
        (_toParameters, _toInput) = ([.. toParameters], [.. toInput]);
        (StreamSpec? stream, StreamFault) = StreamSpec.Of(spec, isAnyLength);
        _stream = new Lazy<GraphStream?>(() => stream is null ? null : new GraphStream(stream, Parameters));

        static Operation? Create(StepPlan step) => step.Call is null ? null : OperationFactory.Create(step.Call);
    }

    public GraphSpec Spec { get; }

    public OutputActivation Final { get; }

    public ParameterPlan Parameters { get; }

    /// <summary>The steps of a stream; null where it cannot stream.</summary>
    public GraphStream? Stream => _stream.Value;

    /// <summary>Why it cannot stream.</summary>
    public string? StreamFault { get; }

    public int InputSize { get; }

    public int OutputSize { get; }

    /// <summary>The normalisations that a frozen network folds into other layers.</summary>
    public FoldedNorm[] Norms() => [.. Folding.Of(Spec).Folds.Select(fold => new FoldedNorm(fold.Layer.Name, fold.Norm, fold.BiasOwner, fold.Epsilon))];

    /// <summary>The program for prediction with these parameters alone, into which <see cref="Norms"/> are folded.</summary>
    public GraphProgram Freeze(FrozenParameters parameters)
    {
        var frozen = new GraphProgram(Folding.Of(Spec).Spec, Parameters);
        for (int i = 0; i < frozen._operations.Length; i++) frozen._operations[i] = frozen._operations[i]?.Freeze(parameters);
        return frozen;
    }

    public ParameterBlock CreateParameters() => new(_layouts, Parameters.Length, Parameters.DecayedLength, _isAnyLength ? 0 : InputSize, OutputSize, Parameters.Total - Parameters.Length);

    public TrainingPass CreateTrainingPass(INetwork network, ParameterBlock parameters, int maxBatch) => new Pass(this, network, parameters, maxBatch);

    public void Forward(ReadOnlySpan<float> input, ReadOnlySpan<float> parameters, Span<float> output, int samples)
    {
        if (_prediction.Output == ExecutionPlan.Input)
        {
            input.CopyTo(output);
            return;
        }
        int chunk = samples == 1 ? 1 : Math.Min(samples, ExecutionPlan.Chunk(_places.Memory));
        using Workspace.Lease lease = Workspace.Rent(chunk * _places.Memory);
        Span<float> memory = lease.Span;
        for (int start = 0; start < samples; start += chunk)
        {
            int n = Math.Min(chunk, samples - start);
            for (int i = 0; i < _operations.Length; i++)
            {
                Span<float> y = _places.Result(i, memory, output, chunk, start, n);
                ReadOnlySpan<float> x = _places.Input(i, 0, input, memory, output, chunk, start, n);
                if (_operations[i] is { } operation) operation.Forward(x, parameters, y, n);
                else for (int j = 0; j < _places.Inputs(i); j++) Join(_prediction.Steps[i].Join!, j, n, x, _places.Input(i, j, input, memory, output, chunk, start, n), y);
            }
        }
    }

    /// <summary>Takes one more value into a sum, a product, or rows side by side.</summary>
    public static void Join(JoinPlan join, int index, int samples, ReadOnlySpan<float> first, ReadOnlySpan<float> x, Span<float> y)
    {
        if (join.Kind == JoinKind.Concat) ElementwiseLayer.CopyRows(x, join.Sizes[index], y[join.Before(index)..], join.Width, samples * join.Rows, join.Sizes[index]);
        else if (index == 1 && join.Kind == JoinKind.Add) ElementwiseLayer.Add(first, x, y);
        else if (index == 1) ElementwiseLayer.Multiply(first, x, y);
    }

    private sealed class Pass(GraphProgram program, INetwork network, ParameterBlock parameters, int maxBatch)
        : GraphTrainingPass(network, parameters, maxBatch, [.. program._trained.OfType<Operation>()], program._training.StoredLengths())
    {
        private readonly int[] _numbers = [.. program._training.Steps.Select((_, i) => program._trained.Take(i).OfType<Operation>().Count())];

        protected override void ForwardLayers(ReadOnlySpan<float> input, int batch)
        {
            if (program._training.Output == ExecutionPlan.Input) input.CopyTo(Logits);
            for (int i = 0; i < program._training.Steps.Count; i++)
            {
                StepPlan step = program._training.Steps[i];
                Span<float> y = Result(step.Output);
                ReadOnlySpan<float> x = ValueOf(step.Inputs[0], input);
                if (step.Join is null) Forward(_numbers[i], x, y);
                else for (int j = 0; j < step.Inputs.Count; j++) Join(step.Join, j, batch, x, ValueOf(step.Inputs[j], input), y);
            }
        }

        protected override void BackwardLayers(ReadOnlySpan<float> input, int batch) => Walk(program._toParameters, input, default);

        protected override void BackwardInput(ReadOnlySpan<float> input, int batch, Span<float> inputGradient)
        {
            if (program._training.Output == ExecutionPlan.Input) LogitGradients.CopyTo(inputGradient);
            Walk(program._toInput, input, inputGradient);
        }

        private void Walk(BackwardStep[] steps, ReadOnlySpan<float> input, Span<float> inputGradient)
        {
            foreach (BackwardStep back in steps)
            {
                StepPlan step = back.Step;
                ReadOnlySpan<float> dy = step.Output == program._training.Output ? LogitGradients : Gradient(step.Output);
                for (int j = 0; j < step.Inputs.Count; j++)
                {
                    GradientTarget target = back.Targets[j];
                    Span<float> dx = target.Value < 0 ? default : target.Value == ExecutionPlan.Input ? inputGradient : Gradient(target.Value);
                    ReadOnlySpan<float> x = ValueOf(step.Inputs[j], input);
                    if (step.Join is null)
                    {
                        int number = _numbers[IndexOf(step)];
                        if (back.AddsParameters) SharedBackward(number, x, Result(step.Output), dy, dx, target.Accumulates, (int[])step.Shared!);
                        else if (target.Accumulates) AddBackward(number, x, Result(step.Output), dy, dx);
                        else Backward(number, x, Result(step.Output), dy, dx);
                    }
                    else if (!dx.IsEmpty)
                    {
                        BackwardJoin(step.Join, j, dy, step.Join.Kind == JoinKind.Multiply ? ValueOf(step.Inputs[1 - j], input) : default, dx, target.Accumulates);
                    }
                }
            }
        }

        private static void BackwardJoin(JoinPlan join, int index, ReadOnlySpan<float> dy, ReadOnlySpan<float> other, Span<float> dx, bool accumulates)
        {
            switch (join.Kind, accumulates)
            {
                case (JoinKind.Add, false): dy.CopyTo(dx); break;
                case (JoinKind.Add, true): ElementwiseLayer.Add(dx, dy, dx); break;
                case (JoinKind.Multiply, false): ElementwiseLayer.Multiply(other, dy, dx); break;
                case (JoinKind.Multiply, true): AddProduct(other, dy, dx); break;
                case (_, false): ElementwiseLayer.CopyRows(dy[join.Before(index)..], join.Width, dx, join.Sizes[index], dx.Length / join.Sizes[index], join.Sizes[index]); break;
                default: AddRows(dy[join.Before(index)..], join.Width, dx, join.Sizes[index]); break;
            }
        }

        private int IndexOf(StepPlan step)
        {
            int index = 0;
            while (!ReferenceEquals(program._training.Steps[index], step)) index++;
            return index;
        }

        private ReadOnlySpan<float> ValueOf(int value, ReadOnlySpan<float> input) => value == ExecutionPlan.Input ? input : Result(value);

        private Span<float> Result(int value) => value == program._training.Output ? Logits : Value(value);
    }
}
