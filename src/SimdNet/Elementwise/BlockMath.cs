using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SimdNet.CompilerServices;

/// <summary>
/// The transcendental functions on a block, without branches; a table lies in registers. Arguments are reduced with constants
/// short enough that the products are exact with and without a fused multiply-add; the polynomials are minimax fits of
/// the reduced functions, of relative error below a tenth of a unit in the last place.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static partial class BlockMath
{
    /// <summary><c>e^x</c> within 1 ULP: 0 below the smallest subnormal, infinity above the largest float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Exp<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        // Beyond these bounds the result is infinite or zero, and the exponent would leave the range of scaling.
        TBlock bounded = TBlock.AtLeast(TBlock.AtMost(x, TBlock.Splat(89f)), TBlock.Splat(-104f));
        if (Avx512F.VL.IsSupported) return ExpWithin(bounded);

        // Half of it is normal, or 2^63 times it where it is small, and scaling back rounds once.
        TBlock smallBits = TBlock.LessThan(bounded, TBlock.Splat(-64f)) & TBlock.SplatBits(64 << 23);
        TBlock scaled = NormalExp(bounded, Vector256.Create(0.5f, 0.49137694f, 0.48480177f, 0.4804599f, 0.47855338f, 0.4793027f, 0.4829482f, 0.48975202f), smallBits);
        return scaled * TBlock.SubtractBits(TBlock.Splat(2f), smallBits);
    }

    /// <summary><c>e^x</c> for x from -104 to 89, or NaN: 2 to the nearest eighth, from a table, times a short polynomial of what is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock ExpWithin<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        TBlock power = NearestPower(x, out TBlock exponent, out TBlock lost);
        return TBlock.ScaleByPowerOfTwo(TBlock.MultiplyAdd(power, ExpOfRest(x, exponent, lost), power), exponent);
    }

    /// <summary><c>e^(x + rest)</c> likewise, for a rest of a few units in the last place of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock ExpWithin<TBlock>(TBlock x, TBlock rest) where TBlock : struct, IBlock<TBlock>
    {
        TBlock power = NearestPower(x, out TBlock exponent, out TBlock lost);
        return TBlock.ScaleByPowerOfTwo(TBlock.MultiplyAdd(power, ExpOfRest(x, exponent, lost + rest), power), exponent);
    }

    /// <summary>
    /// <c>2^(exponent - ⌊exponent⌋)</c> from a table, where the exponent is <c>x / ln 2</c> rounded to eighths, and what rounding took
    /// from the table's logarithm, which goes into what is left of x.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock NearestPower<TBlock>(TBlock x, out TBlock exponent, out TBlock lost) where TBlock : struct, IBlock<TBlock> => TBlock.Lookup(
        Vector256.Create(1f, 1.0905077f, 1.1892071f, 1.2968396f, 1.4142135f, 1.5422108f, 1.6817929f, 1.8340081f), RoundedToEighths(x, out exponent, out lost));

    /// <summary>A number whose low bits are those of <c>x / ln 2</c> in eighths; the exponent and what is lost as above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock RoundedToEighths<TBlock>(TBlock x, out TBlock exponent, out TBlock lost) where TBlock : struct, IBlock<TBlock>
    {
        const float Log2E = 1.44269504f;

        // The last place of this number is an eighth: adding it rounds to eighths, whose number is then in the low bits.
        TBlock rounder = TBlock.Splat(1572864f);
        TBlock rounded = TBlock.MultiplyAdd(x, TBlock.Splat(Log2E), rounder);
        exponent = rounded - rounder;
        lost = TBlock.Lookup(Vector256.Create(0f, -1.19921575e-08f, 3.19341815e-08f, -3.09907229e-08f, 1.71142709e-08f, 5.23333421e-09f, -1.4719606e-08f, -6.12825968e-09f), rounded);
        return rounded;
    }

    /// <summary><c>e^x</c> for x from -104 to 0, or NaN. Scaled by 2^32 it is normal, and scaling back rounds once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock TailExp<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => Avx512F.VL.IsSupported
        ? ExpWithin(x)
        : NormalExp(x, Vector256.Create(4.2949673e+09f, 4.2208957e+09f, 4.1644155e+09f, 4.127119e+09f, 4.1107423e+09f, 4.117179e+09f, 4.1484936e+09f, 4.2069379e+09f), TBlock.Zero) * TBlock.Splat(2.3283064e-10f);

    /// <summary>
    /// <c>2^power e^x</c>, where that is a normal number. In the table the number of an eighth is taken off again that comes with the exponent when both
    /// are added to its bits, before the polynomial and not behind it: scaling last would be ten instructions that the result waits for.
    /// </summary>
    /// <param name="x">The argument.</param>
    /// <param name="table">The powers of the eighths as bits: <c>2^(j/8 + power)</c> less <c>j</c> eighths of an exponent's unit.</param>
    /// <param name="addedBits">What else is added to them: other powers for some lanes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock NormalExp<TBlock>(TBlock x, Vector256<float> table, TBlock addedBits) where TBlock : struct, IBlock<TBlock>
    {
        TBlock rounded = RoundedToEighths(x, out TBlock exponent, out TBlock lost);
        TBlock power = TBlock.AddBits(TBlock.AddBits(TBlock.Lookup(table, rounded), addedBits), TBlock.ShiftBitsLeft(rounded, 20));
        return TBlock.MultiplyAdd(power, ExpOfRest(x, exponent, lost), power);
    }

    /// <summary><c>e^r - 1</c> for <c>r = x - exponent ln 2 + lost</c>, whose magnitude is below 0.1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock ExpOfRest<TBlock>(TBlock x, TBlock exponent, TBlock lost) where TBlock : struct, IBlock<TBlock>
    {
        // ln 2 in 13 bits, so that its product with any exponent is exact, and the rest of it.
        const float High = 0.693115234375f, Low = 3.194618329871446e-05f;
        TBlock r = TBlock.MultiplyAdd(exponent, TBlock.Splat(-High), x) + TBlock.MultiplyAdd(exponent, TBlock.Splat(-Low), lost);
        TBlock q = TBlock.MultiplyAdd(r, TBlock.Splat(0.04166862741112709f), TBlock.Splat(0.16667841374874115f));
        q = TBlock.MultiplyAdd(q, r, TBlock.Splat(0.5f));
        return TBlock.MultiplyAdd(r * r, q, r);
    }

    /// <summary><c>ln x</c> within 1 ULP: -infinity at 0, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Log<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        // ln 2 in 15 bits, so that its product with any exponent is exact, and the rest of it.
        const float High = 0.693145751953125f, Low = 1.428606765330187e-06f;

        // The mantissa's eighth is divided by a number near its middle, 1 for the first and 2 for the last, so that what is left is small on both sides of x = 1. The
        // reciprocals have so few bits that what is left is exact. Their logarithms are cut to 16 bits, which the exponent's can be added to exactly, and have a rest too.
        TBlock mantissa = TBlock.Mantissa(x, out TBlock exponent), eighth = TBlock.ShiftBitsRight(mantissa, 20);
        TBlock reciprocal = TBlock.Lookup(Vector256.Create(1f, 0.84375f, 0.75f, 0.6875f, 0.625f, 0.59375f, 0.5625f, 0.5f), eighth);
        TBlock high = TBlock.Lookup(Vector256.Create(0f, 0.1699066162109375f, 0.287689208984375f, 0.37469482421875f, 0.470001220703125f, 0.52130126953125f, 0.5753631591796875f, High), eighth);
        TBlock low = TBlock.Lookup(Vector256.Create(0f, -7.5794153e-06f, -7.1365324e-06f, -1.3747773e-06f, 2.4085425e-06f, -4.345898e-06f, 9.8572389e-07f, Low), eighth);
        TBlock r = ExactMultiplyAdd(mantissa, reciprocal, TBlock.Splat(-1f));

        TBlock q = TBlock.Splat(-0.1457166224718094f);
        q = TBlock.MultiplyAdd(q, r, TBlock.Splat(0.19997219741344452f));
        q = TBlock.MultiplyAdd(q, r, TBlock.Splat(-0.2500835955142975f));
        q = TBlock.MultiplyAdd(q, r, TBlock.Splat(0.33333444595336914f));
        q = TBlock.MultiplyAdd(q, r, TBlock.Splat(-0.5f));
        TBlock rest = TBlock.MultiplyAdd(r * r, q, TBlock.MultiplyAdd(exponent, TBlock.Splat(Low), low));
        return TBlock.MultiplyAdd(exponent, TBlock.Splat(High), high) + (r + rest);
    }

    /// <summary><c>left * right + addend</c>, rounded once without a fused multiply-add too, where right has at most 12 bits and the sum is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock ExactMultiplyAdd<TBlock>(TBlock left, TBlock right, TBlock addend) where TBlock : struct, IBlock<TBlock>
    {
        if (Hardware.HasFusedMultiplyAdd) return TBlock.MultiplyAdd(left, right, addend);
        TBlock upper = left & TBlock.SplatBits(~0xFFF);
        return TBlock.MultiplyAdd(left - upper, right, TBlock.MultiplyAdd(upper, right, addend));
    }

    /// <summary><c>1 / (1 + e^-x)</c> within 2 ULP, subnormal results included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Sigmoid<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        // e^-|x| never overflows: left of zero the quotient is e^x / (1 + e^x), right of it 1 / (1 + e^-x).
        TBlock one = TBlock.Splat(1f);
        TBlock tail = TailExp(TBlock.AtLeast(x | TBlock.SplatBits(int.MinValue), TBlock.Splat(-104f)));
        TBlock divisor = one + tail;
        TBlock quotient = TBlock.SelectLessThan(x, TBlock.Zero, tail, one) / divisor;

        // Left of zero every rounding may count double: what the divisor lost comes off, for which -1 / (1 + e^x) need not be exact.
        TBlock lost = tail - (divisor - one);
        return TBlock.MultiplyAdd(quotient, lost * TBlock.MultiplyAdd(tail, TBlock.Splat(0.5f), TBlock.Splat(-1f)), quotient);
    }

    /// <summary><c>tanh x</c> within 2 ULP: odd, exact at zero, 1 from 9.02 on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Tanh<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        TBlock sign = x & TBlock.SplatBits(int.MinValue);
        TBlock y = x ^ sign;

        // Up to 0.6 an odd polynomial: the quotient below would lose digits there.
        TBlock square = y * y;
        TBlock q = TBlock.Splat(-0.005905867088586092f);
        q = TBlock.MultiplyAdd(q, square, TBlock.Splat(0.02080538310110569f));
        q = TBlock.MultiplyAdd(q, square, TBlock.Splat(-0.053786683827638626f));
        q = TBlock.MultiplyAdd(q, square, TBlock.Splat(0.13331958651542664f));
        q = TBlock.MultiplyAdd(q, square, TBlock.Splat(-0.33333298563957214f));
        TBlock near = TBlock.MultiplyAdd(square * y, q, y);

        TBlock bounded = TBlock.AtMost(y, TBlock.Splat(10f));
        TBlock one = TBlock.Splat(1f);
        TBlock power = NormalExp(bounded + bounded, Vector256.Create(1f, 0.9827539f, 0.96960354f, 0.9609198f, 0.95710677f, 0.9586054f, 0.9658964f, 0.97950405f), TBlock.Zero);
        TBlock far = one - TBlock.Splat(2f) / (power + one);
        return TBlock.SelectLessThan(y, TBlock.Splat(0.6f), near, far) ^ sign;
    }
}
