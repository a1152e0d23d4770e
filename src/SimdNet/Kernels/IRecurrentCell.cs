using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>What tells one recurrent layer from another.</summary>
internal interface IRecurrentCell
{
    /// <summary>The gates.</summary>
    static abstract int Gates { get; }

    /// <summary>How many of them begin with the sum of both biases; the others' recurrent sums begin with the recurrent bias, apart.</summary>
    static abstract int JoinedGates { get; }

    /// <summary>Whether a step hands on a cell besides what it gives out.</summary>
    static abstract bool HasCell { get; }

    /// <summary>Whether there are further values of each unit in a step.</summary>
    static abstract bool HasExtra { get; }

    /// <summary>How many gates the step before is multiplied with; the others are multiplied with the further values.</summary>
    static abstract int HiddenGates { get; }

    /// <summary>From the sums over the inputs to what the step gives out.</summary>
    static abstract void Forward<TBlock>(ref RecurrentStep step) where TBlock : struct, IBlock<TBlock>;

    /// <summary>From the gradient of what the step gives out to those of its sums, and of the step before.</summary>
    static abstract void Backward<TBlock>(ref RecurrentBackwardStep step) where TBlock : struct, IBlock<TBlock>;
}

/// <summary>One time step of some sequences; rows are [units, padded].</summary>
internal ref struct RecurrentStep
{
    /// <summary>[rows][gate][units, padded]: the sums over the inputs, in the end the gates where they are kept.</summary>
    public Strided Gates;

    /// <summary>What the step before gave out, and where this one's goes: the same memory, or another.</summary>
    public Strided Hidden, NextHidden;

    /// <summary>The cell as the step before left it, and where this one's goes.</summary>
    public Strided Cell, NextCell;

    /// <summary>tanh of the new cell, the recurrent sum of the candidate, or the step before times the reset gate.</summary>
    public Strided Extra;

    /// <summary>Where the result goes, [rows, units].</summary>
    public Strided Output;

    /// <summary>[units][gate][units, padded].</summary>
    public Strided Weights;

    /// <summary>The recurrent bias, [gate][units, padded].</summary>
    public ref float Bias;

    public int Rows, Units, Padded, Lanes, Chains;

    public bool HasOutput, Keeps;

    /// <summary>The recurrent weights as <see cref="RecurrentProduct.Pack"/> copied them, where <see cref="IsPacked"/> says so.</summary>
    public ref float Packed;

    /// <summary>Whether there is a copy of the weights, and whether this step reads it from the end.</summary>
    public bool IsPacked, IsBackwards;

    /// <summary>Adds what <paramref name="a"/> is times the recurrent weights of these gates.</summary>
    public readonly void Add<TBlock>(Strided a, int firstGate, int gates, Strided start, Strided target) where TBlock : struct, IBlock<TBlock>
    {
        if (!IsPacked)
        {
            RecurrentProduct.Run<TBlock>(a, Weights.From(0, firstGate * Padded), start, target, Rows, gates * Padded, Units, Chains, Lanes);
            return;
        }
        for (int row = 0; row < Rows; row++)
        {
            RecurrentProduct.PackedRow<TBlock>(
                ref a.At(row, 0), ref Unsafe.Add(ref Packed, (nint)firstGate * Padded * Units), ref start.At(row, 0), ref target.At(row, 0), gates, Padded, Units, Chains, IsBackwards);
        }
    }

    /// <summary>Hands on a block of what the step gives out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Finish<TBlock>(TBlock value, int row, int unit) where TBlock : struct, IBlock<TBlock>
    {
        TBlock.Store(value, ref NextHidden.At(row, 0), unit);
        if (!HasOutput) return;
        int rest = Units - unit;
        if (rest >= TBlock.Count) TBlock.Store(value, ref Output.At(row, 0), unit);
        else if (rest > 0) TBlock.StorePartial(value, ref Output.At(row, 0), unit, rest);
    }
}

/// <summary>The way back through one time step of some sequences; rows are [units, padded].</summary>
internal ref struct RecurrentBackwardStep
{
    /// <summary>What the way forward kept.</summary>
    public Strided Gates, Hidden, Cell, Extra;

    /// <summary>The gradient of what the layer gives out, [rows, units].</summary>
    public Strided OutputGradient;

    /// <summary>The gradients of the sums over the inputs, [rows][gate][units, padded], and of those over the step before, which may be the same memory.</summary>
    public Strided InputSums, HiddenSums;

    /// <summary>The gradient of what the step gives out, from the products of later steps; in the end that of the step before.</summary>
    public Strided Product;

    /// <summary>What came by the cell, or past all products, from later steps; in the end for the step before.</summary>
    public Strided Carried;

    /// <summary>The gradient of the step before times the reset gate.</summary>
    public Strided Scratch;

    /// <summary>[units][gate][units, padded].</summary>
    public Strided Weights;

    public int Rows, Units, Padded, Lanes;

    public bool HasOutputGradient;

    /// <summary>The gradient of a block of what the step gives out: the later layer's, then that of the products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TBlock Gradient<TBlock>(int row, int unit) where TBlock : struct, IBlock<TBlock>
    {
        TBlock product = TBlock.Load(ref Product.At(row, 0), unit);
        int rest = Units - unit;
        if (!HasOutputGradient || rest <= 0) return product;
        return product + (rest >= TBlock.Count ? TBlock.Load(ref OutputGradient.At(row, 0), unit) : TBlock.LoadPartial(ref OutputGradient.At(row, 0), unit, rest));
    }

    /// <summary>What the gradients of the sums of these gates give for what they were multiplied with.</summary>
    public readonly void MultiplyBack(int firstGate, int gates, Strided target) =>
        DenseInputGradientKernel.Run(HiddenSums.From(0, firstGate * Padded), Weights.From(0, firstGate * Padded), target, Rows, Units, gates * Padded, Lanes);
}
