using SimdNet.CompilerServices;
using Xunit;

namespace SimdNet.Tests;

/// <summary>What is asked of every operation, whatever it computes.</summary>
internal static class OperationHarness
{
    /// <summary>What a training pass over an operation computes.</summary>
    public readonly record struct Pass(float[] Y, float[] InputGradient, float[] Gradients, float[] Parameters)
    {
        public float[] All => [.. Y, .. InputGradient, .. Gradients, .. Parameters];
    }

    /// <summary>Prediction.</summary>
    public static float[] Predict(Operation operation, float[] x, float[] parameters)
    {
        int batch = x.Length / operation.InputLength;
        var y = new float[batch * operation.OutputLength];
        operation.Forward(x, parameters, y, batch);
        return y;
    }

    /// <summary>Forward in training and back, into gradients that held something.</summary>
    public static Pass Train(Operation operation, float[] x, float[] parameters, float[] outputGradient)
    {
        int batch = x.Length / operation.InputLength;
        float[] own = [.. parameters], y = new float[batch * operation.OutputLength], kept = Values.Uniform(operation.KeptLength(batch), 1);
        float[] inputGradient = Values.Uniform(x.Length, 2), gradients = Values.Uniform(parameters.Length, 3);
        operation.ForwardTraining(x, own, y, kept, batch, new TrainingStep(1, 2, 3));
        operation.Backward(x, y, outputGradient, own, kept, inputGradient, gradients, batch);
        return new Pass(y, inputGradient, gradients, own);
    }

    /// <summary>Where nobody needs the gradient of the input, those of the parameters are the same.</summary>
    public static void AssertInputGradientIsOptional(Operation operation, float[] x, float[] parameters, float[] outputGradient)
    {
        int batch = x.Length / operation.InputLength;
        float[] expected = Train(operation, x, parameters, outputGradient).Gradients, gradients = Values.Uniform(parameters.Length, 3);
        float[] own = [.. parameters], y = new float[batch * operation.OutputLength], kept = new float[operation.KeptLength(batch)];
        operation.ForwardTraining(x, own, y, kept, batch, new TrainingStep(1, 2, 3));
        operation.Backward(x, y, outputGradient, own, kept, default, gradients, batch);
        Values.AssertSameBits(expected, gradients);
    }

    /// <summary>The same bits on all realisations, in prediction and in training.</summary>
    public static void AssertEqualBits(Operation operation, float[] x, float[] parameters, float[] outputGradient) =>
        Realisations.AssertEqualBits(() => [.. Predict(operation, x, parameters), .. Train(operation, x, parameters, outputGradient).All]);

    /// <summary>A sample of a batch has the bits of one that is alone.</summary>
    public static void AssertSamplesAreIndependent(Operation operation, float[] x, float[] parameters, float[]? outputGradient = null)
    {
        int batch = x.Length / operation.InputLength;
        Realisations.OnEach(_ =>
        {
            float[] y = Predict(operation, x, parameters);
            for (int sample = 0; sample < batch; sample++)
            {
                float[] one = [.. x.AsSpan(sample * operation.InputLength, operation.InputLength)];
                Values.AssertSameBits(Predict(operation, one, parameters), y.AsSpan(sample * operation.OutputLength, operation.OutputLength));
            }
            if (outputGradient is null) return;
            Pass pass = Train(operation, x, parameters, outputGradient);
            Values.AssertSameBits(y, pass.Y);
            for (int sample = 0; sample < batch; sample++)
            {
                float[] one = [.. x.AsSpan(sample * operation.InputLength, operation.InputLength)];
                float[] dy = [.. outputGradient.AsSpan(sample * operation.OutputLength, operation.OutputLength)];
                Values.AssertSameBits(Train(operation, one, parameters, dy).InputGradient, pass.InputGradient.AsSpan(sample * operation.InputLength, operation.InputLength));
            }
        });
    }

    /// <summary>A frozen layer has the same bits, and reads nothing beyond the copies that it keeps.</summary>
    public static void AssertFrozenIsTheSame(Operation operation, float[] x, float[] parameters) => Realisations.OnEach(_ =>
    {
        float[] expected = Predict(operation, x, parameters);
        foreach (bool atEnd in new[] { false, true })
        {
            using var guarded = new GuardedNetworks(atEnd);
            var block = new ParameterBlock([], parameters.Length, 0, operation.InputLength, operation.OutputLength);
            parameters.CopyTo(block.All);
            Values.AssertSameBits(expected, Predict(operation.Freeze(new FrozenParameters(block)), x, parameters));
        }
    });

    /// <summary>The steps of a stream have the bits of the sequence, and a state that is cleared begins anew.</summary>
    public static void AssertStepsAreTheSequence(Operation operation, int steps, float[] x, float[] parameters)
    {
        int inputs = operation.InputLength / steps, outputs = operation.OutputLength / steps, batch = x.Length / operation.InputLength;
        Realisations.OnEach(_ =>
        {
            float[] y = Predict(operation, x, parameters), state = new float[operation.StateLength], one = new float[outputs];
            for (int sample = 0; sample < batch; sample++)
            {
                Array.Clear(state);
                for (int step = sample * steps; step < (sample + 1) * steps; step++)
                {
                    operation.Step(x.AsSpan(step * inputs, inputs), parameters, state, one);
                    Values.AssertSameBits(y.AsSpan(step * outputs, outputs), one);
                }
            }
        });
    }

