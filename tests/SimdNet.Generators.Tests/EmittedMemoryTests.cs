using System.Reflection;
using Microsoft.CodeAnalysis;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>
/// Emitted networks of every size, their spans and their own buffers between protected pages: a read or a write beyond
/// them ends the process.
/// </summary>
public class EmittedMemoryTests
{
    private static readonly int[] Sizes = [.. Enumerable.Range(1, 70), 79, 80, 81, 95, 96, 97, 127, 128, 129];

    [Fact]
    public async Task EmittedNetworksStayWithinTheirSpans()
    {
        string source = "using SimdNet.Layers;\n" + string.Concat(Sizes.Select((size, i) =>
            $"/// <summary>Of one size.</summary>\n[SimdNet.Network({size}), Dense({Sizes[(i * 7 + 3) % Sizes.Length]}), Tanh, Dense({size}){(i % 3 == 0 ? ", Softmax" : i % 3 == 1 ? ", Relu" : "")}]\npublic sealed partial class Net{size};\n"));
        Assembly assembly = GeneratorHarness.Load(GeneratorHarness.Compile(source, OptimizationLevel.Release));
        int guarded = 0;
        foreach (int size in Sizes)
        {
            foreach (bool atEnd in new[] { false, true })
            {
                // On a thread of its own, so that scratch memory is taken anew and fits.
                guarded += await Task.Factory.StartNew(() =>
                {
                    using var inside = new GuardedNetworks(atEnd);
                    INetwork network = GeneratorHarness.Create(assembly, "Net" + size, 1);
                    TrainingPass pass = network.CreateTrainingPass(9);
                    Realisations.OnEach(_ => RunBatches(network, pass, size, atEnd));
                    return inside.Count;
                }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
        }
        Assert.True(guarded > 10 * Sizes.Length, $"only {guarded} buffers of networks lay between protected pages");
    }

    private static void RunBatches(INetwork network, TrainingPass pass, int size, bool atEnd)
    {
        foreach (int batch in new[] { 1, 2, 9 })
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
}
