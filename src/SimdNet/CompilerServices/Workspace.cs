using System.ComponentModel;

namespace SimdNet.CompilerServices;

/// <summary>
/// Scratch memory for emitted code, 64-byte aligned, of undefined content. Each thread keeps the buffers it gave back, the
/// last on top, so that a steady caller, nested calls included, allocates nothing and shares nothing.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Workspace
{
    [ThreadStatic]
    private static Stack<AlignedBuffer>? Kept;

    /// <summary>Takes at least <paramref name="length"/> floats until the lease is disposed.</summary>
    public static Lease Rent(int length)
    {
        Kept ??= new Stack<AlignedBuffer>();
        return new Lease(Kept.TryPop(out AlignedBuffer? buffer) && buffer.Length >= length ? buffer : new AlignedBuffer(length), length);
    }

    /// <summary>Scratch memory in use.</summary>
    public readonly ref struct Lease
    {
        private readonly AlignedBuffer _buffer;

        internal Lease(AlignedBuffer buffer, int length)
        {
            _buffer = buffer;
            Span = buffer.Span[..length];
        }

        /// <summary>The floats.</summary>
        public Span<float> Span { get; }

        /// <summary>Gives the memory back to the thread.</summary>
        public void Dispose() => Kept!.Push(_buffer);
    }
}
