using FsCheck.Xunit;
using SimdNet.Reference;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

public class OptimizerTests
{
    private const int Steps = 4;

    [Property(MaxTest = 100)]
    public void SgdIsTheReference(int length, int seed, bool hasMomentum, bool nesterov, bool decays)
    {
        PropertyCount.Ran();
        (float momentum, float decay) = (hasMomentum ? 0.9f : 0, decays ? 0.1f : 0);
        nesterov &= hasMomentum;
        Check(length, seed, () => new Sgd(0.05f, momentum, nesterov, decay), parameters =>
        {
            var velocity = new double[parameters.Length];
            return (gradients, decayed, _) =>
            {
                UpdateReference.Sgd(parameters.AsSpan(0, decayed), gradients.AsSpan(0, decayed), velocity.AsSpan(0, decayed), (double)0.05f, momentum, nesterov, decay);
                UpdateReference.Sgd(parameters.AsSpan(decayed), gradients.AsSpan(decayed), velocity.AsSpan(decayed), (double)0.05f, momentum, nesterov, 0);
            };
        });
    }

    [Property(MaxTest = 100)]
    public void AdamIsTheReference(int length, int seed, bool isDecoupled, bool decays)
    {
        PropertyCount.Ran();
        float decay = decays ? 0.1f : 0;
        Check(length, seed, () => isDecoupled ? new AdamW(0.01f, weightDecay: decay) : new Adam(0.01f, weightDecay: decay), parameters =>
        {
            double[] first = new double[parameters.Length], second = new double[parameters.Length];
            return (gradients, decayed, step) =>
            {
                UpdateReference.Adam(parameters.AsSpan(0, decayed), gradients.AsSpan(0, decayed), first.AsSpan(0, decayed), second.AsSpan(0, decayed), step, (double)0.01f, (double)0.9f, (double)0.999f, 1e-8, decay, isDecoupled);
                UpdateReference.Adam(parameters.AsSpan(decayed), gradients.AsSpan(decayed), first.AsSpan(decayed), second.AsSpan(decayed), step, (double)0.01f, (double)0.9f, (double)0.999f, 1e-8, 0, isDecoupled);
            };
        });
    }

    [Fact]
    public void EveryRealisationHasTheSameBits()
    {
        foreach (Func<Optimizer> create in new Func<Optimizer>[] { () => new Sgd(0.1f, 0.9f, true, 0.01f), () => new Adam(0.1f, weightDecay: 0.01f), () => new AdamW(0.1f) })
        {
            Realisations.AssertEqualBits(() =>
            {
                float[] parameters = Values.Uniform(333, 1);
                Optimizer optimizer = create();
                for (int step = 0; step < Steps; step++) optimizer.Update(parameters, Values.Uniform(333, step + 2), 100);
                return parameters;
            });
        }
    }

    [Fact]
    public void TwoThreadsHaveTheBitsOfOne()
    {
        const int Length = 300_001;
        foreach (Func<Optimizer> create in new Func<Optimizer>[] { () => new Sgd(0.1f), () => new Sgd(0.1f, 0.9f, nesterov: true, weightDecay: 0.1f), () => new Adam(0.1f), () => new AdamW(0.1f) })
        {
            Values.AssertSameBits(Realisations.OnThreads(1, Train), Realisations.OnThreads(2, Train));

            float[] Train()
            {
                Optimizer optimizer = create();
                float[] parameters = Values.Uniform(Length, 1);
                for (int step = 0; step < 3; step++) optimizer.Update(parameters, Values.Uniform(Length, step + 2), Length - 5_000);
                return parameters;
            }
        }
    }

    /// <summary>Every pair of zeros, infinities, NaN, subnormal and largest floats: what the formula makes of it in floats.</summary>
    [Fact]
    public void SpecialValuesAreTheReferences()
    {
        float[] start = [.. Values.Special.SelectMany(parameter => Enumerable.Repeat(parameter, Values.Special.Length))];
        float[] gradients = [.. Enumerable.Repeat(Values.Special, Values.Special.Length).SelectMany(value => value)];
        Assert.Contains(start, float.IsNaN);
        Assert.Contains(start, float.IsSubnormal);
        foreach ((Optimizer optimizer, Action<float[]> reference) in new (Optimizer, Action<float[]>)[]
        {
            (new Sgd(0.1f), w => UpdateReference.Sgd<float>(w, gradients, new float[w.Length], 0.1f, 0, false, 0)),
            (new Sgd(0.1f, weightDecay: 0.01f), w => UpdateReference.Sgd<float>(w, gradients, new float[w.Length], 0.1f, 0, false, 0.01f)),
            (new Sgd(0.1f, 0.9f), w => UpdateReference.Sgd<float>(w, gradients, new float[w.Length], 0.1f, 0.9f, false, 0)),
            (new Sgd(0.1f, 0.9f, true), w => UpdateReference.Sgd<float>(w, gradients, new float[w.Length], 0.1f, 0.9f, true, 0)),
            (new Adam(0.1f), w => UpdateReference.Adam<float>(w, gradients, new float[w.Length], new float[w.Length], 1, 0.1f, 0.9f, 0.999f, 1e-8f, 0, false)),
            (new AdamW(0.1f, weightDecay: 0.01f), w => UpdateReference.Adam<float>(w, gradients, new float[w.Length], new float[w.Length], 1, 0.1f, 0.9f, 0.999f, 1e-8f, 0.01f, true)),
        })
        {
            float[] expected = [.. start];
            reference(expected);
            Realisations.OnEach(set =>
            {
                float[] parameters = [.. start];
                optimizer.Reset();
                optimizer.Update(parameters, gradients);
                for (int i = 0; i < start.Length; i++)
                {
                    bool same = expected[i].Equals(parameters[i]) || Math.Abs((double)expected[i] - parameters[i]) <= 1e-4 * Math.Abs((double)expected[i]) + 1e-44;
                    Assert.True(same, $"{optimizer.GetType().Name} on {set}: parameter {start[i]:R}, gradient {gradients[i]:R} gave {parameters[i]:R}, the reference {expected[i]:R}.");
                }
            });
        }
    }

