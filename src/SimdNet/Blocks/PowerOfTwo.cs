using System.Runtime.CompilerServices;

namespace SimdNet.CompilerServices;

/// <summary>Scaling by powers of two in two steps, for machines without an instruction for it.</summary>
internal static class PowerOfTwo
{
    /// <summary><c>value * 2^exponent</c>: the first of the two products is exact, so the result is rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Scale<TBlock>(TBlock value, TBlock exponent) where TBlock : struct, IBlock<TBlock>
    {
        TBlock whole = TBlock.ToIntegerBits(exponent);
        TBlock half = TBlock.ShiftBitsRight(whole, 1);
        return value * FromExponent(half) * FromExponent(TBlock.SubtractBits(whole, half));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock FromExponent<TBlock>(TBlock exponent) where TBlock : struct, IBlock<TBlock> =>
        TBlock.ShiftBitsLeft(TBlock.AddBits(exponent, TBlock.SplatBits(127)), 23);
}
