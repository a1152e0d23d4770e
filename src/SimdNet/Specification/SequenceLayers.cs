using System.Collections.Generic;
using SimdNet.Kernels;
using SimdNet.Layers;

namespace SimdNet.Specification;

/// <summary>A row of a table for each token.</summary>
internal sealed record EmbeddingSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, int Vocabulary, int Steps, int Width)
    : LayerSpec(Name, Inputs, OutputShape)
{
    public override LayerSpec ToOneStep() => this with { OutputShape = OneStepShape, Steps = 1 };

    public override IReadOnlyList<TensorSpec> Tensors
    {
        get
        {
            int stride = SumOrder.PaddedOutputs(Width);
            return [new("weight", new([Vocabulary, Width]), new([Vocabulary, Width]), new([stride, 1]), Vocabulary * stride, TensorRole.Weight, Initializer.Normal)];
        }
    }

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("EmbeddingOperation", Vocabulary, Width, Steps, offsets[0]);
}

/// <summary>A learned row that is added to each step of a sequence.</summary>
/// <param name="Steps">The rows of the table.</param>
internal sealed record PositionsSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, int Steps) : LayerSpec(Name, Inputs, OutputShape)
{
    public override LayerSpec ToOneStep() => this with { OutputShape = OneStepShape };

    public override bool HasState => true;

    public override IReadOnlyList<TensorSpec> Tensors
    {
        get
        {
            EquatableArray<int> shape = new([Steps, OutputShape[1]]);
            return [new("weight", shape, shape, new([OutputShape[1], 1]), Shapes.Length(shape), TensorRole.Bias, Initializer.Normal)];
        }
    }

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("PositionsOperation", Steps, OutputShape[1], offsets[0]);
}

/// <summary>Multi-head self attention.</summary>
/// <param name="Steps">The time steps of a sequence, or the most of a stream.</param>
internal sealed record AttentionSpec(
    string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, int Steps, int Heads, int KeyValueHeads, bool IsCausal, bool IsRotary, bool HasBias)
    : LayerSpec(Name, Inputs, OutputShape)
{
    public override LayerSpec? ToOneStep() => IsCausal ? this with { OutputShape = OneStepShape } : null;

    public override bool HasState => true;

    public override IReadOnlyList<TensorSpec> Tensors
    {
        get
        {
            int width = OutputShape[1], projected = width + 2 * (width / Heads * KeyValueHeads);
            int inStride = SumOrder.PaddedOutputs(projected), outStride = SumOrder.PaddedOutputs(width);
            var tensors = new List<TensorSpec>
            {
                new("in_proj_weight", new([projected, width]), new([projected, width]), new([1, inStride]), width * inStride, TensorRole.Weight, Initializer.GlorotUniform, width, projected),
                new("out_proj.weight", new([width, width]), new([width, width]), new([1, outStride]), width * outStride, TensorRole.Weight, Initializer.GlorotUniform, width, width),
            };
            if (HasBias)
            {
                tensors.Add(TensorSpec.Vector("in_proj_bias", projected, inStride, TensorRole.Bias, Initializer.Zeros));
                tensors.Add(TensorSpec.Vector("out_proj.bias", width, outStride, TensorRole.Bias, Initializer.Zeros));
            }
            return tensors;
        }
    }

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new(
        "AttentionOperation", Steps, OutputShape[1], Heads, KeyValueHeads, IsCausal, IsRotary,
        offsets[0], HasBias ? offsets[2] : -1, offsets[1], HasBias ? offsets[3] : -1);
}

/// <summary>The recurrent layers, named as the operations that compute them.</summary>
internal enum RecurrentKind
{
    SimpleRnn,
    Gru,
    Lstm,
}

/// <summary>A recurrent layer in one direction; weights and biases are drawn as in PyTorch, uniform within <c>±1 / sqrt(units)</c>.</summary>
internal sealed record RecurrentSpec(
    string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, RecurrentKind Kind, int Steps, int Features, int Units,
    bool ReturnSequences, bool IsReverse, bool ResetAfter, Activation Activation) : LayerSpec(Name, Inputs, OutputShape)
{
    /// <summary>With it, KaimingUniform draws within <c>±1 / sqrt(fan-in)</c>.</summary>
    private const float Sqrt5 = 2.236068f;

    public override LayerSpec? ToOneStep() => IsReverse ? null : this with { OutputShape = ReturnSequences ? OneStepShape : OutputShape, Steps = 1 };

    public override bool HasState => true;

    private int Gates => Kind switch { RecurrentKind.Lstm => RecurrentLayout.LstmGates, RecurrentKind.Gru => RecurrentLayout.GruGates, _ => RecurrentLayout.SimpleRnnGates };

    public override IReadOnlyList<TensorSpec> Tensors
    {
        get
        {
            int gate = RecurrentLayout.GateStride(Units), row = RecurrentLayout.InputStride(Gates, Units);
            return [Weight("weight_ih", Features), Weight("weight_hh", Units), Bias("bias_ih"), Bias("bias_hh")];

            TensorSpec Weight(string name, int inputs) => new(
                name, new([Gates * Units, inputs]), new([Gates, Units, inputs]), new([gate, 1, row]), inputs * row, TensorRole.Weight, Initializer.KaimingUniform, Units, Units, Sqrt5);

            TensorSpec Bias(string name) => new(
                name, new([Gates * Units]), new([Gates, Units]), new([gate, 1]), row, TensorRole.Bias, Initializer.KaimingUniform, Units, Units, Sqrt5);
        }
    }

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => Kind switch
    {
        RecurrentKind.Lstm => new("LstmOperation", Features, Units, Steps, ReturnSequences, IsReverse, offsets[0], offsets[1], offsets[2], offsets[3]),
        RecurrentKind.Gru => new("GruOperation", Features, Units, Steps, ReturnSequences, IsReverse, ResetAfter, offsets[0], offsets[1], offsets[2], offsets[3]),
        _ => new("SimpleRnnOperation", Features, Units, Steps, ReturnSequences, IsReverse, Activation, offsets[0], offsets[1], offsets[2], offsets[3]),
    };
}
