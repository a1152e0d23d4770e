using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// A step of an LSTM layer (Hochreiter and Schmidhuber 1997, with forget gates as PyTorch's): <c>i, f, o = sigmoid, g = tanh</c> of the sums,
/// <c>c' = f c + i g</c>, <c>h' = o tanh(c')</c>.
/// </summary>
internal readonly struct LstmCell : IRecurrentCell
{
    public static int Gates => RecurrentLayout.LstmGates;

    public static int JoinedGates => Gates;

    public static bool HasCell => true;

    public static bool HasExtra => true;

    public static int HiddenGates => Gates;

    [MethodImpl(Jit.Kernel)]
    public static void Forward<TBlock>(ref RecurrentStep step) where TBlock : struct, IBlock<TBlock>
    {
        step.Add<TBlock>(step.Hidden, 0, Gates, step.Gates, step.Gates);
        for (int row = 0; row < step.Rows; row++) Row<TBlock>(ref step, row);
    }

    [MethodImpl(Jit.Kernel)]
    private static void Row<TBlock>(ref RecurrentStep step, int row) where TBlock : struct, IBlock<TBlock>
    {
        int padded = step.Padded;
        ref float gates = ref step.Gates.At(row, 0), cell = ref step.Cell.At(row, 0), nextCell = ref step.NextCell.At(row, 0);
        for (int unit = 0; unit < padded; unit += TBlock.Count)
        {
            TBlock h = Units(ref gates, padded, unit, TBlock.Load(ref cell, unit), out TBlock i, out TBlock f, out TBlock g, out TBlock o, out TBlock c, out TBlock bounded);
            TBlock.Store(c, ref nextCell, unit);
            step.Finish(h, row, unit);
            if (!step.Keeps) continue;
            TBlock.Store(i, ref gates, unit);
            TBlock.Store(f, ref gates, padded + unit);
            TBlock.Store(g, ref gates, 2 * padded + unit);
            TBlock.Store(o, ref gates, 3 * padded + unit);
            TBlock.Store(bounded, ref step.Extra.At(row, 0), unit);
        }
    }

    /// <summary>A block of units, from the sums of their gates and the cells of the step before: the gates, the new cells, their tanh, and what the step gives out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Units<TBlock>(
        ref float sums, int padded, int unit, TBlock cell, out TBlock i, out TBlock f, out TBlock g, out TBlock o, out TBlock c, out TBlock bounded)
        where TBlock : struct, IBlock<TBlock>
    {
        i = BlockMath.Sigmoid(TBlock.Load(ref sums, unit));
        f = BlockMath.Sigmoid(TBlock.Load(ref sums, padded + unit));
        g = BlockMath.Tanh(TBlock.Load(ref sums, 2 * padded + unit));
        o = BlockMath.Sigmoid(TBlock.Load(ref sums, 3 * padded + unit));
        c = TBlock.MultiplyAdd(f, cell, i * g);
        bounded = BlockMath.Tanh(c);
        return o * bounded;
    }

    [MethodImpl(Jit.Kernel)]
    public static void Backward<TBlock>(ref RecurrentBackwardStep step) where TBlock : struct, IBlock<TBlock>
    {
        for (int row = 0; row < step.Rows; row++) BackwardRow<TBlock>(ref step, row);
        step.MultiplyBack(0, Gates, step.Product);
    }

    [MethodImpl(Jit.Kernel)]
    private static void BackwardRow<TBlock>(ref RecurrentBackwardStep step, int row) where TBlock : struct, IBlock<TBlock>
    {
        int padded = step.Padded;
        ref float gates = ref step.Gates.At(row, 0), cell = ref step.Cell.At(row, 0), bounded = ref step.Extra.At(row, 0);
        ref float sums = ref step.InputSums.At(row, 0), carried = ref step.Carried.At(row, 0);
        for (int unit = 0; unit < padded; unit += TBlock.Count)
        {
            TBlock i = TBlock.Load(ref gates, unit), f = TBlock.Load(ref gates, padded + unit);
            TBlock g = TBlock.Load(ref gates, 2 * padded + unit), o = TBlock.Load(ref gates, 3 * padded + unit);
            TBlock gradient = step.Gradient<TBlock>(row, unit), t = TBlock.Load(ref bounded, unit);
            TBlock c = TBlock.Load(ref carried, unit) + default(Tanh).Backward(t, gradient * o);
            TBlock.Store(default(Sigmoid).Backward(i, c * g), ref sums, unit);
            TBlock.Store(default(Sigmoid).Backward(f, c * TBlock.Load(ref cell, unit)), ref sums, padded + unit);
            TBlock.Store(default(Tanh).Backward(g, c * i), ref sums, 2 * padded + unit);
            TBlock.Store(default(Sigmoid).Backward(o, gradient * t), ref sums, 3 * padded + unit);
            TBlock.Store(c * f, ref carried, unit);
        }
    }
}
