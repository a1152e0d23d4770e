using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimdNet.CompilerServices;

/// <content>The error function, and the Gaussian error linear unit with its own complementary error function.</content>
public static partial class BlockMath
{
    /// <summary><c>erf x = 2/√π ∫ e^-t² dt from 0 to x</c>, within 1 ULP: odd, exact at zero, 1 from 3.93 on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Erf<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        TBlock sign = x & TBlock.SplatBits(int.MinValue);
        TBlock t = x ^ sign;

        // Up to 0.9 an odd polynomial, to which x itself contributes most, and exactly.
        TBlock square = t * t;
        TBlock q = TBlock.Splat(7.943100354168564e-05f);
        q = TBlock.MultiplyAdd(q, square, TBlock.Splat(-0.0008039752719923854f));
        q = TBlock.MultiplyAdd(q, square, TBlock.Splat(0.005191753152757883f));
        q = TBlock.MultiplyAdd(q, square, TBlock.Splat(-0.026855560019612312f));
        q = TBlock.MultiplyAdd(q, square, TBlock.Splat(0.11283624172210693f));
        q = TBlock.MultiplyAdd(q, square, TBlock.Splat(-0.3761262893676758f));
        q = TBlock.MultiplyAdd(q, square, TBlock.Splat(0.12837916612625122f));
        TBlock near = TBlock.MultiplyAdd(t, q, t);

