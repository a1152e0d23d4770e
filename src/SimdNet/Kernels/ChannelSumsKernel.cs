using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>What one value of a channel adds to the channel's sums.</summary>
internal interface IChannelTerms
{
    /// <summary>Whether there is a gradient beside each value.</summary>
    static abstract bool HasGradient { get; }

    /// <summary>Whether there is a second sum.</summary>
    static abstract bool HasSecond { get; }

    /// <summary>Adds the terms of a block of channels.</summary>
    static abstract void Add<TBlock>(TBlock x, TBlock gradient, TBlock centre, ref TBlock first, ref TBlock second) where TBlock : struct, IBlock<TBlock>;
}

/// <summary><c>Σ x - centre</c>.</summary>
internal readonly struct Differences : IChannelTerms
{
    public static bool HasGradient => false;

    public static bool HasSecond => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<TBlock>(TBlock x, TBlock gradient, TBlock centre, ref TBlock first, ref TBlock second) where TBlock : struct, IBlock<TBlock> =>
        first += x - centre;
}

/// <summary><c>Σ d</c> and <c>Σ d²</c> with <c>d = x - centre</c>.</summary>
internal readonly struct Deviations : IChannelTerms
{
    public static bool HasGradient => false;

    public static bool HasSecond => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<TBlock>(TBlock x, TBlock gradient, TBlock centre, ref TBlock first, ref TBlock second) where TBlock : struct, IBlock<TBlock>
    {
        TBlock d = x - centre;
        first += d;
        TBlock.Accumulate(ref second, d, d);
    }
}

/// <summary><c>Σ dy</c> and <c>Σ dy d</c> with <c>d = x - centre</c>.</summary>
internal readonly struct GradientTerms : IChannelTerms
{
    public static bool HasGradient => true;

    public static bool HasSecond => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<TBlock>(TBlock x, TBlock gradient, TBlock centre, ref TBlock first, ref TBlock second) where TBlock : struct, IBlock<TBlock>
    {
        first += gradient;
        TBlock.Accumulate(ref second, gradient, x - centre);
    }
}

/// <summary>
/// Sums over the rows of [rows, channels], one for each channel, so that lanes are channels and no width changes a bit. The order: a chain
/// over each <see cref="RowsOfChain"/> rows in ascending order; the chains' sums are added in ascending order. One chain over
/// the tens of thousands of pixels of a batch would lose three digits where all terms are alike.
/// </summary>
internal static class ChannelSumsKernel
{
    private const int RowsOfChain = 256;