    [Fact]
    public void FirstStepsAreThoseOfPyTorch()
    {
        // torch.optim.Adam(lr=0.1) on w = 1 with gradients 0.5, 0.5: each step moves by lr, for m̂ / sqrt(v̂) is 1.
        float[] parameters = [1f];
        var adam = new Adam(0.1f);
        adam.Update(parameters, [0.5f]);
        Assert.Equal(0.9f, parameters[0], 1e-6f);
        adam.Update(parameters, [0.5f]);
        Assert.Equal(0.8f, parameters[0], 1e-6f);

        // torch.optim.SGD(lr=0.1, momentum=0.9): v = 0.5, then 0.9 * 0.5 + 0.5 = 0.95.
        parameters = [1f];
        var sgd = new Sgd(0.1f, 0.9f);
        sgd.Update(parameters, [0.5f]);
        sgd.Update(parameters, [0.5f]);
        Assert.Equal(1f - 0.05f - 0.095f, parameters[0], 1e-6f);
    }

    /// <summary>What has no gradient any more, as behind a dead unit, decays until it is subnormal, which processors divide slowly.</summary>
    [Fact]
    public void StateBecomesZeroRatherThanSubnormal()
    {
        float[] gradients = [0.5f, float.NaN, 0, 0], none = [0, 0, 0, 0];
        Realisations.OnEach(set =>
        {
            float[] parameters = [1, 1, 1, 1], first = [0, 0, 0, 2e-38f], second = [0, 0, 1.1755e-38f, 1.2e-38f], velocity = [0, 0, 0, -2e-38f];
            for (int step = 1; step <= 1500; step++)
            {
                float[] now = step == 1 ? gradients : none;
                Adam.Update(parameters, now, first, second, step, beta2: step == 1 ? 0.9999f : 0.9f);
                Sgd.Update(parameters, now, velocity, 0.1f, 0.9f, nesterov: false, weightDecay: 0);
                foreach (float value in (float[])[.. first, .. second, .. velocity]) Assert.False(float.IsSubnormal(value), $"{set}: {value:R} after step {step}.");
            }
            Assert.Equal([0, float.NaN, 0, 0], first);
            Assert.Equal([0, float.NaN, 0, 0], second);
            Assert.Equal([0, float.NaN, 0, 0], velocity);
        });
    }

    [Fact]
    public void BiasesDoNotDecayUnlessAllDo()
    {
        float[] zero = [0, 0], parameters = [1, 1], all = [1, 1];
        new AdamW(0.1f, weightDecay: 0.5f).Update(parameters, zero, 1);
        Assert.Equal([0.95f, 1f], parameters);
        new AdamW(0.1f, weightDecay: 0.5f) { DecayAll = true }.Update(all, zero, 1);
        Assert.Equal([0.95f, 0.95f], all);
    }

    [Fact]
    public void UpdatesAllocateNothing()
    {
        foreach (Optimizer optimizer in new Optimizer[] { new Sgd(0.1f), new Sgd(0.1f, 0.9f), new Adam(), new AdamW() })
        {
            float[] parameters = Values.Uniform(100, 1), gradients = Values.Uniform(100, 2);
            optimizer.Update(parameters, gradients, 50);
            long before = GC.GetAllocatedBytesForCurrentThread();
            optimizer.Update(parameters, gradients, 50);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void WrongCallsNameTheParameter()
    {
        // The number is the decayed length, not a learning rate.
        float[] parameters = [1, 1];
        new Sgd(0.5f, weightDecay: 1).Update(parameters, [1, 1], 1);
        Assert.Equal([0, 0.5f], parameters);
        var adam = new Adam();
        Assert.Equal("gradients", Assert.Throws<ArgumentException>(() => adam.Update(new float[3], new float[2])).ParamName);
        adam.Update(new float[3], new float[3]);
        Assert.Equal("parameters", Assert.Throws<ArgumentException>(() => adam.Update(new float[4], new float[4])).ParamName);
        adam.Reset();
        adam.Update(new float[4], new float[4]);
        Assert.Equal("beta1", Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(beta1: 1)).ParamName);
        Assert.Equal("epsilon", Assert.Throws<ArgumentOutOfRangeException>(() => new AdamW(epsilon: 0)).ParamName);
        Assert.Equal("LearningRate", Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(-1)).ParamName);
        Assert.Equal("nesterov", Assert.Throws<ArgumentException>(() => new Sgd(1, nesterov: true)).ParamName);
    }

    private static void Check(int length, int seed, Func<Optimizer> create, Func<double[], Action<double[], int, int>> createReference)
    {
        length = Values.Size(length);
        float[] start = Values.Uniform(length, seed);
        int decayed = length / 2;
        double[] expected = Values.ToDouble(start);
        Action<double[], int, int> reference = createReference(expected);
        for (int step = 1; step <= Steps; step++) reference(Values.ToDouble(Values.Uniform(length, seed + step)), decayed, step);
        Realisations.OnEach(_ =>
        {
            float[] parameters = [.. start];
            Optimizer optimizer = create();
            for (int step = 1; step <= Steps; step++) optimizer.Update(parameters, Values.Uniform(length, seed + step), decayed);
            Values.AssertClose(expected, parameters, 1e-5, 1e-5);
        });
    }
}
