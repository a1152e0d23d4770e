using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimdNet;

/// <summary>Zeroed floats that begin on a 64-byte boundary, a cache line and a 512-bit register, and never move.</summary>
internal sealed class AlignedBuffer
{
    private const int Alignment = 64 / sizeof(float);

    /// <summary>Large arrays begin at the same place of a page, so what lies at the same index of several falls into one set of the cache; these distances keep it apart.</summary>
    private const int LeastLengthToShift = 1 << 14, Shift = 9 * Alignment, Shifts = 8;

    private static int LargeAllocations;

    /// <summary>Where this thread's buffers come from instead: a test puts them between protected pages.</summary>
    [ThreadStatic]
    internal static Func<int, ArraySegment<float>>? Source;

    private readonly float[] _array;
    private readonly int _start;

    public AlignedBuffer(int length)
    {
        if (Source?.Invoke(length) is { } segment)
        {
            (_array, _start, Length) = (segment.Array!, segment.Offset, segment.Count);
            return;
        }
        int shift = length < LeastLengthToShift ? 0 : (Interlocked.Increment(ref LargeAllocations) & (Shifts - 1)) * Shift;
        _array = GC.AllocateArray<float>(checked(length + shift + Alignment - 1), pinned: true);
        Length = length;
        nuint address = (nuint)Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0);
        _start = shift + (int)((64 - address % 64) % 64 / sizeof(float));
    }

    public int Length { get; }

    public Span<float> Span => _array.AsSpan(_start, Length);

    /// <summary>The first float; the buffer must not be empty for it to be read.</summary>
    public ref float First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_array), _start);
    }
}
