using System.Numerics;

namespace SimdNet.Reference;

/// <summary>The elementwise functions and softmax as plain loops; in double precision they are the oracle.</summary>
public static class ElementwiseReference
{
    /// <summary><c>y = x &lt; 0 ? 0 : x</c>.</summary>
    public static T Relu<T>(T x) where T : INumber<T> => x < T.Zero ? T.Zero : x;

    /// <summary><c>y = x &lt; 0 ? slope x : x</c>.</summary>
    public static T LeakyRelu<T>(T x, T slope) where T : INumber<T> => x < T.Zero ? slope * x : x;

    /// <summary><c>y = 1 / (1 + e^-x)</c>.</summary>
    public static T Sigmoid<T>(T x) where T : IFloatingPointIeee754<T> => T.One / (T.One + T.Exp(-x));

    /// <summary><c>dx = y (1 - y) dy</c>.</summary>
    public static T SigmoidBackward<T>(T y, T gradient) where T : INumber<T> => y * (T.One - y) * gradient;

    /// <summary><c>dx = (1 - y²) dy</c>.</summary>
    public static T TanhBackward<T>(T y, T gradient) where T : INumber<T> => (T.One - y * y) * gradient;

    /// <summary><c>dx = y &lt;= 0 ? slope dy : dy</c>; slope 0 for relu.</summary>
    public static T LeakyReluBackward<T>(T y, T gradient, T slope) where T : INumber<T> => y <= T.Zero ? slope * gradient : gradient;

    /// <summary><c>max + ln Σ e^(x[i] - max)</c>.</summary>
    public static T LogSumExp<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        T max = T.NegativeInfinity, sum = T.Zero;
        foreach (T value in x) max = T.Max(max, value);
        foreach (T value in x) sum += T.Exp(value - max);
        return max + T.Log(sum);
    }

    /// <summary><c>y[i] = e^(x[i] - logSumExp(x))</c>.</summary>
    public static void Softmax<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>
    {
        T max = T.NegativeInfinity, sum = T.Zero;
        foreach (T value in x) max = T.Max(max, value);
        for (int i = 0; i < x.Length; i++) sum += y[i] = T.Exp(x[i] - max);
        for (int i = 0; i < x.Length; i++) y[i] /= sum;
    }

    /// <summary><c>dx[i] = y[i] (dy[i] - Σ dy[j] y[j])</c>.</summary>
    public static void SoftmaxBackward<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> gradient, Span<T> inputGradient) where T : INumber<T>
    {
        T sum = T.Zero;
        for (int i = 0; i < y.Length; i++) sum += gradient[i] * y[i];
        for (int i = 0; i < y.Length; i++) inputGradient[i] = y[i] * (gradient[i] - sum);
    }

    /// <summary><c>y[i] = x[i] - logSumExp(x)</c>.</summary>
    public static void LogSoftmax<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>
    {
        T max = T.NegativeInfinity, sum = T.Zero;
        foreach (T value in x) max = T.Max(max, value);
        foreach (T value in x) sum += T.Exp(value - max);
        for (int i = 0; i < x.Length; i++) y[i] = x[i] - max - T.Log(sum);
    }

    /// <summary><c>dx[i] = dy[i] - e^y[i] Σ dy[j]</c>.</summary>
    public static void LogSoftmaxBackward<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> gradient, Span<T> inputGradient) where T : IFloatingPointIeee754<T>
    {
        T sum = T.Zero;
        foreach (T value in gradient) sum += value;
        for (int i = 0; i < y.Length; i++) inputGradient[i] = gradient[i] - T.Exp(y[i]) * sum;
    }
}
