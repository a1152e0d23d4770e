using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimdNet.CompilerServices;

/// <summary>A block of as many floats as the machine's own vector type holds.</summary>
public readonly struct RegisterVector : IBlock<RegisterVector>
{
    private readonly Vector<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal RegisterVector(Vector<float> value) => _value = value;

    /// <inheritdoc/>
    public static int Count => Vector<float>.Count;

    /// <inheritdoc/>
    public static int Registers => 16;

    /// <inheritdoc/>
    public static RegisterVector Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector<float>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector Splat(float value) => new(Vector.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector SplatBits(int value) => new(Vector.Create(value).As<int, float>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector Load(ref readonly float source, nint offset) => new(Vector.LoadUnsafe(in source, (nuint)offset));

    /// <inheritdoc/>
    public static RegisterVector LoadPartial(ref readonly float source, nint offset, int count)
    {
        Span<float> lanes = stackalloc float[Count];
        MemoryMarshal.CreateReadOnlySpan(in Unsafe.Add(ref Unsafe.AsRef(in source), offset), count).CopyTo(lanes);
        return Load(in lanes[0], 0);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(RegisterVector value, ref float destination, nint offset) => value._value.StoreUnsafe(ref destination, (nuint)offset);

    /// <inheritdoc/>
    public static void StorePartial(RegisterVector value, ref float destination, nint offset, int count)
    {
        Span<float> lanes = stackalloc float[Count];
        Store(value, ref lanes[0], 0);
        lanes[..count].CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref destination, offset), count));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector operator +(RegisterVector left, RegisterVector right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector operator -(RegisterVector left, RegisterVector right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector operator *(RegisterVector left, RegisterVector right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector operator /(RegisterVector left, RegisterVector right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector operator -(RegisterVector value) => new(-value._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector MultiplyAdd(RegisterVector left, RegisterVector right, RegisterVector addend) =>
        new(Vector.MultiplyAddEstimate(left._value, right._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref RegisterVector sum, RegisterVector left, RegisterVector right) =>
        Unsafe.AsRef(in sum._value) = Vector.MultiplyAddEstimate(left._value, right._value, sum._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref RegisterVector sum, RegisterVector left, ref readonly float right, nint offset) =>
        Unsafe.AsRef(in sum._value) = Vector.MultiplyAddEstimate(left._value, Vector.LoadUnsafe(in right, (nuint)offset), sum._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector Sqrt(RegisterVector value) => new(Vector.SquareRoot(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector Abs(RegisterVector value) => new(Vector.Abs(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector Round(RegisterVector value) => new(Vector.Round(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector Max(RegisterVector left, RegisterVector right) => new(Vector.Max(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector AtLeast(RegisterVector value, RegisterVector bound) =>
        new(Vector.ConditionalSelect(Vector.LessThan<float>(value._value, bound._value), bound._value, value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector AtMost(RegisterVector value, RegisterVector bound) =>
        new(Vector.ConditionalSelect(Vector.LessThan<float>(bound._value, value._value), bound._value, value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector LessThan(RegisterVector left, RegisterVector right) => new(Vector.LessThan<float>(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector LessThanOrEqual(RegisterVector left, RegisterVector right) => new(Vector.LessThanOrEqual<float>(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector Equal(RegisterVector left, RegisterVector right) => new(Vector.Equals<float>(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector Select(RegisterVector mask, RegisterVector whenTrue, RegisterVector whenFalse) =>
        new(Vector.ConditionalSelect(mask._value, whenTrue._value, whenFalse._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector SelectLessThan(RegisterVector left, RegisterVector right, RegisterVector whenTrue, RegisterVector whenFalse) =>
        new(Vector.ConditionalSelect(Vector.LessThan<float>(left._value, right._value), whenTrue._value, whenFalse._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector operator &(RegisterVector left, RegisterVector right) => new(left._value & right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector operator |(RegisterVector left, RegisterVector right) => new(left._value | right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector operator ^(RegisterVector left, RegisterVector right) => new(left._value ^ right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector AddBits(RegisterVector left, RegisterVector right) => new((left._value.As<float, int>() + right._value.As<float, int>()).As<int, float>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector SubtractBits(RegisterVector left, RegisterVector right) => new((left._value.As<float, int>() - right._value.As<float, int>()).As<int, float>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector ShiftBitsLeft(RegisterVector value, int count) => new((value._value.As<float, int>() << count).As<int, float>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector ShiftBitsRight(RegisterVector value, int count) => new((value._value.As<float, int>() >> count).As<int, float>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector ToIntegerBits(RegisterVector value) => new(Vector.ConvertToInt32Native(value._value).As<int, float>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector FromIntegerBits(RegisterVector value) => new(Vector.ConvertToSingle(value._value.As<float, int>()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector Lookup(Vector256<float> table, RegisterVector index)
    {
        if (Vector<float>.Count == Register256.Count) return new(Register256.Lookup(table, new(index._value.AsVector256())).Value.AsVector());
        Vector<int> bits = index._value.As<float, int>();
        Vector<float> result = default;
        for (int i = 0; i < Vector<float>.Count; i++) result = result.WithElement(i, table[bits[i] & 7]);
        return new(result);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector ScaleByPowerOfTwo(RegisterVector value, RegisterVector exponent) => PowerOfTwo.Scale(value, exponent);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector Mantissa(RegisterVector value, out RegisterVector exponent) => PowerOfTwo.Mantissa(value, out exponent);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterVector Apply<TActivation>(TActivation activation, RegisterVector value) where TActivation : struct, IActivation => activation.Forward(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(RegisterVector value)
    {
        Span<float> lanes = stackalloc float[Vector<float>.Count];
        value._value.CopyTo(lanes);
        for (int half = lanes.Length / 2; half > 0; half /= 2)
            for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
        return lanes[0];
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(RegisterVector value)
    {
        float largest = value._value[0];
        for (int i = 1; i < Vector<float>.Count; i++) largest = MathF.Max(largest, value._value[i]);
        return largest;
    }
}
