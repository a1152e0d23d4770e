using System.Numerics;

namespace SimdNet.Reference;

/// <summary>The parameters of a recurrent layer, or their gradients, as PyTorch names and shapes them.</summary>
/// <param name="gates">The gates.</param>
/// <param name="features">The inputs of a time step.</param>
/// <param name="units">The outputs of a time step.</param>
public sealed class RecurrentTensors<T>(int gates, int features, int units) where T : IFloatingPointIeee754<T>
{
    /// <summary>weight_ih, [gates * units, features].</summary>
    public T[] InputWeights { get; } = new T[gates * units * features];

    /// <summary>weight_hh, [gates * units, units].</summary>
    public T[] RecurrentWeights { get; } = new T[gates * units * units];

    /// <summary>bias_ih, [gates * units].</summary>
    public T[] InputBias { get; } = new T[gates * units];

    /// <summary>bias_hh, [gates * units].</summary>
    public T[] RecurrentBias { get; } = new T[gates * units];

    /// <summary>The inputs of a time step.</summary>
    public int Features { get; } = features;

    /// <summary>The outputs of a time step.</summary>
    public int Units { get; } = units;

    /// <summary>Tensors of the same shapes, all zero.</summary>
    public RecurrentTensors<T> Zeros() => new(gates, Features, Units);

    /// <summary>A row's sum over the inputs, with its bias.</summary>
    internal T InputSum(int row, ReadOnlySpan<T> x) => Sum(InputWeights, InputBias, row, x);

    /// <summary>A row's sum over the step before, with its bias.</summary>
    internal T RecurrentSum(int row, ReadOnlySpan<T> h) => Sum(RecurrentWeights, RecurrentBias, row, h);

    /// <summary>Adds what the gradient of a row's sum over the inputs gives for its parameters, and for the inputs.</summary>
    internal void BackwardInput(int row, T gradient, ReadOnlySpan<T> x, RecurrentTensors<T> gradients, Span<T> inputGradient) =>
        Backward(InputWeights, gradients.InputWeights, gradients.InputBias, row, gradient, x, inputGradient);

    /// <summary>Adds what the gradient of a row's sum over the step before gives for its parameters, and for that step.</summary>
    internal void BackwardRecurrent(int row, T gradient, ReadOnlySpan<T> h, RecurrentTensors<T> gradients, Span<T> hiddenGradient) =>
        Backward(RecurrentWeights, gradients.RecurrentWeights, gradients.RecurrentBias, row, gradient, h, hiddenGradient);

    private static T Sum(T[] weights, T[] bias, int row, ReadOnlySpan<T> values)
    {
        T sum = bias[row];
        for (int i = 0; i < values.Length; i++) sum += weights[row * values.Length + i] * values[i];
        return sum;
    }

    private static void Backward(T[] weights, T[] weightsGradient, T[] biasGradient, int row, T gradient, ReadOnlySpan<T> values, Span<T> valuesGradient)
    {
        biasGradient[row] += gradient;
        for (int i = 0; i < values.Length; i++)
        {
            weightsGradient[row * values.Length + i] += gradient * values[i];
            valuesGradient[i] += gradient * weights[row * values.Length + i];
        }
    }
}
