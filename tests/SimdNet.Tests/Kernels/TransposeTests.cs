using FsCheck.Xunit;
using SimdNet.CompilerServices;
using Xunit;

namespace SimdNet.Tests;

public class TransposeTests
{
    [Property(MaxTest = 100)]
    public void RowsBecomeColumnsAndBack(int rows, int columns, int batch, int seed)
    {
        PropertyCount.Ran();
        (rows, columns, batch) = (Values.Size(rows, 1), Values.Size(columns, 1), Values.Size(batch, 0, 3));
        var operation = new TransposeOperation(rows, columns);
        float[] x = Values.Uniform(batch * rows * columns, seed), expected = new float[x.Length];
        for (int sample = 0; sample < batch; sample++)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < columns; column++) expected[(sample * columns + column) * rows + row] = x[(sample * rows + row) * columns + column];
            }
        }
        Assert.Equal(expected, OperationRun.Forward(operation, x));
        Assert.Equal(x, OperationRun.Backward(operation, x, expected, expected));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 50)]
    [InlineData(50, 3)]
    [InlineData(2, 7)]
    [InlineData(16, 33)]
    [InlineData(37, 48)]
    public void PromisesAreKept(int rows, int columns) => OperationRun.AssertPromises(new TransposeOperation(rows, columns), 2, 1);

    [Fact]
    public void WrongCallsNameTheParameter()
    {
        float[] f(int n) => new float[n];
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransposeOperation(0, 1));
        Assert.Throws<ArgumentException>(() => new TransposeOperation(1 << 16, 1 << 16));
        var operation = new TransposeOperation(2, 3);
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => operation.Forward(f(11), default, f(12), 2)).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => operation.Forward(f(12), default, f(11), 2)).ParamName);
    }
}
