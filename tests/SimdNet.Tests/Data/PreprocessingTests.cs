using FsCheck.Xunit;
using SimdNet.Data;
using SimdNet.Formats;
using SimdNet.Layers;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Takes what the frame of these tests becomes.</summary>
[Network(27)]
[Dense(3), Softmax]
internal sealed partial class TabularNet;

[Network(3)]
[Dense(2)]
internal sealed partial class ThreeToTwoNet;

[Network(2)]
[Dense(1)]
internal sealed partial class TwoToOneNet;

public class PreprocessingTests
{
    private static DataFrame Frame => new(
        DataFrameColumn.Numeric("size", [1, 2, 3, double.NaN, 10]),
        DataFrameColumn.Categorical("home", ["rent", "own", null, "own", "rent"]),
        DataFrameColumn.Ordinal("grade", ["low", "high", "middle", null, "low"], ["low", "middle", "high"]),
        DataFrameColumn.Date("day", [new(2026, 1, 5), new(2027, 1, 5), null, new(2028, 12, 31, 18, 0, 0), new(2026, 2, 1)]),
        DataFrameColumn.Categorical("status", ["good", "bad", "good", "ugly", "bad"]));

    [Fact]
    public void AFrameBecomesTheFeaturesThatAreNamed()
    {
        Preprocessing preprocessing = Preprocessing.Fit(Frame, "status");
        Assert.Equal(27, preprocessing.FeatureCount);
        Assert.Equal(["size", "home = own", "home = rent", "home is missing", "grade", "day.Year", "day.Month = January"], preprocessing.FeatureNames.Take(7));
        Assert.Equal(["bad", "good", "ugly"], preprocessing.Classes);
        Assert.Equal("status", preprocessing.Target);
        DataSet set = preprocessing.Apply(Frame);
        Assert.Equal([1, 0, 1, 2, 0], set.Classes.ToArray());

        // Mean 4 and variance 12.5 of the four sizes; the missing one is their median, 2.5.
        Assert.Equal([-3 / MathF.Sqrt(12.5f), 0, 1, 0], set.Input(0)[..4].ToArray());
        Assert.Equal(-1.5f / MathF.Sqrt(12.5f), set.Input(3)[0]);
        Assert.Equal([0, 0, 1], set.Input(2)[1..4].ToArray());

        // Levels 0, 2, 1 and 0, missing: their median, one half.
        Assert.Equal((0.5f - 0.75f) / MathF.Sqrt(0.6875f), set.Input(3)[4], 1e-6f);
        Assert.Equal(1, set.Input(1)[preprocessing.FeatureNames.ToList().IndexOf("day.DayOfWeek = Tuesday")]);
        Assert.Equal(1, set.Input(3)[preprocessing.FeatureNames.ToList().IndexOf("day.Month = December")]);
        Assert.Equal(1, set.Input(2)[preprocessing.FeatureNames.ToList().IndexOf("day.Month is missing")]);
    }

    /// <summary>A file to predict from is read as the one that was trained on, from the network's own columns.</summary>
    [Fact]
    public void ColumnsKeepTheFormOfDates()
    {
        const string Text = "day,size\n05.01.2026,1\n31.12.2026,2\n";
        DataFrame training = DataFrame.ReadCsv(new StringReader(Text), new CsvOptions { Columns = [Column.Date("day", "dd.MM.yyyy")] });
        Preprocessing saved = PreprocessingJson.Read(PreprocessingJson.Write(Preprocessing.Fit(training.Select([1, 0]), null)));
        DataFrame served = DataFrame.ReadCsv(new StringReader(Text), new CsvOptions { Columns = saved.Columns });
        Assert.Equal(training["day"].Dates.ToArray(), served["day"].Dates.ToArray());
    }

