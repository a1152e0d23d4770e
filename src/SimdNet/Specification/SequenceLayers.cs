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
            int stride = SumOrder.RowStride(Width);
            return [new("weight", new([Vocabulary, Width]), new([Vocabulary, Width]), new([stride, 1]), Vocabulary * stride, TensorRole.Weight, Initializer.Normal)];
        }
    }

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("EmbeddingOperation", Vocabulary, Width, Steps, offsets[0]);
}

/// <summary>A learned row that is added to each step of a sequence.</summary>
/// <param name="Steps">The rows of the table.</param>
internal sealed record PositionsSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, int Steps) : LayerSpec(Name, Inputs, OutputShape)
{
    public override LayerSpec? ToOneStep() => Steps <= MostStepsCounted ? this with { OutputShape = OneStepShape } : null;

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
    public override LayerSpec? ToOneStep() => IsCausal && Steps <= MostStepsCounted ? this with { OutputShape = OneStepShape } : null;

    /// <summary>The features of queries, keys and values.</summary>
    private int Projected => OutputShape[1] + 2 * (OutputShape[1] / Heads * KeyValueHeads);

    public override bool KeepsWeights => DenseSpec.IsWorthCopying(OutputShape[1], Projected);

    public override bool HasState => true;

    public override IReadOnlyList<TensorSpec> Tensors
    {
        get
        {
            int width = OutputShape[1], projected = Projected;
            int inStride = SumOrder.RowStride(projected), outStride = SumOrder.RowStride(width);
            var tensors = new List<TensorSpec>
            {
                new("in_proj_weight", new([projected, width]), new([projected, width]), new([1, inStride]), width * inStride, TensorRole.Weight, Initializer.GlorotUniform, width, projected),
                new("out_proj.weight", new([width, width]), new([width, width]), new([1, outStride]), width * outStride, TensorRole.Weight, Initializer.GlorotUniform, width, width),
            };
            if (HasBias)
            {
                tensors.Add(TensorSpec.Vector("in_proj_bias", projected, SumOrder.PaddedOutputs(projected), TensorRole.Bias, Initializer.Zeros));
                tensors.Add(TensorSpec.Vector("out_proj.bias", width, SumOrder.PaddedOutputs(width), TensorRole.Bias, Initializer.Zeros));
            }
            return tensors;
        }
    }

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new(
        "AttentionOperation", Steps, OutputShape[1], Heads, KeyValueHeads, IsCausal, IsRotary,
        offsets[0], HasBias ? offsets[2] : -1, offsets[1], HasBias ? offsets[3] : -1);
}

