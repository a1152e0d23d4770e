using System.Runtime.CompilerServices;

namespace SimdNet.CompilerServices;

/// <summary>Scaling by powers of two in two steps, for machines without an instruction for it.</summary>
internal static class PowerOfTwo
{
    /// <summary><c>value * 2^⌊exponent⌋</c>: the first of the two products is exact, so the result is rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Scale<TBlock>(TBlock value, TBlock exponent) where TBlock : struct, IBlock<TBlock>
    {
        // Conversion cuts off the fraction, which is the floor of what is positive.
        TBlock shifted = TBlock.ToIntegerBits(exponent + TBlock.Splat(256f));
        TBlock half = TBlock.ShiftBitsRight(shifted, 1);
        return value * FromShifted(half) * FromShifted(TBlock.SubtractBits(shifted, half));
    }

    /// <summary><c>2^(exponent - 128)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock FromShifted<TBlock>(TBlock exponent) where TBlock : struct, IBlock<TBlock> =>
        TBlock.ShiftBitsLeft(TBlock.SubtractBits(exponent, TBlock.SplatBits(1)), 23);
}
