using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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

    /// <summary>16 KB, a third of a first-level cache.</summary>
    public const int SmallLength = 4096;

    [ThreadStatic]
    private static float[]? SmallArray;

    [ThreadStatic]
    private static unsafe float* SmallStart;

    /// <summary>
    /// The first of <see cref="SmallLength"/> floats of this thread's, for one call that calls nothing else which uses them: emitted code keeps
    /// the values between the layers of a sample there. As much memory on the stack would have to be zeroed in each call.
    /// </summary>
    public static unsafe ref float Small
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.AsRef<float>(SmallStart != null ? SmallStart : CreateSmall());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe float* CreateSmall()
    {
        // Pinned, so it stays where it is for as long as the thread lives.
        SmallArray = GC.AllocateUninitializedArray<float>(SmallLength + 15, pinned: true);
        return SmallStart = (float*)((Marshal.UnsafeAddrOfPinnedArrayElement(SmallArray, 0) + 63) & ~(nint)63);
    }

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
