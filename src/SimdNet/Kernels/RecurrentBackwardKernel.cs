using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// Backpropagation through time: the gradients of all sums, step by step from the last. Samples are independent, so threads divide them. The gradients
/// of parameters and inputs are products of these over all steps and samples (<see cref="Products"/>).
/// </summary>
/// <param name="shape">The sizes.</param>
/// <param name="outputGradient">[batch, steps, units], or [batch, units].</param>
/// <param name="parameters">All parameters of the network.</param>
/// <param name="kept">What the way forward kept.</param>
/// <param name="inputSums">[batch, steps][gate][units, padded].</param>
/// <param name="hiddenSums">The same for the sums over the step before, or the same memory.</param>
/// <param name="batch">The samples.</param>
internal ref struct RecurrentBackwardKernel<TCell>(
    RecurrentShape shape, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters, ReadOnlySpan<float> kept,
    Span<float> inputSums, Span<float> hiddenSums, int batch) : IBlockOperation, IPartedRows
    where TCell : struct, IRecurrentCell
{
    private readonly ref float _outputGradient = ref MemoryMarshal.GetReference(outputGradient);
    private readonly ref float _parameters = ref MemoryMarshal.GetReference(parameters);
    private readonly ref float _kept = ref MemoryMarshal.GetReference(kept);
    private readonly ref float _inputSums = ref MemoryMarshal.GetReference(inputSums);
    private readonly ref float _hiddenSums = ref MemoryMarshal.GetReference(hiddenSums);
    private int _first;

    public int RowsOfPart { private get; set; }

    public readonly void RunPart(int part)
    {
        RecurrentBackwardKernel<TCell> copy = this;
        copy._first = part * RowsOfPart;
        copy.RunWhole();
    }

    public void RunWhole() => BlockDispatch.RunRegisters(ref this, shape.Lanes);

    [MethodImpl(Jit.Kernel)]
    public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
    {
        int count = Math.Min(RowsOfPart, batch - _first), padded = shape.Padded, units = shape.Units, steps = shape.Steps;
        using Workspace.Lease scratch = Workspace.Rent(3 * count * padded);
        scratch.Span.Clear();
        ref float first = ref MemoryMarshal.GetReference(scratch.Span);
        var memory = new RecurrentMemory<TCell>(shape, ref _kept, batch, steps, steps).From(_first);
        nint sequence = (nint)steps * shape.Row, begin = _first * sequence;
        var step = new RecurrentBackwardStep
        {
            Weights = new Strided(ref Unsafe.Add(ref _parameters, shape.RecurrentWeights), shape.Row, 1),
            Product = new Strided(ref first, padded, 1),
            Carried = new Strided(ref Unsafe.Add(ref first, count * padded), padded, 1),
            Scratch = new Strided(ref Unsafe.Add(ref first, 2 * count * padded), padded, 1),
            Rows = count,
            Units = units,
            Padded = padded,
            Lanes = shape.Lanes,
        };
        for (int number = steps - 1; number >= 0; number--)
        {
            int time = shape.IsReverse ? steps - 1 - number : number;
            step.Gates = memory.Gates(time);
            step.Hidden = memory.Hidden(time);
            step.Cell = memory.Cell(time);
            step.Extra = memory.Extra(time);
            step.InputSums = new Strided(ref Unsafe.Add(ref _inputSums, begin + (nint)time * shape.Row), (nint)sequence, 1);
            step.HiddenSums = new Strided(ref Unsafe.Add(ref _hiddenSums, begin + (nint)time * shape.Row), (nint)sequence, 1);
            step.HasOutputGradient = shape.ReturnsSequences || number == steps - 1;
            step.OutputGradient = shape.ReturnsSequences
                ? new Strided(ref Unsafe.Add(ref _outputGradient, ((nint)_first * steps + time) * units), steps * units, 1)
                : new Strided(ref Unsafe.Add(ref _outputGradient, (nint)_first * units), units, 1);
            TCell.Backward<TBlock>(ref step);
        }
    }

    /// <summary>The gradients of parameters and inputs: one chain each over samples and their steps in ascending order.</summary>
    public readonly void Products(ReadOnlySpan<float> x, Span<float> inputGradient, Span<float> gradients)
    {
        int rows = batch * shape.Steps, row = shape.Row, padded = shape.Padded, units = shape.Units, features = shape.Features;
        var memory = new RecurrentMemory<TCell>(shape, ref _kept, batch, shape.Steps, shape.Steps);
        Strided ofInputs = new(ref _inputSums, row, 1), ofHidden = new(ref _hiddenSums, row, 1);
        ref float target = ref MemoryMarshal.GetReference(gradients);
        var inputWeights = new Strided(ref Unsafe.Add(ref target, shape.InputWeights), row, 1);
        var recurrentWeights = new Strided(ref Unsafe.Add(ref target, shape.RecurrentWeights), row, 1);
        int hiddenColumns = TCell.HiddenGates * padded, split = hiddenColumns;
        RecurrentProduct.Gradient(new Strided(ref MemoryMarshal.GetReference(x), features, 1), ofInputs, inputWeights, rows, features, row, shape.Lanes);
        RecurrentProduct.Gradient(new Strided(ref memory.Hidden(0).At(0, 0), padded, 1), ofHidden, recurrentWeights, rows, units, hiddenColumns, shape.Lanes);
        if (split < row)
        {
            RecurrentProduct.Gradient(
                new Strided(ref memory.Extra(0).At(0, 0), padded, 1), ofHidden.From(0, split), recurrentWeights.From(0, split), rows, units, row - split, shape.Lanes);
        }
        if (!inputGradient.IsEmpty)
        {
            DenseInputGradientKernel.Run(
                ofInputs, new Strided(ref Unsafe.Add(ref _parameters, shape.InputWeights), row, 1),
                new Strided(ref MemoryMarshal.GetReference(inputGradient), features, 1), rows, features, row, shape.Lanes);
        }
        var biases = new BiasOperation(shape, ref _inputSums, ref _hiddenSums, ref target, rows);
        BlockDispatch.RunRegisters(ref biases, shape.Lanes);
    }

    private readonly ref struct BiasOperation(RecurrentShape shape, ref float inputSums, ref float hiddenSums, ref float gradients, int rows) : IBlockOperation
    {
        private readonly ref float _inputSums = ref inputSums;
        private readonly ref float _hiddenSums = ref hiddenSums;
        private readonly ref float _gradients = ref gradients;

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            int row = shape.Row;
            ref float input = ref Unsafe.Add(ref _gradients, shape.InputBias), recurrent = ref Unsafe.Add(ref _gradients, shape.RecurrentBias);
            DenseParameterGradientKernel.Bias<TBlock, WriteGradient>(ref _inputSums, row, default, ref input, rows, row);
            DenseParameterGradientKernel.Bias<TBlock, WriteGradient>(ref _hiddenSums, row, default, ref recurrent, rows, row);
        }
    }
}
