using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>What happens to one block of parameters with its gradients and up to two blocks of state.</summary>
internal interface IRule
{
    /// <summary>How many blocks of state there are.</summary>
    static abstract int States { get; }

    TBlock Apply<TBlock>(TBlock parameter, TBlock gradient, ref TBlock first, ref TBlock second) where TBlock : struct, IBlock<TBlock>;
}

/// <summary>Adam's update, with the constants of one step.</summary>
internal readonly struct AdamRule : IRule
{
    private readonly float _stepLength, _rootCorrection, _new1, _beta2, _new2, _epsilon, _weightDecay, _kept;

    private AdamRule(float stepLength, float rootCorrection, float beta1, float beta2, float epsilon, float weightDecay, float kept) =>
        (_stepLength, _rootCorrection, _new1, _beta2, _new2, _epsilon, _weightDecay, _kept) = (-stepLength, rootCorrection, 1 - beta1, beta2, 1 - beta2, epsilon, weightDecay, kept);

    public static int States => 2;

    public static AdamRule Create(long step, float learningRate, float beta1, float beta2, float epsilon, float weightDecay, bool isDecoupled)
    {
        // The corrections of both means need more digits than the update: for 0.999 the first ones nearly cancel.
        double correction1 = 1 - Math.Pow(beta1, step), correction2 = 1 - Math.Pow(beta2, step);
        return new AdamRule(
            (float)(learningRate / correction1), (float)(1 / Math.Sqrt(correction2)), beta1, beta2, epsilon,
            isDecoupled ? 0 : weightDecay, isDecoupled ? 1 - learningRate * weightDecay : 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBlock Apply<TBlock>(TBlock parameter, TBlock gradient, ref TBlock first, ref TBlock second) where TBlock : struct, IBlock<TBlock>
    {
        if (_weightDecay != 0) gradient = TBlock.MultiplyAdd(TBlock.Splat(_weightDecay), parameter, gradient);
        first = TBlock.MultiplyAdd(TBlock.Splat(_new1), gradient - first, first);
        second = TBlock.MultiplyAdd(TBlock.Splat(_new2), gradient * gradient, TBlock.Splat(_beta2) * second);
        first = UpdateKernel.Normal(first, TBlock.Abs(first));
        second = UpdateKernel.Normal(second, second);
        TBlock divisor = TBlock.MultiplyAdd(TBlock.Sqrt(second), TBlock.Splat(_rootCorrection), TBlock.Splat(_epsilon));
        return TBlock.MultiplyAdd(TBlock.Splat(_stepLength), first / divisor, TBlock.Splat(_kept) * parameter);
    }
}

/// <summary>The updates of the optimizers: one pass over parameters, gradients and state, each element for itself.</summary>
internal static class UpdateKernel
{
    private const float SmallestNormal = 1.17549435e-38f;

    /// <summary>Where there are more parameters than the caches hold, one takes about as long as so many multiply-adds.</summary>
    private const int WorkOfParameter = 32;

    /// <summary>A thread's part has so many parameters at the least.</summary>
    private const int LeastPart = 1 << 16;

    /// <summary>
    /// The state of a parameter that has no gradient any more, as behind a unit that is never active, decays step by step and would stay at a subnormal
    /// number, with which processors divide many times as long: it becomes zero.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Normal<TBlock>(TBlock state, TBlock magnitude) where TBlock : struct, IBlock<TBlock> =>
        TBlock.SelectLessThan(magnitude, TBlock.Splat(SmallestNormal), TBlock.Zero, state);

    /// <summary><c>w -= learningRate (g + decay w)</c>, the formula that <see cref="Kernels.Descend"/> uses without decay.</summary>
    public static void Descend(ReadOnlySpan<float> gradients, float learningRate, float weightDecay, Span<float> parameters)
    {
        if (weightDecay == 0) Run(new PlainRule(learningRate), gradients, default, default, parameters);
        else Run(new DecayRule(learningRate, weightDecay), gradients, default, default, parameters);
    }

    /// <summary>Descent with momentum, PyTorch's formulas.</summary>
    public static void Momentum(
        ReadOnlySpan<float> gradients, float learningRate, float momentum, bool nesterov, float weightDecay, Span<float> velocity, Span<float> parameters) =>
        Run(new MomentumRule(learningRate, momentum, nesterov, weightDecay), gradients, velocity, default, parameters);

    /// <summary>Adam and, with decoupled decay, AdamW; PyTorch's formulas.</summary>
    public static void Adam(
        ReadOnlySpan<float> gradients, long step, float learningRate, float beta1, float beta2, float epsilon, float weightDecay,
        bool isDecoupled, Span<float> firstMoment, Span<float> secondMoment, Span<float> parameters) =>
        Run(AdamRule.Create(step, learningRate, beta1, beta2, epsilon, weightDecay, isDecoupled), gradients, firstMoment, secondMoment, parameters);

    /// <summary><c>g *= most / |g|</c> where the norm <c>|g|</c>, the root of the sum of squares, is larger than <paramref name="most"/>.</summary>
    public static void Clip(Span<float> gradients, float most)
    {
        double norm = Math.Sqrt(SumOfSquares(gradients));
        if (!(norm <= most)) Run(new ScaleRule((float)(most / norm)), gradients, default, default, gradients);
    }

    /// <summary><c>Σ x²</c>: a page's as a float, in 16 lanes, and those of all pages as a double; where a page's is too large for a float, value by value.</summary>
    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        for (int start = 0; start < values.Length; start += Tiles.Page)
        {
            var operation = new SquaresOperation(values.Slice(start, Math.Min(Tiles.Page, values.Length - start)));
            BlockDispatch.Run(ref operation);
            if (float.IsFinite(operation.Sum))
            {
                sum += operation.Sum;
                continue;
            }
            foreach (float value in values.Slice(start, Math.Min(Tiles.Page, values.Length - start))) sum += (double)value * value;
        }
        return sum;
    }

    private static void Run<TRule>(TRule rule, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, Span<float> parameters)
        where TRule : struct, IRule
    {
        // One part a thread: in most updates it is the part that the thread had before, and has in its caches. Parts are whole pages.
        long work = (long)WorkOfParameter * parameters.Length;
        int parts = WorkerPool.IsShared(work) ? Math.Min(Hardware.MaxThreads, parameters.Length / LeastPart) : 1;
        int partLength = parts == 1 ? parameters.Length : (parameters.Length / parts / Tiles.Page + 1) * Tiles.Page;
        var operation = new Operation<TRule>(rule, gradients, first, second, parameters, partLength);
        WorkerPool.Run(ref operation, parts, work);
    }

    private readonly struct PlainRule(float learningRate) : IRule
    {
        public static int States => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Apply<TBlock>(TBlock parameter, TBlock gradient, ref TBlock first, ref TBlock second) where TBlock : struct, IBlock<TBlock> =>
            TBlock.MultiplyAdd(TBlock.Splat(-learningRate), gradient, parameter);
    }

    private readonly struct ScaleRule(float scale) : IRule
    {
        public static int States => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Apply<TBlock>(TBlock parameter, TBlock gradient, ref TBlock first, ref TBlock second) where TBlock : struct, IBlock<TBlock> => TBlock.Splat(scale) * gradient;
    }

    private readonly struct DecayRule(float learningRate, float weightDecay) : IRule
    {
        public static int States => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Apply<TBlock>(TBlock parameter, TBlock gradient, ref TBlock first, ref TBlock second) where TBlock : struct, IBlock<TBlock> =>
            TBlock.MultiplyAdd(TBlock.Splat(-learningRate), TBlock.MultiplyAdd(TBlock.Splat(weightDecay), parameter, gradient), parameter);
    }

    private readonly struct MomentumRule(float learningRate, float momentum, bool nesterov, float weightDecay) : IRule
    {
        public static int States => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Apply<TBlock>(TBlock parameter, TBlock gradient, ref TBlock first, ref TBlock second) where TBlock : struct, IBlock<TBlock>
        {
            if (weightDecay != 0) gradient = TBlock.MultiplyAdd(TBlock.Splat(weightDecay), parameter, gradient);
            first = TBlock.MultiplyAdd(TBlock.Splat(momentum), first, gradient);
            first = Normal(first, TBlock.Abs(first));
            TBlock direction = nesterov ? TBlock.MultiplyAdd(TBlock.Splat(momentum), first, gradient) : first;
            return TBlock.MultiplyAdd(TBlock.Splat(-learningRate), direction, parameter);
        }
    }

    private ref struct SquaresOperation(ReadOnlySpan<float> values) : IBlockOperation
    {
        private readonly ref float _values = ref MemoryMarshal.GetReference(values);
        private readonly int _length = values.Length;

        public float Sum { get; private set; }

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            TBlock sum = TBlock.Zero;
            int i = 0;
            for (; i <= _length - TBlock.Count; i += TBlock.Count)
            {
                TBlock value = TBlock.Load(in _values, i);
                TBlock.Accumulate(ref sum, value, value);
            }
            if (i < _length)
            {
                TBlock rest = TBlock.LoadPartial(in _values, i, _length - i);
                TBlock.Accumulate(ref sum, rest, rest);
            }
            Sum = TBlock.Sum(sum);
        }
    }

    private readonly ref struct Operation<TRule>(
        TRule rule, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, Span<float> parameters, int partLength) : IBlockOperation, IPartedWork
        where TRule : struct, IRule
    {
        private readonly ReadOnlySpan<float> _gradients = gradients;
        private readonly Span<float> _first = first, _second = second, _parameters = parameters;

        public void RunPart(int part)
        {
            int begin = (int)Math.Min((long)part * partLength, _parameters.Length), count = Math.Min(partLength, _parameters.Length - begin);
            var operation = new Operation<TRule>(
                rule, _gradients.Slice(begin, count), Slice(_first, begin, count), Slice(_second, begin, count), _parameters.Slice(begin, count), partLength);
            BlockDispatch.RunRegisters(ref operation);
        }

        // A rule without this state has none of any length.
        private static Span<float> Slice(Span<float> state, int begin, int count) => state.IsEmpty ? state : state.Slice(begin, count);

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            ref float g = ref MemoryMarshal.GetReference(_gradients), m = ref MemoryMarshal.GetReference(_first), v = ref MemoryMarshal.GetReference(_second), w = ref MemoryMarshal.GetReference(_parameters);
            TRule apply = rule;
            nint length = _parameters.Length, i = 0;
            TBlock first = TBlock.Zero, second = TBlock.Zero;
            for (; i <= length - TBlock.Count; i += TBlock.Count)
            {
                if (TRule.States > 0) first = TBlock.Load(in m, i);
                if (TRule.States > 1) second = TBlock.Load(in v, i);
                TBlock.Store(apply.Apply(TBlock.Load(in w, i), TBlock.Load(in g, i), ref first, ref second), ref w, i);
                if (TRule.States > 0) TBlock.Store(first, ref m, i);
                if (TRule.States > 1) TBlock.Store(second, ref v, i);
            }
            int rest = (int)(length - i);
            if (rest == 0) return;
            if (TRule.States > 0) first = TBlock.LoadPartial(in m, i, rest);
            if (TRule.States > 1) second = TBlock.LoadPartial(in v, i, rest);
            TBlock.StorePartial(apply.Apply(TBlock.LoadPartial(in w, i, rest), TBlock.LoadPartial(in g, i, rest), ref first, ref second), ref w, i, rest);
            if (TRule.States > 0) TBlock.StorePartial(first, ref m, i, rest);
            if (TRule.States > 1) TBlock.StorePartial(second, ref v, i, rest);
        }
    }
}
