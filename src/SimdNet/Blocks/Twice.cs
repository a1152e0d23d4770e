using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>A block made of two blocks of half its size, side by side.</summary>
/// <typeparam name="THalf">The realisation of each half.</typeparam>
public readonly struct Twice<THalf> : IBlock<Twice<THalf>> where THalf : struct, IBlock<THalf>
{
    private readonly THalf _lower;
    private readonly THalf _upper;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Twice(THalf lower, THalf upper)
    {
        _lower = lower;
        _upper = upper;
    }

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * THalf.Count;
    }

    /// <inheritdoc/>
    public static int Registers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => THalf.Registers / 2;
    }

    /// <inheritdoc/>
    public static Twice<THalf> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(THalf.Zero, THalf.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> Splat(float value)
    {
        THalf half = THalf.Splat(value);
        return new(half, half);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SplatFour(ref readonly float source, nint offset, out Twice<THalf> first, out Twice<THalf> second, out Twice<THalf> third, out Twice<THalf> fourth)
    {
        THalf.SplatFour(in source, offset, out THalf half1, out THalf half2, out THalf half3, out THalf half4);
        first = new(half1, half1);
        second = new(half2, half2);
        third = new(half3, half3);
        fourth = new(half4, half4);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> SplatBits(int value)
    {
        THalf half = THalf.SplatBits(value);
        return new(half, half);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> Load(ref readonly float source, nint offset) =>
        new(THalf.Load(in source, offset), THalf.Load(in source, offset + THalf.Count));

    /// <inheritdoc/>
    [MethodImpl(Jit.Kernel)]
    public static Twice<THalf> LoadPartial(ref readonly float source, nint offset, int count) =>
        count <= THalf.Count
            ? new(THalf.LoadPartial(in source, offset, count), THalf.Zero)
            : new(THalf.Load(in source, offset), THalf.LoadPartial(in source, offset + THalf.Count, count - THalf.Count));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Twice<THalf> value, ref float destination, nint offset)
    {
        THalf.Store(value._lower, ref destination, offset);
        THalf.Store(value._upper, ref destination, offset + THalf.Count);
    }

    /// <inheritdoc/>
    [MethodImpl(Jit.Kernel)]
    public static void StorePartial(Twice<THalf> value, ref float destination, nint offset, int count)
    {
        if (count <= THalf.Count)
        {
            THalf.StorePartial(value._lower, ref destination, offset, count);
            return;
        }
        THalf.Store(value._lower, ref destination, offset);
        THalf.StorePartial(value._upper, ref destination, offset + THalf.Count, count - THalf.Count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> operator +(Twice<THalf> left, Twice<THalf> right) =>
        new(left._lower + right._lower, left._upper + right._upper);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> operator -(Twice<THalf> left, Twice<THalf> right) =>
        new(left._lower - right._lower, left._upper - right._upper);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> operator *(Twice<THalf> left, Twice<THalf> right) =>
        new(left._lower * right._lower, left._upper * right._upper);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> operator /(Twice<THalf> left, Twice<THalf> right) =>
        new(left._lower / right._lower, left._upper / right._upper);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> operator &(Twice<THalf> left, Twice<THalf> right) =>
        new(left._lower & right._lower, left._upper & right._upper);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> operator |(Twice<THalf> left, Twice<THalf> right) =>
        new(left._lower | right._lower, left._upper | right._upper);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> operator ^(Twice<THalf> left, Twice<THalf> right) =>
        new(left._lower ^ right._lower, left._upper ^ right._upper);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> operator -(Twice<THalf> value) =>
        new(-value._lower, -value._upper);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> MultiplyAdd(Twice<THalf> left, Twice<THalf> right, Twice<THalf> addend) =>
        new(THalf.MultiplyAdd(left._lower, right._lower, addend._lower), THalf.MultiplyAdd(left._upper, right._upper, addend._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Twice<THalf> sum, Twice<THalf> left, Twice<THalf> right)
    {
        THalf.Accumulate(ref Unsafe.AsRef(in sum._lower), left._lower, right._lower);
        THalf.Accumulate(ref Unsafe.AsRef(in sum._upper), left._upper, right._upper);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Twice<THalf> sum, Twice<THalf> left, ref readonly float right, nint offset)
    {
        THalf.Accumulate(ref Unsafe.AsRef(in sum._lower), left._lower, in right, offset);
        THalf.Accumulate(ref Unsafe.AsRef(in sum._upper), left._upper, in right, offset + THalf.Count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> Sqrt(Twice<THalf> value) =>
        new(THalf.Sqrt(value._lower), THalf.Sqrt(value._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> Abs(Twice<THalf> value) =>
        new(THalf.Abs(value._lower), THalf.Abs(value._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> Round(Twice<THalf> value) =>
        new(THalf.Round(value._lower), THalf.Round(value._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> ToIntegerBits(Twice<THalf> value) =>
        new(THalf.ToIntegerBits(value._lower), THalf.ToIntegerBits(value._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> FromIntegerBits(Twice<THalf> value) =>
        new(THalf.FromIntegerBits(value._lower), THalf.FromIntegerBits(value._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> Max(Twice<THalf> left, Twice<THalf> right) =>
        new(THalf.Max(left._lower, right._lower), THalf.Max(left._upper, right._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> LessThan(Twice<THalf> left, Twice<THalf> right) =>
        new(THalf.LessThan(left._lower, right._lower), THalf.LessThan(left._upper, right._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> LessThanOrEqual(Twice<THalf> left, Twice<THalf> right) =>
        new(THalf.LessThanOrEqual(left._lower, right._lower), THalf.LessThanOrEqual(left._upper, right._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> Equal(Twice<THalf> left, Twice<THalf> right) =>
        new(THalf.Equal(left._lower, right._lower), THalf.Equal(left._upper, right._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> AddBits(Twice<THalf> left, Twice<THalf> right) =>
        new(THalf.AddBits(left._lower, right._lower), THalf.AddBits(left._upper, right._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> SubtractBits(Twice<THalf> left, Twice<THalf> right) =>
        new(THalf.SubtractBits(left._lower, right._lower), THalf.SubtractBits(left._upper, right._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> AtLeast(Twice<THalf> value, Twice<THalf> bound) =>
        new(THalf.AtLeast(value._lower, bound._lower), THalf.AtLeast(value._upper, bound._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> AtMost(Twice<THalf> value, Twice<THalf> bound) =>
        new(THalf.AtMost(value._lower, bound._lower), THalf.AtMost(value._upper, bound._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> Select(Twice<THalf> mask, Twice<THalf> whenTrue, Twice<THalf> whenFalse) =>
        new(THalf.Select(mask._lower, whenTrue._lower, whenFalse._lower), THalf.Select(mask._upper, whenTrue._upper, whenFalse._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> SelectLessThan(Twice<THalf> left, Twice<THalf> right, Twice<THalf> whenTrue, Twice<THalf> whenFalse) =>
        new(THalf.SelectLessThan(left._lower, right._lower, whenTrue._lower, whenFalse._lower), THalf.SelectLessThan(left._upper, right._upper, whenTrue._upper, whenFalse._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> Lookup(Vector256<float> table, Twice<THalf> index) => new(THalf.Lookup(table, index._lower), THalf.Lookup(table, index._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> ScaleByPowerOfTwo(Twice<THalf> value, Twice<THalf> exponent) =>
        new(THalf.ScaleByPowerOfTwo(value._lower, exponent._lower), THalf.ScaleByPowerOfTwo(value._upper, exponent._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> ShiftBitsLeft(Twice<THalf> value, int count) =>
        new(THalf.ShiftBitsLeft(value._lower, count), THalf.ShiftBitsLeft(value._upper, count));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> ShiftBitsRight(Twice<THalf> value, int count) =>
        new(THalf.ShiftBitsRight(value._lower, count), THalf.ShiftBitsRight(value._upper, count));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> Mantissa(Twice<THalf> value, out Twice<THalf> exponent)
    {
        var mantissa = new Twice<THalf>(THalf.Mantissa(value._lower, out THalf lower), THalf.Mantissa(value._upper, out THalf upper));
        exponent = new(lower, upper);
        return mantissa;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twice<THalf> Apply<TActivation>(TActivation activation, Twice<THalf> value) where TActivation : struct, IActivation =>
        new(THalf.Apply(activation, value._lower), THalf.Apply(activation, value._upper));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Twice<THalf> value) => THalf.Sum(value._lower + value._upper);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Twice<THalf> first, Twice<THalf> second, Twice<THalf> third, Twice<THalf> fourth, ref float destination, nint offset) => THalf.StoreSums(
        first._lower + first._upper, second._lower + second._upper, third._lower + third._upper, fourth._lower + fourth._upper, ref destination, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(Twice<THalf> value) => THalf.MaxLane(THalf.Max(value._lower, value._upper));
}
