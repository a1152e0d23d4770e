using FsCheck.Xunit;
using SimdNet.Data;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

public class SplitsTests
{
    [Property(MaxTest = 100)]
    public void EverySplitIsAPartition(int rows, int kinds, int folds, int seed)
    {
        PropertyCount.Ran();
        (rows, kinds, folds) = (Values.Size(rows, 12, 200), Values.Size(kinds, 5, 8), Values.Size(folds, 2, 5));
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, rows).Select(i => i < kinds ? i : random.Next(kinds))];
        foreach (Split split in new[] { Splits.Random(rows, 0.3, 1), Splits.Stratified(labels, 0.3, 1), Splits.Grouped(labels, 0.3, 1), Splits.TimeOrdered(labels, 0.3) })
            Assert.Equal(Enumerable.Range(0, rows), split.Training.Concat(split.Test).Order());
        foreach (Split[] all in new[] { Splits.KFold(rows, folds, 1), Splits.StratifiedKFold(labels, folds, 1), Splits.GroupedKFold(labels, folds, 1) })
        {
            Assert.Equal(folds, all.Length);
            Assert.Equal(Enumerable.Range(0, rows), all.SelectMany(split => split.Test).Order());
            Assert.All(all, split => Assert.Equal(Enumerable.Range(0, rows), split.Training.Concat(split.Test).Order()));
        }
    }

    [Fact]
    public void WhatCannotBeSplitIsRefused()
    {
        Assert.Contains("Fold 1 of 2", Assert.Throws<ArgumentException>(() => Splits.TimeSeriesFolds([1, 1, 1, 1, 2, 2], 2)).Message);
        Assert.Throws<ArgumentException>(() => Splits.Stratified(Array.Empty<string>(), 0.25, 1));
        Assert.Throws<ArgumentException>(() => Splits.Grouped(Array.Empty<string>(), 0.25, 1));
        Assert.Contains("Row 1", Assert.Throws<ArgumentException>(() => Splits.TimeOrdered([new DateTime(2026, 1, 1), (DateTime?)null], 0.5)).Message);
        Assert.Equal([1], Splits.TimeOrdered([new DateTime(2026, 1, 1), (DateTime?)new DateTime(2026, 1, 2)], 0.5).Test);
        Assert.Throws<ArgumentException>(() => DataFrameColumn.Ordinal("t", ["a", "b"], ["a", "b", "a"]));
    }

    [Property(MaxTest = 100)]
    public void EverySplitKeepsWhatItPromises(int rows, int seed)
    {
        PropertyCount.Ran();
        rows = Values.Size(rows, 30, 300);
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, rows).Select(_ => random.Next(3))], groups = [.. Enumerable.Range(0, rows).Select(i => i < 5 ? i : random.Next(10))];
        DateTime[] times = [.. Enumerable.Range(0, rows).Select(_ => new DateTime(2026, 1, 1).AddDays(random.Next(100)))];

        Split stratified = Splits.Stratified(labels, 0.25, 3);
        foreach (int label in labels.Distinct())
            Assert.Equal(Math.Round(0.25 * labels.Count(other => other == label)), stratified.Test.Count(row => labels[row] == label));
        foreach (Split split in Splits.StratifiedKFold(labels, 5, 3))
        {
            foreach (int label in labels.Distinct())
                Assert.InRange(split.Test.Count(row => labels[row] == label) - labels.Count(other => other == label) / 5.0, -1, 1);
        }
        foreach (Split split in Splits.GroupedKFold(groups, 5, 3).Append(Splits.Grouped(groups, 0.3, 3)))
            Assert.Empty(split.Training.Select(row => groups[row]).Intersect(split.Test.Select(row => groups[row])));
        foreach (Split split in Splits.TimeSeriesFolds(times, 4).Append(Splits.TimeOrdered(times, 0.3)))
            Assert.True(split.Test.Length == 0 || split.Training.Max(row => times[row]) < split.Test.Min(row => times[row]));
    }

    [Fact]
    public void TheSeedDecides()
    {
        Assert.Equal(Splits.Random(50, 0.2, 7).Test, Splits.Random(50, 0.2, 7).Test);
        Assert.NotEqual(Splits.Random(50, 0.2, 7).Test, Splits.Random(50, 0.2, 8).Test);
        Assert.Equal(10, Splits.Random(50, 0.2, 7).Test.Length);
    }

    [Fact]
    public void WrongCallsNameTheParameter()
    {
        Assert.Equal("testShare", Assert.Throws<ArgumentOutOfRangeException>(() => Splits.Random(5, 1.5, 0)).ParamName);
        Assert.Equal("testShare", Assert.Throws<ArgumentOutOfRangeException>(() => Splits.Stratified([1, 2], double.NaN, 0)).ParamName);
        Assert.Equal("folds", Assert.Throws<ArgumentOutOfRangeException>(() => Splits.KFold(5, 1, 0)).ParamName);
        Assert.Contains("groups (2)", Assert.Throws<ArgumentOutOfRangeException>(() => Splits.GroupedKFold([1, 2, 1, 2], 3, 0)).Message);
    }

    [Fact]
    public void TheAreaUnderTheCurveCountsPairs()
    {
        Assert.Equal(1, Metrics.AreaUnderRoc([0.1f, 0.2f, 0.9f], [false, false, true]));
        Assert.Equal(0, Metrics.AreaUnderRoc([0.9f, 0.2f, 0.1f], [false, true, true]));
        Assert.Equal(0.5, Metrics.AreaUnderRoc([1, 1, 1, 1], [false, true, true, false]));
        var random = new Random(1);
        float[] scores = [.. Enumerable.Range(0, 200).Select(_ => random.Next(20) / 20f)];
        bool[] positive = [.. scores.Select(score => random.NextSingle() < score)];
        double wins = 0, pairs = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            for (int j = 0; j < scores.Length; j++)
            {
                if (!positive[i] || positive[j]) continue;
                pairs++;
                wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
            }
        }
        Assert.Equal(wins / pairs, Metrics.AreaUnderRoc(scores, positive), 1e-12);
        Assert.Equal("isPositive", Assert.Throws<ArgumentException>(() => Metrics.AreaUnderRoc([1], [true])).ParamName);
        Assert.Equal("scores", Assert.Throws<ArgumentException>(() => Metrics.AreaUnderRoc([float.NaN, 1], [true, false])).ParamName);
    }
}
