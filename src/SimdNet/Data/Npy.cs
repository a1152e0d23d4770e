using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using SimdNet.Formats;

namespace SimdNet.Data;

/// <summary>An array of floats with its shape, in row-major order.</summary>
/// <param name="Shape">The sizes; empty for a single number.</param>
/// <param name="Values">The elements.</param>
public sealed record NpyArray(int[] Shape, float[] Values);

/// <summary>
/// Reads and writes the files of NumPy: <c>.npy</c>, one array, and <c>.npz</c>, a zip of named ones (the format is described
/// in NumPy's documentation, <c>numpy.lib.format</c>). Integers, floats of 16 to 64 bits and booleans are read as 32-bit floats; 32-bit floats are written.
/// </summary>
public static class Npy
{
    private const int LargestHeader = 1 << 20, LargestRank = 32;

    /// <summary>Reads an array.</summary>
    /// <exception cref="InvalidDataException">The file is not in the format, or is damaged; the message says where.</exception>
    public static NpyArray Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, Path.GetFileName(path));
    }

    /// <summary>Writes an array, whole or not at all.</summary>
    /// <exception cref="ArgumentException">The shape does not have that many elements, or has more than 32 sizes.</exception>
    public static void Write(string path, NpyArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        Check(array);
        AtomicFile.Write(path, stream => Write(stream, array));
    }

    /// <summary>Reads all arrays of a <c>.npz</c> file by their names.</summary>
    /// <exception cref="InvalidDataException">The file is not in the format, or is damaged; the message says where.</exception>
    public static IReadOnlyDictionary<string, NpyArray> ReadZip(string path)
    {
        using ZipArchive zip = ZipFile.OpenRead(path);
        var arrays = new Dictionary<string, NpyArray>();
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            string name = entry.FullName.EndsWith(".npy", StringComparison.Ordinal) ? entry.FullName[..^".npy".Length] : entry.FullName;
            using Stream stream = entry.Open();
            if (!arrays.TryAdd(name, Read(stream, $"{Path.GetFileName(path)}, {name}"))) throw new InvalidDataException($"{Path.GetFileName(path)}: the array \"{name}\" stands twice in the file.");
        }
        return arrays;
    }

    /// <summary>Writes arrays by their names as a compressed <c>.npz</c> file, whole or not at all.</summary>
    /// <exception cref="ArgumentException">A shape does not have that many elements.</exception>
    public static void WriteZip(string path, IReadOnlyDictionary<string, NpyArray> arrays)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        foreach (NpyArray array in arrays.Values) Check(array);
        AtomicFile.Write(path, stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach ((string name, NpyArray array) in arrays)
            {
                using Stream entry = zip.CreateEntry(name + ".npy").Open();
                Write(entry, array);
            }
        });
    }

    private static void Check(NpyArray array)
    {
        ArgumentNullException.ThrowIfNull(array.Shape, nameof(array));
        ArgumentNullException.ThrowIfNull(array.Values, nameof(array));
        if (array.Shape.Length > LargestRank) throw new ArgumentException($"The shape has {array.Shape.Length} sizes, but NumPy's arrays have at most {LargestRank}.", nameof(array));
        if (array.Shape.Any(size => size < 0)) throw new ArgumentException($"The shape [{string.Join(", ", array.Shape)}] has a negative size.", nameof(array));
        long count = Count(array.Shape);
        if (count != array.Values.Length)
            throw new ArgumentException($"The shape [{string.Join(", ", array.Shape)}] needs {(count > Array.MaxLength ? "more elements than an array holds" : $"{count} elements")}, but {array.Values.Length} were given.", nameof(array));
    }

    /// <summary>The elements of a shape, or more than an array holds.</summary>
    private static long Count(int[] shape) => shape.Contains(0) ? 0 : shape.Aggregate(1L, (product, size) => Math.Min(product * size, Array.MaxLength + 1L));

    private static void Write(Stream stream, NpyArray array)
    {
        string shape = string.Concat(array.Shape.Select(size => size.ToString(CultureInfo.InvariantCulture) + ", "));
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({(array.Shape.Length > 1 ? shape[..^2] : shape.TrimEnd())}), }}";

        // Magic, version and length are 10 bytes; the data begins on a multiple of 64.
        int length = (10 + header.Length + 1 + 63) / 64 * 64 - 10;
        Span<byte> start = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)length, (byte)(length >> 8)];
        stream.Write(start);
        stream.Write(Encoding.ASCII.GetBytes(header.PadRight(length - 1) + "\n"));
        Span<byte> element = stackalloc byte[sizeof(float)];
        var buffered = new BufferedStream(stream, 1 << 16);
        foreach (float value in array.Values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(element, value);
            buffered.Write(element);
        }
        buffered.Flush();
    }

    private static NpyArray Read(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[12];
        ReadFully(stream, start[..8], name);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw new InvalidDataException($"{name}: a NumPy file begins with the byte 0x93 and NUMPY.");
        int lengthSize = start[6] switch { 1 => 2, 2 or 3 => 4, _ => throw new InvalidDataException($"{name}: version {start[6]} of the format is not known.") };
        Span<byte> lengthBytes = start[8..(8 + lengthSize)];
        ReadFully(stream, lengthBytes, name);
        uint length = lengthSize == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > LargestHeader) throw new InvalidDataException($"{name}: the header claims {length} bytes; {LargestHeader} are the limit.");
        var header = new byte[length];
        ReadFully(stream, header, name);
        (string type, bool isFortran, int[] shape) = ParseHeader(Encoding.UTF8.GetString(header), name);

        (Func<ReadOnlySpan<byte>, float> convert, int size) = Converter(type, name);
        long count = Count(shape);
        if (count * size > Array.MaxLength) throw new InvalidDataException($"{name}: the shape [{string.Join(", ", shape)}] is too large.");

        // The shape is only a claim: memory grows with the bytes that are really there.
        var values = new List<float>();
        var buffer = new byte[8192 * size];
        while (true)
        {
            int read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (read == 0) break;
            if (read % size != 0 || values.Count + read / size > count) throw WrongLength();
            for (int i = 0; i < read; i += size)
            {
                Span<byte> element = buffer.AsSpan(i, size);
                if (type[0] == '>') element.Reverse();
                values.Add(convert(element));
            }
        }
        if (values.Count != count) throw WrongLength();
        return new NpyArray(shape, isFortran ? ToRowMajor(values, shape) : [.. values]);

        InvalidDataException WrongLength() => new($"{name}: the shape [{string.Join(", ", shape)}] needs {count * size} bytes of data, but there are more or fewer.");
    }

    private static void ReadFully(Stream stream, Span<byte> bytes, string name)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw new InvalidDataException($"{name}: the file ends inside its header.");
    }

    /// <summary>The header is a Python dictionary with three keys.</summary>
    private static (string Type, bool IsFortran, int[] Shape) ParseHeader(string header, string name)
    {
        string type = After("'descr':"), order = After("'fortran_order':"), shape = After("'shape':");
        int typeEnd = type.Length > 1 && type[0] == '\'' ? type.IndexOf('\'', 1) : -1, shapeEnd = shape.IndexOf(')');
        bool isFortran = order.StartsWith("True", StringComparison.Ordinal);
        if (typeEnd < 0 || shapeEnd < 0 || !shape.StartsWith('(') || (!isFortran && !order.StartsWith("False", StringComparison.Ordinal))) throw Damaged();
        string[] parts = shape[1..shapeEnd].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > LargestRank) throw Damaged();
        var sizes = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out sizes[i])) throw Damaged();
        }
        return (type[1..typeEnd], isFortran, sizes);

        string After(string key) => header.IndexOf(key, StringComparison.Ordinal) is >= 0 and var at ? header[(at + key.Length)..].TrimStart() : throw Damaged();

        InvalidDataException Damaged() => new($"{name}: the header is not the dictionary of descr, fortran_order and shape that the format asks for.");
    }

    /// <summary>Reads an element of such a type, whose bytes lie from the least to the most significant.</summary>
    private static (Func<ReadOnlySpan<byte>, float> Convert, int Size) Converter(string type, string name) => type switch
    {
        "<f4" or ">f4" => (BinaryPrimitives.ReadSingleLittleEndian, 4),
        "<f8" or ">f8" => (bytes => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes), 8),
        "<f2" or ">f2" => (bytes => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes), 2),
        "<i8" or ">i8" => (bytes => BinaryPrimitives.ReadInt64LittleEndian(bytes), 8),
        "<u8" or ">u8" => (bytes => BinaryPrimitives.ReadUInt64LittleEndian(bytes), 8),
        "<i4" or ">i4" => (bytes => BinaryPrimitives.ReadInt32LittleEndian(bytes), 4),
        "<u4" or ">u4" => (bytes => BinaryPrimitives.ReadUInt32LittleEndian(bytes), 4),
        "<i2" or ">i2" => (bytes => BinaryPrimitives.ReadInt16LittleEndian(bytes), 2),
        "<u2" or ">u2" => (bytes => BinaryPrimitives.ReadUInt16LittleEndian(bytes), 2),
        "|i1" => (bytes => (sbyte)bytes[0], 1),
        "|u1" or "|b1" => (bytes => bytes[0], 1),
        _ => throw new InvalidDataException($"{name}: elements of type {type} are not numbers that can be read."),
    };

    /// <summary>Fortran's order has the first index run fastest.</summary>
    private static float[] ToRowMajor(List<float> values, int[] shape)
    {
        var result = new float[values.Count];
        var index = new int[shape.Length];
        foreach (float value in values)
        {
            int place = 0;
            for (int axis = 0; axis < shape.Length; axis++) place = place * shape[axis] + index[axis];
            result[place] = value;
            for (int axis = 0; axis < shape.Length && ++index[axis] == shape[axis]; axis++) index[axis] = 0;
        }
        return result;
    }
}
