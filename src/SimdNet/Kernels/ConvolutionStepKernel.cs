using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// One time step of a causal convolution over a sequence: the newest input of the window is x, the others lie in a ring. Each sum is the chain that
/// <see cref="ConvolutionKernel.Gather"/> has, so it has the same bits. What depends on x comes last in each chain, so that a processor can
/// begin with the others while the layer before is not ready.
/// </summary>
/// <param name="shape">The sizes.</param>
/// <param name="x">[channels].</param>
/// <param name="weights">W.</param>
/// <param name="bias">b, padded; empty where there is none.</param>
/// <param name="activation">f.</param>
/// <param name="ring">[slots][channels], of which x replaces the oldest.</param>
/// <param name="oldest">The slot of the oldest input.</param>
/// <param name="y">[filters].</param>
internal readonly ref struct ConvolutionStepKernel<TActivation>(
    ConvolutionShape shape, ReadOnlySpan<float> x, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, TActivation activation, Span<float> ring, int oldest, Span<float> y) : IBlockOperation
    where TActivation : struct, IActivation
{
    private readonly ref float _x = ref MemoryMarshal.GetReference(x);
    private readonly ref float _weights = ref MemoryMarshal.GetReference(weights);
    private readonly ref float _bias = ref bias.IsEmpty ? ref Unsafe.NullRef<float>() : ref MemoryMarshal.GetReference(bias);
    private readonly ref float _ring = ref MemoryMarshal.GetReference(ring);
    private readonly ref float _y = ref MemoryMarshal.GetReference(y);

    // Asked for in a loop it is a call, and sums lie in memory beside it.
    private readonly int _slots = shape.CausalSlots;

    [MethodImpl(Jit.Kernel)]
    public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
    {
        if (shape.IsDepthwise)
        {
            for (int channel = 0; channel < shape.Groups; channel += TBlock.Count) Channels<TBlock>(channel);
            return;
        }
        int padded = SumOrder.PaddedOutputs(shape.OutputChannels / shape.Groups);
        for (int group = 0; group < shape.Groups; group++)
        {
            int column = 0;
            for (; column <= padded - 8 * TBlock.Count; column += 8 * TBlock.Count) Columns<TBlock, Eight>(group, column);
            for (; column <= padded - 4 * TBlock.Count; column += 4 * TBlock.Count) Columns<TBlock, Four>(group, column);
            for (; column < padded; column += TBlock.Count) Columns<TBlock, One>(group, column);
        }
    }

    /// <summary>The input that tap <paramref name="tap"/> meets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref float Input(int tap)
    {
        if (tap == shape.KernelWidth - 1) return ref _x;
        int slot = oldest + tap * shape.DilationWidth;
        return ref Unsafe.Add(ref _ring, (slot < _slots ? slot : slot - _slots) * (nint)shape.InputChannels);
    }

    /// <summary>Some blocks of a group's outputs: eight chains side by side hide the latency of a multiply-add.</summary>
    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    private void Columns<TBlock, TColumns>(int group, int column)
        where TBlock : struct, IBlock<TBlock>
        where TColumns : struct, IConstant
    {
        int inputs = shape.InputChannels / shape.Groups, outputs = shape.OutputChannels / shape.Groups, taps = shape.KernelWidth;
        nint padded = SumOrder.PaddedOutputs(outputs);
        TBlock s0 = TBlock.Zero, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        if (!Unsafe.IsNullRef(ref _bias))
        {
            ref float start = ref Unsafe.Add(ref _bias, group * padded + column);
            s0 = TBlock.Load(ref start, 0);
            if (TColumns.Value > 1)
            {
                s1 = TBlock.Load(ref start, TBlock.Count);
                s2 = TBlock.Load(ref start, 2 * TBlock.Count);
                s3 = TBlock.Load(ref start, 3 * TBlock.Count);
            }
            if (TColumns.Value > 4)
            {
                s4 = TBlock.Load(ref start, 4 * TBlock.Count);
                s5 = TBlock.Load(ref start, 5 * TBlock.Count);
                s6 = TBlock.Load(ref start, 6 * TBlock.Count);
                s7 = TBlock.Load(ref start, 7 * TBlock.Count);
            }
        }
        ref float w = ref Unsafe.Add(ref _weights, group * taps * inputs * padded + column);
        for (int tap = 0; tap < taps; tap++)
        {
            ref float input = ref Unsafe.Add(ref Input(tap), group * inputs);
            for (nint i = inputs; i > 0; i--)
            {
                TBlock value = TBlock.Splat(input);
                TBlock.Accumulate(ref s0, value, in w, 0);
                if (TColumns.Value > 1)
                {
                    TBlock.Accumulate(ref s1, value, in w, TBlock.Count);
                    TBlock.Accumulate(ref s2, value, in w, 2 * TBlock.Count);
                    TBlock.Accumulate(ref s3, value, in w, 3 * TBlock.Count);
                }
                if (TColumns.Value > 4)
                {
                    TBlock.Accumulate(ref s4, value, in w, 4 * TBlock.Count);
                    TBlock.Accumulate(ref s5, value, in w, 5 * TBlock.Count);
                    TBlock.Accumulate(ref s6, value, in w, 6 * TBlock.Count);
                    TBlock.Accumulate(ref s7, value, in w, 7 * TBlock.Count);
                }
                input = ref Unsafe.Add(ref input, 1);
                w = ref Unsafe.Add(ref w, padded);
            }
        }
        // By way of memory: eight copies of an activation are too much for the JIT.
        Unsafe.SkipInit(out TileSums buffer);
        ref float sums = ref buffer.Aligned;
        TBlock.Store(s0, ref sums, 0);
        if (TColumns.Value > 1)
        {
            TBlock.Store(s1, ref sums, TBlock.Count);
            TBlock.Store(s2, ref sums, 2 * TBlock.Count);
            TBlock.Store(s3, ref sums, 3 * TBlock.Count);
        }
        if (TColumns.Value > 4)
        {
            TBlock.Store(s4, ref sums, 4 * TBlock.Count);
            TBlock.Store(s5, ref sums, 5 * TBlock.Count);
            TBlock.Store(s6, ref sums, 6 * TBlock.Count);
            TBlock.Store(s7, ref sums, 7 * TBlock.Count);
        }
        Tiles.Finish<TBlock, ActivationEnds<TActivation>>(ref sums, 1, TColumns.Value, Ends(group, outputs), 0, column);
    }

    /// <summary>A block of channels, each with its own weights.</summary>
    [MethodImpl(Jit.Kernel)]
    private void Channels<TBlock>(int channel) where TBlock : struct, IBlock<TBlock>
    {
        int channels = shape.Groups, count = Math.Min(TBlock.Count, channels - channel), taps = shape.KernelWidth;
        nint padded = SumOrder.PaddedOutputs(channels);
        TBlock sum = Unsafe.IsNullRef(ref _bias) ? TBlock.Zero : TBlock.Load(ref _bias, channel);
        for (int tap = 0; tap < taps; tap++)
            TBlock.Accumulate(ref sum, TBlock.Load(ref _weights, tap * padded + channel), TBlock.LoadPartial(ref Input(tap), channel, count));
        Ends(0, channels).Finish(sum, 0, channel);
    }

    /// <summary>What becomes of a group's sums; a long activation runs over the finished results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ActivationEnds<TActivation> Ends(int group, int outputs) => new(activation, ref Unsafe.Add(ref _y, group * outputs), 0, outputs);
}
