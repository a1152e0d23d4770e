using System.Globalization;
using System.Text;
using SimdNet.Data;
using Spectre.Console;

namespace Digits;

/// <summary>What the network takes for what.</summary>
internal static class Report
{
    public static void Confusion(DigitNet network, DataSet digits)
    {
        var counts = new int[10, 10];
        for (int i = 0; i < digits.Count; i++) counts[digits.Classes[i], Predict(network, digits.Input(i)).Digit]++;
        var table = new Table().Title("Rows are the true digits, columns the predictions").Border(TableBorder.Simple).AddColumn("");
        for (int digit = 0; digit < 10; digit++) table.AddColumn(new TableColumn(Text(digit)).RightAligned());
        for (int digit = 0; digit < 10; digit++)
        {
            int row = digit;
            table.AddRow([Text(digit), .. Enumerable.Range(0, 10).Select(column => Cell(counts[row, column], row == column))]);
        }
        AnsiConsole.Write(table);

        static string Cell(int count, bool isRight) => count == 0 ? "[grey].[/]" : isRight ? $"[green]{count}[/]" : $"[red]{count}[/]";
    }

    public static void WrongDigits(DigitNet network, DataSet digits, int side, int count)
    {
        var captions = new List<string>();
        var pictures = new List<string[]>();
        for (int i = 0; i < digits.Count && pictures.Count < count; i++)
        {
            (int digit, float probability) = Predict(network, digits.Input(i));
            if (digit == digits.Classes[i]) continue;
            captions.Add(string.Create(CultureInfo.InvariantCulture, $"{digits.Classes[i]}, taken for {digit} ({100 * probability:F0} %)"));
            pictures.Add(Picture(digits.Input(i), side));
        }
        if (pictures.Count == 0) return;
        Console.WriteLine("Some of the wrong ones:");
        Console.WriteLine(string.Concat(captions.Select(caption => caption.PadRight(side))));
        for (int line = 0; line < pictures[0].Length; line++) Console.WriteLine(string.Concat(pictures.Select(picture => picture[line].PadRight(side))).TrimEnd());
    }

    private static (int Digit, float Probability) Predict(DigitNet network, ReadOnlySpan<float> image)
    {
        Span<float> probabilities = stackalloc float[DigitNet.OutputSize];
        network.Forward(image, probabilities);
        int best = 0;
        for (int i = 1; i < probabilities.Length; i++)
        {
            if (probabilities[i] > probabilities[best]) best = i;
        }
        return (best, probabilities[best]);
    }

    /// <summary>Two rows of pixels are one line of half blocks.</summary>
    private static string[] Picture(ReadOnlySpan<float> image, int side)
    {
        var lines = new List<string>();
        for (int row = 4; row < side - 4; row += 2)
        {
            var line = new StringBuilder();
            for (int column = 3; column < side - 3; column++)
            {
                bool upper = image[row * side + column] > 0.4f, lower = image[(row + 1) * side + column] > 0.4f;
                line.Append(upper ? lower ? '█' : '▀' : lower ? '▄' : ' ');
            }
            lines.Add(line.ToString());
        }
        return [.. lines];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