    [Theory]
    [InlineData(Scaling.Standard, Imputation.Mean, new float[] { -0.84852815f, 0 })]
    [InlineData(Scaling.MinMax, Imputation.Median, new float[] { 0, 1f / 6 })]
    [InlineData(Scaling.Robust, Imputation.Median, new float[] { -0.5f, 0 })]
    [InlineData(Scaling.None, Imputation.OwnCategory, new float[] { 1, 4 })]
    public void NumbersAreScaledAndStoodInFor(Scaling scaling, Imputation imputation, float[] expected)
    {
        var frame = new DataFrame(DataFrameColumn.Numeric("x", [1, 2, 3, double.NaN, 10]));
        if (scaling == Scaling.MinMax) frame = new DataFrame(DataFrameColumn.Numeric("x", [1, 2, 3, double.NaN, 10]).Select([0, 1, 2, 3, 4]));
        Preprocessing preprocessing = Preprocessing.Fit(frame, null, new PreprocessingOptions { Scaling = scaling, Imputation = imputation });
        var features = new float[5 * preprocessing.FeatureCount];
        preprocessing.Transform(frame, features);
        Assert.Equal(expected[0], features[0], 1e-6f);
        Assert.Equal(expected[1], features[3 * preprocessing.FeatureCount], 1e-6f);
        Assert.Equal(imputation == Imputation.OwnCategory ? ["x", "x is missing"] : ["x"], preprocessing.FeatureNames);
        if (imputation == Imputation.OwnCategory) Assert.Equal([1, 0, 2, 0, 3, 0, 4, 1, 10, 0], features);
    }

    [Fact]
    public void FarOffValuesSpoilNoScaleUnnoticed()
    {
        double[] values = [.. Enumerable.Range(0, 100).Select(i => (double)i), 1e15];
        var frame = new DataFrame(DataFrameColumn.Numeric("x", values));
        float[] robust = Features(Preprocessing.Fit(frame, null, new PreprocessingOptions { Scaling = Scaling.Robust }), frame);
        Assert.Equal(1, robust[99] - robust[49], 1e-5f);
        values[^1] = double.MaxValue;
        ArgumentException tooFar = Assert.Throws<ArgumentException>(() => Preprocessing.Fit(new DataFrame(DataFrameColumn.Numeric("x", values)), null));
        Assert.Contains("\"x\" reach from 0 to 1.8", tooFar.Message);
    }

    [Fact]
    public void ColumnsMayDifferFromTheOthers()
    {
        Preprocessing preprocessing = Preprocessing.Fit(Frame, "status", new PreprocessingOptions
        {
            Scaling = Scaling.None,
            Columns = [new ColumnPreprocessing("size", Scaling.MinMax), new ColumnPreprocessing("day", DateParts: DateParts.Hour | DateParts.DayOfYear)],
        });
        Assert.Equal(["size", "home = own", "home = rent", "home is missing", "grade", "day.DayOfYear", "day.Hour"], preprocessing.FeatureNames);
        DataSet set = preprocessing.Apply(Frame);
        Assert.Equal([0f, 0, 1, 0, 0, 5, 0], set.Input(0).ToArray());
        Assert.Equal([366, 18], set.Input(3)[5..].ToArray());
    }

    [Fact]
    public void NothingIsLearnedFromOtherRows()
    {
        Preprocessing preprocessing = Preprocessing.Fit(Frame.Select([0, 1]), "status");
        float[] alone = Features(preprocessing, Frame.Select([0])), together = Features(preprocessing, Frame);
        Assert.Equal(alone, together[..alone.Length]);

        // Row 3 has a year, a class and a grade that the first two rows do not have, and misses its size.
        float[] other = Features(preprocessing, Frame.Select([3]));
        Assert.All(other, value => Assert.True(float.IsFinite(value)));
        Assert.Contains("ugly", Assert.Throws<ArgumentException>(() => preprocessing.Apply(Frame)).Message);
        var unknown = new DataFrame([.. Frame.Select([0]).Columns.Where(column => column.Name != "home"), DataFrameColumn.Categorical("home", ["castle"])]);
        Assert.Equal([0, 0], Features(preprocessing, unknown)[1..3]);
    }

