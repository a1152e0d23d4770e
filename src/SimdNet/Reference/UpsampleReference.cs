using System.Numerics;

namespace SimdNet.Reference;

/// <summary>Enlargement by whole factors as plain loops over images [batch, height, width, channels].</summary>
public static class UpsampleReference
{
    /// <summary>Every pixel repeated, or bilinear between the middles of pixels.</summary>
    public static void Forward<T>(int height, int width, int channels, int factorHeight, int factorWidth, bool isBilinear, ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPoint<T>
    {
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = T.Zero;
            foreach ((int place, T weight) in Parts<T>(height, width, channels, factorHeight, factorWidth, isBilinear, i)) y[i] += weight * x[place];
        }
    }

    /// <summary>The gradient of every result goes to the pixels it was made of, by their parts.</summary>
    public static void Backward<T>(
        int height, int width, int channels, int factorHeight, int factorWidth, bool isBilinear, ReadOnlySpan<T> gradient, Span<T> inputGradient) where T : IFloatingPoint<T>
    {
        inputGradient.Clear();
        for (int i = 0; i < gradient.Length; i++)
        {
            foreach ((int place, T weight) in Parts<T>(height, width, channels, factorHeight, factorWidth, isBilinear, i)) inputGradient[place] += weight * gradient[i];
        }
    }

    private static IEnumerable<(int Place, T Weight)> Parts<T>(int height, int width, int channels, int factorHeight, int factorWidth, bool isBilinear, int index) where T : IFloatingPoint<T>
    {
        int channel = index % channels, column = index / channels % (width * factorWidth), row = index / channels / (width * factorWidth);
        (int sample, row) = (row / (height * factorHeight), row % (height * factorHeight));
        foreach ((int y, T rowPart) in Pixels<T>(row, factorHeight, height, isBilinear))
        {
            foreach ((int x, T columnPart) in Pixels<T>(column, factorWidth, width, isBilinear)) yield return (((sample * height + y) * width + x) * channels + channel, rowPart * columnPart);
        }
    }

    private static IEnumerable<(int Pixel, T Part)> Pixels<T>(int index, int factor, int length, bool isBilinear) where T : IFloatingPoint<T>
    {
        if (!isBilinear)
        {
            yield return (index / factor, T.One);
            yield break;
        }
        T half = T.One / (T.One + T.One), place = T.Max(T.Zero, (T.CreateChecked(index) + half) / T.CreateChecked(factor) - half);
        int first = int.CreateChecked(T.Floor(place));
        T weight = place - T.Floor(place);
        yield return (first, T.One - weight);
        yield return (Math.Min(first + 1, length - 1), weight);
    }
}
