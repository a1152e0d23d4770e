using System.Numerics;
using SimdNet.CompilerServices;

namespace SimdNet.Reference;

/// <summary>
/// The convolution as plain loops: images are [height, width, channels], the weight is PyTorch's [outputs, inputs of a group, kernel height,
/// kernel width]. The transposed convolution is the same with inputs and outputs exchanged: its way forward is <see cref="BackwardInput"/>.
/// </summary>
public static class ConvolutionReference
{
    /// <summary><c>y[p, o] = b[o] + Σ w[o, i, ky, kx] x[p + k, i]</c>; x [batch, height, width, inputs], y [batch, height, width, outputs].</summary>
    public static void Forward<T>(ConvolutionShape shape, ReadOnlySpan<T> x, ReadOnlySpan<T> weight, ReadOnlySpan<T> bias, Span<T> y) where T : INumber<T>
    {
        for (int i = 0; i < y.Length; i++) y[i] = bias.IsEmpty ? T.Zero : bias[i % shape.OutputChannels];
        foreach ((int input, int output, int w) in Pairs(shape, x.Length / shape.InputLength)) y[output] += x[input] * weight[w];
    }

    /// <summary><c>dx[p + k, i] = Σ w[o, i, ky, kx] dy[p, o]</c>, plus a bias [inputs] where there is one (for a transposed convolution).</summary>
    public static void BackwardInput<T>(ConvolutionShape shape, ReadOnlySpan<T> gradient, ReadOnlySpan<T> weight, ReadOnlySpan<T> bias, Span<T> inputGradient) where T : INumber<T>
    {
        for (int i = 0; i < inputGradient.Length; i++) inputGradient[i] = bias.IsEmpty ? T.Zero : bias[i % shape.InputChannels];
        foreach ((int input, int output, int w) in Pairs(shape, gradient.Length / shape.OutputLength)) inputGradient[input] += gradient[output] * weight[w];
    }

    /// <summary><c>dw[o, i, ky, kx] = Σ x[p + k, i] dy[p, o]</c>.</summary>
    public static void BackwardWeight<T>(ConvolutionShape shape, ReadOnlySpan<T> x, ReadOnlySpan<T> gradient, Span<T> weightGradient) where T : INumber<T>
    {
        weightGradient.Clear();
        foreach ((int input, int output, int w) in Pairs(shape, x.Length / shape.InputLength)) weightGradient[w] += x[input] * gradient[output];
    }

    /// <summary><c>db[o] = Σ dy[p, o]</c>.</summary>
    public static void BackwardBias<T>(ReadOnlySpan<T> gradient, Span<T> biasGradient) where T : INumber<T>
    {
        biasGradient.Clear();
        for (int i = 0; i < gradient.Length; i++) biasGradient[i % biasGradient.Length] += gradient[i];
    }

    /// <summary>Every input that meets an output, and the weight they meet with, outputs after outputs, windows in the order of their rows, columns and inputs.</summary>
    private static IEnumerable<(int Input, int Output, int Weight)> Pairs(ConvolutionShape shape, int batch)
    {
        int inputs = shape.InputChannels / shape.Groups, outputs = shape.OutputChannels / shape.Groups;
        for (int sample = 0; sample < batch; sample++)
        {
            for (int y = 0; y < shape.OutputHeight; y++)
            {
                for (int x = 0; x < shape.OutputWidth; x++)
                {
                    for (int o = 0; o < shape.OutputChannels; o++)
                    {
                        for (int ky = 0; ky < shape.KernelHeight; ky++)
                        {
                            for (int kx = 0; kx < shape.KernelWidth; kx++)
                            {
                                int row = y * shape.StrideHeight - shape.Top + ky * shape.DilationHeight, column = x * shape.StrideWidth - shape.Left + kx * shape.DilationWidth;
                                if (row < 0 || row >= shape.InputHeight || column < 0 || column >= shape.InputWidth) continue;
                                for (int i = 0; i < inputs; i++)
                                {
                                    yield return (
                                        ((sample * shape.InputHeight + row) * shape.InputWidth + column) * shape.InputChannels + o / outputs * inputs + i,
                                        ((sample * shape.OutputHeight + y) * shape.OutputWidth + x) * shape.OutputChannels + o,
                                        ((o * inputs + i) * shape.KernelHeight + ky) * shape.KernelWidth + kx);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
