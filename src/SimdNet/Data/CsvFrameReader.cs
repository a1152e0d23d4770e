using System.Globalization;

namespace SimdNet.Data;

/// <summary>Makes data frames of records: finds the kinds of columns, converts the fields, gathers the faults.</summary>
internal sealed class CsvFrameReader
{
    /// <summary>From this many values on, a column in which nearly all are numbers, or dates, is taken for such a one, and the others for faults.</summary>
    private const int EnoughValues = 100;
    private const double NearlyAll = 0.95;

    private static readonly string[] IsoDates =
        ["yyyy-MM-dd", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private readonly CsvRecords _records;
    private readonly string _source;
    private readonly HashSet<string> _missing;
    private readonly NumberFormatInfo _format;
    private readonly Column?[] _columns;
    private readonly string[] _names;
    private readonly List<CsvError> _errors = [];
    private int _errorsOfColumn;

    public CsvFrameReader(TextReader reader, string source, CsvOptions options)
    {
        if (options.Separator == options.DecimalMark || options.Separator is '"' or '\n' or '\r')
            throw new ArgumentException($"'{options.Separator}' cannot stand between fields: it has another meaning.", nameof(options));
        _source = source;
        _missing = new HashSet<string>(options.MissingValues, StringComparer.OrdinalIgnoreCase) { "" };
        _format = new NumberFormatInfo { NumberDecimalSeparator = options.DecimalMark.ToString() };
        _records = new CsvRecords(reader, source, options.Separator ?? ',');
        for (int line = 0; line < options.SkippedLines; line++) _records.SkipLine();
        if (options.Separator is null) _records.Separator = _records.DetectSeparator(options.DecimalMark == ',' ? ";\t|" : ",;\t|");

        _names = [.. options.Header ?? ReadHeader()];
        ThrowIfFaulty();
        _columns = new Column?[_names.Length];
        foreach (Column column in options.Columns)
        {
            int index = Array.IndexOf(_names, column.Name);
            if (index < 0) throw new ArgumentException($"{source} has no column \"{column.Name}\"; it has {string.Join(", ", _names)}.", nameof(options));
            _columns[index] = column;
        }
    }

    /// <summary>A data frame of no rows.</summary>
    public DataFrame Empty() => Convert([], []);

    /// <summary>The next rows; null at the end.</summary>
    public DataFrame? Read(int rows)
    {
        var fields = new List<string?[]>();
        var lines = new List<long>();
        bool isRead = false;
        while (fields.Count < rows && _errors.Count < CsvException.MostErrors && _records.Read())
        {
            isRead = true;
            if (_records.Fault is not null) Report(_records.Line, null, _records.Fault);
            else if (_records.Fields.Count != _names.Length) Report(_records.Line, null, $"{_names.Length} fields were expected, but there are {_records.Fields.Count}");
            else
            {
                fields.Add([.. _records.Fields.Select(field => _missing.Contains(field) ? null : field)]);
                lines.Add(_records.Line);
            }
        }
        if (!isRead) return null;
        DataFrame frame = Convert(fields, lines);
        ThrowIfFaulty();
        return frame;
    }

    private string[] ReadHeader()
    {
        if (!_records.Read()) throw new CsvException(_source, [new CsvError(1, null, "a header was expected, but nothing is there")]);
        string[] names = [.. _records.Fields];
        if (_records.Fault is not null) Report(_records.Line, null, _records.Fault);
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0) Report(_records.Line, null, $"field {i + 1} of the header is empty; every column needs a name");
            else if (Array.IndexOf(names, names[i]) < i) Report(_records.Line, names[i], "the name stands twice in the header");
        }
        return names;
    }

    private DataFrame Convert(List<string?[]> fields, List<long> lines)
    {
        var columns = new List<DataFrameColumn>();
        for (int i = 0; i < _names.Length; i++)
        {
            int index = i;
            var values = new string?[fields.Count];
            for (int row = 0; row < values.Length; row++) values[row] = fields[row][index];
            Column column = _columns[i] ??= Infer(_names[i], values);
            if (column.Kind != ColumnKind.Ignored) columns.Add(Convert(column, values, lines));
        }
        return new DataFrame(columns);
    }

    private Column Infer(string name, string?[] values)
    {
        int present = values.Count(value => value is not null), numbers = values.Count(value => value is not null && TryNumber(value, out _));
        if (numbers == present || (present >= EnoughValues && numbers >= NearlyAll * present)) return Column.Numeric(name);
        int dates = values.Count(value => value is not null && TryDate(value, null, out _));
        if (dates == present || (present >= EnoughValues && dates >= NearlyAll * present)) return Column.Date(name);

        // Numbers of another decimal mark, with or without whole ones among them, are faults rather than names, of which each would be a category.
        return values.All(value => value is null || TryNumber(value, out _) || HasOtherMark(value)) ? Column.Numeric(name) : Column.Categorical(name);
    }

    private DataFrameColumn Convert(Column column, string?[] values, List<long> lines)
    {
        _errorsOfColumn = 0;
        switch (column.Kind)
        {
            case ColumnKind.Numeric:
                var numbers = new double[values.Length];
                for (int row = 0; row < values.Length; row++)
                {
                    numbers[row] = double.NaN;
                    if (values[row] is { } text && !TryNumber(text, out numbers[row]))
                        Report(lines[row], column.Name, HasOtherMark(text)
                            ? $"\"{text}\" is not a number with the decimal mark '{_format.NumberDecimalSeparator}'; set DecimalMark, or write digits without groups, or declare the column categorical"
                            : $"\"{text}\" is not a number; name it among the missing values, or declare the column categorical");
                }
                return DataFrameColumn.Numeric(column.Name, numbers);
            case ColumnKind.Date:
                var dates = new DateTime?[values.Length];
                for (int row = 0; row < values.Length; row++)
                {
                    if (values[row] is not { } text) continue;
                    if (TryDate(text, column.Format, out DateTime date)) dates[row] = date;
                    else Report(lines[row], column.Name, $"\"{text}\" is not a date of the form {column.Format ?? "2026-01-31 or 2026-01-31T12:30:00"}");
                }
                return DataFrameColumn.Date(column.Name, dates, column.Format);
            case ColumnKind.Ordinal:
                for (int row = 0; row < values.Length; row++)
                {
                    if (values[row] is not { } text || column.Levels.Contains(text)) continue;
                    Report(lines[row], column.Name, $"\"{text}\" is none of the levels {string.Join(", ", column.Levels)}");
                    values[row] = null;
                }
                return DataFrameColumn.Ordinal(column.Name, values, column.Levels);
            default:
                return DataFrameColumn.Categorical(column.Name, values);
        }
    }

    /// <summary>Whether a text would be a number with a comma as the decimal mark, or with a point where that is not the mark.</summary>
    private bool HasOtherMark(string text)
    {
        (char mark, char other) = _format.NumberDecimalSeparator == "," ? ('.', ',') : (',', '.');
        return text.Count(mark) == 1 && !text.Contains(other) && TryNumber(text.Replace(mark, _format.NumberDecimalSeparator[0]), out _);
    }

    private bool TryNumber(string text, out double number)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (double.TryParse(text, Style, _format, out number) && double.IsFinite(number)) return true;
        number = double.NaN;
        return false;
    }

    private static bool TryDate(string text, string? format, out DateTime date) => format is not null
        ? DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out date)
        : DateTime.TryParseExact(
            text, IsoDates, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out date);

    private void Report(long line, string? column, string message)
    {
        // No column has more among the first hundred of all.
        if (_errorsOfColumn++ < CsvException.MostErrors) _errors.Add(new CsvError(line, column, message));
    }

    private void ThrowIfFaulty()
    {
        if (_errors.Count > 0) throw new CsvException(_source, [.. _errors.OrderBy(error => error.Line).Take(CsvException.MostErrors)]);
    }
}
