using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// One recurrent layer in one direction, from sequences [time, features] to [time, units] or to the units of the last step. It begins with a state of
/// zeros.
/// </summary>
/// <remarks>
/// <para>
/// Parameters are input weights [features][gate][units, padded], recurrent weights [units][gate][units, padded], and the biases
/// of both [gate][units, padded]. The logical tensors are PyTorch's <c>weight_ih</c> [gates * units, features], <c>weight_hh</c> [gates * units, units],
/// <c>bias_ih</c> and <c>bias_hh</c>.
/// </para>
/// <para>
/// The order of sums: a gate's chain of multiply-adds begins with the sum of both biases and goes through the features in ascending order. The units
/// are cut into one, two or four ranges, by the shape alone: the first goes on with that chain, the others begin with zero; they are joined
/// in a tree, neighbours first. A sequence, a batch and one step at a time have the same bits. Gradients of parameters are one chain over samples and
/// their time steps; those of inputs and states are summed as a dense layer's.
/// </para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RecurrentOperation : Operation
{
    private readonly RecurrentShape _shape;
    private readonly RecurrentPass _pass;
    private AlignedBuffer? _packed;

    private protected RecurrentOperation(RecurrentShape shape, RecurrentPass pass)
        : base(checked(shape.Steps * shape.Features), checked(shape.Units * (shape.ReturnsSequences ? shape.Steps : 1)))
    {
        _shape = shape;
        _pass = pass;
    }

    /// <summary>The units of the step before, padded, and for LSTM their cells. A stream begins with zeros.</summary>
    public override int StateLength => _pass.StateLength(_shape);

    /// <inheritdoc/>
    public override int KeptLength(int batch) => _pass.KeptLength(_shape, batch);

    /// <inheritdoc/>
    public override Operation Freeze(FrozenParameters parameters)
    {
        if (!RecurrentLayout.IsWorthCopying(_shape.Row / _shape.Padded, _shape.Units)) return this;
        var frozen = (RecurrentOperation)MemberwiseClone();
        frozen._packed = parameters.Pack(_shape, _pass);
        return frozen;
    }

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        OperationGuard.Forward(this, x, parameters, _shape.End, y, batch);
        if (batch > 0) _pass.Forward(_shape, x, parameters, _packed is null ? default : _packed.Span, y, default, batch);
    }

    /// <inheritdoc/>
    public override void ForwardTraining(ReadOnlySpan<float> x, Span<float> parameters, Span<float> y, Span<float> kept, int batch, TrainingStep step)
    {
        OperationGuard.Forward(this, x, parameters, _shape.End, y, batch);
        OperationGuard.Kept(this, kept, batch);
        if (batch > 0) _pass.Forward(_shape, x, parameters, default, y, kept, batch);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        OperationGuard.Backward(this, x, outputGradient, parameters, _shape.End, kept, inputGradient, gradients, _shape.End, batch);
        _pass.Backward(_shape, x, outputGradient, parameters, kept, inputGradient, gradients, batch);
    }

    /// <summary>One time step of one stream, [features] to [units].</summary>
    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The layer goes backwards through time.</exception>
    public override void Step(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y)
    {
        if (_shape.IsReverse) throw new NotSupportedException($"{GetType().Name} goes backwards through time, so it needs the whole sequence at once.");
        OperationGuard.Step(this, x, _shape.Features, parameters, _shape.End, state, y, _shape.Units);
        _pass.Step(_shape, x, parameters, state, y);
    }
}

/// <summary>The code of one kind of cell.</summary>
internal abstract class RecurrentPass
{
    public abstract int StateLength(RecurrentShape shape);

    public abstract int KeptLength(RecurrentShape shape, int batch);

    /// <summary>A copy of the recurrent weights as single rows read them.</summary>
    public abstract void Pack(RecurrentShape shape, ReadOnlySpan<float> parameters, Span<float> packed);

    /// <param name="packed">What <see cref="Pack"/> copied; empty where it did not.</param>
    public abstract void Forward(RecurrentShape shape, ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, ReadOnlySpan<float> packed, Span<float> y, Span<float> kept, int batch);

    public abstract void Backward(
        RecurrentShape shape, ReadOnlySpan<float> x, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch);

    public abstract void Step(RecurrentShape shape, ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y);
}

/// <inheritdoc/>
internal sealed class RecurrentPass<TCell> : RecurrentPass where TCell : struct, IRecurrentCell
{
    public override int StateLength(RecurrentShape shape) => shape.Padded * (TCell.HasCell ? 2 : 1);

    public override int KeptLength(RecurrentShape shape, int batch) => RecurrentMemory<TCell>.Length(shape, batch, shape.Steps, shape.Steps);

