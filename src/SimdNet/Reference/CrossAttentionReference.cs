using System.Numerics;

namespace SimdNet.Reference;

/// <summary>Multi-head attention to a memory as plain loops, on one sample: x [queries, width], memory [steps, memory width].</summary>
/// <param name="queries">The time steps of x.</param>
/// <param name="width">The features of x.</param>
/// <param name="steps">The time steps of the memory.</param>
/// <param name="memoryWidth">The features of the memory.</param>
/// <param name="heads">The heads of queries.</param>
/// <param name="keyValueHeads">The heads of keys and values, which neighbouring heads of queries share.</param>
public sealed class CrossAttentionReference(int queries, int width, int steps, int memoryWidth, int heads, int keyValueHeads)
{
    private readonly int _head = width / heads, _keys = width / heads * keyValueHeads;

    /// <summary>Weights, or their gradients: of queries [width, width], of keys and values [memory width, width of their heads], of the output [width, width]; each with a bias.</summary>
    public readonly record struct Tensors<T>(T[] Query, T[] Key, T[] Value, T[] Output, T[] QueryBias, T[] KeyBias, T[] ValueBias, T[] OutputBias)
    {
        /// <summary>All of them.</summary>
        public T[][] All => [Query, Key, Value, Output, QueryBias, KeyBias, ValueBias, OutputBias];
    }

    /// <summary>Zeros of the right sizes.</summary>
    public Tensors<T> CreateTensors<T>() => new(
        new T[width * width], new T[memoryWidth * _keys], new T[memoryWidth * _keys], new T[width * width], new T[width], new T[_keys], new T[_keys], new T[width]);

    /// <summary>y from x and the memory.</summary>
    public void Forward<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> memory, Tensors<T> tensors, Span<T> y) where T : IFloatingPointIeee754<T>
    {
        (_, _, _, _, T[] context) = Attend(x, memory, tensors);
        DenseReference.Forward(context, tensors.Output, tensors.OutputBias, y, width, width);
    }

    /// <summary>All gradients from dy.</summary>
    public void Backward<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> memory, Tensors<T> tensors, ReadOnlySpan<T> gradient, Span<T> inputGradient, Span<T> memoryGradient, Tensors<T> gradients)
        where T : IFloatingPointIeee754<T>
    {
        (T[] q, T[] k, T[] v, T[] probabilities, T[] context) = Attend(x, memory, tensors);
        T[] dContext = new T[context.Length], dq = new T[q.Length], dk = new T[k.Length], dv = new T[v.Length], scores = new T[steps], second = new T[memoryGradient.Length];
        DenseReference.BackwardParameters<T>(context, gradient, gradients.Output, gradients.OutputBias, width, width);
        DenseReference.BackwardInput<T>(gradient, tensors.Output, dContext, width, width);
        T scale = T.One / T.Sqrt(T.CreateChecked(_head));
        for (int head = 0; head < heads; head++)
        {
            for (int query = 0; query < queries; query++)
            {
                ReadOnlySpan<T> row = probabilities.AsSpan((head * queries + query) * steps, steps);
                for (int step = 0; step < steps; step++)
                {
                    scores[step] = T.Zero;
                    for (int i = 0; i < _head; i++)
                    {
                        scores[step] += dContext[Query(query, head) + i] * v[Key(step, head) + i];
                        dv[Key(step, head) + i] += row[step] * dContext[Query(query, head) + i];
                    }
                }
                ElementwiseReference.SoftmaxBackward<T>(row, scores, scores);
                for (int step = 0; step < steps; step++)
                {
                    for (int i = 0; i < _head; i++)
                    {
                        dq[Query(query, head) + i] += scale * scores[step] * k[Key(step, head) + i];
                        dk[Key(step, head) + i] += scale * scores[step] * q[Query(query, head) + i];
                    }
                }
            }
        }
        DenseReference.BackwardParameters<T>(x, dq, gradients.Query, gradients.QueryBias, width, width);
        DenseReference.BackwardParameters<T>(memory, dk, gradients.Key, gradients.KeyBias, memoryWidth, _keys);
        DenseReference.BackwardParameters<T>(memory, dv, gradients.Value, gradients.ValueBias, memoryWidth, _keys);
        DenseReference.BackwardInput<T>(dq, tensors.Query, inputGradient, width, width);
        DenseReference.BackwardInput<T>(dk, tensors.Key, memoryGradient, memoryWidth, _keys);
        DenseReference.BackwardInput<T>(dv, tensors.Value, second, memoryWidth, _keys);
        for (int i = 0; i < second.Length; i++) memoryGradient[i] += second[i];
    }

    private int Query(int query, int head) => query * width + head * _head;

    private int Key(int step, int head) => step * _keys + head / (heads / keyValueHeads) * _head;

    private (T[] Queries, T[] Keys, T[] Values, T[] Probabilities, T[] Context) Attend<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> memory, Tensors<T> tensors) where T : IFloatingPointIeee754<T>
    {
        T[] q = new T[queries * width], k = new T[steps * _keys], v = new T[steps * _keys], probabilities = new T[heads * queries * steps], context = new T[queries * width];
        DenseReference.Forward<T>(x, tensors.Query, tensors.QueryBias, q, width, width);
        DenseReference.Forward<T>(memory, tensors.Key, tensors.KeyBias, k, memoryWidth, _keys);
        DenseReference.Forward<T>(memory, tensors.Value, tensors.ValueBias, v, memoryWidth, _keys);
        T scale = T.One / T.Sqrt(T.CreateChecked(_head));
        for (int head = 0; head < heads; head++)
        {
            for (int query = 0; query < queries; query++)
            {
                Span<T> row = probabilities.AsSpan((head * queries + query) * steps, steps);
                for (int step = 0; step < steps; step++)
                {
                    for (int i = 0; i < _head; i++) row[step] += q[Query(query, head) + i] * k[Key(step, head) + i];
                    row[step] *= scale;
                }
                ElementwiseReference.Softmax<T>(row, row);
                for (int step = 0; step < steps; step++)
                {
                    for (int i = 0; i < _head; i++) context[Query(query, head) + i] += row[step] * v[Key(step, head) + i];
                }
            }
        }
        return (q, k, v, probabilities, context);
    }
}
