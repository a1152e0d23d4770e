using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimdNet.CompilerServices;

/// <summary>
/// A fixed number of floats that are computed together: the unit every kernel is written in. A kernel is one generic
/// method over <typeparamref name="TSelf"/>; the JIT makes machine code of it for each realisation.
/// </summary>
/// <remarks>
/// An operation is in this interface only if its result is the same to the last bit in every realisation. The one
/// exception is <see cref="MultiplyAdd"/>, which is fused where the hardware can fuse and rounds twice where it cannot.
/// A mask is a block whose lanes are all ones or all zeros, as the comparisons return it.
/// </remarks>
/// <typeparam name="TSelf">The realisation itself.</typeparam>
public interface IBlock<TSelf> where TSelf : struct, IBlock<TSelf>
{
    /// <summary>The number of floats in a block.</summary>
    static abstract int Count { get; }

    /// <summary>How many blocks fit into the vector registers of this machine: the budget for a register tile.</summary>
    static abstract int Registers { get; }

    /// <summary>A block of zeros.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>A block with <paramref name="value"/> in every lane.</summary>
    static abstract TSelf Splat(float value);

    /// <summary>Four blocks, each with one of the floats that begin <paramref name="offset"/> floats after <paramref name="source"/> in every lane: loads are what one sample waits for, and where there are shuffles one is enough.</summary>
    static virtual void SplatFour(ref readonly float source, nint offset, out TSelf first, out TSelf second, out TSelf third, out TSelf fourth)
    {
        ref float start = ref Unsafe.Add(ref Unsafe.AsRef(in source), offset);
        first = TSelf.Splat(start);
        second = TSelf.Splat(Unsafe.Add(ref start, 1));
        third = TSelf.Splat(Unsafe.Add(ref start, 2));
        fourth = TSelf.Splat(Unsafe.Add(ref start, 3));
    }

    /// <summary>A block with the bits <paramref name="value"/> in every lane.</summary>
    static abstract TSelf SplatBits(int value);

    /// <summary>Reads <see cref="Count"/> floats that begin <paramref name="offset"/> floats after <paramref name="source"/>.</summary>
    static abstract TSelf Load(ref readonly float source, nint offset);

    /// <summary>Reads <paramref name="count"/> floats, 0 to <see cref="Count"/>, and fills the other lanes with zero.</summary>
    static abstract TSelf LoadPartial(ref readonly float source, nint offset, int count);

    /// <summary>Writes <see cref="Count"/> floats.</summary>
    static abstract void Store(TSelf value, ref float destination, nint offset);

    /// <summary>Writes the first <paramref name="count"/> lanes, 0 to <see cref="Count"/>.</summary>
    static abstract void StorePartial(TSelf value, ref float destination, nint offset, int count);

    /// <summary>The lane-wise sum.</summary>
    static abstract TSelf operator +(TSelf left, TSelf right);

    /// <summary>The lane-wise difference.</summary>
    static abstract TSelf operator -(TSelf left, TSelf right);

    /// <summary>The lane-wise product.</summary>
    static abstract TSelf operator *(TSelf left, TSelf right);

    /// <summary>The lane-wise quotient.</summary>
    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>Every lane with its sign flipped.</summary>
    static abstract TSelf operator -(TSelf value);

    /// <summary><c>left * right + addend</c>, rounded once with FMA hardware and twice without.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary><c>sum = MultiplyAdd(left, right, sum)</c>: the form for sums of a loop, which the JIT adds up where they are instead of moving each result.</summary>
    static abstract void Accumulate(ref TSelf sum, TSelf left, TSelf right);

    /// <summary>The same with <c>Load(right, offset)</c>, which is then part of the instruction.</summary>
    static abstract void Accumulate(ref TSelf sum, TSelf left, ref readonly float right, nint offset);

    /// <summary><c>sum = MultiplyAdd(Splat(left), right, sum)</c>, for a value that is used once: some processors broadcast it as part of the instruction.</summary>
    static virtual void AccumulateSplat(ref TSelf sum, ref readonly float left, TSelf right) => TSelf.Accumulate(ref sum, TSelf.Splat(left), right);

    /// <summary>The square root.</summary>
    static abstract TSelf Sqrt(TSelf value);

    /// <summary>The absolute value.</summary>
    static abstract TSelf Abs(TSelf value);

    /// <summary>The nearest whole number, ties to even.</summary>
    static abstract TSelf Round(TSelf value);

    /// <summary>The larger value; NaN where either is NaN (IEEE 754 <c>maximum</c>).</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary><c>value &lt; bound ? bound : value</c>: NaN in <paramref name="value"/> stays.</summary>
    static abstract TSelf AtLeast(TSelf value, TSelf bound);

