using FsCheck.Xunit;
using SimdNet.CompilerServices;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Causal convolutions, one time step at a time.</summary>
public class ConvolutionStepTests
{
    [Property(MaxTest = 120)]
    public void StepsAreTheSequence(int seed)
    {
        PropertyCount.Ran();
        Case c = Case.Draw(seed);
        OperationHarness.AssertStepsAreTheSequence(c.Operation<Identity>(c.Steps), c.Steps, c.X, c.Parameters);
        OperationHarness.AssertStepsAreTheSequence(c.Operation<Relu>(c.Steps), c.Steps, c.X, c.Parameters);
        OperationHarness.AssertStepsAreTheSequence(c.Operation<Tanh>(c.Steps), c.Steps, c.X, c.Parameters);
    }

    /// <summary>What a tile of outputs, a group, or a block of channels has too many or too few of.</summary>
    [Theory]
    [InlineData(1, 8, 3, 1, 1)]
    [InlineData(8, 8, 3, 4, 1)]
    [InlineData(64, 64, 3, 2, 1)]
    [InlineData(33, 170, 2, 5, 1)]
    [InlineData(20, 100, 5, 1, 5)]
    [InlineData(37, 37, 4, 3, 37)]
    [InlineData(64, 64, 3, 1, 64)]
    [InlineData(5, 3, 1, 1, 1)]
    public void SpansAreKeptAndNothingIsAllocated(int channels, int filters, int kernel, int dilation, int groups)
    {
        var c = new Case(channels, filters, kernel, dilation, groups, Steps: 3 * kernel * dilation + 2, Batch: 2, Seed: 4, HasBias: true);
        Operation operation = c.Operation<Tanh>(c.Steps);
        OperationHarness.AssertStepsAreTheSequence(operation, c.Steps, c.X, c.Parameters);
        OperationHarness.AssertStaysWithinSpans(operation, c.X, c.Parameters, c.Steps);
        OperationHarness.AssertAllocatesNothing(operation, c.X, c.Parameters, c.Steps);
    }

    [Property(MaxTest = 40)]
    public void EveryRealisationHasTheSameBits(int seed)
    {
        PropertyCount.Ran();
        Case c = Case.Draw(seed);
        Realisations.AssertEqualBits(() => [.. c.Stream(c.Operation<Sigmoid>(c.Steps))]);
    }

    /// <summary>A stream is longer than the sequence that the operation was made for, which may be one step.</summary>
    [Property(MaxTest = 40)]
    public void TheLengthOfTheSequenceDoesNotMatter(int seed)
    {
        PropertyCount.Ran();
        Case c = Case.Draw(seed);
        Realisations.OnEach(_ => Values.AssertSameBits(c.Stream(c.Operation<Relu>(c.Steps)), c.Stream(c.Operation<Relu>(1))));
    }

    [Fact]
    public void SumsReachBackByTheDilation()
    {
        // y[t] = 1 + 2 x[t - 6] + 3 x[t - 3] + 5 x[t]
        var operation = new ConvolutionOperation<Identity>(Shape(1, 1, 3, 3, 1, 1), 0, 12);
        float[] parameters = [2, 0, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0], state = new float[operation.StateLength], y = new float[1];
        float[] expected = [6, 11, 16, 24, 32, 40, 50];
        for (int t = 0; t < 7; t++)
        {
            operation.Step([t + 1], parameters, state, y);
            Assert.Equal(expected[t], y[0]);
        }
    }

    [Fact]
    public void WhatCannotBeStreamedSaysWhy()
    {
        AssertRefused("rows and columns", new ConvolutionShape(4, 4, 1, 1, 3, 3));
        AssertRefused("stride is 2", new ConvolutionShape(1, 8, 1, 1, 1, 3, 1, 2, left: 2));
        AssertRefused("padding is not causal", new ConvolutionShape(1, 8, 1, 1, 1, 3, left: 1, right: 1));
        AssertRefused("padding is not causal", new ConvolutionShape(1, 8, 1, 1, 1, 3));
        AssertRefused("padding is not causal", new ConvolutionShape(1, 8, 1, 1, 1, 3, left: 2, right: 1));

        static void AssertRefused(string reason, ConvolutionShape shape)
        {
            var operation = new ConvolutionOperation<Identity>(shape, 0, -1);
            Assert.Equal(0, operation.StateLength);
            Assert.Contains(reason, Assert.Throws<NotSupportedException>(() => operation.Step(new float[1], new float[shape.WeightLength], default, new float[1])).Message);
        }
    }

