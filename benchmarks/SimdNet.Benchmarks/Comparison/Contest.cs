using System.Diagnostics;

namespace SimdNet.Benchmarks;

/// <summary>
/// Measures contestants in turn, batch by batch, so that a clock that drifts drifts for all of them; medians of times, and
/// of the ratios within each turn.
/// </summary>
internal sealed class Contest
{
    private const double BatchNanoseconds = 1e6, Nanoseconds = 1.2e9, WarmUpMilliseconds = 250;
    private const double SettleSeconds = 4;
    private const int FewestRounds = 5, MostRounds = 201;

    private readonly double[][] _times;

    /// <param name="contestants">Each makes a number of calls and returns the nanoseconds of one; null where it is not there.</param>
    public Contest(params Func<int, double>?[] contestants)
    {
        int[] calls = [.. contestants.Select(contestant => contestant is null ? 0 : Calibrate(contestant))];
        var rounds = new List<double[]>();
        long start = Stopwatch.GetTimestamp();
        while (rounds.Count < FewestRounds || (rounds.Count < MostRounds && Stopwatch.GetElapsedTime(start).TotalNanoseconds < Nanoseconds))
            rounds.Add([.. contestants.Select((contestant, i) => contestant?.Invoke(calls[i]) ?? double.NaN)]);
        _times = [.. rounds];
    }

    /// <summary>Nanoseconds a call; NaN for a contestant that is not there.</summary>
    public double Time(int contestant) => Median(_times.Select(round => round[contestant]));

    /// <summary>The time of one in times of another.</summary>
    public double Ratio(int contestant, int other) => Median(_times.Select(round => round[contestant] / round[other]));

    /// <summary>The faster of two.</summary>
    public int Faster(int one, int other) => Time(other) < Time(one) ? other : one;

    /// <summary>A contestant from a call. What the others left in the caches counts in one call more, which is not timed, where calls are not as long as a batch.</summary>
    public static Func<int, double> Of(Action call) => calls =>
    {
        if (calls > 1) call();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++) call();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls;
    };

    /// <summary>
    /// Calls until the JIT has compiled everything for good. Around the kernels of a network of many layers are so many small methods that it takes seconds,
    /// on the core that it shares with what is measured.
    /// </summary>
    public static Func<int, double> Settled(Action call)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < SettleSeconds) call();
        return Of(call);
    }

    private static int Calibrate(Func<int, double> contestant)
    {
        // Also the time in which the JIT compiles everything for good.
        long start = Stopwatch.GetTimestamp();
        int calls = 1;
        double time = contestant(1);
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < WarmUpMilliseconds)
        {
            calls = (int)Math.Clamp(BatchNanoseconds / time, 1, 1e7);
            time = contestant(calls);
        }
        return calls;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
