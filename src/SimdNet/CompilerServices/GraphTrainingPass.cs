using System.ComponentModel;
using SimdNet.Training;

namespace SimdNet.CompilerServices;

/// <summary>The training pass of a network of operations: their values, gradients, and what they keep for the way back.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class GraphTrainingPass : TrainingPass
{
    private readonly ParameterBlock _parameters;
    private readonly Operation[] _operations;
    private readonly TrainingBuffers _values, _gradients, _kept;

    /// <summary>Allocates for batches of up to <paramref name="maxBatch"/> samples.</summary>
    /// <param name="network">The network.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="maxBatch">The largest batch.</param>
    /// <param name="operations">The operations, by number.</param>
    /// <param name="values">The floats of each value; 0 for those that lie elsewhere: the input and the result.</param>
    protected GraphTrainingPass(INetwork network, ParameterBlock parameters, int maxBatch, Operation[] operations, int[] values) : base(network, maxBatch)
    {
        _parameters = parameters;
        _operations = operations;
        _values = new TrainingBuffers(maxBatch, values);
        _gradients = new TrainingBuffers(maxBatch, values);
        _kept = new TrainingBuffers(1, [.. operations.Select(operation => operation.KeptLength(maxBatch))]);
    }

    /// <inheritdoc/>
    protected sealed override bool StepsLayers => false;

    private protected sealed override Span<float> Statistics => _parameters.All[_parameters.Span.Length..];

    /// <summary>A value of the running batch.</summary>
    protected Span<float> Value(int value) => _values.Rows(value, Batch);

    /// <summary>The gradient of a value.</summary>
    protected Span<float> Gradient(int value) => _gradients.Rows(value, Batch);

    /// <summary>An operation's way forward, and what it keeps.</summary>
    protected void Forward(int operation, ReadOnlySpan<float> x, Span<float> y)
    {
        if (IsTraining) _operations[operation].ForwardTraining(x, _parameters.All, y, Kept(operation), Batch, new TrainingStep(Seed, Passes, operation));
        else _operations[operation].Forward(x, _parameters.All, y, Batch);
    }

    /// <summary>An operation's way back: its parameters' gradients, and that of its input where somebody needs it.</summary>
    protected void Backward(int operation, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient) =>
        _operations[operation].Backward(x, y, gradient, _parameters.All, Kept(operation), inputGradient, Gradients, Batch);

    /// <summary>The same, where another operation has written a gradient of that input, to which this one is added.</summary>
    protected void AddBackward(int operation, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient)
    {
        using Workspace.Lease lease = Workspace.Rent(inputGradient.Length);
        Backward(operation, x, y, gradient, lease.Span);
        ElementwiseLayer.Add(inputGradient, lease.Span, inputGradient);
    }

    /// <summary>The same for a layer that shares its parameters with another, which has written gradients of them: this one's are added.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="x">What the way forward was given.</param>
    /// <param name="y">Its result.</param>
    /// <param name="gradient">The gradient of the result.</param>
    /// <param name="inputGradient">The gradient of the input; empty where nobody needs it.</param>
    /// <param name="accumulates">Whether it is added to what is there.</param>
    /// <param name="places">Where the parameters lie, an offset and a length each.</param>
    protected void SharedBackward(
        int operation, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient, bool accumulates, ReadOnlySpan<int> places)
    {
        int length = 0;
        for (int i = 0; i < places.Length; i += 2) length += places[i + 1];
        using Workspace.Lease lease = Workspace.Rent(length);
        Exchange(lease.Span, places, (gradients, others) => gradients.CopyTo(others));
        if (accumulates) AddBackward(operation, x, y, gradient, inputGradient);
        else Backward(operation, x, y, gradient, inputGradient);
        Exchange(lease.Span, places, (gradients, others) => ElementwiseLayer.Add(others, gradients, gradients));
    }

    /// <summary>Walks over gradients in several places, and as many floats one behind the other.</summary>
    private void Exchange(Span<float> others, ReadOnlySpan<int> places, Action<Span<float>, Span<float>> exchange)
    {
        for (int i = 0; i < places.Length; i += 2)
        {
            exchange(Gradients.Slice(places[i], places[i + 1]), others[..places[i + 1]]);
            others = others[places[i + 1]..];
        }
    }

    /// <summary>Adds a product to a gradient.</summary>
    protected static void AddProduct(ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, Span<float> inputGradient)
    {
        using Workspace.Lease lease = Workspace.Rent(inputGradient.Length);
        ElementwiseLayer.Multiply(x, gradient, lease.Span);
        ElementwiseLayer.Add(inputGradient, lease.Span, inputGradient);
    }

    /// <summary>Adds rows of a wider gradient to a gradient.</summary>
    protected static void AddRows(ReadOnlySpan<float> gradient, int stride, Span<float> inputGradient, int width)
    {
        using Workspace.Lease lease = Workspace.Rent(inputGradient.Length);
        ElementwiseLayer.CopyRows(gradient, stride, lease.Span, width, inputGradient.Length / width, width);
        ElementwiseLayer.Add(inputGradient, lease.Span, inputGradient);
    }

    private Span<float> Kept(int operation) => _kept.Rows(operation, 1)[.._operations[operation].KeptLength(Batch)];
}
