using System.Globalization;
using SimdNet.Training;
using Spectre.Console;

namespace Digits;

/// <summary>Shows a run of training: a bar and a line of numbers in a terminal, plain lines anywhere else.</summary>
internal static class TrainingDisplay
{
    public static History Run(int epochs, Func<IProgress<TrainingProgress>, History> train)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected) return train(new PlainLines());
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask("Training", maxValue: epochs);
                return train(new Bar(task));
            });
    }

    private static string Describe(TrainingProgress progress) => string.Create(
        CultureInfo.InvariantCulture,
        $"epoch {progress.Epoch,2}/{progress.Epochs}  loss {progress.Training.Loss:F4}  accuracy {100 * progress.Training.Accuracy:F2} %  {progress.SamplesPerSecond,7:N0} samples/s  {progress.TimeLeft.TotalSeconds,4:F1} s left");

    private sealed class PlainLines : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Completed is not null) Console.WriteLine(Describe(value));
        }
    }

    private sealed class Bar(ProgressTask task) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            task.Value = value.Epoch - 1 + (double)value.Samples / value.SampleCount;
            task.Description = Describe(value);
        }
    }
}
