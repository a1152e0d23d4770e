using System.Runtime.CompilerServices;

namespace SimdNet.CompilerServices;

/// <content>The quantile of the normal distribution, which makes noise of random bits.</content>
public static partial class BlockMath
{
    /// <summary>
    /// The number beyond which a normally distributed one lies with probability |p|, with the sign of p: <c>z = √2 erfcinv(2 |p|)</c> within 2e-6 relative, for |p| from 2^-33
    /// to 1/2.
    /// </summary>
    /// <remarks>
    /// With s = 1 - 2|p| and t = -ln(1 - s²), z/s is smooth in t, and z in √t where t is large, as Giles found ("Approximating the erfinv function", 2010); the
    /// polynomials are minimax fits.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TBlock NormalQuantile<TBlock>(TBlock p) where TBlock : struct, IBlock<TBlock>
    {
        TBlock sign = p & TBlock.SplatBits(int.MinValue), tail = p ^ sign, one = TBlock.Splat(1f);
        TBlock s = one - (tail + tail), t = -Log(tail * TBlock.Splat(4f) * (one - tail));

        TBlock near = TBlock.Splat(4.463747021e-7f);
        near = TBlock.MultiplyAdd(near, t, TBlock.Splat(-1.23170726e-5f));
        near = TBlock.MultiplyAdd(near, t, TBlock.Splat(0.0001203793203f));
        near = TBlock.MultiplyAdd(near, t, TBlock.Splat(-0.0002867675863f));
        near = TBlock.MultiplyAdd(near, t, TBlock.Splat(-0.003191541196f));
        near = TBlock.MultiplyAdd(near, t, TBlock.Splat(0.01627657075f));
        near = TBlock.MultiplyAdd(near, t, TBlock.Splat(0.3281277616f));
        near = TBlock.MultiplyAdd(near, t, TBlock.Splat(1.253313803f)) * s;

        TBlock root = TBlock.Sqrt(t), far = TBlock.Splat(-0.0002294037367f);
        far = TBlock.MultiplyAdd(far, root, TBlock.Splat(0.004953036751f));
        far = TBlock.MultiplyAdd(far, root, TBlock.Splat(-0.04368546301f));
        far = TBlock.MultiplyAdd(far, root, TBlock.Splat(0.1973621615f));
        far = TBlock.MultiplyAdd(far, root, TBlock.Splat(0.9712964767f));
        far = TBlock.MultiplyAdd(far, root, TBlock.Splat(0.1500925949f));
        return TBlock.SelectLessThan(t, TBlock.Splat(5f), near, far) ^ sign;
    }
}
