using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SimdNet.Generators.Spec;
using SimdNet.Kernels;
using SimdNet.Specification;

namespace SimdNet.Generators.Planning;

/// <summary>Decides how a network is computed: what is fused, where tensors lie, what is unrolled and what is called.</summary>
internal static class NetworkPlanner
{
    /// <summary>Up to this many blocks of weights a layer is written out multiply-add by multiply-add.</summary>
    public const int StraightLineBlocks = 48;

    /// <summary>Rows of weights up to this many blocks fit one register tile of eight chains, so weights are read in order.</summary>
    public const int TileBlocks = 8;

    /// <summary>What a first-level cache of 48 KB holds of parameters.</summary>
    private const int FirstLevelFloats = 12 * 1024;

    /// <summary>Whether a network is a chain of dense layers on flat inputs, each with parameters of its own, and of what is computed on each element.</summary>
    public static bool IsDenseChain(GraphSpec graph) => graph.Layers.Select((layer, i) => (layer, i)).All(numbered =>
        numbered.layer.Inputs.SequenceEqual([numbered.i - 1]) && numbered.layer is DenseSpec { Rows: 1, SharedWith: null } or ActivationSpec { ReadsInputOnWayBack: false } or SoftmaxSpec { Rows: 1 } or ReshapeSpec or DropoutSpec);

    public static NetworkPlan Plan(NetworkSpec spec)
    {
        GraphSpec graph = spec.Graph;
        var parameters = new ParameterPlan(graph);
        var operations = new List<OperationPlan>();
        int stride = Shapes.Length(graph.InputShape);
        for (int i = 0; i < graph.Layers.Count; i++)
        {
            LayerSpec layer = graph.Layers[i];
            int width = layer.OutputLength;
            switch (layer)
            {
                case DenseSpec dense:
                    ActivationSpec? activation = i + 1 < graph.Layers.Count ? graph.Layers[i + 1] as ActivationSpec : null;
                    if (activation is not null) i++;
                    stride = SumOrder.PaddedOutputs(dense.Units);
                    operations.Add(PlanDense(dense, activation, stride, parameters.Offsets(dense), spec.Optimize));
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

        return new NetworkPlan(
            spec, operations, parameters,
            BatchesBySample: parameters.Length <= FirstLevelFloats && operations.OfType<DensePlan>().Any() && operations.OfType<DensePlan>().All(dense => dense.Style != DenseStyle.Library));
    }

    public static DensePlan PlanDense(DenseSpec dense, ActivationSpec? activation, int stride, IReadOnlyList<int> offsets, bool optimize)
    {
        int lanes = SumOrder.Lanes(dense.Units);
        int chains = SumOrder.Chains(dense.InputWidth, dense.Units);
        int blocks = stride / lanes;
        (DenseStyle style, string reason) =
            !optimize ? (DenseStyle.Library, "library kernel, which is optimised in this Debug build too")
            : blocks > TileBlocks ? (DenseStyle.Library, $"library kernel: {Text(blocks)} blocks of outputs are more than one register tile")
            : blocks * dense.InputWidth <= StraightLineBlocks ? (DenseStyle.StraightLine, $"written out, {Text(blocks * dense.InputWidth)} multiply-adds of {Text(lanes)} floats")
            : (DenseStyle.Tile, $"register tile, {Text(blocks)} blocks of {Text(lanes)} outputs x {Text(chains)} chains");
        return new DensePlan(dense.Name, dense.Units, stride, dense.InputWidth, activation, offsets[0], offsets[1], lanes, chains, style, reason);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
