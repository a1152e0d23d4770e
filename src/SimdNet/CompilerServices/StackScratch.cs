using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SimdNet.CompilerServices;

/// <summary>Scratch memory of the smallest networks, for a local: sooner zeroed than a thread's memory is found.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[InlineArray(Length + 15)]
public struct StackScratch
{
    /// <summary>The floats that may be used.</summary>
    public const int Length = 64;

    private float _first;

    /// <summary>The first float at a multiple of 64 bytes: what lies on the stack does not move.</summary>
    public unsafe ref float First
    {
        [UnscopedRef]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.AsRef<float>((void*)(((nint)Unsafe.AsPointer(ref _first) + 63) & ~(nint)63));
    }
}
