using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SimdNet.CompilerServices;

/// <summary>A block of 16 floats in one 512-bit register.</summary>
public readonly struct Register512 : IBlock<Register512>
{
    private readonly Vector512<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Register512(Vector512<float> value) => _value = value;

    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    public static int Registers => 32;

    /// <inheritdoc/>
    public static Register512 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512<float>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Splat(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SplatFour(ref readonly float source, nint offset, out Register512 first, out Register512 second, out Register512 third, out Register512 fourth)
    {
        if (!Avx512F.IsSupported)
        {
            first = Splat(Unsafe.Add(ref Unsafe.AsRef(in source), offset));
            second = Splat(Unsafe.Add(ref Unsafe.AsRef(in source), offset + 1));
            third = Splat(Unsafe.Add(ref Unsafe.AsRef(in source), offset + 2));
            fourth = Splat(Unsafe.Add(ref Unsafe.AsRef(in source), offset + 3));
            return;
        }
        Vector512<float> four = Vector128.LoadUnsafe(in source, (nuint)offset).ToVector256Unsafe().ToVector512Unsafe();
        four = Avx512F.Shuffle4x128(four, four, 0);
        first = new(Avx512F.Permute4x32(four, 0x00));
        second = new(Avx512F.Permute4x32(four, 0x55));
        third = new(Avx512F.Permute4x32(four, 0xAA));
        fourth = new(Avx512F.Permute4x32(four, 0xFF));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 SplatBits(int value) => new(Vector512.Create(value).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Load(ref readonly float source, nint offset) => new(Vector512.LoadUnsafe(in source, (nuint)offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 LoadPartial(ref readonly float source, nint offset, int count) =>
        count >= Count ? Load(in source, offset) : LoadMasked(in source, offset, count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Register512 value, ref float destination, nint offset) => value._value.StoreUnsafe(ref destination, (nuint)offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(Register512 value, ref float destination, nint offset, int count)
    {
        if (count >= Count) Store(value, ref destination, offset);
        else StoreMasked(value, ref destination, offset, count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator +(Register512 left, Register512 right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator -(Register512 left, Register512 right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator *(Register512 left, Register512 right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator /(Register512 left, Register512 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator -(Register512 value) => new(-value._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 MultiplyAdd(Register512 left, Register512 right, Register512 addend) =>
        new(Vector512.MultiplyAddEstimate(left._value, right._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Register512 sum, Register512 left, Register512 right) =>
        Unsafe.AsRef(in sum._value) = Vector512.MultiplyAddEstimate(left._value, right._value, sum._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Register512 sum, Register512 left, ref readonly float right, nint offset) =>
        Unsafe.AsRef(in sum._value) = Vector512.MultiplyAddEstimate(left._value, Vector512.LoadUnsafe(in right, (nuint)offset), sum._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulateSplat(ref Register512 sum, ref readonly float left, Register512 right) =>
        Unsafe.AsRef(in sum._value) = Vector512.MultiplyAddEstimate(Vector512.Create(left), right._value, sum._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Sqrt(Register512 value) => new(Vector512.Sqrt(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Abs(Register512 value) => new(Vector512.Abs(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Round(Register512 value) => new(Vector512.Round(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Max(Register512 left, Register512 right) => new(Vector512.Max(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 AtLeast(Register512 value, Register512 bound) =>
        // The x86 instruction returns its second operand when either is NaN or both are zero: exactly this operation.
        new(Avx512F.IsSupported
            ? Avx512F.Max(bound._value, value._value)
            : Vector512.ConditionalSelect(Vector512.LessThan(value._value, bound._value), bound._value, value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 AtMost(Register512 value, Register512 bound) =>
        new(Avx512F.IsSupported
            ? Avx512F.Min(bound._value, value._value)
            : Vector512.ConditionalSelect(Vector512.LessThan(bound._value, value._value), bound._value, value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 LessThan(Register512 left, Register512 right) => new(Vector512.LessThan(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 LessThanOrEqual(Register512 left, Register512 right) => new(Vector512.LessThanOrEqual(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Equal(Register512 left, Register512 right) => new(Vector512.Equals(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Select(Register512 mask, Register512 whenTrue, Register512 whenFalse) =>
        new(Vector512.ConditionalSelect(mask._value, whenTrue._value, whenFalse._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 SelectLessThan(Register512 left, Register512 right, Register512 whenTrue, Register512 whenFalse) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(left._value, right._value), whenTrue._value, whenFalse._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator &(Register512 left, Register512 right) => new(left._value & right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator |(Register512 left, Register512 right) => new(left._value | right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator ^(Register512 left, Register512 right) => new(left._value ^ right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 AddBits(Register512 left, Register512 right) => new((left._value.AsInt32() + right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 SubtractBits(Register512 left, Register512 right) => new((left._value.AsInt32() - right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 ShiftBitsLeft(Register512 value, int count) => new((value._value.AsInt32() << count).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 ShiftBitsRight(Register512 value, int count) => new((value._value.AsInt32() >> count).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 ToIntegerBits(Register512 value) => new(Vector512.ConvertToInt32Native(value._value).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 FromIntegerBits(Register512 value) => new(Vector512.ConvertToSingle(value._value.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Lookup(Vector256<float> table, Register512 index) => Avx512F.IsSupported
        ? new(Avx512F.PermuteVar16x32(Avx512F.InsertVector256(table.ToVector512Unsafe(), table, 1), index._value.AsInt32()))
        : new(Vector512.Create(Register256.Lookup(table, new(index._value.GetLower())).Value, Register256.Lookup(table, new(index._value.GetUpper())).Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 ScaleByPowerOfTwo(Register512 value, Register512 exponent) => Avx512F.IsSupported
            ? new(Avx512F.Scale(value._value, exponent._value))
            : PowerOfTwo.Scale(value, exponent);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Mantissa(Register512 value, out Register512 exponent)
    {
        if (!Avx512F.IsSupported) return PowerOfTwo.Mantissa(value, out exponent);
        exponent = new(Avx512F.GetExponent(value._value));
        return new(Avx512F.GetMantissa(value._value, PowerOfTwo.FromOneToTwo));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Apply<TActivation>(TActivation activation, Register512 value) where TActivation : struct, IActivation => activation.Forward(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Register512 value) => Register256.Sum(Halves(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Register512 first, Register512 second, Register512 third, Register512 fourth, ref float destination, nint offset)
    {
        if (!Avx512F.IsSupported)
        {
            Register256.StoreSums(Halves(first), Halves(second), Halves(third), Halves(fourth), ref destination, offset);
            return;
        }

        // Quarters of two blocks side by side, then of all four; at last each quarter of the register holds one block.
        Vector512<float> upper = Avx512F.Shuffle4x128(first._value, second._value, 0x44) + Avx512F.Shuffle4x128(first._value, second._value, 0xEE);
        Vector512<float> lower = Avx512F.Shuffle4x128(third._value, fourth._value, 0x44) + Avx512F.Shuffle4x128(third._value, fourth._value, 0xEE);
        Vector512<float> all = Avx512F.Shuffle4x128(upper, lower, 0x88) + Avx512F.Shuffle4x128(upper, lower, 0xDD);
        all += Avx512F.Permute4x32(all, 0x4E);
        all += Avx512F.Permute4x32(all, 0xB1);
        Vector512.Shuffle(all, Vector512.Create(0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12)).GetLower().GetLower().StoreUnsafe(ref destination, (nuint)offset);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(Register512 value) => Register256.MaxLane(new Register256(Vector256.Max(value._value.GetLower(), value._value.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Register256 Halves(Register512 value) => new(value._value.GetLower() + value._value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Register512 LoadMasked(ref readonly float source, nint offset, int count)
    {
        if (Avx512F.IsSupported)
        {
            // Lanes that the mask leaves out are not touched.
            fixed (float* start = &source) return new(Avx512F.MaskLoad(start + offset, Mask(count), Vector512<float>.Zero));
        }
        return count >= Register256.Count
            ? new(Vector512.Create(
                Vector256.LoadUnsafe(in source, (nuint)offset), Register256.LoadPartial(in source, offset + Register256.Count, count - Register256.Count).Value))
            : new(Vector512.Create(Register256.LoadPartial(in source, offset, count).Value, Vector256<float>.Zero));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void StoreMasked(Register512 value, ref float destination, nint offset, int count)
    {
        if (Avx512F.IsSupported)
        {
            fixed (float* start = &destination) Avx512F.MaskStore(start + offset, Mask(count), value._value);
            return;
        }
        Register256.StorePartial(new Register256(value._value.GetLower()), ref destination, offset, count);
        if (count > Register256.Count)
            Register256.StorePartial(new Register256(value._value.GetUpper()), ref destination, offset + Register256.Count, count - Register256.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mask(int count) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
}
