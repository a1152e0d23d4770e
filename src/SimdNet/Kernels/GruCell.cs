using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// A step of a GRU layer whose reset gate comes after the product (PyTorch, Keras, ONNX with linear_before_reset): <c>r, z = sigmoid</c> of the sums,
/// <c>n = tanh(x W + b + r (h U + b'))</c>, <c>h' = n + z (h - n)</c>.
/// </summary>
internal readonly struct GruCell : IRecurrentCell
{
    public static int Gates => RecurrentLayout.GruGates;

    public static int JoinedGates => 2;

    public static bool HasCell => false;

    public static bool HasExtra => true;

    public static int HiddenGates => Gates;

    [MethodImpl(Jit.Kernel)]
    public static void Forward<TBlock>(ref RecurrentStep step) where TBlock : struct, IBlock<TBlock>
    {
        step.Add<TBlock>(step.Hidden, 0, 2, step.Gates, step.Gates);
        step.Add<TBlock>(step.Hidden, 2, 1, new Strided(ref Unsafe.Add(ref step.Bias, 2 * step.Padded), 0, 1), step.Extra);
        for (int row = 0; row < step.Rows; row++) Row<TBlock>(ref step, row);
    }

    [MethodImpl(Jit.Kernel)]
    private static void Row<TBlock>(ref RecurrentStep step, int row) where TBlock : struct, IBlock<TBlock>
    {
        int padded = step.Padded;
        ref float gates = ref step.Gates.At(row, 0), candidate = ref step.Extra.At(row, 0), hidden = ref step.Hidden.At(row, 0);
        for (int unit = 0; unit < padded; unit += TBlock.Count)
        {
            TBlock h = Units(
                TBlock.Load(ref gates, unit), TBlock.Load(ref gates, padded + unit), TBlock.Load(ref gates, 2 * padded + unit), TBlock.Load(ref candidate, unit),
                TBlock.Load(ref hidden, unit), out TBlock r, out TBlock z, out TBlock n);
            step.Finish(h, row, unit);
            if (!step.Keeps) continue;
            TBlock.Store(r, ref gates, unit);
            TBlock.Store(z, ref gates, padded + unit);
            TBlock.Store(n, ref gates, 2 * padded + unit);
        }
    }

    /// <summary>A block of units, from the sums of the reset and the update gate, those of the candidate over the inputs and over the units, and the step before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Units<TBlock>(TBlock reset, TBlock update, TBlock ofInputs, TBlock ofUnits, TBlock hidden, out TBlock r, out TBlock z, out TBlock n)
        where TBlock : struct, IBlock<TBlock>
    {
        r = BlockMath.Sigmoid(reset);
        z = BlockMath.Sigmoid(update);
        n = BlockMath.Tanh(TBlock.MultiplyAdd(r, ofUnits, ofInputs));
        return TBlock.MultiplyAdd(z, hidden - n, n);
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
        ref float gates = ref step.Gates.At(row, 0), candidate = ref step.Extra.At(row, 0), hidden = ref step.Hidden.At(row, 0);
        ref float inputSums = ref step.InputSums.At(row, 0), hiddenSums = ref step.HiddenSums.At(row, 0), carried = ref step.Carried.At(row, 0);
        for (int unit = 0; unit < padded; unit += TBlock.Count)
        {
            TBlock r = TBlock.Load(ref gates, unit), z = TBlock.Load(ref gates, padded + unit), n = TBlock.Load(ref gates, 2 * padded + unit);
            TBlock gradient = step.Gradient<TBlock>(row, unit) + TBlock.Load(ref carried, unit);
            TBlock ofCandidate = default(Tanh).Backward(n, gradient - gradient * z);
            TBlock ofReset = default(Sigmoid).Backward(r, ofCandidate * TBlock.Load(ref candidate, unit));
            TBlock ofUpdate = default(Sigmoid).Backward(z, gradient * (TBlock.Load(ref hidden, unit) - n));
            TBlock.Store(ofReset, ref inputSums, unit);
            TBlock.Store(ofUpdate, ref inputSums, padded + unit);
            TBlock.Store(ofCandidate, ref inputSums, 2 * padded + unit);
            TBlock.Store(ofReset, ref hiddenSums, unit);
            TBlock.Store(ofUpdate, ref hiddenSums, padded + unit);
            TBlock.Store(ofCandidate * r, ref hiddenSums, 2 * padded + unit);
            TBlock.Store(gradient * z, ref carried, unit);
        }
    }
}

