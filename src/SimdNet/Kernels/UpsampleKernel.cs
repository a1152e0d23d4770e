using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>The two neighbours of a result in one direction, and what part of it the second one is.</summary>
internal readonly record struct Neighbours(int First, int Second, float Weight)
{
    /// <summary>
    /// Those of result <paramref name="index"/>: pixels are squares whose middles count (align_corners=false, half_pixel), and the border's pixels
    /// go on beyond it.
    /// </summary>
    public static Neighbours Of(int index, int factor, int length)
    {
        // (index + 1/2) / factor - 1/2, in whole numbers over 2 factor, so that nothing is rounded before the weight.
        int place = Math.Max(0, 2 * index + 1 - factor), first = place / (2 * factor);
        return new Neighbours(first, Math.Min(first + 1, length - 1), (float)(place % (2 * factor)) / (2 * factor));
    }
}

/// <summary>
/// Bilinear interpolation, channel by channel: rows are mixed first, then columns. On the way back a value takes its parts of gradients in the order of
/// the results.
/// </summary>
internal static class UpsampleKernel
{
    /// <param name="height">The rows of x.</param>
    /// <param name="width">The columns of x.</param>
    /// <param name="channels">The channels.</param>
    /// <param name="factorHeight">The rows of y for one of x.</param>
    /// <param name="factorWidth">The columns of y for one of x.</param>
    /// <param name="x">[batch, rows, columns, channels].</param>
    /// <param name="y">[batch, rows, columns, channels].</param>
    public static void Forward(int height, int width, int channels, int factorHeight, int factorWidth, ReadOnlySpan<float> x, Span<float> y, int batch)
    {
        var mixes = new Mixes(height, width, channels, factorHeight, factorWidth, x, y);
        WorkerPool.RunRows(ref mixes, batch * height * factorHeight, 4L * width * factorWidth * channels);
    }

    /// <summary>The gradient of x from that of y, written over what was there.</summary>
    public static void Backward(int height, int width, int channels, int factorHeight, int factorWidth, ReadOnlySpan<float> gradient, Span<float> inputGradient, int batch)
    {
        inputGradient.Clear();
        var gradients = new Gradients(height, width, channels, factorHeight, factorWidth, gradient, inputGradient);
        WorkerPool.Run(ref gradients, batch, 4L * gradient.Length);
    }

    /// <summary>Results, cut by their rows.</summary>
    private ref struct Mixes(int height, int width, int channels, int factorHeight, int factorWidth, ReadOnlySpan<float> x, Span<float> y) : IBlockOperation, IPartedRows
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);
        private readonly int _rows = y.Length / (width * factorWidth * channels);
        private int _first;

        public int RowsOfPart { private get; set; }

        public readonly void RunPart(int part)
        {
            Mixes copy = this;
            copy._first = part * RowsOfPart;
            copy.RunWhole();
        }

        public void RunWhole() => BlockDispatch.RunRegisters(ref this);

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            nint pixel = channels, line = width * pixel;
            for (int index = _first; index < Math.Min(_rows, _first + RowsOfPart); index++)
            {
                (int sample, int row) = Math.DivRem(index, height * factorHeight);
                Neighbours rows = Neighbours.Of(row, factorHeight, height);
                ref float upper = ref Unsafe.Add(ref _x, ((nint)sample * height + rows.First) * line);
                ref float lower = ref Unsafe.Add(ref upper, (rows.Second - rows.First) * line);
                ref float result = ref Unsafe.Add(ref _y, (nint)index * factorWidth * line);
                for (int column = 0; column < width * factorWidth; column++, result = ref Unsafe.Add(ref result, pixel))
                {
                    Neighbours columns = Neighbours.Of(column, factorWidth, width);
                    nint left = columns.First * pixel, right = columns.Second * pixel;
                    TBlock down = TBlock.Splat(rows.Weight), across = TBlock.Splat(columns.Weight), up = TBlock.Splat(1 - rows.Weight), back = TBlock.Splat(1 - columns.Weight);
                    for (int channel = 0; channel < channels; channel += TBlock.Count)
                    {
                        int count = Math.Min(TBlock.Count, channels - channel);
                        TBlock first = up * TBlock.LoadPartial(ref upper, left + channel, count) + down * TBlock.LoadPartial(ref lower, left + channel, count);
                        TBlock second = up * TBlock.LoadPartial(ref upper, right + channel, count) + down * TBlock.LoadPartial(ref lower, right + channel, count);
                        TBlock.StorePartial(back * first + across * second, ref result, channel, count);
                    }
                }
            }
        }
    }

    /// <summary>Gradients, cut by samples, since neighbours share values.</summary>
    private ref struct Gradients(int height, int width, int channels, int factorHeight, int factorWidth, ReadOnlySpan<float> gradient, Span<float> inputGradient) : IBlockOperation, IPartedWork
    {
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly ref float _inputGradient = ref MemoryMarshal.GetReference(inputGradient);
        private int _sample;

        public readonly void RunPart(int part)
        {
            Gradients copy = this;
            copy._sample = part;
            BlockDispatch.RunRegisters(ref copy);
        }

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            nint pixel = channels, line = width * pixel, result = (nint)_sample * height * factorHeight * factorWidth * line, image = (nint)_sample * height * line;
            for (int row = 0; row < height * factorHeight; row++)
            {
                Neighbours rows = Neighbours.Of(row, factorHeight, height);
                for (int column = 0; column < width * factorWidth; column++, result += pixel)
                {
                    Neighbours columns = Neighbours.Of(column, factorWidth, width);
                    Give<TBlock>(result, image + rows.First * line + columns.First * pixel, (1 - rows.Weight) * (1 - columns.Weight));
                    Give<TBlock>(result, image + rows.First * line + columns.Second * pixel, (1 - rows.Weight) * columns.Weight);
                    Give<TBlock>(result, image + rows.Second * line + columns.First * pixel, rows.Weight * (1 - columns.Weight));
                    Give<TBlock>(result, image + rows.Second * line + columns.Second * pixel, rows.Weight * columns.Weight);
                }
            }
        }

        [MethodImpl(Jit.Kernel)]
        private readonly void Give<TBlock>(nint result, nint place, float weight) where TBlock : struct, IBlock<TBlock>
        {
            TBlock part = TBlock.Splat(weight);
            for (int channel = 0; channel < channels; channel += TBlock.Count)
            {
                int count = Math.Min(TBlock.Count, channels - channel);
                TBlock sum = TBlock.LoadPartial(ref _inputGradient, place + channel, count) + part * TBlock.LoadPartial(ref _gradient, result + channel, count);
                TBlock.StorePartial(sum, ref _inputGradient, place + channel, count);
            }
        }
    }
}
