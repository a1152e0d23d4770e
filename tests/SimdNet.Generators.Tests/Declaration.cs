using System.Globalization;

namespace SimdNet.Tests;

/// <summary>One layer of a random declaration: its attribute, and what it means.</summary>
internal sealed record Layer(string Kind, int Units = 0, float Number = 0)
{
    public override string ToString() => Kind switch
    {
        "Dense" => $"Dense({Units})",
        "LeakyRelu" or "Dropout" => string.Create(CultureInfo.InvariantCulture, $"{Kind}({Number:R}f)"),
        _ => Kind,
    };
}

/// <summary>A network's declaration drawn at random: any chain that the layers allow.</summary>
internal sealed record Declaration(string Name, int[] InputShape, IReadOnlyList<Layer> Layers)
{
    private static readonly string[] Activations = ["Relu", "LeakyRelu", "Sigmoid", "Tanh"];

    public int InputSize => InputShape.Aggregate(1, (product, size) => product * size);

    public string Source => $"/// <summary>Drawn at random.</summary>\n[SimdNet.Network({string.Join(", ", InputShape)})]\n[{string.Join(", ", Layers)}]\npublic sealed partial class {Name};\n";

    public static Declaration Random(string name, Random random)
    {
        int[] shape = random.Next(4) == 0 ? [random.Next(1, 4), random.Next(1, 6)] : [Width(random)];
        var layers = new List<Layer>();
        if (random.Next(5) == 0) layers.Add(Elementwise(random));
        if (shape.Length > 1) layers.Add(new Layer("Flatten"));
        for (int count = random.Next(1, 5); count > 0; count--)
        {
            layers.Add(new Layer("Dense", Width(random)));
            while (random.Next(3) > 0) layers.Add(Elementwise(random));
        }
        if (random.Next(3) == 0) layers.Add(new Layer("Softmax"));
        return new Declaration(name, shape, layers);
    }

    private static int Width(Random random) => random.Next(6) switch
    {
        0 => random.Next(1, 5),
        1 => random.Next(5, 9),
        2 => 16 * random.Next(1, 10),
        3 => random.Next(100, 200),
        _ => random.Next(1, 70),
    };

    private static Layer Elementwise(Random random) => random.Next(4) == 0
        ? new Layer("Dropout", Number: random.Next(3) * 0.25f)
        : Activations[random.Next(Activations.Length)] is var kind && kind == "LeakyRelu" ? new Layer(kind, Number: 0.1f) : new Layer(kind);
}
