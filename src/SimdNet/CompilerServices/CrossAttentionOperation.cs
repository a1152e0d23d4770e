using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// Multi-head attention of one sequence to another (Vaswani et al. 2017; PyTorch's MultiheadAttention without dropout): queries are <c>x W + b</c>, keys and values those of
/// a memory; in each head <c>softmax(q kᵀ / sqrt(head width)) v</c>, and the heads, side by side, go through another dense layer.
/// </summary>
/// <remarks>
/// Samples are [queries, width] and behind them the memory, [steps, memory width]; results are [queries, width]. Parameters: the weights of queries [width][padded width], of
/// keys and of values, each [memory width][padded width], a bias of three padded widths in this order, the output projection's weights [width][padded width] and its bias; padded
/// as <see cref="Dense.Stride"/> of the width. They are PyTorch's in_proj_weight cut in three, or q_proj_weight, k_proj_weight and v_proj_weight, in_proj_bias, out_proj.weight
/// and out_proj.bias. Weights decay, biases do not. An offset of -1 means that there is no such bias.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CrossAttentionOperation : Operation
{
    private readonly AttentionShape _shape;
    private readonly int _queries, _memoryWidth, _stride, _queryWeight, _keyWeight, _valueWeight, _inBias, _outWeight, _outBias, _end;
    private readonly float _scale;
    private PackedMatrix? _toQueries, _toKeys, _toValues, _outProjection;

    /// <summary>Attention of <paramref name="queries"/> rows of <paramref name="width"/> floats to <paramref name="steps"/> rows of <paramref name="memoryWidth"/>.</summary>
    /// <param name="queries">The time steps of x and of the result.</param>
    /// <param name="width">The features of x and of the result, a multiple of the heads.</param>
    /// <param name="steps">The time steps of the memory.</param>
    /// <param name="memoryWidth">The features of the memory.</param>
    /// <param name="heads">The heads.</param>
    /// <param name="queryWeightOffset">Where the weights of queries begin.</param>
    /// <param name="keyWeightOffset">Where the weights of keys begin.</param>
    /// <param name="valueWeightOffset">Where the weights of values begin.</param>
    /// <param name="inBiasOffset">Where the bias of all three begins, or -1.</param>
    /// <param name="outWeightOffset">Where the weights of the output projection begin.</param>
    /// <param name="outBiasOffset">Where its bias begins, or -1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, the heads do not divide the width, or an offset is negative.</exception>
    public CrossAttentionOperation(
        int queries, int width, int steps, int memoryWidth, int heads, int queryWeightOffset, int keyWeightOffset, int valueWeightOffset, int inBiasOffset,
        int outWeightOffset, int outBiasOffset)
        : base(checked(OperationGuard.Length(queries, width) + OperationGuard.Length(steps, memoryWidth)), OperationGuard.Length(queries, width))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        if (width % heads != 0) throw new ArgumentOutOfRangeException(nameof(heads), heads, $"Expected a divisor of the width, {width}.");
        _shape = new AttentionShape(steps, width, heads, heads, IsCausal: false);
        (_queries, _memoryWidth, _stride, _scale) = (queries, memoryWidth, SumOrder.PaddedOutputs(width), 1 / MathF.Sqrt(_shape.HeadWidth));
        (_queryWeight, _keyWeight, _valueWeight, _inBias, _outWeight, _outBias) = (queryWeightOffset, keyWeightOffset, valueWeightOffset, inBiasOffset, outWeightOffset, outBiasOffset);
        int square = checked(width * _stride), memory = checked(memoryWidth * _stride);
        _end = Math.Max(
            Math.Max(Math.Max(OperationGuard.End(queryWeightOffset, square), OperationGuard.End(outWeightOffset, square)), Math.Max(OperationGuard.End(keyWeightOffset, memory), OperationGuard.End(valueWeightOffset, memory))),
            Math.Max(inBiasOffset == -1 ? 0 : OperationGuard.End(inBiasOffset, 3 * _stride), outBiasOffset == -1 ? 0 : OperationGuard.End(outBiasOffset, _stride)));
    }

    /// <inheritdoc/>
    public override Operation Freeze(FrozenParameters parameters)
    {
        var frozen = (CrossAttentionOperation)MemberwiseClone();
        frozen._toQueries = parameters.Pack(_queryWeight, _shape.Width, _shape.Width);
        frozen._toKeys = parameters.Pack(_keyWeight, _memoryWidth, _shape.Width);
        frozen._toValues = parameters.Pack(_valueWeight, _memoryWidth, _shape.Width);
        frozen._outProjection = parameters.Pack(_outWeight, _shape.Width, _shape.Width);
        return frozen;
    }

    private int QueryLength => _queries * _shape.Width;

    private int MemoryLength => _shape.Steps * _memoryWidth;

    /// <inheritdoc/>
    public override int KeptLength(int batch) => checked(ProjectedLength(batch) + ProbabilitiesLength(batch) + batch * OutputLength);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        using Workspace.Lease lease = Workspace.Rent(checked(ProjectedLength(batch) + batch * OutputLength));
        Run(x, parameters, y, lease.Span[..ProjectedLength(batch)], default, lease.Span[ProjectedLength(batch)..], batch);
    }

    /// <inheritdoc/>
    public override void ForwardTraining(ReadOnlySpan<float> x, Span<float> parameters, Span<float> y, Span<float> kept, int batch, TrainingStep step)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        OperationGuard.Kept(this, kept, batch);
        int projected = ProjectedLength(batch), probabilities = ProbabilitiesLength(batch);
        Run(x, parameters, y, kept[..projected], kept.Slice(projected, probabilities), kept.Slice(projected + probabilities, batch * OutputLength), batch);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        OperationGuard.Backward(this, x, outputGradient, parameters, _end, kept, inputGradient, gradients, _end, batch);
        int rows = batch * _queries, memoryRows = batch * _shape.Steps, width = _shape.Width, projectedLength = ProjectedLength(batch), probabilitiesLength = ProbabilitiesLength(batch);
        int contextLength = checked(rows * width + AttentionKernel.Slack);
        using Workspace.Lease lease = Workspace.Rent(checked(projectedLength + contextLength + 3 * _stride + rows * _stride));
        Span<float> all = lease.Span, projectedGradient = Take(ref all, projectedLength), contextGradient = Take(ref all, contextLength), unused = Take(ref all, 3 * _stride), dy = all;
        Span<float> inBias = _inBias < 0 ? unused : gradients.Slice(_inBias, 3 * _stride), outBias = _outBias < 0 ? unused : gradients[_outBias..];
        dy.Clear();
        ElementwiseLayer.CopyRows(outputGradient, width, dy, _stride, rows, width);
        DenseLayer.BackwardParameters(kept[(projectedLength + probabilitiesLength)..], width, dy, _stride, gradients[_outWeight..], outBias, rows, width, width);
        DenseLayer.BackwardInput(dy, _stride, parameters[_outWeight..], contextGradient, width, rows, width, width);

        projectedGradient.Clear();
        Rows projected = new(this, batch, ref System.Runtime.InteropServices.MemoryMarshal.GetReference(kept)), toRows = new(this, batch, ref projectedGradient[0]);
        var work = new AttentionBackward(
            _shape, _queries, projected.Queries, projected.Keys, projected.Values, kept.Slice(projectedLength, probabilitiesLength), contextGradient, toRows.Queries, toRows.Keys, toRows.Values);
        WorkerPool.Run(ref work, batch * _shape.Heads, 2 * MultiplyAdds(batch));
        ReadOnlySpan<float> queryGradient = projectedGradient[..(rows * _stride)], keyGradient = projectedGradient.Slice(rows * _stride, memoryRows * _stride);
        ReadOnlySpan<float> valueGradient = projectedGradient.Slice((rows + memoryRows) * _stride, memoryRows * _stride);
        RotaryKernel.Scale(projectedGradient, _stride, rows, width, _scale);

        using Workspace.Lease apart = Workspace.Rent(checked(x.Length + MemoryLength * batch));
        Span<float> given = apart.Span, queries = Take(ref given, batch * QueryLength), memory = Take(ref given, batch * MemoryLength), second = given;
        Separate(x, queries, memory, batch);
        DenseLayer.BackwardParameters(queries, width, queryGradient, _stride, gradients[_queryWeight..], inBias, rows, width, width);
        DenseLayer.BackwardParameters(memory, _memoryWidth, keyGradient, _stride, gradients[_keyWeight..], inBias[_stride..], memoryRows, _memoryWidth, width);
        DenseLayer.BackwardParameters(memory, _memoryWidth, valueGradient, _stride, gradients[_valueWeight..], inBias[(2 * _stride)..], memoryRows, _memoryWidth, width);
        if (inputGradient.IsEmpty) return;
        DenseLayer.BackwardInput(queryGradient, _stride, parameters[_queryWeight..], queries, width, rows, width, width);
        DenseLayer.BackwardInput(keyGradient, _stride, parameters[_keyWeight..], memory, _memoryWidth, memoryRows, _memoryWidth, width);
        DenseLayer.BackwardInput(valueGradient, _stride, parameters[_valueWeight..], second, _memoryWidth, memoryRows, _memoryWidth, width);
        ElementwiseLayer.Add(memory, second, memory);
        ElementwiseLayer.CopyRows(queries, QueryLength, inputGradient, InputLength, batch, QueryLength);
        ElementwiseLayer.CopyRows(memory, MemoryLength, inputGradient[QueryLength..], InputLength, batch, MemoryLength);
    }

    private int ProjectedLength(int batch) => checked(batch * (_queries + 2 * _shape.Steps) * _stride + AttentionKernel.Slack);

    private int ProbabilitiesLength(int batch) => checked(batch * _shape.Heads * _queries * _shape.PaddedSteps);

    private long MultiplyAdds(int batch) => 2L * batch * _queries * _shape.Steps * _shape.Width;

    private static Span<float> Take(ref Span<float> all, int length)
    {
        Span<float> taken = all[..length];
        all = all[length..];
        return taken;
    }

    /// <summary>The queries' rows of all samples, and those of the memory.</summary>
    private void Separate(ReadOnlySpan<float> x, Span<float> queries, Span<float> memory, int batch)
    {
        ElementwiseLayer.CopyRows(x, InputLength, queries, QueryLength, batch, QueryLength);
        ElementwiseLayer.CopyRows(x[QueryLength..], InputLength, memory, MemoryLength, batch, MemoryLength);
    }

    /// <param name="projected">Scratch, <see cref="ProjectedLength"/>.</param>
    /// <param name="probabilities">[batch, heads, queries, padded steps], or empty where they are not kept.</param>
    /// <param name="context">Scratch, [batch, queries, width].</param>
    private void Run(
        ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, Span<float> projected, Span<float> probabilities, Span<float> context, int batch)
    {
        if (batch == 0) return;
        int width = _shape.Width, rows = batch * _queries, memoryRows = batch * _shape.Steps;
        using Workspace.Lease lease = Workspace.Rent(checked(x.Length + 3 * _stride));
        Span<float> all = lease.Span, zeros = Take(ref all, 3 * _stride), queries = Take(ref all, batch * QueryLength), memory = all;
        zeros.Clear();
        Separate(x, queries, memory, batch);
        ReadOnlySpan<float> inBias = _inBias < 0 ? zeros : parameters.Slice(_inBias, 3 * _stride), outBias = _outBias < 0 ? zeros[.._stride] : parameters.Slice(_outBias, _stride);
        DenseLayer.Forward(queries, width, parameters[_queryWeight..], _toQueries, inBias[.._stride], default(Identity), projected, _stride, rows, width, width);
        DenseLayer.Forward(
            memory, _memoryWidth, parameters[_keyWeight..], _toKeys, inBias.Slice(_stride, _stride), default(Identity), projected[(rows * _stride)..], _stride, memoryRows, _memoryWidth, width);
        DenseLayer.Forward(
            memory, _memoryWidth, parameters[_valueWeight..], _toValues, inBias[(2 * _stride)..], default(Identity), projected[((rows + memoryRows) * _stride)..], _stride, memoryRows, _memoryWidth, width);
        RotaryKernel.Scale(projected, _stride, rows, width, _scale);
        var places = new Rows(this, batch, ref projected[0]);
        var work = new AttentionForward(_shape, _queries, places.Queries, places.Keys, places.Values, probabilities, context);
        WorkerPool.Run(ref work, batch * _shape.Heads, MultiplyAdds(batch));
        DenseLayer.Forward(context, width, parameters[_outWeight..], _outProjection, outBias, default(Identity), y, width, rows, width, width);
    }

    /// <summary>Queries, keys and values of all samples, one after the other.</summary>
    private readonly ref struct Rows(CrossAttentionOperation operation, int batch, ref float first)
    {
        public Strided Queries { get; } = new(ref first, operation._stride, 1);

        public Strided Keys => Queries.From(batch * operation._queries, 0);

        public Strided Values => Queries.From(batch * (operation._queries + operation._shape.Steps), 0);
    }
}
