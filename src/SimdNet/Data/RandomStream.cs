using System.Runtime.CompilerServices;

namespace SimdNet;

/// <summary>
/// A sequence of random numbers named by a seed and a stream, in which every number has an index and can be had without
/// those before it. The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", 2011). The same bits come on every machine.
/// </summary>
public sealed partial class RandomStream
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    private readonly uint _key0, _key1, _stream0, _stream1;
    private ulong _position;

    /// <summary>The sequence that <paramref name="seed"/> and <paramref name="stream"/> name, at its beginning.</summary>
    public RandomStream(ulong seed, ulong stream = 0)
    {
        _key0 = (uint)seed;
        _key1 = (uint)(seed >> 32);
        _stream0 = (uint)stream;
        _stream1 = (uint)(stream >> 32);
    }

    /// <summary>32 random bits, the next of the sequence.</summary>
    public uint NextBits() => Bits(_position++);

    /// <summary>A number in [0, 1) with 24 random bits, the next of the sequence.</summary>
    public float NextSingle() => Uniform(NextBits());

    /// <summary>A whole number from 0 to <paramref name="bound"/> - 1, each equally likely.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is not positive.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);

        // The product's upper half is the result; a lower half below 2^32 mod bound would favour some results.
        uint threshold = (uint)-bound % (uint)bound;
        ulong product;
        do product = (ulong)NextBits() * (uint)bound;
        while ((uint)product < threshold);
        return (int)(product >> 32);
    }

    /// <summary>The 32 random bits at <paramref name="index"/>, wherever the sequence stands.</summary>
    public uint Bits(ulong index)
    {
        (uint r0, uint r1, uint r2, uint r3) = Block((uint)(index >> 2), (uint)(index >> 34), _stream0, _stream1, _key0, _key1);
        return (index & 3) switch { 0 => r0, 1 => r1, 2 => r2, _ => r3 };
    }

    /// <summary>Fills with numbers that are uniform between <paramref name="low"/> and <paramref name="high"/>.</summary>
    public void FillUniform(Span<float> values, float low, float high)
    {
        foreach (ref float value in values) value = low + (high - low) * NextSingle();
    }

    /// <summary>
    /// Fills with normally distributed numbers (Marsaglia's polar method, in double precision). A platform whose
    /// logarithm rounds differently may change a last bit.
    /// </summary>
    public void FillNormal(Span<float> values, float mean, float standardDeviation)
    {
        for (int i = 0; i < values.Length; i += 2)
        {
            double u, v, square;
            do
            {
                u = 2 * NextSingle() - 1;
                v = 2 * NextSingle() - 1;
                square = u * u + v * v;
            }
            while (square >= 1 || square == 0);
            double radius = standardDeviation * Math.Sqrt(-2 * Math.Log(square) / square);
            values[i] = (float)(mean + radius * u);
            if (i + 1 < values.Length) values[i + 1] = (float)(mean + radius * v);
        }
    }

    /// <summary>Puts the values into an order of which each is equally likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = Next(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>The stream of a layer in a pass of training, apart from those that are drawn by hand.</summary>
    internal static ulong StreamOf(ulong pass, int layer) => (1UL << 63) | (pass << 16) | (uint)layer;

    /// <summary>Four random numbers for a counter of 128 bits and a key of 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (uint, uint, uint, uint) Block(uint c0, uint c1, uint c2, uint c3, uint key0, uint key1)
    {
        // Written out, because the JIT keeps the counter in registers only without a loop.
        Round(ref c0, ref c1, ref c2, ref c3, ref key0, ref key1);
        Round(ref c0, ref c1, ref c2, ref c3, ref key0, ref key1);
        Round(ref c0, ref c1, ref c2, ref c3, ref key0, ref key1);
        Round(ref c0, ref c1, ref c2, ref c3, ref key0, ref key1);
        Round(ref c0, ref c1, ref c2, ref c3, ref key0, ref key1);
        Round(ref c0, ref c1, ref c2, ref c3, ref key0, ref key1);
        Round(ref c0, ref c1, ref c2, ref c3, ref key0, ref key1);
        Round(ref c0, ref c1, ref c2, ref c3, ref key0, ref key1);
        Round(ref c0, ref c1, ref c2, ref c3, ref key0, ref key1);
        Round(ref c0, ref c1, ref c2, ref c3, ref key0, ref key1);
        return (c0, c1, c2, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref uint c0, ref uint c1, ref uint c2, ref uint c3, ref uint key0, ref uint key1)
    {
        ulong product0 = (ulong)c0 * Multiplier0, product1 = (ulong)c2 * Multiplier1;
        c0 = (uint)(product1 >> 32) ^ c1 ^ key0;
        c1 = (uint)product1;
        c2 = (uint)(product0 >> 32) ^ c3 ^ key1;
        c3 = (uint)product0;
        key0 += Weyl0;
        key1 += Weyl1;
    }

    private static float Uniform(uint bits) => (bits >> 8) * (1f / 16777216f);
}
