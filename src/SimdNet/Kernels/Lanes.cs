using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>What the last block of a span needs where its lanes are added up.</summary>
internal static class Lanes
{
    /// <summary>The first <paramref name="count"/> lanes; the others become zero, so that they do not count in a sum.</summary>
    [MethodImpl(Jit.Kernel)]
    public static TBlock First<TBlock>(TBlock value, int count) where TBlock : struct, IBlock<TBlock>
    {
        Span<float> lanes = stackalloc float[16];
        TBlock.StorePartial(value, ref lanes[0], 0, count);
        return TBlock.LoadPartial(in lanes[0], 0, count);
    }
}
