using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimdNet.Benchmarks;

/// <summary>
/// How close the generated forward pass of network c comes to the least time in which its weights can be read: the time
/// that loads alone take, from the first-level cache, measured in turn with it.
/// </summary>
internal static unsafe class LoadFloor
{
    private const int Rounds = 1001, CallsOfRound = 1000, Adds = 4096;

    private static Vector512<float> Sink;
    private static long SinkOfClock;

    public static string Measure()
    {
        var network = new NetC(seed: 1);
        int floats = network.Parameters.Length;
        float[] input = new float[NetC.InputSize], output = new float[NetC.OutputSize];
        new RandomStream(1).FillUniform(input, 0, 1);
        double[] forward = new double[Rounds], loads = new double[Rounds], cycle = new double[Rounds];
        fixed (float* weights = network.Parameters)
        {
            // The first rounds also give the JIT the time to compile everything for good.
            for (int round = -2 * Rounds; round < Rounds; round++)
            {
                double f = Time(() => network.Forward(input, output));
                double l = TimeLoads(weights, floats), c = TimeCycle();
                if (round < 0) continue;
                (forward[round], loads[round], cycle[round]) = (f, l, c);
            }
        }
        double forwardTime = Median(forward), loadTime = Median(loads), cycleTime = Median(cycle);
        double bytesPerCycle = floats * sizeof(float) / loadTime * cycleTime;
        return string.Create(CultureInfo.InvariantCulture,
            $"network c, one sample: {forwardTime:F1} ns; its {floats * sizeof(float):N0} bytes of parameters by loads alone: {loadTime:F1} ns "
            + $"({bytesPerCycle:F0} bytes a cycle at {1 / cycleTime:F2} GHz, {100 * bytesPerCycle / 128:F0} % of 128); ratio {forwardTime / loadTime:F2}");
    }

    private static double Time(Action call)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < CallsOfRound; i++) call();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / CallsOfRound;
    }

    private static double TimeLoads(float* weights, int floats)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < CallsOfRound; i++) Sink |= Loads(ref *weights, floats);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / CallsOfRound;
    }

    /// <summary>The time of a cycle: additions that wait for each other take one each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double TimeCycle()
    {
        long start = Stopwatch.GetTimestamp(), sum = start, step = SinkOfClock | 1;
        for (int i = 0; i < Adds; i++)
        {
            sum += step;
            sum ^= step;
            sum += step;
            sum ^= step;
            sum += step;
            sum ^= step;
            sum += step;
            sum ^= step;
        }
        SinkOfClock = sum;
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / (8.0 * Adds);
    }

    /// <summary>Eight accumulators, so that nothing but the two load units is waited for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Vector512<float> Loads(ref float source, int floats)
    {
        Vector512<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (int i = 0; i <= floats - 128; i += 128)
        {
            ref float block = ref Unsafe.Add(ref source, i);
            a |= Vector512.LoadUnsafe(ref block);
            b |= Vector512.LoadUnsafe(ref block, 16);
            c |= Vector512.LoadUnsafe(ref block, 32);
            d |= Vector512.LoadUnsafe(ref block, 48);
            e |= Vector512.LoadUnsafe(ref block, 64);
            f |= Vector512.LoadUnsafe(ref block, 80);
            g |= Vector512.LoadUnsafe(ref block, 96);
            h |= Vector512.LoadUnsafe(ref block, 112);
        }
        return a | b | c | d | e | f | g | h;
    }

    /// <summary>The same where registers have 256 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Vector256<float> Loads256(ref float source, int floats)
    {
        Vector256<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (int i = 0; i <= floats - 64; i += 64)
        {
            ref float block = ref Unsafe.Add(ref source, i);
            a |= Vector256.LoadUnsafe(ref block);
            b |= Vector256.LoadUnsafe(ref block, 8);
            c |= Vector256.LoadUnsafe(ref block, 16);
            d |= Vector256.LoadUnsafe(ref block, 24);
            e |= Vector256.LoadUnsafe(ref block, 32);
            f |= Vector256.LoadUnsafe(ref block, 40);
            g |= Vector256.LoadUnsafe(ref block, 48);
            h |= Vector256.LoadUnsafe(ref block, 56);
        }
        return a | b | c | d | e | f | g | h;
    }

    /// <summary>The same where registers have 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Vector128<float> Loads128(ref float source, int floats)
    {
        Vector128<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (int i = 0; i <= floats - 32; i += 32)
        {
            ref float block = ref Unsafe.Add(ref source, i);
            a |= Vector128.LoadUnsafe(ref block);
            b |= Vector128.LoadUnsafe(ref block, 4);
            c |= Vector128.LoadUnsafe(ref block, 8);
            d |= Vector128.LoadUnsafe(ref block, 12);
            e |= Vector128.LoadUnsafe(ref block, 16);
            f |= Vector128.LoadUnsafe(ref block, 20);
            g |= Vector128.LoadUnsafe(ref block, 24);
            h |= Vector128.LoadUnsafe(ref block, 28);
        }
        return a | b | c | d | e | f | g | h;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
