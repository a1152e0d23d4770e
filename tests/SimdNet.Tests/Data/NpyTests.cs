using System.Text;
using FsCheck.Xunit;
using SimdNet.Data;
using Xunit;

namespace SimdNet.Tests;

public sealed class NpyTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Property(MaxTest = 60)]
    public void WhatIsWrittenIsRead(int rows, int columns, int seed, bool isVector)
    {
        PropertyCount.Ran();
        (rows, columns) = (Values.Size(rows), Values.Size(columns));
        var array = new NpyArray(isVector ? [rows * columns] : [rows, columns], Values.Sprinkled(rows * columns, seed));
        Npy.Write(_path, array);
        AssertSame(array, Npy.Read(_path));
        Assert.Equal(0, (new FileInfo(_path).Length - 4 * rows * columns) % 64);
        var arrays = new Dictionary<string, NpyArray> { ["a"] = array, ["b/c"] = new([], [7]) };
        Npy.WriteZip(_path, arrays);
        IReadOnlyDictionary<string, NpyArray> read = Npy.ReadZip(_path);
        Assert.Equal(arrays.Keys, read.Keys);
        foreach (string name in arrays.Keys) AssertSame(arrays[name], read[name]);
    }

    [Theory]
    [InlineData("<f8", new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x3F }, 1.5f)]
    [InlineData(">f4", new byte[] { 0x3F, 0xC0, 0, 0 }, 1.5f)]
    [InlineData("<f2", new byte[] { 0, 0x3E }, 1.5f)]
    [InlineData("<i8", new byte[] { 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, -2f)]
    [InlineData("<u2", new byte[] { 0xFF, 0xFF }, 65535f)]
    [InlineData(">f2", new byte[] { 0x3E, 0 }, 1.5f)]
    [InlineData(">i2", new byte[] { 0xFF, 0xFE }, -2f)]
    [InlineData(">u4", new byte[] { 0, 1, 0, 0 }, 65536f)]
    [InlineData(">i8", new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE }, -2f)]
    [InlineData("|i1", new byte[] { 0xFF }, -1f)]
    [InlineData("|b1", new byte[] { 1 }, 1f)]
    public void OtherElementsAreConverted(string type, byte[] element, float expected)
    {
        Write($"{{'descr': '{type}', 'fortran_order': False, 'shape': (1,), }}\n", element);
        AssertSame(new NpyArray([1], [expected]), Npy.Read(_path));
    }

    [Fact]
    public void FortransOrderIsTurned()
    {
        Write("{'fortran_order': True, 'shape': (2, 3), 'descr': '|u1'}\n", [0, 3, 1, 4, 2, 5], version: 2);
        AssertSame(new NpyArray([2, 3], [0, 1, 2, 3, 4, 5]), Npy.Read(_path));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 4, "needs 8 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 12, "needs 8 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999, 999999999), }\n", 4, "too large")]
    [InlineData("{'descr': '<U4', 'fortran_order': False, 'shape': (1,), }\n", 4, "<U4")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }\n", 4, "dictionary")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n", 4, "dictionary")]
    [InlineData("", 0, "dictionary")]
    public void DamagedFilesAreRefused(string header, int data, string reason)
    {
        Write(header, new byte[data]);
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Npy.Read(_path)).Message);
    }

    [Fact]
    public void ShortFilesAndOtherFilesAreRefused()
    {
        File.WriteAllBytes(_path, [0x93, 1, 2]);
        Assert.Contains("ends inside", Assert.Throws<InvalidDataException>(() => Npy.Read(_path)).Message);
        File.WriteAllText(_path, "a,b\n1,2\n3,4\n");
        Assert.Contains("NUMPY", Assert.Throws<InvalidDataException>(() => Npy.Read(_path)).Message);
        Assert.Throws<InvalidDataException>(() => Npy.ReadZip(_path));
        Assert.Equal("array", Assert.Throws<ArgumentException>(() => Npy.Write(_path, new NpyArray([3], [1]))).ParamName);
        Assert.Contains("more elements", Assert.Throws<ArgumentException>(() => Npy.Write(_path, new NpyArray([int.MaxValue, int.MaxValue, int.MaxValue], [1]))).Message);
    }

    [Fact]
    public void MutationsAreReadOrRefused()
    {
        Npy.Write(_path, new NpyArray([3, 2], [1, 2, 3, 4, 5, 6]));
        byte[] valid = File.ReadAllBytes(_path);
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 5_000; i++)
        {
            byte[] mutated = [.. valid[..(random.Next(8) == 0 ? random.Next(valid.Length) : valid.Length)]];
            for (int change = random.Next(4); change >= 0 && mutated.Length > 0; change--) mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(_path, mutated);
            try
            {
                Npy.Read(_path);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1_000, 5_000);
    }

    [Fact]
    public void FilesOfNumPyAreRead()
    {
        string folder = Path.Combine(Repository.Root, "..", "shared", "data", "models", "dtln", "io_model_1");
        Assert.SkipUnless(Directory.Exists(folder), "The models to compare with are not on this machine.");
        NpyArray input = Npy.Read(Path.Combine(folder, "step0_input_0.npy"));
        Assert.Equal([1, 1, 257], input.Shape);
        Assert.Contains(input.Values, value => value != 0);
    }

    private static void AssertSame(NpyArray expected, NpyArray actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Values.AssertSameBits(expected.Values, actual.Values);
    }

    private void Write(string header, byte[] data, byte version = 1) => File.WriteAllBytes(
        _path, [0x93, .. "NUMPY"u8, version, 0, (byte)header.Length, 0, .. version == 1 ? [] : new byte[2], .. Encoding.ASCII.GetBytes(header), .. data]);
}
