using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimdNet.Benchmarks;

/// <summary>What the processor can do, measured: the limits that rows are held against.</summary>
internal static unsafe partial class Machine
{
    /// <summary>Independent chains, enough for two units of four cycles each.</summary>
    private const int Chains = 12;

    /// <summary>As many of square roots and of divisions.</summary>
    private const int Dividers = 4;

    private static Vector512<float> Sink512;
    private static Vector256<float> Sink256;
    private static Vector128<float> Sink128;

    /// <summary>Keeps the calling thread, and the processes and threads that it starts, on one processor; -1 for all of them.</summary>
    public static void Pin(int processor)
    {
        if (!OperatingSystem.IsLinux()) return;
        Span<ulong> mask = stackalloc ulong[16];
        if (processor < 0) mask.Fill(ulong.MaxValue);
        else mask[processor / 64] = 1UL << (processor % 64);
        fixed (ulong* first = mask) _ = SetAffinity(0, mask.Length * sizeof(ulong), first);
    }

    /// <summary>
    /// Nanoseconds of one of so many 512-bit multiply-adds, or of the width that is there, where nothing is waited for. A fair yardstick takes as long as what it
    /// is compared with: in some ten microseconds nothing interrupts it, as something does in each of the milliseconds that a product takes (226 instead of 212 GFLOP/s on one machine).
    /// </summary>
    public static double MultiplyAdds(int count)
    {
        int rounds = (count + Chains - 1) / Chains;
        long start = Stopwatch.GetTimestamp();
        if (Vector512.IsHardwareAccelerated) Sink512 = Peak512(rounds, Sink512);
        else if (Vector256.IsHardwareAccelerated) Sink256 = Peak256(rounds, Sink256);
        else Sink128 = Peak128(rounds, Sink128);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / ((double)rounds * Chains);
    }

    /// <summary>The same at 256 bits.</summary>
    public static double MultiplyAdds256(int count)
    {
        int rounds = (count + Chains - 1) / Chains;
        long start = Stopwatch.GetTimestamp();
        Sink256 = Peak256(rounds, Sink256);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / ((double)rounds * Chains);
    }

    /// <summary>Floats of a multiply-add that <see cref="MultiplyAdds"/> times.</summary>
    public static int Lanes => Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;

