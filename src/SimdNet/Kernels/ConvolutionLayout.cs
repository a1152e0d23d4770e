namespace SimdNet.Kernels;

/// <summary>
/// Where the parameters of a convolution lie. Weights are [group][kernel y][kernel x][input of the group][output of the group, padded], so
/// a block of outputs is one load and what a window is multiplied with lies in the order of the window. Where every group has one
/// input and one output they are [kernel y][kernel x][channel, padded]. The bias is [group][output of the group, padded], or [channel, padded].
/// </summary>
internal static class ConvolutionLayout
{
    /// <summary>Whether every group has one input and one output.</summary>
    public static bool IsDepthwise(int inputs, int outputs, int groups) => inputs == groups && outputs == groups;

    /// <summary>The floats of the weights, padding included.</summary>
    public static long WeightLength(int inputs, int outputs, int kernelHeight, int kernelWidth, int groups) =>
        (long)kernelHeight * kernelWidth * (IsDepthwise(inputs, outputs, groups) ? SumOrder.PaddedOutputs(groups) : (long)inputs * SumOrder.PaddedOutputs(outputs / groups));

    /// <summary>The floats of the bias, padding included.</summary>
    public static int BiasLength(int inputs, int outputs, int groups) =>
        IsDepthwise(inputs, outputs, groups) ? SumOrder.PaddedOutputs(groups) : groups * SumOrder.PaddedOutputs(outputs / groups);

    /// <summary>The distances in the weights between neighbouring groups, outputs and inputs of a group, kernel rows and kernel columns.</summary>
    public static (int Group, int Output, int Input, int Y, int X) Strides(int inputs, int outputs, int kernelHeight, int kernelWidth, int groups)
    {
        int padded = SumOrder.PaddedOutputs(IsDepthwise(inputs, outputs, groups) ? groups : outputs / groups), channels = inputs / groups;
        int x = channels * padded, y = kernelWidth * x;
        return (IsDepthwise(inputs, outputs, groups) ? 1 : kernelHeight * y, 1, padded, y, x);
    }
}
