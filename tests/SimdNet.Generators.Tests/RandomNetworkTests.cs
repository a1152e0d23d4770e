using System.Reflection;
using Microsoft.CodeAnalysis;
using SimdNet.Reference;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Hundreds of declarations drawn at random, generated, compiled, and compared with the double reference.</summary>
public sealed class RandomNetworkTests(RandomNetworkTests.Compiled compiled) : IClassFixture<RandomNetworkTests.Compiled>
{
    private const int Count = 200, Batch = 11;

    [Fact]
    public void ForwardBackwardAndUpdateAreTheReferences()
    {
        foreach ((Declaration declaration, Func<INetwork> create, _) in compiled.Networks)
        {
            INetwork network = create();
            float[] input = Values.Uniform(Batch * network.InputSize, int.Parse(declaration.Name[3..], System.Globalization.CultureInfo.InvariantCulture), 2);
            CheckForward(declaration, network, input);
            CheckTraining(declaration, network, input);
        }
    }

    [Fact]
    public void ARowOfABatchHasTheBitsOfOneSample()
    {
        foreach ((_, Func<INetwork> create, _) in compiled.Networks)
        {
            INetwork network = create();
            float[] input = Values.Uniform(Batch * network.InputSize, 3), output = new float[Batch * network.OutputSize], one = new float[network.OutputSize];
            Realisations.OnEach(_ =>
            {
                network.Forward(input, output);
                for (int row = 0; row < Batch; row++)
                {
                    network.Forward(input.AsSpan(row * network.InputSize, network.InputSize), one);
                    Values.AssertSameBits(one, output.AsSpan(row * network.OutputSize, network.OutputSize));
                }
            });
        }
    }

    [Fact]
    public void EveryRealisationHasTheSameBits()
    {
        foreach ((_, Func<INetwork> create, _) in compiled.Networks) Realisations.AssertEqualBits(() => Trace(create()));
    }

    [Fact]
    public void DebugHasTheBitsOfRelease()
    {
        foreach ((_, Func<INetwork> create, Func<INetwork> createDebug) in compiled.Networks) Values.AssertSameBits(Trace(create()), Trace(createDebug()));
    }

    [Fact]
    public void AStepHasTheBitsOfItsParts()
    {
        foreach ((_, Func<INetwork> create, _) in compiled.Networks)
        {
            foreach (Func<Optimizer> createOptimizer in new Func<Optimizer>[] { () => new Sgd(0.1f), () => new Sgd(0.1f, 0.9f), () => new AdamW(0.01f) })
            {
                foreach (int batch in new[] { 1, Batch })
                {
                    INetwork whole = create(), parts = create();
                    float[] input = Values.Uniform(batch * whole.InputSize, 5), targets = [.. Values.Uniform(batch * whole.OutputSize, 6).Select(Math.Abs)];
                    Loss loss = FittingLoss(whole);
                    Optimizer first = createOptimizer(), second = createOptimizer();
                    TrainingPass step = whole.CreateTrainingPass(batch), pass = parts.CreateTrainingPass(batch);
                    for (int i = 0; i < 2; i++)
                    {
                        float value = step.Step(input, targets, loss, first);
                        pass.Forward(input);
                        Assert.Equal(pass.BackwardLoss(loss, targets), value);
                        second.Update(parts.Parameters, pass.Gradients, parts.DecayedLength);
                    }
                    Values.AssertSameBits(parts.Parameters, whole.Parameters);
                }
            }
        }
    }

    [Fact]
    public void NothingIsAllocated()
    {
        foreach ((_, Func<INetwork> create, _) in compiled.Networks.Take(40))
        {
            INetwork network = create();
            TrainingPass pass = network.CreateTrainingPass(Batch);
            Optimizer optimizer = new Adam();
            float[] input = Values.Uniform(Batch * network.InputSize, 5), output = new float[Batch * network.OutputSize], targets = new float[output.Length];
            Loss loss = FittingLoss(network);
            // What scratch memory other tests left to this thread grows first, a piece a round at the least.
            for (int i = 0; i < 4; i++) All();
            long before = GC.GetAllocatedBytesForCurrentThread();
            All();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

            void All()
            {
                network.Forward(input, output);
                network.Forward(input.AsSpan(0, network.InputSize), output.AsSpan(0, network.OutputSize));
                pass.Step(input, targets, loss, optimizer);
                pass.Forward(input);
                pass.Backward(targets);
                _ = pass.InputGradients;
            }
        }
    }

    [Fact]
    public void PaddingStaysZero()
    {
        foreach ((_, Func<INetwork> create, _) in compiled.Networks)
        {
            INetwork network = create();
            TrainingPass pass = network.CreateTrainingPass(Batch);
            float[] input = Values.Uniform(Batch * network.InputSize, 5), targets = new float[Batch * network.OutputSize];
            for (int i = 0; i < 3; i++) pass.Step(input, targets, FittingLoss(network), new AdamW());
            float[] before = network.Parameters.ToArray();
            foreach (Tensor tensor in network.Tensors) tensor.CopyFrom(new float[tensor.Length]);
            Assert.All(network.Parameters.ToArray(), value => Assert.Equal(0, value));
            Assert.Equal(network.ParameterCount, network.Tensors.Sum(tensor => tensor.Length));
            Assert.True(before.Count(value => value != 0) <= network.ParameterCount);
        }
    }

