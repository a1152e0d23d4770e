using System.Text;

namespace SimdNet.Data;

/// <summary>
/// Rows of values in named columns, as a file or a database has them: numbers, names, dates, any of them missing.
/// <see cref="Preprocessing"/> turns a data frame into the floats that a network takes.
/// </summary>
public sealed class DataFrame
{
    private readonly DataFrameColumn[] _columns;
    private readonly Dictionary<string, DataFrameColumn> _byName;

    /// <summary>A data frame of columns.</summary>
    /// <exception cref="ArgumentException">Columns differ in length, or two have one name.</exception>
    public DataFrame(params IEnumerable<DataFrameColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _columns = [.. columns];
        _byName = new Dictionary<string, DataFrameColumn>(_columns.Length);
        foreach (DataFrameColumn column in _columns)
        {
            if (!_byName.TryAdd(column.Name, column)) throw new ArgumentException($"Two columns are named \"{column.Name}\".", nameof(columns));
            if (column.Count != _columns[0].Count)
                throw new ArgumentException($"Column \"{column.Name}\" has {column.Count} values, but \"{_columns[0].Name}\" has {_columns[0].Count}.", nameof(columns));
        }
        Count = _columns.Length == 0 ? 0 : _columns[0].Count;
    }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>The columns in their order.</summary>
    public IReadOnlyList<DataFrameColumn> Columns => _columns;

    /// <summary>The column named <paramref name="name"/>.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists the names.</exception>
    public DataFrameColumn this[string name] => _byName.TryGetValue(name, out DataFrameColumn? column)
        ? column
        : throw new KeyNotFoundException($"There is no column \"{name}\"; the frame has {string.Join(", ", _columns.Select(c => c.Name))}.");

    /// <summary>
    /// Reads a file of separated values (RFC 4180) whole. Fields may stand in double quotes, and then hold separators, line
    /// breaks and doubled quotes; the encoding is UTF-8, or what a byte order mark says. What is not declared in <see cref="CsvOptions.Columns"/> is inferred from all its values.
    /// </summary>
    /// <exception cref="CsvException">Lines or values are wrong: the first hundred faults, with line and column.</exception>
    public static DataFrame ReadCsv(string path) => ReadCsv(path, new CsvOptions());

    /// <summary>Reads a file of separated values whole, written as <paramref name="options"/> say.</summary>
    /// <exception cref="CsvException">Lines or values are wrong: the first hundred faults, with line and column.</exception>
    public static DataFrame ReadCsv(string path, CsvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using StreamReader reader = OpenText(path);
        return ReadCsv(reader, Path.GetFileName(path), options);
    }

    /// <summary>Reads separated values from a reader, whole.</summary>
    /// <exception cref="CsvException">Lines or values are wrong: the first hundred faults, with line and column.</exception>
    public static DataFrame ReadCsv(TextReader reader, CsvOptions options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        return ReadCsv(reader, "The text", options);
    }

    /// <summary>
    /// Reads a file of separated values in parts of up to <paramref name="rows"/> rows, one after the other: a file may be larger
    /// than memory. What is not declared is inferred from the first part, and holds for the others.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rows"/> is not positive.</exception>
    /// <exception cref="CsvException">Lines or values are wrong; thrown when the part that has them is asked for.</exception>
    public static IEnumerable<DataFrame> StreamCsv(string path, int rows, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        return Stream(path, rows, options ?? new CsvOptions());

        static IEnumerable<DataFrame> Stream(string path, int rows, CsvOptions options)
        {
            using StreamReader reader = OpenText(path);
            var csv = new CsvFrameReader(reader, Path.GetFileName(path), options);
            while (csv.Read(rows) is { } part) yield return part;
        }
    }

    /// <summary>The rows at <paramref name="rows"/>, in that order, copied.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A row is outside the frame.</exception>
    public DataFrame Select(ReadOnlySpan<int> rows)
    {
        foreach (int row in rows)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(rows));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count, nameof(rows));
        }
        var columns = new DataFrameColumn[_columns.Length];
        for (int i = 0; i < columns.Length; i++) columns[i] = _columns[i].Select(rows);
        return new DataFrame(columns);
    }

    /// <summary>Whether there is a column of that name.</summary>
    internal bool Has(string name) => _byName.ContainsKey(name);

    /// <summary>Throws on bytes that are no UTF-8: replaced, different names would become one. An encoding that did not know its mark would give way, behind one, to another that replaces.</summary>
    private static StreamReader OpenText(string path) => new(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true));

    private static DataFrame ReadCsv(TextReader reader, string source, CsvOptions options)
    {
        var csv = new CsvFrameReader(reader, source, options);
        return csv.Read(int.MaxValue) ?? csv.Empty();
    }
}
