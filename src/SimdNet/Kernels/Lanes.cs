using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>What the last block of a span needs where its lanes are added up.</summary>
internal static class Lanes
{
    private static ReadOnlySpan<int> AllOnes => [-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1];

    /// <summary>The first <paramref name="count"/> lanes; the others become zero, so that they do not count in a sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock First<TBlock>(TBlock value, int count) where TBlock : struct, IBlock<TBlock> =>
        value & TBlock.LoadPartial(in Unsafe.As<int, float>(ref MemoryMarshal.GetReference(AllOnes)), 0, count);
}
