using System.Numerics;

namespace SimdNet.Reference;

/// <summary>The optimizers' updates as plain loops, after PyTorch's definitions; state that is subnormal as a float becomes zero.</summary>
public static class UpdateReference
{
    /// <summary><c>g += decay w; v = momentum v + g; w -= learningRate v</c>, or Nesterov's <c>w -= learningRate (g + momentum v)</c>.</summary>
    public static void Sgd<T>(
        Span<T> parameters, ReadOnlySpan<T> gradients, Span<T> velocity, T learningRate, T momentum, bool nesterov, T weightDecay) where T : INumber<T>
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            T gradient = T.IsZero(weightDecay) ? gradients[i] : gradients[i] + weightDecay * parameters[i];
            velocity[i] = T.IsZero(momentum) ? gradient : Normal(momentum * velocity[i] + gradient);
            parameters[i] -= learningRate * (nesterov ? gradient + momentum * velocity[i] : velocity[i]);
        }
    }

    /// <summary><c>m = β₁ m + (1 - β₁) g; v = β₂ v + (1 - β₂) g²; w -= learningRate m̂ / (sqrt(v̂) + ε)</c>, with decay in the gradient or apart from it.</summary>
    public static void Adam<T>(
        Span<T> parameters, ReadOnlySpan<T> gradients, Span<T> firstMoment, Span<T> secondMoment, int step,
        T learningRate, T beta1, T beta2, T epsilon, T weightDecay, bool isDecoupled) where T : IFloatingPointIeee754<T>
    {
        T correction1 = T.One - T.Pow(beta1, T.CreateChecked(step)), correction2 = T.One - T.Pow(beta2, T.CreateChecked(step));
        for (int i = 0; i < parameters.Length; i++)
        {
            T gradient = isDecoupled || T.IsZero(weightDecay) ? gradients[i] : gradients[i] + weightDecay * parameters[i];
            if (isDecoupled) parameters[i] *= T.One - learningRate * weightDecay;
            firstMoment[i] = Normal(beta1 * firstMoment[i] + (T.One - beta1) * gradient);
            secondMoment[i] = Normal(beta2 * secondMoment[i] + (T.One - beta2) * gradient * gradient);
            parameters[i] -= learningRate * (firstMoment[i] / correction1) / (T.Sqrt(secondMoment[i] / correction2) + epsilon);
        }
    }

    private static T Normal<T>(T state) where T : INumber<T> => T.Abs(state) < T.CreateChecked(1.17549435e-38f) ? T.Zero : state;
}
