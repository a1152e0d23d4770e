using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>Work that falls into parts which do not touch each other's results.</summary>
internal interface IPartedWork
{
    /// <summary>Does part <paramref name="part"/>; parts are begun in ascending order.</summary>
    void RunPart(int part);
}

/// <summary>Work that is cut by rows.</summary>
internal interface IPartedRows : IPartedWork
{
    /// <summary>The rows of a part; the last one may have fewer.</summary>
    int RowsOfPart { set; }

    /// <summary>Does the only part.</summary>
    void RunWhole();
}

/// <summary>
/// Runs parts of one piece of work on several threads. What a result is made of, and in what order, is the work's alone, so
/// results do not depend on how it is cut or how many threads there are. Nothing is allocated for a run. A thread that finds no
/// more work looks for some microseconds, since waking it takes more than twenty, and then sleeps.
/// A part that throws does not keep the others from running, since some may wait for what is theirs; the caller then gets its exception.
/// </summary>
internal static unsafe class WorkerPool
{
    /// <summary>Below about this many multiply-adds a part, waking a thread costs more than it brings.</summary>
    private const long WorthwhileWork = 4_000_000;

    /// <summary>From about this many multiply-adds on, a second thread brings something.</summary>
    private const long LeastWork = 2 * WorthwhileWork;

    /// <summary>So that a thread that comes late finds something to do.</summary>
    private const int PartsOfThread = 3;

    /// <summary>So many sizes of a part are looked at.</summary>
    private const int Sizes = 8;

    private static readonly Lock Gate = new();
    private static readonly SemaphoreSlim Wake = new(0);
    private static readonly AutoResetEvent Finished = new(false);
    private static int Threads;
    private static void* Work;
    private static delegate*<void*, int, void> RunCurrent;
    private static int Parts, Next, Running;
    private static Exception? Failure;

    /// <summary>Parts are whole tiles of eight rows, or of two; at 256 bits of six and of four.</summary>
    public static int RowMultiple => BlockDispatch.Is256 ? 24 : 8;

    /// <summary>Whether this much work is worth more than one thread, and there may be more.</summary>
    public static bool IsShared(long multiplyAdds) => multiplyAdds >= LeastWork && Hardware.MaxThreads > 1;

    /// <summary>Cuts the rows by what they cost, where they are worth more than one thread, and runs all parts.</summary>
    public static void RunRows<TWork>(ref TWork work, int rows, long workOfRow) where TWork : struct, IPartedRows, allows ref struct
    {
        // Little work is the common call, and needs no divisions.
        long rowsOfPart = rows;
        if (rows > 1 && IsShared(rows * workOfRow))
        {
            // Each part reads what all rows share: with many rows it takes as many as leave every thread some parts.
            long least = Math.Max(1, WorthwhileWork / workOfRow / RowMultiple) * RowMultiple;
            if (rows >= 2 * least) rowsOfPart = EvenPart(rows, (int)least, rows, RowMultiple);
        }
        work.RowsOfPart = (int)rowsOfPart;
        if (rowsOfPart >= rows) work.RunWhole();
        else Run(ref work, (int)((rows + rowsOfPart - 1) / rowsOfPart));
    }

    /// <summary>How many rows a part may have, at most <paramref name="most"/>, so that every thread the work is worth gets some parts, and all the same.</summary>
    public static int RowsOfPart(int rows, long multiplyAdds, int most, int multiple) =>
        IsShared(multiplyAdds) ? EvenPart(rows, Math.Min(multiple, most), most, multiple) : most;

    /// <summary>The largest of some sizes of a part with which the thread that gets most gets least.</summary>
    private static int EvenPart(int rows, int least, int most, int multiple)
    {
        int threads = Hardware.MaxThreads, largest = Share(PartsOfThread * threads);
        if (largest <= least) largest = Share(threads);
        int best = largest = Math.Clamp(largest, least, most);
        long fewest = long.MaxValue;
        for (int size = largest; size >= least && size > largest - Sizes * multiple; size -= multiple)
        {
            int parts = (rows + size - 1) / size;
            long longest = (long)(parts + threads - 1) / threads * size;
            if (longest < fewest) (fewest, best) = (longest, size);
        }
        return best;

        int Share(int parts) => (rows + parts * multiple - 1) / (parts * multiple) * multiple;
    }

    /// <summary>Runs all parts, on several threads where the work, in multiply-adds, is worth it.</summary>
    public static void Run<TWork>(ref TWork work, int parts, long multiplyAdds) where TWork : struct, IPartedWork, allows ref struct
    {
        if (IsShared(multiplyAdds)) Run(ref work, parts);
        else RunParts(ref work, parts);
    }

    private static void RunParts<TWork>(ref TWork work, int parts) where TWork : struct, IPartedWork, allows ref struct
    {
        for (int part = 0; part < parts; part++) work.RunPart(part);
    }

    private static void Run<TWork>(ref TWork work, int parts) where TWork : struct, IPartedWork, allows ref struct
    {
        int helpers = Math.Min(Hardware.MaxThreads, parts) - 1;
        // A part whose own work has parts does them itself: the gate would let this thread in a second time.
        if (helpers <= 0 || Gate.IsHeldByCurrentThread || !Gate.TryEnter())
        {
            RunParts(ref work, parts);
            return;
        }
        try
        {
            for (; Threads < helpers; Threads++)
                new Thread(Loop) { IsBackground = true, Name = "SimdNet worker" }.Start();

            // The work lies on this thread's stack, where it stays until every helper is done.
            Work = Unsafe.AsPointer(ref work);
            RunCurrent = &RunPart<TWork>;
            Parts = parts;
            Next = 0;
            Running = helpers;
            Failure = null;
            Wake.Release(helpers);
            RunParts();

            // The last part of another thread ends within microseconds, far sooner than a sleeping thread wakes.
            long until = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 20_000;
            while (Volatile.Read(ref Running) > 0 && Stopwatch.GetTimestamp() < until) Thread.SpinWait(10);
            WaitForHelpers();
            if (Failure is not null) ExceptionDispatchInfo.Throw(Failure);
        }
        finally
        {
            Gate.Exit();
        }
    }

    /// <summary>Waits whatever happens: helpers read the work from this thread's stack. Who interrupts this thread interrupts its next wait.</summary>
    private static void WaitForHelpers()
    {
        bool isInterrupted = false;
        while (true)
        {
            try
            {
                Finished.WaitOne();
                break;
            }
            catch (ThreadInterruptedException)
            {
                isInterrupted = true;
            }
        }
        if (isInterrupted) Thread.CurrentThread.Interrupt();
    }

    private static void Loop()
    {
        while (true)
        {
            Wake.Wait();
            RunParts();
            if (Interlocked.Decrement(ref Running) == 0) Finished.Set();
        }
    }

    private static void RunParts()
    {
        for (int part = Interlocked.Increment(ref Next) - 1; part < Parts; part = Interlocked.Increment(ref Next) - 1)
        {
            try
            {
                RunCurrent(Work, part);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref Failure, exception, null);
            }
        }
    }

    private static void RunPart<TWork>(void* work, int part) where TWork : struct, IPartedWork, allows ref struct =>
        Unsafe.AsRef<TWork>(work).RunPart(part);
}
