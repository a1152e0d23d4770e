using System.Globalization;

namespace SimdNet.Data;

/// <summary>Where a feature comes from: a column, or a part of a date column, whose dates have a form in files.</summary>
internal sealed record FeatureSource(string Column, ColumnKind Kind, IReadOnlyList<string> Levels, DateParts? Part, string? Format)
{
    public string Title => Part is null ? Column : $"{Column}.{Part}";

    public Column ToColumn() => Kind switch
    {
        ColumnKind.Numeric => Data.Column.Numeric(Column),
        ColumnKind.Categorical => Data.Column.Categorical(Column),
        ColumnKind.Ordinal => Data.Column.Ordinal(Column, [.. Levels]),
        _ => Data.Column.Date(Column, Format),
    };

    /// <summary>The value as a number; NaN where it is missing, or a level that is not known.</summary>
    public double Number(DataFrameColumn column, int row)
    {
        if (column.IsMissing(row)) return double.NaN;
        if (Kind == ColumnKind.Numeric) return column.Numbers[row];
        if (Kind == ColumnKind.Ordinal)
        {
            for (int level = 0; level < Levels.Count; level++)
            {
                if (Levels[level] == column.Names[row]) return level;
            }
            return double.NaN;
        }
        DateTime date = column.Dates[row]!.Value;
        return Part switch
        {
            DateParts.Year => date.Year,
            DateParts.Day => date.Day,
            DateParts.DayOfYear => date.DayOfYear,
            _ => date.TimeOfDay.TotalHours,
        };
    }

    /// <summary>The value as a name; null where it is missing.</summary>
    public string? Name(DataFrameColumn column, int row)
    {
        if (column.IsMissing(row)) return null;
        if (Kind == ColumnKind.Categorical) return column.Names[row];
        DateTime date = column.Dates[row]!.Value;
        return Part == DateParts.Month ? CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(date.Month) : date.DayOfWeek.ToString();
    }
}

/// <summary>Makes features of the values of one source.</summary>
internal abstract class FeatureEncoder(FeatureSource source)
{
    public FeatureSource Source { get; } = source;

    public abstract int Width { get; }

    public abstract IEnumerable<string> FeatureNames { get; }

    public abstract void Encode(DataFrameColumn column, int row, Span<float> features);

    /// <summary>A column in which everything is missing has no kind of its own.</summary>
    public void CheckKind(DataFrameColumn column)
    {
        if (column.Kind == Source.Kind || (Source.Kind == ColumnKind.Ordinal && column.Kind == ColumnKind.Categorical)) return;
        for (int row = 0; row < column.Count; row++)
        {
            if (column.IsMissing(row)) continue;
            throw new ArgumentException($"Column \"{column.Name}\" is {column.Kind.ToString().ToLowerInvariant()}, but was {Source.Kind.ToString().ToLowerInvariant()} in training; read the file with CsvOptions.Columns set to the preprocessing's Columns.", "frame");
        }
    }
}

/// <summary><c>(x - center) / scale</c>, with a stand-in for missing numbers, and perhaps a feature that says so.</summary>
internal sealed class NumericEncoder(FeatureSource source, double center, double scale, double standIn, bool hasIndicator) : FeatureEncoder(source)
{
    public double Center => center;

    public double Scale => scale;

    public double StandIn => standIn;

    public bool HasIndicator => hasIndicator;

    public override int Width => hasIndicator ? 2 : 1;

    public override IEnumerable<string> FeatureNames => hasIndicator ? [Source.Title, Source.Title + " is missing"] : [Source.Title];

    public override void Encode(DataFrameColumn column, int row, Span<float> features) => Encode(Source.Number(column, row), features);

    public void Encode(double value, Span<float> features)
    {
        bool isMissing = double.IsNaN(value);
        features[0] = (float)(((isMissing ? standIn : value) - center) / scale);
        if (hasIndicator) features[1] = isMissing ? 1 : 0;
    }
}

/// <summary>One feature for each category; all zero for a name that training did not have.</summary>
internal sealed class CategoryEncoder(FeatureSource source, string[] categories, bool hasMissing) : FeatureEncoder(source)
{
    private readonly Dictionary<string, int> _indices = categories.Select((category, index) => (category, index)).ToDictionary(pair => pair.category, pair => pair.index);

    public IReadOnlyList<string> Categories => categories;

    public bool HasMissing => hasMissing;

    public override int Width => categories.Length + (hasMissing ? 1 : 0);

    public override IEnumerable<string> FeatureNames =>
        [.. categories.Select(category => $"{Source.Title} = {category}"), .. hasMissing ? [Source.Title + " is missing"] : Array.Empty<string>()];

    public override void Encode(DataFrameColumn column, int row, Span<float> features)
    {
        features.Clear();
        string? name = Source.Name(column, row);
        if (name is null && hasMissing) features[^1] = 1;
        else if (name is not null && _indices.TryGetValue(name, out int index)) features[index] = 1;
    }
}

/// <summary>What is predicted: classes by name, or numbers by their scale.</summary>
internal sealed class TargetEncoder(string? name, string[] classes, double[] centers, double[] scales)
{
    public string? Name => name;

    public string[] Classes => classes;

    public double[] Centers => centers;

    public double[] Scales => scales;

    public int[] EncodeClasses(DataFrameColumn column)
    {
        if (column.Kind is not (ColumnKind.Categorical or ColumnKind.Ordinal))
            throw new ArgumentException($"The target \"{column.Name}\" is {column.Kind.ToString().ToLowerInvariant()}, but was names in training; declare it categorical.", "frame");
        var numbers = new int[column.Count];
        for (int row = 0; row < numbers.Length; row++)
        {
            numbers[row] = column.Names[row] is { } label ? Array.IndexOf(classes, label) : -1;
            if (numbers[row] < 0)
                throw new ArgumentException($"The target \"{column.Name}\" is {(column.Names[row] is { } other ? $"\"{other}\"" : "missing")} in row {row}; training had {string.Join(", ", classes)}.", "frame");
        }
        return numbers;
    }

    public float[] EncodeNumbers(DataFrameColumn column)
    {
        if (column.Kind != ColumnKind.Numeric)
            throw new ArgumentException($"The target \"{column.Name}\" is {column.Kind.ToString().ToLowerInvariant()}, but was numeric in training.", "frame");
        var scaled = new float[column.Count];
        for (int row = 0; row < scaled.Length; row++)
        {
            if (column.IsMissing(row)) throw new ArgumentException($"The target \"{column.Name}\" is missing in row {row}; leave such rows out.", "frame");
            scaled[row] = (float)((column.Numbers[row] - centers[0]) / scales[0]);
        }
        return scaled;
    }

    public void Scale(Span<float> targets)
    {
        for (int i = 0; i < targets.Length && centers.Length > 0; i++) targets[i] = (float)((targets[i] - centers[i % centers.Length]) / scales[i % centers.Length]);
    }

    /// <summary>Takes scaled targets back to the units of the column.</summary>
    public void Restore(Span<float> outputs)
    {
        for (int i = 0; i < outputs.Length && centers.Length > 0; i++) outputs[i] = (float)(outputs[i] * scales[i % centers.Length] + centers[i % centers.Length]);
    }
}
