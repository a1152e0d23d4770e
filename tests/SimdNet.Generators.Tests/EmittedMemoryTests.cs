using System.Reflection;
using Microsoft.CodeAnalysis;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Emitted networks of every size between protected pages: a read or a write beyond a span ends the process.</summary>
public class EmittedMemoryTests
{
    private static readonly int[] Sizes = [.. Enumerable.Range(1, 70), 79, 80, 81, 95, 96, 97, 127, 128, 129];

    [Fact]
    public void EmittedNetworksStayWithinTheirSpans()
    {
        string source = "using SimdNet.Layers;\n" + string.Concat(Sizes.Select((size, i) =>
            $"/// <summary>Of one size.</summary>\n[SimdNet.Network({size}), Dense({Sizes[(i * 7 + 3) % Sizes.Length]}), Tanh, Dense({size}){(i % 3 == 0 ? ", Softmax" : i % 3 == 1 ? ", Relu" : "")}]\npublic sealed partial class Net{size};\n"));
        Assembly assembly = GeneratorHarness.Load(GeneratorHarness.Compile(source, OptimizationLevel.Release));
        foreach (int size in Sizes)
        {
            INetwork network = GeneratorHarness.Create(assembly, "Net" + size, 1);
            TrainingPass pass = network.CreateTrainingPass(9);
            Realisations.OnEach(_ =>
            {
                foreach (int batch in new[] { 1, 2, 9 })
                {
                    foreach (bool atEnd in new[] { false, true })
                    {
                        using GuardedBuffer x = GuardedBuffer.Of(Values.Uniform(batch * size, size), atEnd), y = new(batch * size, atEnd), t = GuardedBuffer.Of(Values.Uniform(batch * size, 2), atEnd);
                        network.Forward(x.GetSpan(), y.GetSpan());
                        Assert.DoesNotContain(y.GetSpan().ToArray(), float.IsNaN);
                        pass.Step(x.GetSpan(), t.GetSpan(), Loss.MeanSquaredError, new Sgd(0.01f));
                        pass.Forward(x.GetSpan());
                        pass.Backward(t.GetSpan());
                        Assert.False(float.IsNaN(pass.InputGradients[0]));
                    }
                }
            });
        }
    }
}
