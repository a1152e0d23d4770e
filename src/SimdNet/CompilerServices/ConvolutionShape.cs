using System.ComponentModel;
using SimdNet.Kernels;
using SimdNet.Specification;

namespace SimdNet.CompilerServices;

/// <summary>
/// The sizes of a convolution over images [height, width, channels]: output (y, x) of a group of channels is the sum over its window,
/// <c>Σ w[o, i, ky, kx] in[y strideHeight - top + ky dilationHeight, x strideWidth - left + kx dilationWidth, i]</c>. One over sequences has
/// height one everywhere. The logical tensors are PyTorch's: the weight [outputs, inputs of a group, height, width], the bias [outputs].
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ConvolutionShape
{
    /// <summary>A convolution; the output is as large as windows fit into the padded input.</summary>
    /// <param name="inputHeight">The rows of the input.</param>
    /// <param name="inputWidth">The columns of the input.</param>
    /// <param name="inputChannels">The channels of the input, a multiple of <paramref name="groups"/>.</param>
    /// <param name="outputChannels">The channels of the output, a multiple of <paramref name="groups"/>.</param>
    /// <param name="kernelHeight">The rows of a window.</param>
    /// <param name="kernelWidth">The columns of a window.</param>
    /// <param name="strideHeight">The rows from one window to the next.</param>
    /// <param name="strideWidth">The columns from one window to the next.</param>
    /// <param name="dilationHeight">The distance between the rows of a window.</param>
    /// <param name="dilationWidth">The distance between the columns of a window.</param>
    /// <param name="top">The rows of zeros above the input.</param>
    /// <param name="left">The columns of zeros before the input.</param>
    /// <param name="bottom">The rows of zeros below the input.</param>
    /// <param name="right">The columns of zeros behind the input.</param>
    /// <param name="groups">How many groups of channels there are; outputs see only the inputs of their own group.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or padding is negative.</exception>
    /// <exception cref="ArgumentException">Channels are no multiple of the groups, a window is larger than the padded input, or a sample or the weights have more than 2^31 floats.</exception>
    public ConvolutionShape(
        int inputHeight, int inputWidth, int inputChannels, int outputChannels, int kernelHeight, int kernelWidth, int strideHeight = 1, int strideWidth = 1,
        int dilationHeight = 1, int dilationWidth = 1, int top = 0, int left = 0, int bottom = 0, int right = 0, int groups = 1)
        : this(
            Axis.Over(inputHeight, kernelHeight, strideHeight, dilationHeight, top, bottom, "height"),
            Axis.Over(inputWidth, kernelWidth, strideWidth, dilationWidth, left, right, "width"),
            inputChannels, outputChannels, groups)
    {
    }

    private ConvolutionShape(Axis vertical, Axis horizontal, int inputChannels, int outputChannels, int groups)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        if (inputChannels % groups != 0 || outputChannels % groups != 0)
            throw new ArgumentException($"{inputChannels} inputs and {outputChannels} outputs cannot be cut into {groups} groups.", nameof(groups));
        (Vertical, Horizontal, InputChannels, OutputChannels, Groups) = (vertical, horizontal, inputChannels, outputChannels, groups);
        InputLength = Guard.Size(vertical.Source, horizontal.Source, inputChannels);
        OutputLength = Guard.Size(vertical.Result, horizontal.Result, outputChannels);
        long weights = ConvolutionLayout.WeightLength(inputChannels, outputChannels, vertical.Kernel, horizontal.Kernel, groups);
        WeightLength = weights <= int.MaxValue ? (int)weights : throw new ArgumentException($"{weights} weights are more floats than one span holds.");
    }

    /// <summary>The window from row to row.</summary>
    internal Axis Vertical { get; }

    /// <summary>The window from column to column.</summary>
    internal Axis Horizontal { get; }

    /// <summary>The rows of the input.</summary>
    public int InputHeight => Vertical.Source;

    /// <summary>The columns of the input.</summary>
    public int InputWidth => Horizontal.Source;

    /// <summary>The channels of the input.</summary>
    public int InputChannels { get; }

    /// <summary>The rows of the output.</summary>
    public int OutputHeight => Vertical.Result;

    /// <summary>The columns of the output.</summary>
    public int OutputWidth => Horizontal.Result;

    /// <summary>The channels of the output.</summary>
    public int OutputChannels { get; }

    /// <summary>The rows of a window.</summary>
    public int KernelHeight => Vertical.Kernel;

    /// <summary>The columns of a window.</summary>
    public int KernelWidth => Horizontal.Kernel;

    /// <summary>The rows from one window to the next.</summary>
    public int StrideHeight => Vertical.Stride;

    /// <summary>The columns from one window to the next.</summary>
    public int StrideWidth => Horizontal.Stride;

    /// <summary>The distance between the rows of a window.</summary>
    public int DilationHeight => Vertical.Dilation;

    /// <summary>The distance between the columns of a window.</summary>
    public int DilationWidth => Horizontal.Dilation;

    /// <summary>The rows of zeros above the input.</summary>
    public int Top => Vertical.Before;

    /// <summary>The columns of zeros before the input.</summary>
    public int Left => Horizontal.Before;

    /// <summary>The groups of channels.</summary>
    public int Groups { get; }

    /// <summary>Whether every group has one input and one output.</summary>
    public bool IsDepthwise => ConvolutionLayout.IsDepthwise(InputChannels, OutputChannels, Groups);

    /// <summary>The floats of an input.</summary>
    public int InputLength { get; }

    /// <summary>The floats of an output.</summary>
    public int OutputLength { get; }

    /// <summary>
    /// The floats of the weights as they are stored, [group][kernel y][kernel x][input of the group][output of the group, padded], or
    /// [kernel y][kernel x][channel, padded] where <see cref="IsDepthwise"/>.
    /// </summary>
    public int WeightLength { get; }

    /// <summary>The floats of the bias as it is stored, [group][output of the group, padded], or [channel, padded] where <see cref="IsDepthwise"/>.</summary>
    public int BiasLength => ConvolutionLayout.BiasLength(InputChannels, OutputChannels, Groups);

    /// <summary>The floats of a transposed convolution's bias: [group][input of the group, padded], or [channel, padded] where <see cref="IsDepthwise"/>.</summary>
    public int TransposedBiasLength => ConvolutionLayout.BiasLength(OutputChannels, InputChannels, Groups);

    /// <summary>How many inputs a stream of time steps keeps: those that a causal window reaches back to.</summary>
    internal int CausalSlots => (Horizontal.Kernel - 1) * Horizontal.Dilation;

    /// <summary>Why time steps cannot go through the convolution one at a time; null where they can.</summary>
    internal string? WhyNotCausal() =>
        Vertical is not { Source: 1, Kernel: 1, Result: 1 } ? "it goes over rows and columns"
        : Horizontal.Stride != 1 ? $"its stride is {Horizontal.Stride}"
        : Horizontal.Before != CausalSlots || Horizontal.Result != Horizontal.Source ? "its padding is not causal"
        : CausalSlots > LayerSpec.MostStepsCounted ? $"its window reaches back {CausalSlots} steps"
        : null;

    /// <summary>The rows of a bias.</summary>
    internal int BiasGroups => IsDepthwise ? 1 : Groups;

    /// <summary>The distances in the stored weights between neighbouring groups, outputs and inputs of a group, kernel rows and kernel columns.</summary>
    public (int Group, int Output, int Input, int Y, int X) WeightStrides =>
        ConvolutionLayout.Strides(InputChannels, OutputChannels, Vertical.Kernel, Horizontal.Kernel, Groups);

    /// <summary>
    /// The convolution whose way back is a transposed convolution (PyTorch's ConvTranspose2d): its outputs are the other's inputs, and the
    /// weight of the transposed one, [inputs, outputs of a group, height, width], is its weight.
    /// </summary>
    /// <param name="inputHeight">The rows of the transposed convolution's input.</param>
    /// <param name="inputWidth">The columns of its input.</param>
    /// <param name="inputChannels">The channels of its input.</param>
    /// <param name="outputChannels">The channels of its output.</param>
    /// <param name="kernelHeight">The rows of a window.</param>
    /// <param name="kernelWidth">The columns of a window.</param>
    /// <param name="strideHeight">The rows of the output from one window to the next.</param>
    /// <param name="strideWidth">The columns of the output from one window to the next.</param>
    /// <param name="dilationHeight">The distance between the rows of a window.</param>
    /// <param name="dilationWidth">The distance between the columns of a window.</param>
    /// <param name="top">How many rows are cut off above.</param>
    /// <param name="left">How many columns are cut off before.</param>
    /// <param name="bottom">How many rows are cut off below.</param>
    /// <param name="right">How many columns are cut off behind.</param>
    /// <param name="outputPaddingHeight">How many rows of the output lie below the last window.</param>
    /// <param name="outputPaddingWidth">How many columns of the output lie behind the last window.</param>
    /// <param name="groups">The groups of channels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, padding is negative, or nothing is left of the output.</exception>
    /// <exception cref="ArgumentException">Channels are no multiple of the groups, output padding is not smaller than the stride or the dilation, or a sample or the weights have more than 2^31 floats.</exception>
    public static ConvolutionShape Transposed(
        int inputHeight, int inputWidth, int inputChannels, int outputChannels, int kernelHeight, int kernelWidth, int strideHeight = 1, int strideWidth = 1,
        int dilationHeight = 1, int dilationWidth = 1, int top = 0, int left = 0, int bottom = 0, int right = 0, int outputPaddingHeight = 0, int outputPaddingWidth = 0, int groups = 1) => new(
            Axis.Onto(inputHeight, kernelHeight, strideHeight, dilationHeight, top, bottom, outputPaddingHeight, "height"),
            Axis.Onto(inputWidth, kernelWidth, strideWidth, dilationWidth, left, right, outputPaddingWidth, "width"),
            outputChannels, inputChannels, groups);
}
