using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SimdNet.CompilerServices;

/// <summary>A block of 8 floats in one 256-bit register.</summary>
public readonly struct Register256 : IBlock<Register256>
{
    private readonly Vector256<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Register256(Vector256<float> value) => _value = value;

    internal Vector256<float> Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _value;
    }

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    public static int Registers => Avx512F.VL.IsSupported ? 32 : 16;

    /// <inheritdoc/>
    public static Register256 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256<float>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Splat(float value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SplatFour(ref readonly float source, nint offset, out Register256 first, out Register256 second, out Register256 third, out Register256 fourth)
    {
        Vector128<float> floats = Vector128.LoadUnsafe(in source, (nuint)offset);
        Vector256<float> four = Vector256.Create(floats, floats);
        first = new(Vector256.Shuffle(four, Vector256.Create(0, 0, 0, 0, 4, 4, 4, 4)));
        second = new(Vector256.Shuffle(four, Vector256.Create(1, 1, 1, 1, 5, 5, 5, 5)));
        third = new(Vector256.Shuffle(four, Vector256.Create(2, 2, 2, 2, 6, 6, 6, 6)));
        fourth = new(Vector256.Shuffle(four, Vector256.Create(3, 3, 3, 3, 7, 7, 7, 7)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 SplatBits(int value) => new(Vector256.Create(value).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Load(ref readonly float source, nint offset) => new(Vector256.LoadUnsafe(in source, (nuint)offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 LoadPartial(ref readonly float source, nint offset, int count) =>
        count >= Count ? Load(in source, offset) : LoadMasked(in source, offset, count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Register256 value, ref float destination, nint offset) => value._value.StoreUnsafe(ref destination, (nuint)offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(Register256 value, ref float destination, nint offset, int count)
    {
        if (count >= Count) Store(value, ref destination, offset);
        else StoreMasked(value, ref destination, offset, count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator +(Register256 left, Register256 right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator -(Register256 left, Register256 right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator *(Register256 left, Register256 right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator /(Register256 left, Register256 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator -(Register256 value) => new(-value._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 MultiplyAdd(Register256 left, Register256 right, Register256 addend) =>
        new(Vector256.MultiplyAddEstimate(left._value, right._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Register256 sum, Register256 left, Register256 right) =>
        Unsafe.AsRef(in sum._value) = Vector256.MultiplyAddEstimate(left._value, right._value, sum._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Register256 sum, Register256 left, ref readonly float right, nint offset) =>
        Unsafe.AsRef(in sum._value) = Vector256.MultiplyAddEstimate(left._value, Vector256.LoadUnsafe(in right, (nuint)offset), sum._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulateSplat(ref Register256 sum, ref readonly float left, Register256 right) =>
        Unsafe.AsRef(in sum._value) = Vector256.MultiplyAddEstimate(Vector256.Create(left), right._value, sum._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Sqrt(Register256 value) => new(Vector256.Sqrt(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Abs(Register256 value) => new(Vector256.Abs(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Round(Register256 value) => new(Vector256.Round(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Max(Register256 left, Register256 right) => new(Vector256.Max(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 AtLeast(Register256 value, Register256 bound) =>
        // The x86 instruction returns its second operand when either is NaN or both are zero: exactly this operation.
        new(Avx.IsSupported
            ? Avx.Max(bound._value, value._value)
            : Vector256.ConditionalSelect(Vector256.LessThan(value._value, bound._value), bound._value, value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 AtMost(Register256 value, Register256 bound) =>
        new(Avx.IsSupported
            ? Avx.Min(bound._value, value._value)
            : Vector256.ConditionalSelect(Vector256.LessThan(bound._value, value._value), bound._value, value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 LessThan(Register256 left, Register256 right) => new(Vector256.LessThan(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 LessThanOrEqual(Register256 left, Register256 right) => new(Vector256.LessThanOrEqual(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Equal(Register256 left, Register256 right) => new(Vector256.Equals(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Select(Register256 mask, Register256 whenTrue, Register256 whenFalse) =>
        new(Vector256.ConditionalSelect(mask._value, whenTrue._value, whenFalse._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 SelectLessThan(Register256 left, Register256 right, Register256 whenTrue, Register256 whenFalse) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(left._value, right._value), whenTrue._value, whenFalse._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator &(Register256 left, Register256 right) => new(left._value & right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator |(Register256 left, Register256 right) => new(left._value | right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator ^(Register256 left, Register256 right) => new(left._value ^ right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 AddBits(Register256 left, Register256 right) => new((left._value.AsInt32() + right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 SubtractBits(Register256 left, Register256 right) => new((left._value.AsInt32() - right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 ShiftBitsLeft(Register256 value, int count) => new((value._value.AsInt32() << count).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 ShiftBitsRight(Register256 value, int count) => new((value._value.AsInt32() >> count).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 ToIntegerBits(Register256 value) => new(Vector256.ConvertToInt32Native(value._value).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 FromIntegerBits(Register256 value) => new(Vector256.ConvertToSingle(value._value.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Lookup(Vector256<float> table, Register256 index) => Avx2.IsSupported
        ? new(Avx2.PermuteVar8x32(table, index._value.AsInt32()))
        : new(Vector256.Create(Register128.Lookup(table, new(index._value.GetLower())).Value, Register128.Lookup(table, new(index._value.GetUpper())).Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 ScaleByPowerOfTwo(Register256 value, Register256 exponent) => Avx512F.VL.IsSupported
        ? new(Avx512F.VL.Scale(value._value, exponent._value))
        : PowerOfTwo.Scale(value, exponent);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Mantissa(Register256 value, out Register256 exponent)
    {
        if (!Avx512F.VL.IsSupported) return PowerOfTwo.Mantissa(value, out exponent);
        exponent = new(Avx512F.VL.GetExponent(value._value));
        return new(Avx512F.VL.GetMantissa(value._value, PowerOfTwo.FromOneToTwo));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Apply<TActivation>(TActivation activation, Register256 value) where TActivation : struct, IActivation => activation.Forward(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Register256 value) => Register128.Sum(Halves(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Register256 first, Register256 second, Register256 third, Register256 fourth, ref float destination, nint offset) =>
        Register128.StoreSums(Halves(first), Halves(second), Halves(third), Halves(fourth), ref destination, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(Register256 value) => Register128.MaxLane(new Register128(Vector128.Max(value._value.GetLower(), value._value.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Register128 Halves(Register256 value) => new(value._value.GetLower() + value._value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Register256 LoadMasked(ref readonly float source, nint offset, int count)
    {
        if (Avx.IsSupported)
        {
            // Lanes that the mask leaves out are not touched.
            fixed (float* start = &source) return new(Avx.MaskLoad(start + offset, Mask(count)));
        }
        return count >= Register128.Count
            ? new(Vector256.Create(
                Vector128.LoadUnsafe(in source, (nuint)offset), Register128.LoadPartial(in source, offset + Register128.Count, count - Register128.Count).Value))
            : new(Vector256.Create(Register128.LoadPartial(in source, offset, count).Value, Vector128<float>.Zero));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void StoreMasked(Register256 value, ref float destination, nint offset, int count)
    {
        if (Avx.IsSupported)
        {
            fixed (float* start = &destination) Avx.MaskStore(start + offset, Mask(count), value._value);
            return;
        }
        Register128.StorePartial(new Register128(value._value.GetLower()), ref destination, offset, count);
        if (count > Register128.Count)
            Register128.StorePartial(new Register128(value._value.GetUpper()), ref destination, offset + Register128.Count, count - Register128.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Mask(int count) => Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();
}