/// <summary>Multi-head attention to another sequence.</summary>
/// <param name="MemoryShape">The shape of the other sequence, the second input.</param>
internal sealed record CrossAttentionSpec(
    string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, EquatableArray<int> MemoryShape, int Heads, int KeyValueHeads, bool HasBias)
    : LayerSpec(Name, Inputs, OutputShape)
{
    private int Width => OutputShape[1];

    private int KeyWidth => Width / Heads * KeyValueHeads;

    /// <summary>The floats of all weights from width to width.</summary>
    private int Square => Width * SumOrder.RowStride(Width);

    private int BiasLength => SumOrder.PaddedOutputs(Width);

    /// <summary>The floats of the keys and values that a stream's state holds.</summary>
    public int MemoryLength => AttentionLayout.MemoryLength(MemoryShape[0], KeyWidth);

    private bool IsGrouped => KeyValueHeads != Heads;

    /// <summary>The three projections are matrices of their own in storage, and one tensor where their widths are equal, as in PyTorch.</summary>
    private bool IsOneTensor => MemoryShape[1] == Width && !IsGrouped;

    public override bool KeepsWeights => DenseSpec.IsWorthCopying(Width, Width) || DenseSpec.IsWorthCopying(MemoryShape[1], KeyWidth);

    public override IReadOnlyList<TensorSpec> Tensors
    {
        get
        {
            var tensors = new List<TensorSpec>();
            if (IsOneTensor)
            {
                tensors.Add(new(
                    "in_proj_weight", new([3 * Width, Width]), new([3, Width, Width]), new([Square, 1, Square / Width]), 3 * Square, TensorRole.Weight, Initializer.GlorotUniform, Width, 3 * Width));
            }
            else
            {
                tensors.Add(Weight("q_proj_weight", Width, Width));
                tensors.Add(Weight("k_proj_weight", MemoryShape[1], KeyWidth));
                tensors.Add(Weight("v_proj_weight", MemoryShape[1], KeyWidth));
            }
            tensors.Add(Weight("out_proj.weight", Width, Width));
            if (!HasBias) return tensors;
            if (IsGrouped)
            {
                tensors.Add(Bias("q_proj_bias", Width));
                tensors.Add(Bias("k_proj_bias", KeyWidth));
                tensors.Add(Bias("v_proj_bias", KeyWidth));
            }
            else
            {
                tensors.Add(new("in_proj_bias", new([3 * Width]), new([3, Width]), new([BiasLength, 1]), 3 * BiasLength, TensorRole.Bias, Initializer.Zeros));
            }
            tensors.Add(Bias("out_proj.bias", Width));
            return tensors;

            static TensorSpec Weight(string name, int inputs, int outputs)
            {
                int stride = SumOrder.RowStride(outputs);
                return new(name, new([outputs, inputs]), new([outputs, inputs]), new([1, stride]), inputs * stride, TensorRole.Weight, Initializer.GlorotUniform, inputs, outputs);
            }

            static TensorSpec Bias(string name, int outputs) => TensorSpec.Vector(name, outputs, SumOrder.PaddedOutputs(outputs), TensorRole.Bias, Initializer.Zeros);
        }
    }

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation)
    {
        int output = IsOneTensor ? 1 : 3, bias = output + 1;
        int[] weights = IsOneTensor ? [offsets[0], offsets[0] + Square, offsets[0] + 2 * Square] : [offsets[0], offsets[1], offsets[2]];
        int[] biases = !HasBias ? [-1, -1, -1] : IsGrouped ? [offsets[bias], offsets[bias + 1], offsets[bias + 2]] : [offsets[bias], offsets[bias] + BiasLength, offsets[bias] + 2 * BiasLength];
        return new(
            "CrossAttentionOperation", OutputShape[0], Width, MemoryShape[0], MemoryShape[1], Heads, KeyValueHeads, weights[0], weights[1], weights[2], biases[0], biases[1], biases[2],
            offsets[output], HasBias ? offsets[offsets.Count - 1] : -1);
    }
}

/// <summary>One time step of attention to a sequence whose keys and values the state holds.</summary>
/// <param name="Whole">The layer over the whole sequence.</param>
internal sealed record CrossAttentionStepSpec(CrossAttentionSpec Whole) : LayerSpec(Whole.Name, new([Whole.Inputs[0]]), new([1, Whole.OutputShape[1]]))
{
    public override bool HasState => true;

    public override IReadOnlyList<TensorSpec> Tensors => Whole.Tensors;

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => Whole.Operation(offsets, activation);
}

/// <summary>From a sequence to the state that holds its keys and values.</summary>
/// <param name="Whole">The layer that they are for.</param>
/// <param name="Input">The layer that gives the sequence.</param>
internal sealed record CrossAttentionMemorySpec(CrossAttentionSpec Whole, int Input) : LayerSpec(Whole.Name, new([Input]), new([Whole.MemoryLength]))
{
    public override IReadOnlyList<TensorSpec> Tensors => Whole.Tensors;

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("CrossAttentionMemoryOperation", Whole.Operation(offsets, activation));
}

/// <summary>What is the same in each step of a stream, and the state holds.</summary>
internal sealed record ContextSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape) : LayerSpec(Name, Inputs, OutputShape)
{
    public override bool HasState => true;

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("ContextOperation", OutputLength);
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

    public override bool KeepsWeights => RecurrentLayout.IsWorthCopying(Gates, Units);

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
