using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace SimdNet.Formats;

/// <summary>A tensor in a safetensors file: its name, element type, shape, and the place of its bytes in the data.</summary>
internal readonly record struct SafeTensor(string Name, string ElementType, long[] Shape, long Begin, long End);

/// <summary>A tensor to be written: its elements are asked for when their turn comes.</summary>
internal readonly record struct TensorSource(string Name, IReadOnlyList<int> Shape, Func<float[]> Elements);

/// <summary>
/// The safetensors format: the length of a JSON header in 8 little-endian bytes, the header with the name, type, shape
/// and place of every tensor, then the data without gaps (the format's own documentation at huggingface/safetensors).
/// </summary>
internal static class SafeTensors
{
    /// <summary>The format's own limit on the header.</summary>
    private const int LargestHeader = 100_000_000;

    private const string MetadataName = "__metadata__";

    /// <summary>The floats that are written or read at a time: tensors may be larger than a span of bytes.</summary>
    private const int Piece = 1 << 16;

    /// <summary>Writes tensors of 32-bit floats in the order given, and texts that go with them.</summary>
    public static void Write(Stream stream, IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(MetadataName);
                foreach ((string key, string text) in metadata) json.WriteString(key, text);
                json.WriteEndObject();
            }
            long begin = 0;
            foreach (TensorSource tensor in tensors)
            {
                long end = begin + tensor.Shape.Aggregate((long)sizeof(float), (bytes, size) => bytes * size);
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (int size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(begin);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                begin = end;
            }
            json.WriteEndObject();
        }
        while (header.Length % 8 != 0) header.WriteByte((byte)' ');

        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header.GetBuffer(), 0, (int)header.Length);
        foreach (TensorSource tensor in tensors)
        {
            float[] elements = tensor.Elements();
            if (!BitConverter.IsLittleEndian) ReverseBytes(elements);
            for (int i = 0; i < elements.Length; i += Piece)
                stream.Write(MemoryMarshal.AsBytes(elements.AsSpan(i, Math.Min(Piece, elements.Length - i))));
        }
    }

    /// <summary>Reads a file; what is thrown names it.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or does not fit.</exception>
    public static void ReadFile(string path, Action<Stream> read)
    {
        using FileStream file = File.OpenRead(path);
        try
        {
            read(file);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>Reads the header and checks everything it claims against the length of the file, where that is known.</summary>
    /// <returns>The tensors in the order of their data, which the stream then stands at, and the texts that go with them.</returns>
    /// <exception cref="InvalidDataException">The file is damaged; the message says where.</exception>
    public static (IReadOnlyList<SafeTensor> Tensors, IReadOnlyDictionary<string, string> Metadata) ReadHeader(Stream stream)
    {
        long? left = stream.CanSeek ? stream.Length - stream.Position : null;
        Span<byte> prefix = stackalloc byte[8];
        int read = stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false);
        if (read < 8) throw new InvalidDataException($"A safetensors file has at least 8 bytes; this one has {read}.");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > LargestHeader || (left is { } bytes && length > (ulong)(bytes - 8)))
            throw new InvalidDataException(length > LargestHeader ? $"The header claims {length} bytes; {LargestHeader} are the limit." : $"The file ends early: its header has {length} bytes, but {left - 8} follow.");

        var header = new byte[length];
        ReadExactly(stream, header);
        var tensors = new List<SafeTensor>();
        var metadata = new Dictionary<string, string>();
        try
        {
            ParseHeader(header, tensors, metadata);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or DecoderFallbackException)
        {
            throw new InvalidDataException("The header is not the JSON that the format asks for: " + exception.Message, exception);
        }
        tensors = [.. tensors.OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End)];
        CheckPlaces(tensors, left - 8 - (long)length);
        return (tensors, metadata);
    }

    /// <summary>Throws unless the file holds the tensors that are expected, and no others.</summary>
    /// <exception cref="InvalidDataException">It does not; the message lists what is missing, left over or of another shape.</exception>
    public static void CheckFit(IReadOnlyList<SafeTensor> found, IEnumerable<(string Name, IReadOnlyList<int> Shape)> expected)
    {
        var byName = found.ToDictionary(tensor => tensor.Name);
        var faults = new List<string>();
        foreach ((string name, IReadOnlyList<int> shape) in expected)
        {
            if (!byName.Remove(name, out SafeTensor stored)) faults.Add($"{name} is missing");
            else if (!stored.Shape.SequenceEqual(shape.Select(size => (long)size)))
                faults.Add($"{name} has shape [{string.Join(", ", stored.Shape)}] where the network has [{string.Join(", ", shape)}]");
            else if (!IsReadable(stored.ElementType)) faults.Add($"{name} has elements of type {stored.ElementType} where F32, F16 and BF16 are read");
        }
        faults.AddRange(byName.Keys.Order(StringComparer.Ordinal).Select(name => $"{name} is not in the network"));
        if (faults.Count > 0) throw new InvalidDataException("The file does not fit the network: " + string.Join("; ", faults) + ".");
    }

    /// <summary>Reads all tensors, and that nothing follows them.</summary>
    public static (string Name, float[] Elements)[] ReadAll(Stream stream, IReadOnlyList<SafeTensor> found)
    {
        (string Name, float[] Elements)[] read = [.. found.Select(stored => (stored.Name, Read(stream, stored)))];
        if (stream.ReadByte() >= 0) throw new InvalidDataException("Something follows the data that the header claims.");
        return read;
    }

    /// <summary>Whether elements of a type can be read as 32-bit floats without loss.</summary>
    public static bool IsReadable(string elementType) => elementType is "F32" or "F16" or "BF16";

    /// <summary>Reads the elements of the tensor that the stream stands at, of a readable type; half precision and bfloat16 are converted.</summary>
    public static float[] Read(Stream stream, SafeTensor tensor)
    {
        bool isSingle = tensor.ElementType == "F32", isHalf = tensor.ElementType == "F16";
        var elements = new float[(tensor.End - tensor.Begin) / (isSingle ? sizeof(float) : sizeof(ushort))];
        var bits = new ushort[isSingle ? 0 : Math.Min(Piece, elements.Length)];
        for (int begin = 0; begin < elements.Length; begin += Piece)
        {
            Span<float> piece = elements.AsSpan(begin, Math.Min(Piece, elements.Length - begin));
            if (isSingle)
            {
                ReadExactly(stream, MemoryMarshal.AsBytes(piece));
                if (!BitConverter.IsLittleEndian) ReverseBytes(piece);
                continue;
            }
            ReadExactly(stream, MemoryMarshal.AsBytes(bits.AsSpan(0, piece.Length)));
            if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(bits, bits);
            for (int i = 0; i < piece.Length; i++)
                piece[i] = isHalf ? (float)BitConverter.UInt16BitsToHalf(bits[i]) : BitConverter.UInt32BitsToSingle((uint)bits[i] << 16);
        }
        return elements;
    }

    /// <summary>Whether <see cref="View"/> can read a stream: one over a safe buffer, as a memory-mapped file's is, gives no pointer.</summary>
    public static unsafe bool HasPointer(UnmanagedMemoryStream stream)
    {
        try
        {
            return stream.PositionPointer is not null;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>The same from memory: 32-bit floats where they lie, without a copy.</summary>
    public static unsafe ReadOnlySpan<float> View(UnmanagedMemoryStream stream, SafeTensor tensor)
    {
        if (tensor.ElementType != "F32" || !BitConverter.IsLittleEndian) return Read(stream, tensor);
        byte* first = stream.PositionPointer;
        stream.Position += tensor.End - tensor.Begin;
        return new ReadOnlySpan<float>(first, (int)((tensor.End - tensor.Begin) / sizeof(float)));
    }

    private static void ReadExactly(Stream stream, Span<byte> bytes)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new InvalidDataException("The data ends before what the header claims.");
    }

    private static void ParseHeader(ReadOnlySpan<byte> header, List<SafeTensor> tensors, Dictionary<string, string> metadata)
    {
        if (header.IsEmpty || header[0] != '{') throw new JsonException("it does not begin with {");
        var names = new HashSet<string>();
        var reader = new Utf8JsonReader(header);
        Expect(ref reader, JsonTokenType.StartObject, "the header");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!names.Add(name)) throw new InvalidDataException($"Tensor \"{name}\" stands twice in the header.");
            Expect(ref reader, JsonTokenType.StartObject, name);
            if (name == MetadataName) ParseMetadata(ref reader, metadata);
            else tensors.Add(ParseTensor(ref reader, name));
        }
        if (reader.TokenType != JsonTokenType.EndObject) throw new JsonException("the header does not end");
        while (reader.Read()) throw new JsonException("something follows the header's object");
    }

    private static void ParseMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, MetadataName);
            if (!metadata.TryAdd(key, reader.GetString()!)) throw new InvalidDataException($"\"{key}\" stands twice in the metadata.");
        }
        if (reader.TokenType != JsonTokenType.EndObject) throw new JsonException("the metadata does not end");
    }

    private static SafeTensor ParseTensor(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string property = reader.GetString()!;
            switch (property)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String, name);
                    type = reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = Numbers(ref reader, name);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(ref reader, name);
                    break;
                default:
                    throw new InvalidDataException($"Tensor \"{name}\": \"{property}\" stands twice or is not known.");
            }
        }
        if (type is null || shape is null || offsets is not { Count: 2 })
            throw new InvalidDataException($"Tensor \"{name}\" needs dtype, shape and two data_offsets.");

        int size = ElementSize(type);
        if (size == 0) throw new InvalidDataException($"Tensor \"{name}\": element type {type} is not known.");
        ulong bytes = (ulong)size;
        foreach (long dimension in shape)
        {
            bytes = Math.BigMul(bytes, (ulong)dimension, out ulong product) == 0 && product <= long.MaxValue
                ? product
                : throw new InvalidDataException($"Tensor \"{name}\": the shape [{string.Join(", ", shape)}] is too large.");
        }
        if (offsets[0] > offsets[1] || (ulong)(offsets[1] - offsets[0]) != bytes)
            throw new InvalidDataException($"Tensor \"{name}\": the shape needs {bytes} bytes, but the offsets are {offsets[0]} and {offsets[1]}.");
        return new SafeTensor(name, type, [.. shape], offsets[0], offsets[1]);
    }

    private static List<long> Numbers(ref Utf8JsonReader reader, string name)
    {
        var numbers = new List<long>();
        Expect(ref reader, JsonTokenType.StartArray, name);
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            if (!reader.TryGetInt64(out long number) || number < 0)
                throw new InvalidDataException($"Tensor \"{name}\": sizes and offsets are whole numbers from 0.");
            numbers.Add(number);
        }
        return reader.TokenType == JsonTokenType.EndArray ? numbers : throw new JsonException($"a list of tensor \"{name}\" does not end");
    }

    /// <summary>The data must be covered by the tensors exactly: no overlap, no gap, nothing left over.</summary>
    private static void CheckPlaces(List<SafeTensor> tensors, long? dataLength)
    {
        long position = 0;
        foreach (SafeTensor tensor in tensors)
        {
            if (tensor.Begin != position)
                throw new InvalidDataException($"Tensor \"{tensor.Name}\" begins at byte {tensor.Begin} of the data, where {position} was expected.");
            position = tensor.End;
        }
        if (dataLength is { } length && position != length)
            throw new InvalidDataException($"The tensors need {position} bytes of data, but the file has {length}.");
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string where)
    {
        if (!reader.Read() || reader.TokenType != type) throw new JsonException($"expected {type} in {where}");
    }

    private static int ElementSize(string type) => type switch
    {
        "BOOL" or "U8" or "I8" or "F8_E5M2" or "F8_E4M3" => 1,
        "I16" or "U16" or "F16" or "BF16" => 2,
        "I32" or "U32" or "F32" => 4,
        "F64" or "I64" or "U64" => 8,
        _ => 0,
    };

    private static void ReverseBytes(Span<float> values)
    {
        Span<int> bits = MemoryMarshal.Cast<float, int>(values);
        BinaryPrimitives.ReverseEndianness(bits, bits);
    }
}
