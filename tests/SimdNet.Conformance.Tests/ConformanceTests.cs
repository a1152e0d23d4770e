using SimdNet.Layers;
using Xunit;

namespace SimdNet.Conformance.Tests;

/// <summary>Every layer computes what ONNX Runtime computes: random sizes, parameters and inputs, from fixed seeds.</summary>
public class ConformanceTests
{
    private const int CasesOfALayer = 16;

    public static TheoryData<string, int> Cases() =>
        [.. LayerTable.Layers.Keys.SelectMany(layer => Enumerable.Range(1, CasesOfALayer).Select(number => (layer, number)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void AgreesWithOnnxRuntime(string layer, int number)
    {
        Assert.SkipWhen(OnnxRuntime.Missing is not null, OnnxRuntime.Missing ?? "");
        var draw = new Configuration(layer, number);
        int batch = draw.Integer("batch", 1, 3);
        LayerCase drawn = LayerTable.Layers[layer](draw);
        try
        {
            Compare(drawn, batch, draw);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(draw.ToString(), exception);
        }
    }

    private static void Compare(LayerCase layer, int batch, Configuration draw)
    {
        int[] resultShape = [];
        Network network = Network.Create(layer.Shape, Define, (ulong)(uint)draw.Seed);
        Randomise(network.Tensors, draw.Random);
        float[] input = Uniform(batch * network.InputSize, draw.Random, -layer.InputScale, layer.InputScale);
        if (layer.Vocabulary > 0) input = [.. input.Select(_ => (float)draw.Random.Next(layer.Vocabulary))];
        var actual = new float[batch * network.OutputSize];
        network.Forward(input, actual);

        var onnx = new OnnxGraph(network.Tensors);
        string result = layer.Onnx(onnx, "x");
        int[] inputShape = [batch, .. layer.Shape];
        (float[] expected, long[] shape) = OnnxRuntime.Run(onnx.Model("x", inputShape, result), "x", input, inputShape, result);

        Assert.Equal([batch, .. resultShape], shape.Select(size => (int)size));
        Tolerance.AssertAgrees(expected, actual, layer);

        Node Define(Node x)
        {
            Node defined = layer.Network(x);
            resultShape = [.. defined.Shape];
            return defined;
        }
    }

    /// <summary>What an initialiser leaves at zero or one would not show that it is in the wrong place.</summary>
    private static void Randomise(TensorTable tensors, Random random)
    {
        foreach (Tensor tensor in tensors.Where(tensor => tensor.Shape.Count == 1))
        {
            bool isScale = tensor.Name.EndsWith(".weight", StringComparison.Ordinal) || tensor.Name.EndsWith(".running_var", StringComparison.Ordinal);
            tensor.CopyFrom(Uniform(tensor.Length, random, isScale ? 0.25f : -1, isScale ? 2 : 1));
        }
    }

    private static float[] Uniform(int count, Random random, float least, float most) => [.. Enumerable.Range(0, count).Select(_ => least + (most - least) * random.NextSingle())];
}
