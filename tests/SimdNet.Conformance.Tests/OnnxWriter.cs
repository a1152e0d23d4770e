using System.Runtime.InteropServices;
using System.Text;

namespace SimdNet.Conformance.Tests;

/// <summary>
/// Writes an ONNX model whose inputs and outputs are floats: protocol buffers, whose field numbers are those of onnx.proto
/// (github.com/onnx/onnx).
/// </summary>
/// <param name="opset">The version of the operators.</param>
internal class OnnxWriter(int opset)
{
    private const int IrVersion = 10, Float = 1, Int64 = 7;

    private readonly List<byte> _graph = [];
    private int _names;

    /// <summary>Adds a node of one output and returns its name, one of its own.</summary>
    /// <param name="operation">The operator: <c>Conv</c>.</param>
    /// <param name="inputs">Names of values; empty for an optional input that is left out.</param>
    /// <param name="attributes">An <c>int</c>, <c>int[]</c>, <c>float</c> or <c>string</c> each.</param>
    public string Node(string operation, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string output = NewName(operation);
        Node(operation, inputs, [output], attributes);
        return output;
    }

    /// <summary>Adds a node whose outputs have given names; empty for one that is left out.</summary>
    /// <inheritdoc cref="Node(string, string[], ValueTuple{string, object}[])"/>
    public void Node(string operation, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes) => _graph.AddRange(Message(
        1, [.. inputs.SelectMany(input => Text(1, input)), .. outputs.SelectMany(output => Text(2, output)), .. Text(4, operation), .. attributes.SelectMany(Attribute)]));

    /// <summary>Adds a constant of floats and returns its name.</summary>
    public string Floats(IEnumerable<int> shape, float[] values) => Initializer(shape, Float, MemoryMarshal.AsBytes<float>(values));

    /// <summary>Adds a constant vector of 64-bit integers, a shape for example, and returns its name.</summary>
    public string Integers(params long[] values) => Initializer([values.Length], Int64, MemoryMarshal.AsBytes<long>(values));

    /// <summary>The whole model of one input and one output.</summary>
    public byte[] Model(string input, IEnumerable<int> inputShape, string output) => Model([(input, [.. inputShape])], [output]);

    /// <summary>The whole model.</summary>
    public byte[] Model((string Name, int[] Shape)[] inputs, string[] outputs)
    {
        byte[] graph = [.. _graph, .. Text(2, "graph"), .. inputs.SelectMany(input => Value(11, input.Name, [.. Number(1, Float), .. Sizes(input.Shape)])), .. outputs.SelectMany(output => Value(12, output, Number(1, Float)))];
        return [.. Number(1, IrVersion), .. Message(7, graph), .. Message(8, Number(2, opset))];

        static byte[] Sizes(int[] shape) => Message(2, [.. shape.SelectMany(size => Message(1, Number(1, size)))]);
    }

    private string Initializer(IEnumerable<int> shape, int type, ReadOnlySpan<byte> values)
    {
        string name = NewName("constant");
        _graph.AddRange(Message(5, [.. shape.SelectMany(size => Number(1, size)), .. Number(2, type), .. Text(8, name), .. Message(9, values.ToArray())]));
        return name;
    }

    private string NewName(string kind) => $"{kind}{++_names}";

    private static byte[] Attribute((string Name, object Value) attribute)
    {
        (int type, byte[] value) = attribute.Value switch
        {
            float number => (1, [.. Key(2, 5), .. BitConverter.GetBytes(number)]),
            int number => (2, Number(3, number)),
            string text => (3, Text(4, text)),
            int[] numbers => (7, [.. numbers.SelectMany(number => Number(8, number))]),
            _ => throw new ArgumentException($"{attribute.Name} is a {attribute.Value.GetType()}.", nameof(attribute)),
        };
        return Message(5, [.. Text(1, attribute.Name), .. value, .. Number(20, type)]);
    }

    private static byte[] Value(int field, string name, byte[] tensor) => Message(field, [.. Text(1, name), .. Message(2, Message(1, tensor))]);

    private static byte[] Number(int field, long value) => [.. Key(field, 0), .. Variable((ulong)value)];

    private static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Message(int field, byte[] content) => [.. Key(field, 2), .. Variable((ulong)content.Length), .. content];

    private static byte[] Key(int field, int wireType) => Variable((ulong)(field << 3 | wireType));

    private static byte[] Variable(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
