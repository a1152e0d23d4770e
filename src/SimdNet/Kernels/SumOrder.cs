namespace SimdNet.Kernels;

/// <summary>
/// The order in which a dense layer adds up, a function of its shape alone. The generator compiles this file too, so
/// that emitted code and library kernels cannot disagree.
/// </summary>
internal static class SumOrder
{
    /// <summary>
    /// How many lanes the block has that a layer of this many outputs, or a row of as many values, is computed in: 4, 8 or 16. Rows of weights are
    /// padded to a multiple of it.
    /// </summary>
    public static int Lanes(int outputs) => outputs <= 4 ? 4 : outputs <= 8 ? 8 : 16;

    /// <summary>Rows of this many floats, or of a multiple, fall into few sets of the caches: a tile, which reads a line or two of each, would find half of them gone.</summary>
    private const int Crowded = 256;

    /// <summary>The length of a padded row of weights.</summary>
    public static int PaddedOutputs(int outputs)
    {
        int lanes = Lanes(outputs);
        return (outputs + lanes - 1) / lanes * lanes;
    }

    /// <summary>The distance between rows of a dense layer's weights.</summary>
    public static int RowStride(int outputs) => StrideOfPadded(PaddedOutputs(outputs));

    /// <summary>The same from their length, padding included: that, and a line more where many would fall into few sets of the caches.</summary>
    public static int StrideOfPadded(int padded) => padded % Crowded == 0 ? padded + 16 : padded;

    /// <summary>
    /// How many contiguous ranges the inputs are cut into: 1, 2, 4 or 8. Together with the blocks of a row they make
    /// about eight independent chains, which hides the latency of a multiply-add; a range has at least four inputs.
    /// </summary>
    public static int Chains(int inputs, int outputs)
    {
        int blocks = PaddedOutputs(outputs) / Lanes(outputs);
        int chains = 1;
        while (chains < 8 && 2 * chains * blocks <= 8 && inputs >= 8 * chains) chains *= 2;
        return chains;
    }

    /// <summary>
    /// How many contiguous ranges the units are cut into where a recurrent layer multiplies its state with this many gates: 1, 2 or 4, as
    /// <see cref="Chains"/> would for so many blocks.
    /// </summary>
    public static int RecurrentChains(int units, int gates)
    {
        int blocks = RecurrentLayout.InputStride(gates, units) / RecurrentLayout.Lanes(units);
        int chains = 1;
        while (2 * chains * blocks <= 8 && units >= 8 * chains) chains *= 2;
        return chains;
    }

    /// <summary>The length of every range; the last one takes what is left over as well.</summary>
    public static int RangeLength(int inputs, int chains) => inputs / chains;
}
