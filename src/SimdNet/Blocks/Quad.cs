using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>A block made of four blocks of a quarter of its size, side by side.</summary>
/// <typeparam name="TQuarter">The realisation of each quarter.</typeparam>
public readonly struct Quad<TQuarter> : IBlock<Quad<TQuarter>> where TQuarter : struct, IBlock<TQuarter>
{
    private readonly TQuarter _part0;
    private readonly TQuarter _part1;
    private readonly TQuarter _part2;
    private readonly TQuarter _part3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Quad(TQuarter part0, TQuarter part1, TQuarter part2, TQuarter part3)
    {
        _part0 = part0;
        _part1 = part1;
        _part2 = part2;
        _part3 = part3;
    }

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 4 * TQuarter.Count;
    }

    /// <inheritdoc/>
    public static int Registers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TQuarter.Registers / 4;
    }

    /// <inheritdoc/>
    public static Quad<TQuarter> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(TQuarter.Zero, TQuarter.Zero, TQuarter.Zero, TQuarter.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> Splat(float value)
    {
        TQuarter part = TQuarter.Splat(value);
        return new(part, part, part, part);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> SplatBits(int value)
    {
        TQuarter part = TQuarter.SplatBits(value);
        return new(part, part, part, part);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> Load(ref readonly float source, nint offset) =>
        new(
            TQuarter.Load(in source, offset),
            TQuarter.Load(in source, offset + TQuarter.Count),
            TQuarter.Load(in source, offset + 2 * TQuarter.Count),
            TQuarter.Load(in source, offset + 3 * TQuarter.Count));

    /// <inheritdoc/>
    [MethodImpl(Jit.Kernel)]
    public static Quad<TQuarter> LoadPartial(ref readonly float source, nint offset, int count)
    {
        return new(Part(in source, 0), Part(in source, 1), Part(in source, 2), Part(in source, 3));

        TQuarter Part(ref readonly float start, int index) =>
            TQuarter.LoadPartial(in start, offset + index * TQuarter.Count, Math.Clamp(count - index * TQuarter.Count, 0, TQuarter.Count));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Quad<TQuarter> value, ref float destination, nint offset)
    {
        TQuarter.Store(value._part0, ref destination, offset);
        TQuarter.Store(value._part1, ref destination, offset + TQuarter.Count);
        TQuarter.Store(value._part2, ref destination, offset + 2 * TQuarter.Count);
        TQuarter.Store(value._part3, ref destination, offset + 3 * TQuarter.Count);
    }

    /// <inheritdoc/>
    [MethodImpl(Jit.Kernel)]
    public static void StorePartial(Quad<TQuarter> value, ref float destination, nint offset, int count)
    {
        Part(value._part0, ref destination, 0);
        Part(value._part1, ref destination, 1);
        Part(value._part2, ref destination, 2);
        Part(value._part3, ref destination, 3);

        void Part(TQuarter part, ref float start, int index) =>
            TQuarter.StorePartial(part, ref start, offset + index * TQuarter.Count, Math.Clamp(count - index * TQuarter.Count, 0, TQuarter.Count));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> operator +(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            left._part0 + right._part0,
            left._part1 + right._part1,
            left._part2 + right._part2,
            left._part3 + right._part3);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> operator -(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            left._part0 - right._part0,
            left._part1 - right._part1,
            left._part2 - right._part2,
            left._part3 - right._part3);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> operator *(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            left._part0 * right._part0,
            left._part1 * right._part1,
            left._part2 * right._part2,
            left._part3 * right._part3);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> operator /(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            left._part0 / right._part0,
            left._part1 / right._part1,
            left._part2 / right._part2,
            left._part3 / right._part3);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> operator &(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            left._part0 & right._part0,
            left._part1 & right._part1,
            left._part2 & right._part2,
            left._part3 & right._part3);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> operator |(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            left._part0 | right._part0,
            left._part1 | right._part1,
            left._part2 | right._part2,
            left._part3 | right._part3);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> operator ^(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            left._part0 ^ right._part0,
            left._part1 ^ right._part1,
            left._part2 ^ right._part2,
            left._part3 ^ right._part3);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> operator -(Quad<TQuarter> value) =>
        new(
            -value._part0,
            -value._part1,
            -value._part2,
            -value._part3);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> MultiplyAdd(Quad<TQuarter> left, Quad<TQuarter> right, Quad<TQuarter> addend) =>
        new(
            TQuarter.MultiplyAdd(left._part0, right._part0, addend._part0),
            TQuarter.MultiplyAdd(left._part1, right._part1, addend._part1),
            TQuarter.MultiplyAdd(left._part2, right._part2, addend._part2),
            TQuarter.MultiplyAdd(left._part3, right._part3, addend._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Quad<TQuarter> sum, Quad<TQuarter> left, Quad<TQuarter> right)
    {
        TQuarter.Accumulate(ref Unsafe.AsRef(in sum._part0), left._part0, right._part0);
        TQuarter.Accumulate(ref Unsafe.AsRef(in sum._part1), left._part1, right._part1);
        TQuarter.Accumulate(ref Unsafe.AsRef(in sum._part2), left._part2, right._part2);
        TQuarter.Accumulate(ref Unsafe.AsRef(in sum._part3), left._part3, right._part3);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Quad<TQuarter> sum, Quad<TQuarter> left, ref readonly float right, nint offset)
    {
        TQuarter.Accumulate(ref Unsafe.AsRef(in sum._part0), left._part0, in right, offset);
        TQuarter.Accumulate(ref Unsafe.AsRef(in sum._part1), left._part1, in right, offset + TQuarter.Count);
        TQuarter.Accumulate(ref Unsafe.AsRef(in sum._part2), left._part2, in right, offset + 2 * TQuarter.Count);
        TQuarter.Accumulate(ref Unsafe.AsRef(in sum._part3), left._part3, in right, offset + 3 * TQuarter.Count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> Sqrt(Quad<TQuarter> value) =>
        new(
            TQuarter.Sqrt(value._part0),
            TQuarter.Sqrt(value._part1),
            TQuarter.Sqrt(value._part2),
            TQuarter.Sqrt(value._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> Abs(Quad<TQuarter> value) =>
        new(
            TQuarter.Abs(value._part0),
            TQuarter.Abs(value._part1),
            TQuarter.Abs(value._part2),
            TQuarter.Abs(value._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> Round(Quad<TQuarter> value) =>
        new(
            TQuarter.Round(value._part0),
            TQuarter.Round(value._part1),
            TQuarter.Round(value._part2),
            TQuarter.Round(value._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> ToIntegerBits(Quad<TQuarter> value) =>
        new(
            TQuarter.ToIntegerBits(value._part0),
            TQuarter.ToIntegerBits(value._part1),
            TQuarter.ToIntegerBits(value._part2),
            TQuarter.ToIntegerBits(value._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> FromIntegerBits(Quad<TQuarter> value) =>
        new(
            TQuarter.FromIntegerBits(value._part0),
            TQuarter.FromIntegerBits(value._part1),
            TQuarter.FromIntegerBits(value._part2),
            TQuarter.FromIntegerBits(value._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> Max(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            TQuarter.Max(left._part0, right._part0),
            TQuarter.Max(left._part1, right._part1),
            TQuarter.Max(left._part2, right._part2),
            TQuarter.Max(left._part3, right._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> LessThan(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            TQuarter.LessThan(left._part0, right._part0),
            TQuarter.LessThan(left._part1, right._part1),
            TQuarter.LessThan(left._part2, right._part2),
            TQuarter.LessThan(left._part3, right._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> LessThanOrEqual(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            TQuarter.LessThanOrEqual(left._part0, right._part0),
            TQuarter.LessThanOrEqual(left._part1, right._part1),
            TQuarter.LessThanOrEqual(left._part2, right._part2),
            TQuarter.LessThanOrEqual(left._part3, right._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> Equal(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            TQuarter.Equal(left._part0, right._part0),
            TQuarter.Equal(left._part1, right._part1),
            TQuarter.Equal(left._part2, right._part2),
            TQuarter.Equal(left._part3, right._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> AddBits(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            TQuarter.AddBits(left._part0, right._part0),
            TQuarter.AddBits(left._part1, right._part1),
            TQuarter.AddBits(left._part2, right._part2),
            TQuarter.AddBits(left._part3, right._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> SubtractBits(Quad<TQuarter> left, Quad<TQuarter> right) =>
        new(
            TQuarter.SubtractBits(left._part0, right._part0),
            TQuarter.SubtractBits(left._part1, right._part1),
            TQuarter.SubtractBits(left._part2, right._part2),
            TQuarter.SubtractBits(left._part3, right._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> AtLeast(Quad<TQuarter> value, Quad<TQuarter> bound) =>
        new(
            TQuarter.AtLeast(value._part0, bound._part0),
            TQuarter.AtLeast(value._part1, bound._part1),
            TQuarter.AtLeast(value._part2, bound._part2),
            TQuarter.AtLeast(value._part3, bound._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> AtMost(Quad<TQuarter> value, Quad<TQuarter> bound) =>
        new(
            TQuarter.AtMost(value._part0, bound._part0),
            TQuarter.AtMost(value._part1, bound._part1),
            TQuarter.AtMost(value._part2, bound._part2),
            TQuarter.AtMost(value._part3, bound._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> Select(Quad<TQuarter> mask, Quad<TQuarter> whenTrue, Quad<TQuarter> whenFalse) =>
        new(
            TQuarter.Select(mask._part0, whenTrue._part0, whenFalse._part0),
            TQuarter.Select(mask._part1, whenTrue._part1, whenFalse._part1),
            TQuarter.Select(mask._part2, whenTrue._part2, whenFalse._part2),
            TQuarter.Select(mask._part3, whenTrue._part3, whenFalse._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> SelectLessThan(Quad<TQuarter> left, Quad<TQuarter> right, Quad<TQuarter> whenTrue, Quad<TQuarter> whenFalse) =>
        new(
            TQuarter.SelectLessThan(left._part0, right._part0, whenTrue._part0, whenFalse._part0),
            TQuarter.SelectLessThan(left._part1, right._part1, whenTrue._part1, whenFalse._part1),
            TQuarter.SelectLessThan(left._part2, right._part2, whenTrue._part2, whenFalse._part2),
            TQuarter.SelectLessThan(left._part3, right._part3, whenTrue._part3, whenFalse._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> Lookup(Vector256<float> table, Quad<TQuarter> index) =>
        new(
            TQuarter.Lookup(table, index._part0),
            TQuarter.Lookup(table, index._part1),
            TQuarter.Lookup(table, index._part2),
            TQuarter.Lookup(table, index._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> ScaleByPowerOfTwo(Quad<TQuarter> value, Quad<TQuarter> exponent) =>
        new(
            TQuarter.ScaleByPowerOfTwo(value._part0, exponent._part0),
            TQuarter.ScaleByPowerOfTwo(value._part1, exponent._part1),
            TQuarter.ScaleByPowerOfTwo(value._part2, exponent._part2),
            TQuarter.ScaleByPowerOfTwo(value._part3, exponent._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> ShiftBitsLeft(Quad<TQuarter> value, int count) =>
        new(
            TQuarter.ShiftBitsLeft(value._part0, count),
            TQuarter.ShiftBitsLeft(value._part1, count),
            TQuarter.ShiftBitsLeft(value._part2, count),
            TQuarter.ShiftBitsLeft(value._part3, count));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> ShiftBitsRight(Quad<TQuarter> value, int count) =>
        new(
            TQuarter.ShiftBitsRight(value._part0, count),
            TQuarter.ShiftBitsRight(value._part1, count),
            TQuarter.ShiftBitsRight(value._part2, count),
            TQuarter.ShiftBitsRight(value._part3, count));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> Mantissa(Quad<TQuarter> value, out Quad<TQuarter> exponent)
    {
        var mantissa = new Quad<TQuarter>(
            TQuarter.Mantissa(value._part0, out TQuarter exponent0),
            TQuarter.Mantissa(value._part1, out TQuarter exponent1),
            TQuarter.Mantissa(value._part2, out TQuarter exponent2),
            TQuarter.Mantissa(value._part3, out TQuarter exponent3));
        exponent = new(exponent0, exponent1, exponent2, exponent3);
        return mantissa;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TQuarter> Apply<TActivation>(TActivation activation, Quad<TQuarter> value) where TActivation : struct, IActivation =>
        new(
            TQuarter.Apply(activation, value._part0),
            TQuarter.Apply(activation, value._part1),
            TQuarter.Apply(activation, value._part2),
            TQuarter.Apply(activation, value._part3));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Quad<TQuarter> value) => TQuarter.Sum(Quarters(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Quad<TQuarter> first, Quad<TQuarter> second, Quad<TQuarter> third, Quad<TQuarter> fourth, ref float destination, nint offset) => TQuarter.StoreSums(
        Quarters(first), Quarters(second), Quarters(third), Quarters(fourth), ref destination, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(Quad<TQuarter> value) => TQuarter.MaxLane(TQuarter.Max(TQuarter.Max(value._part0, value._part1), TQuarter.Max(value._part2, value._part3)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TQuarter Quarters(Quad<TQuarter> value) => (value._part0 + value._part2) + (value._part1 + value._part3);
}
