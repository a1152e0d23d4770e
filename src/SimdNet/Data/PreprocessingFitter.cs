using System.Globalization;

namespace SimdNet.Data;

/// <summary>Learns the encoders of a preprocessing from the training part.</summary>
internal static class PreprocessingFitter
{
    /// <summary>A column of more names than this is hardly a category: an identifier, a text.</summary>
    private const int MostCategories = 256;

    public static Preprocessing Fit(DataFrame training, string? target, PreprocessingOptions options)
    {
        if (training.Count == 0) throw new ArgumentException("The frame has no rows.", nameof(training));
        if (target is not null && !training.Has(target))
            throw new ArgumentException($"There is no column \"{target}\"; the frame has {string.Join(", ", training.Columns.Select(column => column.Name))}.", nameof(target));
        foreach (ColumnPreprocessing other in options.Columns)
        {
            if (!training.Has(other.Name) || other.Name == target)
                throw new ArgumentException($"\"{other.Name}\" is no column that features are made of.", nameof(options));
        }
        FeatureEncoder[] encoders = [.. training.Columns.Where(column => column.Name != target).SelectMany(column => FitColumn(column, options))];
        if (encoders.Length == 0) throw new ArgumentException("The frame has no column to make features of.", nameof(training));
        return new Preprocessing(encoders, target is null ? null : FitTarget(training[target], options.TargetScaling));
    }

    public static Preprocessing Fit(DataSet training, PreprocessingOptions options)
    {
        DataFrame frame = new(Enumerable.Range(0, training.InputSize).Select(i => DataFrameColumn.Numeric($"x{i + 1}", Strided(training.Inputs, i, training.InputSize))));
        Preprocessing features = Fit(frame, null, options);
        double[] centers = new double[training.TargetSize], scales = new double[training.TargetSize];
        for (int i = 0; i < centers.Length; i++) (centers[i], scales[i]) = TargetScale(Strided(training.Targets, i, training.TargetSize), options.TargetScaling, $"target {i + 1}");
        return new Preprocessing([.. features.Encoders], training.HasClasses ? null : new TargetEncoder(null, [], centers, scales));
    }

    private static IEnumerable<FeatureEncoder> FitColumn(DataFrameColumn column, PreprocessingOptions options)
    {
        ColumnPreprocessing? own = options.Columns.FirstOrDefault(other => other.Name == column.Name);
        Scaling scaling = own?.Scaling ?? options.Scaling;
        Imputation imputation = own?.Imputation ?? options.Imputation;
        var source = new FeatureSource(column.Name, column.Kind, column.Levels, null, column.Format);
        switch (column.Kind)
        {
            case ColumnKind.Categorical:
                yield return FitNames(column, source);
                break;
            case ColumnKind.Date:
                DateParts parts = own?.DateParts ?? options.DateParts;
                foreach (DateParts part in Enum.GetValues<DateParts>().Where(part => parts.HasFlag(part)))
                {
                    FeatureSource ofPart = source with { Part = part };
                    yield return part switch
                    {
                        DateParts.Month => new CategoryEncoder(ofPart, [.. CultureInfo.InvariantCulture.DateTimeFormat.MonthNames.Take(12)], HasMissing(column)),
                        DateParts.DayOfWeek => new CategoryEncoder(ofPart, Enum.GetNames<DayOfWeek>(), HasMissing(column)),
                        _ => FitNumbers(column, ofPart, scaling, imputation),
                    };
                }
                break;
            default:
                yield return FitNumbers(column, source, scaling, imputation);
                break;
        }
    }

    private static NumericEncoder FitNumbers(DataFrameColumn column, FeatureSource source, Scaling scaling, Imputation imputation)
    {
        double[] present = [.. Enumerable.Range(0, column.Count).Select(row => source.Number(column, row)).Where(number => !double.IsNaN(number))];
        Array.Sort(present);
        (double center, double scale) = Scale(present, scaling, column.Name);
        double standIn = present.Length == 0 ? center : imputation == Imputation.Median ? Quantile(present, 0.5) : present.Average();
        if (!double.IsFinite(standIn)) throw new ArgumentException($"The values of \"{column.Name}\" are too large for their mean, which stands in for missing ones; if they stand for missing values themselves, say so.", "training");
        return new NumericEncoder(source, center, scale, standIn, imputation == Imputation.OwnCategory && present.Length < column.Count);
    }

