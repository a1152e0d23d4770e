using System.Globalization;
using System.Text;
using FsCheck.Xunit;
using SimdNet.Data;
using Xunit;

namespace SimdNet.Tests;

public sealed class CsvTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void FieldsAreReadAsTheFormatHasThem()
    {
        DataFrame frame = Read("name, size ,day\n\"a \"\"b\"\",\nc\", 1.5 ,2026-01-31\r\n\r\n  plain text ,-2e3,\"2026-02-01 12:30\"\r\"\",NA,\n");
        Assert.Equal([ColumnKind.Categorical, ColumnKind.Numeric, ColumnKind.Date], frame.Columns.Select(column => column.Kind));
        Assert.Equal(["a \"b\",\nc", "plain text", null], frame["name"].Names.ToArray());
        Assert.Equal([1.5, -2000, double.NaN], frame["size"].Numbers.ToArray());
        Assert.Equal([new DateTime(2026, 1, 31), new DateTime(2026, 2, 1, 12, 30, 0), null], frame["day"].Dates.ToArray());
        Assert.True(frame["day"].IsMissing(2) && frame["size"].IsMissing(2) && !frame["name"].IsMissing(0));
    }

    [Theory]
    [InlineData("a;b\n1,5;2,25\n", ',', null)]
    [InlineData("a\tb\n1.5\t2.25\n", '.', null)]
    [InlineData("a|b\n1.5|2.25", '.', null)]
    [InlineData("\"a\";\"b\"\n1.5;2.25", '.', null)]
    [InlineData("a:b\n1.5:2.25", '.', ':')]
    [InlineData("\n \r\na;b\n1.5;2.25", '.', null)]
    public void SeparatorsAndDecimalMarksVary(string text, char decimalMark, char? separator)
    {
        DataFrame frame = Read(text, new CsvOptions { DecimalMark = decimalMark, Separator = separator });
        Assert.Equal([1.5], frame["a"].Numbers.ToArray());
        Assert.Equal([2.25], frame["b"].Numbers.ToArray());
    }

    [Fact]
    public void AnEmptyFieldInQuotesIsARow()
    {
        Assert.Equal([1, double.NaN, 3], Read("x\n1\n\"\"\n3\n").Columns[0].Numbers.ToArray());
        Assert.Equal([1, 3], Read("x\n1\n\n3\n").Columns[0].Numbers.ToArray());
    }

    [Fact]
    public void AnotherDecimalMarkIsAFaultAndNoCategory()
    {
        string fault = Assert.Throws<CsvException>(() => Read("a;b\n1,5;x\n22;y\n;y\n2,25;z\n")).Message;
        Assert.Contains("has 2 faults", fault);
        Assert.Contains("line 2, column \"a\": \"1,5\" is not a number with the decimal mark '.'; set DecimalMark", fault);
        Assert.Contains("\"1.5\" is not a number with the decimal mark ','", Assert.Throws<CsvException>(() => Read("a;b\n1.5;x\n", new CsvOptions { DecimalMark = ',' })).Message);
        Assert.Equal(ColumnKind.Categorical, Read("a;b\n1,5;x\n", new CsvOptions { Columns = [Column.Categorical("a")] })["a"].Kind);
        Assert.Equal(ColumnKind.Categorical, Read("a;b\n1,5;x\n1,2,3;y\n")["a"].Kind);
    }

    [Fact]
    public void BytesThatAreNoTextAreAFault()
    {
        File.WriteAllBytes(_path, [.. "name\nB"u8, 0xE4, .. "r\n"u8]);
        Assert.Contains("no UTF-8", Assert.Throws<CsvException>(() => DataFrame.ReadCsv(_path)).Message);
        Assert.Contains("no UTF-8", Assert.Throws<CsvException>(() => DataFrame.StreamCsv(_path, 10).Count()).Message);
        using var reader = new StreamReader(_path, Encoding.Latin1);
        Assert.Equal("Bär", DataFrame.ReadCsv(reader, new CsvOptions())["name"].Names[0]);
        File.WriteAllText(_path, "name\nBär\n", Encoding.Unicode);
        Assert.Equal("Bär", DataFrame.ReadCsv(_path)["name"].Names[0]);
    }

    [Fact]
    public void ColumnsAreDeclared()
    {
        DataFrame frame = Read("skipped\nzip,grade,day,id\n01,low,31.01.2026,x\n02,high,01.02.2026,y\n", new CsvOptions
        {
            SkippedLines = 1,
            Columns = [Column.Categorical("zip"), Column.Ordinal("grade", "low", "middle", "high"), Column.Date("day", "dd.MM.yyyy"), Column.Ignored("id")],
        });
        Assert.Equal(["zip", "grade", "day"], frame.Columns.Select(column => column.Name));
        Assert.Equal(["01", "02"], frame["zip"].Names.ToArray());
        Assert.Equal(["low", "middle", "high"], frame["grade"].Levels);
        Assert.Equal(new DateTime(2026, 2, 1), frame["day"].Dates[1]);
        Assert.Equal([7], Read("7\n", new CsvOptions { Header = ["only"] })["only"].Numbers.ToArray());
        Assert.Contains("zip, grade", Assert.Throws<ArgumentException>(() => Read("zip,grade\n", new CsvOptions { Columns = [Column.Numeric("zap")] })).Message);
        Assert.Contains("zip, grade", Assert.Throws<KeyNotFoundException>(() => Read("zip,grade\n1,2\n")["zap"]).Message);
    }

    [Fact]
    public void AllFaultsAreToldWithLineAndColumn()
    {
        CsvException exception = Assert.Throws<CsvException>(() => Read("size,grade,day\n1,low,2026-01-01\nx,high,2026-13-01\n3,tall,2026-01-03\n4,low\n\"5\"6,low,\n\"", new CsvOptions
        {
            Columns = [Column.Numeric("size"), Column.Ordinal("grade", "low", "high"), Column.Date("day")],
        }));
        Assert.Equal([(3, "size"), (3, "day"), (4, "grade"), (5, null), (6, null), (7, null)], exception.Errors.Select(error => (error.Line, error.Column)));
        Assert.Contains("line 3, column \"size\": \"x\" is not a number", exception.Message);
        Assert.Contains("never closed", exception.Errors[^1].Message);
    }

    [Fact]
    public void TheFirstHundredFaultsAreToldInTheOrderOfLines()
    {
        var text = new StringBuilder("a,b\n");
        for (int i = 0; i < 500; i++) text.Append(CultureInfo.InvariantCulture, $"{(i % 2 == 0 ? "1" : "x")},{(i % 2 == 0 ? "y" : "2")}\n");
        CsvException exception = Assert.Throws<CsvException>(() => Read(text.ToString(), new CsvOptions { Columns = [Column.Numeric("a"), Column.Numeric("b")] }));
        Assert.Equal(Enumerable.Range(2, 100), exception.Errors.Select(error => (int)error.Line));
        Assert.StartsWith("The text has at least 100 faults", exception.Message);
    }

    [Fact]
    public void ANumberAmissAmongManyIsAFaultAndNoCategory()
    {
        string numbers = string.Concat(Enumerable.Range(0, 200).Select(i => $"{i}\n"));
        Assert.Equal(102, Assert.Single(Assert.Throws<CsvException>(() => Read("a\n" + numbers.Insert(numbers.IndexOf("\n100\n", StringComparison.Ordinal) + 1, "1oo\n"))).Errors).Line);
        Assert.Equal(ColumnKind.Categorical, Read("a\n1\n2\nthree\n")["a"].Kind);
    }

    [Theory]
    [InlineData("", "a header was expected")]
    [InlineData("a,a\n", "stands twice")]
    [InlineData("a,,b\n1,2,3\n", "field 2 of the header is empty")]
    public void WrongHeadersAreRefused(string text, string reason) => Assert.Contains(reason, Assert.Throws<CsvException>(() => Read(text)).Message);

    [Property(MaxTest = 60)]
    public void PartsOfAFileAreTheWhole(int rows, int part, int seed)
    {
        PropertyCount.Ran();
        (rows, part) = (Values.Size(rows, 1, 300), Values.Size(part, 1, 50));
        float[] numbers = Values.Uniform(rows, seed, 1e6f);
        string[] names = [.. numbers.Select(number => number switch { < 0 => "below, \"zero\"", < 1e5f => " blank ", _ => "line\nbreak" })];
        File.WriteAllText(_path, "number,name\n" + string.Concat(numbers.Zip(names, (number, name) => string.Create(CultureInfo.InvariantCulture, $"{number:R},\"{name.Replace("\"", "\"\"")}\"\n"))));
        DataFrame[] parts = [.. DataFrame.StreamCsv(_path, part)], whole = [DataFrame.ReadCsv(_path)];
        Assert.All(parts, frame => Assert.InRange(frame.Count, 1, part));
        foreach (DataFrame[] frames in new[] { parts, whole })
        {
            Assert.Equal(numbers, frames.SelectMany(frame => frame["number"].Numbers.ToArray()).Select(number => (float)number));
            Assert.Equal(names, frames.SelectMany(frame => frame["name"].Names.ToArray()));
        }
    }

    [Fact]
    public void AFileStreamsInLittleMemory()
    {
        const int Rows = 400_000;
        using (var writer = new StreamWriter(_path))
        {
            writer.WriteLine("a,b,c");
            for (int i = 0; i < Rows; i++) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i},{i * 0.5},name {i % 7}"));
        }
        int count = 0;
        long most = 0, before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (DataFrame part in DataFrame.StreamCsv(_path, 1000))
        {
            count += part.Count;
            if (count % 100_000 == 0) most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        }
        Assert.Equal(Rows, count);
        Assert.InRange(most, 0, 2_000_000);
    }

    /// <summary>The line that tells the separator lies across the end of the buffer, comes in pieces, or lies behind many empty ones.</summary>
    [Fact]
    public void TheSeparatorIsThatOfAWholeLine()
    {
        foreach (int length in new[] { 10, 65520, 65526, 65535, 65536, 70000 })
        {
            DataFrame frame = Read(new string('#', length) + "\nprice,eur;count;weight\n1,5;2;3\n", new CsvOptions { SkippedLines = 1, DecimalMark = ',' });
            Assert.Equal(["price,eur", "count", "weight"], frame.Columns.Select(column => column.Name));
        }
        Assert.Equal(2, Read(new string('\n', 70000) + "a;b\n1;2").Columns.Count);
        Assert.Equal(["name", "value"], DataFrame.ReadCsv(new InPieces("name;value\nx;1\ny;2\n"), new CsvOptions()).Columns.Select(column => column.Name));
    }

    [Theory]
    [InlineData("2026-01-31T23:30:00Z", "2026-01-31T23:30:00")]
    [InlineData("2026-02-01T01:30:00+02:00", "2026-01-31T23:30:00")]
    [InlineData("2026-01-31 23:30:00.5", "2026-01-31T23:30:00.5")]
    [InlineData("2026-01-31T23:30-05:00", "2026-02-01T04:30:00")]
    public void TimesWithAnOffsetAreUtcWhereverTheProgramRuns(string text, string expected)
    {
        DataFrameColumn column = Read($"day,x\n{text},1\n")["day"];
        Assert.Equal(ColumnKind.Date, column.Kind);
        Assert.Equal(DateTime.Parse(expected, CultureInfo.InvariantCulture), column.Dates[0]);
    }

    [Fact]
    public void OneFalseDateAmongManyIsAFault()
    {
        string rows = string.Concat(Enumerable.Range(0, 200).Select(i => new DateTime(2026, 1, 1).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + ",1\n"));
        CsvError error = Assert.Single(Assert.Throws<CsvException>(() => Read("day,x\n" + rows + "2026-13-01,1\n")).Errors);
        Assert.Equal((202L, "day"), (error.Line, error.Column));
    }

    [Fact]
    public void BytesThatAreNoUtf8AreRefusedBehindAByteOrderMarkToo()
    {
        File.WriteAllBytes(_path, [0xEF, 0xBB, 0xBF, .. "name\nM"u8, 0xFC, .. "l\nM"u8, 0xE4, .. "l\n"u8]);
        Assert.Throws<CsvException>(() => DataFrame.ReadCsv(_path));
        File.WriteAllBytes(_path, [0xEF, 0xBB, 0xBF, .. "näme\nMül\n"u8]);
        Assert.Equal("näme", Assert.Single(DataFrame.ReadCsv(_path).Columns).Name);
    }

    private sealed class InPieces(string text) : StringReader(text)
    {
        public override int Read(char[] buffer, int index, int count) => base.Read(buffer, index, Math.Min(count, 4));
    }

    private static DataFrame Read(string text, CsvOptions? options = null) => DataFrame.ReadCsv(new StringReader(text), options ?? new CsvOptions());
}
