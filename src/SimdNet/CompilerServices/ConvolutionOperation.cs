using System.ComponentModel;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>
/// A convolution with its activation, <c>y = f(x * W + b)</c>; <see cref="ConvolutionShape"/> says what is summed and where parameters lie. Each
/// sum is one chain of multiply-adds that begins with the bias and goes through kernel rows, kernel columns and inputs in ascending order. Beyond the
/// image values are zero, and multiplied with weights as all others are.
/// </summary>
/// <typeparam name="TActivation">f.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ConvolutionOperation<TActivation> : Operation where TActivation : struct, IActivation
{
    private readonly ConvolutionKernel _kernel;
    private readonly TActivation _activation;
    private readonly ConvolutionParameters _parameters;
    private readonly string? _whyNotCausal;

    /// <summary>A convolution whose parameters begin at these places of the network's.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="weightOffset">Where <see cref="ConvolutionShape.WeightLength"/> weights begin.</param>
    /// <param name="biasOffset">Where <see cref="ConvolutionShape.BiasLength"/> biases begin; -1 where there are none.</param>
    /// <param name="activation">f.</param>
    /// <exception cref="ArgumentOutOfRangeException">An offset is negative.</exception>
    public ConvolutionOperation(ConvolutionShape shape, int weightOffset, int biasOffset, TActivation activation = default)
        : base(shape.InputLength, shape.OutputLength)
    {
        Shape = shape;
        _kernel = new ConvolutionKernel(shape);
        _activation = activation;
        _parameters = new ConvolutionParameters(weightOffset, shape.WeightLength, biasOffset, shape.BiasLength);
        _whyNotCausal = shape.WhyNotCausal();
    }

    /// <summary>The sizes.</summary>
    public ConvolutionShape Shape { get; }

    /// <summary>
    /// The inputs that a causal window reaches back to, [(kernel - 1) * dilation][channels], as a ring, and the slot of the oldest. A stream begins
    /// with zeros.
    /// </summary>
    public override int StateLength => _whyNotCausal is null && Shape.CausalSlots > 0 ? checked(Shape.CausalSlots * Shape.InputChannels + 1) : 0;

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        Guard.Product(x.Length, batch, InputLength, nameof(x));
        _parameters.Check(parameters.Length, nameof(parameters));
        Guard.Product(y.Length, batch, OutputLength, nameof(y));
        _kernel.Gather(x, _parameters.Weights(parameters), _parameters.Bias(parameters), _activation, y, batch);
    }

    /// <summary>One time step of one stream, [channels] to [filters]; how many steps the sequence has does not matter.</summary>
    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The convolution goes over rows and columns, or has a stride, or its padding is not causal.</exception>
    /// <exception cref="InvalidOperationException">The state is not one of this layer's.</exception>
    public override void Step(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y)
    {
        if (_whyNotCausal is not null) throw new NotSupportedException($"A convolution takes single time steps where it is causal and has stride 1, but {_whyNotCausal}.");
        Guard.Length(x.Length, Shape.InputChannels, nameof(x), "those of one step");
        Guard.Length(y.Length, Shape.OutputChannels, nameof(y), "those of one step");
        _parameters.Check(parameters.Length, nameof(parameters));
        Guard.AtLeast(state.Length, StateLength, nameof(state), "the state of a stream");
        int slots = Shape.CausalSlots, length = slots * Shape.InputChannels, oldest = slots == 0 ? 0 : StreamLayout.RingSlot(ref state[length], slots);
        Span<float> ring = state[..length];
        var kernel = new ConvolutionStepKernel<TActivation>(Shape, x, _parameters.Weights(parameters), _parameters.Bias(parameters), _activation, ring, oldest, y);
        BlockDispatch.RunRegisters(ref kernel, SumOrder.Lanes(Shape.OutputChannels / Shape.BiasGroups));
        if (!TActivation.IsSimple) ElementwiseLayer.Forward(_activation, y, y);
        if (slots > 0) x.CopyTo(ring[(oldest * Shape.InputChannels)..]);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        Guard.Product(x.Length, batch, InputLength, nameof(x));
        Guard.Product(y.Length, batch, OutputLength, nameof(y));
        Guard.Product(outputGradient.Length, batch, OutputLength, nameof(outputGradient));
        _parameters.Check(parameters.Length, nameof(parameters));
        _parameters.Check(gradients.Length, nameof(gradients));
        if (!inputGradient.IsEmpty) Guard.Product(inputGradient.Length, batch, InputLength, nameof(inputGradient));
        using Workspace.Lease lease = ConvolutionParameters.Inner(_activation, y, outputGradient);
        ReadOnlySpan<float> dy = lease.Span.IsEmpty ? outputGradient : lease.Span;
        _kernel.Gradients(x, dy, _parameters.Weights(gradients), batch);
        if (_parameters.HasBias) ConvolutionKernel.BiasGradient(dy, _parameters.Bias(gradients), Shape.BiasGroups, Shape.OutputChannels / Shape.BiasGroups);
        if (!inputGradient.IsEmpty) _kernel.Scatter(dy, _parameters.Weights(parameters), default, default(Identity), inputGradient, batch);
    }
}

