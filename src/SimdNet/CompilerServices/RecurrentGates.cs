using System.ComponentModel;
using System.Runtime.CompilerServices;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// From the sums of a recurrent layer's gates to what one time step gives out, for emitted code, which knows the sizes and the block: nothing is
/// checked here. Results have the bits of the layers' operations.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RecurrentGates
{
    /// <summary>An LSTM layer, as <see cref="LstmOperation"/> describes it.</summary>
    /// <param name="sums">[gate][units, padded].</param>
    /// <param name="state">The units of the step before, then their cells, each padded; in the end those of this step.</param>
    /// <param name="padded">The units with padding.</param>
    [MethodImpl(Jit.Kernel)]
    public static void Lstm<TBlock>(ref float sums, ref float state, int padded) where TBlock : struct, IBlock<TBlock>
    {
        for (int unit = 0; unit < padded; unit += TBlock.Count)
        {
            TBlock h = LstmCell.Units(ref sums, padded, unit, TBlock.Load(ref state, padded + unit), out _, out _, out _, out _, out TBlock c, out _);
            TBlock.Store(c, ref state, padded + unit);
            TBlock.Store(h, ref state, unit);
        }
    }

    /// <summary>A GRU layer whose reset gate comes after the product, as <see cref="GruOperation"/> describes it.</summary>
    /// <param name="sums">Those of the reset and the update gate, of the candidate over the units, and of the candidate over the inputs, each [units, padded].</param>
    /// <param name="state">The units of the step before, padded; in the end those of this step.</param>
    /// <param name="padded">The units with padding.</param>
    [MethodImpl(Jit.Kernel)]
    public static void Gru<TBlock>(ref float sums, ref float state, int padded) where TBlock : struct, IBlock<TBlock>
    {
        for (int unit = 0; unit < padded; unit += TBlock.Count)
        {
            TBlock h = GruCell.Units(
                TBlock.Load(ref sums, unit), TBlock.Load(ref sums, padded + unit), TBlock.Load(ref sums, 3 * padded + unit), TBlock.Load(ref sums, 2 * padded + unit),
                TBlock.Load(ref state, unit), out _, out _, out _);
            TBlock.Store(h, ref state, unit);
        }
    }
}
