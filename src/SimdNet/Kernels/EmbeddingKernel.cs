using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>Adds rows to the rows of a table that tokens name.</summary>
internal static class EmbeddingKernel
{
    /// <summary><c>table[token[i]] += rows[i]</c>, i ascending; the tokens have been checked.</summary>
    /// <param name="tokens">[count], whole numbers.</param>
    /// <param name="rows">[count, width].</param>
    /// <param name="table">Rows <paramref name="stride"/> apart.</param>
    public static void AddRows(ReadOnlySpan<float> tokens, ReadOnlySpan<float> rows, Span<float> table, int width, int stride)
    {
        var operation = new Operation(tokens, rows, table, width, stride);
        BlockDispatch.RunRegisters(ref operation);
    }

    private readonly ref struct Operation(ReadOnlySpan<float> tokens, ReadOnlySpan<float> rows, Span<float> table, int width, int stride) : IBlockOperation
    {
        private readonly ref float _tokens = ref MemoryMarshal.GetReference(tokens);
        private readonly ref float _rows = ref MemoryMarshal.GetReference(rows);
        private readonly ref float _table = ref MemoryMarshal.GetReference(table);
        private readonly int _count = tokens.Length;

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            for (int token = 0; token < _count; token++)
            {
                ref float source = ref Unsafe.Add(ref _rows, (nint)token * width);
                ref float target = ref Unsafe.Add(ref _table, (nint)Unsafe.Add(ref _tokens, token) * stride);
                nint i = 0;
                for (; i <= width - TBlock.Count; i += TBlock.Count) TBlock.Store(TBlock.Load(in target, i) + TBlock.Load(in source, i), ref target, i);
                int rest = (int)(width - i);
                if (rest > 0) TBlock.StorePartial(TBlock.LoadPartial(in target, i, rest) + TBlock.LoadPartial(in source, i, rest), ref target, i, rest);
            }
        }
    }
}
