using FsCheck.Xunit;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

public class MatrixProductTests
{
    [Property(MaxTest = 200)]
    public void TheProductIsTheReference(int rows, int columns, int depth, bool transposeA, bool transposeB, int seed)
    {
        PropertyCount.Ran();
        (rows, columns, depth) = (Values.Size(rows), Values.Size(columns), Values.Size(depth, 0, 300));
        float[] a = Values.Uniform(rows * depth, seed), b = Values.Uniform(depth * columns, seed + 1);
        var expected = new double[rows * columns];
        var magnitudes = new double[rows * columns];
        MatrixProductReference.Multiply<double>(Values.ToDouble(a), Values.ToDouble(b), rows, columns, depth, expected, transposeA, transposeB);
        MatrixProductReference.Multiply<double>(
            Values.ToDouble([.. a.Select(Math.Abs)]), Values.ToDouble([.. b.Select(Math.Abs)]), rows, columns, depth, magnitudes, transposeA, transposeB);
        Realisations.OnEach(_ =>
        {
            float[] c = Values.Uniform(rows * columns, 9);
            MatrixProduct.Multiply(a, b, rows, columns, depth, c, transposeA, transposeB);
            Values.AssertSums(expected, magnitudes, depth, c);
        });
    }

    [Property(MaxTest = 60)]
    public void SpecialValuesGoWhereTheReferenceTakesThem(int rows, int columns, int depth, int seed)
    {
        PropertyCount.Ran();
        (rows, columns, depth) = (Values.Size(rows, 0, 30), Values.Size(columns, 0, 40), Values.Size(depth, 0, 40));
        float[] a = Values.Sprinkled(rows * depth, seed), b = Values.Sprinkled(depth * columns, seed + 1);
        var expected = new double[rows * columns];
        MatrixProductReference.Multiply<double>(Values.ToDouble(a), Values.ToDouble(b), rows, columns, depth, expected);
        Realisations.OnEach(_ =>
        {
            var c = new float[expected.Length];
            MatrixProduct.Multiply(a, b, rows, columns, depth, c);
            Values.AssertSameKind(expected, c);
        });
    }

    /// <summary>
    /// Where factors are copied in panels and blocks, and where they are not: the same chains, so the same bits; and nothing
    /// beyond the spans.
    /// </summary>
    [Theory]
    [InlineData(215, 307, 391, false, false)]
    [InlineData(215, 1100, 530, false, false)]
    [InlineData(193, 600, 585, true, false)]
    [InlineData(193, 600, 130, false, true)]
    [InlineData(97, 520, 530, true, true)]
    [InlineData(67, 40, 2100, false, false)]
    [InlineData(1031, 520, 100, true, false)]
    [InlineData(401, 16, 500, false, false)]
    [InlineData(97, 140, 128, false, false)]
    [InlineData(131, 130, 64, true, false)]
    [InlineData(35, 150, 141, false, true)]
    public void LargeProductsHaveTheBitsOfTheirParts(int rows, int depth, int columns, bool transposeA, bool transposeB) => Realisations.OnEach(_ =>
    {
        const int Width = 47;
        float[] a = Values.Uniform(rows * depth, 1), b = Values.Uniform(depth * columns, 2), begun = Values.Uniform(rows * columns, 3);
        using GuardedBuffer left = GuardedBuffer.Of(a, atEnd: true), right = GuardedBuffer.Of(transposeB ? Transpose(b, depth, columns) : b, atEnd: true);
        using GuardedBuffer c = GuardedBuffer.Of(begun, atEnd: true);
        MatrixProduct.Multiply(left.GetSpan(), right.GetSpan(), rows, columns, depth, c.GetSpan(), transposeA, transposeB, accumulate: true);
        for (int first = 0; first < columns; first += Width)
        {
            int width = Math.Min(Width, columns - first);
            float[] slice = new float[depth * width], part = new float[rows * width];
            for (int k = 0; k < depth; k++) b.AsSpan(k * columns + first, width).CopyTo(slice.AsSpan(k * width));
            for (int row = 0; row < rows; row++) begun.AsSpan(row * columns + first, width).CopyTo(part.AsSpan(row * width));
            MatrixProduct.Multiply(a, slice, rows, width, depth, part, transposeA, accumulate: true);
            for (int row = 0; row < rows; row++) Values.AssertSameBits(part.AsSpan(row * width, width), c.GetSpan().Slice(row * columns + first, width));
        }
    });

