using SimdNet.Layers;

namespace SimdNet.Conformance.Tests;

/// <summary>An activation, said twice.</summary>
internal sealed record Activation(Func<Node, Node> Network, Func<OnnxGraph, string, string> Onnx);

/// <summary>The activations: each is compared by itself, and behind dense layers and convolutions, which it is fused with.</summary>
internal static class ActivationCases
{
    private static readonly Dictionary<string, Func<Configuration, Activation>> Kinds = new()
    {
        ["Relu"] = _ => new(x => x.Relu(), (onnx, x) => onnx.Node("Relu", [x])),
        ["LeakyRelu"] = LeakyRelu,
        ["Sigmoid"] = _ => new(x => x.Sigmoid(), (onnx, x) => onnx.Node("Sigmoid", [x])),
        ["Tanh"] = _ => new(x => x.Tanh(), (onnx, x) => onnx.Node("Tanh", [x])),
    };

    /// <summary>Each activation by itself.</summary>
    public static Dictionary<string, Func<Configuration, LayerCase>> Rows() => Kinds.ToDictionary(kind => kind.Key, kind => (Func<Configuration, LayerCase>)(draw => Alone(draw, kind.Value(draw))));

    /// <summary>One of them, or none.</summary>
    public static Activation Any(Configuration draw)
    {
        string name = draw.Choice("activation", [.. Kinds.Keys, "none"]);
        return Kinds.TryGetValue(name, out Func<Configuration, Activation>? kind) ? kind(draw) : new(x => x, (_, x) => x);
    }

    private static LayerCase Alone(Configuration draw, Activation activation) =>
        new(draw.Shape(1, 2, 3), activation.Network, activation.Onnx) { InputScale = draw.Choice("scale", 0.01f, 1, 30) };

    private static Activation LeakyRelu(Configuration draw)
    {
        float slope = draw.Choice("slope", 0.01f, 0.3f, 1.5f);
        return new(x => x.LeakyRelu(slope), (onnx, x) => onnx.Node("LeakyRelu", [x], ("alpha", slope)));
    }
}