    [Fact]
    public void ItIsSavedWithTheNetworkAndAppliedByPredict()
    {
        DataFrame frame = Frame;
        var network = new TabularNet(seed: 1) { Preprocessing = Preprocessing.Fit(frame, "status") };
        using var stream = new MemoryStream();
        network.Save(stream);
        TabularNet loaded = TabularNet.Load(stream.ToArray());
        Assert.Equal(network.Preprocessing.FeatureNames, loaded.Preprocessing.FeatureNames);
        Assert.Same(network.Preprocessing, network.Clone().Preprocessing);

        DataSet set = network.Preprocessing.Apply(frame);
        var expected = new float[5 * 3];
        network.Forward(set.Inputs, expected);
        Prediction[] predictions = loaded.Predict(frame), frozen = loaded.Freeze().Predict(frame);
        Assert.Equal("yes (0.750)", new Prediction([0.25f, 0.75f], "yes", 0.75f).ToString());
        Assert.Equal("1.5 -2", new Prediction([1.5f, -2], null, null).ToString());
        Assert.Equal(predictions.Select(prediction => (prediction.Class, prediction.Probability)), frozen.Select(prediction => (prediction.Class, prediction.Probability)));
        for (int row = 0; row < 5; row++)
        {
            Assert.Equal(expected[(3 * row)..(3 * row + 3)], predictions[row].Outputs);
            int best = expected[(3 * row)..(3 * row + 3)].Index().MaxBy(pair => pair.Item).Index;
            Assert.Equal(network.Preprocessing.Classes[best], predictions[row].Class);
            Assert.Equal(expected[3 * row + best], predictions[row].Probability);
        }
        Assert.Contains("home, grade, day are not numeric", Assert.Throws<InvalidOperationException>(() => loaded.Predict(new float[4], new float[3])).Message);
        Assert.Contains("no preprocessing", Assert.Throws<InvalidOperationException>(() => new TabularNet().Predict(frame)).Message);
    }

    [Property(MaxTest = 60)]
    public void RowsOfNumbersArePredictedAsTheirFrame(int rows, int seed, bool own)
    {
        PropertyCount.Ran();
        rows = Values.Size(rows, 1);
        float[] values = Values.Uniform(rows * 3, seed, 100);
        for (int i = 0; i < values.Length; i++) values[i] = i % 7 == 6 ? float.NaN : values[i];
        DataFrame frame = new(Enumerable.Range(0, 3).Select(column => DataFrameColumn.Numeric("x" + column, [.. Enumerable.Range(0, rows).Select(row => (double)values[row * 3 + column])])));
        Preprocessing preprocessing = Preprocessing.Fit(frame, null, new PreprocessingOptions { Imputation = own ? Imputation.OwnCategory : Imputation.Mean });
        Values.AssertSameBits(Features(preprocessing, frame), OfRows(preprocessing));

        Preprocessing ofSet = Preprocessing.Fit(DataSet.FromClasses(values, 3, new int[rows]), new PreprocessingOptions { Imputation = own ? Imputation.OwnCategory : Imputation.Mean });
        Values.AssertSameBits(Features(preprocessing, frame), ofSet.Apply(DataSet.FromClasses(values, 3, new int[rows])).Inputs);

        float[] OfRows(Preprocessing fitted)
        {
            var features = new float[rows * fitted.FeatureCount];
            fitted.Transform(values, features);
            return features;
        }
    }

