using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>The sizes of an attention layer.</summary>
internal readonly record struct AttentionShape(int Steps, int Width, int Heads, int KeyValueHeads, bool IsCausal)
{
    /// <summary>The features of a head.</summary>
    public int HeadWidth { get; } = Width / Heads;

    /// <summary>How many heads of queries share one of keys and values.</summary>
    public int Group { get; } = Heads / KeyValueHeads;

    /// <summary>The features of all keys, and of all values.</summary>
    public int KeyWidth => KeyValueHeads * HeadWidth;

    /// <summary>The features of queries, keys and values, which lie in this order.</summary>
    public int Projected => Width + 2 * KeyWidth;

    /// <summary>The distance between rows of them.</summary>
    public int Stride => SumOrder.PaddedOutputs(Projected);

    /// <summary>The steps in whole blocks: the distance between rows of scores and of transposed keys.</summary>
    public int PaddedSteps => AttentionLayout.Pad(Steps);

    /// <summary>How many steps the query of <paramref name="step"/> sees.</summary>
    public int Visible(int step) => IsCausal ? step + 1 : Steps;
}

/// <summary>
/// Scaled dot-product attention of strips of queries, and its gradients. Each score is one chain of multiply-adds along the features, each
/// weighted sum one chain along the visible steps, both ascending, and softmax is <see cref="SoftmaxKernel"/> on the visible scores: a
/// query alone has the bits of a query among others, and nothing that it does not see can touch it, NaN included.
/// </summary>
internal static class AttentionKernel
{
    /// <summary>The queries that are computed together: whole tiles of six and of eight rows.</summary>
    public const int StripRows = 24;

    /// <summary>Scores, softmax and weighted sums of <paramref name="rows"/> queries of one head from step <paramref name="first"/> on.</summary>
    /// <param name="queries">[rows, head width], divided by the root of the head width.</param>
    /// <param name="keys">Transposed, [head width, padded steps].</param>
    /// <param name="values">[steps, head width].</param>
    /// <param name="probabilities">[rows, padded steps], written: zero behind what is visible, up to the whole blocks that the last row sees.</param>
    /// <param name="context">[rows, head width], written.</param>
    public static void Forward(AttentionShape shape, Strided queries, Strided keys, Strided values, Strided probabilities, Strided context, int first, int rows)
    {
        int columns = AttentionLayout.Pad(shape.Visible(first + rows - 1));
        Multiply(queries, keys, default, probabilities, rows, columns, columns, shape.HeadWidth);
        var softmax = new SoftmaxOperation(shape, probabilities, first, rows, columns);
        BlockDispatch.Run(ref softmax);
        if (!shape.IsCausal)
        {
            Multiply(probabilities, values, default, context, rows, shape.HeadWidth, SumOrder.PaddedOutputs(shape.HeadWidth), shape.Steps);
            return;
        }

        // The rows of a tile go together as far as the first of them sees, and each alone through the rest, seven steps at the most.
        int together = BlockDispatch.Is512 ? 8 : 6;
        for (int row = 0; row < rows; row += together)
        {
            int count = Math.Min(together, rows - row), seen = first + row;
            Strided sums = context.From(row, 0);
            Multiply(probabilities.From(row, 0), values, default, sums, count, shape.HeadWidth, SumOrder.PaddedOutputs(shape.HeadWidth), seen);
            var triangle = new TriangleOperation(probabilities.From(row, seen), values.From(seen, 0), sums, count, shape.HeadWidth);
            BlockDispatch.RunRegisters(ref triangle, SumOrder.Lanes(shape.HeadWidth));
        }
    }

    /// <summary>One query of a stream, all heads.</summary>
    /// <param name="query">[width], divided by the root of the head width.</param>
    /// <param name="memory">Keys and values as <see cref="AttentionLayout"/> has them.</param>
    /// <param name="scores">Scratch, [padded steps].</param>
    /// <param name="context">[width], written.</param>
    /// <param name="step">The step of the query.</param>
    public static void Step(AttentionShape shape, Span<float> query, Span<float> memory, Span<float> scores, Span<float> context, int step)
    {
        int paddedSteps = shape.PaddedSteps, headWidth = shape.HeadWidth;
        Span<float> values = memory[(shape.KeyWidth * paddedSteps)..];
        for (int head = 0; head < shape.Heads; head++)
        {
            int shared = head / shape.Group * headWidth;
            Forward(
                shape, new Strided(ref query[head * headWidth], shape.Width, 1), new Strided(ref memory[shared * paddedSteps], paddedSteps, 1),
                new Strided(ref values[shared], shape.KeyWidth, 1), new Strided(ref scores[0], paddedSteps, 1), new Strided(ref context[head * headWidth], shape.Width, 1), step, 1);
        }
    }

