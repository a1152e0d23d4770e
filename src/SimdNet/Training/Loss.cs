using SimdNet.CompilerServices;
using SimdNet.Kernels;

namespace SimdNet.Training;

/// <summary>
/// A loss: its value and its gradient with respect to what the network puts out. Derive from it for a loss of your own.
/// </summary>
/// <remarks>
/// A network that puts out a sequence, (time, features), is trained on each step as if it were a sample: a row below is a sample, or
/// one step of it, and means are over all of them (Keras, and PyTorch on [batch time, features]).
/// </remarks>
public abstract class Loss
{
    /// <summary><c>Σ (y - t)² / (batch outputs)</c>: the mean over samples and outputs.</summary>
    public static Loss MeanSquaredError { get; } = new SquaredError(isMean: true);

    /// <summary><c>Σ |y - t| / (batch outputs)</c>: the mean over samples and outputs, for targets of which some lie far off (PyTorch's <c>L1Loss</c>).</summary>
    public static Loss MeanAbsoluteError { get; } = new AbsoluteError();

    /// <summary>
    /// <c>½ e²</c> for errors e = y - t of up to <paramref name="delta"/>, and <c>delta (|e| - ½ delta)</c> beyond, the mean over samples and outputs (Huber 1964, PyTorch's
    /// <c>HuberLoss</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delta"/> is not positive, or not finite.</exception>
    public static Loss Huber(float delta = 1)
    {
        Guard.Positive(delta, nameof(delta));
        return new HuberLoss(delta);
    }

    /// <summary><c>½ Σ (y - t)²</c>: the sum over samples and outputs, as textbooks write it.</summary>
    public static Loss HalfSumOfSquares { get; } = new SquaredError(isMean: false);

    /// <summary>
    /// <c>-Σ t[j] ln softmax(z)[j]</c>, the mean over samples and steps, from logits z and either class numbers or distributions
    /// (PyTorch's <c>CrossEntropyLoss</c>). On a network that ends in softmax the two are one stable step.
    /// </summary>
    public static Loss CrossEntropy { get; } = new CrossEntropyLoss(null);

    /// <summary>
    /// <c>-t ln σ(z) - (1 - t) ln (1 - σ(z))</c>, the mean over samples and outputs, from logits z and targets between 0
    /// and 1 (PyTorch's <c>BCEWithLogitsLoss</c>). On a network that ends in sigmoid the two are one stable step. Where there
    /// is one output, class numbers 0 and 1 are targets as well.
    /// </summary>
    public static Loss BinaryCrossEntropy { get; } = new BinaryCrossEntropyLoss(1);

    /// <summary>
    /// <see cref="CrossEntropy"/> in which a class counts as often as its weight says, for rare ones: <c>Σ w[c] l / Σ w[c]</c> over samples and steps of class c, or with distributions
    /// <c>-Σ w[j] t[j] ln softmax(z)[j]</c>, the mean over samples and steps (PyTorch's <c>CrossEntropyLoss(weight)</c>).
    /// </summary>
    /// <param name="classWeights">One for each class.</param>
    /// <exception cref="ArgumentException">There is none, one is negative or not finite, or all are zero.</exception>
    public static Loss WeightedCrossEntropy(params ReadOnlySpan<float> classWeights)
    {
        if (!classWeights.ContainsAnyExcept(0f)) throw new ArgumentException("At least one class must have a weight above 0.", nameof(classWeights));
        int wrong = classWeights.IndexOfAnyExceptInRange(0f, float.MaxValue);
        if (wrong >= 0) throw new ArgumentException($"The weight of class {wrong} is {classWeights[wrong]}, but weights are finite and not negative.", nameof(classWeights));
        return new CrossEntropyLoss(classWeights.ToArray());
    }

    /// <summary>
    /// <see cref="BinaryCrossEntropy"/> in which what is true counts as often as a weight says, for what is rarely true: <c>-w t ln σ(z) - (1 - t) ln (1 - σ(z))</c>, the mean over samples and
    /// outputs (PyTorch's <c>BCEWithLogitsLoss(pos_weight)</c>). The network then rates what is rare as more probable than it is: of its output q, <c>q / (q + w (1 - q))</c> is the probability.
    /// </summary>
    /// <param name="positiveWeight">The weight of targets of 1; those of 0 have 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite.</exception>
    public static Loss WeightedBinaryCrossEntropy(float positiveWeight)
    {
        if (!(positiveWeight >= 0 && float.IsFinite(positiveWeight))) throw new ArgumentOutOfRangeException(nameof(positiveWeight), positiveWeight, "The weight must be finite and not negative.");
        return new BinaryCrossEntropyLoss(positiveWeight);
    }

