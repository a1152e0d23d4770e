using Digits;
using SimdNet;
using SimdNet.Data;
using SimdNet.Training;
using Spectre.Console;

const int Side = 28, Epochs = 40, BatchSize = 64;
const ulong Seed = 1;

AnsiConsole.MarkupLine("[bold]Handwritten digits[/]: a dense network of 101,770 parameters, generated at compile time");
AnsiConsole.WriteLine(Hardware.Describe());
AnsiConsole.WriteLine();

// 10,000 digits; 2,000 are held out, and nothing is chosen by them.
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
Console.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Held-out accuracy: {100 * metrics.Accuracy:F2} %"));
AnsiConsole.WriteLine();
Report.Confusion(network, heldOut);
Report.WrongDigits(network, heldOut, Side, count: 3);

// What is saved and loaded again predicts the same bits.
string path = Path.Combine(Path.GetTempPath(), "simdnet-digits.safetensors");
network.Save(path);
DigitNet loaded = DigitNet.Load(path);
float[] before = new float[heldOut.Count * DigitNet.OutputSize], after = new float[before.Length];
network.Forward(heldOut.Inputs, before);
loaded.Forward(heldOut.Inputs, after);
bool same = before.AsSpan().SequenceEqual(after);
AnsiConsole.WriteLine($"Saved to {path} ({new FileInfo(path).Length:N0} bytes) and loaded again: {(same ? "the same bits" : "DIFFERENT predictions")} on {heldOut.Count:N0} digits.");
AnsiConsole.WriteLine();

Timing.PrintTable(network, heldOut);
return same ? 0 : 1;