    /// <param name="x">[rows, channels].</param>
    /// <param name="gradient">[rows, channels], or empty.</param>
    /// <param name="centre">[channels].</param>
    /// <param name="first">[channels], written over.</param>
    /// <param name="second">[channels], written over, or empty.</param>
    public static void Run<TTerms>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, ReadOnlySpan<float> centre, Span<float> first, Span<float> second, int rows, int channels)
        where TTerms : struct, IChannelTerms
    {
        first.Clear();
        second.Clear();
        for (int row = 0; row < rows; row += RowsOfChain)
        {
            int count = Math.Min(RowsOfChain, rows - row);
            ReadOnlySpan<float> dy = TTerms.HasGradient ? gradient.Slice(row * channels, count * channels) : default;
            var operation = new Operation<TTerms>(x.Slice(row * channels, count * channels), dy, centre, first, second, count, channels);
            BlockDispatch.RunRegisters(ref operation);
        }
    }

    private readonly ref struct Operation<TTerms>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, ReadOnlySpan<float> centre, Span<float> first, Span<float> second, int rows, int channels) : IBlockOperation
        where TTerms : struct, IChannelTerms
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly ref float _centre = ref MemoryMarshal.GetReference(centre);
        private readonly ref float _first = ref MemoryMarshal.GetReference(first);
        private readonly ref float _second = ref MemoryMarshal.GetReference(second);

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            int channel = 0;
            for (; channel <= channels - 4 * TBlock.Count; channel += 4 * TBlock.Count) Four<TBlock>(channel);
            for (; channel < channels; channel += TBlock.Count) One<TBlock>(channel, Math.Min(TBlock.Count, channels - channel));
        }

        /// <summary>Four blocks of channels: eight chains, which hide the latency of an addition.</summary>
        [MethodImpl(Jit.Kernel)]
        private void Four<TBlock>(int channel) where TBlock : struct, IBlock<TBlock>
        {
            ref float source = ref Unsafe.Add(ref _x, channel), dy = ref TTerms.HasGradient ? ref Unsafe.Add(ref _gradient, channel) : ref source;
            ref float centre = ref Unsafe.Add(ref _centre, channel);
            TBlock c0 = TBlock.Load(in centre, 0), c1 = TBlock.Load(in centre, TBlock.Count), c2 = TBlock.Load(in centre, 2 * TBlock.Count), c3 = TBlock.Load(in centre, 3 * TBlock.Count);
            TBlock f0 = TBlock.Zero, f1 = TBlock.Zero, f2 = TBlock.Zero, f3 = TBlock.Zero, s0 = TBlock.Zero, s1 = TBlock.Zero, s2 = TBlock.Zero, s3 = TBlock.Zero;
            nint stride = channels;
            for (int row = rows; row > 0; row--)
            {
                TTerms.Add(TBlock.Load(in source, 0), Gradient<TBlock>(ref dy, 0), c0, ref f0, ref s0);
                TTerms.Add(TBlock.Load(in source, TBlock.Count), Gradient<TBlock>(ref dy, TBlock.Count), c1, ref f1, ref s1);
                TTerms.Add(TBlock.Load(in source, 2 * TBlock.Count), Gradient<TBlock>(ref dy, 2 * TBlock.Count), c2, ref f2, ref s2);
                TTerms.Add(TBlock.Load(in source, 3 * TBlock.Count), Gradient<TBlock>(ref dy, 3 * TBlock.Count), c3, ref f3, ref s3);
                source = ref Unsafe.Add(ref source, stride);
                dy = ref Unsafe.Add(ref dy, stride);
            }
            AddTo(ref _first, channel, f0);
            AddTo(ref _first, channel + TBlock.Count, f1);
            AddTo(ref _first, channel + 2 * TBlock.Count, f2);
            AddTo(ref _first, channel + 3 * TBlock.Count, f3);
            if (!TTerms.HasSecond) return;
            AddTo(ref _second, channel, s0);
            AddTo(ref _second, channel + TBlock.Count, s1);
            AddTo(ref _second, channel + 2 * TBlock.Count, s2);
            AddTo(ref _second, channel + 3 * TBlock.Count, s3);
        }

        [MethodImpl(Jit.Kernel)]
        private void One<TBlock>(int channel, int count) where TBlock : struct, IBlock<TBlock>
        {
            ref float source = ref Unsafe.Add(ref _x, channel), dy = ref TTerms.HasGradient ? ref Unsafe.Add(ref _gradient, channel) : ref source;
            TBlock centre = TBlock.LoadPartial(in _centre, channel, count), first = TBlock.Zero, second = TBlock.Zero;
            nint stride = channels;
            for (int row = rows; row > 0; row--)
            {
                TTerms.Add(TBlock.LoadPartial(in source, 0, count), TTerms.HasGradient ? TBlock.LoadPartial(in dy, 0, count) : default, centre, ref first, ref second);
                source = ref Unsafe.Add(ref source, stride);
                dy = ref Unsafe.Add(ref dy, stride);
            }
            TBlock.StorePartial(TBlock.LoadPartial(in _first, channel, count) + first, ref _first, channel, count);
            if (TTerms.HasSecond) TBlock.StorePartial(TBlock.LoadPartial(in _second, channel, count) + second, ref _second, channel, count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static TBlock Gradient<TBlock>(ref float dy, nint offset) where TBlock : struct, IBlock<TBlock> =>
            TTerms.HasGradient ? TBlock.Load(in dy, offset) : default;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void AddTo<TBlock>(ref float sums, nint offset, TBlock value) where TBlock : struct, IBlock<TBlock> =>
            TBlock.Store(TBlock.Load(in sums, offset) + value, ref sums, offset);
    }
}
