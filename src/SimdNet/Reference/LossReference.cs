using System.Numerics;

namespace SimdNet.Reference;

/// <summary>The losses and their gradients as plain loops over [batch, outputs].</summary>
public static class LossReference
{
    /// <summary><c>Σ (y - t)² / n</c> over the n outputs of the batch.</summary>
    public static T MeanSquaredError<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> targets, Span<T> gradient) where T : IFloatingPointIeee754<T>
    {
        T sum = T.Zero, count = T.CreateChecked(y.Length);
        for (int i = 0; i < y.Length; i++)
        {
            sum += (y[i] - targets[i]) * (y[i] - targets[i]);
            gradient[i] = (T.One + T.One) * (y[i] - targets[i]) / count;
        }
        return sum / count;
    }

    /// <summary><c>Σ |y - t| / n</c> over the n outputs of the batch.</summary>
    public static T MeanAbsoluteError<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> targets, Span<T> gradient) where T : IFloatingPointIeee754<T>
    {
        T sum = T.Zero, count = T.CreateChecked(y.Length);
        for (int i = 0; i < y.Length; i++)
        {
            T error = y[i] - targets[i];
            sum += T.Abs(error);
            gradient[i] = (error > T.Zero ? T.One : error < T.Zero ? -T.One : error) / count;
        }
        return sum / count;
    }

    /// <summary><c>½ e²</c> for errors of up to delta, and <c>delta (|e| - ½ delta)</c> beyond, the mean over the outputs of the batch.</summary>
    public static T Huber<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> targets, T delta, Span<T> gradient) where T : IFloatingPointIeee754<T>
    {
        T sum = T.Zero, count = T.CreateChecked(y.Length), two = T.One + T.One;
        for (int i = 0; i < y.Length; i++)
        {
            T error = y[i] - targets[i], size = T.Abs(error);
            sum += size > delta ? delta * (size - delta / two) : error * error / two;
            gradient[i] = (size > delta ? T.CopySign(delta, error) : error) / count;
        }
        return sum / count;
    }

    /// <summary><c>½ Σ (y - t)²</c>.</summary>
    public static T HalfSumOfSquares<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> targets, Span<T> gradient) where T : IFloatingPointIeee754<T>
    {
        T sum = T.Zero;
        for (int i = 0; i < y.Length; i++)
        {
            gradient[i] = y[i] - targets[i];
            sum += gradient[i] * gradient[i];
        }
        return sum / (T.One + T.One);
    }

    /// <summary><c>-t ln σ(z) - (1 - t) ln (1 - σ(z))</c>, the mean over the outputs of the batch.</summary>
    public static T BinaryCrossEntropy<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, Span<T> gradient) where T : IFloatingPointIeee754<T> =>
        WeightedBinaryCrossEntropy(logits, targets, T.One, gradient);

    /// <summary><c>-w t ln σ(z) - (1 - t) ln (1 - σ(z))</c>, the mean over the outputs of the batch.</summary>
    public static T WeightedBinaryCrossEntropy<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, T positiveWeight, Span<T> gradient) where T : IFloatingPointIeee754<T>
    {
        T sum = T.Zero, count = T.CreateChecked(logits.Length);
        for (int i = 0; i < logits.Length; i++)
        {
            T z = logits[i], t = targets[i];
            T tail = T.LogP1(T.Exp(-T.Abs(z))), whenTrue = T.Max(-z, T.Zero) + tail, whenFalse = T.Max(z, T.Zero) + tail;
            sum += positiveWeight * t * whenTrue + (T.One - t) * whenFalse;
            gradient[i] = ((T.One - t) * ElementwiseReference.Sigmoid(z) - positiveWeight * t * ElementwiseReference.Sigmoid(-z)) / count;
        }
        return sum / count;
    }

    /// <summary><c>-Σ t[j] ln softmax(z)[j]</c>, the mean over the batch.</summary>
    public static T CrossEntropy<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, int outputs, Span<T> gradient) where T : IFloatingPointIeee754<T>
    {
        T sum = T.Zero, batch = T.CreateChecked(logits.Length / outputs);
        for (int start = 0; start < logits.Length; start += outputs)
        {
            ReadOnlySpan<T> z = logits.Slice(start, outputs), t = targets.Slice(start, outputs);
            T logSumExp = ElementwiseReference.LogSumExp(z), total = T.Zero;
            for (int j = 0; j < outputs; j++)
            {
                total += t[j];
                sum += t[j] * (logSumExp - z[j]);
            }
            for (int j = 0; j < outputs; j++) gradient[start + j] = (T.Exp(z[j] - logSumExp) * total - t[j]) / batch;
        }
        return sum / batch;
    }

    /// <summary><c>-Σ w[j] t[j] ln softmax(z)[j]</c>, the mean over the batch.</summary>
    public static T WeightedCrossEntropy<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, ReadOnlySpan<T> classWeights, Span<T> gradient) where T : IFloatingPointIeee754<T>
    {
        var weighted = new T[targets.Length];
        for (int i = 0; i < weighted.Length; i++) weighted[i] = targets[i] * classWeights[i % classWeights.Length];
        return CrossEntropy(logits, weighted, classWeights.Length, gradient);
    }
}