    private static void CheckForward(Declaration declaration, INetwork network, float[] input)
    {
        var reference = new ReferenceNetwork(declaration, network);
        double[] expected = reference.Outputs(reference.Logits(Values.ToDouble(input), Batch), network.OutputSize);
        var output = new float[Batch * network.OutputSize];
        network.Forward(input, output);
        Values.AssertClose(expected, output, 1e-4, 1e-5);
    }

    private static void CheckTraining(Declaration declaration, INetwork network, float[] input)
    {
        var reference = new ReferenceNetwork(declaration, network);
        TrainingPass pass = network.CreateTrainingPass(Batch);
        pass.Seed = 77;
        float[] targets = [.. Values.Uniform(Batch * network.OutputSize, 8).Select(Math.Abs)];
        Loss loss = FittingLoss(network);
        Values.AssertClose(
            reference.Outputs(reference.Logits(Values.ToDouble(input), Batch, (77, 1)), network.OutputSize), pass.Forward(input), 1e-4, 1e-5);
        double[] logits = reference.Logits(Values.ToDouble(input), Batch, (77, 1)), logitGradient = new double[logits.Length];
        double expected = network.OutputActivation switch
        {
            OutputActivation.Softmax => LossReference.CrossEntropy<double>(logits, Values.ToDouble(targets), network.OutputSize, logitGradient),
            OutputActivation.Sigmoid => LossReference.BinaryCrossEntropy<double>(logits, Values.ToDouble(targets), logitGradient),
            _ => LossReference.MeanSquaredError<double>(logits, Values.ToDouble(targets), logitGradient),
        };
        Values.AssertClose([expected], [pass.BackwardLoss(loss, targets)], 1e-3, 1e-5);

        double[] inputGradient = reference.Backward(logitGradient);
        Values.AssertClose(inputGradient, pass.InputGradients, 1e-3, 1e-5);
        foreach (Tensor tensor in network.Tensors)
        {
            var gradient = new float[tensor.Length];
            tensor.CopyTo(pass.Gradients, gradient);
            Values.AssertClose(reference.Gradients[tensor.Name], gradient, 1e-3, 1e-5);
        }

        // The same masks again, and the update by plain descent.
        Dictionary<string, float[]> before = network.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.ToArray());
        pass.Passes = 0;
        pass.Step(input, targets, loss, new Sgd(0.5f));
        foreach (Tensor tensor in network.Tensors)
            Values.AssertClose([.. before[tensor.Name].Zip(reference.Gradients[tensor.Name], (w, g) => w - 0.5 * g)], tensor.ToArray(), 1e-3, 1e-5);
    }

    private static Loss FittingLoss(INetwork network) => network.OutputActivation switch
    {
        OutputActivation.Softmax => Loss.CrossEntropy,
        OutputActivation.Sigmoid => Loss.BinaryCrossEntropy,
        _ => Loss.MeanSquaredError,
    };

    /// <summary>Everything a network computes: predictions, gradients, and parameters after two steps.</summary>
    private static float[] Trace(INetwork network)
    {
        float[] input = Values.Uniform(Batch * network.InputSize, 5), output = new float[Batch * network.OutputSize];
        float[] targets = [.. Values.Uniform(output.Length, 6).Select(Math.Abs)];
        network.Forward(input, output);
        var one = new float[network.OutputSize];
        network.Forward(input.AsSpan(0, network.InputSize), one);
        TrainingPass pass = network.CreateTrainingPass(Batch);
        pass.Forward(input);
        pass.Backward(targets);
        float[] gradients = [.. pass.InputGradients, .. pass.Gradients];
        pass.Step(input, targets, FittingLoss(network), new Sgd(0.1f));
        pass.Step(input, targets, FittingLoss(network), new Adam());
        return [.. output, .. one, .. gradients, .. network.Parameters];
    }

    /// <summary>All declarations in one compilation for Release and one for Debug.</summary>
    public sealed class Compiled
    {
        public Compiled()
        {
            var random = new Random(20261124);
            Declaration[] declarations = [.. Enumerable.Range(0, Count).Select(i => Declaration.Random("Net" + i, random))];
            string source = "using SimdNet.Layers;\n" + string.Join("\n", declarations.Select(declaration => declaration.Source));
            Assembly release = GeneratorHarness.Load(GeneratorHarness.Compile(source, OptimizationLevel.Release));
            Assembly debug = GeneratorHarness.Load(GeneratorHarness.Compile(source, OptimizationLevel.Debug));
            Networks =
            [
                .. declarations.Select(declaration => (declaration,
                    (Func<INetwork>)(() => GeneratorHarness.Create(release, declaration.Name, 42)),
                    (Func<INetwork>)(() => GeneratorHarness.Create(debug, declaration.Name, 42)))),
            ];
        }

        internal IReadOnlyList<(Declaration Declaration, Func<INetwork> Create, Func<INetwork> CreateDebug)> Networks { get; }
    }
}