    // Once for each width, from the platform's own operations: a yardstick made of the library's blocks bends with them. As
    // one generic method over blocks it read 95 instead of 230 GFLOP/s.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Vector512<float> Peak512(int rounds, Vector512<float> seed)
    {
        Vector512<float> factor = Vector512.Create(0.999f), term = Vector512.Create(0.001f);
        Vector512<float> a = seed, b = seed, c = seed, d = seed, e = seed, f = seed, g = seed, h = seed, i = seed, j = seed, k = seed, l = seed;
        for (; rounds > 0; rounds--)
        {
            a = Vector512.MultiplyAddEstimate(a, factor, term);
            b = Vector512.MultiplyAddEstimate(b, factor, term);
            c = Vector512.MultiplyAddEstimate(c, factor, term);
            d = Vector512.MultiplyAddEstimate(d, factor, term);
            e = Vector512.MultiplyAddEstimate(e, factor, term);
            f = Vector512.MultiplyAddEstimate(f, factor, term);
            g = Vector512.MultiplyAddEstimate(g, factor, term);
            h = Vector512.MultiplyAddEstimate(h, factor, term);
            i = Vector512.MultiplyAddEstimate(i, factor, term);
            j = Vector512.MultiplyAddEstimate(j, factor, term);
            k = Vector512.MultiplyAddEstimate(k, factor, term);
            l = Vector512.MultiplyAddEstimate(l, factor, term);
        }
        return a + b + c + d + e + f + g + h + i + j + k + l;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Vector256<float> Peak256(int rounds, Vector256<float> seed)
    {
        Vector256<float> factor = Vector256.Create(0.999f), term = Vector256.Create(0.001f);
        Vector256<float> a = seed, b = seed, c = seed, d = seed, e = seed, f = seed, g = seed, h = seed, i = seed, j = seed, k = seed, l = seed;
        for (; rounds > 0; rounds--)
        {
            a = Vector256.MultiplyAddEstimate(a, factor, term);
            b = Vector256.MultiplyAddEstimate(b, factor, term);
            c = Vector256.MultiplyAddEstimate(c, factor, term);
            d = Vector256.MultiplyAddEstimate(d, factor, term);
            e = Vector256.MultiplyAddEstimate(e, factor, term);
            f = Vector256.MultiplyAddEstimate(f, factor, term);
            g = Vector256.MultiplyAddEstimate(g, factor, term);
            h = Vector256.MultiplyAddEstimate(h, factor, term);
            i = Vector256.MultiplyAddEstimate(i, factor, term);
            j = Vector256.MultiplyAddEstimate(j, factor, term);
            k = Vector256.MultiplyAddEstimate(k, factor, term);
            l = Vector256.MultiplyAddEstimate(l, factor, term);
        }
        return a + b + c + d + e + f + g + h + i + j + k + l;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Vector128<float> Peak128(int rounds, Vector128<float> seed)
    {
        Vector128<float> factor = Vector128.Create(0.999f), term = Vector128.Create(0.001f);
        Vector128<float> a = seed, b = seed, c = seed, d = seed, e = seed, f = seed, g = seed, h = seed, i = seed, j = seed, k = seed, l = seed;
        for (; rounds > 0; rounds--)
        {
            a = Vector128.MultiplyAddEstimate(a, factor, term);
            b = Vector128.MultiplyAddEstimate(b, factor, term);
            c = Vector128.MultiplyAddEstimate(c, factor, term);
            d = Vector128.MultiplyAddEstimate(d, factor, term);
            e = Vector128.MultiplyAddEstimate(e, factor, term);
            f = Vector128.MultiplyAddEstimate(f, factor, term);
            g = Vector128.MultiplyAddEstimate(g, factor, term);
            h = Vector128.MultiplyAddEstimate(h, factor, term);
            i = Vector128.MultiplyAddEstimate(i, factor, term);
            j = Vector128.MultiplyAddEstimate(j, factor, term);
            k = Vector128.MultiplyAddEstimate(k, factor, term);
            l = Vector128.MultiplyAddEstimate(l, factor, term);
        }
        return a + b + c + d + e + f + g + h + i + j + k + l;
    }

    /// <summary>
    /// Nanoseconds of one square root and one division, of 512 bits or of the width that is there, where nothing is waited for but the divider,
    /// which does both.
    /// </summary>
    public static double RootsAndDivisions(int rounds)
    {
        long start = Stopwatch.GetTimestamp();
        if (Vector512.IsHardwareAccelerated) Sink512 = Divider512(rounds, Vector512.Create(3f));
        else if (Vector256.IsHardwareAccelerated) Sink256 = Divider256(rounds, Vector256.Create(3f));
        else Sink128 = Divider128(rounds, Vector128.Create(3f));
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / ((double)rounds * Dividers);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Vector512<float> Divider512(int rounds, Vector512<float> seed)
    {
        Vector512<float> a = seed, b = seed, c = seed, d = seed, e = seed, f = seed, g = seed, h = seed;
        for (; rounds > 0; rounds--)
        {
            a = Vector512.Sqrt(a + seed);
            e = seed / e;
            b = Vector512.Sqrt(b + seed);
            f = seed / f;
            c = Vector512.Sqrt(c + seed);
            g = seed / g;
            d = Vector512.Sqrt(d + seed);
            h = seed / h;
        }
        return a + b + c + d + e + f + g + h;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Vector256<float> Divider256(int rounds, Vector256<float> seed)
    {
        Vector256<float> a = seed, b = seed, c = seed, d = seed, e = seed, f = seed, g = seed, h = seed;
        for (; rounds > 0; rounds--)
        {
            a = Vector256.Sqrt(a + seed);
            e = seed / e;
            b = Vector256.Sqrt(b + seed);
            f = seed / f;
            c = Vector256.Sqrt(c + seed);
            g = seed / g;
            d = Vector256.Sqrt(d + seed);
            h = seed / h;
        }
        return a + b + c + d + e + f + g + h;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Vector128<float> Divider128(int rounds, Vector128<float> seed)
    {
        Vector128<float> a = seed, b = seed, c = seed, d = seed, e = seed, f = seed, g = seed, h = seed;
        for (; rounds > 0; rounds--)
        {
            a = Vector128.Sqrt(a + seed);
            e = seed / e;
            b = Vector128.Sqrt(b + seed);
            f = seed / f;
            c = Vector128.Sqrt(c + seed);
            g = seed / g;
            d = Vector128.Sqrt(d + seed);
            h = seed / h;
        }
        return a + b + c + d + e + f + g + h;
    }

    /// <summary>
    /// A buffer that has been written to. Until then each of its pages is the one page of zeros that the system has: read from
    /// "memory" it comes from the first-level cache, and slowly, since caches that guess a line's way by its virtual address guess wrong.
    /// </summary>
    public static AlignedBuffer Touched(int length)
    {
        var buffer = new AlignedBuffer(length);
        buffer.Span.Fill(1);
        return buffer;
    }

    /// <summary>Nanoseconds to read floats once, by loads alone.</summary>
    public static double Loads(ReadOnlySpan<float> data, int times)
    {
        ref float first = ref MemoryMarshal.GetReference(data);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
        {
            if (Vector512.IsHardwareAccelerated) Sink512 |= LoadFloor.Loads(ref first, data.Length);
            else if (Vector256.IsHardwareAccelerated) Sink256 |= LoadFloor.Loads256(ref first, data.Length);
            else Sink128 |= LoadFloor.Loads128(ref first, data.Length);
        }
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / times;
    }

    /// <summary>The traffic of an update, with one operation a block: reads the gradients, and reads and writes each of the others (one or three).</summary>
    public static void Traffic(AlignedBuffer gradients, AlignedBuffer[] updated)
    {
        ref float g = ref gradients.First, w = ref updated[0].First, m = ref updated[updated.Length / 2].First, v = ref updated[^1].First;
        if (Vector512.IsHardwareAccelerated) Traffic512(ref g, ref w, ref m, ref v, gradients.Length, updated.Length > 1);
        else if (Vector256.IsHardwareAccelerated) Traffic256(ref g, ref w, ref m, ref v, gradients.Length, updated.Length > 1);
        else Traffic128(ref g, ref w, ref m, ref v, gradients.Length, updated.Length > 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Traffic512(ref float g, ref float w, ref float m, ref float v, nint length, bool hasState)
    {
        for (nint i = 0; i <= length - 16; i += 16)
        {
            Vector512<float> gradient = Vector512.LoadUnsafe(ref g, (nuint)i);
            (Vector512.LoadUnsafe(ref w, (nuint)i) | gradient).StoreUnsafe(ref w, (nuint)i);
            if (!hasState) continue;
            (Vector512.LoadUnsafe(ref m, (nuint)i) | gradient).StoreUnsafe(ref m, (nuint)i);
            (Vector512.LoadUnsafe(ref v, (nuint)i) | gradient).StoreUnsafe(ref v, (nuint)i);
        }
    }

    // Emulated, a vector that is wider than a register lies in memory between its operations.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Traffic256(ref float g, ref float w, ref float m, ref float v, nint length, bool hasState)
    {
        for (nint i = 0; i <= length - 8; i += 8)
        {
            Vector256<float> gradient = Vector256.LoadUnsafe(ref g, (nuint)i);
            (Vector256.LoadUnsafe(ref w, (nuint)i) | gradient).StoreUnsafe(ref w, (nuint)i);
            if (!hasState) continue;
            (Vector256.LoadUnsafe(ref m, (nuint)i) | gradient).StoreUnsafe(ref m, (nuint)i);
            (Vector256.LoadUnsafe(ref v, (nuint)i) | gradient).StoreUnsafe(ref v, (nuint)i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Traffic128(ref float g, ref float w, ref float m, ref float v, nint length, bool hasState)
    {
        for (nint i = 0; i <= length - 4; i += 4)
        {
            Vector128<float> gradient = Vector128.LoadUnsafe(ref g, (nuint)i);
            (Vector128.LoadUnsafe(ref w, (nuint)i) | gradient).StoreUnsafe(ref w, (nuint)i);
            if (!hasState) continue;
            (Vector128.LoadUnsafe(ref m, (nuint)i) | gradient).StoreUnsafe(ref m, (nuint)i);
            (Vector128.LoadUnsafe(ref v, (nuint)i) | gradient).StoreUnsafe(ref v, (nuint)i);
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint size, ulong* mask);
}
