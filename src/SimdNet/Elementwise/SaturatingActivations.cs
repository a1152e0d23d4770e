using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace SimdNet.CompilerServices;

/// <summary><c>y = x &lt; 0 ? alpha (e^x - 1) : x</c> with an alpha of at least 0.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Elu(float alpha) : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> =>
        TBlock.SelectLessThan(x, TBlock.Zero, TBlock.Splat(alpha) * BlockMath.ExpMinusOne(TBlock.AtMost(x, TBlock.Zero)), x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> =>
        gradient * TBlock.Select(TBlock.LessThanOrEqual(y, TBlock.Zero), y + TBlock.Splat(alpha), TBlock.Splat(1f));
}

/// <summary><c>y = x &lt; 0 ? λ α (e^x - 1) : λ x</c> with λ = 1.0507009873554805 and α = 1.6732632423543772.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Selu : IActivation
{
    private const float Scale = 1.0507009873554805f, ScaledAlpha = 1.7580993408473769f;

    /// <inheritdoc/>
    public static bool IsSimple => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> =>
        TBlock.SelectLessThan(x, TBlock.Zero, TBlock.Splat(ScaledAlpha) * BlockMath.ExpMinusOne(TBlock.AtMost(x, TBlock.Zero)), TBlock.Splat(Scale) * x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> =>
        gradient * TBlock.Select(TBlock.LessThanOrEqual(y, TBlock.Zero), y + TBlock.Splat(ScaledAlpha), TBlock.Splat(Scale));
}

/// <summary><c>y = ln(1 + e^x)</c>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Softplus : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.Softplus(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> =>
        // σ(x) = 1 - e^-y, which does not cancel where it is computed as one function.
        gradient * -BlockMath.ExpMinusOne(-y);
}

/// <summary><c>y = x / (1 + |x|)</c>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Softsign : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => false;

    /// <inheritdoc/>
    public static bool BackwardReadsInput => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>
    {
        // Infinity would be divided by infinity.
        TBlock sign = x & TBlock.SplatBits(int.MinValue);
        TBlock t = TBlock.AtMost(x ^ sign, TBlock.Splat(float.MaxValue));
        return (t / (TBlock.Splat(1f) + t)) ^ sign;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock x, TBlock gradient) where TBlock : struct, IBlock<TBlock>
    {
        TBlock inverse = TBlock.Splat(1f) / (TBlock.Splat(1f) + TBlock.Abs(x));
        return gradient * (inverse * inverse);
    }
}

/// <summary><c>y = min(max(x + 3, 0), 6) / 6</c>, which is <c>x/6 + 1/2</c> between 0 and 1.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct HardSigmoid : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> =>
        TBlock.AtMost(TBlock.AtLeast((x + TBlock.Splat(3f)) * TBlock.Splat(1f / 6), TBlock.Zero), TBlock.Splat(1f));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> =>
        TBlock.Select(TBlock.LessThanOrEqual(y, TBlock.Zero) | TBlock.LessThanOrEqual(TBlock.Splat(1f), y), TBlock.Zero, gradient * TBlock.Splat(1f / 6));
}