    /// <summary>A layer so wide that its batch goes through copied panels: rows have the bits of single samples, gradients those of the product.</summary>
    [Theory]
    [InlineData(70, 530, 71)]
    [InlineData(600, 513, 67)]
    public void WideLayersHaveTheBitsOfTheirParts(int inputs, int outputs, int batch) => Realisations.OnEach(_ =>
    {
        float[] x = Values.Uniform(batch * inputs, 1), w = Values.Uniform(inputs * outputs, 2), bias = Values.Uniform(outputs, 3), dy = Values.Uniform(batch * outputs, 4);
        foreach (Activation activation in new[] { Activation.None, Activation.Relu, Activation.Tanh })
        {
            var y = new float[batch * outputs];
            Dense.Forward(x, w, bias, y, inputs, outputs, activation);
            for (int sample = 0; sample < batch; sample += 7)
            {
                var one = new float[outputs];
                Dense.Forward(x.AsSpan(sample * inputs, inputs), w, bias, one, inputs, outputs, activation);
                Values.AssertSameBits(one, y.AsSpan(sample * outputs, outputs));
            }
        }
        float[] dw = new float[inputs * outputs], db = new float[outputs], product = new float[inputs * outputs], dx = new float[batch * inputs];
        Dense.BackwardParameters(x, dy, dw, db, inputs, outputs);
        MatrixProduct.Multiply(x, dy, inputs, outputs, batch, product, transposeA: true);
        Values.AssertSameBits(product, dw);
        Dense.BackwardInput(dy, w, dx, inputs, outputs);
        for (int sample = 0; sample < batch; sample += 7)
        {
            var one = new float[inputs];
            Dense.BackwardInput(dy.AsSpan(sample * outputs, outputs), w, one, inputs, outputs);
            Values.AssertSameBits(one, dx.AsSpan(sample * inputs, inputs));
        }
    });

    [Property(MaxTest = 40)]
    public void EveryRealisationAndTransposeHasTheSameBits(int rows, int columns, int depth, int seed)
    {
        PropertyCount.Ran();
        (rows, columns, depth) = (Values.Size(rows), Values.Size(columns), Values.Size(depth, 0, 600));
        float[] a = Values.Uniform(rows * depth, seed), b = Values.Uniform(depth * columns, seed + 1);
        float[] plain = new float[rows * columns], transposed = new float[rows * columns];
        MatrixProduct.Multiply(a, b, rows, columns, depth, plain);
        MatrixProduct.Multiply(Transpose(a, rows, depth), Transpose(b, depth, columns), rows, columns, depth, transposed, true, true);
        Values.AssertSameBits(plain, transposed);
        Realisations.AssertEqualBits(() =>
        {
            float[] c = Values.Uniform(rows * columns, 3);
            MatrixProduct.Multiply(a, b, rows, columns, depth, c, accumulate: true);
            return c;
        });
    }

