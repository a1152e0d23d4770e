using System.Buffers.Binary;
using System.IO.Compression;

namespace SimdNet.Data;

/// <summary>
/// Reads the IDX format in which the MNIST digits are distributed: two zero bytes, a type, the number of dimensions,
/// their sizes as big-endian integers, then the elements. Files compressed by gzip are recognised.
/// </summary>
public static class Idx
{
    private const int LargestRank = 8;

    /// <summary>Reads a file of any element type as floats.</summary>
    /// <returns>The shape, and the elements in row-major order.</returns>
    /// <exception cref="InvalidDataException">The file is not in the format, or is damaged; the message says where.</exception>
    public static (int[] Shape, float[] Values) ReadSingles(string path)
    {
        (byte type, int[] shape, byte[] data) = Read(path);
        int size = ElementSize(type);
        var values = new float[data.Length / size];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> element = data.AsSpan(i * size, size);
            values[i] = type switch
            {
                0x08 => element[0],
                0x09 => (sbyte)element[0],
                0x0B => BinaryPrimitives.ReadInt16BigEndian(element),
                0x0C => BinaryPrimitives.ReadInt32BigEndian(element),
                0x0D => BinaryPrimitives.ReadSingleBigEndian(element),
                _ => (float)BinaryPrimitives.ReadDoubleBigEndian(element),
            };
        }
        return (shape, values);
    }

    /// <summary>Reads a file of unsigned bytes, as images and labels are.</summary>
    /// <returns>The shape, and the elements in row-major order.</returns>
    /// <exception cref="InvalidDataException">The file is not in the format, is damaged, or has other elements.</exception>
    public static (int[] Shape, byte[] Values) ReadBytes(string path)
    {
        (byte type, int[] shape, byte[] data) = Read(path);
        return type == 0x08 ? (shape, data) : throw new InvalidDataException($"{Path.GetFileName(path)}: the elements are not unsigned bytes but of type 0x{type:X2}.");
    }

    private static (byte Type, int[] Shape, byte[] Data) Read(string path)
    {
        string name = Path.GetFileName(path);
        using FileStream file = File.OpenRead(path);
        bool isCompressed = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        using Stream stream = isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;

        Span<byte> header = stackalloc byte[4];
        ReadHeader(stream, header, name);
        byte type = header[2];
        int rank = header[3];
        if (header[0] != 0 || header[1] != 0) throw new InvalidDataException($"{name}: an IDX file begins with two zero bytes.");
        if (ElementSize(type) == 0) throw new InvalidDataException($"{name}: element type 0x{type:X2} is not known.");
        if (rank is 0 or > LargestRank) throw new InvalidDataException($"{name}: {rank} dimensions; 1 to {LargestRank} are supported.");

        var shape = new int[rank];
        long length = ElementSize(type);
        for (int i = 0; i < rank; i++)
        {
            ReadHeader(stream, header, name);
            uint size = BinaryPrimitives.ReadUInt32BigEndian(header);
            length *= size;
            if (size > int.MaxValue || length > Array.MaxLength) throw new InvalidDataException($"{name}: dimension {i} of {size} makes the data too large.");
            shape[i] = (int)size;
        }

        // The sizes are only a claim: memory grows with the bytes that are really there.
        using var data = new MemoryStream();
        var buffer = new byte[81920];
        while (data.Length <= length)
        {
            int count = stream.Read(buffer, 0, buffer.Length);
            if (count == 0) break;
            data.Write(buffer, 0, count);
        }
        return data.Length == length
            ? (type, shape, data.ToArray())
            : throw new InvalidDataException($"{name}: the shape [{string.Join(", ", shape)}] needs {length} bytes of data, but there are {(data.Length < length ? data.Length.ToString() : "more")}.");
    }

    private static void ReadHeader(Stream stream, Span<byte> bytes, string name)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new InvalidDataException($"{name}: the file ends inside its header.");
    }

    private static int ElementSize(byte type) => type switch
    {
        0x08 or 0x09 => 1,
        0x0B => 2,
        0x0C or 0x0D => 4,
        0x0E => 8,
        _ => 0,
    };
}
