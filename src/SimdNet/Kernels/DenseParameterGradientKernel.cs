using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>What becomes of a finished gradient of a parameter.</summary>
internal interface IGradientUse
{
    /// <summary>Takes the gradient of the block of parameters at <paramref name="target"/>.</summary>
    void Take<TBlock>(TBlock gradient, ref float target, nint offset) where TBlock : struct, IBlock<TBlock>;
}

/// <summary>The gradient is written down, for an optimizer to read.</summary>
internal readonly struct WriteGradient : IGradientUse
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take<TBlock>(TBlock gradient, ref float target, nint offset) where TBlock : struct, IBlock<TBlock> =>
        TBlock.Store(gradient, ref target, offset);
}

/// <summary>Plain gradient descent: the parameter itself is updated, and no gradient is ever written.</summary>
internal readonly struct Descend(float learningRate) : IGradientUse
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take<TBlock>(TBlock gradient, ref float target, nint offset) where TBlock : struct, IBlock<TBlock> =>
        TBlock.Store(TBlock.MultiplyAdd(TBlock.Splat(-learningRate), gradient, TBlock.Load(ref target, offset)), ref target, offset);
}

/// <summary>
/// <c>dW = xᵀ dy</c> and <c>db = Σ dy</c> over the batch, each one chain over the samples in ascending order; with
/// <see cref="Descend"/> the parameters are updated on the way.
/// </summary>
internal static class DenseParameterGradientKernel
{
    /// <param name="x">[batch, inputs].</param>
    /// <param name="gradient">dy, [batch, padded outputs].</param>
    /// <param name="weights">dW or W, [inputs, padded outputs].</param>
    public static void Weights<TBlock, TUse>(
        ref float x, nint xStride, ref float gradient, nint gradientStride, TUse use, ref float weights, int batch, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TUse : struct, IGradientUse
    {
        if (batch == 1) Outer<TBlock, TUse>(ref x, ref gradient, use, ref weights, inputs, padded);
        else Product<TBlock, TUse>(ref x, xStride, ref gradient, gradientStride, use, ref weights, batch, inputs, padded);
    }

    /// <param name="gradient">dy, [batch, padded outputs].</param>
    /// <param name="bias">db or b, [padded outputs].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Bias<TBlock, TUse>(ref float gradient, nint gradientStride, TUse use, ref float bias, int batch, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TUse : struct, IGradientUse
    {
        for (int output = 0; output < padded; output += TBlock.Count)
        {
            TBlock sum = TBlock.Load(ref gradient, output);
            for (int sample = 1; sample < batch; sample++) sum += TBlock.Load(ref gradient, sample * gradientStride + output);
            use.Take(sum, ref bias, output);
        }
    }

    private static void Product<TBlock, TUse>(
        ref float x, nint xStride, ref float gradient, nint gradientStride, TUse use, ref float weights, int batch, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TUse : struct, IGradientUse
    {
        var ends = new Ends<TUse>(ref weights, padded, use);
        int input = 0;
        if (TBlock.Registers >= 32)
        {
            for (; input <= inputs - 8; input += 8) Tile<TBlock, Eight, Two, TUse>(input, ref x, xStride, ref gradient, gradientStride, ends, batch, padded);
        }
        else if (TBlock.Registers >= 8)
        {
            for (; input <= inputs - 6; input += 6) Tile<TBlock, Six, One, TUse>(input, ref x, xStride, ref gradient, gradientStride, ends, batch, padded);
        }
        for (; input <= inputs - 2; input += 2) Tile<TBlock, Two, One, TUse>(input, ref x, xStride, ref gradient, gradientStride, ends, batch, padded);
        for (; input < inputs; input++) Tile<TBlock, One, One, TUse>(input, ref x, xStride, ref gradient, gradientStride, ends, batch, padded);
    }

    private static void Tile<TBlock, TRows, TColumns, TUse>(
        int input, ref float x, nint xStride, ref float gradient, nint gradientStride, Ends<TUse> ends, int batch, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
        where TUse : struct, IGradientUse
    {
        ref float first = ref Unsafe.Add(ref x, input);
        int output = 0;
        for (; TColumns.Value == 2 && output <= padded - 2 * TBlock.Count; output += 2 * TBlock.Count)
            Tiles.Product<TBlock, TRows, TColumns, Ends<TUse>>(ref first, 1, xStride, ref Unsafe.Add(ref gradient, output), gradientStride, batch, ends, input, output);
        for (; output < padded; output += TBlock.Count)
            Tiles.Product<TBlock, TRows, One, Ends<TUse>>(ref first, 1, xStride, ref Unsafe.Add(ref gradient, output), gradientStride, batch, ends, input, output);
    }

    /// <summary>One sample: a product of a column and a row, in which nothing is added up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Outer<TBlock, TUse>(ref float x, ref float gradient, TUse use, ref float weights, int inputs, int padded)
        where TBlock : struct, IBlock<TBlock>
        where TUse : struct, IGradientUse
    {
        for (int input = 0; input < inputs; input++)
        {
            TBlock left = TBlock.Splat(Unsafe.Add(ref x, input));
            for (int output = 0; output < padded; output += TBlock.Count)
                use.Take(TBlock.MultiplyAdd(left, TBlock.Load(ref gradient, output), TBlock.Zero), ref weights, output);
            weights = ref Unsafe.Add(ref weights, padded);
        }
    }

    private readonly ref struct Ends<TUse>(ref float weights, nint stride, TUse use) : ITileEnds
        where TUse : struct, IGradientUse
    {
        private readonly ref float _weights = ref weights;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Start<TBlock>(nint row, nint column) where TBlock : struct, IBlock<TBlock> => TBlock.Zero;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Finish<TBlock>(TBlock sum, nint row, nint column) where TBlock : struct, IBlock<TBlock> =>
            use.Take(sum, ref _weights, row * stride + column);
    }
}
