using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimdNet.CompilerServices;

/// <summary><c>y = x Φ(x) = x (1 + erf(x/√2)) / 2</c>, the Gaussian error linear unit.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Gelu : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => false;

    /// <inheritdoc/>
    public static bool BackwardReadsInput => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.Gelu(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock x, TBlock gradient) where TBlock : struct, IBlock<TBlock> => gradient * BlockMath.GeluDerivative(x);
}

/// <summary><c>y = x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2</c>, the approximation of gelu by tanh.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct GeluTanh : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => false;

    /// <inheritdoc/>
    /// <remarks>At 128 bits a table is more instructions.</remarks>
    public static bool IsLong => !Vector256.IsHardwareAccelerated;

    /// <inheritdoc/>
    public static bool BackwardReadsInput => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.GeluTanh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock x, TBlock gradient) where TBlock : struct, IBlock<TBlock> => gradient * BlockMath.GeluTanhDerivative(x);
}

/// <summary><c>y = x / (1 + e^-x)</c>, also called swish.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Silu : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => false;

    /// <inheritdoc/>
    public static bool BackwardReadsInput => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.Silu(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock x, TBlock gradient) where TBlock : struct, IBlock<TBlock> => gradient * BlockMath.SiluDerivative(x);
}

/// <summary><c>y = x tanh(ln(1 + e^x))</c>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Mish : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => false;

    /// <inheritdoc/>
    public static bool IsLong => true;

    /// <inheritdoc/>
    public static bool BackwardReadsInput => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.Mish(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock x, TBlock gradient) where TBlock : struct, IBlock<TBlock> => gradient * BlockMath.MishDerivative(x);
}

/// <summary><c>y = x min(max(x + 3, 0), 6) / 6</c>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct HardSwish : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => true;

    /// <inheritdoc/>
    public static bool BackwardReadsInput => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> =>
        // At -infinity the other factor is zero.
        TBlock.AtLeast(x, TBlock.Splat(-3f)) * default(HardSigmoid).Forward(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock x, TBlock gradient) where TBlock : struct, IBlock<TBlock> =>
        gradient * TBlock.Select(
            TBlock.LessThanOrEqual(x, TBlock.Splat(-3f)), TBlock.Zero,
            TBlock.Select(TBlock.LessThanOrEqual(TBlock.Splat(3f), x), TBlock.Splat(1f), TBlock.MultiplyAdd(x, TBlock.Splat(1f / 3), TBlock.Splat(0.5f))));
}
