using System.ComponentModel;

namespace SimdNet.CompilerServices;

/// <summary>Dropout in training, for emitted code (Srivastava et al. 2014; inverted, as in PyTorch and Keras).</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DropoutLayer
{
    /// <summary>
    /// Writes to <paramref name="mask"/> 0 with probability <paramref name="rate"/> and 1 / (1 - rate) otherwise, and
    /// <c>y = x mask</c>. Seed, pass and layer alone decide the mask.
    /// </summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Forward(ReadOnlySpan<float> x, float rate, ulong seed, ulong pass, int layer, Span<float> mask, Span<float> y)
    {
        Guard.Length(mask.Length, x.Length, nameof(mask), "as many as x has");
        RandomStream.FillDropoutMask(seed, RandomStream.StreamOf(pass, layer), rate, mask);
        ElementwiseLayer.Multiply(x, mask, y);
    }

    /// <summary>The same over rows of <paramref name="width"/> values, <paramref name="stride"/> apart: the values' mask is that of rows without padding, and padding becomes zero.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Forward(ReadOnlySpan<float> x, float rate, ulong seed, ulong pass, int layer, Span<float> mask, Span<float> y, int width, int stride)
    {
        Guard.Length(mask.Length, x.Length, nameof(mask), "as many as x has");
        int rows = mask.Length / stride;
        RandomStream.FillDropoutMask(seed, RandomStream.StreamOf(pass, layer), rate, mask[..(rows * width)]);
        for (int row = rows - 1; row >= 0; row--)
        {
            mask.Slice(row * width, width).CopyTo(mask[(row * stride)..]);
            mask.Slice(row * stride + width, stride - width).Clear();
        }
        ElementwiseLayer.Multiply(x, mask, y);
    }
}