    [Fact]
    public void ATargetThatIsANumberComesBackInItsUnits()
    {
        DataFrame frame = new(DataFrameColumn.Numeric("a", [1, 2, 3]), DataFrameColumn.Numeric("b", [3, 1, 2]), DataFrameColumn.Numeric("price", [100, 200, 300]));
        var network = new TwoToOneNet { Preprocessing = Preprocessing.Fit(frame, "price") };
        Assert.Equal([-1.2247449f, 0, 1.2247449f], network.Preprocessing.Apply(frame).Targets.ToArray());
        network.Tensors["dense1.bias"].CopyFrom([1]);
        Assert.All(network.Predict(frame), prediction => Assert.Equal(200 + 81.64966f, prediction.Value, 1e-3f));
        var output = new float[1];
        network.Predict([1, 3], output);
        Assert.Equal(281.64966f, output[0], 1e-3f);
        Assert.Null(network.Predict(frame)[0].Class);

        // Decisions are left as they are.
        DataFrame decisions = new(DataFrameColumn.Numeric("a", [1, 2, 3]), DataFrameColumn.Numeric("yes", [0, 1, 1]));
        Assert.Equal([0, 1, 1], Preprocessing.Fit(decisions, "yes").Apply(decisions).Targets.ToArray());

        DataSet set = DataSet.FromTargets([1, 2, 3, 4], 1, [0, 10, 20, 30, 40, 50, 60, 70], 2);
        Assert.Equal([-1.3416408f, -1.3416408f], Preprocessing.Fit(set, new PreprocessingOptions()).Apply(set).Target(0).ToArray());
    }

