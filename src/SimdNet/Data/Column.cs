namespace SimdNet.Data;

/// <summary>What the values of a column are.</summary>
public enum ColumnKind
{
    /// <summary>Numbers; a missing one is NaN.</summary>
    Numeric,

    /// <summary>Names without an order; a missing one is null.</summary>
    Categorical,

    /// <summary>Names in an order that is given; a missing one is null.</summary>
    Ordinal,

    /// <summary>Dates with or without a time of day; a missing one is null.</summary>
    Date,

    /// <summary>Read over: the column is in the file and not in the frame.</summary>
    Ignored,
}

/// <summary>
/// Says what a column of a file holds, where that is not to be inferred: numbers that are names (a postal code, a class),
/// names that have an order, dates in a form of their own, columns to leave out.
/// </summary>
public sealed class Column
{
    private Column(string name, ColumnKind kind, string[] levels, string? format)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Kind = kind;
        Levels = levels;
        Format = format;
    }

    /// <summary>The name in the header.</summary>
    public string Name { get; }

    /// <summary>What the values are.</summary>
    public ColumnKind Kind { get; }

    /// <summary>The names of an ordinal column from the lowest to the highest; otherwise empty.</summary>
    public IReadOnlyList<string> Levels { get; }

    /// <summary>The form of dates, as <see cref="DateTime.ParseExact(string, string, IFormatProvider)"/> takes it; null for ISO 8601.</summary>
    public string? Format { get; }

    /// <summary>Numbers.</summary>
    public static Column Numeric(string name) => new(name, ColumnKind.Numeric, [], null);

    /// <summary>Names without an order.</summary>
    public static Column Categorical(string name) => new(name, ColumnKind.Categorical, [], null);

    /// <summary>Names in an order.</summary>
    /// <param name="name">The column.</param>
    /// <param name="levels">The names from the lowest to the highest.</param>
    /// <exception cref="ArgumentException">There are fewer than two levels, or one stands twice.</exception>
    public static Column Ordinal(string name, params string[] levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        CheckLevels(name, levels);
        return new Column(name, ColumnKind.Ordinal, [.. levels], null);
    }

    /// <summary>Dates.</summary>
    /// <param name="name">The column.</param>
    /// <param name="format">Their form, for example <c>dd.MM.yyyy</c>; null for ISO 8601 (<c>2026-01-31</c>, <c>2026-01-31T12:30:00</c>). Times that name an offset (<c>Z</c>, <c>+02:00</c>) become UTC, whatever the machine's time zone.</param>
    public static Column Date(string name, string? format = null) => new(name, ColumnKind.Date, [], format);

    internal static void CheckLevels(string name, IReadOnlyList<string> levels)
    {
        if (levels.Count < 2 || levels.Distinct().Count() < levels.Count)
            throw new ArgumentException($"Column \"{name}\" needs at least two levels, all different, from the lowest to the highest.", nameof(levels));
    }

    /// <summary>A column to leave out.</summary>
    public static Column Ignored(string name) => new(name, ColumnKind.Ignored, [], null);
}
