using System.Globalization;
using Amp;
using Digits;
using SimdNet;
using SimdNet.Data;
using SimdNet.Training;
using Spectre.Console;

const int Rate = 48_000, TrainingSeconds = 30, HeldOutSeconds = 6, Epochs = 32, Taps = 64;
const ulong Seed = 1;

AnsiConsole.MarkupLine($"[bold]A guitar amplifier[/]: a recurrent network of {AmpNet.ParameterCount:N0} parameters learns what a nonlinear effect does, and runs on a stream");
AnsiConsole.WriteLine(Hardware.Describe());
AnsiConsole.WriteLine();

// What is held out is other music, played by another seed.
float[] input = Guitar.Play(TrainingSeconds * Rate, Rate, seed: 1), target = Amplifier.Process(input, Rate);
float[] heldOut = Guitar.Play(HeldOutSeconds * Rate, Rate, seed: 2), expected = Amplifier.Process(heldOut, Rate);
LinearFilter filter = LinearFilter.Fit(input, target, Taps);

// Windows begin with an empty state, in the middle of the music: the first milliseconds of each are guesswork, but leaving them out of the loss brings less
// than a decibel, and longer windows cost steps.
int window = AmpNet.InputSize, windows = input.Length / window;
DataSet train = DataSet.FromTargets(input[..(windows * window)], window, target[..(windows * window)], window);
var network = new AmpNet(seed: 42);
var trainer = new Trainer<AmpNet>(network, Loss.MeanSquaredError, new Adam(learningRate: 0.01f)) { BatchSize = 16, Seed = Seed, Schedule = Schedule.Cosine };
double power = target.Average(value => (double)value * value);

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
History history = TrainingDisplay.Run(
    Epochs, progress => trainer.Fit(train, epochs: Epochs, progress: progress, cancellationToken: stop.Token),
    metrics => string.Create(CultureInfo.InvariantCulture, $"error to signal {10 * Math.Log10(metrics.Loss / power),6:F2} dB"));
AnsiConsole.MarkupLine($"Trained {history.Epochs.Count} epochs on {windows:N0} windows of {window:N0} samples in {history.Duration.TotalSeconds:F1} s{(history.WasCancelled ? " [yellow](stopped early)[/]" : "")}.");
AnsiConsole.WriteLine();

// The network runs as it would in a plug-in: its state goes on from one call to the next.
var output = new float[heldOut.Length];
network.Forward(heldOut, output, network.CreateState());
float[] filtered = filter.Process(heldOut);
double byFilter = ErrorToSignal(filtered), byNetwork = ErrorToSignal(output);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Held-out error to signal, best linear filter of {Taps} taps: {byFilter:F2} dB"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Held-out error to signal, network:                     {byNetwork:F2} dB"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The network is {byFilter - byNetwork:F2} dB better."));

// One call a sample, and a whole window at once: the same bits.
float[] steps = new float[window], whole = new float[window];
NetworkState state = network.CreateState();
for (int n = 0; n < window; n++) network.Forward(heldOut.AsSpan(n, 1), steps.AsSpan(n, 1), state);
network.Forward(heldOut.AsSpan(0, window), whole);
bool same = steps.AsSpan().SequenceEqual(whole);
AnsiConsole.WriteLine($"Sample by sample and {window:N0} at once: {(same ? "the same bits" : "DIFFERENT outputs")}.");
AnsiConsole.WriteLine();

double factor = Timing.PrintTable(network, heldOut, Rate);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Sample by sample at {Rate / 1000} kHz: {factor:F1} times real time."));

string path = Path.Combine(Path.GetTempPath(), "simdnet-stream.svg");
const int Shown = Rate / 50;
Picture.Write(path, Rate, Picture.Loudest(expected, Shown), Shown, ("amplifier", expected, "#202020"), ("linear filter", filtered, "#c65b5b"), ("network", output, "#4c9f70"));
AnsiConsole.WriteLine($"A picture of the loudest 20 ms: {path}");
return same && byNetwork <= byFilter - 10 ? 0 : 1;

double ErrorToSignal(float[] signal)
{
    double error = 0, energy = 0;
    for (int n = 0; n < signal.Length; n++)
    {
        error += Math.Pow(signal[n] - expected[n], 2);
        energy += Math.Pow(expected[n], 2);
    }
    return 10 * Math.Log10(error / energy);
}
