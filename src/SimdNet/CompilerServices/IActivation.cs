namespace SimdNet.CompilerServices;

/// <summary>An elementwise activation that a kernel applies to a block while it is still in registers.</summary>
public interface IActivation
{
    /// <summary>
    /// Whether the function is a few instructions, which a kernel applies to its sums while they are in registers; any
    /// other runs over the finished rows.
    /// </summary>
    static abstract bool IsSimple { get; }

    /// <summary><c>y = f(x)</c>.</summary>
    TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>;

    /// <summary><c>dx = f'(x) dy</c>, computed from <c>y = f(x)</c>, so that x need not be kept.</summary>
    TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock>;
}
