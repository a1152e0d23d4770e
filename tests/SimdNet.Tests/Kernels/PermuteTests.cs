using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class PermuteTests
{
    [Property(MaxTest = 100)]
    public void AnExchangeIsTheReference(int outer, int rows, int middle, int columns, int inner, int batch, int seed)
    {
        PropertyCount.Ran();
        (outer, rows, middle, columns, inner, batch) =
            (Values.Size(outer, 1, 3), Values.Size(rows, 1, 40), Values.Size(middle, 1, 5), Values.Size(columns, 1, 40), Values.Size(inner, 1, 3), Values.Size(batch, 0, 3));
        var operation = new PermuteOperation(outer, rows, middle, columns, inner);
        int[] shape = [batch, outer, rows, middle, columns, inner], order = [0, 1, 4, 3, 2, 5];
        float[] x = Values.Uniform(batch * operation.InputLength, seed), y = new float[x.Length], dy = Values.Uniform(y.Length, seed + 1), dx = new float[x.Length];
        PermuteReference.Forward<float>(shape, order, x, y);
        PermuteReference.Backward<float>(shape, order, dy, dx);
        Realisations.OnEach(_ =>
        {
            Values.AssertSameBits(y, OperationRun.Forward(operation, x));
            Values.AssertSameBits(dx, OperationRun.Backward(operation, x, y, dy));
        });
    }

    /// <summary>Every order of every shape, behind layers and before layers that have images in another order inside.</summary>
    [Property(MaxTest = 100)]
    public void ALayerIsTheReference(int rank, int first, int second, int third, bool turnsBefore, int seed)
    {
        PropertyCount.Ran();
        int[] shape = [.. new[] { Values.Size(first, 1, 9), Values.Size(second, 1, 9), Values.Size(third, 1, 9) }.Take(Values.Size(rank, 1, 3))], order = [.. Enumerable.Range(0, shape.Length)];
        new Random(seed).Shuffle(order);
        bool isImage = shape.Length == 3;
        Network network = Network.Create(shape, x => (turnsBefore && isImage ? x.Upsample2D(1) : x).Permute(order)), again = Network.Create(shape, x => isImage ? x.Permute(order).Upsample2D(1) : x.Permute(order));
        float[] x = Values.Uniform(2 * network.InputSize, seed), y = new float[x.Length], dy = Values.Uniform(x.Length, seed + 1), dx = new float[x.Length], actual = new float[x.Length];
        PermuteReference.Forward<float>([2, .. shape], [0, .. order.Select(axis => axis + 1)], x, y);
        PermuteReference.Backward<float>([2, .. shape], [0, .. order.Select(axis => axis + 1)], dy, dx);
        foreach (Network one in new[] { network, again })
        {
            one.Forward(x, actual);
            Values.AssertSameBits(y, actual);
            Training.TrainingPass pass = one.CreateTrainingPass(2);
            pass.Forward(x);
            pass.Backward(dy);
            Values.AssertSameBits(dx, pass.InputGradients);
        }
    }

    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(1, 19, 1, 33, 1)]
    [InlineData(3, 5, 1, 18, 1)]
    [InlineData(1, 17, 3, 20, 1)]
    [InlineData(1, 6, 1, 7, 5)]
    [InlineData(2, 3, 4, 5, 2)]
    public void PromisesAreKept(int outer, int rows, int middle, int columns, int inner) => OperationRun.AssertPromises(new PermuteOperation(outer, rows, middle, columns, inner), 3, 1);

    [Fact]
    public void TheReferenceHasTheGradientItClaims()
    {
        double[] x = Values.ToDouble(Values.Uniform(2 * 5 * 3, 1)), dy = Values.ToDouble(Values.Uniform(x.Length, 2)), y = new double[x.Length], dx = new double[x.Length];
        PermuteReference.Backward<double>([2, 5, 3], [2, 0, 1], dy, dx);
        GradientCheck.Run([(x, dx)], () =>
        {
            PermuteReference.Forward<double>([2, 5, 3], [2, 0, 1], x, y);
            return y.Zip(dy, (value, gradient) => value * gradient).Sum();
        });
    }

    [Fact]
    public void OrdersAreThoseOfTheField()
    {
        // PyTorch: torch.arange(6).reshape(1, 2, 3).permute(2, 0, 1).flatten()
        float[] y = new float[6];
        Network.Create([1, 2, 3], x => x.Permute(2, 0, 1)).Forward([0, 1, 2, 3, 4, 5], y);
        Assert.Equal([0, 3, 1, 4, 2, 5], y);
        Assert.Equal([3, 1, 2], Network.Create([1, 2, 3], x => x.Permute(2, 0, 1)).Spec.OutputShape);
    }

    [Fact]
    public void WrongSizesAndCallsNameTheParameter()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PermuteOperation(1, 0, 1, 1, 1));
        Assert.Throws<ArgumentException>(() => new PermuteOperation(1, 1 << 16, 1, 1 << 16, 1));
        var operation = new PermuteOperation(2, 3, 4, 5, 2);
        OperationHarness.AssertRefusesWrongLengths(operation, Values.Uniform(2 * operation.InputLength, 1), [], 0);
    }
}
