using SimdNet.Training;

namespace SimdNet.Data;

/// <summary>
/// Samples in memory: inputs <c>[count, inputSize]</c>, and for each either a class (or one for each step of a sequence) or targets
/// <c>[count, targetSize]</c>.
/// </summary>
public sealed class DataSet
{
    private readonly float[] _inputs;
    private readonly float[] _targets;
    private readonly int[] _classes;

    private DataSet(float[] inputs, int inputSize, float[] targets, int targetSize, int[] classes, int classesPerSample, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputSize);
        if (inputs.LongLength != (long)count * inputSize)
            throw new ArgumentException($"Expected {(long)count * inputSize} floats ({count} samples of {inputSize}), but {inputs.Length} were given.", nameof(inputs));
        _inputs = inputs;
        _targets = targets;
        _classes = classes;
        InputSize = inputSize;
        TargetSize = targetSize;
        ClassesPerSample = classesPerSample;
        Count = count;
    }

    /// <summary>Samples of classes: <paramref name="classes"/> holds a number from 0 for each, or for each step of a sequence.</summary>
    /// <param name="inputs">[count, <paramref name="inputSize"/>].</param>
    /// <param name="inputSize">The floats of one input.</param>
    /// <param name="classes">[count, <paramref name="classesPerSample"/>]; <see cref="Loss.IgnoredClass"/> where there is none, as in padding.</param>
    /// <param name="classesPerSample">The classes of one sample: as many as the network that learns them puts out steps.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or a class is negative and not <see cref="Loss.IgnoredClass"/>.</exception>
    public static DataSet FromClasses(float[] inputs, int inputSize, int[] classes, int classesPerSample = 1)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classesPerSample);
        if (classes.Length % classesPerSample != 0)
            throw new ArgumentException($"Expected a multiple of {classesPerSample} classes (whole samples), but {classes.Length} were given.", nameof(classes));
        int negative = Array.FindIndex(classes, c => c < 0 && c != Loss.IgnoredClass);
        if (negative >= 0) throw new ArgumentException($"Classes count from 0, and {Loss.IgnoredClass} is none, but {Place(negative, classesPerSample)} has class {classes[negative]}.", nameof(classes));
        return new DataSet(inputs, inputSize, [], 0, classes, classesPerSample, classes.Length / classesPerSample);
    }

    /// <summary>Where a class stands, for messages.</summary>
    internal static string Place(int index, int classesPerSample) =>
        $"sample {index / classesPerSample}{(classesPerSample == 1 ? "" : $", step {index % classesPerSample},")}";

    /// <summary>Samples with targets, [count, <paramref name="targetSize"/>].</summary>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static DataSet FromTargets(float[] inputs, int inputSize, float[] targets, int targetSize)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetSize);
        if (targets.Length % targetSize != 0)
            throw new ArgumentException($"Expected a multiple of {targetSize} floats, but {targets.Length} were given.", nameof(targets));
        return new DataSet(inputs, inputSize, targets, targetSize, [], 0, targets.Length / targetSize);
    }

    /// <summary>The number of samples.</summary>
    public int Count { get; }

    /// <summary>The floats of one input.</summary>
    public int InputSize { get; }

    /// <summary>The floats of one target; 0 where samples have classes.</summary>
    public int TargetSize { get; }

    /// <summary>The classes of one sample: one, or one for each step of a sequence; 0 where samples have targets.</summary>
    public int ClassesPerSample { get; }

    /// <summary>Whether samples have classes rather than targets.</summary>
    public bool HasClasses => TargetSize == 0;

    /// <summary>All inputs, [count, inputSize].</summary>
    public ReadOnlySpan<float> Inputs => _inputs;

    /// <summary>All targets, [count, targetSize]; empty where samples have classes.</summary>
    public ReadOnlySpan<float> Targets => _targets;

    /// <summary>The class of each sample, [count, <see cref="ClassesPerSample"/>]; empty where samples have targets.</summary>
    public ReadOnlySpan<int> Classes => _classes;

    /// <summary>The input of sample <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public ReadOnlySpan<float> Input(int index) => Inputs.Slice(Checked(index) * InputSize, InputSize);

    /// <summary>The targets of sample <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public ReadOnlySpan<float> Target(int index) => Targets.Slice(Checked(index) * TargetSize, TargetSize);

    /// <summary>The classes of sample <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public ReadOnlySpan<int> ClassesOf(int index) => Classes.Slice(Checked(index) * ClassesPerSample, ClassesPerSample);

    /// <summary>The samples at <paramref name="indices"/>, in that order, copied.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the set.</exception>
    /// <exception cref="ArgumentException">So many samples have more floats than an array holds.</exception>
    public DataSet Select(ReadOnlySpan<int> indices)
    {
        if ((long)indices.Length * Math.Max(InputSize, Math.Max(TargetSize, ClassesPerSample)) > Array.MaxLength)
            throw new ArgumentException($"{indices.Length} samples of {InputSize} floats are more than an array holds.", nameof(indices));
        var inputs = new float[indices.Length * InputSize];
        var targets = new float[indices.Length * TargetSize];
        var classes = new int[indices.Length * ClassesPerSample];
        for (int i = 0; i < indices.Length; i++)
        {
            int index = Checked(indices[i], nameof(indices));
            Input(index).CopyTo(inputs.AsSpan(i * InputSize));
            if (HasClasses) ClassesOf(index).CopyTo(classes.AsSpan(i * ClassesPerSample));
            else Target(index).CopyTo(targets.AsSpan(i * TargetSize));
        }
        return new DataSet(inputs, InputSize, targets, TargetSize, classes, ClassesPerSample, indices.Length);
    }

    /// <summary>
    /// Shuffles by <paramref name="seed"/> and cuts: the first part has <paramref name="fraction"/> of the samples,
    /// rounded. The same seed gives the same parts.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is not between 0 and 1.</exception>
    public (DataSet First, DataSet Second) Split(double fraction, ulong seed)
    {
        if (!(fraction is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "A fraction lies between 0 and 1.");
        Split split = Splits.Cut(Count, (int)Math.Round(fraction * Count), seed);
        return (Select(split.Training), Select(split.Test));
    }

    private int Checked(int index, string parameter = "index")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index, parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count, parameter);
        return index;
    }
}