    /// <summary><c>bound &lt; value ? bound : value</c>: NaN in <paramref name="value"/> stays.</summary>
    static abstract TSelf AtMost(TSelf value, TSelf bound);

    /// <summary>The mask of <c>left &lt; right</c>; false where either is NaN.</summary>
    static abstract TSelf LessThan(TSelf left, TSelf right);

    /// <summary>The mask of <c>left &lt;= right</c>; false where either is NaN.</summary>
    static abstract TSelf LessThanOrEqual(TSelf left, TSelf right);

    /// <summary>The mask of <c>left == right</c>; false where either is NaN.</summary>
    static abstract TSelf Equal(TSelf left, TSelf right);

    /// <summary><paramref name="whenTrue"/> where <paramref name="mask"/> is set, otherwise <paramref name="whenFalse"/>.</summary>
    static abstract TSelf Select(TSelf mask, TSelf whenTrue, TSelf whenFalse);

    /// <summary><c>left &lt; right ? whenTrue : whenFalse</c>, in one operation since a comparison may have a kind of mask of its own.</summary>
    static abstract TSelf SelectLessThan(TSelf left, TSelf right, TSelf whenTrue, TSelf whenFalse);

    /// <summary>The bitwise and.</summary>
    static abstract TSelf operator &(TSelf left, TSelf right);

    /// <summary>The bitwise or.</summary>
    static abstract TSelf operator |(TSelf left, TSelf right);

    /// <summary>The bitwise exclusive or.</summary>
    static abstract TSelf operator ^(TSelf left, TSelf right);

    /// <summary>The sum of the lanes' bits taken as 32-bit integers.</summary>
    static abstract TSelf AddBits(TSelf left, TSelf right);

    /// <summary>The difference of the lanes' bits taken as 32-bit integers.</summary>
    static abstract TSelf SubtractBits(TSelf left, TSelf right);

    /// <summary>The lanes' bits shifted left.</summary>
    static abstract TSelf ShiftBitsLeft(TSelf value, int count);

    /// <summary>The lanes' bits, taken as signed 32-bit integers, shifted right.</summary>
    static abstract TSelf ShiftBitsRight(TSelf value, int count);

    /// <summary>The bits of the 32-bit integers nearest to zero from <paramref name="value"/>, whose magnitude is below 2^31.</summary>
    static abstract TSelf ToIntegerBits(TSelf value);

    /// <summary>The floats nearest to the 32-bit integers whose bits are given.</summary>
    static abstract TSelf FromIntegerBits(TSelf value);

    /// <summary>In each lane the element of a table of eight whose number is in the low three bits of the lane.</summary>
    static abstract TSelf Lookup(Vector256<float> table, TSelf index);

    /// <summary>
    /// <c>value * 2^⌊exponent⌋</c>, rounded once. Requires values of magnitude 0.25 to 4 and exponents from -252 to 252, or
    /// of magnitude 2^-40 to 2^40 and exponents from -170 to 170, or any value and the exponent 0; zero, infinities and NaN stay.
    /// </summary>
    static abstract TSelf ScaleByPowerOfTwo(TSelf value, TSelf exponent);

    /// <summary>
    /// The mantissa of a positive number, from 1 to below 2, and its exponent: <c>value = mantissa * 2^exponent</c>, subnormal numbers
    /// included. Zero has the mantissa 1 and the exponent -infinity, where -0 may keep its sign; infinity 1 and infinity. Of NaN and of negative numbers one of both is NaN.
    /// </summary>
    static abstract TSelf Mantissa(TSelf value, out TSelf exponent);

    /// <summary>
    /// <c>f(value)</c>, on one register after the other: of a long function on several at once the JIT would keep nothing
    /// in registers.
    /// </summary>
    static abstract TSelf Apply<TActivation>(TActivation activation, TSelf value) where TActivation : struct, IActivation;

    /// <summary>The sum of all lanes in a fixed tree: the upper half is added to the lower half until one is left.</summary>
    static abstract float Sum(TSelf value);

    /// <summary>Writes the sums of four blocks, each added up as <see cref="Sum"/> does, one after another: with shuffles, four at once cost little more than one.</summary>
    static virtual void StoreSums(TSelf first, TSelf second, TSelf third, TSelf fourth, ref float destination, nint offset)
    {
        Unsafe.Add(ref destination, offset) = TSelf.Sum(first);
        Unsafe.Add(ref destination, offset + 1) = TSelf.Sum(second);
        Unsafe.Add(ref destination, offset + 2) = TSelf.Sum(third);
        Unsafe.Add(ref destination, offset + 3) = TSelf.Sum(fourth);
    }

    /// <summary>The largest lane; NaN if any lane is NaN.</summary>
    static abstract float MaxLane(TSelf value);
}
