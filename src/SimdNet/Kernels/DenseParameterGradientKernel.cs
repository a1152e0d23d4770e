using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>What becomes of a finished gradient of a parameter.</summary>
internal interface IGradientUse
{
    /// <summary>Whether so little is done with a gradient that four fit the registers together.</summary>
    static abstract bool IsShort { get; }

    /// <summary>Asks for the parameters of a tile, of rows so far apart, and what lies beside them.</summary>
    void Prefetch(ref float target, nint stride, int rows, int width);

    /// <summary>Takes the gradient of the block of parameters at <paramref name="target"/>.</summary>
    void Take<TBlock>(TBlock gradient, ref float target, nint offset) where TBlock : struct, IBlock<TBlock>;
}

/// <summary>The gradient is written down, for an optimizer to read.</summary>
internal readonly struct WriteGradient : IGradientUse
{
    public static bool IsShort => true;

    public void Prefetch(ref float target, nint stride, int rows, int width)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take<TBlock>(TBlock gradient, ref float target, nint offset) where TBlock : struct, IBlock<TBlock> =>
        TBlock.Store(gradient, ref target, offset);
}

/// <summary>Plain gradient descent: the parameter itself is updated, and no gradient is ever written.</summary>
internal readonly struct Descend(float learningRate) : IGradientUse
{
    public static bool IsShort => true;

    public void Prefetch(ref float target, nint stride, int rows, int width) => Tiles.Prefetch(ref target, 0, stride, rows, width);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take<TBlock>(TBlock gradient, ref float target, nint offset) where TBlock : struct, IBlock<TBlock> =>
        TBlock.Store(TBlock.MultiplyAdd(TBlock.Splat(-learningRate), gradient, TBlock.Load(ref target, offset)), ref target, offset);
}

