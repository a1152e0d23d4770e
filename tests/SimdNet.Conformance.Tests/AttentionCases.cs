using SimdNet.Layers;

namespace SimdNet.Conformance.Tests;

/// <summary>Embeddings and attention, built of the operators that every runtime has.</summary>
internal static class AttentionCases
{
    public static LayerCase Embedding(Configuration draw)
    {
        int steps = draw.Integer("time", 1, 9), vocabulary = draw.Integer("vocabulary", 1, 30), width = draw.Integer("width", 1, 40);
        return new(
            [steps], x => x.Embedding(vocabulary, width),
            (onnx, x) => onnx.Node("Gather", [onnx.Parameter("embedding1.weight"), onnx.Node("Cast", [x], ("to", 7))], ("axis", 0)))
        { Vocabulary = vocabulary };
    }

    public static LayerCase PositionEmbedding(Configuration draw) =>
        new(draw.Shape(2), x => x.PositionEmbedding(), (onnx, x) => onnx.Node("Add", [x, onnx.Parameter("positionEmbedding1.weight")]));

    public static LayerCase MultiHeadAttention(Configuration draw)
    {
        int steps = draw.Integer("time", 1, 30), shared = draw.Integer("keyValueHeads", 1, 3), heads = shared * draw.Integer("group", 1, 3);
        bool causal = draw.Flag("causal"), rotary = draw.Flag("rotary"), bias = draw.Flag("bias");
        int head = draw.Integer("head width", 1, 9) * (rotary ? 2 : 1), width = heads * head, keys = shared * head;
        return new(
            [steps, width], x => x.MultiHeadAttention(heads, causal, shared, rotary, bias),
            (onnx, x) =>
            {
                string projected = Project(onnx, x, onnx.Parameter("multiHeadAttention1.in_proj_weight"), bias ? onnx.Parameter("multiHeadAttention1.in_proj_bias") : null);
                string q = Turned(onnx, Heads(onnx, Part(onnx, projected, 2, 0, width), steps, heads, head), rotary, steps, head);
                string k = Turned(onnx, Heads(onnx, Part(onnx, projected, 2, width, keys), steps, shared, head), rotary, steps, head);
                string v = Heads(onnx, Part(onnx, projected, 2, width + keys, keys), steps, shared, head);
                string groups = Groups(onnx, heads, shared);
                return Attend(
                    onnx, "multiHeadAttention1", q, onnx.Node("Gather", [k, groups], ("axis", 1)), onnx.Node("Gather", [v, groups], ("axis", 1)), steps, width, head, causal, bias);
            },
            2 * width + steps)
        { Growth = 4 };
    }

    /// <summary>To other steps, or to other features, of the same input.</summary>
    public static LayerCase CrossAttention(Configuration draw)
    {
        int steps = draw.Integer("time", 2, 30), shared = draw.Integer("keyValueHeads", 1, 3), heads = shared * draw.Integer("group", 1, 3);
        int head = draw.Integer("head width", 1, 9), width = heads * head, keys = shared * head;
        int seen = draw.Integer("memory's time", 1, steps), features = draw.Choice("memory's features", width, draw.Random.Next(1, 30));
        bool bias = draw.Flag("bias"), grouped = shared != heads;
        const string Layer = "crossAttention1";
        return new(
            [steps, width], x => x.CrossAttention(x.Slice(0, steps - seen, seen).Dense(features), heads, shared, bias),
            (onnx, x) =>
            {
                string memory = onnx.Dense(Part(onnx, x, 1, steps - seen, seen), "dense1", [seen, width]);
                string?[] biases = [.. "qkv".Select((letter, i) =>
                    !bias ? null : grouped ? onnx.Parameter($"{Layer}.{letter}_proj_bias") : Part(onnx, onnx.Parameter(Layer + ".in_proj_bias"), 0, i * width, width))];
                string[] weights = [.. "qkv".Select((letter, i) =>
                    grouped || features != width ? onnx.Parameter($"{Layer}.{letter}_proj_weight") : Part(onnx, onnx.Parameter(Layer + ".in_proj_weight"), 0, i * width, width))];
                string q = Heads(onnx, Project(onnx, x, weights[0], biases[0]), steps, heads, head), groups = Groups(onnx, heads, shared);
                string k = onnx.Node("Gather", [Heads(onnx, Project(onnx, memory, weights[1], biases[1]), seen, shared, head), groups], ("axis", 1));
                string v = onnx.Node("Gather", [Heads(onnx, Project(onnx, memory, weights[2], biases[2]), seen, shared, head), groups], ("axis", 1));
                return Attend(onnx, Layer, q, k, v, steps, width, head, causal: false, bias);
            },
            2 * width + keys + features + seen)
        { Growth = 4 };
    }

