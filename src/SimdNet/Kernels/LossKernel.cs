using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// The losses with their gradients in one pass. Sums run in 16 lanes over the blocks in ascending order and are joined
/// in the tree of <see cref="IBlock{TSelf}.Sum"/>; up to eight values take as few lanes as hold them, with the same bits, since the others would be zero and the tree of 16 ends as that of 8 and of 4.
/// </summary>
internal static class LossKernel
{
    /// <summary>Returns <c>Σ (y - t)²</c> and writes <c>scale (y - t)</c>.</summary>
    public static float SquaredError(ReadOnlySpan<float> y, ReadOnlySpan<float> targets, float scale, Span<float> gradient) =>
        Run(default(SquaredErrorTerm), y, targets, scale, gradient);

    /// <summary>Returns <c>Σ |y - t|</c> and writes <c>scale</c> with the sign of <c>y - t</c>, and 0 where both are equal.</summary>
    public static float AbsoluteError(ReadOnlySpan<float> y, ReadOnlySpan<float> targets, float scale, Span<float> gradient) =>
        Run(default(AbsoluteErrorTerm), y, targets, scale, gradient);

    /// <summary>Returns <c>Σ m (|y - t| - ½ m)</c> for m the smaller of <c>|y - t|</c> and delta, and writes <c>scale (y - t)</c>, <c>y - t</c> bounded by delta.</summary>
    public static float Huber(ReadOnlySpan<float> y, ReadOnlySpan<float> targets, float delta, float scale, Span<float> gradient) =>
        Run(new HuberTerm(delta), y, targets, scale, gradient);

    /// <summary>
    /// Returns <c>Σ max(z, 0) - z t + ln(1 + e^-|z|)</c> and writes <c>scale (σ(z) - t)</c>; with another weight w of what is true than 1, <c>Σ (1 - t) z + v ln(1 + e^-z)</c> and
    /// <c>scale (v σ(z) - w t)</c> with <c>v = 1 + (w - 1) t</c>.
    /// </summary>
    public static float BinaryCrossEntropy(ReadOnlySpan<float> logits, ReadOnlySpan<float> targets, float positiveWeight, float scale, Span<float> gradient) => positiveWeight == 1
        ? Run(default(BinaryCrossEntropyTerm), logits, targets, scale, gradient)
        : Run(new WeightedBinaryCrossEntropyTerm(positiveWeight), logits, targets, scale, gradient);

    private static float Run<TTerm>(TTerm term, ReadOnlySpan<float> y, ReadOnlySpan<float> targets, float scale, Span<float> gradient) where TTerm : struct, ITerm
    {
        var operation = new PairOperation<TTerm>(term, y, targets, scale, gradient);
        BlockDispatch.Run(ref operation, SumOrder.Lanes(y.Length));
        return operation.Sum;
    }

    /// <summary>Returns <c>ln Σ e^z - z[label]</c> and writes <c>scale (softmax(z) - onehot)</c>.</summary>
    public static float CrossEntropy(ReadOnlySpan<float> logits, int label, float scale, Span<float> gradient)
    {
        float logSumExp = SoftmaxLayer.Row(logits, gradient);
        gradient[label] -= 1;
        for (int i = 0; i < gradient.Length; i++) gradient[i] *= scale;
        return logSumExp - logits[label];
    }

