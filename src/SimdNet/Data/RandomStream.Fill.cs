using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SimdNet.Kernels;

namespace SimdNet;

/// <content>Numbers by the thousand, of which layers in training draw one for each value.</content>
public sealed partial class RandomStream
{
    /// <summary>
    /// Writes <c>0</c> with probability <paramref name="rate"/> and <c>1 / (1 - rate)</c> otherwise, from the sequence
    /// that <paramref name="seed"/> and <paramref name="stream"/> name.
    /// </summary>
    internal static void FillDropoutMask(ulong seed, ulong stream, float rate, Span<float> mask) =>
        Fill(seed, stream, new DropoutMask((uint)(rate * 4294967296.0), 1f / (1f - rate)), mask);

    /// <summary>
    /// Writes numbers from -1/2 to 1/2, none of them zero, for <see cref="CompilerServices.BlockMath.NormalQuantile"/>, from the sequence that <paramref name="seed"/> and
    /// <paramref name="stream"/> name.
    /// </summary>
    internal static void FillTails(ulong seed, ulong stream, Span<float> tails) => Fill(seed, stream, default(SignedTail), tails);

    [MethodImpl(Jit.Kernel)]
    private static void Fill<TDraw>(ulong seed, ulong stream, TDraw draw, Span<float> values) where TDraw : struct, IDraw
    {
        int i = Avx2.IsSupported ? FillVectors(seed, stream, draw, values) : 0;
        uint block = (uint)i / 4;
        for (; i <= values.Length - 4; i += 4, block++)
        {
            (uint r0, uint r1, uint r2, uint r3) = Block(block, 0, (uint)stream, (uint)(stream >> 32), (uint)seed, (uint)(seed >> 32));
            values[i] = draw.Of(r0);
            values[i + 1] = draw.Of(r1);
            values[i + 2] = draw.Of(r2);
            values[i + 3] = draw.Of(r3);
        }
        if (i == values.Length) return;
        Span<float> rest = stackalloc float[4];
        (uint l0, uint l1, uint l2, uint l3) = Block(block, 0, (uint)stream, (uint)(stream >> 32), (uint)seed, (uint)(seed >> 32));
        rest[0] = draw.Of(l0);
        rest[1] = draw.Of(l1);
        rest[2] = draw.Of(l2);
        rest[3] = draw.Of(l3);
        rest[..(values.Length - i)].CopyTo(values[i..]);
    }

    /// <summary>
    /// The same for four counters at once, as far as whole sixteens go; returns how far. A number is in the lower half of 64 bits, where the product of two
    /// such halves can be had; what is in the upper half does not matter.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    private static int FillVectors<TDraw>(ulong seed, ulong stream, TDraw draw, Span<float> values) where TDraw : struct, IDraw
    {
        int end = values.Length / 16 * 16;
        ref float target = ref MemoryMarshal.GetReference(values);
        Vector256<ulong> block = Vector256.Create(0UL, 1, 2, 3), four = Vector256.Create(4UL);
        Vector256<uint> multiplier0 = Vector256.Create((ulong)Multiplier0).AsUInt32(), multiplier1 = Vector256.Create((ulong)Multiplier1).AsUInt32();
        Vector256<uint> weyl0 = Vector256.Create((ulong)Weyl0).AsUInt32(), weyl1 = Vector256.Create((ulong)Weyl1).AsUInt32();
        for (int i = 0; i < end; i += 16)
        {
            Vector256<ulong> c0 = block, c1 = Vector256<ulong>.Zero, c2 = Vector256.Create((ulong)(uint)stream), c3 = Vector256.Create(stream >> 32);
            Vector256<uint> key0 = Vector256.Create((ulong)(uint)seed).AsUInt32(), key1 = Vector256.Create(seed >> 32).AsUInt32();
            for (int round = 0; round < 10; round++)
            {
                Vector256<ulong> product0 = Avx2.Multiply(c0.AsUInt32(), multiplier0), product1 = Avx2.Multiply(c2.AsUInt32(), multiplier1);
                c0 = (product1 >> 32) ^ c1 ^ key0.AsUInt64();
                c1 = product1;
                c2 = (product0 >> 32) ^ c3 ^ key1.AsUInt64();
                c3 = product0;
                key0 += weyl0;
                key1 += weyl1;
            }
            block += four;

            // The four numbers of a counter one after another.
            Vector256<ulong> lower = Vector256.Create((ulong)uint.MaxValue), first = (c0 & lower) | (c1 << 32), second = (c2 & lower) | (c3 << 32);
            Vector256<ulong> even = Avx2.UnpackLow(first, second), odd = Avx2.UnpackHigh(first, second);
            draw.Of(Avx2.Permute2x128(even, odd, 0x20).AsUInt32()).StoreUnsafe(ref target, (nuint)i);
            draw.Of(Avx2.Permute2x128(even, odd, 0x31).AsUInt32()).StoreUnsafe(ref target, (nuint)i + 8);
        }
        return end;
    }

    /// <summary>What becomes of 32 random bits.</summary>
    private interface IDraw
    {
        float Of(uint bits);

        Vector256<float> Of(Vector256<uint> bits);
    }

    private readonly struct DropoutMask(uint threshold, float kept) : IDraw
    {
        public float Of(uint bits) => bits < threshold ? 0 : kept;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Of(Vector256<uint> bits) => Vector256.AndNot(Vector256.Create(kept), Vector256.LessThan(bits, Vector256.Create(threshold)).AsSingle());
    }

    private readonly struct SignedTail : IDraw
    {
        public float Of(uint bits)
        {
            float tail = ((int)(bits >> 1) + 0.5f) * (1f / 4294967296f);
            return (bits & 1) == 0 ? tail : -tail;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Of(Vector256<uint> bits)
        {
            Vector256<float> tail = (Vector256.ConvertToSingle((bits >> 1).AsInt32()) + Vector256.Create(0.5f)) * Vector256.Create(1f / 4294967296f);
            return tail ^ (bits << 31).AsSingle();
        }
    }
}
