using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// Rotary positions (Su et al. 2021): in each head the pair of features i and i + half is turned by the angle
/// <c>step 10000^(-2 i / width)</c>. The pairs are those of GPT-NeoX and Llama's checkpoints for Transformers, one of either half, not
/// neighbours as in the paper.
/// </summary>
internal static class RotaryKernel
{
    private const double Base = 10000;

    /// <summary>The cosines and the sines of all angles, each [steps, width / 2].</summary>
    public static (float[] Cosines, float[] Sines) Tables(int steps, int width)
    {
        int half = width / 2;
        float[] cosines = new float[steps * half], sines = new float[steps * half];
        for (int i = 0; i < cosines.Length; i++)
        {
            double angle = i / half * Math.Pow(Base, -2.0 * (i % half) / width);
            (cosines[i], sines[i]) = ((float)Math.Cos(angle), (float)Math.Sin(angle));
        }
        return (cosines, sines);
    }

    /// <summary>Turns the heads of each row in place by the angles of its step, or back.</summary>
    /// <param name="x">[rows, heads, width], rows <paramref name="stride"/> apart; row r is step <paramref name="first"/> + r, modulo the steps of the tables.</param>
    public static void Rotate(Span<float> x, int stride, int rows, int first, int heads, int width, float[] cosines, float[] sines, bool isBack)
    {
        Guard.Rows(x.Length, rows, stride, heads * width, nameof(x));
        var operation = new RotateOperation(x, stride, rows, first, heads, width / 2, cosines, sines, isBack);
        BlockDispatch.RunRegisters(ref operation);
    }

    /// <summary><c>x = factor x</c> in each row.</summary>
    public static void Scale(Span<float> x, int stride, int rows, int width, float factor)
    {
        Guard.Rows(x.Length, rows, stride, width, nameof(x));
        var operation = new ScaleOperation(x, stride, rows, width, factor);
        BlockDispatch.RunRegisters(ref operation);
    }

    private readonly ref struct RotateOperation(
        Span<float> x, int stride, int rows, int first, int heads, int half, float[] cosines, float[] sines, bool isBack) : IBlockOperation
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            TBlock direction = TBlock.Splat(isBack ? -1 : 1);
            for (int row = 0; row < rows; row++)
            {
                int angles = (first + row) * half % cosines.Length;
                ref float cosine = ref cosines[angles], sine = ref sines[angles];
                for (int head = 0; head < heads; head++)
                {
                    ref float lower = ref Unsafe.Add(ref _x, (nint)row * stride + head * 2 * half);
                    for (int i = 0; i < half; i += TBlock.Count)
                    {
                        int count = Math.Min(TBlock.Count, half - i);
                        TBlock c = TBlock.LoadPartial(in cosine, i, count), s = direction * TBlock.LoadPartial(in sine, i, count);
                        TBlock a = TBlock.LoadPartial(in lower, i, count), b = TBlock.LoadPartial(in lower, half + i, count);
                        TBlock.StorePartial(TBlock.MultiplyAdd(a, c, -(b * s)), ref lower, i, count);
                        TBlock.StorePartial(TBlock.MultiplyAdd(b, c, a * s), ref lower, half + i, count);
                    }
                }
            }
        }
    }

    private readonly ref struct ScaleOperation(Span<float> x, int stride, int rows, int width, float factor) : IBlockOperation
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            TBlock multiplier = TBlock.Splat(factor);
            for (int row = 0; row < rows; row++)
            {
                ref float start = ref Unsafe.Add(ref _x, (nint)row * stride);
                for (int i = 0; i < width; i += TBlock.Count)
                {
                    int count = Math.Min(TBlock.Count, width - i);
                    TBlock.StorePartial(multiplier * TBlock.LoadPartial(in start, i, count), ref start, i, count);
                }
            }
        }
    }
}
