namespace SimdNet.Kernels;

/// <summary>Where a stream keeps keys, [feature][steps, in whole blocks], and behind them values, [step][feature]. The generator compiles this file too.</summary>
internal static class AttentionLayout
{
    /// <summary>What may be read beyond the last row of queries, keys and values: the rest of a block.</summary>
    public const int Slack = 16;

    /// <summary>A number rounded up to whole blocks.</summary>
    public static int Pad(int count) => (count + 15) / 16 * 16;

    /// <summary>The floats of keys and values.</summary>
    public static int MemoryLength(int steps, int keyWidth) => checked(keyWidth * Pad(steps) + steps * keyWidth + Slack);
}
