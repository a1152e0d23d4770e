using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SimdNet.CompilerServices;

/// <summary>A block of 4 floats in one 128-bit register.</summary>
public readonly struct Register128 : IBlock<Register128>
{
    private readonly Vector128<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Register128(Vector128<float> value) => _value = value;

    internal Vector128<float> Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _value;
    }

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    public static int Registers => Sse.IsSupported && !Avx512F.VL.IsSupported ? 16 : 32;

    /// <inheritdoc/>
    public static Register128 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128<float>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Splat(float value) => new(Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SplatFour(ref readonly float source, nint offset, out Register128 first, out Register128 second, out Register128 third, out Register128 fourth)
    {
        Vector128<float> four = Vector128.LoadUnsafe(in source, (nuint)offset);
        first = new(Vector128.Shuffle(four, Vector128.Create(0, 0, 0, 0)));
        second = new(Vector128.Shuffle(four, Vector128.Create(1, 1, 1, 1)));
        third = new(Vector128.Shuffle(four, Vector128.Create(2, 2, 2, 2)));
        fourth = new(Vector128.Shuffle(four, Vector128.Create(3, 3, 3, 3)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 SplatBits(int value) => new(Vector128.Create(value).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Load(ref readonly float source, nint offset) => new(Vector128.LoadUnsafe(in source, (nuint)offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 LoadPartial(ref readonly float source, nint offset, int count)
    {
        ref float start = ref Unsafe.Add(ref Unsafe.AsRef(in source), offset);
        return count switch
        {
            >= 4 => Load(in start, 0),
            3 => new(Pair(ref start).WithElement(2, Unsafe.Add(ref start, 2))),
            2 => new(Pair(ref start)),
            1 => new(Vector128.CreateScalar(start)),
            _ => Zero,
        };

        // As one double: of two halves the JIT makes a vector by way of the stack, and the load there waits for both stores.
        static Vector128<float> Pair(ref float first) => Vector128.CreateScalar(Unsafe.ReadUnaligned<double>(ref Unsafe.As<float, byte>(ref first))).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Register128 value, ref float destination, nint offset) => value._value.StoreUnsafe(ref destination, (nuint)offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(Register128 value, ref float destination, nint offset, int count)
    {
        ref float start = ref Unsafe.Add(ref destination, offset);
        if (count >= 4) Store(value, ref start, 0);
        if (count is 2 or 3) Unsafe.WriteUnaligned(ref Unsafe.As<float, byte>(ref start), value._value.AsDouble().ToScalar());
        if (count == 3) Unsafe.Add(ref start, 2) = value._value.GetElement(2);
        if (count == 1) start = value._value.ToScalar();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 operator +(Register128 left, Register128 right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 operator -(Register128 left, Register128 right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 operator *(Register128 left, Register128 right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 operator /(Register128 left, Register128 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 operator -(Register128 value) => new(-value._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 MultiplyAdd(Register128 left, Register128 right, Register128 addend) =>
        new(Vector128.MultiplyAddEstimate(left._value, right._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Register128 sum, Register128 left, Register128 right) =>
        Unsafe.AsRef(in sum._value) = Vector128.MultiplyAddEstimate(left._value, right._value, sum._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Register128 sum, Register128 left, ref readonly float right, nint offset) =>
        Unsafe.AsRef(in sum._value) = Vector128.MultiplyAddEstimate(left._value, Vector128.LoadUnsafe(in right, (nuint)offset), sum._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Sqrt(Register128 value) => new(Vector128.Sqrt(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Abs(Register128 value) => new(Vector128.Abs(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Round(Register128 value) => new(Vector128.Round(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Max(Register128 left, Register128 right) => new(Vector128.Max(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 AtLeast(Register128 value, Register128 bound) =>
        // The x86 instruction returns its second operand when either is NaN or both are zero: exactly this operation.
        new(Sse.IsSupported
            ? Sse.Max(bound._value, value._value)
            : Vector128.ConditionalSelect(Vector128.LessThan(value._value, bound._value), bound._value, value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 AtMost(Register128 value, Register128 bound) =>
        new(Sse.IsSupported
            ? Sse.Min(bound._value, value._value)
            : Vector128.ConditionalSelect(Vector128.LessThan(bound._value, value._value), bound._value, value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 LessThan(Register128 left, Register128 right) => new(Vector128.LessThan(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 LessThanOrEqual(Register128 left, Register128 right) => new(Vector128.LessThanOrEqual(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Equal(Register128 left, Register128 right) => new(Vector128.Equals(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Select(Register128 mask, Register128 whenTrue, Register128 whenFalse) =>
        new(Vector128.ConditionalSelect(mask._value, whenTrue._value, whenFalse._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 SelectLessThan(Register128 left, Register128 right, Register128 whenTrue, Register128 whenFalse) =>
        new(Vector128.ConditionalSelect(Vector128.LessThan(left._value, right._value), whenTrue._value, whenFalse._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 operator &(Register128 left, Register128 right) => new(left._value & right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 operator |(Register128 left, Register128 right) => new(left._value | right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 operator ^(Register128 left, Register128 right) => new(left._value ^ right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 AddBits(Register128 left, Register128 right) => new((left._value.AsInt32() + right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 SubtractBits(Register128 left, Register128 right) => new((left._value.AsInt32() - right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 ShiftBitsLeft(Register128 value, int count) => new((value._value.AsInt32() << count).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 ShiftBitsRight(Register128 value, int count) => new((value._value.AsInt32() >> count).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 ToIntegerBits(Register128 value) => new(Vector128.ConvertToInt32Native(value._value).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 FromIntegerBits(Register128 value) => new(Vector128.ConvertToSingle(value._value.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Lookup(Vector256<float> table, Register128 index)
    {
        if (Avx2.IsSupported) return new(Avx2.PermuteVar8x32(table, index._value.AsInt32().ToVector256Unsafe()).GetLower());
        Vector128<int> bits = index._value.AsInt32();
        return new(Vector128.Create(table[bits[0] & 7], table[bits[1] & 7], table[bits[2] & 7], table[bits[3] & 7]));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 ScaleByPowerOfTwo(Register128 value, Register128 exponent) => Avx512F.VL.IsSupported
        ? new(Avx512F.VL.Scale(value._value, exponent._value))
        : PowerOfTwo.Scale(value, exponent);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Mantissa(Register128 value, out Register128 exponent)
    {
        if (!Avx512F.VL.IsSupported) return PowerOfTwo.Mantissa(value, out exponent);
        exponent = new(Avx512F.VL.GetExponent(value._value));
        return new(Avx512F.VL.GetMantissa(value._value, PowerOfTwo.FromOneToTwo));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Apply<TActivation>(TActivation activation, Register128 value) where TActivation : struct, IActivation => activation.Forward(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Register128 value)
    {
        Vector128<float> pairs = value._value + Vector128.Shuffle(value._value, Vector128.Create(2, 3, 0, 1));
        return pairs.GetElement(0) + pairs.GetElement(1);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Register128 first, Register128 second, Register128 third, Register128 fourth, ref float destination, nint offset)
    {
        if (!Sse.IsSupported)
        {
            Vector128.Create(Sum(first), Sum(second), Sum(third), Sum(fourth)).StoreUnsafe(ref destination, (nuint)offset);
            return;
        }
        Vector128<float> upper = Sse.MoveLowToHigh(first._value, second._value) + Sse.MoveHighToLow(second._value, first._value);
        Vector128<float> lower = Sse.MoveLowToHigh(third._value, fourth._value) + Sse.MoveHighToLow(fourth._value, third._value);
        (Sse.Shuffle(upper, lower, 0x88) + Sse.Shuffle(upper, lower, 0xDD)).StoreUnsafe(ref destination, (nuint)offset);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(Register128 value)
    {
        Vector128<float> pairs = Vector128.Max(value._value, Vector128.Shuffle(value._value, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(pairs.GetElement(0), pairs.GetElement(1));
    }
}
