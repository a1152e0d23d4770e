namespace SimdNet.Data;

/// <summary>How a file of separated values is written.</summary>
public sealed class CsvOptions
{
    /// <summary>What stands between fields; null to take the one of comma, semicolon, tab and bar that the first line has most of.</summary>
    public char? Separator { get; init; }

    /// <summary>What stands before the decimals of a number.</summary>
    public char DecimalMark { get; init; } = '.';

    /// <summary>Lines to leave out before the header.</summary>
    public int SkippedLines { get; init; }

    /// <summary>The names of the columns where the file has no header; null to read them from its first line.</summary>
    public IReadOnlyList<string>? Header { get; init; }

    /// <summary>What stands for a value that is missing, in any case: <c>NA</c>, <c>N/A</c>, <c>NaN</c>, <c>null</c> and <c>?</c> by default; an empty field always does. Empty lines are no rows: in a file of one column a missing value is <c>""</c> or one of these.</summary>
    public IReadOnlyList<string> MissingValues { get; init; } = ["NA", "N/A", "NaN", "null", "?"];

    /// <summary>
    /// Columns whose kind is declared; the others are inferred: numeric or dates (ISO 8601) where all values are, or nearly all of many, in which case the rest are faults, and otherwise
    /// categorical. Declare what must not change with the data, such as a code of digits.
    /// </summary>
    public IReadOnlyList<Column> Columns { get; init; } = [];
}

/// <summary>A fault in a file of separated values.</summary>
/// <param name="Line">The line of the file, from 1.</param>
/// <param name="Column">The name of the column; null where the fault is the whole line's.</param>
/// <param name="Message">What is wrong.</param>
public readonly record struct CsvError(long Line, string? Column, string Message)
{
    /// <summary>The fault as one line of text.</summary>
    public override string ToString() => Column is null ? $"line {Line}: {Message}" : $"line {Line}, column \"{Column}\": {Message}";
}

/// <summary>A file of separated values has faults: the first hundred of them at once.</summary>
public sealed class CsvException : FormatException
{
    internal const int MostErrors = 100;

    internal CsvException(string source, IReadOnlyList<CsvError> errors)
        : base($"{source} has {(errors.Count < MostErrors ? errors.Count.ToString() : "at least " + MostErrors)} {(errors.Count == 1 ? "fault" : "faults")}:{string.Concat(errors.Select(error => "\n  " + error))}")
        => Errors = errors;

    /// <summary>The faults in the order of lines, at most a hundred.</summary>
    public IReadOnlyList<CsvError> Errors { get; }
}
