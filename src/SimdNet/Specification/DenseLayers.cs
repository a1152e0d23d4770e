using System.Collections.Generic;
using System.Linq;
using SimdNet.Kernels;
using SimdNet.Layers;

namespace SimdNet.Specification;

/// <summary>A dense layer over the last axis: of a flat input, or of each time step of a sequence.</summary>
/// <param name="Slope">The slope of the relu that follows, for the initializer.</param>
internal sealed record DenseSpec(
    string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, int InputWidth, int Units, Initializer Initializer, float Slope)
    : LayerSpec(Name, Inputs, OutputShape)
{
    /// <summary>The rows of one sample.</summary>
    public int Rows => OutputLength / Units;

    /// <summary>Whether products of many rows are faster with a copy of such weights: they are summed in one chain, and the first-level cache does not keep them as they are.</summary>
    public static bool IsWorthCopying(int inputs, int outputs) => SumOrder.Chains(inputs, outputs) == 1 && (long)inputs * SumOrder.PaddedOutputs(outputs) >= 1 << 13;

    public override bool TakesActivation => true;

    public override bool KeepsWeights => Rows > 1 && IsWorthCopying(InputWidth, Units);

    public override Initializer? Weights => Initializer;

    public override LayerSpec WithWeights(Initializer initializer, float slope) => this with { Initializer = initializer, Slope = slope };

    public override LayerSpec ToOneStep() => this with { OutputShape = OneStepShape };

    public override IReadOnlyList<TensorSpec> Tensors
    {
        get
        {
            int stride = SumOrder.RowStride(Units);
            return
            [
                new("weight", new([Units, InputWidth]), new([Units, InputWidth]), new([1, stride]), InputWidth * stride, TensorRole.Weight, Initializer, InputWidth, Units, Slope),
                TensorSpec.Vector("bias", Units, SumOrder.PaddedOutputs(Units), TensorRole.Bias, Initializer.Zeros),
            ];
        }
    }

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) =>
        new("DenseOperation", Rows, InputWidth, Units, offsets[0], offsets[1]) { Activation = new(activation) };
}

/// <summary>An elementwise activation.</summary>
/// <param name="Slope">The slope of the leaky relu, or the alpha of elu.</param>
internal sealed record ActivationSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, ActivationKind Kind, float Slope)
    : LayerSpec(Name, Inputs, OutputShape)
{
    public override bool IsElementwise => true;

    public override LayerSpec ToOneStep() => this with { OutputShape = OneStepShape };

    /// <summary>Whether the gradient is computed from the input rather than from the result.</summary>
    public bool ReadsInputOnWayBack => Kind is ActivationKind.Gelu or ActivationKind.GeluTanh or ActivationKind.Silu or ActivationKind.Mish or ActivationKind.HardSwish or ActivationKind.Softsign;

    /// <summary>Whether it has a number: the slope of the leaky relu, or the alpha of elu.</summary>
    public bool HasNumber => Kind is ActivationKind.LeakyRelu or ActivationKind.Elu;

    /// <summary>Whether it is a handful of instructions, which sums go through while they are in registers.</summary>
    public bool IsSimple => Kind is ActivationKind.Relu or ActivationKind.LeakyRelu or ActivationKind.HardSwish or ActivationKind.HardSigmoid;

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) =>
        new("ActivationOperation", OutputLength) { Activation = new(this) };
}

/// <summary>A relu with a learned slope for each channel or feature.</summary>
/// <param name="Positions">The pixels of an image, or the steps of a sequence; 1 for flat values.</param>
/// <param name="Channels">The channels or features.</param>
internal sealed record PReluSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, int Positions, int Channels) : LayerSpec(Name, Inputs, OutputShape)
{
    public override bool ReadsImages => OutputShape.Count == 3;

    public override LayerSpec ToOneStep() => this with { OutputShape = OneStepShape, Positions = 1 };

    public override IReadOnlyList<TensorSpec> Tensors => [TensorSpec.Vector("weight", Channels, Channels, TensorRole.Bias, Initializer.Quarter)];

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("PReluOperation", Positions, Channels, offsets[0]);
}

/// <summary>Softmax over the last axis: of flat values, or of each time step of a sequence.</summary>
internal sealed record SoftmaxSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape) : LayerSpec(Name, Inputs, OutputShape)
{
    /// <summary>The floats of one row.</summary>
    public int Width => OutputShape[OutputShape.Count - 1];

    /// <summary>The rows of one sample.</summary>
    public int Rows => OutputLength / Width;

    public override LayerSpec ToOneStep() => this with { OutputShape = OneStepShape };

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("SoftmaxOperation", Rows, Width);
}

/// <summary>The logarithm of softmax over the last axis: of flat values, or of each time step of a sequence.</summary>
internal sealed record LogSoftmaxSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape) : LayerSpec(Name, Inputs, OutputShape)
{
    /// <summary>The floats of one row.</summary>
    public int Width => OutputShape[OutputShape.Count - 1];

    /// <summary>The rows of one sample.</summary>
    public int Rows => OutputLength / Width;

    public override LayerSpec ToOneStep() => this with { OutputShape = OneStepShape };

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("LogSoftmaxOperation", Rows, Width);
}

/// <summary>Another shape for the same values in the same logical order.</summary>
internal sealed record ReshapeSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape) : LayerSpec(Name, Inputs, OutputShape);

/// <summary>Dropout.</summary>
internal sealed record DropoutSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, float Rate) : LayerSpec(Name, Inputs, OutputShape)
{
    public override bool IsElementwise => true;

    public override LayerSpec ToOneStep() => this with { OutputShape = OneStepShape };

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("DropoutOperation", OutputLength, Rate);
}

/// <summary>Normally distributed noise in training.</summary>
internal sealed record GaussianNoiseSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, float StandardDeviation) : LayerSpec(Name, Inputs, OutputShape)
{
    public override bool IsElementwise => true;

    public override LayerSpec ToOneStep() => this with { OutputShape = OneStepShape };

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("GaussianNoiseOperation", OutputLength, StandardDeviation);
}

/// <summary>How several values become one.</summary>
internal enum JoinKind
{
    Add,
    Multiply,
    Concat,
}

/// <summary>The sum or the product of values of one shape, or values side by side along one axis.</summary>
internal sealed record JoinSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, JoinKind Kind, EquatableArray<int> Sizes)
    : LayerSpec(Name, Inputs, OutputShape)
{
    public override LayerSpec ToOneStep() => this with { OutputShape = OneStepShape };
}
