using System.Numerics;

namespace SimdNet.Reference;

/// <summary>
/// Normalisation as plain loops over [samples, positions, channels]. Means and variances go over all positions of a sample and one group of
/// channels: layer normalisation has one position and one group, instance normalisation a group for each channel, and batch
/// normalisation besides that one sample, whose positions are those of the whole batch.
/// </summary>
public static class NormalizationReference
{
    /// <summary><c>y = (x - mean) / sqrt(variance + ε) scale + shift</c>, scale and shift [channels].</summary>
    public static void Forward<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y, int positions, int channels, int groups, T epsilon) where T : IFloatingPointIeee754<T>
    {
        int width = channels / groups;
        for (int sample = 0; sample < x.Length / (positions * channels); sample++)
        {
            for (int first = 0; first < channels; first += width)
            {
                (T mean, T variance) = Moments(x, sample * positions * channels + first, positions, channels, width);
                T deviation = T.Sqrt(variance + epsilon);
                for (int position = 0; position < positions; position++)
                {
                    for (int channel = first; channel < first + width; channel++)
                    {
                        int i = (sample * positions + position) * channels + channel;
                        y[i] = (x[i] - mean) / deviation * scale[channel] + shift[channel];
                    }
                }
            }
        }
    }

    /// <summary><c>dx = (g - mean(g) - x̂ mean(g x̂)) / sqrt(variance + ε)</c> with <c>g = dy scale</c>; <c>dscale = Σ dy x̂, dshift = Σ dy</c>.</summary>
    public static void Backward<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> gradient, ReadOnlySpan<T> scale, Span<T> inputGradient, Span<T> scaleGradient, Span<T> shiftGradient,
        int positions, int channels, int groups, T epsilon) where T : IFloatingPointIeee754<T>
    {
        int width = channels / groups;
        T count = T.CreateChecked(positions * width);
        scaleGradient.Clear();
        shiftGradient.Clear();
        for (int sample = 0; sample < x.Length / (positions * channels); sample++)
        {
            for (int first = 0; first < channels; first += width)
            {
                (T mean, T variance) = Moments(x, sample * positions * channels + first, positions, channels, width);
                T deviation = T.Sqrt(variance + epsilon), sum = T.Zero, product = T.Zero;
                for (int position = 0; position < positions; position++)
                {
                    for (int channel = first; channel < first + width; channel++)
                    {
                        int i = (sample * positions + position) * channels + channel;
                        T normal = (x[i] - mean) / deviation;
                        scaleGradient[channel] += gradient[i] * normal;
                        shiftGradient[channel] += gradient[i];
                        sum += gradient[i] * scale[channel];
                        product += gradient[i] * scale[channel] * normal;
                    }
                }
                for (int position = 0; position < positions; position++)
                {
                    for (int channel = first; channel < first + width; channel++)
                    {
                        int i = (sample * positions + position) * channels + channel;
                        inputGradient[i] = (gradient[i] * scale[channel] - sum / count - (x[i] - mean) / deviation * product / count) / deviation;
                    }
                }
            }
        }
    }

    /// <summary>Mean and biased variance of <paramref name="width"/> channels from <paramref name="start"/> on, over <paramref name="positions"/> positions.</summary>
    public static (T Mean, T Variance) Moments<T>(ReadOnlySpan<T> x, int start, int positions, int channels, int width) where T : IFloatingPointIeee754<T>
    {
        T count = T.CreateChecked(positions * width), sum = T.Zero, squares = T.Zero;
        for (int position = 0; position < positions; position++)
        {
            for (int channel = 0; channel < width; channel++) sum += x[start + position * channels + channel];
        }
        T mean = sum / count;
        for (int position = 0; position < positions; position++)
        {
            for (int channel = 0; channel < width; channel++)
            {
                T difference = x[start + position * channels + channel] - mean;
                squares += difference * difference;
            }
        }
        return (mean, squares / count);
    }

    /// <summary><c>y = x / sqrt(mean(x²) + ε) scale</c> over rows of scale's length.</summary>
    public static void RmsForward<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> scale, Span<T> y, T epsilon) where T : IFloatingPointIeee754<T>
    {
        for (int start = 0; start < x.Length; start += scale.Length)
        {
            T root = RootMeanSquare(x.Slice(start, scale.Length), epsilon);
            for (int i = 0; i < scale.Length; i++) y[start + i] = x[start + i] / root * scale[i];
        }
    }

    /// <summary><c>dx = (g - x̂ mean(g x̂)) / root</c> with <c>g = dy scale</c> and <c>x̂ = x / root</c>; <c>dscale = Σ dy x̂</c>.</summary>
    public static void RmsBackward<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> gradient, ReadOnlySpan<T> scale, Span<T> inputGradient, Span<T> scaleGradient, T epsilon) where T : IFloatingPointIeee754<T>
    {
        scaleGradient.Clear();
        for (int start = 0; start < x.Length; start += scale.Length)
        {
            T root = RootMeanSquare(x.Slice(start, scale.Length), epsilon), product = T.Zero;
            for (int i = 0; i < scale.Length; i++)
            {
                T normal = x[start + i] / root;
                scaleGradient[i] += gradient[start + i] * normal;
                product += gradient[start + i] * scale[i] * normal;
            }
            T mean = product / T.CreateChecked(scale.Length);
            for (int i = 0; i < scale.Length; i++) inputGradient[start + i] = (gradient[start + i] * scale[i] - x[start + i] / root * mean) / root;
        }
    }

    private static T RootMeanSquare<T>(ReadOnlySpan<T> row, T epsilon) where T : IFloatingPointIeee754<T>
    {
        T sum = T.Zero;
        foreach (T value in row) sum += value * value;
        return T.Sqrt(sum / T.CreateChecked(row.Length) + epsilon);
    }
}
