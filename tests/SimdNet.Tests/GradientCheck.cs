using Xunit;

namespace SimdNet.Tests;

/// <summary>Compares gradients with central differences in double precision.</summary>
internal static class GradientCheck
{
    private const double Step = 1e-6;

    /// <param name="pairs">Values that <paramref name="function"/> reads, and its gradients with respect to them.</param>
    /// <param name="function">A function of the values.</param>
    public static void Run((double[] Values, double[] Gradient)[] pairs, Func<double> function)
    {
        foreach ((double[] values, double[] gradient) in pairs)
        {
            for (int i = 0; i < values.Length; i++)
            {
                double value = values[i];
                values[i] = value + Step;
                double above = function();
                values[i] = value - Step;
                double below = function();
                values[i] = value;
                double expected = (above - below) / (2 * Step);
                Assert.True(Math.Abs(expected - gradient[i]) <= 1e-5 + 1e-3 * Math.Abs(expected), $"[{i}]: differences give {expected}, the gradient is {gradient[i]}.");
            }
        }
    }
}
