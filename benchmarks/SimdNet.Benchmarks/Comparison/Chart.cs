using ScottPlot;

namespace SimdNet.Benchmarks;

/// <summary>A row's figure as a bar, its goal as a mark.</summary>
/// <param name="Label">The row.</param>
/// <param name="Value">The figure.</param>
/// <param name="Goal">The goal; NaN where there is none.</param>
/// <param name="IsGood">Whether the bar is green.</param>
internal sealed record ChartBar(string Label, double Value, double Goal, bool IsGood);

/// <summary>Bars beside each other, as a picture that a page can show.</summary>
internal static class Chart
{
    private const int Width = 1000, RowHeight = 18;

    /// <summary>Writes an SVG file, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="title">What the bars are.</param>
    /// <param name="bars">From top to bottom.</param>
    /// <param name="isRatio">Whether values are ratios, on a scale of powers of two around 1; otherwise shares of 1.</param>
    public static void Write(string path, string title, IReadOnlyList<ChartBar> bars, bool isRatio)
    {
        var plot = new Plot();
        double least = isRatio ? -7 : 0, most = isRatio ? 2 : 1.25;
        for (int i = 0; i < bars.Count; i++)
        {
            ChartBar bar = bars[i];
            double row = bars.Count - i;
            var drawn = plot.Add.Bar(new Bar { Position = row, Value = Math.Clamp(Place(bar.Value), least, most), Orientation = Orientation.Horizontal, Size = 0.7, FillColor = Color.FromHex(bar.IsGood ? "#4c9f70" : "#c65b5b"), LineWidth = 0 });
            drawn.ValueLabelStyle.IsVisible = false;
            if (!double.IsNaN(bar.Goal)) plot.Add.Line(Place(bar.Goal), row - 0.45, Place(bar.Goal), row + 0.45).LineStyle = new LineStyle { Color = Colors.Black, Width = 2 };
        }
        plot.Add.VerticalLine(isRatio ? 0 : 1, 1, Colors.Gray);
        plot.Axes.Left.SetTicks([.. Enumerable.Range(0, bars.Count).Select(i => (double)(bars.Count - i))], [.. bars.Select(bar => bar.Label)]);
        if (isRatio) plot.Axes.Bottom.SetTicks([-7, -6, -5, -4, -3, -2, -1, 0, 1, 2], ["1/128", "1/64", "1/32", "1/16", "1/8", "1/4", "1/2", "1", "2", "4"]);
        else plot.Axes.Bottom.SetTicks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"]);
        plot.Axes.SetLimits(least, most, 0.3, bars.Count + 0.7);
        plot.Title(title);
        string temporary = path + ".tmp";
        File.WriteAllText(temporary, plot.GetSvgXml(Width, 120 + RowHeight * bars.Count));
        File.Move(temporary, path, overwrite: true);

        double Place(double value) => isRatio ? Math.Log2(value) : value;
    }
}
