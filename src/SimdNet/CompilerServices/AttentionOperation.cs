using System.ComponentModel;
using System.Runtime.InteropServices;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// Multi-head self attention (Vaswani et al. 2017; PyTorch's MultiheadAttention without dropout): queries, keys and values are
/// <c>x W + b</c>; in each head <c>softmax(q kᵀ / sqrt(head width)) v</c>, over the steps up to its own where it is causal; and the heads,
/// side by side, go through another dense layer. With fewer heads of keys and values, neighbouring heads of queries share one
/// (Ainslie et al. 2023), and with rotary positions (<see cref="RotaryKernel"/>) queries and keys are turned by their step's angles.
/// </summary>
/// <remarks>
/// <para>
/// Samples are [steps, width]. With k the width of all keys, heads of keys times width / heads, the parameters are the input
/// projection's weights [width][width + 2 k, padded as a dense layer's], its bias, the output projection's weights
/// [width][width, padded] and its bias, each row and each bias <see cref="Dense.Stride"/> of its outputs long. The outputs of the
/// first are all queries, then all keys, then all values: PyTorch's in_proj_weight [width + 2 k, width], in_proj_bias, out_proj.weight
/// and out_proj.bias. Weights decay, biases do not. An offset of -1 means that there is no such bias.
/// </para>
/// <para>
/// A stream's state holds the number of its next step and the keys and values of those before, so that a step costs as much as its row of
/// a causal sequence. A query does not depend on what it cannot see, and has the same bits alone, in a sequence and in a batch.
/// </para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class AttentionOperation : Operation
{
    /// <summary>How many rows prediction takes at a time.</summary>
    private const int RowsTogether = 2048;

    /// <summary>The step's number in a state, and what keeps the keys behind it on a boundary of 64 bytes.</summary>
    private const int StateHead = 16;

    private readonly AttentionShape _shape;
    private readonly float[]? _cosines, _sines;
    private readonly int _inWeight, _inBias, _outWeight, _outBias, _outStride, _end;
    private readonly float _scale;
    private PackedMatrix? _inProjection, _outProjection;

    /// <summary>Self attention over sequences of <paramref name="steps"/> rows of <paramref name="width"/> floats.</summary>
    /// <param name="steps">The time steps of a sample.</param>
    /// <param name="width">The features of a step, a multiple of the heads.</param>
    /// <param name="heads">The heads of queries.</param>
    /// <param name="keyValueHeads">The heads of keys and values, a divisor of the heads of queries.</param>
    /// <param name="isCausal">Whether a step sees only those before it, and itself.</param>
    /// <param name="isRotary">Whether queries and keys are turned by their positions; the width of a head must be even then.</param>
    /// <param name="inWeightOffset">Where the weights of queries, keys and values begin.</param>
    /// <param name="inBiasOffset">Where their bias begins, or -1.</param>
    /// <param name="outWeightOffset">Where the weights of the output projection begin.</param>
    /// <param name="outBiasOffset">Where its bias begins, or -1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive or does not divide another, or an offset is negative.</exception>
    public AttentionOperation(
        int steps, int width, int heads, int keyValueHeads, bool isCausal, bool isRotary,
        int inWeightOffset, int inBiasOffset, int outWeightOffset, int outBiasOffset)
        : base(OperationGuard.Length(steps, width), OperationGuard.Length(steps, width))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keyValueHeads);
        if (width % heads != 0) throw new ArgumentOutOfRangeException(nameof(heads), heads, $"Expected a divisor of the width, {width}.");
        if (heads % keyValueHeads != 0) throw new ArgumentOutOfRangeException(nameof(keyValueHeads), keyValueHeads, $"Expected a divisor of the {heads} heads.");
        _shape = new AttentionShape(steps, width, heads, keyValueHeads, isCausal);
        if (isRotary)
        {
            if (_shape.HeadWidth % 2 != 0) throw new ArgumentOutOfRangeException(nameof(heads), heads, $"Rotary positions need heads of an even width, not {_shape.HeadWidth}.");
            (_cosines, _sines) = RotaryKernel.Tables(steps, _shape.HeadWidth);
        }
        (_inWeight, _inBias, _outWeight, _outBias) = (inWeightOffset, inBiasOffset, outWeightOffset, outBiasOffset);
        _outStride = SumOrder.PaddedOutputs(width);
        _scale = 1 / MathF.Sqrt(_shape.HeadWidth);
        _end = Math.Max(
            Math.Max(OperationGuard.End(inWeightOffset, checked(width * SumOrder.RowStride(_shape.Projected))), OperationGuard.End(outWeightOffset, checked(width * SumOrder.RowStride(width)))),
            Math.Max(OperationGuard.BiasEnd(inBiasOffset, _shape.Stride), OperationGuard.BiasEnd(outBiasOffset, _outStride)));
    }

    /// <inheritdoc/>
    public override int KeptLength(int batch) => checked(ProjectedLength(batch) + ProbabilitiesLength(batch) + batch * OutputLength);

    /// <inheritdoc/>
    public override int StateLength => _shape.IsCausal
        ? checked(StateHead + AttentionLayout.MemoryLength(_shape.Steps, _shape.KeyWidth))
        : 0;

    /// <inheritdoc/>
    public override Operation Freeze(FrozenParameters parameters)
    {
        var frozen = (AttentionOperation)MemberwiseClone();
        frozen._inProjection = parameters.Pack(_inWeight, _shape.Width, _shape.Projected);
        frozen._outProjection = parameters.Pack(_outWeight, _shape.Width, _shape.Width);
        return frozen;
    }

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        int most = Math.Min(batch, Math.Max(1, RowsTogether / _shape.Steps));
        using Workspace.Lease lease = Workspace.Rent(checked(ProjectedLength(most) + most * OutputLength));
        for (int first = 0; first < batch; first += most)
        {
            int count = Math.Min(most, batch - first);
            Span<float> projected = lease.Span[..ProjectedLength(count)], context = lease.Span.Slice(projected.Length, count * OutputLength);
            Run(x.Slice(first * InputLength, count * InputLength), parameters, y.Slice(first * OutputLength, count * OutputLength), projected, default, context, count);
        }
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
    /// <exception cref="InvalidOperationException">The stream has had all its steps.</exception>
    /// <exception cref="NotSupportedException">The attention is not causal.</exception>
    public override void Step(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y)
    {
        if (!_shape.IsCausal)
        {
            base.Step(x, parameters, state, y);
            return;
        }
        OperationGuard.Step(this, x, _shape.Width, parameters, _end, state, y, _shape.Width);
        int step = OperationGuard.NextStep(ref state[0], _shape.Steps), paddedSteps = _shape.PaddedSteps;
        Span<float> keys = state.Slice(StateHead, _shape.KeyWidth * paddedSteps), values = state[(StateHead + keys.Length)..];
        using Workspace.Lease lease = Workspace.Rent(_shape.Stride + AttentionLayout.Slack + _shape.Width + paddedSteps);
        Span<float> projected = lease.Span[..(_shape.Stride + AttentionLayout.Slack)], context = lease.Span.Slice(projected.Length, _shape.Width);
        Span<float> scores = lease.Span[(projected.Length + _shape.Width)..];
        Project(x, parameters, projected, 1, step);
        for (int i = 0; i < _shape.KeyWidth; i++) keys[i * paddedSteps + step] = projected[_shape.Width + i];
        projected.Slice(_shape.Width + _shape.KeyWidth, _shape.KeyWidth).CopyTo(values[(step * _shape.KeyWidth)..]);
        AttentionKernel.Step(_shape, projected, state[StateHead..], scores, context, step);
        Finish(context, parameters, y, 1);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        OperationGuard.Backward(this, x, outputGradient, parameters, _end, kept, inputGradient, gradients, _end, batch);
        int rows = batch * _shape.Steps, width = _shape.Width, stride = _shape.Stride, projectedLength = ProjectedLength(batch);
        ReadOnlySpan<float> projected = kept[..projectedLength], probabilities = kept.Slice(projectedLength, ProbabilitiesLength(batch));
        ReadOnlySpan<float> context = kept.Slice(projectedLength + probabilities.Length, batch * OutputLength);
        int contextLength = checked(rows * width + AttentionLayout.Slack), noBias = Math.Max(stride, _outStride);
        using Workspace.Lease lease = Workspace.Rent(checked(projectedLength + contextLength + noBias + (_outStride == width ? 0 : rows * _outStride)));
        Span<float> projectedGradient = lease.Span[..projectedLength], contextGradient = lease.Span.Slice(projectedLength, contextLength);
        Span<float> unused = lease.Span.Slice(projectedLength + contextLength, noBias), padded = lease.Span[(projectedLength + contextLength + noBias)..];

        ReadOnlySpan<float> dy = outputGradient;
        if (_outStride != width)
        {
            padded.Clear();
            ElementwiseLayer.CopyRows(outputGradient, width, padded, _outStride, rows, width);
            dy = padded;
        }
        DenseLayer.BackwardParameters(context, width, dy, _outStride, gradients[_outWeight..], _outBias < 0 ? unused : gradients[_outBias..], rows, width, width);
        DenseLayer.BackwardInput(dy, _outStride, parameters[_outWeight..], contextGradient, width, rows, width, width);

        projectedGradient.Clear();
        int keys = width, values = width + _shape.KeyWidth;
        Strided rowsOf = new(ref MemoryMarshal.GetReference(projected), stride, 1), gradientsOf = new(ref projectedGradient[0], stride, 1);
        var work = new AttentionBackward(
            _shape, _shape.Steps, rowsOf, rowsOf.From(0, keys), rowsOf.From(0, values), probabilities, contextGradient, gradientsOf, gradientsOf.From(0, keys), gradientsOf.From(0, values));
        WorkerPool.Run(ref work, batch * _shape.KeyValueHeads, 2 * MultiplyAdds(batch));
        RotaryKernel.Scale(projectedGradient, stride, rows, width, _scale);
        Rotate(projectedGradient, rows, 0, isBack: true);

        DenseLayer.BackwardParameters(x, width, projectedGradient, stride, gradients[_inWeight..], _inBias < 0 ? unused : gradients[_inBias..], rows, width, _shape.Projected);
        if (!inputGradient.IsEmpty) DenseLayer.BackwardInput(projectedGradient, stride, parameters[_inWeight..], inputGradient, width, rows, width, _shape.Projected);
    }

    private int ProjectedLength(int batch) => checked(batch * _shape.Steps * _shape.Stride + AttentionLayout.Slack);

    private int ProbabilitiesLength(int batch) => checked(batch * _shape.Heads * _shape.Steps * _shape.PaddedSteps);

    private long MultiplyAdds(int batch) => 2L * batch * _shape.Steps * _shape.Steps * _shape.Width / (_shape.IsCausal ? 2 : 1);

    /// <param name="projected">Scratch, <see cref="ProjectedLength"/>.</param>
    /// <param name="probabilities">[batch, heads, steps, padded steps], or empty where they are not kept.</param>
    /// <param name="context">Scratch, [batch, steps, width].</param>
    private void Run(
        ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, Span<float> projected, Span<float> probabilities, Span<float> context, int batch)
    {
        if (batch == 0) return;
        Project(x, parameters, projected, batch * _shape.Steps, 0);
        var rows = new Strided(ref projected[0], _shape.Stride, 1);
        var work = new AttentionForward(_shape, _shape.Steps, rows, rows.From(0, _shape.Width), rows.From(0, _shape.Width + _shape.KeyWidth), probabilities, context);
        WorkerPool.Run(ref work, batch * _shape.KeyValueHeads, MultiplyAdds(batch));
        Finish(context, parameters, y, batch * _shape.Steps);
    }

    /// <summary>Queries, keys and values of rows; the queries scaled, and where positions are rotary, turned from step <paramref name="first"/> on.</summary>
    private void Project(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> projected, int rows, int first)
    {
        int width = _shape.Width, stride = _shape.Stride;
        using Workspace.Lease lease = Bias(parameters, _inBias, stride, out ReadOnlySpan<float> bias);
        DenseLayer.Forward(x, width, parameters[_inWeight..], _inProjection, bias, default(Identity), projected, stride, rows, width, _shape.Projected);
        Rotate(projected, rows, first, isBack: false);
        RotaryKernel.Scale(projected, stride, rows, width, _scale);
    }

    private void Finish(ReadOnlySpan<float> context, ReadOnlySpan<float> parameters, Span<float> y, int rows)
    {
        int width = _shape.Width;
        using Workspace.Lease lease = Bias(parameters, _outBias, _outStride, out ReadOnlySpan<float> bias);
        DenseLayer.Forward(context, width, parameters[_outWeight..], _outProjection, bias, default(Identity), y, width, rows, width, width);
    }

    /// <summary>The bias, or zeros where there is none.</summary>
    private static Workspace.Lease Bias(ReadOnlySpan<float> parameters, int offset, int length, out ReadOnlySpan<float> bias)
    {
        Workspace.Lease lease = Workspace.Rent(offset < 0 ? length : 0);
        lease.Span.Clear();
        bias = offset < 0 ? lease.Span : parameters.Slice(offset, length);
        return lease;
    }

    /// <summary>Queries and keys lie side by side and are turned alike.</summary>
    private void Rotate(Span<float> projected, int rows, int first, bool isBack)
    {
        if (_cosines is null) return;
        RotaryKernel.Rotate(projected, _shape.Stride, rows, first, _shape.Heads + _shape.KeyValueHeads, _shape.HeadWidth, _cosines, _sines!, isBack);
    }
}