        // Beyond, 1 - e^z with a polynomial for z = ln erfc t, and with what its last sum and product lost.
        TBlock bounded = TBlock.AtMost(t, TBlock.Splat(4f));
        TBlock p = TBlock.Splat(0.00021414438378997147f);
        p = TBlock.MultiplyAdd(p, bounded, TBlock.Splat(-0.003216381184756756f));
        p = TBlock.MultiplyAdd(p, bounded, TBlock.Splat(0.022894924506545067f));
        p = TBlock.MultiplyAdd(p, bounded, TBlock.Splat(-0.10527022927999496f));
        p = TBlock.MultiplyAdd(p, bounded, TBlock.Splat(-0.6357114315032959f));
        TBlock first = TBlock.Splat(-1.1285165548324585f), sum = TBlock.MultiplyAdd(p, bounded, first);
        TBlock z = bounded * sum, zRest = TBlock.MultiplyAdd(bounded, TBlock.MultiplyAdd(p, bounded, first - sum), TBlock.MultiplyAdd(bounded, sum, -z));
        TBlock far = TBlock.Splat(1f) - ExpWithin(z, zRest);
        return TBlock.SelectLessThan(t, TBlock.Splat(0.9f), near, far) ^ sign;
    }

    /// <summary><c>x Φ(x) = x (1 + erf(x/√2)) / 2</c> within 2 ULP, subnormal results included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Gelu<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        // As Φ(x) + Φ(-x) = 1, what is missing from max(x, 0) is t Φ(-t) for t = |x|. It is 0 from 14.4 on.
        TBlock t = TBlock.AtMost(TBlock.Abs(x), TBlock.Splat(14.5f));
        TBlock ratio = GaussianTail(t, out TBlock ratioRest);

        // t² / 2 in two parts: the square of 12 bits is exact, and e to the power of what it lacks would be wrong by up to 64 ULP.
        TBlock upper = t & TBlock.SplatBits(unchecked((int)0xFFFFF000));
        TBlock half = TBlock.Splat(-0.5f);
        TBlock z = upper * upper * half, zRest = (t - upper) * (t + upper) * half;
        TBlock power = NearestPower(z + zRest, out TBlock exponent, out TBlock lost);
        TBlock p = ExpOfRest(z, exponent, lost + zRest);

        // The products with what each of them lost.
        TBlock product = t * ratio;
        TBlock rest = TBlock.MultiplyAdd(t, ratioRest, TBlock.MultiplyAdd(t, ratio, -product));
        TBlock scaled = product * power;
        rest = TBlock.MultiplyAdd(rest, power, TBlock.MultiplyAdd(product, power, -scaled));
        TBlock tail = scaled + TBlock.MultiplyAdd(scaled, p, rest);
        return TBlock.AtLeast(x, TBlock.Zero) - TBlock.ScaleByPowerOfTwo(tail, exponent);
    }

    /// <summary>The derivative of <see cref="Gelu"/>, <c>Φ(x) + x φ(x)</c>, within 1e-6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock GeluDerivative<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        const float Density = 0.3989422804014327f;
        TBlock t = TBlock.AtMost(TBlock.Abs(x), TBlock.Splat(14.5f));
        TBlock ratio = GaussianTail(t, out _);
        TBlock left = ExpWithin(TBlock.AtLeast(t * t * TBlock.Splat(-0.5f), TBlock.Splat(-104f))) * TBlock.MultiplyAdd(t, TBlock.Splat(-Density), ratio);
        return TBlock.SelectLessThan(x, TBlock.Zero, left, TBlock.Splat(1f) - left);
    }

    /// <summary>
    /// <c>Φ(-t) e^(t²/2) = erfc(t/√2) e^(t²/2) / 2</c> for t from 0 to 14.6, or NaN, as the sum of the result and a small rest: in eight
    /// pieces, each a polynomial around a point where the function is all but exactly a float.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock GaussianTail<TBlock>(TBlock t, out TBlock rest) where TBlock : struct, IBlock<TBlock>
    {
        // Pieces end at 1/2, 1, 2, 3, 5, 7 and 11: the exponent of t + 1 and the first bit of its mantissa tell them.
        TBlock piece = TBlock.ShiftBitsRight(t + TBlock.Splat(1f), 22);
        TBlock d = t - TBlock.Lookup(Vector256.Create(1.50006616f, 2.50004315f, 4.00004435f, 6.00004673f, 9.00133324f, 12.8003521f, 0.250002325f, 0.750017107f), piece);
        TBlock q = TBlock.Lookup(Vector256.Create(-0.000105028848f, -1.46683888e-05f, -1.37856603e-06f, -1.07552644e-07f, -6.70944766e-09f, -4.67533123e-10f, -0.00198562047f, -0.000317775412f), piece);
        q = TBlock.MultiplyAdd(q, d, TBlock.Lookup(Vector256.Create(0.00038140043f, 6.38518759e-05f, 7.56385452e-06f, 7.75423814e-07f, 6.58841941e-08f, 6.22970209e-09f, 0.00565003604f, 0.0017640877f), piece));
        q = TBlock.MultiplyAdd(q, d, TBlock.Lookup(Vector256.Create(-0.00126569346f, -0.000257454696f, -3.75074269e-05f, -5.22654545e-06f, -5.89694821e-07f, -8.01723985e-08f, -0.0149941714f, -0.00520881172f), piece));
        q = TBlock.MultiplyAdd(q, d, TBlock.Lookup(Vector256.Create(0.00410809135f, 0.00101734081f, 0.000192476364f, 3.5826688e-05f, 5.67208053e-06f, 1.06257835e-06f, 0.0372506976f, 0.0143589536f), piece));
        q = TBlock.MultiplyAdd(q, d, TBlock.Lookup(Vector256.Create(-0.012495934f, -0.00383094023f, -0.000958682329f, -0.000241175308f, -5.41183981e-05f, -1.4007428e-05f, -0.0843040049f, -0.0366825312f), piece));
        q = TBlock.MultiplyAdd(q, d, TBlock.Lookup(Vector256.Create(0.0351844653f, 0.013647737f, 0.00460580643f, 0.00159044203f, 0.000509873149f, 0.000183551339f, 0.17008619f, 0.0849513784f), piece));
        q = TBlock.MultiplyAdd(q, d, TBlock.Lookup(Vector256.Create(-0.0902666226f, -0.0456127748f, -0.0212993082f, -0.0102662463f, -0.00475182058f, -0.00239154138f, -0.295433462f, -0.173765033f), piece));
        TBlock middle = TBlock.Lookup(Vector256.Create(0.205774695f, 0.141329363f, 0.0944096968f, 0.0647788346f, 0.0437924527f, 0.0309796743f, 0.414031416f, 0.30022949f), piece);
        TBlock result = TBlock.MultiplyAdd(d, q, middle);
        rest = TBlock.MultiplyAdd(d, q, middle - result);
        return result;
    }
}
