using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using SimdNet.Kernels;

namespace SimdNet.CompilerServices;

/// <summary>Operations on each element alone, for emitted code: activations and their gradients, products, copies.</summary>
/// <remarks>
/// Source and destination may be the same span. A result does not depend on the position in the span. Spans of up to eight values take registers as wide: what a masked store of
/// a wider one has written, the next operation could not load before it is in the cache.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ElementwiseLayer
{
    /// <summary>From so many values on, a row is whole registers enough for a call of its own.</summary>
    private const int ShortRow = 64;

    /// <summary><c>y[i] = f(x[i])</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Forward<TActivation>(TActivation activation, ReadOnlySpan<float> x, Span<float> y)
        where TActivation : struct, IActivation
    {
        Guard.Length(y.Length, x.Length, nameof(y), "as many as x has");
        var operation = new ForwardOperation<TActivation>(activation, x, y);
        BlockDispatch.RunRegisters(ref operation, SumOrder.Lanes(x.Length));
    }

    /// <summary>The same in place, on rows <paramref name="stride"/> apart. Short rows take one call together: a function is a chain of instructions, and one row is computed while another waits.</summary>
    internal static void ForwardRows<TActivation>(TActivation activation, ref float values, nint stride, int rows, int columns)
        where TActivation : struct, IActivation
    {
        if (stride == columns)
        {
            Span<float> all = MemoryMarshal.CreateSpan(ref values, rows * columns);
            Forward(activation, all, all);
        }
        else if (columns < ShortRow)
        {
            var operation = new RowsOperation<TActivation>(activation, ref values, stride, rows, columns);
            BlockDispatch.RunRegisters(ref operation, SumOrder.Lanes(columns));
        }
        else
        {
            for (nint row = 0; row < rows; row++)
            {
                Span<float> one = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref values, row * stride), columns);
                Forward(activation, one, one);
            }
        }
    }

    /// <summary><c>dx[i] = f'(x[i]) dy[i]</c>.</summary>
    /// <param name="activation">f.</param>
    /// <param name="values"><c>y = f(x)</c>, or x where <see cref="IActivation.BackwardReadsInput"/> says so.</param>
    /// <param name="gradient">dy.</param>
    /// <param name="inputGradient">dx.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Backward<TActivation>(TActivation activation, ReadOnlySpan<float> values, ReadOnlySpan<float> gradient, Span<float> inputGradient)
        where TActivation : struct, IActivation
    {
        Guard.Length(gradient.Length, values.Length, nameof(gradient), "as many as there are values");
        Guard.Length(inputGradient.Length, values.Length, nameof(inputGradient), "as many as there are values");
        var operation = new BackwardOperation<TActivation>(activation, values, gradient, inputGradient);
        BlockDispatch.RunRegisters(ref operation, SumOrder.Lanes(values.Length));
    }

    /// <summary><c>z[i] = x[i] y[i]</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Multiply(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> z)
    {
        Guard.Length(y.Length, x.Length, nameof(y), "as many as x has");
        Guard.Length(z.Length, x.Length, nameof(z), "as many as x has");
        var operation = new BackwardOperation<Product>(default, x, y, z);
        BlockDispatch.RunRegisters(ref operation, SumOrder.Lanes(x.Length));
    }

    /// <summary><c>z[i] = x[i] + y[i]</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Add(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> z)
    {
        Guard.Length(y.Length, x.Length, nameof(y), "as many as x has");
        Guard.Length(z.Length, x.Length, nameof(z), "as many as x has");
        var operation = new BackwardOperation<Sum>(default, x, y, z);
        BlockDispatch.RunRegisters(ref operation, SumOrder.Lanes(x.Length));
    }

    /// <summary>Copies rows of <paramref name="width"/> floats from one distance between rows to another.</summary>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void CopyRows(ReadOnlySpan<float> source, int sourceStride, Span<float> destination, int destinationStride, int rows, int width)
    {
        Guard.Rows(source.Length, rows, sourceStride, width, nameof(source));
        Guard.Rows(destination.Length, rows, destinationStride, width, nameof(destination));
        for (int row = 0; row < rows; row++)
            source.Slice(row * sourceStride, width).CopyTo(destination.Slice(row * destinationStride, width));
    }

    /// <summary>A product of two blocks, in the place of an activation's gradient.</summary>
    private readonly struct Product : IActivation
    {
        public static bool IsSimple => true;

        public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> => y * gradient;
    }

    /// <summary>A sum of two blocks, in the place of an activation's gradient.</summary>
    private readonly struct Sum : IActivation
    {
        public static bool IsSimple => true;

        public TBlock Forward<TBlock>(TBlock x) where TBlock : struct, IBlock<TBlock> => x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TBlock Backward<TBlock>(TBlock y, TBlock gradient) where TBlock : struct, IBlock<TBlock> => y + gradient;
    }

    private readonly ref struct ForwardOperation<TActivation>(TActivation activation, ReadOnlySpan<float> x, Span<float> y) : IBlockOperation
        where TActivation : struct, IActivation
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _y = ref MemoryMarshal.GetReference(y);
        private readonly nint _length = x.Length;

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            ref float source = ref _x;
            ref float destination = ref _y;
            TActivation f = activation;
            nint length = _length, i = 0;

            if (length >= 2 * TBlock.Count)
                i = TActivation.IsLong ? RunWhole<TBlock>(f, ref source, ref destination, length) : RunWhole<Twice<TBlock>>(f, ref source, ref destination, length);
            for (; i < length; i += TBlock.Count)
            {
                int count = (int)nint.Min(length - i, TBlock.Count);
                TBlock.StorePartial(f.Forward(TBlock.LoadPartial(in source, i, count)), ref destination, i, count);
            }
        }

        /// <summary>
        /// Whole blocks; returns where they end. Of two registers, where that is not too long: instruction by instruction, with each constant
        /// loaded once for both, they take 8 to 17 % less time than one after the other. A method of its own, because the JIT keeps three
        /// copies of a long function no longer in registers (gelu took 2.8 ns a float at 256 bits, now 1.7).
        /// </summary>
        [MethodImpl(Jit.Kernel)]
        private static nint RunWhole<TWhole>(TActivation f, ref float source, ref float destination, nint length) where TWhole : struct, IBlock<TWhole>
        {
            // The JIT must read the count before a long function, after which it may inline no more.
            nint count = TWhole.Count, i = 0;
            for (; i <= length - count; i += count)
                TWhole.Store(f.Forward(TWhole.Load(in source, i)), ref destination, i);
            return i;
        }
    }

    private readonly ref struct RowsOperation<TActivation>(TActivation activation, ref float values, nint stride, int rows, int columns) : IBlockOperation
        where TActivation : struct, IActivation
    {
        private readonly ref float _values = ref values;

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            ref float row = ref _values;
            TActivation f = activation;
            for (int left = rows; left > 0; left--)
            {
                for (int i = 0; i < columns; i += TBlock.Count)
                {
                    int count = Math.Min(columns - i, TBlock.Count);
                    TBlock.StorePartial(f.Forward(TBlock.LoadPartial(in row, i, count)), ref row, i, count);
                }
                row = ref Unsafe.Add(ref row, stride);
            }
        }
    }

    private readonly ref struct BackwardOperation<TActivation>(
        TActivation activation, ReadOnlySpan<float> values, ReadOnlySpan<float> gradient, Span<float> inputGradient) : IBlockOperation
        where TActivation : struct, IActivation
    {
        private readonly ref float _values = ref MemoryMarshal.GetReference(values);
        private readonly ref float _gradient = ref MemoryMarshal.GetReference(gradient);
        private readonly ref float _inputGradient = ref MemoryMarshal.GetReference(inputGradient);
        private readonly nint _length = values.Length;

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            ref float value = ref _values;
            ref float source = ref _gradient;
            ref float destination = ref _inputGradient;
            TActivation f = activation;
            nint length = _length, i = 0;
            for (; i <= length - TBlock.Count; i += TBlock.Count)
                TBlock.Store(f.Backward(TBlock.Load(in value, i), TBlock.Load(in source, i)), ref destination, i);
            int rest = (int)(length - i);
            if (rest > 0)
                TBlock.StorePartial(f.Backward(TBlock.LoadPartial(in value, i, rest), TBlock.LoadPartial(in source, i, rest)), ref destination, i, rest);
        }
    }
}
