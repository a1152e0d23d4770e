using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// Multi-head attention of one sequence to another (Vaswani et al. 2017; PyTorch's MultiheadAttention without dropout): queries are <c>x W + b</c>, keys and values those of
/// a memory; in each head <c>softmax(q kᵀ / sqrt(head width)) v</c>, and the heads, side by side, go through another dense layer. With fewer heads of keys and values,
/// neighbouring heads of queries share one (Ainslie et al. 2023).
/// </summary>
/// <remarks>
/// Samples are [queries, width] and behind them the memory, [steps, memory width]; results are [queries, width]. With k the width of all keys, heads of keys times width / heads,
/// the parameters are the weights of queries [width][width, padded], of keys and of values, each [memory width][k, padded], the output projection's weights
/// [width][width, padded], and a bias for each; padded as <see cref="Dense.Stride"/>. They are PyTorch's in_proj_weight cut in three, or q_proj_weight, k_proj_weight and
/// v_proj_weight, in_proj_bias cut in three, out_proj.weight and out_proj.bias. Weights decay, biases do not. An offset of -1 means that there is no such bias.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CrossAttentionOperation : Operation
{
    private readonly AttentionShape _shape;
    private readonly int _queries, _memoryWidth, _stride, _keyStride, _queryWeight, _keyWeight, _valueWeight, _queryBias, _keyBias, _valueBias, _outWeight, _outBias, _end;
    private readonly float _scale;
    private PackedMatrix? _toQueries, _toKeys, _toValues, _outProjection;

    /// <summary>Attention of <paramref name="queries"/> rows of <paramref name="width"/> floats to <paramref name="steps"/> rows of <paramref name="memoryWidth"/>.</summary>
    /// <param name="queries">The time steps of x and of the result.</param>
    /// <param name="width">The features of x and of the result, a multiple of the heads.</param>
    /// <param name="steps">The time steps of the memory.</param>
    /// <param name="memoryWidth">The features of the memory.</param>
    /// <param name="heads">The heads of queries, a multiple of those of keys.</param>
    /// <param name="keyValueHeads">The heads of keys and values.</param>
    /// <param name="queryWeightOffset">Where the weights of queries begin.</param>
    /// <param name="keyWeightOffset">Where the weights of keys begin.</param>
    /// <param name="valueWeightOffset">Where the weights of values begin.</param>
    /// <param name="queryBiasOffset">Where the bias of queries begins, or -1.</param>
    /// <param name="keyBiasOffset">Where the bias of keys begins, or -1.</param>
    /// <param name="valueBiasOffset">Where the bias of values begins, or -1.</param>
    /// <param name="outWeightOffset">Where the weights of the output projection begin.</param>
    /// <param name="outBiasOffset">Where its bias begins, or -1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, the heads do not divide the width or one another, or an offset is negative.</exception>
    public CrossAttentionOperation(
        int queries, int width, int steps, int memoryWidth, int heads, int keyValueHeads, int queryWeightOffset, int keyWeightOffset, int valueWeightOffset,
        int queryBiasOffset, int keyBiasOffset, int valueBiasOffset, int outWeightOffset, int outBiasOffset)
        : base(checked(OperationGuard.Length(queries, width) + OperationGuard.Length(steps, memoryWidth)), OperationGuard.Length(queries, width))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keyValueHeads);
        if (width % heads != 0) throw new ArgumentOutOfRangeException(nameof(heads), heads, $"Expected a divisor of the width, {width}.");
        if (heads % keyValueHeads != 0) throw new ArgumentOutOfRangeException(nameof(keyValueHeads), keyValueHeads, $"Expected a divisor of the heads, {heads}.");
        _shape = new AttentionShape(steps, width, heads, keyValueHeads, IsCausal: false);
        (_queries, _memoryWidth, _scale) = (queries, memoryWidth, 1 / MathF.Sqrt(_shape.HeadWidth));
        (_stride, _keyStride) = (SumOrder.PaddedOutputs(width), SumOrder.PaddedOutputs(_shape.KeyWidth));
        (_queryWeight, _keyWeight, _valueWeight, _outWeight) = (queryWeightOffset, keyWeightOffset, valueWeightOffset, outWeightOffset);
        (_queryBias, _keyBias, _valueBias, _outBias) = (queryBiasOffset, keyBiasOffset, valueBiasOffset, outBiasOffset);
        int square = checked(width * SumOrder.RowStride(width)), memory = checked(memoryWidth * SumOrder.RowStride(_shape.KeyWidth));
        ReadOnlySpan<int> ends =
        [
            OperationGuard.End(queryWeightOffset, square), OperationGuard.End(keyWeightOffset, memory), OperationGuard.End(valueWeightOffset, memory), OperationGuard.End(outWeightOffset, square),
            OperationGuard.BiasEnd(queryBiasOffset, _stride), OperationGuard.BiasEnd(keyBiasOffset, _keyStride), OperationGuard.BiasEnd(valueBiasOffset, _keyStride), OperationGuard.BiasEnd(outBiasOffset, _stride),
        ];
        foreach (int end in ends) _end = Math.Max(_end, end);
    }

    /// <inheritdoc/>
    public override Operation Freeze(FrozenParameters parameters)
    {
        var frozen = (CrossAttentionOperation)MemberwiseClone();
        frozen._toQueries = parameters.Pack(_queryWeight, _shape.Width, _shape.Width);
        frozen._toKeys = parameters.Pack(_keyWeight, _memoryWidth, _shape.KeyWidth);
        frozen._toValues = parameters.Pack(_valueWeight, _memoryWidth, _shape.KeyWidth);
        frozen._outProjection = parameters.Pack(_outWeight, _shape.Width, _shape.Width);
        return frozen;
    }

    /// <inheritdoc/>
    /// <remarks>The keys and values of the memory, as <see cref="Remember"/> writes them.</remarks>
    public override int StateLength => AttentionLayout.MemoryLength(_shape.Steps, _shape.KeyWidth);

    internal override bool RemembersContext => true;

    /// <summary>The keys and values of one memory, which <see cref="Step"/> reads.</summary>
    internal void Remember(ReadOnlySpan<float> memory, ReadOnlySpan<float> parameters, Span<float> state)
    {
        Guard.Length(memory.Length, MemoryLength, nameof(memory), "those of the memory");
        Guard.AtLeast(parameters.Length, _end, nameof(parameters), "where this layer's end");
        Guard.AtLeast(state.Length, StateLength, nameof(state), "the state of a stream");
        int steps = _shape.Steps, keyWidth = _shape.KeyWidth;
        using Workspace.Lease lease = Workspace.Rent(checked(steps * _keyStride + _keyStride));
        Span<float> projected = lease.Span[..(steps * _keyStride)], zeros = lease.Span[projected.Length..];
        zeros.Clear();
        state.Clear();
        Project(memory, parameters[_keyWeight..], _toKeys, Bias(parameters, _keyBias, zeros), projected, 1);
        AttentionKernel.Transpose(new Strided(ref projected[0], _keyStride, 1), state, steps, keyWidth, _shape.PaddedSteps);
        Project(memory, parameters[_valueWeight..], _toValues, Bias(parameters, _valueBias, zeros), projected, 1);
        ElementwiseLayer.CopyRows(projected, _keyStride, state[(keyWidth * _shape.PaddedSteps)..], keyWidth, steps, keyWidth);
    }

    /// <inheritdoc/>
    /// <remarks>Only the query comes with a step.</remarks>
    public override void Step(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y)
    {
        int width = _shape.Width, paddedSteps = _shape.PaddedSteps;
        OperationGuard.Step(this, x, width, parameters, _end, state, y, width);
        using Workspace.Lease lease = Workspace.Rent(_stride + AttentionLayout.Slack + width + paddedSteps + _stride);
        Span<float> all = lease.Span, query = Take(ref all, _stride + AttentionLayout.Slack), context = Take(ref all, width), scores = Take(ref all, paddedSteps), zeros = all;
        zeros.Clear();
        DenseLayer.Forward(x, width, parameters[_queryWeight..], _toQueries, Bias(parameters, _queryBias, zeros), default(Identity), query, _stride, 1, width, width);
        RotaryKernel.Scale(query, _stride, 1, width, _scale);
        AttentionKernel.Step(_shape, query, state, scores, context, 0);
        DenseLayer.Forward(context, width, parameters[_outWeight..], _outProjection, Bias(parameters, _outBias, zeros), default(Identity), y, width, 1, width, width);
    }

    private int QueryLength => _queries * _shape.Width;

    internal int MemoryLength => _shape.Steps * _memoryWidth;

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
        int rows = batch * _queries, memoryRows = batch * _shape.Steps, width = _shape.Width, keyWidth = _shape.KeyWidth, projectedLength = ProjectedLength(batch), probabilitiesLength = ProbabilitiesLength(batch);
        int contextLength = checked(rows * width + AttentionLayout.Slack);
        using Workspace.Lease lease = Workspace.Rent(checked(projectedLength + contextLength + _stride + rows * _stride));
        Span<float> all = lease.Span, projectedGradient = Take(ref all, projectedLength), contextGradient = Take(ref all, contextLength), unused = Take(ref all, _stride), dy = all;
        dy.Clear();
        ElementwiseLayer.CopyRows(outputGradient, width, dy, _stride, rows, width);
        DenseLayer.BackwardParameters(kept[(projectedLength + probabilitiesLength)..], width, dy, _stride, gradients[_outWeight..], Bias(gradients, _outBias, unused), rows, width, width);
        DenseLayer.BackwardInput(dy, _stride, parameters[_outWeight..], contextGradient, width, rows, width, width);

        projectedGradient.Clear();
        Rows projected = new(this, batch, ref System.Runtime.InteropServices.MemoryMarshal.GetReference(kept)), toRows = new(this, batch, ref projectedGradient[0]);
        var work = new AttentionBackward(
            _shape, _queries, projected.Queries, projected.Keys, projected.Values, kept.Slice(projectedLength, probabilitiesLength), contextGradient, toRows.Queries, toRows.Keys, toRows.Values);
        WorkerPool.Run(ref work, batch * _shape.KeyValueHeads, 2 * MultiplyAdds(batch));
        ReadOnlySpan<float> queryGradient = projectedGradient[..(rows * _stride)], keyGradient = projectedGradient.Slice(rows * _stride, memoryRows * _keyStride);
        ReadOnlySpan<float> valueGradient = projectedGradient.Slice(rows * _stride + memoryRows * _keyStride, memoryRows * _keyStride);
        RotaryKernel.Scale(projectedGradient, _stride, rows, width, _scale);

        using Workspace.Lease apart = Workspace.Rent(checked(x.Length + MemoryLength * batch));
        Span<float> given = apart.Span, queries = Take(ref given, batch * QueryLength), memory = Take(ref given, batch * MemoryLength), second = given;
        Separate(x, queries, memory, batch);
        DenseLayer.BackwardParameters(queries, width, queryGradient, _stride, gradients[_queryWeight..], Bias(gradients, _queryBias, unused), rows, width, width);
        DenseLayer.BackwardParameters(memory, _memoryWidth, keyGradient, _keyStride, gradients[_keyWeight..], Bias(gradients, _keyBias, unused), memoryRows, _memoryWidth, keyWidth);
        DenseLayer.BackwardParameters(memory, _memoryWidth, valueGradient, _keyStride, gradients[_valueWeight..], Bias(gradients, _valueBias, unused), memoryRows, _memoryWidth, keyWidth);
        if (inputGradient.IsEmpty) return;
        DenseLayer.BackwardInput(queryGradient, _stride, parameters[_queryWeight..], queries, width, rows, width, width);
        DenseLayer.BackwardInput(keyGradient, _keyStride, parameters[_keyWeight..], memory, _memoryWidth, memoryRows, _memoryWidth, keyWidth);
        DenseLayer.BackwardInput(valueGradient, _keyStride, parameters[_valueWeight..], second, _memoryWidth, memoryRows, _memoryWidth, keyWidth);
        ElementwiseLayer.Add(memory, second, memory);
        ElementwiseLayer.CopyRows(queries, QueryLength, inputGradient, InputLength, batch, QueryLength);
        ElementwiseLayer.CopyRows(memory, MemoryLength, inputGradient[QueryLength..], InputLength, batch, MemoryLength);
    }

    private int ProjectedLength(int batch) => checked(batch * (_queries * _stride + 2 * _shape.Steps * _keyStride) + AttentionLayout.Slack);

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
        int width = _shape.Width, rows = batch * _queries;
        using Workspace.Lease lease = Workspace.Rent(checked(x.Length + _stride));
        Span<float> all = lease.Span, zeros = Take(ref all, _stride), queries = Take(ref all, batch * QueryLength), memory = all;
        zeros.Clear();
        Separate(x, queries, memory, batch);
        DenseLayer.Forward(queries, width, parameters[_queryWeight..], _toQueries, Bias(parameters, _queryBias, zeros), default(Identity), projected, _stride, rows, width, width);
        Project(memory, parameters[_keyWeight..], _toKeys, Bias(parameters, _keyBias, zeros), projected[(rows * _stride)..], batch);
        Project(memory, parameters[_valueWeight..], _toValues, Bias(parameters, _valueBias, zeros), projected[(rows * _stride + batch * _shape.Steps * _keyStride)..], batch);
        RotaryKernel.Scale(projected, _stride, rows, width, _scale);
        var places = new Rows(this, batch, ref projected[0]);
        var work = new AttentionForward(_shape, _queries, places.Queries, places.Keys, places.Values, probabilities, context);
        WorkerPool.Run(ref work, batch * _shape.KeyValueHeads, MultiplyAdds(batch));
        DenseLayer.Forward(context, width, parameters[_outWeight..], _outProjection, Bias(parameters, _outBias, zeros), default(Identity), y, width, rows, width, width);
    }

    /// <summary>The keys or the values of the memory.</summary>
    private void Project(ReadOnlySpan<float> memory, ReadOnlySpan<float> weights, PackedMatrix? packed, ReadOnlySpan<float> bias, Span<float> projected, int batch) =>
        DenseLayer.Forward(memory, _memoryWidth, weights, packed, bias, default(Identity), projected, _keyStride, batch * _shape.Steps, _memoryWidth, _shape.KeyWidth);

    /// <summary>The bias that begins there, or what stands for it where there is none.</summary>
    private static ReadOnlySpan<float> Bias(ReadOnlySpan<float> parameters, int offset, ReadOnlySpan<float> none) => offset < 0 ? none : parameters[offset..];

    private static Span<float> Bias(Span<float> gradients, int offset, Span<float> none) => offset < 0 ? none : gradients[offset..];

    /// <summary>Queries, keys and values of all samples, one after the other.</summary>
    private readonly ref struct Rows(CrossAttentionOperation operation, int batch, ref float first)
    {
        private readonly ref float _keys = ref System.Runtime.CompilerServices.Unsafe.Add(ref first, batch * operation._queries * operation._stride);

        public Strided Queries { get; } = new(ref first, operation._stride, 1);

        public Strided Keys => new(ref _keys, operation._keyStride, 1);

        public Strided Values => Keys.From(batch * operation._shape.Steps, 0);
    }
}