    /// <summary>Nothing is read or written beyond a span, and nothing lies between protected pages that is not asked for.</summary>
    public static void AssertStaysWithinSpans(Operation operation, float[] x, float[] parameters, int steps = 0)
    {
        int batch = x.Length / operation.InputLength;
        Realisations.OnEach(_ =>
        {
            foreach (bool atEnd in new[] { false, true })
            {
                using GuardedBuffer input = GuardedBuffer.Of(x, atEnd), weights = GuardedBuffer.Of(parameters, atEnd), y = new(batch * operation.OutputLength, atEnd);
                using GuardedBuffer kept = new(operation.KeptLength(batch), atEnd), dx = new(x.Length, atEnd), gradients = new(parameters.Length, atEnd);
                using GuardedBuffer state = new(operation.StateLength, atEnd);
                operation.Forward(input.GetSpan(), weights.GetSpan(), y.GetSpan(), batch);
                operation.ForwardTraining(input.GetSpan(), weights.GetSpan(), y.GetSpan(), kept.GetSpan(), batch, new TrainingStep(1, 2, 3));
                operation.Backward(input.GetSpan(), y.GetSpan(), y.GetSpan(), weights.GetSpan(), kept.GetSpan(), dx.GetSpan(), gradients.GetSpan(), batch);
                Assert.DoesNotContain(gradients.GetSpan().ToArray(), float.IsNaN);
                Assert.DoesNotContain(dx.GetSpan().ToArray(), float.IsNaN);
                if (steps == 0) continue;
                int inputs = operation.InputLength / steps;
                using GuardedBuffer step = new(inputs, atEnd), one = new(operation.OutputLength / steps, atEnd);
                for (int i = 0; i < steps; i++)
                {
                    x.AsSpan(i * inputs, inputs).CopyTo(step.GetSpan());
                    operation.Step(step.GetSpan(), weights.GetSpan(), state.GetSpan(), one.GetSpan());
                }
            }
        });
    }

    /// <summary>No call allocates, once its thread has scratch memory.</summary>
    public static void AssertAllocatesNothing(Operation operation, float[] x, float[] parameters, int steps = 0)
    {
        int batch = x.Length / operation.InputLength;
        float[] y = new float[batch * operation.OutputLength], kept = new float[operation.KeptLength(batch)], dx = new float[x.Length], gradients = new float[parameters.Length];
        float[] state = new float[operation.StateLength];
        Allocations.AssertNone(operation.GetType().Name, () =>
        {
            operation.Forward(x, parameters, y, batch);
            operation.ForwardTraining(x, parameters, y, kept, batch, new TrainingStep(1, 2, 3));
            operation.Backward(x, y, y, parameters, kept, dx, gradients, batch);
            for (int i = 0; i < steps; i++)
                operation.Step(x.AsSpan(i * operation.InputLength / steps, operation.InputLength / steps), parameters, state, y.AsSpan(0, operation.OutputLength / steps));
            Array.Clear(state);
        });
    }

    /// <summary>A length that does not fit is refused, by the parameter's name.</summary>
    /// <param name="trained">Where the trained parameters end, which alone have gradients; at the end of all where it is left out.</param>
    public static void AssertRefusesWrongLengths(Operation operation, float[] x, float[] parameters, int end, int? trained = null)
    {
        int batch = x.Length / operation.InputLength, outputs = batch * operation.OutputLength, keeps = operation.KeptLength(batch);
        float[] f(int count) => new float[count];
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => operation.Forward(f(x.Length - 1), parameters, f(outputs), batch)).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => operation.Forward(x, parameters, f(outputs + 1), batch)).ParamName);
        Assert.Equal("batch", Assert.Throws<ArgumentOutOfRangeException>(() => operation.Forward(x, parameters, f(outputs), -1)).ParamName);
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => operation.ForwardTraining(f(x.Length + 1), parameters, f(outputs), f(keeps), batch, default)).ParamName);
        Assert.Equal("outputGradient", Back(dy: f(outputs - 1)));
        Assert.Equal("inputGradient", Back(dx: f(x.Length - 1)));
        if (end > 0)
        {
            Assert.Equal("parameters", Assert.Throws<ArgumentException>(() => operation.Forward(x, f(end - 1), f(outputs), batch)).ParamName);
            Assert.Equal("parameters", Back(given: f(end - 1)));
            Assert.Equal("gradients", Back(gradients: f((trained ?? end) - 1)));
        }
        if (keeps > 0)
        {
            Assert.Equal("kept", Assert.Throws<ArgumentException>(() => operation.ForwardTraining(x, parameters, f(outputs), f(keeps - 1), batch, default)).ParamName);
            Assert.Equal("kept", Back(kept: f(keeps - 1)));
        }

        string? Back(float[]? dy = null, float[]? given = null, float[]? kept = null, float[]? dx = null, float[]? gradients = null) => Assert.Throws<ArgumentException>(
            () => operation.Backward(x, f(outputs), dy ?? f(outputs), given ?? parameters, kept ?? f(keeps), dx ?? f(x.Length), gradients ?? f(parameters.Length), batch)).ParamName;
    }

    /// <summary>Asserts that a gradient in double precision is the central difference of <c>Σ y weights</c>.</summary>
    public static void AssertGradient(Func<double> loss, double[] at, double[] gradient)
    {
        const double Step = 1e-6;
        for (int i = 0; i < at.Length; i++)
        {
            double value = at[i];
            at[i] = value + Step;
            double above = loss();
            at[i] = value - Step;
            double below = loss();
            at[i] = value;
            double expected = (above - below) / (2 * Step);
            Assert.True(Math.Abs(expected - gradient[i]) <= 1e-5 + 1e-3 * Math.Abs(expected), $"[{i}]: expected {expected}, got {gradient[i]}.");
        }
    }
}