/// <summary>
/// A step of a GRU layer as it was first described (Cho et al. 2014), whose reset gate comes before the product: <c>r, z = sigmoid</c> of the sums,
/// <c>n = tanh(x W + b + (r h) U)</c>, <c>h' = n + z (h - n)</c>.
/// </summary>
internal readonly struct ResetFirstGruCell : IRecurrentCell
{
    public static int Gates => RecurrentLayout.GruGates;

    public static int JoinedGates => Gates;

    public static bool HasCell => false;

    public static bool HasExtra => true;

    public static int HiddenGates => 2;

    [MethodImpl(Jit.Kernel)]
    public static void Forward<TBlock>(ref RecurrentStep step) where TBlock : struct, IBlock<TBlock>
    {
        step.Add<TBlock>(step.Hidden, 0, 2, step.Gates, step.Gates);
        for (int row = 0; row < step.Rows; row++) Reset<TBlock>(ref step, row);
        Strided candidate = step.Gates.From(0, 2 * step.Padded);
        step.Add<TBlock>(step.Extra, 2, 1, candidate, candidate);
        for (int row = 0; row < step.Rows; row++) Update<TBlock>(ref step, row);
    }

    [MethodImpl(Jit.Kernel)]
    private static void Reset<TBlock>(ref RecurrentStep step, int row) where TBlock : struct, IBlock<TBlock>
    {
        ref float gates = ref step.Gates.At(row, 0), hidden = ref step.Hidden.At(row, 0), extra = ref step.Extra.At(row, 0);
        for (int unit = 0; unit < step.Padded; unit += TBlock.Count)
        {
            TBlock r = BlockMath.Sigmoid(TBlock.Load(ref gates, unit));
            TBlock.Store(r * TBlock.Load(ref hidden, unit), ref extra, unit);
            if (step.Keeps) TBlock.Store(r, ref gates, unit);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Update<TBlock>(ref RecurrentStep step, int row) where TBlock : struct, IBlock<TBlock>
    {
        int padded = step.Padded;
        ref float gates = ref step.Gates.At(row, 0), hidden = ref step.Hidden.At(row, 0);
        for (int unit = 0; unit < padded; unit += TBlock.Count)
        {
            TBlock z = BlockMath.Sigmoid(TBlock.Load(ref gates, padded + unit)), n = BlockMath.Tanh(TBlock.Load(ref gates, 2 * padded + unit));
            step.Finish(TBlock.MultiplyAdd(z, TBlock.Load(ref hidden, unit) - n, n), row, unit);
            if (!step.Keeps) continue;
            TBlock.Store(z, ref gates, padded + unit);
            TBlock.Store(n, ref gates, 2 * padded + unit);
        }
    }

    [MethodImpl(Jit.Kernel)]
    public static void Backward<TBlock>(ref RecurrentBackwardStep step) where TBlock : struct, IBlock<TBlock>
    {
        for (int row = 0; row < step.Rows; row++) BackwardUpdate<TBlock>(ref step, row);
        step.MultiplyBack(2, 1, step.Scratch);
        for (int row = 0; row < step.Rows; row++) BackwardReset<TBlock>(ref step, row);
        step.MultiplyBack(0, 2, step.Product);
    }

    [MethodImpl(Jit.Kernel)]
    private static void BackwardUpdate<TBlock>(ref RecurrentBackwardStep step, int row) where TBlock : struct, IBlock<TBlock>
    {
        int padded = step.Padded;
        ref float gates = ref step.Gates.At(row, 0), hidden = ref step.Hidden.At(row, 0);
        ref float sums = ref step.InputSums.At(row, 0), carried = ref step.Carried.At(row, 0);
        for (int unit = 0; unit < padded; unit += TBlock.Count)
        {
            TBlock z = TBlock.Load(ref gates, padded + unit), n = TBlock.Load(ref gates, 2 * padded + unit);
            TBlock gradient = step.Gradient<TBlock>(row, unit) + TBlock.Load(ref carried, unit);
            TBlock.Store(default(Sigmoid).Backward(z, gradient * (TBlock.Load(ref hidden, unit) - n)), ref sums, padded + unit);
            TBlock.Store(default(Tanh).Backward(n, gradient - gradient * z), ref sums, 2 * padded + unit);
            TBlock.Store(gradient * z, ref carried, unit);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void BackwardReset<TBlock>(ref RecurrentBackwardStep step, int row) where TBlock : struct, IBlock<TBlock>
    {
        ref float gates = ref step.Gates.At(row, 0), hidden = ref step.Hidden.At(row, 0), ofReset = ref step.Scratch.At(row, 0);
        ref float sums = ref step.InputSums.At(row, 0), carried = ref step.Carried.At(row, 0);
        for (int unit = 0; unit < step.Padded; unit += TBlock.Count)
        {
            TBlock r = TBlock.Load(ref gates, unit), gradient = TBlock.Load(ref ofReset, unit);
            TBlock.Store(default(Sigmoid).Backward(r, gradient * TBlock.Load(ref hidden, unit)), ref sums, unit);
            TBlock.Store(TBlock.MultiplyAdd(gradient, r, TBlock.Load(ref carried, unit)), ref carried, unit);
        }
    }
}
