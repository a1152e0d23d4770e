namespace SimdNet.Data;

/// <summary>
/// How rows of a data frame become what a network takes, fitted on the training part alone: numbers are scaled, missing ones
/// stood in for, names become one feature for each (one-hot), dates their parts. Set it as a network's
/// <see cref="INetwork.Preprocessing"/> and it is saved with the network and applied by <c>Predict</c>: what is served is
/// what was trained. It never changes; any number of threads may use it.
/// </summary>
/// <remarks>
/// A name that the training part does not have becomes zeros, in all features of its column. A number that is missing where
/// the training part has none is stood in for all the same.
/// </remarks>
public sealed class Preprocessing
{
    private readonly FeatureEncoder[] _encoders;
    private readonly TargetEncoder? _target;
    private readonly string[] _otherThanNumbers;

    internal Preprocessing(FeatureEncoder[] encoders, TargetEncoder? target)
    {
        _encoders = encoders;
        _target = target;
        _otherThanNumbers = [.. encoders.Where(encoder => encoder.Source.Kind != ColumnKind.Numeric).Select(encoder => encoder.Source.Column).Distinct()];
        FeatureNames = [.. encoders.SelectMany(encoder => encoder.FeatureNames)];
        Columns = [.. encoders.Select(encoder => encoder.Source.ToColumn()).DistinctBy(column => column.Name)];
    }

    /// <summary>The number of features: a network's input size.</summary>
    public int FeatureCount => FeatureNames.Count;

    /// <summary>What each feature is: a column, <c>column = category</c>, or <c>column is missing</c>.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>The columns that features are made of; give them to <see cref="CsvOptions.Columns"/> to read a file to predict from.</summary>
    public IReadOnlyList<Column> Columns { get; }

    /// <summary>The column that is predicted; null where there is none.</summary>
    public string? Target => _target?.Name;

    /// <summary>The names of the classes that are told apart, by their numbers; empty where the target is a number.</summary>
    public IReadOnlyList<string> Classes => _target?.Classes ?? [];

    internal IReadOnlyList<FeatureEncoder> Encoders => _encoders;

    internal TargetEncoder? TargetEncoder => _target;

    /// <summary>Learns scales, stand-ins and categories from a data frame.</summary>
    /// <param name="training">The training part alone: what is learned from other rows makes every measurement too good.</param>
    /// <param name="target">The column to predict; all others become features. Null where there is none.</param>
    /// <param name="options">How columns become features; null for the defaults.</param>
    /// <exception cref="ArgumentException">There are no rows, a named column is not there, or the target is missing in a row.</exception>
    public static Preprocessing Fit(DataFrame training, string? target, PreprocessingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(training);
        return PreprocessingFitter.Fit(training, target, options ?? new PreprocessingOptions());
    }