    /// <summary>
    /// <c>Σ weight · loss</c> over the results of a network that has several, each with a loss of its own: targets hold those of all results, one behind the other, as the outputs do. What
    /// cross-entropies read are logits, and distributions or 0 and 1 their targets.
    /// </summary>
    /// <param name="parts">The loss of each result in their order, how many outputs it has, and what it weighs. Results that are sequences become one, by <c>Concat</c> along their features: the sizes are then those of a step.</param>
    /// <exception cref="ArgumentException">There is no part, a size is not positive, a weight is negative or not finite, or a loss is a sum over the batch.</exception>
    public static Loss PerResult(params ReadOnlySpan<ResultLoss> parts)
    {
        if (parts.IsEmpty) throw new ArgumentException("There must be a loss for at least one result.", nameof(parts));
        foreach (ResultLoss part in parts)
        {
            if (part.Loss is null || part.Size <= 0) throw new ArgumentException($"A part needs a loss and a positive size, but its size is {part.Size}.", nameof(parts));
            if (!(part.Weight >= 0 && float.IsFinite(part.Weight))) throw new ArgumentException($"The weight of {part.Loss.Name} is {part.Weight}, but weights are finite and not negative.", nameof(parts));
            if (part.Loss.IsSum) throw new ArgumentException($"{part.Loss.Name} is a sum over the batch, and cannot be added to means; use {MeanSquaredError.Name}.", nameof(parts));
        }
        return new ResultLosses(parts.ToArray());
    }

    /// <summary>
    /// In place of a class: a sample, or a step of one, that has none, such as the padding behind a short sequence. It counts neither in a loss and its mean nor among the decisions of
    /// <see cref="Metrics.Accuracy"/>, and its gradient is zero (PyTorch's <c>ignore_index</c> and its value; -1, which searches return that find nothing, stays an error).
    /// </summary>
    public const int IgnoredClass = -100;

    /// <summary>The loss's name for messages and displays.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// The activation whose input this loss reads: on a network that ends in it, the loss gets what goes into it. Any
    /// other loss reads the network's output.
    /// </summary>
    public virtual OutputActivation FusedWith => OutputActivation.None;

    /// <summary>Whether it reads what goes into a softmax or a sigmoid.</summary>
    internal virtual bool ReadsLogits => FusedWith != OutputActivation.None;

    /// <summary>Whether the value is a sum over the batch rather than a mean.</summary>
    internal virtual bool IsSum => false;

    /// <summary>Whether targets are probabilities.</summary>
    internal virtual bool TakesProbabilities => false;

    /// <summary>How many classes that many outputs tell apart.</summary>
    internal int ClassCount(int outputSize) => FusedWith == OutputActivation.Sigmoid && outputSize == 1 ? 2 : outputSize;

    /// <summary>How much a batch counts in the mean of a set: its rows with a class, or what they weigh.</summary>
    internal virtual double Weight(ReadOnlySpan<int> classes) => classes.Length - classes.Count(IgnoredClass);

