using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// A right factor as tiles read it, copied once for many products: panels of <see cref="Product{TEnds}.PanelDepth"/> rows, in each of them
/// strips as wide as a tile.
/// </summary>
internal sealed class PackedMatrix
{
    /// <summary>The columns of the widest tile.</summary>
    private const int WidestTile = 32;

    private readonly AlignedBuffer _panels;
    private readonly int _columns;

    /// <param name="b">[depth, columns], rows <paramref name="stride"/> apart.</param>
    /// <param name="stride">The distance between rows of b.</param>
    /// <param name="depth">What products sum over.</param>
    /// <param name="columns">The columns, padding included.</param>
    /// <param name="lanes">The lanes of the blocks that compute a product.</param>
    public PackedMatrix(ReadOnlySpan<float> b, int stride, int depth, int columns, int lanes)
    {
        _columns = (columns + WidestTile - 1) / WidestTile * WidestTile;
        _panels = new AlignedBuffer(checked(_columns * depth));
        var copy = new Copy(this, new Strided(ref MemoryMarshal.GetReference(b), stride, 1), depth, columns, lanes);
        BlockDispatch.Run(ref copy, lanes);
    }

    /// <summary>The panel of <paramref name="length"/> rows from <paramref name="top"/> on, from a column on that begins a strip.</summary>
    public ref float Panel(int top, int length, int column) => ref Unsafe.Add(ref _panels.First, (nint)top * _columns + (nint)column * length);

    private readonly ref struct Copy(PackedMatrix target, Strided b, int depth, int columns, int lanes) : IBlockOperation
    {
        private readonly Strided _b = b;

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            var product = new Product<StoreEnds>(default, _b, default, default, default, 0, columns, columns, depth, holdsSums: true, lanes);
            for (int top = 0; top < depth; top += Product<StoreEnds>.PanelDepth)
            {
                int length = Math.Min(Product<StoreEnds>.PanelDepth, depth - top);
                product.PackColumns<TBlock>(top, length, 0, columns, ref target.Panel(top, length, 0));
            }
        }
    }
}
