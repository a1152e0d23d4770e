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
        ["Elu"] = Elu,
        ["Selu"] = _ => new(x => x.Selu(), (onnx, x) => onnx.Node("Selu", [x])),
        ["Gelu"] = Gelu,
        ["Silu"] = _ => new(x => x.Silu(), (onnx, x) => onnx.Node("Mul", [x, onnx.Node("Sigmoid", [x])])),
        ["Mish"] = _ => new(x => x.Mish(), (onnx, x) => onnx.Node("Mish", [x])),
        ["Softplus"] = _ => new(x => x.Softplus(), (onnx, x) => onnx.Node("Softplus", [x])),
        ["Softsign"] = _ => new(x => x.Softsign(), (onnx, x) => onnx.Node("Softsign", [x])),
        ["HardSigmoid"] = _ => new(x => x.HardSigmoid(), (onnx, x) => onnx.Node("HardSigmoid", [x], ("alpha", 1f / 6), ("beta", 0.5f))),
        ["HardSwish"] = _ => new(x => x.HardSwish(), (onnx, x) => onnx.Node("HardSwish", [x])),
    };

    /// <summary>Each activation by itself.</summary>
    public static Dictionary<string, Func<Configuration, LayerCase>> Rows() => Kinds.ToDictionary(kind => kind.Key, kind => (Func<Configuration, LayerCase>)(draw => Alone(draw, kind.Value(draw))));

    /// <summary>One of them, or none.</summary>
    public static Activation Any(Configuration draw)
    {
        string name = draw.Choice("activation", [.. Kinds.Keys, "none"]);
        return Kinds.TryGetValue(name, out Func<Configuration, Activation>? kind) ? kind(draw) : new(x => x, (_, x) => x);
    }

    /// <summary>Behind a layer, so that images lie in another order inside; ONNX stretches the slopes from the last axis on.</summary>
    public static LayerCase PRelu(Configuration draw)
    {
        int[] shape = draw.Shape(1, 2, 3);
        int channels = draw.Integer("channels", 1, 40);
        return new(
            shape, x => GraphCases.Project(x, channels).PRelu(),
            (onnx, x) =>
            {
                string slopes = onnx.Node("Reshape", [onnx.Parameter("pRelu1.weight"), shape.Length == 3 ? onnx.Integers([channels, 1, 1]) : onnx.Integers([channels])]);
                return onnx.Node("PRelu", [GraphCases.Project(onnx, x, shape, 1), slopes]);
            },
            40);
    }

    private static LayerCase Alone(Configuration draw, Activation activation) =>
        new(draw.Shape(1, 2, 3), activation.Network, activation.Onnx) { InputScale = draw.Choice("scale", 0.01f, 1, 30) };

    private static Activation LeakyRelu(Configuration draw)
    {
        float slope = draw.Choice("slope", 0.01f, 0.3f, 1.5f);
        return new(x => x.LeakyRelu(slope), (onnx, x) => onnx.Node("LeakyRelu", [x], ("alpha", slope)));
    }

    private static Activation Elu(Configuration draw)
    {
        float alpha = draw.Choice("alpha", 0.5f, 1, 2);
        return new(x => x.Elu(alpha), (onnx, x) => onnx.Node("Elu", [x], ("alpha", alpha)));
    }

    private static Activation Gelu(Configuration draw)
    {
        bool approximate = draw.Flag("approximate");
        return new(x => x.Gelu(approximate), (onnx, x) => onnx.Node("Gelu", [x], ("approximate", approximate ? "tanh" : "none")));
    }
}
