using System.Runtime.InteropServices;

namespace SimdNet.Tests;

/// <summary>
/// While it lives, the parameters, activations and gradients of networks that this thread creates end, or begin, at a
/// protected page, each on its own. They are arrays still: their protected parts are never touched by the collector,
/// which does not look into arrays of floats, and they are kept until the protection is lifted.
/// </summary>
internal sealed unsafe class GuardedNetworks : IDisposable
{
    private static readonly int Page = Environment.SystemPageSize;

    private readonly List<(float[] Array, nint First, nint Second)> _guarded = [];

    public GuardedNetworks(bool atEnd) => AlignedBuffer.Source = length => Allocate(length, atEnd);

    public int Count => _guarded.Count;

    public void Dispose()
    {
        AlignedBuffer.Source = null;
        foreach ((_, nint first, nint second) in _guarded)
        {
            Protect(first, GuardedBuffer.ReadWrite);
            Protect(second, GuardedBuffer.ReadWrite);
        }
        _guarded.Clear();
    }

    private ArraySegment<float> Allocate(int length, bool atEnd)
    {
        int bytes = (length * sizeof(float) + Page - 1) / Page * Page;
        float[] array = GC.AllocateArray<float>((bytes + 3 * Page) / sizeof(float), pinned: true);
        nint start = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0), before = (start + Page - 1) / Page * Page, behind = before + Page + bytes;
        Protect(before, GuardedBuffer.Nothing);
        Protect(behind, GuardedBuffer.Nothing);
        _guarded.Add((array, before, behind));
        nint first = atEnd ? behind - length * sizeof(float) : before + Page;
        return new ArraySegment<float>(array, (int)(first - start) / sizeof(float), length);
    }

    private static void Protect(nint page, int access)
    {
        if (OperatingSystem.IsLinux() && GuardedBuffer.Protect((byte*)page, (nuint)Page, access) != 0)
            throw new InvalidOperationException("Pages could not be protected.");
    }
}
