using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>Softmax over the rows of a batch, for emitted code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SoftmaxLayer
{
    /// <summary><c>y = softmax(x)</c> in each row of <paramref name="columns"/> floats, <paramref name="xStride"/> or <paramref name="yStride"/> apart.</summary>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Forward(ReadOnlySpan<float> x, int xStride, Span<float> y, int yStride, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        Guard.Rows(x.Length, rows, xStride, columns, nameof(x));
        Guard.Rows(y.Length, rows, yStride, columns, nameof(y));
        var operation = new ForwardOperation(x, xStride, y, yStride, rows, columns);
        BlockDispatch.Run(ref operation);
    }

    /// <summary><c>dx = y (dy - Σ dy y)</c> in each row of <paramref name="columns"/> floats.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or are no whole number of rows.</exception>
    public static void Backward(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        Guard.Length(y.Length % columns, 0, nameof(y), "whole rows only");
        Guard.Length(gradient.Length, y.Length, nameof(gradient), "as many as y has");
        Guard.Length(inputGradient.Length, y.Length, nameof(inputGradient), "as many as y has");
        for (int row = 0; row < y.Length; row += columns)
        {
            var operation = new BackwardOperation(y.Slice(row, columns), gradient.Slice(row, columns), inputGradient.Slice(row, columns));
            BlockDispatch.Run(ref operation);
        }
    }

    /// <summary><c>y = softmax(x)</c> of one row of <paramref name="length"/> floats, unchecked.</summary>
    public static void Row<TBlock>(ref float x, ref float y, int length) where TBlock : struct, IBlock<TBlock> =>
        SoftmaxKernel.Row<TBlock>(ref x, ref y, length);

    /// <summary>Softmax of one row, and its log-sum-exp.</summary>
    internal static float Row(ReadOnlySpan<float> x, Span<float> y)
    {
        var operation = new RowOperation(x, y);
        BlockDispatch.Run(ref operation);
        return operation.LogSumExp;
    }

    private readonly ref struct ForwardOperation(ReadOnlySpan<float> x, int xStride, Span<float> y, int yStride, int rows, int columns) : IBlockOperation
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            for (int row = 0; row < rows; row++)
                SoftmaxKernel.Row<TBlock>(ref Unsafe.Add(ref _x, (nint)row * xStride), ref Unsafe.Add(ref _y, (nint)row * yStride), columns);
        }
    }

    private ref struct RowOperation(ReadOnlySpan<float> x, Span<float> y) : IBlockOperation
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);
        private readonly int _length = x.Length;

        public float LogSumExp { get; private set; }

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock> =>
            LogSumExp = SoftmaxKernel.RowAndLogSumExp<TBlock>(ref _x, ref _y, _length);
    }

    private readonly ref struct BackwardOperation(ReadOnlySpan<float> y, ReadOnlySpan<float> gradient, Span<float> inputGradient) : IBlockOperation
    {
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly ref float _inputGradient = ref MemoryMarshal.GetReference(inputGradient);
        private readonly int _length = y.Length;

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock> =>
            SoftmaxKernel.Backward<TBlock>(ref _y, ref _gradient, ref _inputGradient, _length);
    }
}
