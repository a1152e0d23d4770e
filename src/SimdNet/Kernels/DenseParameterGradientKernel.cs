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

    /// <summary>One sample: a product of a column and a row, in which nothing is added up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Outer<TBlock, TUse>(ref float x, ref float gradient, TUse use, ref float weights, int inputs, int padded)
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
}

/// <summary>Sums are gradients of weights.</summary>
internal readonly ref struct GradientEnds<TUse>(TUse use, ref float weights, nint stride) : ITileEnds
    where TUse : struct, IGradientUse
{
    private readonly ref float _weights = ref weights;

    public static bool IsStore => typeof(TUse) == typeof(WriteGradient);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Finish<TBlock>(TBlock sum, nint row, nint column) where TBlock : struct, IBlock<TBlock> =>
        use.Take(sum, ref _weights, row * stride + column);

    public void Complete(nint row, int rows)
    {
    }
}
