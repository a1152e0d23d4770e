using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace SimdNet.CompilerServices;

/// <summary><c>y = x</c>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Identity : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => x;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> => gradient;
}

/// <summary><c>y = x &lt; 0 ? 0 : x</c>; NaN stays NaN.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Relu : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => TBlock.AtLeast(x, TBlock.Zero);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> =>
        TBlock.Select(TBlock.LessThanOrEqual(y, TBlock.Zero), TBlock.Zero, gradient);
}

/// <summary><c>y = x &lt; 0 ? slope x : x</c> with a positive slope; NaN stays NaN.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct LeakyRelu(float slope) : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> =>
        TBlock.SelectLessThan(x, TBlock.Zero, TBlock.Splat(slope) * x, x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> =>
        // A positive slope keeps the sign, so y tells where x was.
        TBlock.Select(TBlock.LessThanOrEqual(y, TBlock.Zero), TBlock.Splat(slope) * gradient, gradient);
}

/// <summary><c>y = 1 / (1 + e^-x)</c>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Sigmoid : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.Sigmoid(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> =>
        gradient * (y * (TBlock.Splat(1f) - y));
}

/// <summary><c>y = tanh x</c>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Tanh : IActivation
{
    /// <inheritdoc/>
    public static bool IsSimple => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.Tanh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> =>
        gradient * TBlock.MultiplyAdd(-y, y, TBlock.Splat(1f));
}

/// <summary><c>y = e^x</c>; a function for spans, not a layer's activation.</summary>
internal readonly struct Exponential : IActivation
{
    public static bool IsSimple => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.Exp(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> => gradient * y;
}

/// <summary><c>y = ln x</c>; a function for spans, not a layer's activation.</summary>
internal readonly struct Logarithm : IActivation
{
    public static bool IsSimple => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.Log(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> => gradient * BlockMath.Exp(-y);
}

/// <summary><c>y = ln(1 + e^-|x|)</c>, what binary cross-entropy adds to a straight line.</summary>
internal readonly struct SoftplusTail : IActivation
{
    public static bool IsSimple => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.SoftplusTail(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> => gradient * BlockMath.ExpMinusOne(-y);
}

/// <summary><c>y = erf x</c>; a function for spans, not a layer's activation.</summary>
internal readonly struct ErrorFunction : IActivation
{
    public static bool IsSimple => false;

    public static bool BackwardReadsInput => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => BlockMath.Erf(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Backward<TBlock>(TBlock x, TBlock gradient) where TBlock : struct, IBlock<TBlock> =>
        gradient * (TBlock.Splat(1.1283791670955126f) * BlockMath.Exp(-x * x));
}
