using System.Diagnostics;
using System.Globalization;
using SimdNet;
using Spectre.Console;

namespace Amp;

/// <summary>How long the network takes for a signal that comes in pieces, as a sound card delivers it.</summary>
internal static class Timing
{
    /// <summary>Prints a table and returns how much faster than the signal the network is, one sample a call.</summary>
    public static double PrintTable(AmpNet network, float[] input, int rate)
    {
        var table = new Table().Title("The held-out signal as a stream").Border(TableBorder.Rounded);
        foreach (string name in new[] { "samples a call", "ns a sample", "x real time", "median call", "99.99 %", "worst", "deadline" })
            table.AddColumn(new TableColumn(name).RightAligned());
        double one = 0;
        foreach (int block in new[] { 1, 64 })
        {
            double[] calls = Measure(network, input, block);
            double total = calls.Sum(), factor = (double)(calls.Length * block) / rate / total;
            if (block == 1) one = factor;
            Array.Sort(calls);
            table.AddRow(
                block.ToString(CultureInfo.InvariantCulture), Number(total / calls.Length / block * 1e9, "F0"), Number(factor, "F1"), Microseconds(calls[calls.Length / 2]),
                Microseconds(calls[(int)(0.9999 * calls.Length)]), Microseconds(calls[^1]), Microseconds((double)block / rate));
        }
        AnsiConsole.Write(table);
        return one;
    }

    /// <summary>The seconds of each call.</summary>
    private static double[] Measure(AmpNet network, float[] input, int block)
    {
        NetworkState state = network.CreateState();
        var output = new float[block];
        var calls = new double[input.Length / block];
        for (int run = 0; run < 2; run++)
        {
            // The first run is for the JIT.
            state.Reset();
            for (int call = 0; call < calls.Length; call++)
            {
                long begin = Stopwatch.GetTimestamp();
                network.Forward(input.AsSpan(call * block, block), output, state);
                calls[call] = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            }
        }
        return calls;
    }

    private static string Microseconds(double seconds) => Number(seconds * 1e6, seconds < 1e-4 ? "F1" : "F0") + " µs";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