    /// <summary>Returns <c>Σ t[j] (ln Σ e^z - z[j])</c> and writes <c>scale (softmax(z) Σt - t)</c>.</summary>
    public static float CrossEntropy(ReadOnlySpan<float> logits, ReadOnlySpan<float> targets, float scale, Span<float> gradient)
    {
        float logSumExp = SoftmaxLayer.Row(logits, gradient);
        float total = 0, loss = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            total += targets[i];

            // A class that cannot be is no loss, though its logit be -infinity.
            if (targets[i] != 0) loss += targets[i] * (logSumExp - logits[i]);
        }
        for (int i = 0; i < gradient.Length; i++) gradient[i] = scale * (gradient[i] * total - targets[i]);
        return loss;
    }

    /// <summary>A term of a loss that is a sum over pairs of an output and a target.</summary>
    private interface ITerm
    {
        TBlock Loss<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock>;

        TBlock Gradient<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock>;
    }

    private readonly struct SquaredErrorTerm : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Loss<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock> => (y - target) * (y - target);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Gradient<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock> => y - target;
    }

    private readonly struct AbsoluteErrorTerm : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Loss<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock> => TBlock.Abs(y - target);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Gradient<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock>
        {
            TBlock error = y - target;
            return TBlock.SelectLessThan(TBlock.Zero, error, TBlock.Splat(1f), TBlock.SelectLessThan(error, TBlock.Zero, TBlock.Splat(-1f), error));
        }
    }

    private readonly struct HuberTerm(float delta) : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Loss<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock>
        {
            TBlock error = TBlock.Abs(y - target), bounded = TBlock.AtMost(error, TBlock.Splat(delta));
            return bounded * TBlock.MultiplyAdd(bounded, TBlock.Splat(-0.5f), error);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Gradient<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock> =>
            TBlock.AtLeast(TBlock.AtMost(y - target, TBlock.Splat(delta)), TBlock.Splat(-delta));
    }

    private readonly struct BinaryCrossEntropyTerm : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Loss<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock> =>
            TBlock.AtLeast(y, TBlock.Zero) - y * target + TBlock.Apply(default(SoftplusTail), y);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Gradient<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock> => TBlock.Apply(default(Sigmoid), y) - target;
    }

    private readonly struct WeightedBinaryCrossEntropyTerm(float positiveWeight) : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Loss<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock> =>
            TBlock.MultiplyAdd(Weight(target), TBlock.AtLeast(-y, TBlock.Zero) + TBlock.Apply(default(SoftplusTail), y), (TBlock.Splat(1f) - target) * y);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Gradient<TBlock>(TBlock y, TBlock target) where TBlock : struct, IBlock<TBlock> =>
            TBlock.MultiplyAdd(Weight(target), TBlock.Apply(default(Sigmoid), y), -TBlock.Splat(positiveWeight) * target);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private TBlock Weight<TBlock>(TBlock target) where TBlock : struct, IBlock<TBlock> => TBlock.MultiplyAdd(TBlock.Splat(positiveWeight - 1), target, TBlock.Splat(1f));
    }

    private ref struct PairOperation<TTerm>(TTerm term, ReadOnlySpan<float> y, ReadOnlySpan<float> targets, float scale, Span<float> gradient) : IBlockOperation
        where TTerm : struct, ITerm
    {
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);
        private readonly ref float _targets = ref MemoryMarshal.GetReference(targets);
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly int _length = y.Length;

        public float Sum { get; private set; }

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            TBlock factor = TBlock.Splat(scale), sum = RunWhole(factor);
            int rest = _length % TBlock.Count, i = _length - rest;
            if (rest > 0)
            {
                TBlock output = TBlock.LoadPartial(in _y, i, rest), target = TBlock.LoadPartial(in _targets, i, rest);
                sum += Lanes.First(term.Loss(output, target), rest);
                TBlock.StorePartial(factor * term.Gradient(output, target), ref _gradient, i, rest);
            }
            Sum = TBlock.Sum(sum);
        }

        /// <summary>Whole blocks; a method of its own, because the JIT no longer inlines the second copy of a long function in one method.</summary>
        [MethodImpl(Jit.Kernel)]
        private readonly TBlock RunWhole<TBlock>(TBlock factor) where TBlock : struct, IBlock<TBlock>
        {
            TBlock sum = TBlock.Zero;
            for (nint i = 0; i <= _length - TBlock.Count; i += TBlock.Count)
            {
                TBlock output = TBlock.Load(in _y, i), target = TBlock.Load(in _targets, i);
                sum += term.Loss(output, target);
                TBlock.Store(factor * term.Gradient(output, target), ref _gradient, i);
            }
            return sum;
        }
    }
}
