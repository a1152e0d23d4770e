using System.Diagnostics;
using System.Globalization;
using SimdNet.Training;
using Spectre.Console;

namespace Digits;

/// <summary>Shows a run of training: a bar and a line of numbers in a terminal, plain lines anywhere else.</summary>
internal static class TrainingDisplay
{
    /// <param name="epochs">The epochs of the run.</param>
    /// <param name="train">The run.</param>
    /// <param name="describe">What is said of the loss; loss and accuracy by default.</param>
    public static History Run(int epochs, Func<IProgress<TrainingProgress>, History> train, Func<Metrics, string>? describe = null)
    {
        describe ??= metrics => string.Create(CultureInfo.InvariantCulture, $"loss {metrics.Loss:F4}  accuracy {100 * metrics.Accuracy:F2} %");
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected) return train(new PlainLines(describe));
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask("Training", maxValue: epochs);
                return train(new Bar(task, describe));
            });
    }

    private static string Describe(TrainingProgress progress, Func<Metrics, string> describe) => string.Create(
        CultureInfo.InvariantCulture,
        $"epoch {progress.Epoch,2}/{progress.Epochs}  {describe(progress.Training)}  {progress.SamplesPerSecond,7:N0} samples/s  {progress.TimeLeft.TotalSeconds,4:F1} s left");

    /// <summary>A line for each epoch, and every twenty seconds within one.</summary>
    private sealed class PlainLines(Func<Metrics, string> describe) : IProgress<TrainingProgress>
    {
        private readonly Stopwatch _sinceLine = Stopwatch.StartNew();

        public void Report(TrainingProgress value)
        {
            if (value.Completed is null && _sinceLine.Elapsed < TimeSpan.FromSeconds(20)) return;
            Console.WriteLine(Describe(value, describe));
            _sinceLine.Restart();
        }
    }

    private sealed class Bar(ProgressTask task, Func<Metrics, string> describe) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            task.Value = value.Epoch - 1 + (double)value.Samples / value.SampleCount;
            task.Description = Describe(value, describe);
        }
    }
}
