using System.IO.Compression;
using FsCheck.Xunit;
using SimdNet.Data;
using Xunit;

namespace SimdNet.Tests;

public sealed class DataTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void IdxFilesAreRead(bool isCompressed)
    {
        Write([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255], isCompressed);
        (int[] shape, byte[] values) = Idx.ReadBytes(_path);
        Assert.Equal([2, 3], shape);
        Assert.Equal([1, 2, 3, 4, 5, 255], values);
        Assert.Equal([1f, 2, 3, 4, 5, 255], Idx.ReadSingles(_path).Values);
    }

    [Fact]
    public void OtherElementsAreRead()
    {
        Write([0, 0, 0x0D, 1, 0, 0, 0, 1, 0x3F, 0xC0, 0, 0]);
        Assert.Equal([1.5f], Idx.ReadSingles(_path).Values);
        Write([0, 0, 0x0B, 1, 0, 0, 0, 2, 0xFF, 0xFE, 1, 0]);
        Assert.Equal([-2f, 256f], Idx.ReadSingles(_path).Values);
        Assert.Throws<InvalidDataException>(() => Idx.ReadBytes(_path));
    }

    [Theory]
    [InlineData("", "inside its header")]
    [InlineData("00 01 08 01 00 00 00 00", "two zero bytes")]
    [InlineData("00 00 07 01 00 00 00 00", "0x07")]
    [InlineData("00 00 08 00", "dimensions")]
    [InlineData("00 00 08 01 00 00", "inside its header")]
    [InlineData("00 00 08 01 00 00 00 03 01 02", "there are 2")]
    [InlineData("00 00 08 01 00 00 00 01 01 02", "there are more")]
    [InlineData("00 00 08 02 7F FF FF FF 7F FF FF FF", "too large")]
    public void DamagedIdxFilesAreRefused(string bytes, string reason)
    {
        Write(bytes.Length == 0 ? [] : [.. bytes.Split(' ').Select(text => Convert.ToByte(text, 16))]);
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Idx.ReadSingles(_path)).Message);
    }

    [Property(MaxTest = 50)]
    public void SplitsKeepEverySampleOnce(int count, int percent, int seed)
    {
        PropertyCount.Ran();
        count = Values.Size(count);
        double fraction = Values.Size(percent, 0, 100) / 100.0;
        var set = DataSet.FromClasses([.. Enumerable.Range(0, count * 2).Select(i => (float)i)], 2, [.. Enumerable.Range(0, count)]);
        (DataSet first, DataSet second) = set.Split(fraction, (ulong)seed);
        Assert.Equal((int)Math.Round(fraction * count), first.Count);
        Assert.Equal(Enumerable.Range(0, count), first.Classes.ToArray().Concat(second.Classes.ToArray()).Order());
        for (int i = 0; i < first.Count; i++) Assert.Equal(2f * first.Classes[i], first.Input(i)[0]);
        Assert.Equal(first.Classes.ToArray(), set.Split(fraction, (ulong)seed).First.Classes.ToArray());
    }

    [Property(MaxTest = 50)]
    public void TheClassesOfAllStepsGoWithTheirSample(int count, int steps, int seed)
    {
        PropertyCount.Ran();
        (count, steps) = (Values.Size(count, 1, 30), Values.Size(steps, 1, 9));
        var set = DataSet.FromClasses([.. Enumerable.Range(0, count).Select(i => (float)i)], 1, [.. Enumerable.Range(0, count * steps)], steps);
        Assert.Equal((count, steps, true), (set.Count, set.ClassesPerSample, set.HasClasses));
        (DataSet first, DataSet second) = set.Split(0.4, (ulong)seed);
        foreach (DataSet part in new[] { first, second, set.Select([count - 1, 0]) })
        {
            Assert.Equal(steps, part.ClassesPerSample);
            for (int i = 0; i < part.Count; i++) Assert.Equal(Enumerable.Range((int)part.Input(i)[0] * steps, steps), part.ClassesOf(i).ToArray());
        }
        Assert.Equal(0, DataSet.FromTargets([1f], 1, [1f], 1).ClassesPerSample);
    }

    [Fact]
    public void WrongSetsNameTheParameter()
    {
        ArgumentException parts = Assert.Throws<ArgumentException>(() => DataSet.FromClasses(new float[4], 2, [0, 1, 0], classesPerSample: 2));
        Assert.Contains("Expected a multiple of 2 classes", parts.Message);
        Assert.Contains("sample 1, step 0, has class -1", Assert.Throws<ArgumentException>(() => DataSet.FromClasses(new float[4], 2, [0, 1, -1, 1], classesPerSample: 2)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => DataSet.FromClasses(new float[4], 2, [0, 1], classesPerSample: 0));
        Assert.Equal("inputs", Assert.Throws<ArgumentException>(() => DataSet.FromClasses(new float[5], 2, [0, 1])).ParamName);
        Assert.Equal("classes", Assert.Throws<ArgumentException>(() => DataSet.FromClasses(new float[4], 2, [0, -1])).ParamName);
        Assert.Equal("targets", Assert.Throws<ArgumentException>(() => DataSet.FromTargets(new float[4], 2, new float[3], 2)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => DataSet.FromTargets(new float[4], 2, new float[2], 1).Select([2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => DataSet.FromTargets(new float[4], 2, new float[2], 1).Split(1.1, 0));
        DataSet wide = DataSet.FromTargets(new float[1 << 16], 1 << 16, new float[1], 1);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => wide.Input(1 << 16)).ParamName);
        Assert.Contains("more than an array holds", Assert.Throws<ArgumentException>(() => wide.Select(new int[1 << 15])).Message);
        Assert.Equal("inputs", Assert.Throws<ArgumentNullException>(() => DataSet.FromClasses(null!, 2, [0])).ParamName);
        Assert.Equal("targets", Assert.Throws<ArgumentNullException>(() => DataSet.FromTargets([], 2, null!, 1)).ParamName);
    }

    private void Write(byte[] bytes, bool isCompressed = false)
    {
        using Stream file = File.Create(_path);
        using Stream stream = isCompressed ? new GZipStream(file, CompressionLevel.Fastest) : file;
        stream.Write(bytes);
    }
}