    /// <summary>
    /// The gradients of <paramref name="rows"/> queries of one head from step <paramref name="first"/> on; those of keys and values are added
    /// to what is there.
    /// </summary>
    /// <param name="queries">[rows, head width].</param>
    /// <param name="keys">[steps, head width].</param>
    /// <param name="values">Transposed, [head width, padded steps].</param>
    /// <param name="probabilities">[rows, padded steps], as <see cref="Forward"/> left them.</param>
    /// <param name="contextGradient">[rows, head width].</param>
    /// <param name="scores">Scratch, [rows, padded steps].</param>
    /// <param name="queryGradient">[rows, head width].</param>
    /// <param name="keyGradient">[steps, head width].</param>
    /// <param name="valueGradient">[steps, head width].</param>
    public static void Backward(
        AttentionShape shape, Strided queries, Strided keys, Strided values, Strided probabilities, Strided contextGradient, Strided scores,
        Strided queryGradient, Strided keyGradient, Strided valueGradient, int first, int rows)
    {
        int steps = shape.Visible(first + rows - 1), columns = AttentionLayout.Pad(steps), width = shape.HeadWidth, readable = SumOrder.PaddedOutputs(width);
        Multiply(contextGradient, values, default, scores, rows, columns, columns, width);
        var softmax = new SoftmaxGradientOperation(shape, probabilities, scores, first, rows, columns);
        BlockDispatch.Run(ref softmax);
        Multiply(scores, keys, default, queryGradient, rows, width, readable, steps);
        Multiply(Transposed(scores), queries, keyGradient, keyGradient, steps, width, readable, rows);
        Multiply(Transposed(probabilities), contextGradient, valueGradient, valueGradient, steps, width, readable, rows);
    }

    /// <summary>Copies [steps, width] to [width, padded steps], sixteen steps at a time: a line of cache of the result.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Transpose(Strided source, Span<float> target, int steps, int width, int paddedSteps)
    {
        Guard.Rows(target.Length, width, paddedSteps, steps, nameof(target));
        nint stride = source.Row;
        for (int first = 0; first < steps; first += 16)
        {
            int count = Math.Min(16, steps - first);
            ref float from = ref source.At(first, 0), to = ref Unsafe.Add(ref MemoryMarshal.GetReference(target), first);
            for (int i = 0; i < width; i++)
            {
                ref float value = ref Unsafe.Add(ref from, i);
                for (int j = 0; j < count; j++)
                {
                    Unsafe.Add(ref to, j) = value;
                    value = ref Unsafe.Add(ref value, stride);
                }
                to = ref Unsafe.Add(ref to, paddedSteps);
            }
        }
    }

    private static Strided Transposed(Strided matrix) => new(ref matrix.At(0, 0), matrix.Column, matrix.Row);

    private static void Multiply(Strided a, Strided b, Strided start, Strided c, int rows, int columns, int readable, int depth)
    {
        var product = new Product<StoreEnds>(a, b, start, c, new StoreEnds(c, columns), rows, columns, readable, depth, holdsSums: true, SumOrder.Lanes(columns));
        ProductKernel.Run(ref product);
    }

    private readonly ref struct SoftmaxOperation(AttentionShape shape, Strided scores, int first, int rows, int columns) : IBlockOperation
    {
        private readonly Strided _scores = scores;

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            for (int row = 0; row < rows; row++)
            {
                ref float start = ref _scores.At(row, 0);
                int visible = shape.Visible(first + row);
                SoftmaxKernel.Row<TBlock>(ref start, ref start, visible);
                MemoryMarshal.CreateSpan(ref Unsafe.Add(ref start, visible), columns - visible).Clear();
            }
        }
    }

    private readonly ref struct SoftmaxGradientOperation(AttentionShape shape, Strided probabilities, Strided gradient, int first, int rows, int columns) : IBlockOperation
    {
        private readonly Strided _probabilities = probabilities, _gradient = gradient;

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            for (int row = 0; row < rows; row++)
            {
                ref float start = ref _gradient.At(row, 0);
                int visible = shape.Visible(first + row);
                SoftmaxKernel.Backward<TBlock>(ref _probabilities.At(row, 0), ref start, ref start, visible);
                MemoryMarshal.CreateSpan(ref Unsafe.Add(ref start, visible), columns - visible).Clear();
            }
        }
    }

    /// <summary><c>context[r] += Σ p[r, s] v[s]</c> over s from 0 to r.</summary>
    private readonly ref struct TriangleOperation(Strided probabilities, Strided values, Strided context, int rows, int width) : IBlockOperation
    {
        private readonly Strided _probabilities = probabilities, _values = values, _context = context;

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            nint stride = _values.Row;
            for (int row = 0; row < rows; row++)
            {
                ref float p = ref _probabilities.At(row, 0);
                for (int column = 0; column < width; column += TBlock.Count)
                {
                    int count = Math.Min(TBlock.Count, width - column);
                    ref float target = ref _context.At(row, column);
                    ref float value = ref _values.At(0, column);
                    TBlock sum = TBlock.LoadPartial(in target, 0, count);
                    for (int step = 0; step <= row; step++)
                        TBlock.Accumulate(ref sum, TBlock.Splat(Unsafe.Add(ref p, step)), TBlock.LoadPartial(in value, step * stride, count));
                    TBlock.StorePartial(sum, ref target, 0, count);
                }
            }
        }
    }
}