    /// <summary>Columns that fill no block, where rows may be the lanes instead: every sum is one chain, and nothing beyond the spans is touched.</summary>
    [Property(MaxTest = 100)]
    public void NarrowProductsAreOneChainASum(int rows, int blocks, int columns, int depth, bool transposeA, bool transposeB, bool accumulate, int seed)
    {
        PropertyCount.Ran();
        (rows, depth, columns) = (Values.Size(rows, 1, 120), Values.Size(depth, 1, 40), 16 * Values.Size(blocks, 0, 2) + Values.Size(columns, 1, 9));
        float[] a = Values.Uniform(rows * depth, seed), b = Values.Uniform(depth * columns, seed + 1), begun = Values.Uniform(rows * columns, seed + 2);
        float[] expected = accumulate ? [.. begun] : new float[begun.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, columns);
            for (int k = 0; k < depth; k++) expected[i] = float.MultiplyAddEstimate(a[row * depth + k], b[k * columns + column], expected[i]);
        }
        foreach (bool atEnd in new[] { false, true })
        {
            using GuardedBuffer left = GuardedBuffer.Of(transposeA ? Transpose(a, rows, depth) : a, atEnd), right = GuardedBuffer.Of(transposeB ? Transpose(b, depth, columns) : b, atEnd);
            Realisations.OnEach(_ =>
            {
                using GuardedBuffer c = GuardedBuffer.Of(begun, atEnd);
                MatrixProduct.Multiply(left.GetSpan(), right.GetSpan(), rows, columns, depth, c.GetSpan(), transposeA, transposeB, accumulate);
                Values.AssertSameBits(expected, c.GetSpan());
            });
        }
    }

    [Fact]
    public void AccumulatingInPartsHasTheBitsOfTheWhole()
    {
        const int Size = 40, Depth = 100;
        float[] a = Values.Uniform(Size * Depth, 1), b = Values.Uniform(Depth * Size, 2);
        float[] whole = new float[Size * Size], parts = new float[Size * Size];
        MatrixProduct.Multiply(a, b, Size, Size, Depth, whole);
        float[] left = [.. Enumerable.Range(0, Size).SelectMany(row => a.Skip(row * Depth).Take(60))];
        float[] right = [.. Enumerable.Range(0, Size).SelectMany(row => a.Skip(row * Depth + 60).Take(40))];
        MatrixProduct.Multiply(left, b.AsSpan(0, 60 * Size), Size, Size, 60, parts);
        MatrixProduct.Multiply(right, b.AsSpan(60 * Size), Size, Size, 40, parts, accumulate: true);
        Values.AssertSameBits(whole, parts);
    }

    [Fact]
    public void TwoThreadsHaveTheBitsOfOneAndAllocateNothing()
    {
        const int Size = 600;
        float[] a = Values.Uniform(Size * Size, 1), b = Values.Uniform(Size * Size, 2), one = new float[Size * Size], two = new float[Size * Size];
        int before = Hardware.MaxThreads;
        try
        {
            Hardware.MaxThreads = 1;
            MatrixProduct.Multiply(a, b, Size, Size, Size, one);
            Hardware.MaxThreads = 2;
            MatrixProduct.Multiply(a, b, Size, Size, Size, two);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            MatrixProduct.Multiply(a, b, Size, Size, Size, two);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        }
        finally
        {
            Hardware.MaxThreads = before;
        }
        Values.AssertSameBits(one, two);
    }

    [Fact]
    public void WrongCallsNameTheParameter()
    {
        float[] f(int n) => new float[n];
        Assert.Equal("a", Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(f(5), f(6), 2, 2, 3, f(4))).ParamName);
        Assert.Equal("b", Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(f(6), f(5), 2, 2, 3, f(4))).ParamName);
        Assert.Equal("c", Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(f(6), f(6), 2, 2, 3, f(5))).ParamName);
        Assert.Equal("rows", Assert.Throws<ArgumentOutOfRangeException>(() => MatrixProduct.Multiply(f(6), f(6), -2, 2, 3, f(4))).ParamName);
        float[] shared = f(4);
        Assert.Equal("c", Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(shared, f(4), 2, 2, 2, shared)).ParamName);
    }

    private static float[] Transpose(float[] matrix, int rows, int columns)
    {
        var result = new float[matrix.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++) result[column * rows + row] = matrix[row * columns + column];
        }
        return result;
    }
}
