namespace SimdNet.Conformance.Tests;

/// <summary>An ONNX model with the parameters of a network.</summary>
internal sealed class OnnxGraph(TensorTable tensors) : OnnxWriter(opset: 23)
{
    /// <summary>The network's tensor of that name, as a constant.</summary>
    public string Parameter(string name) => Floats(tensors[name].Shape, tensors[name].ToArray());

    /// <summary>A recurrent layer's tensor with its gates in another order, each of <paramref name="length"/> floats.</summary>
    public float[] Gates(string name, int[] gates, int length)
    {
        float[] values = tensors[name].ToArray();
        return [.. gates.SelectMany(gate => values.Skip(gate * length).Take(length))];
    }

    /// <summary>From (time, features) to the (channels, time) of ONNX, or back.</summary>
    public string Transposed(string x) => Node("Transpose", [x], ("perm", new[] { 0, 2, 1 }));

    /// <summary>What takes channels first, on an image or flat values as they lie, on a sequence between two transpositions.</summary>
    public string ChannelsFirst(string x, int[] shape, Func<string, string> node) => shape.Length == 2 ? Transposed(node(Transposed(x))) : node(x);

    /// <summary><c>y = x Wᵀ + b</c> over the last axis.</summary>
    public string Dense(string x, string layer, int[] shape)
    {
        string weight = Parameter(layer + ".weight"), bias = Parameter(layer + ".bias");
        return shape.Length == 1
            ? Node("Gemm", [x, weight, bias], ("transB", 1))
            : Node("Add", [Node("MatMul", [x, Node("Transpose", [weight], ("perm", new[] { 1, 0 }))]), bias]);
    }

    /// <summary>Batch normalisation with the running statistics.</summary>
    public string BatchNorm(string x, string layer, int[] shape, float epsilon = 1e-5f) => ChannelsFirst(x, shape, z => Node(
        "BatchNormalization", [z, Parameter(layer + ".weight"), Parameter(layer + ".bias"), Parameter(layer + ".running_mean"), Parameter(layer + ".running_var")], ("epsilon", epsilon)));
}
