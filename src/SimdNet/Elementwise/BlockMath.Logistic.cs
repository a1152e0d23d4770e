using System.Runtime.CompilerServices;

namespace SimdNet.CompilerServices;

/// <content>The activations that are made of <c>e^x</c>: silu, the tanh form of gelu, mish, softplus, elu.</content>
public static partial class BlockMath
{
    // The tanh form of gelu is x σ(z) with z = 2 √(2/π) (x + 0.044715 x³); these are the factors of x and x³, and what they lack.
    private const float GeluLinear = 1.5957691669464111f, GeluLinearRest = -4.534068054340423e-08f, GeluCubic = 0.07135481387376785f, GeluCubicRest = 2.3988324659995897e-09f;

    /// <summary><c>x σ(x) = x / (1 + e^-x)</c> within 2 ULP, subnormal results included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Silu<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        // As σ(x) + σ(-x) = 1, what is missing from max(x, 0) is t σ(-t) for t = |x|. It is 0 from 109 on.
        TBlock t = TBlock.AtMost(TBlock.Abs(x), TBlock.Splat(110f));
        return TBlock.AtLeast(x, TBlock.Zero) - LogisticTail(t, -t, TBlock.Zero);
    }

    /// <summary>The derivative of <see cref="Silu"/>, <c>σ(x) (1 + x (1 - σ(x)))</c>, within 1e-6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock SiluDerivative<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        TBlock t = TBlock.AtMost(TBlock.Abs(x), TBlock.Splat(104f));
        return LogisticDerivative(x, t, -t, TBlock.Splat(1f));
    }

    /// <summary>
    /// <c>x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2</c> within 2 ULP, subnormal results included; without fused multiply-adds within a
    /// relative error that grows to 1e-5 where results are subnormal.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock GeluTanh<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        // x σ(z), and z is odd, so that this is silu's way. Every sum and product of z keeps what it lost, because e^-z needs it.
        TBlock t = TBlock.AtMost(TBlock.Abs(x), TBlock.Splat(11f));
        TBlock square = t * t, squareRest = TBlock.MultiplyAdd(t, t, -square);
        TBlock linear = TBlock.Splat(-GeluLinear), factor = TBlock.Splat(-GeluCubic);
        TBlock cubic = square * factor;
        TBlock cubicRest = TBlock.MultiplyAdd(squareRest, factor, TBlock.MultiplyAdd(square, TBlock.Splat(-GeluCubicRest), TBlock.MultiplyAdd(square, factor, -cubic)));
        TBlock sum = linear + cubic, added = sum - linear;
        TBlock sumRest = (linear - (sum - added)) + (cubic - added) + (cubicRest - TBlock.Splat(GeluLinearRest));
        TBlock z = t * sum;
        return TBlock.AtLeast(x, TBlock.Zero) - LogisticTail(t, z, TBlock.MultiplyAdd(t, sumRest, TBlock.MultiplyAdd(t, sum, -z)));
    }

    /// <summary>The derivative of <see cref="GeluTanh"/>, within 1e-6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock GeluTanhDerivative<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        TBlock t = TBlock.AtMost(TBlock.Abs(x), TBlock.Splat(11f));
        TBlock linear = TBlock.Splat(GeluLinear), cubic = t * t * TBlock.Splat(GeluCubic);
        return LogisticDerivative(x, t, -t * (linear + cubic), TBlock.MultiplyAdd(cubic, TBlock.Splat(3f), linear));
    }

    /// <summary><c>x tanh(ln(1 + e^x))</c> within 2 ULP, subnormal results included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Mish<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        TBlock one = TBlock.Splat(1f);
        TBlock t = TBlock.AtMost(TBlock.Abs(x), TBlock.Splat(110f));
        TBlock isLeft = TBlock.LessThan(x, TBlock.Zero);
        TBlock power = NearestPower(-t, out TBlock exponent, out TBlock lost);
        TBlock p = ExpOfRest(-t, exponent, lost);
        TBlock e = TBlock.ScaleByPowerOfTwo(TBlock.MultiplyAdd(power, p, power), exponent);

        // With e = e^-t the result is x (2e + 1) / (2e² + 2e + 1) right of zero, and x e (e + 2) / (e² + 2e + 2) left of it.
        TBlock most = TBlock.MultiplyAdd(e, TBlock.Select(isLeft, one, one + one), TBlock.Select(isLeft, one + one, one));
        TBlock square = TBlock.MultiplyAdd(e, TBlock.Select(isLeft, e, e + e), isLeft & e);
        TBlock divisor = most + square, divisorRest = square - (divisor - most);

        TBlock scaled = t * TBlock.Select(isLeft, power, one);
        TBlock rest = isLeft & TBlock.MultiplyAdd(scaled, p, TBlock.MultiplyAdd(t, power, -scaled));
        TBlock numerator = scaled * most;
        rest = TBlock.MultiplyAdd(rest, most, TBlock.MultiplyAdd(scaled, most, -numerator));
        TBlock result = TBlock.ScaleByPowerOfTwo(Quotient(numerator, rest, divisor, divisorRest), isLeft & exponent);
        return TBlock.SelectLessThan(t, x, x, result) | (x & TBlock.SplatBits(int.MinValue));
    }

    /// <summary>The derivative of <see cref="Mish"/>, <c>w + x σ(x) (1 - w²)</c> for <c>w = tanh(ln(1 + e^x))</c>, within 1e-6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock MishDerivative<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        TBlock one = TBlock.Splat(1f), two = TBlock.Splat(2f);
        TBlock t = TBlock.AtMost(TBlock.Abs(x), TBlock.Splat(104f));
        TBlock isLeft = TBlock.LessThan(x, TBlock.Zero);
        TBlock e = ExpWithin(-t);

        // w = n / (n + c), and 1 - w = c / (n + c), which does not cancel.
        TBlock n = TBlock.Select(isLeft, TBlock.MultiplyAdd(e, e, e + e), TBlock.MultiplyAdd(e, two, one));
        TBlock c = TBlock.Select(isLeft, two, e * e * two);
        TBlock increased = one + e;
        TBlock inverse = one / ((n + c) * increased);
        TBlock w = n * increased * inverse;
        TBlock slope = t * c * TBlock.Select(isLeft, e, one) * inverse * (one + w);
        return w + TBlock.Select(isLeft, -slope, slope);
    }

    /// <summary><c>ln(1 + e^x)</c> within 2 ULP, subnormal results included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Softplus<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => SoftplusTail(x, TBlock.AtLeast(x, TBlock.Zero));

    /// <summary><c>ln(1 + e^-|x|)</c> within 2 ULP, subnormal results included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock SoftplusTail<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => SoftplusTail(x, TBlock.Zero);

    /// <summary><c>ln(1 + e^-|x|) + addend</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock SoftplusTail<TBlock>(TBlock x, TBlock addend) where TBlock : struct, IBlock<TBlock>
    {
        TBlock z = TBlock.AtLeast(x | TBlock.SplatBits(int.MinValue), TBlock.Splat(-104f));
        TBlock power = NearestPower(z, out TBlock exponent, out TBlock lost);
        TBlock p = ExpOfRest(z, exponent, lost);
        TBlock sum = TBlock.MultiplyAdd(power, p, power);
        TBlock e = TBlock.ScaleByPowerOfTwo(sum, exponent);
        TBlock rest = TBlock.ScaleByPowerOfTwo(TBlock.MultiplyAdd(power, p, power - sum), exponent);

        // ln(1 + e) = e + e² q(e) for e from 0 to 1.
        TBlock q = TBlock.Splat(-0.003306539496406913f);
        q = TBlock.MultiplyAdd(q, e, TBlock.Splat(0.020150333642959595f));
        q = TBlock.MultiplyAdd(q, e, TBlock.Splat(-0.05756152793765068f));
        q = TBlock.MultiplyAdd(q, e, TBlock.Splat(0.10670012980699539f));
        q = TBlock.MultiplyAdd(q, e, TBlock.Splat(-0.15349097549915314f));
        q = TBlock.MultiplyAdd(q, e, TBlock.Splat(0.19693192839622498f));
        q = TBlock.MultiplyAdd(q, e, TBlock.Splat(-0.24958156049251556f));
        q = TBlock.MultiplyAdd(q, e, TBlock.Splat(0.3333047032356262f));
        q = TBlock.MultiplyAdd(q, e, TBlock.Splat(-0.4999993145465851f));
        return e + (addend + TBlock.MultiplyAdd(e * e, q, rest));
    }

    /// <summary><c>e^x - 1</c> within 2 ULP for x of at most 0, or NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock ExpMinusOne<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        TBlock z = TBlock.AtLeast(x, TBlock.Splat(-104f));
        TBlock power = NearestPower(z, out TBlock exponent, out TBlock lost);
        TBlock scaled = TBlock.ScaleByPowerOfTwo(power, exponent);
        return TBlock.MultiplyAdd(scaled, ExpOfRest(z, exponent, lost), scaled - TBlock.Splat(1f));
    }

    /// <summary>
    /// <c>t e^z / (1 + e^z)</c> for t of at least 0 and z from -114 to 0, which is <paramref name="z"/> and a small <paramref name="zRest"/>;
    /// z is near zero where t is.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock LogisticTail<TBlock>(TBlock t, TBlock z, TBlock zRest) where TBlock : struct, IBlock<TBlock>
    {
        TBlock one = TBlock.Splat(1f);
        TBlock power = NearestPower(z, out TBlock exponent, out TBlock lost);
        TBlock p = ExpOfRest(z, exponent, lost + zRest);
        TBlock e = TBlock.ScaleByPowerOfTwo(TBlock.MultiplyAdd(power, p, power), exponent);
        TBlock product = t * power;
        TBlock rest = TBlock.MultiplyAdd(product, p, TBlock.MultiplyAdd(t, power, -product));
        TBlock numerator = product + rest, divisor = one + e;
        return TBlock.ScaleByPowerOfTwo(Quotient(numerator, product - numerator + rest, divisor, e - (divisor - one)), exponent);
    }

    /// <summary>The quotient of two sums of a number and a small rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock Quotient<TBlock>(TBlock numerator, TBlock numeratorRest, TBlock divisor, TBlock divisorRest) where TBlock : struct, IBlock<TBlock>
    {
        TBlock inverse = TBlock.Splat(1f) / divisor;
        TBlock quotient = numerator * inverse;
        TBlock lack = TBlock.MultiplyAdd(-quotient, divisor, numerator) + TBlock.MultiplyAdd(-quotient, divisorRest, numeratorRest);
        return TBlock.MultiplyAdd(lack, inverse, quotient);
    }

    /// <summary>The derivative of <c>x σ(z(x))</c> with odd z, from t = |x|, z(-t) and the slope z'(x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBlock LogisticDerivative<TBlock>(TBlock x, TBlock t, TBlock z, TBlock slope) where TBlock : struct, IBlock<TBlock>
    {
        TBlock one = TBlock.Splat(1f);
        TBlock e = ExpWithin(TBlock.AtLeast(z, TBlock.Splat(-104f)));
        TBlock inverse = one / (one + e);
        TBlock left = e * inverse * TBlock.MultiplyAdd(-t * slope, inverse, one);
        return TBlock.SelectLessThan(x, TBlock.Zero, left, one - left);
    }
}
