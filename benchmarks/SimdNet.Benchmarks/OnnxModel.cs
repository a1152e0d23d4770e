using System.Runtime.InteropServices;
using System.Text;

namespace SimdNet.Benchmarks;

/// <summary>Writes small ONNX models: one operator on a vector, or a chain of dense layers (protocol buffers, by the fields of onnx.proto).</summary>
internal static class OnnxModel
{
    public static byte[] Elementwise(string operatorName, int length)
    {
        byte[] shape = Type(length);
        return Model([.. Message(1, Node(operatorName, ["x"], "y")), .. Value(11, "x", shape), .. Value(12, "y", shape)]);
    }

    /// <summary>The network for one sample.</summary>
    /// <param name="network">Dense layers with their weights.</param>
    /// <param name="hidden">The operator after each layer but the last.</param>
    /// <param name="final">The operator after the last; empty for none.</param>
    public static byte[] Dense(INetwork network, string hidden, string final)
    {
        var graph = new List<byte>();
        Tensor[] weights = [.. network.Tensors.Where(tensor => tensor.Shape.Count == 2)], biases = [.. network.Tensors.Where(tensor => tensor.Shape.Count == 1)];
        string value = "x";
        for (int layer = 0; layer < weights.Length; layer++)
        {
            string activation = layer == weights.Length - 1 ? final : hidden, result = layer == weights.Length - 1 ? "y" : "h" + layer, sum = activation.Length == 0 ? result : "z" + layer;
            byte[] transposed = [.. Text(1, "transB"), .. Number(3, 1), .. Number(20, 2)];
            graph.AddRange(Message(1, [.. Node("Gemm", [value, "w" + layer, "b" + layer], sum), .. Message(5, transposed)]));
            if (activation.Length > 0) graph.AddRange(Message(1, Node(activation, [sum], result)));
            graph.AddRange(Initializer("w" + layer, weights[layer]));
            graph.AddRange(Initializer("b" + layer, biases[layer]));
            value = result;
        }
        return Model([.. graph, .. Value(11, "x", Type(1, network.InputSize)), .. Value(12, "y", Type(1, network.OutputSize))]);
    }

    private static byte[] Model(byte[] graph) => [.. Number(1, 9), .. Message(7, [.. graph, .. Text(2, "graph")]), .. Message(8, Number(2, 20))];

    private static byte[] Node(string operatorName, string[] inputs, string output) => [.. inputs.SelectMany(input => Text(1, input)), .. Text(2, output), .. Text(4, operatorName)];

    private static byte[] Initializer(string name, Tensor tensor) =>
        Message(5, [.. tensor.Shape.SelectMany(size => Number(1, size)), .. Number(2, 1), .. Text(8, name), .. Message(9, MemoryMarshal.AsBytes<float>(tensor.ToArray()).ToArray())]);

    private static byte[] Value(int field, string name, byte[] type) => Message(field, [.. Text(1, name), .. Message(2, type)]);

    private static byte[] Type(params int[] shape) => Message(1, [.. Number(1, 1), .. Message(2, [.. shape.SelectMany(size => Message(1, Number(1, size)))])]);

    private static byte[] Number(int field, long value) => [.. Variable((ulong)field << 3), .. Variable((ulong)value)];

    private static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Message(int field, byte[] content) => [.. Variable(((ulong)field << 3) | 2), .. Variable((ulong)content.Length), .. content];

    private static byte[] Variable(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
