using SimdNet.CompilerServices;
using SimdNet.Kernels;

namespace SimdNet;

/// <summary>
/// The dense layer on spans. Weights are [inputs, outputs], rows <c>weightStride</c> floats apart. With
/// <see cref="Stride"/> as that distance, bias of the same length and zeros as padding, they are read where they lie;
/// otherwise each call copies them to that layout first. Results have the same bits either way, at every vector width, and
/// for one sample as for a row of a batch.
/// </summary>
public static class Dense
{
    /// <summary>
    /// The distance between rows of weights at which nothing need be copied: the outputs rounded up to 4, 8 or a multiple of 16, and 16 more where that is a multiple of 256, since
    /// rows so far apart push one another out of the caches.
    /// </summary>
    public static int Stride(int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        return SumOrder.RowStride(outputs);
    }

    /// <summary><c>y = f(x W + b)</c>.</summary>
    /// <param name="x">[batch, inputs].</param>
    /// <param name="weights">W, [inputs, outputs], rows <paramref name="weightStride"/> apart.</param>
    /// <param name="bias">b, [outputs], or as long as a row of weights.</param>
    /// <param name="y">[batch, outputs]; it must not overlap x, weights or bias.</param>
    /// <param name="inputs">The fan-in.</param>
    /// <param name="outputs">The fan-out.</param>
    /// <param name="activation">f.</param>
    /// <param name="weightStride">The distance between rows of weights; 0 for rows without padding.</param>
    /// <exception cref="ArgumentException">A length does not fit the sizes, or y overlaps what it is computed from.</exception>
    public static void Forward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> y,
        int inputs, int outputs, Activation activation = Activation.None, int weightStride = 0)
    {
        int batch = Batch(x.Length, inputs, outputs, ref weightStride, nameof(x));
        Guard.Rows(weights.Length, inputs, weightStride, outputs, nameof(weights));
        Guard.AtLeast(bias.Length, outputs, nameof(bias), "one for each output");
        Guard.Product(y.Length, batch, outputs, nameof(y));
        if (y.Overlaps(x) || y.Overlaps(weights) || y.Overlaps(bias)) throw new ArgumentException("The result must not overlap what it is computed from.", nameof(y));
        int stride = SumOrder.RowStride(outputs), padded = SumOrder.PaddedOutputs(outputs);
        if (weightStride == stride && bias.Length >= padded && weights.Length >= inputs * stride)
        {
            Forward(x, weights, bias, y, batch, inputs, outputs, activation);
            return;
        }
        using Workspace.Lease lease = Workspace.Rent(checked((inputs + 1) * stride));
        Span<float> paddedWeights = lease.Span[..(inputs * stride)], paddedBias = lease.Span[(inputs * stride)..];
        Pad(weights, weightStride, inputs, outputs, paddedWeights, stride);
        Pad(bias, outputs, 1, outputs, paddedBias, stride);
        Forward(x, paddedWeights, paddedBias, y, batch, inputs, outputs, activation);
    }

    /// <summary><c>dx = dy Wᵀ</c>, from dy, the gradient with respect to <c>x W + b</c>.</summary>
    /// <param name="gradient">dy, [batch, outputs].</param>
    /// <param name="weights">W, [inputs, outputs], rows <paramref name="weightStride"/> apart.</param>
    /// <param name="inputGradient">dx, [batch, inputs].</param>
    /// <param name="inputs">The fan-in.</param>
    /// <param name="outputs">The fan-out.</param>
    /// <param name="weightStride">The distance between rows of weights; 0 for rows without padding.</param>
    /// <exception cref="ArgumentException">A length does not fit the sizes.</exception>
    public static void BackwardInput(
        ReadOnlySpan<float> gradient, ReadOnlySpan<float> weights, Span<float> inputGradient, int inputs, int outputs, int weightStride = 0)
    {
        int batch = Batch(inputGradient.Length, inputs, outputs, ref weightStride, nameof(inputGradient));
        Guard.Product(gradient.Length, batch, outputs, nameof(gradient));
        Guard.Rows(weights.Length, inputs, weightStride, outputs, nameof(weights));
        int stride = SumOrder.RowStride(outputs);
        using Workspace.Lease lease = Workspace.Rent(checked((inputs + batch) * stride));
        Span<float> paddedWeights = lease.Span[..(inputs * stride)], paddedGradient = lease.Span[(inputs * stride)..];
        Pad(gradient, outputs, batch, outputs, paddedGradient, stride);
        if (weightStride == stride && weights.Length >= inputs * stride)
        {
            DenseLayer.BackwardInput(paddedGradient, stride, weights, inputGradient, inputs, batch, inputs, outputs);
            return;
        }
        Pad(weights, weightStride, inputs, outputs, paddedWeights, stride);
        DenseLayer.BackwardInput(paddedGradient, stride, paddedWeights, inputGradient, inputs, batch, inputs, outputs);
    }

    /// <summary><c>dW = xᵀ dy</c> and <c>db = Σ dy</c> over the batch, from dy, the gradient with respect to <c>x W + b</c>.</summary>
    /// <param name="x">[batch, inputs].</param>
    /// <param name="gradient">dy, [batch, outputs].</param>
    /// <param name="weightsGradient">dW, [inputs, outputs], overwritten.</param>
    /// <param name="biasGradient">db, [outputs], overwritten.</param>
    /// <param name="inputs">The fan-in.</param>
    /// <param name="outputs">The fan-out.</param>
    /// <exception cref="ArgumentException">A length does not fit the sizes.</exception>
    public static void BackwardParameters(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gradient, Span<float> weightsGradient, Span<float> biasGradient, int inputs, int outputs)
    {
        int stride = 0;
        int batch = Batch(x.Length, inputs, outputs, ref stride, nameof(x));
        Guard.Product(gradient.Length, batch, outputs, nameof(gradient));
        Guard.Product(weightsGradient.Length, inputs, outputs, nameof(weightsGradient));
        Guard.Length(biasGradient.Length, outputs, nameof(biasGradient), "one for each output");
        if (batch == 0)
        {
            weightsGradient.Clear();
            biasGradient.Clear();
            return;
        }
        int rowStride = SumOrder.RowStride(outputs);
        using Workspace.Lease lease = Workspace.Rent(checked((inputs + 1 + batch) * rowStride));
        Span<float> paddedWeights = lease.Span[..(inputs * rowStride)], paddedBias = lease.Span.Slice(inputs * rowStride, rowStride);
        Span<float> paddedGradient = lease.Span[((inputs + 1) * rowStride)..];
        Pad(gradient, outputs, batch, outputs, paddedGradient, rowStride);
        DenseLayer.BackwardParameters(x, inputs, paddedGradient, rowStride, paddedWeights, paddedBias, batch, inputs, outputs);
        ElementwiseLayer.CopyRows(paddedWeights, rowStride, weightsGradient, outputs, inputs, outputs);
        paddedBias[..outputs].CopyTo(biasGradient);
    }

    private static void Forward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> y, int batch, int inputs, int outputs, Activation activation)
    {
        switch (activation)
        {
            case Activation.None: DenseLayer.Forward(x, inputs, weights, bias, default(Identity), y, outputs, batch, inputs, outputs); break;
            case Activation.Relu: DenseLayer.Forward(x, inputs, weights, bias, default(Relu), y, outputs, batch, inputs, outputs); break;
            case Activation.Sigmoid: DenseLayer.Forward(x, inputs, weights, bias, default(Sigmoid), y, outputs, batch, inputs, outputs); break;
            case Activation.Tanh: DenseLayer.Forward(x, inputs, weights, bias, default(Tanh), y, outputs, batch, inputs, outputs); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, "This is no activation.");
        }
    }

    /// <summary>Checks the sizes, and returns how many samples there are.</summary>
    private static int Batch(int length, int inputs, int outputs, ref int weightStride, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        ArgumentOutOfRangeException.ThrowIfNegative(weightStride);
        if (weightStride == 0) weightStride = outputs;
        return length % inputs == 0
            ? length / inputs
            : throw new ArgumentException($"Expected a multiple of {inputs} floats (whole samples), but {length} were given.", name);
    }

    private static void Pad(ReadOnlySpan<float> source, int stride, int rows, int width, Span<float> target, int padded)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> targetRow = target.Slice(row * padded, padded);
            source.Slice(row * stride, width).CopyTo(targetRow);
            targetRow[width..].Clear();
        }
    }
}