    private static CategoryEncoder FitNames(DataFrameColumn column, FeatureSource source)
    {
        string[] categories = Distinct(column);
        if (categories.Length > MostCategories)
            throw new ArgumentException($"Column \"{column.Name}\" has {categories.Length} different names; an identifier or a text is no category: declare it Column.Ignored, or join its names to at most {MostCategories}.", "training");
        return new CategoryEncoder(source, categories, HasMissing(column));
    }

    private static TargetEncoder FitTarget(DataFrameColumn column, Scaling scaling)
    {
        if (column.Kind == ColumnKind.Date) throw new ArgumentException($"The target \"{column.Name}\" is a date; predict a number or a name.", "target");
        for (int row = 0; row < column.Count; row++)
        {
            if (column.IsMissing(row)) throw new ArgumentException($"The target \"{column.Name}\" is missing in row {row}; leave such rows out.", "training");
        }
        if (column.Kind != ColumnKind.Numeric)
        {
            string[] classes = column.Kind == ColumnKind.Ordinal ? [.. column.Levels] : Distinct(column);
            return classes.Length >= 2
                ? new TargetEncoder(column.Name, classes, [], [])
                : throw new ArgumentException($"The target \"{column.Name}\" is \"{classes[0]}\" in every row; there is nothing to tell apart.", "training");
        }
        (double center, double scale) = TargetScale(column.Numbers.ToArray(), scaling, column.Name);
        return new TargetEncoder(column.Name, [], [center], [scale]);
    }

    /// <summary>Probabilities and decisions are left as they are.</summary>
    private static (double Center, double Scale) TargetScale(double[] values, Scaling scaling, string name)
    {
        if (values.All(value => value is 0 or 1)) return (0, 1);
        Array.Sort(values);
        return Scale(values, scaling, name);
    }

    private static (double Center, double Scale) Scale(double[] sorted, Scaling scaling, string name)
    {
        if (sorted.Length == 0 || scaling == Scaling.None) return (0, 1);
        double low = scaling == Scaling.Robust ? Quantile(sorted, 0.25) : sorted[0], high = scaling == Scaling.Robust ? Quantile(sorted, 0.75) : sorted[^1];
        (double center, double scale) = scaling switch
        {
            Scaling.MinMax => (low, high - low),
            Scaling.Robust => (Quantile(sorted, 0.5), high - low),
            _ => sorted.Average() is var mean ? (mean, Math.Sqrt(sorted.Average(value => (value - mean) * (value - mean)))) : default,
        };

        if (double.IsNaN(sorted[0])) throw new ArgumentException($"A value of \"{name}\" is NaN; leave such rows out, or fill it in.", "training");
        if (!double.IsFinite(center) || !double.IsFinite(scale))
            throw new ArgumentException($"The values of \"{name}\" reach from {sorted[0]:g3} to {sorted[^1]:g3}, too far apart to be scaled; if the ends stand for missing values, say so.", "training");

        // What rounding leaves of a constant column, some last places, is no spread.
        double magnitude = Math.Max(Math.Abs(low), Math.Abs(high)), lastPlace = Math.BitIncrement(magnitude) - magnitude;
        return (center, high - low > 8 * lastPlace && scale > 0 ? scale : 1);
    }

    /// <summary>Between two values in proportion, as NumPy does.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        double position = share * (sorted.Length - 1);
        int below = (int)position, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    /// <summary>The names in order; by value where all of them are numbers.</summary>
    private static string[] Distinct(DataFrameColumn column)
    {
        string[] names = [.. column.Names.ToArray().OfType<string>().Distinct()];
        return names.All(name => double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            ? [.. names.OrderBy(name => double.Parse(name, NumberStyles.Float, CultureInfo.InvariantCulture)).ThenBy(name => name, StringComparer.Ordinal)]
            : [.. names.Order(StringComparer.Ordinal)];
    }

    private static bool HasMissing(DataFrameColumn column) => Enumerable.Range(0, column.Count).Any(column.IsMissing);

    private static double[] Strided(ReadOnlySpan<float> values, int start, int stride)
    {
        var picked = new double[values.Length / stride];
        for (int i = 0; i < picked.Length; i++) picked[i] = values[i * stride + start];
        return picked;
    }
}
