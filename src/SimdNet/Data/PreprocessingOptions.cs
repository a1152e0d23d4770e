namespace SimdNet.Data;

/// <summary>How numbers are brought to a common scale. A column whose values are all the same is shifted only.</summary>
public enum Scaling
{
    /// <summary><c>(x - mean) / standard deviation</c>, that of the population.</summary>
    Standard,

    /// <summary><c>(x - min) / (max - min)</c>: 0 to 1 over the training part.</summary>
    MinMax,

    /// <summary><c>(x - median) / (upper quartile - lower quartile)</c>: a few far-off values do not count.</summary>
    Robust,

    /// <summary>As they are.</summary>
    None,
}

/// <summary>What stands in for a number that is missing.</summary>
public enum Imputation
{
    /// <summary>The median of the training part.</summary>
    Median,

    /// <summary>The mean of the training part.</summary>
    Mean,

    /// <summary>The mean, and a further feature that is 1 where the number is missing.</summary>
    OwnCategory,
}

/// <summary>What is taken from a date.</summary>
[Flags]
public enum DateParts
{
    /// <summary>The year, a number.</summary>
    Year = 1,

    /// <summary>The month, one feature for each of the twelve.</summary>
    Month = 2,

    /// <summary>The day of the month, a number.</summary>
    Day = 4,

    /// <summary>The day of the week, one feature for each of the seven.</summary>
    DayOfWeek = 8,

    /// <summary>The day of the year, a number.</summary>
    DayOfYear = 16,

    /// <summary>The hour of the day with its fraction, a number.</summary>
    Hour = 32,
}

/// <summary>How a data frame becomes features; the defaults, which each property names, suit most data frames.</summary>
public sealed class PreprocessingOptions
{
    /// <summary>How numbers are scaled; <see cref="Scaling.Standard"/> by default.</summary>
    public Scaling Scaling { get; init; } = Scaling.Standard;

    /// <summary>What stands in for a missing number; the median by default. A missing name is a category of its own where the training part has one.</summary>
    public Imputation Imputation { get; init; } = Imputation.Median;

    /// <summary>
    /// How a numeric target is scaled in training; <c>Predict</c> scales back; <see cref="Scaling.Standard"/> by default. A target of zeros and ones alone is left as it is.
    /// </summary>
    public Scaling TargetScaling { get; init; } = Scaling.Standard;

    /// <summary>What is taken from dates; year, month and day of the week by default.</summary>
    public DateParts DateParts { get; init; } = DateParts.Year | DateParts.Month | DateParts.DayOfWeek;

    /// <summary>Columns that are treated in another way than the others.</summary>
    public IReadOnlyList<ColumnPreprocessing> Columns { get; init; } = [];
}

/// <summary>How one column becomes features, where it differs from the others.</summary>
/// <param name="Name">The column.</param>
/// <param name="Scaling">How it is scaled; null for what holds for all.</param>
/// <param name="Imputation">What stands in for a missing number; null for what holds for all.</param>
/// <param name="DateParts">What is taken from the date; null for what holds for all.</param>
public sealed record ColumnPreprocessing(string Name, Scaling? Scaling = null, Imputation? Imputation = null, DateParts? DateParts = null);
