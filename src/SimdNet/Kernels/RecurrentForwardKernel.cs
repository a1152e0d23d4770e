using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// Sequences through a recurrent layer. The sums of the gates over the inputs of many steps are one product, which begins with the biases; each
/// step goes on with the same chains. Samples are independent, so threads divide them.
/// </summary>
/// <param name="shape">The sizes.</param>
/// <param name="x">[batch, steps, features].</param>
/// <param name="parameters">All parameters of the network.</param>
/// <param name="packed">A copy of the recurrent weights that <see cref="RecurrentProduct.Pack"/> made before, or nothing.</param>
/// <param name="y">[batch, steps, units], or [batch, units].</param>
/// <param name="kept">What a <see cref="RecurrentMemory{TCell}"/> holds; empty in prediction.</param>
/// <param name="batch">The samples.</param>
internal ref struct RecurrentForwardKernel<TCell>(
    RecurrentShape shape, ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, ReadOnlySpan<float> packed, Span<float> y, Span<float> kept, int batch) : IBlockOperation, IPartedRows
    where TCell : struct, IRecurrentCell
{
    /// <summary>So many samples share a pass over the recurrent weights in prediction, and so many floats of sums lie in the second-level cache.</summary>
    private const int SamplesTogether = 32, SumsTogether = 1 << 16;

    private readonly ref float _x = ref MemoryMarshal.GetReference(x);
    private readonly ref float _parameters = ref MemoryMarshal.GetReference(parameters);
    private readonly ref float _y = ref MemoryMarshal.GetReference(y);
    private readonly ReadOnlySpan<float> _packed = packed;
    private readonly Span<float> _kept = kept;
    private int _first;

    public int RowsOfPart { private get; set; }

    private readonly Strided RecurrentWeights => new(ref Unsafe.Add(ref _parameters, shape.RecurrentWeights), shape.Row, 1);

    public readonly void RunPart(int part)
    {
        RecurrentForwardKernel<TCell> copy = this;
        copy._first = part * RowsOfPart;
        copy.RunWhole();
    }

    public void RunWhole() => BlockDispatch.RunRegisters(ref this, shape.Lanes);

    [MethodImpl(Jit.Kernel)]
    public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
    {
        int count = Math.Min(RowsOfPart, batch - _first), padded = shape.Padded, row = shape.Row, steps = shape.Steps;
        bool keeps = !_kept.IsEmpty;
        int together = keeps ? count : Math.Min(count, SamplesTogether);
        int block = keeps ? steps : Math.Clamp(SumsTogether / (together * row), 1, steps);

        // In prediction a step overwrites what the one before left; what is kept has a place for each step.
        using Workspace.Lease scratch = Workspace.Rent(row + 2 * together * padded + (keeps ? 0 : RecurrentMemory<TCell>.Length(shape, together, block, 1)));
        bool packs = RecurrentProduct.ReadsCopy(TCell.Gates, shape.Units, together, steps, isThere: !_packed.IsEmpty);
        using Workspace.Lease copy = Workspace.Rent(packs && _packed.IsEmpty ? shape.Units * shape.Row : 0);
        if (!copy.Span.IsEmpty)
            RecurrentProduct.Pack<TBlock>(RecurrentWeights, ref MemoryMarshal.GetReference(copy.Span), TCell.Gates, padded, shape.Units, shape.Chains);
        ReadOnlySpan<float> weights = !packs ? default : _packed.IsEmpty ? copy.Span : _packed;
        ref float bias = ref MemoryMarshal.GetReference(scratch.Span);
        ref float last = ref Unsafe.Add(ref bias, row);
        var memory = keeps
            ? new RecurrentMemory<TCell>(shape, ref MemoryMarshal.GetReference(_kept), batch, steps, steps).From(_first)
            : new RecurrentMemory<TCell>(shape, ref Unsafe.Add(ref last, 2 * together * padded), together, block, 1);
        JoinBiases<TBlock>(shape, ref _parameters, ref bias);
        for (int sample = 0; sample < count; sample += together)
        {
            int samples = Math.Min(together, count - sample);
            for (int done = 0; done < steps; done += block)
            {
                int length = Math.Min(block, steps - done), low = shape.IsReverse ? steps - done - length : done;
                Inputs<TBlock>(_first + sample, samples, low, length, ref bias, memory.Gates(0));
                Steps<TBlock>(_first + sample, samples, done, length, low, memory, weights, new Strided(ref last, padded, 1));
            }
        }
    }

    /// <summary>What the chains of the gates begin with.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void JoinBiases<TBlock>(RecurrentShape shape, ref float parameters, ref float bias) where TBlock : struct, IBlock<TBlock>
    {
        ref float input = ref Unsafe.Add(ref parameters, shape.InputBias), recurrent = ref Unsafe.Add(ref parameters, shape.RecurrentBias);
        int joined = TCell.JoinedGates * shape.Padded;
        for (int i = 0; i < joined; i += TBlock.Count) TBlock.Store(TBlock.Load(ref input, i) + TBlock.Load(ref recurrent, i), ref bias, i);
        for (int i = joined; i < shape.Row; i += TBlock.Count) TBlock.Store(TBlock.Load(ref input, i), ref bias, i);
    }

    /// <summary>The sums over the inputs of some steps of some samples: one product where the steps are all of them.</summary>
    [MethodImpl(Jit.Kernel)]
    private readonly void Inputs<TBlock>(int sample, int samples, int low, int length, ref float bias, Strided sums) where TBlock : struct, IBlock<TBlock>
    {
        var weights = new Strided(ref Unsafe.Add(ref _parameters, shape.InputWeights), shape.Row, 1);
        int products = length == shape.Steps ? 1 : samples, rows = samples * length / products;
        for (int i = 0; i < products; i++)
        {
            var inputs = new Strided(ref Unsafe.Add(ref _x, ((nint)(sample + i) * shape.Steps + low) * shape.Features), shape.Features, 1);
            RecurrentProduct.Run<TBlock>(
                inputs, weights, new Strided(ref bias, 0, 1), new Strided(ref sums.At(i, 0), shape.Row, 1), rows, shape.Row, shape.Features, chains: 1, shape.Lanes);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private readonly void Steps<TBlock>(int sample, int samples, int done, int length, int low, RecurrentMemory<TCell> memory, ReadOnlySpan<float> packed, Strided last) where TBlock : struct, IBlock<TBlock>
    {
        int padded = shape.Padded, units = shape.Units, steps = shape.Steps;
        var step = new RecurrentStep
        {
            Weights = RecurrentWeights,
            Packed = ref MemoryMarshal.GetReference(packed),
            IsPacked = !packed.IsEmpty,
            Bias = ref Unsafe.Add(ref _parameters, shape.RecurrentBias),
            Rows = samples,
            Units = units,
            Padded = padded,
            Lanes = shape.Lanes,
            Chains = shape.Chains,
            Keeps = !_kept.IsEmpty,
        };
        for (int number = done; number < done + length; number++)
        {
            int time = shape.IsReverse ? steps - 1 - number : number, next = shape.IsReverse ? time - 1 : time + 1;
            bool isLast = number == steps - 1;
            step.IsBackwards = (number & 1) != 0;
            step.Gates = memory.Gates(time - low);
            step.Hidden = memory.Hidden(time);
            step.Cell = memory.Cell(time);
            step.Extra = memory.Extra(time);
            step.NextHidden = isLast ? last : memory.Hidden(next);
            step.NextCell = isLast ? last.From(samples, 0) : memory.Cell(next);
            step.HasOutput = isLast || shape.ReturnsSequences;
            step.Output = shape.ReturnsSequences
                ? new Strided(ref Unsafe.Add(ref _y, ((nint)sample * steps + time) * units), steps * units, 1)
                : new Strided(ref Unsafe.Add(ref _y, (nint)sample * units), units, 1);
            if (number == 0) Clear(step.Hidden, samples, padded);
            if (number == 0 && TCell.HasCell) Clear(step.Cell, samples, padded);
            TCell.Forward<TBlock>(ref step);
        }
    }

    private static void Clear(Strided rows, int count, int width)
    {
        for (int row = 0; row < count; row++) MemoryMarshal.CreateSpan(ref rows.At(row, 0), width).Clear();
    }
}

/// <summary>
/// Where the values of sequences lie: gates [samples][steps][gate][units, padded], then what each step began with, then cells, then further values, each
/// [samples][slots][units, padded].
/// </summary>
/// <param name="shape">The sizes.</param>
/// <param name="first">The first of <see cref="Length"/> floats.</param>
/// <param name="samples">The samples.</param>
/// <param name="steps">The steps whose gates have a place.</param>
/// <param name="slots">1 where all steps share one, otherwise the steps of a sequence.</param>
internal readonly ref struct RecurrentMemory<TCell>(RecurrentShape shape, ref float first, int samples, int steps, int slots)
    where TCell : struct, IRecurrentCell
{
    private readonly ref float _gates = ref first;
    private readonly ref float _hidden = ref Unsafe.Add(ref first, (nint)samples * steps * shape.Row);
    private readonly nint _array = (nint)samples * slots * shape.Padded;
    private readonly nint _sample = slots * shape.Padded;
    private readonly nint _time = slots == 1 ? 0 : shape.Padded;
    private readonly nint _skipped;

    private RecurrentMemory(RecurrentMemory<TCell> all, RecurrentShape shape, int steps, int skipped)
        : this(shape, ref all._gates, 0, steps, 1)
    {
        _hidden = ref all._hidden;
        (_array, _sample, _time, _skipped) = (all._array, all._sample, all._time, skipped);
    }

    /// <summary>How many floats that are.</summary>
    public static int Length(RecurrentShape shape, int samples, int steps, int slots) =>
        checked(samples * (steps * shape.Row + slots * shape.Padded * (1 + (TCell.HasCell ? 1 : 0) + (TCell.HasExtra ? 1 : 0))));

    /// <summary>The same without the samples before this one.</summary>
    public RecurrentMemory<TCell> From(int sample) => new(this, shape, steps, sample);

    /// <summary>The gates of one step.</summary>
    public Strided Gates(int time) => new(ref Unsafe.Add(ref _gates, (_skipped * steps + time) * shape.Row), steps * shape.Row, 1);

    /// <summary>What a step began with.</summary>
    public Strided Hidden(int time) => Array(0, time);

    /// <summary>The cells that a step began with.</summary>
    public Strided Cell(int time) => TCell.HasCell ? Array(1, time) : default;

    /// <summary>The further values of a step.</summary>
    public Strided Extra(int time) => TCell.HasExtra ? Array(TCell.HasCell ? 2 : 1, time) : default;

    private Strided Array(int number, int time) => new(ref Unsafe.Add(ref _hidden, number * _array + _skipped * _sample + time * _time), _sample, 1);
}
