using System.Numerics;

namespace SimdNet.Reference;

/// <summary>
/// The activations and their derivatives by their formulas; those with one argument give <c>f(x)</c>, the others <c>f'(x) dy</c> from x.
/// </summary>
public static class ActivationReference
{
    /// <summary><c>y = x Φ(x)</c>; 0 at -infinity.</summary>
    public static double Gelu(double x) => double.IsNegativeInfinity(x) ? 0 : x * ErrorFunctionReference.NormalDistribution(x);

    /// <summary><c>dx = (Φ(x) + x φ(x)) dy</c>.</summary>
    public static double GeluBackward(double x, double gradient) =>
        (ErrorFunctionReference.NormalDistribution(x) + x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI)) * gradient;

    /// <summary><c>y = x (1 + tanh u) / 2 = x σ(2u)</c> with <c>u = √(2/π) (x + 0.044715 x³)</c>.</summary>
    public static T GeluTanh<T>(T x) where T : IFloatingPointIeee754<T> => Gate(x, TanhArgument(x));

    /// <summary><c>dx = (σ(2u) + x 2u' σ(2u) (1 - σ(2u))) dy</c>.</summary>
    public static T GeluTanhBackward<T>(T x, T gradient) where T : IFloatingPointIeee754<T>
    {
        T z = TanhArgument(x), slope = TanhFactor<T>() * (T.One + T.CreateChecked(0.134145) * x * x);
        return (ElementwiseReference.Sigmoid(z) + x * slope * ElementwiseReference.Sigmoid(z) * ElementwiseReference.Sigmoid(-z)) * gradient;
    }

    /// <summary><c>y = x σ(x)</c>.</summary>
    public static T Silu<T>(T x) where T : IFloatingPointIeee754<T> => Gate(x, x);

    /// <summary><c>dx = (σ(x) + x σ(x) (1 - σ(x))) dy</c>.</summary>
    public static T SiluBackward<T>(T x, T gradient) where T : IFloatingPointIeee754<T> =>
        (ElementwiseReference.Sigmoid(x) + x * ElementwiseReference.Sigmoid(x) * ElementwiseReference.Sigmoid(-x)) * gradient;

    /// <summary><c>y = x tanh(ln(1 + e^x))</c>; 0 at -infinity.</summary>
    public static T Mish<T>(T x) where T : IFloatingPointIeee754<T> => T.IsNegativeInfinity(x) ? T.Zero : x * T.Tanh(Softplus(x));

    /// <summary><c>dx = (w + x σ(x) (1 - w²)) dy</c> with <c>w = tanh(ln(1 + e^x))</c>.</summary>
    public static T MishBackward<T>(T x, T gradient) where T : IFloatingPointIeee754<T>
    {
        T w = T.Tanh(Softplus(x));
        return (w + x * ElementwiseReference.Sigmoid(x) * (T.One - w * w)) * gradient;
    }

    /// <summary><c>y = x &lt; 0 ? alpha (e^x - 1) : x</c>.</summary>
    public static T Elu<T>(T x, T alpha) where T : IFloatingPointIeee754<T> => x < T.Zero ? alpha * ExpMinusOne(x) : x;

    /// <summary><c>dx = x &lt; 0 ? alpha e^x dy : dy</c>.</summary>
    public static T EluBackward<T>(T x, T gradient, T alpha) where T : IFloatingPointIeee754<T> => x < T.Zero ? alpha * T.Exp(x) * gradient : gradient;

    /// <summary><c>y = λ elu(x, α)</c> with λ = 1.0507009873554805 and α = 1.6732632423543772.</summary>
    public static T Selu<T>(T x) where T : IFloatingPointIeee754<T> => T.CreateChecked(1.0507009873554804934) * Elu(x, T.CreateChecked(1.6732632423543772848));

    /// <summary><c>dx = λ elu'(x, α) dy</c>.</summary>
    public static T SeluBackward<T>(T x, T gradient) where T : IFloatingPointIeee754<T> =>
        T.CreateChecked(1.0507009873554804934) * EluBackward(x, gradient, T.CreateChecked(1.6732632423543772848));

    /// <summary><c>y = ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)</c>.</summary>
    public static T Softplus<T>(T x) where T : IFloatingPointIeee754<T> => T.Max(x, T.Zero) + LogOnePlus(T.Exp(-T.Abs(x)));

    /// <summary><c>dx = σ(x) dy</c>.</summary>
    public static T SoftplusBackward<T>(T x, T gradient) where T : IFloatingPointIeee754<T> => ElementwiseReference.Sigmoid(x) * gradient;

    /// <summary><c>y = x / (1 + |x|)</c>; -1 and 1 at the infinities.</summary>
    public static T Softsign<T>(T x) where T : IFloatingPointIeee754<T> => T.IsInfinity(x) ? T.CopySign(T.One, x) : x / (T.One + T.Abs(x));

    /// <summary><c>dx = dy / (1 + |x|)²</c>.</summary>
    public static T SoftsignBackward<T>(T x, T gradient) where T : IFloatingPointIeee754<T> => gradient / ((T.One + T.Abs(x)) * (T.One + T.Abs(x)));

    /// <summary><c>y = min(max(x + 3, 0), 6) / 6</c>.</summary>
    public static T HardSigmoid<T>(T x) where T : IFloatingPointIeee754<T> =>
        T.Min(T.Max(x + T.CreateChecked(3), T.Zero), T.CreateChecked(6)) / T.CreateChecked(6);

    /// <summary><c>dx = -3 &lt; x &lt; 3 ? dy / 6 : 0</c>.</summary>
    public static T HardSigmoidBackward<T>(T x, T gradient) where T : IFloatingPointIeee754<T> =>
        T.Abs(x) < T.CreateChecked(3) ? gradient / T.CreateChecked(6) : T.Zero;

    /// <summary><c>y = x hardSigmoid(x)</c>; 0 at -infinity.</summary>
    public static T HardSwish<T>(T x) where T : IFloatingPointIeee754<T> => T.IsNegativeInfinity(x) ? T.Zero : x * HardSigmoid(x);

    /// <summary><c>dx = x &lt;= -3 ? 0 : x &gt;= 3 ? dy : (x/3 + 1/2) dy</c>.</summary>
    public static T HardSwishBackward<T>(T x, T gradient) where T : IFloatingPointIeee754<T> =>
        x <= T.CreateChecked(-3) ? T.Zero : x >= T.CreateChecked(3) ? gradient : (x / T.CreateChecked(3) + T.CreateChecked(0.5)) * gradient;

    /// <summary><c>ln(1 + x)</c>, where the sum's rounding cancels in the quotient; <c>T.LogP1</c> takes the logarithm of the rounded sum.</summary>
    private static T LogOnePlus<T>(T x) where T : IFloatingPointIeee754<T>
    {
        T sum = T.One + x;
        return sum == T.One ? x : T.Log(sum) * (x / (sum - T.One));
    }

    /// <summary><c>e^x - 1</c> likewise.</summary>
    private static T ExpMinusOne<T>(T x) where T : IFloatingPointIeee754<T>
    {
        T power = T.Exp(x);
        return power == T.One ? x : power - T.One == -T.One ? -T.One : (power - T.One) * (x / T.Log(power));
    }

    private static T Gate<T>(T x, T z) where T : IFloatingPointIeee754<T> => T.IsNegativeInfinity(x) ? T.Zero : x * ElementwiseReference.Sigmoid(z);

    private static T TanhArgument<T>(T x) where T : IFloatingPointIeee754<T> => TanhFactor<T>() * (x + T.CreateChecked(0.044715) * x * x * x);

    private static T TanhFactor<T>() where T : IFloatingPointIeee754<T> => T.CreateChecked(2) * T.Sqrt(T.CreateChecked(2) / T.Pi);
}
