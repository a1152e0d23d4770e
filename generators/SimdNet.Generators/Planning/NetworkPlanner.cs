using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SimdNet.Generators.Spec;
using SimdNet.Kernels;

namespace SimdNet.Generators.Planning;

/// <summary>Decides how a network is computed: what is fused, where tensors lie, what is unrolled and what is called.</summary>
internal static class NetworkPlanner
{
    /// <summary>Up to this many blocks of weights a layer is written out multiply-add by multiply-add.</summary>
    private const int StraightLineBlocks = 48;

    /// <summary>Rows of weights up to this many blocks fit one register tile of eight chains, so weights are read in order.</summary>
    private const int TileBlocks = 8;

    /// <summary>What a first-level cache of 48 KB holds of parameters.</summary>
    private const int FirstLevelFloats = 12 * 1024;

    /// <summary>Tensors begin on a 64-byte boundary.</summary>
    private const int TensorAlignment = 16;

    public static NetworkPlan Plan(NetworkSpec spec)
    {
        IReadOnlyList<DenseSpec> denseLayers = [.. spec.Layers.OfType<DenseSpec>()];
        var weightOffsets = new Dictionary<string, int>();
        var biasOffsets = new Dictionary<string, int>();
        int offset = 0;
        foreach (DenseSpec dense in denseLayers)
        {
            weightOffsets[dense.Name] = offset;
            offset += Align(dense.Inputs * SumOrder.PaddedOutputs(dense.Units));
        }
        int decayedLength = offset;
        foreach (DenseSpec dense in denseLayers)
        {
            biasOffsets[dense.Name] = offset;
            offset += Align(SumOrder.PaddedOutputs(dense.Units));
        }

        var operations = new List<OperationPlan>();
        int inputSize = Product(spec.InputShape);
        int stride = inputSize;
        for (int i = 0; i < spec.Layers.Count; i++)
        {
            LayerSpec layer = spec.Layers[i];
            int width = Product(layer.OutputShape);
            switch (layer)
            {
                case DenseSpec dense:
                    ActivationSpec? activation = i + 1 < spec.Layers.Count ? spec.Layers[i + 1] as ActivationSpec : null;
                    if (activation is not null) i++;
                    stride = SumOrder.PaddedOutputs(dense.Units);
                    operations.Add(PlanDense(dense, activation, stride, weightOffsets[dense.Name], biasOffsets[dense.Name], spec.Optimize));
                    break;
                case ActivationSpec standalone:
                    operations.Add(new ActivationPlan(layer.Name, width, stride, standalone));
                    break;
                case SoftmaxSpec:
                    operations.Add(new SoftmaxPlan(layer.Name, width, stride));
                    break;
                case DropoutSpec dropout when dropout.Rate > 0:
                    operations.Add(new DropoutPlan(layer.Name, width, stride, dropout.Rate));
                    break;
            }
        }

        IEnumerable<TensorPlan> weights = denseLayers.Select(dense => new TensorPlan(
            dense.Name + ".weight", [dense.Units, dense.Inputs], weightOffsets[dense.Name], dense.Inputs, dense.Units,
            SumOrder.PaddedOutputs(dense.Units), IsDecayed: true, dense.Initializer, dense.Slope));
        IEnumerable<TensorPlan> biases = denseLayers.Select(dense => new TensorPlan(
            dense.Name + ".bias", [dense.Units], biasOffsets[dense.Name], 1, dense.Units,
            SumOrder.PaddedOutputs(dense.Units), IsDecayed: false, Initializer.Zeros, 0));

        return new NetworkPlan(
            spec, operations, [.. weights, .. biases], inputSize,
            spec.Layers.Count == 0 ? inputSize : Product(spec.Layers[spec.Layers.Count - 1].OutputShape),
            denseLayers.Sum(dense => dense.Inputs * dense.Units + dense.Units), offset, decayedLength, Final(spec),
            BatchesBySample: offset <= FirstLevelFloats && operations.OfType<DensePlan>().Any() && operations.OfType<DensePlan>().All(dense => dense.Style != DenseStyle.Library));
    }

    private static DensePlan PlanDense(DenseSpec dense, ActivationSpec? activation, int stride, int weightOffset, int biasOffset, bool optimize)
    {
        int lanes = SumOrder.Lanes(dense.Units);
        int chains = SumOrder.Chains(dense.Inputs, dense.Units);
        int blocks = stride / lanes;
        (DenseStyle style, string reason) =
            !optimize ? (DenseStyle.Library, "library kernel, which is optimised in this Debug build too")
            : blocks > TileBlocks ? (DenseStyle.Library, $"library kernel: {Text(blocks)} blocks of outputs are more than one register tile")
            : blocks * dense.Inputs <= StraightLineBlocks ? (DenseStyle.StraightLine, $"written out, {Text(blocks * dense.Inputs)} multiply-adds of {Text(lanes)} floats")
            : (DenseStyle.Tile, $"register tile, {Text(blocks)} blocks of {Text(lanes)} outputs x {Text(chains)} chains");
        return new DensePlan(dense.Name, dense.Units, stride, dense.Inputs, activation, weightOffset, biasOffset, lanes, chains, style, reason);
    }

    private static FinalActivation Final(NetworkSpec spec) => spec.Layers.LastOrDefault() switch
    {
        SoftmaxSpec => FinalActivation.Softmax,
        ActivationSpec { Kind: ActivationKind.Sigmoid } => FinalActivation.Sigmoid,
        _ => FinalActivation.None,
    };

    private static int Product(IEnumerable<int> shape) => shape.Aggregate(1, (product, size) => product * size);

    private static int Align(int length) => (length + TensorAlignment - 1) / TensorAlignment * TensorAlignment;

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
