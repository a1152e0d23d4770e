using SimdNet.CompilerServices;

namespace SimdNet.Tests;

/// <summary>Runs code on every instruction set that this machine has.</summary>
internal static class Realisations
{
    /// <summary>Those that are accelerated here, from the widest; plain loops always.</summary>
    public static IReadOnlyList<InstructionSet> All { get; } = [.. Enum.GetValues<InstructionSet>().Where(Hardware.IsAccelerated)];

    /// <summary>Those whose bits must agree: all but the scalar one, where multiply-adds are fused.</summary>
    public static IReadOnlyList<InstructionSet> WithEqualBits { get; } =
        Hardware.HasFusedMultiplyAdd ? [.. All.Where(set => set != InstructionSet.Scalar)] : [.. All.Take(1)];

    public static void On(InstructionSet set, Action action)
    {
        InstructionSet before = Hardware.InstructionSet;
        Hardware.InstructionSet = set;
        try
        {
            action();
        }
        finally
        {
            Hardware.InstructionSet = before;
        }
    }

    public static void OnEach(Action<InstructionSet> action)
    {
        foreach (InstructionSet set in All) On(set, () => action(set));
    }

    /// <summary>What is computed where so many threads may work.</summary>
    public static T OnThreads<T>(int threads, Func<T> compute)
    {
        int before = Hardware.MaxThreads;
        Hardware.MaxThreads = threads;
        try
        {
            return compute();
        }
        finally
        {
            Hardware.MaxThreads = before;
        }
    }

    /// <summary>Asserts that all of them compute the same bits.</summary>
    public static void AssertEqualBits(Func<float[]> compute)
    {
        int[]? expected = null;
        foreach (InstructionSet set in WithEqualBits)
        {
            int[] bits = [];
            On(set, () => bits = [.. compute().Select(BitConverter.SingleToInt32Bits)]);
            expected ??= bits;
            Xunit.Assert.True(expected.AsSpan().SequenceEqual(bits), $"{set} differs from {WithEqualBits[0]} in bits.");
        }
    }
}

/// <summary>Counts the properties that really ran: a runner has been seen to find none and stay green.</summary>
internal static class PropertyCount
{
    private static int Count;

    static PropertyCount() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        if (Environment.GetEnvironmentVariable("SIMDNET_PROPERTY_COUNT") is { Length: > 0 } path) File.WriteAllText(path, Count.ToString());
    };

    public static void Ran() => Interlocked.Increment(ref Count);
}
