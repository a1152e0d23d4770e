using System.Runtime.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>Work that falls into parts which do not touch each other's results.</summary>
internal interface IPartedWork
{
    /// <summary>Does part <paramref name="part"/>.</summary>
    void RunPart(int part);
}

/// <summary>
/// Runs parts of one piece of work on several threads. The parts are cut by shape alone, so results do not depend on how
/// many threads there are. Nothing is allocated for a run, and idle threads sleep.
/// </summary>
internal static unsafe class WorkerPool
{
    /// <summary>Below this many multiply-adds a part, waking a thread costs more than it brings.</summary>
    public const long WorthwhileWork = 1 << 22;

    private static readonly Lock Gate = new();
    private static readonly Semaphore Wake = new(0, int.MaxValue);
    private static readonly AutoResetEvent Finished = new(false);
    private static int s_threads;
    private static void* s_work;
    private static delegate*<void*, int, void> s_run;
    private static int s_parts, s_next, s_running;

    /// <summary>Runs all parts, and returns when they are done.</summary>
    public static void Run<TWork>(ref TWork work, int parts) where TWork : struct, IPartedWork, allows ref struct
    {
        int helpers = Math.Min(Hardware.MaxThreads, parts) - 1;
        if (helpers <= 0 || !Gate.TryEnter())
        {
            for (int part = 0; part < parts; part++) work.RunPart(part);
            return;
        }
        try
        {
            for (; s_threads < helpers; s_threads++)
                new Thread(Loop) { IsBackground = true, Name = "SimdNet worker" }.Start();

            // The work lies on this thread's stack, where it stays until every helper is done.
            s_work = Unsafe.AsPointer(ref work);
            s_run = &RunPart<TWork>;
            s_parts = parts;
            s_next = 0;
            s_running = helpers;
            Wake.Release(helpers);
            RunParts();
            Finished.WaitOne();
        }
        finally
        {
            Gate.Exit();
        }
    }

    private static void Loop()
    {
        while (true)
        {
            Wake.WaitOne();
            RunParts();
            if (Interlocked.Decrement(ref s_running) == 0) Finished.Set();
        }
    }

    private static void RunParts()
    {
        for (int part = Interlocked.Increment(ref s_next) - 1; part < s_parts; part = Interlocked.Increment(ref s_next) - 1)
            s_run(s_work, part);
    }

    private static void RunPart<TWork>(void* work, int part) where TWork : struct, IPartedWork, allows ref struct =>
        Unsafe.AsRef<TWork>(work).RunPart(part);
}