    /// <summary>Learns scales and stand-ins (for NaN) from samples in memory. Columns are named x1, x2 and so on.</summary>
    /// <exception cref="ArgumentException">There are no samples.</exception>
    public static Preprocessing Fit(DataSet training, PreprocessingOptions options)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(options);
        return PreprocessingFitter.Fit(training, options);
    }

    /// <summary>Makes samples of rows: their features, and the target of each.</summary>
    /// <exception cref="ArgumentException">A column is not there or of another kind, or the target is missing or a class that training did not have.</exception>
    public DataSet Apply(DataFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (_target?.Name is not { } name) throw new InvalidOperationException("This preprocessing was fitted without a target column; Transform makes features alone.");
        var inputs = new float[checked(frame.Count * FeatureCount)];
        Transform(frame, inputs);
        DataFrameColumn target = Find(frame, name);
        return _target.Classes.Length > 0
            ? DataSet.FromClasses(inputs, FeatureCount, _target.EncodeClasses(target))
            : DataSet.FromTargets(inputs, FeatureCount, _target.EncodeNumbers(target), 1);
    }

    /// <summary>Samples with their inputs and targets transformed.</summary>
    /// <exception cref="ArgumentException">The inputs, or the targets, are not as many as those it was fitted on.</exception>
    public DataSet Apply(DataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!data.HasClasses && _target is { Centers.Length: var fitted and > 0 } && fitted != data.TargetSize)
            throw new ArgumentException($"The samples have {data.TargetSize} targets, but those that this was fitted on had {fitted}.", nameof(data));
        var inputs = new float[checked(data.Count * FeatureCount)];
        Transform(data.Inputs, inputs);
        if (data.HasClasses) return DataSet.FromClasses(inputs, FeatureCount, data.Classes.ToArray(), data.ClassesPerSample);
        float[] targets = data.Targets.ToArray();
        _target?.Scale(targets);
        return DataSet.FromTargets(inputs, FeatureCount, targets, data.TargetSize);
    }

    /// <summary>Writes the features of all rows, [rows, <see cref="FeatureCount"/>].</summary>
    /// <exception cref="ArgumentException">A column is not there or of another kind, or the length does not fit.</exception>
    public void Transform(DataFrame frame, Span<float> features)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Guard.Product(features.Length, frame.Count, FeatureCount, nameof(features));
        int offset = 0;
        foreach (FeatureEncoder encoder in _encoders)
        {
            DataFrameColumn column = Find(frame, encoder.Source.Column);
            encoder.CheckKind(column);
            for (int row = 0; row < frame.Count; row++)
                encoder.Encode(column, row, features.Slice(row * FeatureCount + offset, encoder.Width));
            offset += encoder.Width;
        }
    }

    /// <summary>
    /// Writes the features of rows of numbers, where all columns are numeric; NaN is missing. Allocates nothing.
    /// </summary>
    /// <param name="values">[rows, columns], in the order of <see cref="Columns"/>.</param>
    /// <param name="features">[rows, <see cref="FeatureCount"/>], written.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="InvalidOperationException">There are columns that are not numeric.</exception>
    public void Transform(ReadOnlySpan<float> values, Span<float> features)
    {
        if (_otherThanNumbers.Length > 0)
            throw new InvalidOperationException($"Rows of numbers are not enough: {string.Join(", ", _otherThanNumbers)} {(_otherThanNumbers.Length == 1 ? "is" : "are")} not numeric; use a DataFrame.");
        int columns = Columns.Count, rows = columns == 0 ? 0 : values.Length / columns;
        if (rows * columns != values.Length)
            throw new ArgumentException($"Expected a multiple of {columns} floats (one for each column), but {values.Length} were given.", nameof(values));
        Guard.Product(features.Length, rows, FeatureCount, nameof(features));
        for (int row = 0; row < rows; row++)
        {
            int offset = row * FeatureCount;
            for (int i = 0; i < columns; i++)
            {
                var encoder = (NumericEncoder)_encoders[i];
                encoder.Encode(values[row * columns + i], features.Slice(offset, encoder.Width));
                offset += encoder.Width;
            }
        }
    }

    /// <summary>Refuses to belong to a network whose sizes are others.</summary>
    internal void Check(int inputSize, int outputSize, string parameter)
    {
        if (inputSize == 0) throw new ArgumentException("Rows of a table have one length, but this network takes sequences of any; declare a number of time steps in place of Sequence.Any.", parameter);
        if (FeatureCount != inputSize)
            throw new ArgumentException($"The preprocessing makes {FeatureCount} features, but the network takes {inputSize} inputs; declare [Network({FeatureCount})].", parameter);
        if (_target is null) return;
        int classes = _target.Classes.Length;
        if (classes > 0 ? classes != outputSize && !(classes == 2 && outputSize == 1) : _target.Centers.Length != outputSize)
            throw new ArgumentException($"The preprocessing has {(classes > 0 ? $"{classes} classes" : $"{_target.Centers.Length} targets")}, but the network puts out {outputSize}; let its last dense layer have as many{(classes == 0 && _target.Name is { } name ? $", or, where {name} is a class and no number, declare Column.Categorical(\"{name}\")" : "")}.", parameter);
    }

    private static DataFrameColumn Find(DataFrame frame, string name) => frame.Has(name)
        ? frame[name]
        : throw new ArgumentException($"The frame has no column \"{name}\"; it has {string.Join(", ", frame.Columns.Select(column => column.Name))}.", nameof(frame));
}
