using System.Text;

namespace SimdNet.Benchmarks;

/// <summary>Writes the smallest ONNX model there is: one operator on a vector of floats (protocol buffers, by the fields of onnx.proto).</summary>
internal static class OnnxModel
{
    public static byte[] Elementwise(string operatorName, int length)
    {
        byte[] type = Message(1, [.. Number(1, 1), .. Message(2, Message(1, Number(1, length)))]);
        byte[] graph =
        [
            .. Message(1, [.. Text(1, "x"), .. Text(2, "y"), .. Text(4, operatorName)]),
            .. Text(2, "function"),
            .. Message(11, [.. Text(1, "x"), .. Message(2, type)]),
            .. Message(12, [.. Text(1, "y"), .. Message(2, type)]),
        ];
        return [.. Number(1, 8), .. Message(7, graph), .. Message(8, Number(2, 17))];
    }

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