    /// <summary>The head of keys and values of each head of queries.</summary>
    private static string Groups(OnnxGraph onnx, int heads, int shared) => onnx.Integers([.. Enumerable.Range(0, heads).Select(number => (long)(number / (heads / shared)))]);

    /// <summary><c>softmax(q kᵀ / sqrt(head width)) v</c> of [batch, heads, steps, head width], and the layer's output projection.</summary>
    private static string Attend(OnnxGraph onnx, string layer, string q, string k, string v, int steps, int width, int head, bool causal, bool bias)
    {
        string product = onnx.Node("MatMul", [q, onnx.Node("Transpose", [k], ("perm", new[] { 0, 1, 3, 2 }))]);
        string scores = onnx.Node("Mul", [product, onnx.Floats([1], [1 / MathF.Sqrt(head)])]);
        if (causal) scores = onnx.Node("Add", [scores, onnx.Floats([steps, steps], [.. Enumerable.Range(0, steps * steps).Select(i => i % steps > i / steps ? -1e9f : 0)])]);
        string context = onnx.Node("Transpose", [onnx.Node("MatMul", [onnx.Node("Softmax", [scores], ("axis", -1)), v])], ("perm", new[] { 0, 2, 1, 3 }));
        return Project(
            onnx, onnx.Node("Reshape", [context, onnx.Integers([0, steps, width])]), onnx.Parameter(layer + ".out_proj.weight"), bias ? onnx.Parameter(layer + ".out_proj.bias") : null);
    }

    /// <summary>From [batch, steps, heads times width] to [batch, heads, steps, width].</summary>
    private static string Heads(OnnxGraph onnx, string x, int steps, int heads, int width) =>
        onnx.Node("Transpose", [onnx.Node("Reshape", [x, onnx.Integers([0, steps, heads, width])])], ("perm", new[] { 0, 2, 1, 3 }));

    /// <summary>Halves of a head are the pairs, turned by <c>step 10000^(-2 i / head width)</c>.</summary>
    private static string Turned(OnnxGraph onnx, string x, bool rotary, int steps, int width)
    {
        if (!rotary) return x;
        int half = width / 2;
        double[] angles = [.. Enumerable.Range(0, steps * half).Select(i => i / half * Math.Pow(10000, -2.0 * (i % half) / width))];
        string cosines = onnx.Floats([steps, half], [.. angles.Select(angle => (float)Math.Cos(angle))]), sines = onnx.Floats([steps, half], [.. angles.Select(angle => (float)Math.Sin(angle))]);
        string a = Part(onnx, x, 3, 0, half), b = Part(onnx, x, 3, half, half);
        string first = onnx.Node("Sub", [onnx.Node("Mul", [a, cosines]), onnx.Node("Mul", [b, sines])]);
        string second = onnx.Node("Add", [onnx.Node("Mul", [b, cosines]), onnx.Node("Mul", [a, sines])]);
        return onnx.Node("Concat", [first, second], ("axis", 3));
    }

    private static string Part(OnnxGraph onnx, string x, int axis, int start, int length) =>
        onnx.Node("Slice", [x, onnx.Integers([start]), onnx.Integers([start + length]), onnx.Integers([axis])]);

    private static string Project(OnnxGraph onnx, string x, string weight, string? bias)
    {
        string product = onnx.Node("MatMul", [x, onnx.Node("Transpose", [weight], ("perm", new[] { 1, 0 }))]);
        return bias is null ? product : onnx.Node("Add", [product, bias]);
    }
}
