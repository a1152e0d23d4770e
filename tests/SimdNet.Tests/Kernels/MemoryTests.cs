using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Every public kernel between protected pages: a read or a write beyond a span ends the process.</summary>
public class MemoryTests
{
    /// <summary>1 to 70, and the neighbours of further multiples of 16.</summary>
    private static readonly int[] Sizes = [.. Enumerable.Range(1, 70), 79, 80, 81, 95, 96, 97, 111, 112, 113, 127, 128, 129, 255, 256, 257];

    [Fact]
    public void ElementwiseFunctionsStayWithinTheirSpans() => OnEach((length, _, atEnd) =>
    {
        using GuardedBuffer x = New(length, atEnd), y = New(length, atEnd), g = New(length, atEnd);
        Elementwise.Exp(x.GetSpan(), y.GetSpan());
        Elementwise.Log(x.GetSpan(), y.GetSpan());
        Elementwise.Sigmoid(x.GetSpan(), y.GetSpan());
        Elementwise.Tanh(x.GetSpan(), y.GetSpan());
        Elementwise.LeakyRelu(x.GetSpan(), 0.1f, y.GetSpan());
        Elementwise.TanhBackward(x.GetSpan(), g.GetSpan(), y.GetSpan());
        Elementwise.Erf(x.GetSpan(), y.GetSpan());
        Elementwise.Gelu(x.GetSpan(), y.GetSpan());
        Elementwise.GeluBackward(x.GetSpan(), g.GetSpan(), y.GetSpan());
        Elementwise.GeluTanh(x.GetSpan(), y.GetSpan());
        Elementwise.Silu(x.GetSpan(), y.GetSpan());
        Elementwise.Mish(x.GetSpan(), y.GetSpan());
        Elementwise.MishBackward(x.GetSpan(), g.GetSpan(), y.GetSpan());
        Elementwise.HardSwish(x.GetSpan(), y.GetSpan());
        Elementwise.Elu(x.GetSpan(), y.GetSpan());
        Elementwise.Selu(x.GetSpan(), y.GetSpan());
        Elementwise.Softplus(x.GetSpan(), y.GetSpan());
        Elementwise.Softsign(x.GetSpan(), y.GetSpan());
        Elementwise.HardSigmoid(x.GetSpan(), y.GetSpan());
        Elementwise.LogSoftmax(x.GetSpan(), length, y.GetSpan());
        Elementwise.LogSoftmaxBackward(y.GetSpan(), g.GetSpan(), length, y.GetSpan());
        Elementwise.Softmax(x.GetSpan(), length, y.GetSpan());
        Elementwise.SoftmaxBackward(y.GetSpan(), g.GetSpan(), length, x.GetSpan());
        Assert.True(float.IsFinite(Elementwise.LogSumExp(g.GetSpan())));
    });

    [Fact]
    public void LossesAndUpdatesStayWithinTheirSpans() => OnEach((length, _, atEnd) =>
    {
        using GuardedBuffer y = New(length, atEnd), t = New(length, atEnd), g = New(length, atEnd), m = New(length, atEnd), v = New(length, atEnd);
        foreach (Loss loss in new[] { Loss.MeanSquaredError, Loss.HalfSumOfSquares, Loss.BinaryCrossEntropy, Loss.CrossEntropy })
            Assert.False(float.IsNaN(loss.Evaluate(y.GetSpan(), t.GetSpan(), length, g.GetSpan())));
        Loss.CrossEntropy.Evaluate(y.GetSpan(), [0], length, g.GetSpan());
        Sgd.Update(y.GetSpan(), g.GetSpan(), 0.1f);
        Sgd.Update(y.GetSpan(), g.GetSpan(), m.GetSpan(), 0.1f, 0.9f, true, 0.01f);
        m.GetSpan().Clear();
        v.GetSpan().Clear();
        Adam.Update(y.GetSpan(), g.GetSpan(), m.GetSpan(), v.GetSpan(), 1);
        Assert.DoesNotContain(y.GetSpan().ToArray(), float.IsNaN);
    });

    [Fact]
    public void DenseLayersStayWithinTheirSpans() => OnEach((inputs, outputs, atEnd) =>
    {
        foreach (int batch in new[] { 1, 3, 9 })
        {
            using GuardedBuffer x = New(batch * inputs, atEnd), w = New(inputs * outputs, atEnd), b = New(outputs, atEnd), y = New(batch * outputs, atEnd);
            using GuardedBuffer dx = New(batch * inputs, atEnd), dw = New(inputs * outputs, atEnd), db = New(outputs, atEnd);
            Dense.Forward(x.GetSpan(), w.GetSpan(), b.GetSpan(), y.GetSpan(), inputs, outputs, Activation.Tanh);
            Dense.BackwardInput(y.GetSpan(), w.GetSpan(), dx.GetSpan(), inputs, outputs);
            Dense.BackwardParameters(x.GetSpan(), y.GetSpan(), dw.GetSpan(), db.GetSpan(), inputs, outputs);
            Assert.DoesNotContain(dw.GetSpan().ToArray(), float.IsNaN);

            // Weights that are read where they lie.
            int stride = Dense.Stride(outputs);
            using GuardedBuffer padded = new(inputs * stride, atEnd), paddedBias = new(stride, atEnd);
            Dense.Forward(x.GetSpan(), padded.GetSpan(), paddedBias.GetSpan(), y.GetSpan(), inputs, outputs, weightStride: stride);
            Assert.All(y.GetSpan().ToArray(), value => Assert.Equal(0, value));
        }
    });

    [Fact]
    public void ProductsStayWithinTheirSpans() => OnEach((rows, columns, atEnd) =>
    {
        const int Depth = 5;
        using GuardedBuffer a = New(rows * Depth, atEnd), b = New(Depth * columns, atEnd), c = New(rows * columns, atEnd);
        foreach (bool transpose in new[] { false, true }) MatrixProduct.Multiply(a.GetSpan(), b.GetSpan(), rows, columns, Depth, c.GetSpan(), transpose, transpose, transpose);
        Assert.DoesNotContain(c.GetSpan().ToArray(), float.IsNaN);
    });

    [Fact]
    public void NetworksStayWithinTheirSpans() => Realisations.OnEach(_ =>
    {
        foreach (INetwork network in new INetwork[] { new TinyNet(1), new CurveNet(1), new SideNet(1), new RingNet(1), new MixedNet(1) })
        {
            foreach (int batch in new[] { 1, 2, 7, 65 })
            {
                foreach (bool atEnd in new[] { false, true })
                {
                    using GuardedBuffer x = New(batch * network.InputSize, atEnd), y = New(batch * network.OutputSize, atEnd);
                    network.Forward(x.GetSpan(), y.GetSpan());
                    TrainingPass pass = network.CreateTrainingPass(batch);
                    pass.Step(x.GetSpan(), y.GetSpan(), Loss.MeanSquaredError, new Sgd(0.01f));
                    pass.Step(x.GetSpan(), y.GetSpan(), Loss.MeanSquaredError, new Adam());
                    Assert.DoesNotContain(y.GetSpan().ToArray(), float.IsNaN);
                }
            }
        }
    });

    private static GuardedBuffer New(int count, bool atEnd) => GuardedBuffer.Of([.. Values.Uniform(count, count).Select(Math.Abs)], atEnd);

    private static void OnEach(Action<int, int, bool> check) => Realisations.OnEach(_ =>
    {
        for (int i = 0; i < Sizes.Length; i++)
        {
            foreach (bool atEnd in new[] { false, true }) check(Sizes[i], Sizes[(7 * i + 3) % Sizes.Length], atEnd);
        }
    });
}
