using System.Diagnostics;
using SimdNet.Kernels;
using Xunit;

namespace SimdNet.Tests;

public class WorkerPoolTests
{
    [Fact]
    public void APartThatThrowsLosesNoOtherAndReachesTheCaller()
    {
        foreach (int throwing in new[] { 0, 5, 63 })
        {
            var work = new Counted(new int[64], throwing);
            InvalidOperationException? caught = null;
            try
            {
                WorkerPool.Run(ref work, 64, long.MaxValue);
            }
            catch (InvalidOperationException exception)
            {
                caught = exception;
            }
            Assert.Equal($"part {throwing}", caught?.Message);
            if (Hardware.MaxThreads > 1) Assert.All(work.Runs, count => Assert.Equal(1, count));
        }

        // And the next run knows nothing of it.
        var next = new Counted(new int[64], -1);
        WorkerPool.Run(ref next, 64, long.MaxValue);
        Assert.All(next.Runs, count => Assert.Equal(1, count));
    }

    [Fact]
    public void APartWithPartsOfItsOwnDoesThemItself()
    {
        var work = new Nested(new int[40 * 5]);
        WorkerPool.Run(ref work, 40, long.MaxValue);
        Assert.All(work.Runs, count => Assert.Equal(1, count));
    }

    /// <summary>Helpers read the work from the caller's stack: whoever interrupts it does so at its next wait, not at the one for them.</summary>
    [Fact]
    public void AnInterruptedCallerWaitsForItsHelpers()
    {
        var work = new Slow(new int[9]);
        bool isDone = false, isInterrupted = false;
        var caller = new Thread(() =>
        {
            try
            {
                Thread.CurrentThread.Interrupt();
                WorkerPool.Run(ref work, 9, long.MaxValue);
                isDone = work.Runs.All(count => count == 1);
                Thread.Sleep(1);
            }
            catch (ThreadInterruptedException)
            {
                isInterrupted = true;
            }
        });
        caller.Start();
        caller.Join();
        Assert.True(isDone);
        Assert.True(isInterrupted);
    }

    private readonly struct Slow(int[] runs) : IPartedWork
    {
        public int[] Runs => runs;

        public void RunPart(int part)
        {
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 1) Thread.SpinWait(10);
            Interlocked.Increment(ref runs[part]);
        }
    }

    private readonly struct Nested(int[] runs) : IPartedWork
    {
        public int[] Runs => runs;

        public void RunPart(int part)
        {
            // Long enough for the caller to have parts of its own.
            Thread.Sleep(1);
            var inner = new Inner(runs, part * 5);
            WorkerPool.Run(ref inner, 5, long.MaxValue);
        }

        private readonly struct Inner(int[] runs, int first) : IPartedWork
        {
            public void RunPart(int part) => Interlocked.Increment(ref runs[first + part]);
        }
    }

    private readonly struct Counted(int[] runs, int throwing) : IPartedWork
    {
        public int[] Runs => runs;

        public void RunPart(int part)
        {
            Interlocked.Increment(ref runs[part]);
            if (part == throwing) throw new InvalidOperationException($"part {part}");
        }
    }
}
