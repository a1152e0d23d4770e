using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>An embedding: <c>y[i] = table[x[i]]</c>, a row of a table for each token (PyTorch's Embedding).</summary>
/// <remarks>
/// Samples are <c>steps</c> tokens, floats that hold whole numbers; results are [steps, width]. Its parameter, which decays, is the table,
/// [vocabulary] rows of [width] floats that lie <see cref="Dense.Stride"/> of the width apart: PyTorch's weight
/// [vocabulary, width], not transposed. The way back adds rows in ascending order of samples and steps; tokens have no gradient, so
/// that of the input is zero.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class EmbeddingOperation : Operation
{
    /// <summary>The largest vocabulary: up to here every whole number is a float.</summary>
    public const int MostTokens = 1 << 24;

    private readonly int _vocabulary, _width, _stride, _offset, _end;

    /// <summary>An embedding of sequences of <paramref name="steps"/> tokens.</summary>
    /// <param name="vocabulary">How many tokens there are, at the most <see cref="MostTokens"/>.</param>
    /// <param name="width">The floats of a row.</param>
    /// <param name="steps">The tokens of a sample.</param>
    /// <param name="offset">Where the table begins, [vocabulary, padded width].</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive or too large, or the offset negative.</exception>
    public EmbeddingOperation(int vocabulary, int width, int steps, int offset)
        : base(steps, OperationGuard.Length(steps, width))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabulary);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vocabulary, MostTokens);
        (_vocabulary, _width, _stride, _offset) = (vocabulary, width, SumOrder.RowStride(width), offset);
        _end = OperationGuard.End(offset, checked(vocabulary * _stride));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A token is no whole number, or not in the vocabulary; the message has its position.</exception>
    public override void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y, int batch)
    {
        OperationGuard.Forward(this, x, parameters, _end, y, batch);
        Look(x, parameters, y);
    }

    /// <summary>The row of one token.</summary>
    /// <inheritdoc/>
    public override void Step(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> state, Span<float> y)
    {
        OperationGuard.Step(this, x, 1, parameters, _end, state, y, _width);
        Look(x, parameters, y);
    }

    /// <summary><c>y[i] = table[tokens[i]]</c>.</summary>
    /// <param name="tokens">The numbers of rows.</param>
    /// <param name="table">[vocabulary] rows, <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">The distance between rows.</param>
    /// <param name="y">[tokens, width].</param>
    /// <param name="vocabulary">How many rows there are.</param>
    /// <param name="width">The floats of a row.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary; the message has its position.</exception>
    public static void Forward(ReadOnlySpan<int> tokens, ReadOnlySpan<float> table, int stride, Span<float> y, int vocabulary, int width)
    {
        Guard.Rows(table.Length, vocabulary, stride, width, nameof(table));
        Guard.Product(y.Length, tokens.Length, width, nameof(y));
        for (int i = 0; i < tokens.Length; i++)
        {
            if ((uint)tokens[i] >= (uint)vocabulary) ThrowToken(nameof(tokens), tokens[i], i, vocabulary);
            table.Slice(tokens[i] * stride, width).CopyTo(y[(i * width)..]);
        }
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> kept, Span<float> inputGradient, Span<float> gradients, int batch)
    {
        OperationGuard.Backward(this, x, outputGradient, parameters, _end, kept, inputGradient, gradients, _end, batch);
        for (int i = 0; i < x.Length; i++) Token(x, i);
        Span<float> table = gradients[_offset.._end];
        table.Clear();
        EmbeddingKernel.AddRows(x, outputGradient, table, _width, _stride);
        inputGradient.Clear();
    }

    private void Look(ReadOnlySpan<float> x, ReadOnlySpan<float> parameters, Span<float> y)
    {
        ReadOnlySpan<float> table = parameters[_offset.._end];
        for (int i = 0; i < x.Length; i++) table.Slice(Token(x, i) * _stride, _width).CopyTo(y[(i * _width)..]);
    }

    /// <summary>The token at <paramref name="position"/>; anything but a whole number of the vocabulary, NaN included, is refused.</summary>
    private int Token(ReadOnlySpan<float> x, int position)
    {
        float value = x[position];
        int token = (int)value;
        if ((uint)token >= (uint)_vocabulary || token != value) ThrowToken(nameof(x), value, position, _vocabulary);
        return token;
    }

    [DoesNotReturn]
    private static void ThrowToken(string parameter, object value, int position, int vocabulary) =>
        throw new ArgumentOutOfRangeException(parameter, value, $"Expected tokens from 0 to {vocabulary - 1}, but at position {position} there is another.");
}
