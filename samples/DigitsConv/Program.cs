using System.Globalization;
using Digits;
using SimdNet;
using SimdNet.Data;
using SimdNet.Training;
using Spectre.Console;

const int Side = 28, Epochs = 30, BatchSize = 64;
const ulong Seed = 1;

AnsiConsole.MarkupLine($"[bold]Handwritten digits[/]: a small convolutional network of {DigitNet.ParameterCount:N0} parameters, generated at compile time");
AnsiConsole.WriteLine(Hardware.Describe());
AnsiConsole.WriteLine();

// The same 8,000 digits to learn from, and the same 2,000 held out, as in samples/Digits.
string folder = Path.Combine(AppContext.BaseDirectory, "data");
(_, float[] pixels) = Idx.ReadSingles(Path.Combine(folder, "train10k-images-idx3-ubyte.gz"));
(_, byte[] labels) = Idx.ReadBytes(Path.Combine(folder, "train10k-labels-idx1-ubyte.gz"));
for (int i = 0; i < pixels.Length; i++) pixels[i] /= 255f;
DataSet digits = DataSet.FromClasses(pixels, DigitNet.InputSize, [.. labels.Select(label => (int)label)]);
(DataSet train, DataSet heldOut) = digits.Split(0.8, Seed);

var network = new DigitNet(seed: 42);
var trainer = new Trainer<DigitNet>(network, Loss.CrossEntropy, new Adam(learningRate: 2e-3f))
{
    BatchSize = BatchSize,
    Seed = Seed,
    Schedule = Schedule.Cosine,
    Augment = Augmentation.ShiftByOnePixel(Side),
};

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
History history = TrainingDisplay.Run(Epochs, progress => trainer.Fit(train, epochs: Epochs, progress: progress, cancellationToken: stop.Token));
AnsiConsole.MarkupLine($"Trained {history.Epochs.Count} epochs on {train.Count:N0} digits in {history.Duration.TotalSeconds:F1} s{(history.WasCancelled ? " [yellow](stopped early)[/]" : "")}.");

Metrics metrics = trainer.Evaluate(heldOut);
AnsiConsole.WriteLine();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Held-out accuracy: {100 * metrics.Accuracy:F2} %"));
AnsiConsole.WriteLine();
Report.Confusion(network, heldOut);
Report.WrongDigits(network, heldOut, Side, count: 3);
return 0;