/// <summary>Adam: the parameter and its two moments, which lie as the parameters do, are updated, and no gradient is ever written.</summary>
internal readonly ref struct AdamDescent(ref readonly AdamRule rule, ref float parameters, Span<float> first, Span<float> second) : IGradientUse
{
    // Not copied: constants that lie in memory are broadcast as they are loaded.
    private readonly ref readonly AdamRule _rule = ref rule;
    private readonly ref float _parameters = ref parameters;
    private readonly ref float _first = ref MemoryMarshal.GetReference(first);
    private readonly ref float _second = ref MemoryMarshal.GetReference(second);

    public static bool IsShort => false;

    public void Prefetch(ref float target, nint stride, int rows, int width)
    {
        nint place = Unsafe.ByteOffset(ref _parameters, ref target) / sizeof(float);
        Tiles.Prefetch(ref target, 0, stride, rows, width);
        Tiles.Prefetch(ref _first, place, stride, rows, width);
        Tiles.Prefetch(ref _second, place, stride, rows, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take<TBlock>(TBlock gradient, ref float target, nint offset) where TBlock : struct, IBlock<TBlock>
    {
        nint place = Unsafe.ByteOffset(ref _parameters, ref target);
        ref float first = ref Unsafe.AddByteOffset(ref _first, place), second = ref Unsafe.AddByteOffset(ref _second, place);
        TBlock m = TBlock.Load(ref first, offset), v = TBlock.Load(ref second, offset);
        TBlock.Store(_rule.Apply(TBlock.Load(ref target, offset), gradient, ref m, ref v), ref target, offset);
        TBlock.Store(m, ref first, offset);
        TBlock.Store(v, ref second, offset);
    }
}

/// <summary>
/// <c>dW = xᵀ dy</c> and <c>db = Σ dy</c> over the batch, each one chain over the samples in ascending order; with
/// <see cref="Descend"/> or <see cref="AdamDescent"/> the parameters are updated on the way.
/// </summary>
internal static class DenseParameterGradientKernel
{
    /// <param name="gradient">dy, [batch, padded outputs].</param>
    /// <param name="bias">db or b, [padded outputs].</param>
    [MethodImpl(Jit.Kernel)]
    public static void Bias<TBlock, TUse>(ref float gradient, nint gradientStride, TUse use, ref float bias, int batch, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TUse : struct, IGradientUse, allows ref struct
    {
        for (int output = 0; output < padded; output += TBlock.Count)
        {
            TBlock sum = TBlock.Load(ref gradient, output);
            for (int sample = 1; sample < batch; sample++) sum += TBlock.Load(ref gradient, sample * gradientStride + output);
            use.Take(sum, ref bias, output);
        }
    }

    /// <summary>
    /// One sample: a product of a column and a row, in which nothing is added up; four rows at a time where they fit the registers, so that a block of dy is
    /// read once for all of them. The last rows come first, as in <see cref="SampleStep"/>.
    /// </summary>
    public static void Outer<TBlock, TUse>(ref float x, ref float gradient, TUse use, ref float weights, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TUse : struct, IGradientUse, allows ref struct
    {
        if (padded == TBlock.Count) OuterOfOneBlock<TBlock, TUse>(ref x, ref gradient, use, ref weights, inputs);
        else OuterOfBlocks<TBlock, TUse>(ref x, ref gradient, use, ref weights, inputs, padded);
    }

    [MethodImpl(Jit.Kernel)]
    private static void OuterOfBlocks<TBlock, TUse>(ref float x, ref float gradient, TUse use, ref float weights, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TUse : struct, IGradientUse, allows ref struct =>
        InlinedOuter<TBlock, TUse>(ref x, ref gradient, use, ref weights, inputs, padded);

    /// <summary>The same for layers that are one block wide: the JIT knows that, and leaves the loop over blocks out.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void OuterOfOneBlock<TBlock, TUse>(ref float x, ref float gradient, TUse use, ref float weights, int inputs)
        where TBlock : struct, IBlock<TBlock>
        where TUse : struct, IGradientUse, allows ref struct =>
        InlinedOuter<TBlock, TUse>(ref x, ref gradient, use, ref weights, inputs, TBlock.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InlinedOuter<TBlock, TUse>(ref float x, ref float gradient, TUse use, ref float weights, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TUse : struct, IGradientUse, allows ref struct
    {
        nint stride = SumOrder.StrideOfPadded(padded);
        int whole = TUse.IsShort ? inputs / 4 * 4 : 0;
        for (int input = inputs - 1; input >= whole; input--)
        {
            TBlock value = TBlock.Splat(Unsafe.Add(ref x, input));
            ref float row = ref Unsafe.Add(ref weights, input * stride);
            for (int output = 0; output < padded; output += TBlock.Count)
                use.Take(TBlock.MultiplyAdd(value, TBlock.Load(ref gradient, output), TBlock.Zero), ref row, output);
        }
        for (int input = whole - 4; input >= 0; input -= 4)
        {
            TBlock x0 = TBlock.Splat(Unsafe.Add(ref x, input)), x1 = TBlock.Splat(Unsafe.Add(ref x, input + 1));
            TBlock x2 = TBlock.Splat(Unsafe.Add(ref x, input + 2)), x3 = TBlock.Splat(Unsafe.Add(ref x, input + 3));
            ref float row = ref Unsafe.Add(ref weights, input * stride);
            ref float third = ref Unsafe.Add(ref row, 2 * stride);
            for (int output = 0; output < padded; output += TBlock.Count)
            {
                TBlock dy = TBlock.Load(ref gradient, output);
                use.Take(TBlock.MultiplyAdd(x0, dy, TBlock.Zero), ref row, output);
                use.Take(TBlock.MultiplyAdd(x1, dy, TBlock.Zero), ref row, stride + output);
                use.Take(TBlock.MultiplyAdd(x2, dy, TBlock.Zero), ref third, output);
                use.Take(TBlock.MultiplyAdd(x3, dy, TBlock.Zero), ref third, stride + output);
            }
        }
    }
}

/// <summary>Sums are gradients of weights.</summary>
internal readonly ref struct GradientEnds<TUse>(TUse use, ref float weights, nint stride) : ITileEnds
    where TUse : struct, IGradientUse, allows ref struct
{
    private readonly TUse _use = use;
    private readonly ref float _weights = ref weights;

    public static bool IsStore
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(TUse) == typeof(WriteGradient);
    }

    public void Prefetch(nint row, nint column, int rows, int width) => _use.Prefetch(ref Unsafe.Add(ref _weights, row * stride + column), stride, rows, width);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Finish<TBlock>(TBlock sum, nint row, nint column) where TBlock : struct, IBlock<TBlock> =>
        _use.Take(sum, ref _weights, row * stride + column);

    public void Complete(nint row, int rows, nint column, int columns)
    {
    }
}
