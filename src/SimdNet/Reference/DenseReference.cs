using System.Numerics;

namespace SimdNet.Reference;

/// <summary>The dense layer as plain loops: the definition, the oracle in double precision, and what speed is compared with.</summary>
public static class DenseReference
{
    /// <summary><c>y = x W + b</c>; x [batch, inputs], W [inputs, outputs], b [outputs], y [batch, outputs].</summary>
    public static void Forward<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> weights, ReadOnlySpan<T> bias, Span<T> y, int inputs, int outputs) where T : INumber<T>
    {
        for (int sample = 0; sample < x.Length / inputs; sample++)
        {
            for (int output = 0; output < outputs; output++)
            {
                T sum = bias[output];
                for (int input = 0; input < inputs; input++) sum += x[sample * inputs + input] * weights[input * outputs + output];
                y[sample * outputs + output] = sum;
            }
        }
    }

    /// <summary><c>dx = dy Wᵀ</c>; dy [batch, outputs], W [inputs, outputs], dx [batch, inputs].</summary>
    public static void BackwardInput<T>(ReadOnlySpan<T> gradient, ReadOnlySpan<T> weights, Span<T> inputGradient, int inputs, int outputs) where T : INumber<T>
    {
        for (int sample = 0; sample < gradient.Length / outputs; sample++)
        {
            for (int input = 0; input < inputs; input++)
            {
                T sum = T.Zero;
                for (int output = 0; output < outputs; output++) sum += gradient[sample * outputs + output] * weights[input * outputs + output];
                inputGradient[sample * inputs + input] = sum;
            }
        }
    }

    /// <summary><c>dW = xᵀ dy, db = Σ dy</c>; x [batch, inputs], dy [batch, outputs], dW [inputs, outputs], db [outputs].</summary>
    public static void BackwardParameters<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> gradient, Span<T> weightsGradient, Span<T> biasGradient, int inputs, int outputs) where T : INumber<T>
    {
        weightsGradient.Clear();
        biasGradient.Clear();
        for (int sample = 0; sample < gradient.Length / outputs; sample++)
        {
            for (int output = 0; output < outputs; output++)
            {
                T dy = gradient[sample * outputs + output];
                biasGradient[output] += dy;
                for (int input = 0; input < inputs; input++) weightsGradient[input * outputs + output] += x[sample * inputs + input] * dy;
            }
        }
    }
}
