using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.MemoryMappedFiles;
using System.Text;
using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Formats;
using Xunit;

namespace SimdNet.Tests;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    private string FilePath => Path.Combine(_folder, "network.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Property(MaxTest = 60)]
    public void WhatIsWrittenIsRead(int inputs, int outputs, int seed)
    {
        PropertyCount.Ran();
        (inputs, outputs) = (Values.Size(inputs, 1), Values.Size(outputs, 1));
        ParameterBlock block = Create(inputs, outputs), copy = Create(inputs, outputs);
        foreach (Tensor tensor in block.Tensors) tensor.CopyFrom([.. Values.Uniform(tensor.Length, seed).Select((value, i) => i < Values.Special.Length ? Values.Special[i] : value)]);
        using var stream = new MemoryStream();
        block.Save(stream);
        stream.Position = 0;
        copy.Load(stream);
        Values.AssertSameBits(block.Span, copy.Span);
        copy = Create(inputs, outputs);
        copy.Load(stream.ToArray());
        Values.AssertSameBits(block.Span, copy.Span);
    }

    /// <summary>Streams over memory give a pointer to it or, over a safe buffer, none.</summary>
    [Fact]
    public void MappedFilesAreRead()
    {
        ParameterBlock block = Create(20, 17), copy = Create(20, 17);
        foreach (Tensor tensor in block.Tensors) tensor.CopyFrom(Values.Uniform(tensor.Length, 1));
        block.Save(FilePath);
        using (var mapped = MemoryMappedFile.CreateFromFile(FilePath))
        using (MemoryMappedViewStream stream = mapped.CreateViewStream(0, new FileInfo(FilePath).Length)) copy.Load(stream);
        Values.AssertSameBits(block.Span, copy.Span);
        Assert.Equal("stream", Assert.Throws<ArgumentNullException>(() => copy.Load((Stream)null!)).ParamName);
    }

    [Fact]
    public void TheLayoutIsTransposedAndPadded()
    {
        ParameterBlock block = Create(2, 3);
        block.Tensors["dense1.weight"].CopyFrom([1, 2, 3, 4, 5, 6]);
        Assert.Equal([1, 3, 5, 0, 2, 4, 6, 0], block.Span[..8].ToArray());
        Assert.Equal([1, 2, 3, 4, 5, 6], block.Tensors["dense1.weight"].ToArray());
        Assert.Equal([3, 2], block.Tensors["dense1.weight"].Shape);
        Assert.Contains("dense1.weight, dense1.bias", Assert.Throws<KeyNotFoundException>(() => block.Tensors["dense2.weight"]).Message);
    }

    [Theory]
    [InlineData("{}", 0, "dense1.weight is missing; dense1.bias is missing")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "stands twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 8, "where 4 was expected")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "the file has 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""", 4, "F31")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999,99999999999],"data_offsets":[0,4]}}""", 4, "too large")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "data_offsets")]
    [InlineData("[]", 0, "JSON")]
    [InlineData("{", 0, "JSON")]
    public void DamagedFilesAreRefused(string header, int data, string reason)
    {
        byte[] file = new byte[8 + header.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        Encoding.UTF8.GetBytes(header, file.AsSpan(8));
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Create(2, 3).Load(file)).Message);
    }

    [Fact]
    public void ShortFilesAndHugeHeadersAreRefused()
    {
        Assert.Throws<InvalidDataException>(() => Create(2, 3).Load(new byte[7]));
        byte[] file = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(file, ulong.MaxValue);
        Assert.Throws<InvalidDataException>(() => Create(2, 3).Load(file));
    }

    /// <summary>A stream that does not know its length, a download for example.</summary>
    [Fact]
    public void StreamsOfUnknownLengthAreRead()
    {
        ParameterBlock block = Create(300, 400), copy = Create(300, 400);
        foreach (Tensor tensor in block.Tensors) tensor.CopyFrom(Values.Uniform(tensor.Length, 1));
        using var written = new MemoryStream();
        block.Save(written);
        byte[] file = written.ToArray();
        using (var stream = new GZipStream(Zip(file), CompressionMode.Decompress)) copy.Load(stream);
        Values.AssertSameBits(block.Span, copy.Span);
        foreach ((byte[] damaged, string reason) in new[] { (file[..^1], "ends before"), ([.. file, 0], "follows the data"), (file[..100], "ends before"), (file[..5], "at least 8 bytes") })
        {
            using var stream = new GZipStream(Zip(damaged), CompressionMode.Decompress);
            ParameterBlock untouched = Create(300, 400);
            Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => untouched.Load(stream)).Message);
            Assert.All(untouched.Span.ToArray(), value => Assert.Equal(0, value));
        }

        static MemoryStream Zip(byte[] data)
        {
            var zipped = new MemoryStream();
            using (var zip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true)) zip.Write(data);
            zipped.Position = 0;
            return zipped;
        }
    }

    [Fact]
    public void WrongShapesAreToldAndNothingChanges()
    {
        using var stream = new MemoryStream();
        Create(4, 3).Save(stream);
        ParameterBlock block = Create(2, 3);
        block.Span.Fill(7);
        Assert.Contains("shape [3, 4] where the network has [3, 2]", Assert.Throws<InvalidDataException>(() => block.Load(stream.ToArray())).Message);
        Assert.All(block.Span.ToArray(), value => Assert.Equal(7, value));
    }

    [Fact]
    public void HalfAndBfloat16AreConverted()
    {
        ParameterBlock block = Create(1, 3);
        byte[] File(string type, params ushort[] bits)
        {
            string header = """{"dense1.weight":{"dtype":"TYPE","shape":[3,1],"data_offsets":[0,6]},"dense1.bias":{"dtype":"F32","shape":[3],"data_offsets":[6,18]}}""".Replace("TYPE", type);
            byte[] file = new byte[8 + header.Length + 18];
            BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
            Encoding.UTF8.GetBytes(header, file.AsSpan(8));
            for (int i = 0; i < bits.Length; i++) BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8 + header.Length + 2 * i), bits[i]);
            return file;
        }
        block.Load(File("F16", 0x3C00, 0xFC00, 0x0001));
        Assert.Equal([1, float.NegativeInfinity, 5.9604645e-8f], block.Tensors["dense1.weight"].ToArray());
        block.Load(File("BF16", 0x3F80, 0xC049, 0x0001));
        Assert.Equal([1, -3.140625f, 9.1835e-41f], block.Tensors["dense1.weight"].ToArray());
        Assert.Contains("type I16 where F32, F16 and BF16 are read", Assert.Throws<InvalidDataException>(() => block.Load(File("I16"))).Message);
    }

    [Fact]
    public void TextThatIsNotUtf8IsRefused()
    {
        byte[] header = [.. "{\"a"u8, 0xC3, 0x28, .. "\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"u8];
        byte[] file = [.. BitConverter.GetBytes((long)header.Length), .. header, 0, 0, 0, 0];
        Assert.Contains("JSON", Assert.Throws<InvalidDataException>(() => Create(2, 3).Load(file)).Message);
    }

    [Fact]
    public void MutationsAreReadOrRefused()
    {
        using var stream = new MemoryStream();
        Create(5, 3).Save(stream);
        byte[] valid = stream.ToArray();
        int headerEnd = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(valid);
        byte[][] pieces = [.. new[] { "{", "}", "[", "]", ",", ":", "\"", "0", "-1", "1e9", "99999999999999999999", "null", "\"F16\"", "\"shape\"", "__metadata__", "\\u0000" }.Select(Encoding.UTF8.GetBytes)];
        var random = new Random(1);
        ParameterBlock block = Create(5, 3);
        int refused = 0, read = 0;
        const int Mutations = 200_000;
        for (int i = 0; i < Mutations; i++)
        {
            // Most damage is done where it matters: to the header.
            byte[] mutated = [.. valid[..(random.Next(8) == 0 ? random.Next(valid.Length) : valid.Length)]];
            for (int change = random.Next(4); change >= 0 && mutated.Length > 0; change--)
            {
                int at = random.Next(random.Next(4) == 0 ? mutated.Length : Math.Min(headerEnd, mutated.Length));
                byte[] piece = random.Next(2) == 0 ? [(byte)random.Next(256)] : pieces[random.Next(pieces.Length)];
                if (random.Next(3) == 0) mutated = [.. mutated[..at], .. piece, .. mutated[Math.Min(at + random.Next(4), mutated.Length)..]];
                else piece.AsSpan(0, Math.Min(piece.Length, mutated.Length - at)).CopyTo(mutated.AsSpan(at));
            }
            if (random.Next(2) == 0 && mutated.Length >= 8) BinaryPrimitives.WriteInt64LittleEndian(mutated, headerEnd - 8 + mutated.Length - valid.Length);
            try
            {
                block.Load(mutated);
                read++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, Mutations / 2, Mutations);
        Assert.True(read > 1_000, "hardly any mutation was read");
    }

    [Fact]
    public void AFailedWriteKeepsTheOldFile()
    {
        ParameterBlock block = Create(2, 3);
        block.Save(FilePath);
        byte[] before = File.ReadAllBytes(FilePath);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(FilePath, stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException();
        }));
        Assert.Equal(before, File.ReadAllBytes(FilePath));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void PermissionsLinksAndLongNamesStay()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Permissions are Unix's.");
        if (OperatingSystem.IsWindows()) return;
        ParameterBlock block = Create(2, 3);
        string target = Path.Combine(_folder, new string('n', 240)), link = Path.Combine(_folder, "latest");
        File.WriteAllText(target, "");
        File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(link, target);
        block.Save(link);
        Assert.Equal(target, File.ResolveLinkTarget(link, returnFinalTarget: true)!.FullName);
        Create(2, 3).Load(target);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(target));

        File.SetUnixFileMode(target, UnixFileMode.UserRead);
        Assert.Contains("read-only", Assert.Throws<UnauthorizedAccessException>(() => block.Save(target)).Message);
    }

    private static ParameterBlock Create(int inputs, int outputs)
    {
        int stride = Dense.Stride(outputs), biasOffset = (inputs * stride + 15) / 16 * 16;
        return new ParameterBlock(
            [
                new TensorLayout("dense1.weight", [outputs, inputs], 0, [1, stride], true),
                new TensorLayout("dense1.bias", [outputs], biasOffset, [1], false),
            ],
            biasOffset + (stride + 15) / 16 * 16, biasOffset, inputs, outputs);
    }
}
