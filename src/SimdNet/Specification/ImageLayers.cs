using System;
using System.Collections.Generic;
using SimdNet.Kernels;
using SimdNet.Layers;

namespace SimdNet.Specification;

/// <summary>A window along one side of an image, or along a sequence.</summary>
/// <param name="Size">The inputs.</param>
/// <param name="Kernel">The inputs of a window.</param>
/// <param name="Stride">The inputs from one window to the next.</param>
/// <param name="Dilation">The distance between the inputs of a window.</param>
/// <param name="Before">The zeros before the inputs.</param>
/// <param name="After">The zeros behind them; of a transposed convolution what is cut off, negative where results lie behind the last window.</param>
internal sealed record WindowSpec(int Size, int Kernel, int Stride, int Dilation, int Before, int After)
{
    /// <summary>Where there is one input and one result.</summary>
    public static readonly WindowSpec None = new(1, 1, 1, 1, 0, 0);

    /// <summary>The inputs that a window spans.</summary>
    public long Span => (Kernel - 1L) * Dilation + 1;

    /// <summary>The windows that fit in; none or less where the input is too small.</summary>
    public long Windows => Size + (long)Before + After < Span ? 0 : (Size + (long)Before + After - Span) / Stride + 1;

    /// <summary>The results of a transposed convolution, whose inputs these are.</summary>
    public long Spread => (Size - 1L) * Stride + Span - Before - After;
}

/// <summary>A convolution over images, or over sequences (height one), or a transposed one.</summary>
internal sealed record ConvolutionSpec(
    string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, WindowSpec Vertical, WindowSpec Horizontal, int Channels, int Filters, int Groups,
    bool HasBias, bool IsTransposed, Initializer Initializer, float Slope) : LayerSpec(Name, Inputs, OutputShape)
{
    public override bool TakesActivation => true;

    public override bool ReadsImages => OutputShape.Count == 3;

    public override Initializer? Weights => Initializer;

    /// <summary>Causal convolutions over sequences see nothing that is to come.</summary>
    public override LayerSpec? ToOneStep() => !ReadsImages && !IsTransposed && Horizontal.Stride == 1 && Horizontal.After == 0 && Horizontal.Before == Horizontal.Span - 1 && Horizontal.Before <= MostStepsCounted
        ? this with { OutputShape = OneStepShape, Horizontal = Horizontal with { Size = 1 } }
        : null;

    public override bool HasState => Horizontal.Kernel > 1;

    public override IReadOnlyList<TensorSpec> Tensors
    {
        get
        {
            // The weights of a transposed convolution are those of the convolution whose way back it is.
            (int inputs, int outputs) = IsTransposed ? (Filters, Channels) : (Channels, Filters);
            (int height, int width) = (Vertical.Kernel, Horizontal.Kernel);
            (int group, int output, int input, int y, int x) = ConvolutionLayout.Strides(inputs, outputs, height, width, Groups);
            int[] shape = ReadsImages ? [outputs, inputs / Groups, height, width] : [outputs, inputs / Groups, width];
            var weight = new TensorSpec(
                "weight", new(shape), new([Groups, outputs / Groups, inputs / Groups, height, width]), new([group, output, input, y, x]),
                (int)ConvolutionLayout.WeightLength(inputs, outputs, height, width, Groups), TensorRole.Weight, Initializer,
                Channels / Groups * height * width, Filters / Groups * height * width, Slope);
            if (!HasBias) return [weight];
            int padded = ConvolutionLayout.BiasLength(Channels, Filters, Groups);
            bool isDepthwise = ConvolutionLayout.IsDepthwise(Channels, Filters, Groups);
            return
            [
                weight,
                new("bias", new([Filters]), new([Groups, Filters / Groups]), new([isDepthwise ? 1 : padded / Groups, 1]), padded, TensorRole.Bias, Initializer.Zeros),
            ];
        }
    }

    public override LayerSpec WithWeights(Initializer initializer, float slope) => this with { Initializer = initializer, Slope = slope };

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation)
    {
        var shape = IsTransposed
            ? new OperationCall("ConvolutionShape.Transposed", Vertical.Size, Horizontal.Size, Channels, Filters, Vertical.Kernel, Horizontal.Kernel, Vertical.Stride, Horizontal.Stride,
                Vertical.Dilation, Horizontal.Dilation, Vertical.Before, Horizontal.Before, Math.Max(Vertical.After, 0), Math.Max(Horizontal.After, 0), Math.Max(-Vertical.After, 0), Math.Max(-Horizontal.After, 0), Groups)
            : new OperationCall("ConvolutionShape", Vertical.Size, Horizontal.Size, Channels, Filters, Vertical.Kernel, Horizontal.Kernel, Vertical.Stride, Horizontal.Stride,
                Vertical.Dilation, Horizontal.Dilation, Vertical.Before, Horizontal.Before, Vertical.After, Horizontal.After, Groups);
        return new(IsTransposed ? "TransposedConvolutionOperation" : "ConvolutionOperation", shape, offsets[0], HasBias ? offsets[1] : -1) { Activation = new(activation) };
    }
}

/// <summary>The largest or the mean of each window, over images or over sequences (height one).</summary>
internal sealed record PoolingSpec(
    string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, WindowSpec Vertical, WindowSpec Horizontal, int Channels, bool IsMax, bool IsImage, bool CountsPadding)
    : LayerSpec(Name, Inputs, OutputShape)
{
    public override bool ReadsImages => IsImage;

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation)
    {
        object[] sizes = [Vertical.Size, Horizontal.Size, Channels, Vertical.Kernel, Horizontal.Kernel, Vertical.Stride, Horizontal.Stride, Vertical.Before, Horizontal.Before, Vertical.After, Horizontal.After];
        return IsMax ? new("MaxPoolingOperation", sizes) : new("AveragePoolingOperation", [.. sizes, CountsPadding]);
    }
}

/// <summary>An image, each pixel of which becomes several.</summary>
internal sealed record UpsampleSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, int Height, int Width, int Factor, bool IsBilinear)
    : LayerSpec(Name, Inputs, OutputShape)
{
    public override bool ReadsImages => true;

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("UpsampleOperation", Height, Width, OutputShape[0], Factor, Factor, IsBilinear);
}

/// <summary>An image with zeros around it.</summary>
internal sealed record ZeroPadSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, int Height, int Width, int Top, int Left, int Bottom, int Right)
    : LayerSpec(Name, Inputs, OutputShape)
{
    public override bool ReadsImages => true;

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation) => new("ZeroPaddingOperation", Height, Width, OutputShape[0], Top, Left, Bottom, Right);
}
