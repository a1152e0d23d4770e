namespace SimdNet.Data;

/// <summary>A named column of a data frame. The values are kept, not copied.</summary>
public sealed class DataFrameColumn
{
    private readonly double[] _numbers;
    private readonly string?[] _names;
    private readonly DateTime?[] _dates;

    private DataFrameColumn(string name, ColumnKind kind, double[] numbers, string?[] names, DateTime?[] dates, IReadOnlyList<string> levels)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Kind = kind;
        _numbers = numbers;
        _names = names;
        _dates = dates;
        Levels = levels;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>What the values are.</summary>
    public ColumnKind Kind { get; }

    /// <summary>The form in which a file has the dates, for it to be read alike later; null for ISO 8601.</summary>
    internal string? Format { get; init; }

    /// <summary>The number of values.</summary>
    public int Count => Kind switch { ColumnKind.Numeric => _numbers.Length, ColumnKind.Date => _dates.Length, _ => _names.Length };

    /// <summary>The levels of an ordinal column from the lowest to the highest; otherwise empty.</summary>
    public IReadOnlyList<string> Levels { get; }

    /// <summary>The values of a numeric column, NaN where one is missing; empty for the other kinds.</summary>
    public ReadOnlySpan<double> Numbers => _numbers;

    /// <summary>The values of a categorical or ordinal column, null where one is missing; empty for the other kinds.</summary>
    public ReadOnlySpan<string?> Names => _names;

    /// <summary>The values of a date column, null where one is missing; empty for the other kinds.</summary>
    public ReadOnlySpan<DateTime?> Dates => _dates;

    /// <summary>A column of numbers, NaN where one is missing.</summary>
    /// <exception cref="ArgumentException">A number is infinite.</exception>
    public static DataFrameColumn Numeric(string name, double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        int infinite = Array.FindIndex(values, double.IsInfinity);
        if (infinite >= 0) throw new ArgumentException($"Column \"{name}\" is infinite in row {infinite}.", nameof(values));
        return new DataFrameColumn(name, ColumnKind.Numeric, values, [], [], []);
    }

    /// <summary>A column of names without an order, null where one is missing.</summary>
    public static DataFrameColumn Categorical(string name, string?[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new DataFrameColumn(name, ColumnKind.Categorical, [], values, [], []);
    }

    /// <summary>A column of names in an order, null where one is missing.</summary>
    /// <param name="name">The column.</param>
    /// <param name="values">The names.</param>
    /// <param name="levels">All names from the lowest to the highest.</param>
    /// <exception cref="ArgumentException">A value is none of the levels, there are fewer than two of them, or one stands twice.</exception>
    public static DataFrameColumn Ordinal(string name, string?[] values, IReadOnlyList<string> levels)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(levels);
        Column.CheckLevels(name, levels);
        int unknown = Array.FindIndex(values, value => value is not null && !levels.Contains(value));
        if (unknown >= 0) throw new ArgumentException($"Column \"{name}\" has \"{values[unknown]}\" in row {unknown}, which is none of its levels ({string.Join(", ", levels)}).", nameof(values));
        return new DataFrameColumn(name, ColumnKind.Ordinal, [], values, [], [.. levels]);
    }

    /// <summary>A column of dates, null where one is missing.</summary>
    public static DataFrameColumn Date(string name, DateTime?[] values) => Date(name, values, null);

    internal static DataFrameColumn Date(string name, DateTime?[] values, string? format)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new DataFrameColumn(name, ColumnKind.Date, [], [], values, []) { Format = format };
    }

    /// <summary>Whether the value in a row is missing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The row is outside the column.</exception>
    public bool IsMissing(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
        return Kind switch { ColumnKind.Numeric => double.IsNaN(_numbers[row]), ColumnKind.Date => _dates[row] is null, _ => _names[row] is null };
    }

    internal DataFrameColumn Select(ReadOnlySpan<int> rows) => new(Name, Kind, Pick(_numbers, rows), Pick(_names, rows), Pick(_dates, rows), Levels) { Format = Format };

    private static T[] Pick<T>(T[] values, ReadOnlySpan<int> rows)
    {
        if (values.Length == 0) return values;
        var picked = new T[rows.Length];
        for (int i = 0; i < rows.Length; i++) picked[i] = values[rows[i]];
        return picked;
    }
}
