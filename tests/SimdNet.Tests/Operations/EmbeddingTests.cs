using FsCheck.Xunit;
using SimdNet.CompilerServices;
using SimdNet.Reference;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Embeddings and learned positions.</summary>
public class EmbeddingTests
{
    [Property(MaxTest = 100)]
    public void EmbeddingIsTheReference(int batch, int steps, int vocabulary, int width, int seed)
    {
        PropertyCount.Ran();
        (batch, steps, vocabulary, width) = (Values.Size(batch, 1, 4), Values.Size(steps, 1, 9), Values.Size(vocabulary, 1, 20), Values.Size(width, 1, 70));
        (int[] tokens, float[] x) = Tokens(batch * steps, vocabulary, seed);
        int stride = Dense.Stride(width);
        var operation = new EmbeddingOperation(vocabulary, width, steps, 5);
        float[] table = Values.Uniform(vocabulary * width, seed + 1), parameters = Stored(table, vocabulary, width), dy = Values.Uniform(x.Length * width, seed + 2);
        float[] y = new float[dy.Length], direct = new float[dy.Length];
        double[] dTable = new double[table.Length];
        EmbeddingReference.Forward<float>(tokens, table, y, width);
        EmbeddingReference.Backward<double>(tokens, Values.ToDouble(dy), dTable, width);
        Realisations.OnEach(_ =>
        {
            Values.AssertSameBits(y, OperationHarness.Predict(operation, x, parameters));
            EmbeddingOperation.Forward(tokens, parameters.AsSpan(5), stride, direct, vocabulary, width);
            Values.AssertSameBits(y, direct);
            OperationHarness.Pass pass = OperationHarness.Train(operation, x, parameters, dy);
            Values.AssertSameBits(new float[x.Length], pass.InputGradient);
            for (int token = 0; token < vocabulary; token++)
            {
                ReadOnlySpan<float> row = pass.Gradients.AsSpan(5 + token * stride, stride);
                Values.AssertClose(dTable.AsSpan(token * width, width), row[..width], 1e-5, 1e-5);
                Values.AssertSameBits(new float[stride - width], row[width..]);
            }
        });
        OperationHarness.AssertEqualBits(operation, x, parameters, dy);
        OperationHarness.AssertStepsAreTheSequence(operation, steps, x, parameters);
        OperationHarness.AssertInputGradientIsOptional(operation, x, parameters, dy);
    }

