namespace SimdNet.CompilerServices;

/// <summary>An elementwise activation that a kernel applies to a block while it is still in registers.</summary>
public interface IActivation
{
    /// <summary>
    /// Whether the function is a few instructions, which a kernel applies to its sums while they are in registers; any
    /// other runs over the finished rows.
    /// </summary>
    static abstract bool IsSimple { get; }

    /// <summary>
    /// Whether <see cref="Backward"/> is given x rather than y, because y does not tell where x was, or not exactly enough.
    /// </summary>
    static virtual bool BackwardReadsInput => false;

    /// <summary>Whether the function is so long that the JIT would no longer keep two registers of it side by side in registers.</summary>
    static virtual bool IsLong => false;

    /// <summary><c>y = f(x)</c>.</summary>
    TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock>;

    /// <summary><c>dx = f'(x) dy</c>, where possible computed from y, so that x need not be kept.</summary>
    /// <param name="value"><c>y = f(x)</c>, or x where <see cref="BackwardReadsInput"/> says so.</param>
    /// <param name="gradient">dy.</param>
    TBlock Backward<TBlock>(TBlock value, TBlock gradient) where TBlock : struct, IBlock<TBlock>;
}
