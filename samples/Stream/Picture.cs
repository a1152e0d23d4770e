using ScottPlot;

namespace Amp;

/// <summary>A few milliseconds of what was asked for and of what came out.</summary>
internal static class Picture
{
    /// <summary>Writes an SVG file.</summary>
    public static void Write(string path, int rate, int first, int count, params (string Name, float[] Signal, string Color)[] signals)
    {
        var plot = new Plot();
        double[] milliseconds = [.. Enumerable.Range(0, count).Select(n => 1000.0 * n / rate)];
        foreach ((string name, float[] signal, string color) in signals)
        {
            var line = plot.Add.ScatterLine(milliseconds, signal.AsSpan(first, count).ToArray().Select(value => (double)value).ToArray(), Color.FromHex(color));
            line.LegendText = name;
            line.LineWidth = 1.5f;
        }
        plot.XLabel("milliseconds");
        plot.Axes.SetLimitsX(0, milliseconds[^1]);
        plot.ShowLegend(Edge.Bottom);
        File.WriteAllText(path, plot.GetSvgXml(1000, 400));
    }

    /// <summary>Where the loudest piece of a signal begins.</summary>
    public static int Loudest(float[] signal, int count)
    {
        int best = 0;
        double most = 0;
        for (int first = 0; first + count <= signal.Length; first += count)
        {
            double energy = 0;
            for (int n = first; n < first + count; n++) energy += signal[n] * signal[n];
            if (energy > most) (best, most) = (first, energy);
        }
        return best;
    }
}