    [Fact]
    public void PredictAllocatesNothing()
    {
        float[] values = Values.Uniform(3 * 70, 1), output = new float[2 * 70];
        DataSet set = DataSet.FromTargets(values, 3, Values.Uniform(2 * 70, 2), 2);
        var network = new ThreeToTwoNet(1) { Preprocessing = Preprocessing.Fit(set, new PreprocessingOptions()) };
        for (int warm = 0; warm < 3; warm++) network.Predict(values, output);
        long before = GC.GetAllocatedBytesForCurrentThread();
        network.Predict(values, output);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void WhatDoesNotFitIsToldWithTheWayOut()
    {
        Preprocessing preprocessing = Preprocessing.Fit(Frame, "status");
        Assert.Contains("declare [Network(27)]", Assert.Throws<ArgumentException>(() => new TwoToOneNet().Preprocessing = preprocessing).Message);
        Preprocessing three = Preprocessing.Fit(new DataFrame(DataFrameColumn.Numeric("a", [1, 2, 3]), DataFrameColumn.Numeric("b", [1, 2, 4]), DataFrameColumn.Categorical("c", ["x", "y", "z"])), "c");
        Assert.Contains("3 classes, but the network puts out 1", Assert.Throws<ArgumentException>(() => new TwoToOneNet().Preprocessing = three).Message);
        Assert.Contains("CsvOptions.Columns", Assert.Throws<ArgumentException>(() => Features(preprocessing, Replace("home", DataFrameColumn.Numeric("home", [1, 2, 3, 4, 5])))).Message);
        Assert.Contains("no column \"home\"", Assert.Throws<ArgumentException>(() => Features(preprocessing, new DataFrame(Frame["size"]))).Message);
        Assert.Contains("256", Assert.Throws<ArgumentException>(() => Preprocessing.Fit(new DataFrame(DataFrameColumn.Categorical("id", [.. Enumerable.Range(0, 300).Select(i => "n" + i)])), null)).Message);
        Assert.Equal("target", Assert.Throws<ArgumentException>(() => Preprocessing.Fit(Frame, "stature")).ParamName);
        Assert.Contains("missing in row 2", Assert.Throws<ArgumentException>(() => Preprocessing.Fit(Frame, "home")).Message);
        Assert.Contains("nothing to tell apart", Assert.Throws<ArgumentException>(() => Preprocessing.Fit(Frame.Select([0, 2]), "status")).Message);
        Assert.Contains("in row 1", Assert.Throws<ArgumentException>(() => DataFrameColumn.Numeric("x", [1, double.PositiveInfinity])).Message);
        Assert.Contains("\"b\" has 2 values", Assert.Throws<ArgumentException>(() => new DataFrame(DataFrameColumn.Numeric("a", [1]), DataFrameColumn.Numeric("b", [1, 2]))).Message);

        Network anyLength = Network.Create([Sequence.Any, 3], x => x.Gru(2), seed: 1);
        Assert.Contains("sequences of any", Assert.Throws<ArgumentException>(() => anyLength.WithLength(9).Preprocessing = preprocessing).Message);
        Preprocessing twoTargets = Preprocessing.Fit(DataSet.FromTargets([1, 2, 3], 1, [1, 2, 3, 4, 5, 6], 2), new PreprocessingOptions());
        Assert.Contains("have 3 targets", Assert.Throws<ArgumentException>(() => twoTargets.Apply(DataSet.FromTargets([1], 1, [1, 2, 3], 3))).Message);

        // What is wholly missing has no kind that could be wrong.
        Assert.True(float.IsFinite(Features(preprocessing, Replace("home", DataFrameColumn.Numeric("home", [double.NaN, double.NaN, double.NaN, double.NaN, double.NaN])))[0]));
    }

    [Theory]
    [InlineData("\"version\":1", "\"version\":9", "version 9")]
    [InlineData("\"kind\":\"Numeric\"", "\"kind\":\"Whatever\"", "ColumnKind")]
    [InlineData("\"scale\":", "\"skale\":", "damaged")]
    [InlineData("\"scale\":1", "\"scale\":-1", "scale -1")]
    [InlineData("\"classes\":[\"x\"", "\"classes\":[\"y\"", "contradicts")]
    [InlineData("{\"column\":\"a\",", "{\"column\":\"\",", "contradicts")]
    [InlineData("{\"column\":\"a\",", "{\"column\":\"b\",", "column \"b\" stands twice")]
    public void DamagedPreprocessingIsRefused(string text, string damage, string reason)
    {
        DataFrame frame = new(DataFrameColumn.Numeric("a", [1, 2, 3]), DataFrameColumn.Numeric("b", [1, 2, 4]), DataFrameColumn.Categorical("c", ["x", "y", "x"]));
        var network = new ThreeToTwoNet();
        network.Preprocessing = Preprocessing.Fit(new DataFrame([.. frame.Columns, DataFrameColumn.Numeric("d", [0, 1, 2])]), "c", new PreprocessingOptions { Scaling = Scaling.None });
        using var stream = new MemoryStream();
        network.Save(stream);
        string file = System.Text.Encoding.Latin1.GetString(stream.ToArray()), escaped = text.Replace("\"", "\\u0022"), changed = damage.Replace("\"", "\\u0022");
        Assert.Contains(escaped, file);
        int at = file.IndexOf(escaped, StringComparison.Ordinal);
        byte[] bytes = System.Text.Encoding.Latin1.GetBytes(file[..at] + changed + file[(at + escaped.Length)..]);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(bytes) + changed.Length - escaped.Length);
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => ThreeToTwoNet.Load(bytes)).Message);
    }

    [Fact]
    public void ASmallSpreadOfLargeNumbersIsScaled()
    {
        DataFrame stamps = new(DataFrameColumn.Numeric("ns", [.. Enumerable.Range(0, 100).Select(i => 1.7e18 + i * 10000.0)]));
        float[] scaled = Features(Preprocessing.Fit(stamps, null), stamps);
        Assert.Equal(1, Math.Sqrt(scaled.Average(value => (double)value * value)), 1e-3);

        // 0.1 + 0.2 and 0.3 differ by rounding alone.
        DataFrame constant = new(DataFrameColumn.Numeric("x", [0.3, 0.1 + 0.2, 0.3]));
        Assert.All(Features(Preprocessing.Fit(constant, null), constant), value => Assert.Equal(0, value, 1e-6f));
    }

    private static DataFrame Replace(string name, DataFrameColumn column) => new([.. Frame.Columns.Select(other => other.Name == name ? column : other)]);

    private static float[] Features(Preprocessing preprocessing, DataFrame frame)
    {
        var features = new float[frame.Count * preprocessing.FeatureCount];
        preprocessing.Transform(frame, features);
        return features;
    }
}
