using Xunit;

namespace SimdNet.Tests;

/// <summary>What is asked of calls that must not allocate.</summary>
internal static class Allocations
{
    private const int Rounds = 8;

    /// <summary>No call allocates, once its thread has scratch memory.</summary>
    /// <param name="name">Whose calls they are.</param>
    /// <param name="calls">A round of them.</param>
    public static void AssertNone(string name, Action calls)
    {
        int allocating = 0, threads = Hardware.MaxThreads;

        // On one thread: of several, the one that comes late to a part has its first scratch memory still to get. What this thread kept
        // from other tests may be too small, and is replaced a buffer at a time, in as many rounds before those that count.
        Hardware.MaxThreads = 1;
        for (int round = -Rounds; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            calls();
            if (round >= 0 && GC.GetAllocatedBytesForCurrentThread() > before) allocating++;
        }
        Hardware.MaxThreads = threads;

        // The runtime allocates on a caller's thread now and then, once in thousands of rounds, for itself; what allocates does so again.
        Assert.True(allocating <= 1, $"{name} allocates in {allocating} of {Rounds} rounds.");
    }
}