/// <summary>
/// A transposed convolution with its activation (PyTorch's ConvTranspose2d): its way forward is the way back of the convolution that
/// <see cref="ConvolutionShape.Transposed"/> gives, and weights lie as that one's. The bias is [group][output of the group, padded]. Each sum is one
/// chain of multiply-adds that begins with the bias and goes through the inputs it meets, rows, columns and channels in ascending order.
/// </summary>
/// <typeparam name="TActivation">f.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TransposedConvolutionOperation<TActivation> : Operation where TActivation : struct, IActivation
{
    private readonly ConvolutionKernel _kernel;
    private readonly TActivation _activation;
    private readonly ConvolutionParameters _parameters;

    /// <summary>A transposed convolution whose parameters begin at these places of the network's.</summary>
    /// <param name="shape">The sizes of the convolution whose way back this is, from <see cref="ConvolutionShape.Transposed"/>.</param>
    /// <param name="weightOffset">Where <see cref="ConvolutionShape.WeightLength"/> weights begin.</param>
    /// <param name="biasOffset">Where <see cref="ConvolutionShape.TransposedBiasLength"/> biases begin; -1 where there are none.</param>
    /// <param name="activation">f.</param>
    /// <exception cref="ArgumentOutOfRangeException">An offset is negative.</exception>
    public TransposedConvolutionOperation(ConvolutionShape shape, int weightOffset, int biasOffset, TActivation activation = default)
        : base(shape.OutputLength, shape.InputLength)
    {
        Shape = shape;
        _kernel = new ConvolutionKernel(shape);
        _activation = activation;
        _parameters = new ConvolutionParameters(weightOffset, shape.WeightLength, biasOffset, shape.TransposedBiasLength);
    }

    /// <summary>The sizes of the convolution whose way back this is.</summary>
    public ConvolutionShape Shape { get; }

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        Guard.Product(x.Length, batch, InputLength, nameof(x));
        _parameters.Check(parameters.Length, nameof(parameters));
        Guard.Product(y.Length, batch, OutputLength, nameof(y));
        _kernel.Scatter(x, _parameters.Weights(parameters), _parameters.Bias(parameters), _activation, y, batch);
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        Guard.Product(x.Length, batch, InputLength, nameof(x));
        Guard.Product(y.Length, batch, OutputLength, nameof(y));
        Guard.Product(outputGradient.Length, batch, OutputLength, nameof(outputGradient));
        _parameters.Check(parameters.Length, nameof(parameters));
        _parameters.Check(gradients.Length, nameof(gradients));
        if (!inputGradient.IsEmpty) Guard.Product(inputGradient.Length, batch, InputLength, nameof(inputGradient));
        using Workspace.Lease lease = ConvolutionParameters.Inner(_activation, y, outputGradient);
        ReadOnlySpan<float> dy = lease.Span.IsEmpty ? outputGradient : lease.Span;
        _kernel.Gradients(dy, x, _parameters.Weights(gradients), batch);
        if (_parameters.HasBias) ConvolutionKernel.BiasGradient(dy, _parameters.Bias(gradients), Shape.BiasGroups, Shape.InputChannels / Shape.BiasGroups);
        if (!inputGradient.IsEmpty) _kernel.Gather(dy, _parameters.Weights(parameters), default, default(Identity), inputGradient, batch);
    }
}

/// <summary>Where a convolution's parameters lie among the network's.</summary>
internal readonly struct ConvolutionParameters
{
    private readonly int _weightOffset, _weightLength, _biasOffset, _biasLength;

    public ConvolutionParameters(int weightOffset, int weightLength, int biasOffset, int biasLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weightOffset);
        ArgumentOutOfRangeException.ThrowIfLessThan(biasOffset, -1);
        (_weightOffset, _weightLength, _biasOffset, _biasLength) = (weightOffset, weightLength, biasOffset, biasLength);
    }

    public bool HasBias => _biasOffset >= 0;

    public void Check(int given, string parameter) =>
        Guard.AtLeast(given, Math.Max((long)_weightOffset + _weightLength, HasBias ? (long)_biasOffset + _biasLength : 0), parameter, "up to the end of weights and bias");

    public ReadOnlySpan<float> Weights(ReadOnlySpan<float> parameters) => parameters.Slice(_weightOffset, _weightLength);

    public Span<float> Weights(Span<float> gradients) => gradients.Slice(_weightOffset, _weightLength);

    public ReadOnlySpan<float> Bias(ReadOnlySpan<float> parameters) => HasBias ? parameters.Slice(_biasOffset, _biasLength) : default;

    public Span<float> Bias(Span<float> gradients) => gradients.Slice(_biasOffset, _biasLength);

    /// <summary>The gradient before the activation; empty where that is the gradient itself.</summary>
    public static Workspace.Lease Inner<TActivation>(TActivation activation, ReadOnlySpan<float> y, ReadOnlySpan<float> gradient) where TActivation : struct, IActivation
    {
        if (typeof(TActivation) == typeof(Identity)) return Workspace.Rent(0);
        Workspace.Lease lease = Workspace.Rent(gradient.Length);
        ElementwiseLayer.Backward(activation, y, gradient, lease.Span);
        return lease;
    }
}
