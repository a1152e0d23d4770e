using System.Buffers;
using System.Runtime.InteropServices;

namespace SimdNet.Tests;

/// <summary>
/// Floats that end, or begin, at a page that may be neither read nor written: one access beyond them ends the process.
/// Where pages cannot be protected it is plain memory.
/// </summary>
internal sealed unsafe partial class GuardedBuffer : MemoryManager<float>
{
    internal const int ReadWrite = 3, Nothing = 0;
    private const int PrivateAnonymous = 0x22;

    private readonly nuint _length;
    private readonly byte* _start;
    private readonly float* _floats;
    private readonly int _count;

    /// <param name="count">The number of floats.</param>
    /// <param name="atEnd">Whether the page behind them is protected, or the one before.</param>
    public GuardedBuffer(int count, bool atEnd)
    {
        _count = count;
        nuint page = (nuint)Environment.SystemPageSize, bytes = ((nuint)count * sizeof(float) + page - 1) / page * page;
        _length = bytes + 2 * page;
        if (!OperatingSystem.IsLinux())
        {
            _start = (byte*)NativeMemory.AllocZeroed(_length);
        }
        else
        {
            _start = (byte*)Map(null, _length, ReadWrite, PrivateAnonymous, -1, 0);
            if (_start == (byte*)-1 || Protect(_start, page, Nothing) != 0 || Protect(_start + page + bytes, page, Nothing) != 0)
                throw new InvalidOperationException("Pages could not be protected.");
        }
        _floats = (float*)(atEnd ? _start + page + bytes - (nuint)count * sizeof(float) : _start + page);
    }

    public static GuardedBuffer Of(ReadOnlySpan<float> values, bool atEnd)
    {
        var buffer = new GuardedBuffer(values.Length, atEnd);
        values.CopyTo(buffer.GetSpan());
        return buffer;
    }

    public override Span<float> GetSpan() => new(_floats, _count);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_floats + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (OperatingSystem.IsLinux()) _ = Unmap(_start, _length);
        else NativeMemory.Free(_start);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    internal static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(void* address, nuint length);
}
