namespace SimdNet.Kernels;

/// <summary>
/// Where the parameters of a recurrent layer lie: input weights [features][gate][units, padded], recurrent weights [units][gate][units,
/// padded], and two biases [gate][units, padded]. A row holds all gates as whole blocks. The logical tensors are PyTorch's, [gate * units + unit,
/// input] and [gate * units + unit]; LSTM gates are i, f, g, o, GRU gates r, z, n. The generator compiles this file too.
/// </summary>
internal static class RecurrentLayout
{
    /// <summary>The gates of an LSTM layer.</summary>
    public const int LstmGates = 4;

    /// <summary>The gates of a GRU layer.</summary>
    public const int GruGates = 3;

    /// <summary>The gates of a simple recurrent layer.</summary>
    public const int SimpleRnnGates = 1;

    /// <summary>
    /// The lanes of the blocks that units are padded to. From 17 to 24 units they are 8: padded to 32 a quarter of all gates would be
    /// nothing, and the functions of gates are what a small layer spends its time on.
    /// </summary>
    public static int Lanes(int units) => units is > 16 and <= 24 ? 8 : SumOrder.Lanes(units);

    /// <summary>The distance from a gate to the next; units lie side by side.</summary>
    public static int GateStride(int units) => (units + Lanes(units) - 1) / Lanes(units) * Lanes(units);

    /// <summary>The distance from an input, or a unit of the step before, to the next; the length of a bias.</summary>
    public static int InputStride(int gates, int units) => gates * GateStride(units);

    /// <summary>The floats of all weights of so many inputs; of the recurrent weights where the inputs are the units.</summary>
    public static int WeightLength(int gates, int inputs, int units) => inputs * InputStride(gates, units);

    /// <summary>Whether there are so many recurrent weights, a quarter of a megabyte, that single rows are worth a copy of them that lies as they read it.</summary>
    public static bool IsWorthCopying(int gates, int units) => (long)units * InputStride(gates, units) >= 1 << 16;

    /// <summary>The floats of a bias.</summary>
    public static int BiasLength(int gates, int units) => InputStride(gates, units);
}
