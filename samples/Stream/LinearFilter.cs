namespace Amp;

/// <summary>The best linear filter of so many taps: least squares on a signal and what it shall become.</summary>
internal sealed class LinearFilter
{
    private readonly double[] _taps;

    private LinearFilter(double[] taps) => _taps = taps;

    /// <summary>Solves the normal equations, <c>Σ x[n - i] x[n - j] h[j] = Σ x[n - i] t[n]</c>.</summary>
    public static LinearFilter Fit(ReadOnlySpan<float> input, ReadOnlySpan<float> target, int taps)
    {
        var matrix = new double[taps, taps];
        var right = new double[taps];
        for (int i = 0; i < taps; i++)
        {
            double sum = 0, product = 0;
            for (int n = taps - 1; n < input.Length; n++)
            {
                sum += (double)input[n] * input[n - i];
                product += (double)target[n] * input[n - i];
            }
            (matrix[0, i], right[i]) = (sum, product);

            // Each further diagonal element differs by the samples at both ends.
            for (int j = 1; i + j < taps; j++)
            {
                int last = input.Length - j, first = taps - 1 - j;
                sum += (double)input[first] * input[first - i] - (double)input[last] * input[last - i];
                matrix[j, i + j] = sum;
            }
        }
        return new LinearFilter(Solve(matrix, right));
    }

    /// <summary>The signal through the filter, from rest.</summary>
    public float[] Process(ReadOnlySpan<float> input)
    {
        var output = new float[input.Length];
        for (int n = 0; n < output.Length; n++)
        {
            double sum = 0;
            for (int i = 0; i < Math.Min(_taps.Length, n + 1); i++) sum += _taps[i] * input[n - i];
            output[n] = (float)sum;
        }
        return output;
    }

    /// <summary>By Cholesky's decomposition of the symmetric matrix, of which the upper half is given.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        int size = right.Length;
        for (int i = 0; i < size; i++)
        {
            for (int j = i; j < size; j++)
            {
                double sum = matrix[i, j];
                for (int k = 0; k < i; k++) sum -= matrix[k, i] * matrix[k, j];
                matrix[i, j] = i == j ? Math.Sqrt(sum) : sum / matrix[i, i];
            }
            for (int k = 0; k < i; k++) right[i] -= matrix[k, i] * right[k];
            right[i] /= matrix[i, i];
        }
        for (int i = size - 1; i >= 0; i--)
        {
            for (int j = i + 1; j < size; j++) right[i] -= matrix[i, j] * right[j];
            right[i] /= matrix[i, i];
        }
        return right;
    }
}
