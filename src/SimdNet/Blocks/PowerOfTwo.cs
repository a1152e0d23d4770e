using System.Runtime.CompilerServices;

namespace SimdNet.CompilerServices;

/// <summary>Scaling by powers of two, and taking them out of a number, for machines without an instruction for it.</summary>
internal static class PowerOfTwo
{
    /// <summary>The control of AVX-512's instruction for mantissas: from 1 to below 2, and NaN of a negative number.</summary>
    public const byte FromOneToTwo = 0b10_00;

    /// <summary><c>value * 2^⌊exponent⌋</c>: the first of the two products is exact, so the result is rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Scale<TBlock>(TBlock value, TBlock exponent) where TBlock : struct, IBlock<TBlock>
    {
        // Conversion cuts off the fraction, which is the floor of what is positive.
        TBlock shifted = TBlock.ToIntegerBits(exponent + TBlock.Splat(256f));
        TBlock half = TBlock.ShiftBitsRight(shifted, 1);
        return value * FromShifted(half) * FromShifted(TBlock.SubtractBits(shifted, half));
    }

    /// <summary>The mantissa and the exponent, as <see cref="IBlock{TSelf}.Mantissa"/> has them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Mantissa<TBlock>(TBlock value, out TBlock exponent) where TBlock : struct, IBlock<TBlock>
    {
        // Subnormal numbers are scaled up by 2^23 first. Zero stays, and its bits count as those of 2^-127.
        TBlock isSmall = TBlock.LessThan(value, TBlock.SplatBits(0x00800000));
        TBlock scaled = TBlock.Select(isSmall, value * TBlock.Splat(8388608f), value);
        TBlock whole = TBlock.ShiftBitsRight(TBlock.SubtractBits(scaled, TBlock.Splat(1f)), 23);

        TBlock finite = TBlock.FromIntegerBits(whole) - (isSmall & TBlock.Splat(23f));
        TBlock special = TBlock.Select(TBlock.Equal(value, TBlock.Zero), TBlock.Splat(float.NegativeInfinity), TBlock.Splat(float.NaN));
        exponent = TBlock.SelectLessThan(TBlock.Zero, value, TBlock.SelectLessThan(value, TBlock.Splat(float.PositiveInfinity), finite, value), special);
        return TBlock.SubtractBits(scaled, TBlock.ShiftBitsLeft(whole, 23));
    }

    /// <summary><c>2^(exponent - 128)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock FromShifted<TBlock>(TBlock exponent) where TBlock : struct, IBlock<TBlock> =>
        TBlock.ShiftBitsLeft(TBlock.SubtractBits(exponent, TBlock.SplatBits(1)), 23);
}
