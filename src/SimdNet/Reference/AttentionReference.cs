using System.Numerics;

namespace SimdNet.Reference;

/// <summary>Multi-head self attention as plain loops, on one sample [steps, width].</summary>
/// <param name="steps">The time steps.</param>
/// <param name="width">The features of a step.</param>
/// <param name="heads">The heads of queries.</param>
/// <param name="keyValueHeads">The heads of keys and values.</param>
/// <param name="isCausal">Whether a step sees only those before it, and itself.</param>
/// <param name="isRotary">Whether queries and keys are turned by their positions.</param>
public sealed class AttentionReference(int steps, int width, int heads, int keyValueHeads, bool isCausal, bool isRotary)
{
    private readonly int _head = width / heads, _keys = width / heads * keyValueHeads;

    /// <summary>The outputs of the input projection: all queries, all keys, all values.</summary>
    public int Projected => width + 2 * _keys;

    /// <summary>y from x; input weights [width, <see cref="Projected"/>], output weights [width, width].</summary>
    public void Forward<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> inWeights, ReadOnlySpan<T> inBias, ReadOnlySpan<T> outWeights, ReadOnlySpan<T> outBias, Span<T> y) where T : IFloatingPointIeee754<T>
    {
        (_, _, T[] context) = Attend(x, inWeights, inBias);
        DenseReference.Forward(context, outWeights, outBias, y, width, width);
    }

    /// <summary>All gradients from dy.</summary>
    public void Backward<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> inWeights, ReadOnlySpan<T> inBias, ReadOnlySpan<T> outWeights, ReadOnlySpan<T> gradient,
        Span<T> inputGradient, Span<T> inWeightsGradient, Span<T> inBiasGradient, Span<T> outWeightsGradient, Span<T> outBiasGradient) where T : IFloatingPointIeee754<T>
    {
        (T[] projected, T[] probabilities, T[] context) = Attend(x, inWeights, inBias);
        T[] contextGradient = new T[context.Length], projectedGradient = new T[projected.Length];
        DenseReference.BackwardParameters(context, gradient, outWeightsGradient, outBiasGradient, width, width);
        DenseReference.BackwardInput(gradient, outWeights, contextGradient, width, width);
        T scale = T.One / T.Sqrt(T.CreateChecked(_head));
        var scores = new T[steps];
        for (int head = 0; head < heads; head++)
        {
            for (int step = 0; step < steps; step++)
            {
                int visible = isCausal ? step + 1 : steps;
                ReadOnlySpan<T> row = probabilities.AsSpan((head * steps + step) * steps, visible);
                for (int other = 0; other < visible; other++)
                {
                    scores[other] = T.Zero;
                    for (int i = 0; i < _head; i++)
                    {
                        T dy = contextGradient[step * width + head * _head + i];
                        scores[other] += dy * projected[Value(other, head) + i];
                        projectedGradient[Value(other, head) + i] += row[other] * dy;
                    }
                }
                ElementwiseReference.SoftmaxBackward(row, scores.AsSpan(0, visible), scores.AsSpan(0, visible));
                for (int other = 0; other < visible; other++)
                {
                    for (int i = 0; i < _head; i++)
                    {
                        projectedGradient[Query(step, head) + i] += scale * scores[other] * projected[Key(other, head) + i];
                        projectedGradient[Key(other, head) + i] += scale * scores[other] * projected[Query(step, head) + i];
                    }
                }
            }
        }
        Rotate(projectedGradient.AsSpan(), -T.One);
        DenseReference.BackwardParameters(x, projectedGradient, inWeightsGradient, inBiasGradient, width, Projected);
        DenseReference.BackwardInput(projectedGradient, inWeights, inputGradient, width, Projected);
    }

    private int Query(int step, int head) => step * Projected + head * _head;

    private int Key(int step, int head) => step * Projected + width + head / (heads / keyValueHeads) * _head;

    private int Value(int step, int head) => Key(step, head) + _keys;

    /// <summary>Queries, keys and values; probabilities [heads, steps, steps]; weighted sums [steps, width].</summary>
    private (T[] Projected, T[] Probabilities, T[] Context) Attend<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> weights, ReadOnlySpan<T> bias) where T : IFloatingPointIeee754<T>
    {
        T[] projected = new T[steps * Projected], probabilities = new T[heads * steps * steps], context = new T[steps * width];
        DenseReference.Forward(x, weights, bias, projected, width, Projected);
        Rotate(projected.AsSpan(), T.One);
        T scale = T.One / T.Sqrt(T.CreateChecked(_head));
        for (int head = 0; head < heads; head++)
        {
            for (int step = 0; step < steps; step++)
            {
                Span<T> row = probabilities.AsSpan((head * steps + step) * steps, isCausal ? step + 1 : steps);
                for (int other = 0; other < row.Length; other++)
                {
                    for (int i = 0; i < _head; i++) row[other] += projected[Query(step, head) + i] * projected[Key(other, head) + i];
                    row[other] *= scale;
                }
                ElementwiseReference.Softmax(row, row);
                for (int other = 0; other < row.Length; other++)
                {
                    for (int i = 0; i < _head; i++) context[step * width + head * _head + i] += row[other] * projected[Value(other, head) + i];
                }
            }
        }
        return (projected, probabilities, context);
    }

    /// <summary>Turns features i and i + half of all queries and keys by <c>step 10000^(-2 i / head width)</c>, or back.</summary>
    private void Rotate<T>(Span<T> projected, T direction) where T : IFloatingPointIeee754<T>
    {
        if (!isRotary) return;
        int half = _head / 2;
        for (int step = 0; step < steps; step++)
        {
            for (int head = 0; head < heads + keyValueHeads; head++)
            {
                for (int i = 0; i < half; i++)
                {
                    T angle = T.CreateChecked(step * Math.Pow(10000, -2.0 * i / _head));
                    (T cosine, T sine) = (T.Cos(angle), direction * T.Sin(angle));
                    ref T a = ref projected[step * Projected + head * _head + i], b = ref projected[step * Projected + head * _head + half + i];
                    (a, b) = (a * cosine - b * sine, b * cosine + a * sine);
                }
            }
        }
    }
}
