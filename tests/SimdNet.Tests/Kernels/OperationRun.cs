using SimdNet.CompilerServices;
using Xunit;

namespace SimdNet.Tests;

/// <summary>An operation without parameters, run in the ways that all of them are tested in.</summary>
internal static class OperationRun
{
    public static float[] Forward(Operation operation, float[] x)
    {
        int batch = x.Length / operation.InputLength;
        float[] y = Values.Uniform(batch * operation.OutputLength, 9);
        operation.Forward(x, default, y, batch);
        return y;
    }

    public static float[] Backward(Operation operation, float[] x, float[] y, float[] gradient)
    {
        float[] dx = Values.Uniform(x.Length, 9);
        operation.Backward(x, y, gradient, default, default, dx, default, x.Length / operation.InputLength);
        return dx;
    }

    /// <summary>The same bits on every realisation, for a sample of a batch, on one thread and two, between protected pages, and nothing allocated.</summary>
    public static void AssertPromises(Operation operation, int batch, int seed)
    {
        float[] x = Values.Uniform(batch * operation.InputLength, seed), gradient = Values.Uniform(batch * operation.OutputLength, seed + 1);
        Realisations.AssertEqualBits(() =>
        {
            float[] y = Forward(operation, x);
            return [.. y, .. Backward(operation, x, y, gradient)];
        });
        Realisations.OnEach(_ =>
        {
            float[] y = Forward(operation, x), dx = Backward(operation, x, y, gradient);
            for (int sample = 0; sample < batch; sample++)
            {
                float[] one = x[(sample * operation.InputLength)..((sample + 1) * operation.InputLength)], oneY = Forward(operation, one);
                Values.AssertSameBits(oneY, y.AsSpan(sample * operation.OutputLength, operation.OutputLength));
                float[] oneGradient = gradient[(sample * operation.OutputLength)..((sample + 1) * operation.OutputLength)];
                Values.AssertSameBits(Backward(operation, one, oneY, oneGradient), dx.AsSpan(sample * operation.InputLength, operation.InputLength));
            }
            foreach (bool atEnd in new[] { false, true })
            {
                using GuardedBuffer input = GuardedBuffer.Of(x, atEnd), output = new(y.Length, atEnd), dy = GuardedBuffer.Of(gradient, atEnd), result = new(x.Length, atEnd);
                operation.Forward(input.GetSpan(), default, output.GetSpan(), batch);
                operation.Backward(input.GetSpan(), output.GetSpan(), dy.GetSpan(), default, default, result.GetSpan(), default, batch);
                Values.AssertSameBits(y, output.GetSpan());
                Values.AssertSameBits(dx, result.GetSpan());
            }
        });
        int before = Hardware.MaxThreads;
        try
        {
            float[] y = Forward(operation, x), dx = Backward(operation, x, y, gradient);
            Hardware.MaxThreads = before == 1 ? 2 : 1;
            Values.AssertSameBits(y, Forward(operation, x));
            Values.AssertSameBits(dx, Backward(operation, x, y, gradient));
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            operation.Forward(x, default, y, batch);
            operation.Backward(x, y, gradient, default, default, dx, default, batch);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        }
        finally
        {
            Hardware.MaxThreads = before;
        }
    }
}
