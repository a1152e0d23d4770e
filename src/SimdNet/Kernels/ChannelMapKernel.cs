using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>What becomes of each value, from the value, its gradient and up to four numbers of its channel.</summary>
internal interface IChannelMap
{
    /// <summary>Whether there is a gradient beside each value.</summary>
    static abstract bool HasGradient { get; }

    /// <summary>How many numbers a channel has.</summary>
    static abstract int Vectors { get; }

    static abstract TBlock Apply<TBlock>(TBlock x, TBlock gradient, TBlock v0, TBlock v1, TBlock v2, TBlock v3) where TBlock : struct, IBlock<TBlock>;
}

/// <summary><c>y = x + v0</c>.</summary>
internal readonly struct AddMap : IChannelMap
{
    public static bool HasGradient => false;

    public static int Vectors => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Apply<TBlock>(TBlock x, TBlock gradient, TBlock v0, TBlock v1, TBlock v2, TBlock v3) where TBlock : struct, IBlock<TBlock> => x + v0;
}

/// <summary><c>y = x v0 + v1</c>.</summary>
internal readonly struct AffineMap : IChannelMap
{
    public static bool HasGradient => false;

    public static int Vectors => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Apply<TBlock>(TBlock x, TBlock gradient, TBlock v0, TBlock v1, TBlock v2, TBlock v3) where TBlock : struct, IBlock<TBlock> =>
        TBlock.MultiplyAdd(x, v0, v1);
}

/// <summary><c>y = (x - v0) v1 + v2</c>.</summary>
internal readonly struct NormalizeMap : IChannelMap
{
    public static bool HasGradient => false;

    public static int Vectors => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Apply<TBlock>(TBlock x, TBlock gradient, TBlock v0, TBlock v1, TBlock v2, TBlock v3) where TBlock : struct, IBlock<TBlock> =>
        TBlock.MultiplyAdd(x - v0, v1, v2);
}

/// <summary><c>dx = dy v3 + (x - v0) v1 + v2</c>.</summary>
internal readonly struct NormalizeGradientMap : IChannelMap
{
    public static bool HasGradient => true;

    public static int Vectors => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Apply<TBlock>(TBlock x, TBlock gradient, TBlock v0, TBlock v1, TBlock v2, TBlock v3) where TBlock : struct, IBlock<TBlock> =>
        TBlock.MultiplyAdd(gradient, v3, TBlock.MultiplyAdd(x - v0, v1, v2));
}

/// <summary>
/// An operation on each element of [rows, channels] with the numbers of its channel. Vectors of few channels are repeated until they fill
/// whole blocks, so that even three channels take whole registers.
/// </summary>
internal static class ChannelMapKernel
{
    /// <summary>From this many channels on, the part of a block at the end of each row costs little, and repeated vectors would fill a first-level cache.</summary>
    private const int LeastChannelsAsTheyAre = 64;

    /// <summary>How many floats a vector of so many channels takes: a multiple of them.</summary>
    public static int Period(int channels, int rows)
    {
        if (channels >= LeastChannelsAsTheyAre) return channels;
        int repetitions = 16;
        while (repetitions > 1 && channels * (repetitions / 2) % 16 == 0) repetitions /= 2;
        return channels * Math.Min(repetitions, Math.Max(1, rows));
    }

    /// <summary>Repeats the first <paramref name="channels"/> floats of each vector of <paramref name="period"/> floats.</summary>
    public static void Repeat(Span<float> vectors, int period, int channels)
    {
        for (int start = 0; start < vectors.Length; start += period)
        {
            Span<float> vector = vectors.Slice(start, period);
            for (int at = channels; at < period; at += channels) vector[..channels].CopyTo(vector[at..]);
        }
    }

    /// <param name="x">[rows, channels].</param>
    /// <param name="gradient">As long as x, or empty.</param>
    /// <param name="vectors">[<see cref="IChannelMap.Vectors"/>, period].</param>
    /// <param name="y">As long as x, and perhaps the same memory as x or the gradient.</param>
    /// <param name="period">The length of a vector, a multiple of the channels.</param>
    public static void Run<TMap>(ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, ReadOnlySpan<float> vectors, Span<float> y, int period)
        where TMap : struct, IChannelMap
    {
        var operation = new Operation<TMap>(x, gradient, vectors, y, period);
        BlockDispatch.RunRegisters(ref operation);
    }

    private readonly ref struct Operation<TMap>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, ReadOnlySpan<float> vectors, Span<float> y, int period) : IBlockOperation
        where TMap : struct, IChannelMap
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly ref float _vectors = ref MemoryMarshal.GetReference(vectors);
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);
        private readonly nint _length = x.Length;

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            ref float v0 = ref _vectors;
            ref float v1 = ref TMap.Vectors > 1 ? ref Unsafe.Add(ref v0, period) : ref v0;
            ref float v2 = ref TMap.Vectors > 2 ? ref Unsafe.Add(ref v1, period) : ref v0;
            ref float v3 = ref TMap.Vectors > 3 ? ref Unsafe.Add(ref v2, period) : ref v0;
            for (nint start = 0; start < _length; start += period)
            {
                ref float source = ref Unsafe.Add(ref _x, start), target = ref Unsafe.Add(ref _y, start);
                ref float dy = ref TMap.HasGradient ? ref Unsafe.Add(ref _gradient, start) : ref source;
                nint count = nint.Min(period, _length - start), i = 0;
                for (; i <= count - TBlock.Count; i += TBlock.Count)
                {
                    TBlock result = TMap.Apply(
                        TBlock.Load(in source, i), TMap.HasGradient ? TBlock.Load(in dy, i) : default, TBlock.Load(in v0, i),
                        TMap.Vectors > 1 ? TBlock.Load(in v1, i) : default, TMap.Vectors > 2 ? TBlock.Load(in v2, i) : default, TMap.Vectors > 3 ? TBlock.Load(in v3, i) : default);
                    TBlock.Store(result, ref target, i);
                }
                int rest = (int)(count - i);
                if (rest > 0)
                {
                    TBlock result = TMap.Apply(
                        TBlock.LoadPartial(in source, i, rest), TMap.HasGradient ? TBlock.LoadPartial(in dy, i, rest) : default, TBlock.LoadPartial(in v0, i, rest),
                        TMap.Vectors > 1 ? TBlock.LoadPartial(in v1, i, rest) : default, TMap.Vectors > 2 ? TBlock.LoadPartial(in v2, i, rest) : default,
                        TMap.Vectors > 3 ? TBlock.LoadPartial(in v3, i, rest) : default);
                    TBlock.StorePartial(result, ref target, i, rest);
                }
            }
        }
    }
}