    [Fact]
    public void WrongCallsNameTheParameter()
    {
        var operation = new ConvolutionOperation<Identity>(Shape(2, 3, 3, 2, 1, 5), 0, -1);
        Assert.Equal(2 * 4 + 1, operation.StateLength);
        float[] f(int n) => new float[n];
        int weights = operation.Shape.WeightLength;
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => operation.Step(f(3), f(weights), f(9), f(3))).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => operation.Step(f(2), f(weights), f(9), f(2))).ParamName);
        Assert.Equal("parameters", Assert.Throws<ArgumentException>(() => operation.Step(f(2), f(weights - 1), f(9), f(3))).ParamName);
        Assert.Equal("state", Assert.Throws<ArgumentException>(() => operation.Step(f(2), f(weights), f(8), f(3))).ParamName);
        float[] state = f(9);
        foreach (float slot in new[] { -1f, 4f, float.PositiveInfinity })
        {
            state[8] = slot;
            Assert.Throws<InvalidOperationException>(() => operation.Step(f(2), f(weights), state, f(3)));
        }
    }

    private static ConvolutionShape Shape(int channels, int filters, int kernel, int dilation, int groups, int steps) =>
        new(1, steps, channels, filters, 1, kernel, dilationWidth: dilation, left: (kernel - 1) * dilation, groups: groups);

    private sealed record Case(int Channels, int Filters, int Kernel, int Dilation, int Groups, int Steps, int Batch, int Seed, bool HasBias)
    {
        public static Case Draw(int seed)
        {
            var random = new Random(seed);
            int Pick(int most) => random.Next(1, most + 1);
            int groups = random.Next(3) == 0 ? Pick(20) : 1;
            int channels = groups * (groups > 1 && random.Next(2) == 0 ? 1 : Pick(groups > 1 ? 4 : 20));
            int filters = groups * (channels == groups && random.Next(3) > 0 ? 1 : Pick(groups > 1 ? 4 : 70));
            return new Case(channels, filters, Pick(5), Pick(4), groups, Pick(40), Pick(2), seed, random.Next(4) > 0);
        }

        public float[] X => Values.Uniform(Batch * Steps * Channels, Seed, 2);

        public float[] Parameters
        {
            get
            {
                // Padding is zero, as it is in a network.
                ConvolutionShape shape = Shape(Channels, Filters, Kernel, Dilation, Groups, Steps);
                var parameters = new float[shape.WeightLength + shape.BiasLength];
                (int group, int output, int input, _, int x) = shape.WeightStrides;
                int inputs = Channels / Groups, outputs = Filters / Groups;
                var random = new Random(Seed + 1);
                for (int f = 0; f < Filters; f++)
                {
                    int place = f / outputs * group + f % outputs * output;
                    for (int i = 0; i < inputs * Kernel; i++) parameters[place + i / Kernel * input + i % Kernel * x] = 2 * random.NextSingle() - 1;
                    parameters[shape.WeightLength + (shape.IsDepthwise ? f : f / outputs * (shape.BiasLength / Groups) + f % outputs)] = random.NextSingle();
                }
                return parameters;
            }
        }

        public ConvolutionOperation<TActivation> Operation<TActivation>(int steps) where TActivation : struct, IActivation
        {
            ConvolutionShape shape = Shape(Channels, Filters, Kernel, Dilation, Groups, steps);
            return new ConvolutionOperation<TActivation>(shape, 0, HasBias ? shape.WeightLength : -1);
        }

        /// <summary>All samples as one stream.</summary>
        public float[] Stream(Operation operation)
        {
            float[] x = X, parameters = Parameters, state = new float[operation.StateLength], y = new float[Batch * Steps * Filters];
            for (int step = 0; step < Batch * Steps; step++)
                operation.Step(x.AsSpan(step * Channels, Channels), parameters, state, y.AsSpan(step * Filters, Filters));
            return y;
        }
    }
}