    public override void Pack(RecurrentShape shape, ReadOnlySpan<float> parameters, Span<float> packed)
    {
        var operation = new PackOperation(shape, parameters, packed);
        BlockDispatch.RunRegisters(ref operation, shape.Lanes);
    }

    public override void Forward(RecurrentShape shape, ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, ReadOnlySpan<float> packed, Span<float> y, Span<float> kept, int batch)
    {
        var kernel = new RecurrentForwardKernel<TCell>(shape, x, parameters, packed, y, kept, batch);
        WorkerPool.RunRows(ref kernel, batch, shape.Work);
    }

    public override void Backward(
        RecurrentShape shape, ReadOnlySpan<float> x, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        // Where no gate's sums are apart, both sides have the same gradients.
        int length = checked(batch * shape.Steps * shape.Row);
        bool isJoined = TCell.JoinedGates == TCell.Gates;
        using Workspace.Lease sums = Workspace.Rent(checked(isJoined ? length : 2 * length));
        Span<float> inputSums = sums.Span[..length], hiddenSums = isJoined ? inputSums : sums.Span[length..];
        var kernel = new RecurrentBackwardKernel<TCell>(shape, outputGradient, parameters, kept, inputSums, hiddenSums, batch);
        WorkerPool.RunRows(ref kernel, batch, shape.Work);
        kernel.Products(x, inputGradient, gradients);
    }

    public override void Step(RecurrentShape shape, ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y)
    {
        var operation = new StepOperation(shape, x, parameters, state, y);
        BlockDispatch.RunRegisters(ref operation, shape.Lanes);
    }

    private readonly ref struct PackOperation(RecurrentShape shape, ReadOnlySpan<float> parameters, Span<float> packed) : IBlockOperation
    {
        private readonly ref float _weights = ref MemoryMarshal.GetReference(parameters[shape.RecurrentWeights..]);
        private readonly ref float _packed = ref MemoryMarshal.GetReference(packed);

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock> =>
            RecurrentProduct.Pack<TBlock>(new Strided(ref _weights, shape.Row, 1), ref _packed, TCell.Gates, shape.Padded, shape.Units, shape.Chains);
    }

    private readonly ref struct StepOperation(RecurrentShape shape, ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y) : IBlockOperation
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _parameters = ref MemoryMarshal.GetReference(parameters);
        private readonly ref float _state = ref MemoryMarshal.GetReference(state);
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            if (shape.Row + shape.Padded <= TileSums.Length)
            {
                OnStack<TBlock>();
                return;
            }
            using Workspace.Lease lease = Workspace.Rent(shape.Row + shape.Padded);
            Step<TBlock>(ref MemoryMarshal.GetReference(lease.Span));
        }

        [SkipLocalsInit]
        [MethodImpl(Jit.Kernel)]
        private void OnStack<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            Unsafe.SkipInit(out TileSums buffer);
            Step<TBlock>(ref buffer.Aligned);
        }

        [MethodImpl(Jit.Kernel)]
        private void Step<TBlock>(ref float sums) where TBlock : struct, IBlock<TBlock>
        {
            int padded = shape.Padded, row = shape.Row;
            Strided hidden = new(ref _state, 0, 1), cell = new(ref Unsafe.Add(ref _state, padded), 0, 1);
            var step = new RecurrentStep
            {
                Gates = new Strided(ref sums, 0, 1),
                Hidden = hidden,
                NextHidden = hidden,
                Cell = cell,
                NextCell = cell,
                Extra = new Strided(ref Unsafe.Add(ref sums, row), 0, 1),
                Weights = new Strided(ref Unsafe.Add(ref _parameters, shape.RecurrentWeights), row, 1),
                Bias = ref Unsafe.Add(ref _parameters, shape.RecurrentBias),
                Rows = 1,
                Units = shape.Units,
                Padded = padded,
                Lanes = shape.Lanes,
                Chains = shape.Chains,
            };
            RecurrentForwardKernel<TCell>.JoinBiases<TBlock>(shape, ref _parameters, ref sums);
            RecurrentProduct.Row<TBlock>(ref _x, ref Unsafe.Add(ref _parameters, shape.InputWeights), row, ref sums, ref sums, row, shape.Features, chains: 1);
            TCell.Forward<TBlock>(ref step);

            // The units lie in the state, whole; a partial store from the kernel, which the next layer would wait for, is slower.
            MemoryMarshal.CreateReadOnlySpan(ref _state, shape.Units).CopyTo(MemoryMarshal.CreateSpan(ref _y, shape.Units));
        }
    }
}
