using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimdNet;

/// <summary>Zeroed floats that begin on a 64-byte boundary, a cache line and a 512-bit register, and never move.</summary>
internal sealed class AlignedBuffer
{
    private const int Alignment = 64 / sizeof(float);

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
        _array = GC.AllocateArray<float>(checked(length + Alignment - 1), pinned: true);
        Length = length;
        nuint address = (nuint)Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0);
        _start = (int)((64 - address % 64) % 64 / sizeof(float));
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
