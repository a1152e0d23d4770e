using System.Numerics;

namespace SimdNet.Reference;

/// <summary>Pooling as plain loops over images [batch, height, width, channels].</summary>
public static class PoolingReference
{
    /// <summary><c>y[p, c] = max x[p + k, c]</c>, padding left out; NaN where there is one.</summary>
    public static void Max<T>(PoolingSizes sizes, ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = T.NegativeInfinity;
            foreach (int place in sizes.Window(i)) y[i] = T.Max(y[i], x[place]);
        }
    }

    /// <summary>The gradient of every result goes to the first value of its window that is the largest, or NaN.</summary>
    public static void MaxBackward<T>(PoolingSizes sizes, ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> gradient, Span<T> inputGradient) where T : IFloatingPointIeee754<T>
    {
        inputGradient.Clear();
        for (int i = 0; i < y.Length; i++)
        {
            foreach (int place in sizes.Window(i))
            {
                if (x[place] != y[i] && !T.IsNaN(x[place])) continue;
                inputGradient[place] += gradient[i];
                break;
            }
        }
    }

    /// <summary><c>y[p, c] = Σ x[p + k, c] / n</c>, where n is the size of the window, or how much of it lies within the image.</summary>
    public static void Average<T>(PoolingSizes sizes, bool countIncludePad, ReadOnlySpan<T> x, Span<T> y) where T : INumber<T>
    {
        for (int i = 0; i < y.Length; i++)
        {
            T sum = T.Zero;
            foreach (int place in sizes.Window(i)) sum += x[place];
            y[i] = sum / T.CreateChecked(countIncludePad ? sizes.KernelHeight * sizes.KernelWidth : sizes.Window(i).Count());
        }
    }

    /// <summary><c>dx[p + k, c] = Σ dy[p, c] / n</c>.</summary>
    public static void AverageBackward<T>(PoolingSizes sizes, bool countIncludePad, ReadOnlySpan<T> gradient, Span<T> inputGradient) where T : INumber<T>
    {
        inputGradient.Clear();
        for (int i = 0; i < gradient.Length; i++)
        {
            T count = T.CreateChecked(countIncludePad ? sizes.KernelHeight * sizes.KernelWidth : sizes.Window(i).Count());
            foreach (int place in sizes.Window(i)) inputGradient[place] += gradient[i] / count;
        }
    }
}

/// <summary>The sizes of a pooling layer; the output is as large as windows fit into the padded input.</summary>
/// <param name="InputHeight">The rows of the input.</param>
/// <param name="InputWidth">The columns of the input.</param>
/// <param name="Channels">The channels.</param>
/// <param name="KernelHeight">The rows of a window.</param>
/// <param name="KernelWidth">The columns of a window.</param>
/// <param name="StrideHeight">The rows from one window to the next.</param>
/// <param name="StrideWidth">The columns from one window to the next.</param>
/// <param name="Top">The rows of padding above.</param>
/// <param name="Left">The columns of padding before.</param>
/// <param name="Bottom">The rows of padding below.</param>
/// <param name="Right">The columns of padding behind.</param>
public readonly record struct PoolingSizes(
    int InputHeight, int InputWidth, int Channels, int KernelHeight, int KernelWidth, int StrideHeight, int StrideWidth, int Top, int Left, int Bottom, int Right)
{
    /// <summary>The rows of the output.</summary>
    public int OutputHeight => (InputHeight + Top + Bottom - KernelHeight) / StrideHeight + 1;

    /// <summary>The columns of the output.</summary>
    public int OutputWidth => (InputWidth + Left + Right - KernelWidth) / StrideWidth + 1;

    /// <summary>The places in x of the window of result <paramref name="index"/>, in the order of rows and columns.</summary>
    public IEnumerable<int> Window(int index)
    {
        int channel = index % Channels, column = index / Channels % OutputWidth, row = index / Channels / OutputWidth % OutputHeight, sample = index / Channels / OutputWidth / OutputHeight;
        for (int y = row * StrideHeight - Top; y < row * StrideHeight - Top + KernelHeight; y++)
        {
            for (int x = column * StrideWidth - Left; x < column * StrideWidth - Left + KernelWidth; x++)
            {
                if (y >= 0 && y < InputHeight && x >= 0 && x < InputWidth) yield return ((sample * InputHeight + y) * InputWidth + x) * Channels + channel;
            }
        }
    }
}