    [Fact]
    public void ATokenThatIsNotInTheVocabularyIsRefusedWithItsPlace()
    {
        var operation = new EmbeddingOperation(7, 3, 4, 0);
        float[] table = new float[7 * Dense.Stride(3)];
        foreach (float token in new[] { 7, -1, 2.5f, float.NaN, float.PositiveInfinity, 1e10f, -1e10f })
        {
            float[] x = [0, 6, token, 1];
            ArgumentOutOfRangeException fault = Assert.Throws<ArgumentOutOfRangeException>(() => OperationHarness.Predict(operation, x, table));
            Assert.Contains("position 2", fault.Message);
            Assert.Equal("x", fault.ParamName);
            Assert.Contains("position 2", Assert.Throws<ArgumentOutOfRangeException>(
                () => operation.Backward(x, default, new float[12], table, default, default, new float[table.Length], 1)).Message);
        }
        foreach (int token in new[] { 7, -1, int.MinValue })
        {
            Assert.Contains("position 1", Assert.Throws<ArgumentOutOfRangeException>(
                () => EmbeddingOperation.Forward([3, token], table, Dense.Stride(3), new float[6], 7, 3)).Message);
        }
        Assert.Equal("table", Assert.Throws<ArgumentException>(() => EmbeddingOperation.Forward([3], new float[5], 3, new float[3], 7, 3)).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => EmbeddingOperation.Forward([3], table, 4, new float[4], 7, 3)).ParamName);
        Assert.Equal("vocabulary", Assert.Throws<ArgumentOutOfRangeException>(() => new EmbeddingOperation(EmbeddingOperation.MostTokens + 1, 1, 1, 0)).ParamName);
    }

    [Property(MaxTest = 60)]
    public void PositionsAreAdded(int batch, int steps, int width, int seed)
    {
        PropertyCount.Ran();
        (batch, steps, width) = (Values.Size(batch, 1, 4), Values.Size(steps, 1, 9), Values.Size(width, 1, 70));
        var operation = new PositionsOperation(steps, width, 3);
        float[] x = Values.Uniform(batch * steps * width, seed), parameters = Values.Uniform(3 + steps * width, seed + 1), dy = Values.Uniform(x.Length, seed + 2);
        float[] y = [.. x.Select((value, i) => value + parameters[3 + i % (steps * width)])], gradient = new float[steps * width];
        for (int i = 0; i < dy.Length; i++) gradient[i % gradient.Length] += dy[i];
        Realisations.OnEach(_ =>
        {
            Values.AssertSameBits(y, OperationHarness.Predict(operation, x, parameters));
            OperationHarness.Pass pass = OperationHarness.Train(operation, x, parameters, dy);
            Values.AssertSameBits(dy, pass.InputGradient);
            Values.AssertSameBits(gradient, pass.Gradients.AsSpan(3));
        });
        OperationHarness.AssertSamplesAreIndependent(operation, x, parameters, dy);
        OperationHarness.AssertStepsAreTheSequence(operation, steps, x, parameters);
        OperationHarness.AssertInputGradientIsOptional(operation, x, parameters, dy);
    }

    [Fact]
    public void AStreamEndsWithItsLastPosition()
    {
        var operation = new PositionsOperation(2, 3, 0);
        float[] state = new float[1], x = new float[3], y = new float[3], table = new float[6];
        operation.Step(x, table, state, y);
        operation.Step(x, table, state, y);
        Assert.Contains("2 steps", Assert.Throws<InvalidOperationException>(() => operation.Step(x, table, state, y)).Message);
    }

    [Fact]
    public void NothingIsTouchedBeyondSpansAndNothingAllocated()
    {
        foreach (int width in new[] { 1, 4, 7, 8, 15, 16, 17, 33, 64 })
        {
            float[] tokens = [0, 4, 2, 2, 1, 4], table = Stored(Values.Uniform(5 * width, 1), 5, width);
            var embedding = new EmbeddingOperation(5, width, 3, 5);
            OperationHarness.AssertStaysWithinSpans(embedding, tokens, table, 3);
            OperationHarness.AssertAllocatesNothing(embedding, tokens, table, 3);
            OperationHarness.AssertRefusesWrongLengths(embedding, tokens, table, table.Length);
            float[] x = Values.Uniform(2 * 3 * width, 1), positions = Values.Uniform(3 + 3 * width, 2);
            var operation = new PositionsOperation(3, width, 3);
            OperationHarness.AssertStaysWithinSpans(operation, x, positions, 3);
            OperationHarness.AssertAllocatesNothing(operation, x, positions, 3);
            OperationHarness.AssertRefusesWrongLengths(operation, x, positions, positions.Length);
        }
    }

    private static (int[] Tokens, float[] X) Tokens(int count, int vocabulary, int seed)
    {
        var random = new Random(seed);
        int[] tokens = [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
        return (tokens, [.. tokens.Select(token => (float)token)]);
    }

    /// <summary>The table as it is stored, after five floats of another layer's.</summary>
    private static float[] Stored(float[] table, int vocabulary, int width)
    {
        int stride = Dense.Stride(width);
        var parameters = new float[5 + vocabulary * stride];
        for (int row = 0; row < vocabulary; row++) table.AsSpan(row * width, width).CopyTo(parameters.AsSpan(5 + row * stride));
        return parameters;
    }
}
