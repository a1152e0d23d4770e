using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace SimdNet.CompilerServices;

/// <summary>
/// The transcendental functions on a block, without branches and without tables. Arguments are reduced with constants
/// short enough that the products are exact with and without a fused multiply-add; the polynomials are minimax fits of
/// the reduced functions, of relative error below a tenth of a unit in the last place.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class BlockMath
{
    /// <summary>ln 2 in 15 bits, so that its product with any exponent is exact, and the rest of it.</summary>
    private const float Ln2High = 0.693145751953125f, Ln2Low = 1.428606765330187e-06f;

    private const float Log2E = 1.44269504f;

    /// <summary><c>e^x</c> within 1 ULP: 0 below the smallest subnormal, infinity above the largest float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Exp<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        // Beyond these bounds the result is infinite or zero, and the exponent would leave the range of scaling.
        x = TBlock.AtLeast(TBlock.AtMost(x, TBlock.Splat(89f)), TBlock.Splat(-104f));
        TBlock exponent = TBlock.Round(x * TBlock.Splat(Log2E));
        TBlock exact = TBlock.MultiplyAdd(exponent, TBlock.Splat(-Ln2High), x);
        TBlock r = TBlock.MultiplyAdd(exponent, TBlock.Splat(-Ln2Low), exact);

        // What rounding took from r, and from 1 + r, goes back in where it still counts.
        TBlock lost = TBlock.MultiplyAdd(exponent, TBlock.Splat(-Ln2Low), exact - r);
        TBlock q = TBlock.Splat(0.0013950541615486145f);
        q = TBlock.MultiplyAdd(q, r, TBlock.Splat(0.008368917740881443f));
        q = TBlock.MultiplyAdd(q, r, TBlock.Splat(0.04166620597243309f));
        q = TBlock.MultiplyAdd(q, r, TBlock.Splat(0.166665181517601f));
        q = TBlock.MultiplyAdd(q, r, TBlock.Splat(0.5f));
        TBlock one = TBlock.Splat(1f);
        TBlock sum = one + r;
        lost += r - (sum - one);
        return TBlock.ScaleByPowerOfTwo(sum + TBlock.MultiplyAdd(r * r, q, lost), exponent);
    }

    /// <summary><c>ln x</c> within 1 ULP: -infinity at 0, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Log<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        // Subnormal numbers are scaled up by 2^23 first.
        TBlock isSmall = TBlock.LessThan(x, TBlock.SplatBits(0x00800000));
        TBlock scaled = TBlock.Select(isSmall, x * TBlock.Splat(8388608f), x);

        // The mantissa is taken between sqrt(1/2) and sqrt(2), so that f is small on both sides of 1.
        TBlock bits = TBlock.SubtractBits(scaled, TBlock.SplatBits(0x3F3504F3));
        TBlock wholeExponent = TBlock.ShiftBitsRight(bits, 23);
        TBlock mantissa = TBlock.SubtractBits(scaled, TBlock.ShiftBitsLeft(wholeExponent, 23));
        TBlock exponent = TBlock.FromIntegerBits(wholeExponent) - (isSmall & TBlock.Splat(23f));
        TBlock f = mantissa - TBlock.Splat(1f);

        TBlock q = TBlock.Splat(0.06915580481290817f);
        q = TBlock.MultiplyAdd(q, f, TBlock.Splat(-0.11789879202842712f));
        q = TBlock.MultiplyAdd(q, f, TBlock.Splat(0.11872915923595428f));
        q = TBlock.MultiplyAdd(q, f, TBlock.Splat(-0.12384331971406937f));
        q = TBlock.MultiplyAdd(q, f, TBlock.Splat(0.14218664169311523f));
        q = TBlock.MultiplyAdd(q, f, TBlock.Splat(-0.16669252514839172f));
        q = TBlock.MultiplyAdd(q, f, TBlock.Splat(0.20002226531505585f));
        q = TBlock.MultiplyAdd(q, f, TBlock.Splat(-0.24999986588954926f));
        q = TBlock.MultiplyAdd(q, f, TBlock.Splat(0.3333331048488617f));
        TBlock square = f * f;
        TBlock rest = TBlock.MultiplyAdd(square * f, q, TBlock.MultiplyAdd(exponent, TBlock.Splat(Ln2Low), square * TBlock.Splat(-0.5f)));
        TBlock result = TBlock.MultiplyAdd(exponent, TBlock.Splat(Ln2High), f + rest);

        TBlock infinity = TBlock.Splat(float.PositiveInfinity);
        result = TBlock.Select(TBlock.Equal(x, infinity), infinity, result);
        result = TBlock.Select(TBlock.LessThan(TBlock.Zero, x), result, TBlock.Splat(float.NaN));
        return TBlock.Select(TBlock.Equal(x, TBlock.Zero), TBlock.Splat(float.NegativeInfinity), result);
    }

    /// <summary><c>1 / (1 + e^-x)</c> within 2 ULP, subnormal results included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Sigmoid<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        // e^-|x| never overflows: left of zero the quotient is e^x / (1 + e^x), right of it 1 / (1 + e^-x).
        TBlock one = TBlock.Splat(1f);
        TBlock tail = Exp(-TBlock.Abs(x));
        TBlock divisor = one + tail;
        TBlock isLeft = TBlock.LessThan(x, TBlock.Zero);
        TBlock quotient = TBlock.Select(isLeft, tail, one) / divisor;

        // Left of zero every rounding may count double: what the divisor lost comes off, 1 / (1 + e^x) being 1 - quotient.
        TBlock lost = isLeft & (tail - (divisor - one));
        return TBlock.MultiplyAdd(-quotient, lost * (one - quotient), quotient);
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
        TBlock far = one - TBlock.Splat(2f) / (Exp(bounded + bounded) + one);
        return TBlock.Select(TBlock.LessThan(y, TBlock.Splat(0.6f)), near, far) ^ sign;
    }
}