    /// <summary>Computes the loss, and its gradient with respect to <paramref name="outputs"/>.</summary>
    /// <param name="outputs">[rows, outputSize].</param>
    /// <param name="targets">[rows, outputSize].</param>
    /// <param name="outputSize">The floats of one output, or of one step of it.</param>
    /// <param name="gradient">[rows, outputSize], written.</param>
    public abstract float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, int outputSize, Span<float> gradient);

    /// <summary>Computes the loss for samples of classes, and its gradient with respect to <paramref name="outputs"/>.</summary>
    /// <param name="outputs">[rows, outputSize].</param>
    /// <param name="classes">[rows], each from 0 to outputSize - 1, or <see cref="IgnoredClass"/>.</param>
    /// <param name="outputSize">The floats of one output, or of one step of it: the number of classes.</param>
    /// <param name="gradient">[rows, outputSize], written.</param>
    /// <exception cref="ArgumentException">This loss takes no classes.</exception>
    public virtual float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<int> classes, int outputSize, Span<float> gradient) =>
        throw new ArgumentException($"{Name} takes targets, not class numbers; {CrossEntropy.Name} takes class numbers.", nameof(classes));

    /// <summary>Checks the lengths that every loss checks.</summary>
    private protected static int Batch(int outputs, int targets, int outputSize, int gradient)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputSize);
        if (outputs == outputSize && targets == outputs && gradient == outputs) return 1;
        if (outputs % outputSize != 0) throw new ArgumentException($"Expected a multiple of {outputSize} floats (whole samples), but {outputs} were given.", nameof(outputs));
        Guard.Length(targets, outputs, nameof(targets), "as many as the outputs");
        Guard.Length(gradient, outputs, nameof(gradient), "as many as the outputs");
        return outputs / outputSize;
    }

    /// <summary>Checks classes; how many of them count.</summary>
    private static int CheckClasses(ReadOnlySpan<int> classes, int rows, int classCount)
    {
        if (classes.Length != rows) throw new ArgumentException($"Expected {rows} classes (one for each output), but {classes.Length} were given.", nameof(classes));
        int counted = 0;
        for (int row = 0; row < rows; row++)
        {
            if ((uint)classes[row] < (uint)classCount) counted++;
            else if (classes[row] != IgnoredClass)
                throw new ArgumentException($"Row {row} (a sample, or one step of it) has class {classes[row]}, but the network tells {classCount} classes apart (0 to {classCount - 1}; {nameof(IgnoredClass)}, {IgnoredClass}, is none).", nameof(classes));
        }
        return counted;
    }

    private sealed class SquaredError(bool isMean) : Loss
    {
        public override string Name => isMean ? "MeanSquaredError" : "HalfSumOfSquares";

        internal override bool IsSum => !isMean;

        public override float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, int outputSize, Span<float> gradient)
        {
            if (Batch(outputs.Length, targets.Length, outputSize, gradient.Length) == 0) return 0;
            float squares = LossKernel.SquaredError(outputs, targets, isMean ? 2f / outputs.Length : 1f, gradient);
            return isMean ? squares / outputs.Length : 0.5f * squares;
        }
    }

    private sealed class AbsoluteError : Loss
    {
        public override string Name => "MeanAbsoluteError";

        public override float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, int outputSize, Span<float> gradient) =>
            Batch(outputs.Length, targets.Length, outputSize, gradient.Length) == 0 ? 0 : LossKernel.AbsoluteError(outputs, targets, 1f / outputs.Length, gradient) / outputs.Length;
    }

    private sealed class HuberLoss(float delta) : Loss
    {
        public override string Name => "Huber";

        public override float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, int outputSize, Span<float> gradient) =>
            Batch(outputs.Length, targets.Length, outputSize, gradient.Length) == 0 ? 0 : LossKernel.Huber(outputs, targets, delta, 1f / outputs.Length, gradient) / outputs.Length;
    }

    private sealed class BinaryCrossEntropyLoss(float positiveWeight) : Loss
    {
        public override string Name => positiveWeight == 1 ? "BinaryCrossEntropy" : "WeightedBinaryCrossEntropy";

        public override OutputActivation FusedWith => OutputActivation.Sigmoid;

        internal override bool TakesProbabilities => true;

        public override float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, int outputSize, Span<float> gradient) =>
            Batch(outputs.Length, targets.Length, outputSize, gradient.Length) == 0
                ? 0
                : LossKernel.BinaryCrossEntropy(outputs, targets, positiveWeight, 1f / outputs.Length, gradient) / outputs.Length;

        public override float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<int> classes, int outputSize, Span<float> gradient)
        {
            if (outputSize != 1) throw new ArgumentException($"{Name} takes class numbers for networks of one output, or one a step, but this one has {outputSize}; {CrossEntropy.Name} takes them for any.", nameof(classes));
            Guard.Length(gradient.Length, outputs.Length, nameof(gradient), "as many as the outputs");
            int counted = CheckClasses(classes, outputs.Length, ClassCount(outputSize)), place = 0;
            using Workspace.Lease lease = Workspace.Rent(3 * counted);
            Span<float> kept = lease.Span[..counted], targets = lease.Span.Slice(counted, counted), gradients = lease.Span[(2 * counted)..];
            for (int row = 0; row < classes.Length; row++)
            {
                if (classes[row] != IgnoredClass) (kept[place], targets[place++]) = (outputs[row], classes[row]);
            }
            float loss = Evaluate(kept, targets, outputSize, gradients);
            place = 0;
            for (int row = 0; row < classes.Length; row++) gradient[row] = classes[row] == IgnoredClass ? 0 : gradients[place++];
            return loss;
        }
    }

    private sealed class CrossEntropyLoss(float[]? weights) : Loss
    {
        public override string Name => weights is null ? "CrossEntropy" : "WeightedCrossEntropy";

        public override OutputActivation FusedWith => OutputActivation.Softmax;

        internal override bool TakesProbabilities => true;

        public override float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, int outputSize, Span<float> gradient)
        {
            int batch = Batch(outputs.Length, targets.Length, outputSize, gradient.Length);
            CheckWeights(outputSize);
            if (batch == 0) return 0;
            using Workspace.Lease lease = Workspace.Rent(weights is null ? 0 : outputSize);
            double sum = 0;
            for (int start = 0; start < outputs.Length; start += outputSize)
            {
                ReadOnlySpan<float> rowTargets = targets.Slice(start, outputSize);
                if (weights is not null)
                {
                    ElementwiseLayer.Multiply(rowTargets, weights, lease.Span);
                    rowTargets = lease.Span;
                }
                sum += LossKernel.CrossEntropy(outputs.Slice(start, outputSize), rowTargets, 1f / batch, gradient.Slice(start, outputSize));
            }
            return (float)(sum / batch);
        }

        public override float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<int> classes, int outputSize, Span<float> gradient)
        {
            int batch = Batch(outputs.Length, outputs.Length, outputSize, gradient.Length);
            CheckWeights(outputSize);
            CheckClasses(classes, batch, outputSize);
            double sum = 0, total = Weight(classes);
            for (int row = 0; row < batch; row++)
            {
                Span<float> rowGradient = gradient.Slice(row * outputSize, outputSize);
                float weight = WeightOf(classes[row]);
                if (weight == 0) rowGradient.Clear();
                else sum += weight * (double)LossKernel.CrossEntropy(outputs.Slice(row * outputSize, outputSize), classes[row], weight / (float)total, rowGradient);
            }
            return total == 0 ? 0 : (float)(sum / total);
        }

        internal override double Weight(ReadOnlySpan<int> classes)
        {
            if (weights is null) return base.Weight(classes);
            double total = 0;
            foreach (int label in classes) total += WeightOf(label);
            return total;
        }

        private float WeightOf(int label) => label == IgnoredClass ? 0 : weights is null ? 1 : weights[label];

        private void CheckWeights(int outputSize)
        {
            if (weights is not null && weights.Length != outputSize)
                throw new InvalidOperationException($"{Name} has weights of {weights.Length} classes, but the network tells {outputSize} apart.");
        }
    }

    private sealed class ResultLosses(ResultLoss[] parts) : Loss
    {
        public override string Name => $"PerResult({string.Join(", ", parts.Select(part => part.Loss.Name))})";

        internal override bool ReadsLogits => parts.Any(part => part.Loss.ReadsLogits);

        public override float Evaluate(ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, int outputSize, Span<float> gradient)
        {
            int rows = Batch(outputs.Length, targets.Length, outputSize, gradient.Length), sizes = parts.Sum(part => part.Size);
            if (sizes != outputSize) throw new InvalidOperationException($"{Name} has parts of {sizes} outputs together, but the network puts out {outputSize}.");
            using Workspace.Lease lease = Workspace.Rent(3 * rows * parts.Max(part => part.Size));
            float sum = 0;
            int before = 0;
            foreach ((Loss loss, int size, float weight) in parts)
            {
                Span<float> y = lease.Span[..(rows * size)], t = lease.Span.Slice(y.Length, y.Length), dy = lease.Span.Slice(2 * y.Length, y.Length);
                ElementwiseLayer.CopyRows(outputs[before..], outputSize, y, size, rows, size);
                ElementwiseLayer.CopyRows(targets[before..], outputSize, t, size, rows, size);
                sum += weight * loss.Evaluate(y, t, size, dy);
                foreach (ref float element in dy) element *= weight;
                ElementwiseLayer.CopyRows(dy, size, gradient[before..], outputSize, rows, size);
                before += size;
            }
            return sum;
        }
    }
}

/// <summary>The loss of one of several results, for <see cref="Loss.PerResult"/>.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Size">How many outputs the result has; of a step where results are joined to one sequence.</param>
/// <param name="Weight">What the loss weighs in the sum.</param>
public readonly record struct ResultLoss(Loss Loss, int Size, float Weight = 1);
