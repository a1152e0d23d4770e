namespace SimdNet.CompilerServices;

/// <summary>The checks that all operations begin with; messages name the parameter, the expected and the given length.</summary>
internal static class OperationGuard
{
    /// <summary>Throws unless x and y hold a batch, and the parameters reach to <paramref name="end"/>.</summary>
    public static void Forward(Operation operation, ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, int end, ReadOnlySpan<float> y, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        Guard.Product(x.Length, batch, operation.InputLength, nameof(x));
        Guard.Product(y.Length, batch, operation.OutputLength, nameof(y));
        Guard.AtLeast(parameters.Length, end, nameof(parameters), "where this layer's end");
    }

    /// <summary>Throws unless there is room for what a training pass keeps.</summary>
    public static void Kept(Operation operation, ReadOnlySpan<float> kept, int batch) =>
        Guard.AtLeast(kept.Length, operation.KeptLength(batch), nameof(kept), "what the way forward keeps");

    /// <summary>Throws unless all lengths fit a way back; the gradient of the input may be empty.</summary>
    public static void Backward(
        Operation operation, ReadOnlySpan<float> x, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters, int end,
        ReadOnlySpan<float> kept, ReadOnlySpan<float> inputGradient, ReadOnlySpan<float> gradients, int gradientsEnd, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        Guard.Product(x.Length, batch, operation.InputLength, nameof(x));
        Guard.Product(outputGradient.Length, batch, operation.OutputLength, nameof(outputGradient));
        Guard.AtLeast(parameters.Length, end, nameof(parameters), "where this layer's end");
        Guard.AtLeast(gradients.Length, gradientsEnd, nameof(gradients), "where this layer's end");
        Kept(operation, kept, batch);
        if (!inputGradient.IsEmpty) Guard.Product(inputGradient.Length, batch, operation.InputLength, nameof(inputGradient));
    }

    /// <summary>Throws unless x and y hold one step, and the state is as long as it must be.</summary>
    public static void Step(
        Operation operation, ReadOnlySpan<float> x, int inputs, ReadOnlySpan<float> parameters, int end, ReadOnlySpan<float> state, ReadOnlySpan<float> y, int outputs)
    {
        Guard.Length(x.Length, inputs, nameof(x), "those of one step");
        Guard.Length(y.Length, outputs, nameof(y), "those of one step");
        Guard.AtLeast(parameters.Length, end, nameof(parameters), "where this layer's end");
        Guard.AtLeast(state.Length, operation.StateLength, nameof(state), "the state of a stream");
    }

    /// <summary>The number of a stream's next step, which its state holds and which is counted on.</summary>
    public static int NextStep(ref float state, int steps)
    {
        int step = (int)state;
        if (step < 0 || step >= steps) throw new InvalidOperationException($"The stream has had all its {steps} steps, as many as the network's sequences have; Reset begins another.");
        state = step + 1;
        return step;
    }

    /// <summary>The product of two positive sizes, which must be an int.</summary>
    public static int Length(int first, int second)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(first);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(second);
        return checked(first * second);
    }

    /// <summary>Throws unless what is added to a variance is a number from zero.</summary>
    public static float Epsilon(float epsilon) =>
        float.IsFinite(epsilon) && epsilon >= 0 ? epsilon : throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "Expected a number from zero.");

    /// <summary>Where a bias ends, which an offset of -1 says is not there.</summary>
    public static int BiasEnd(int offset, int length) => offset == -1 ? 0 : End(offset, length);

    /// <summary>Where a tensor of <paramref name="length"/> floats from <paramref name="offset"/> ends.</summary>
    public static int End(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return checked(offset + length);
    }
}
