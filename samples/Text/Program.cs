using System.Globalization;
using Digits;
using SimdNet;
using SimdNet.Data;
using SimdNet.Training;
using Spectre.Console;
using Text;

const int BatchSize = 8, Epochs = 4, WarmUp = 200, Written = 800;
const ulong Seed = 1;

// For a look at whether everything runs: a few seconds of training, which proves nothing.
bool isQuick = args.Contains("--quick");
string path = args.FirstOrDefault(argument => !argument.StartsWith('-')) ?? Path.Combine(Path.GetTempPath(), "simdnet-text.safetensors");

AnsiConsole.MarkupLine($"[bold]Text, character by character[/]: a transformer of {TextNet.ParameterCount:N0} parameters, generated at compile time");
AnsiConsole.WriteLine(Hardware.Describe());
AnsiConsole.WriteLine();

Corpus corpus = Corpus.Read(Path.Combine(AppContext.BaseDirectory, "data", "jargon.txt.gz"));
if (corpus.Vocabulary != TextNet.Vocabulary) throw new InvalidOperationException($"The text has {corpus.Vocabulary} characters, but the network tells {TextNet.Vocabulary} apart.");
int[] text = [.. corpus.Training, .. corpus.HeldOut];
AnsiConsole.WriteLine($"The Jargon File: {corpus.Training.Length:N0} characters to learn from, the last {corpus.HeldOut.Length:N0} held out; {corpus.Vocabulary} different ones.");

// What counting does, on the same characters: the usual length, and one from which more brings little.
double byCounting = double.PositiveInfinity;
foreach (int order in new[] { 4, 7 })
{
    double bits = NgramModel.Fit(corpus.Training, order, corpus.Vocabulary).BitsPerCharacter(text, corpus.Training.Length);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Held-out bits per character, interpolated {order}-grams: {bits:F3}"));
    byCounting = Math.Min(byCounting, bits);
}
Console.WriteLine();

var network = new TextNet(seed: 42);
DataSet train = Windows.Cut(isQuick ? corpus.Training.AsSpan(0, 20_000) : corpus.Training);
var trainer = new Trainer<TextNet>(network, Loss.CrossEntropy, new AdamW(learningRate: 2e-3f, weightDecay: 0.05f))
{
    BatchSize = BatchSize,
    Seed = Seed,
    Schedule = Schedule.Cosine.AfterWarmUp(isQuick ? 5 : WarmUp),
};

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
int epochs = isQuick ? 1 : Epochs;
History history = TrainingDisplay.Run(
    epochs, progress => trainer.Fit(train, epochs: epochs, progress: new SavingProgress(progress, network, path), cancellationToken: stop.Token),
    metrics => string.Create(CultureInfo.InvariantCulture, $"{metrics.Loss / Math.Log(2):F3} bits a character"));
AnsiConsole.MarkupLine($"Trained {history.Epochs.Count} epochs on {train.Count:N0} windows of {TextNet.Context} characters in {history.Duration.TotalSeconds:F0} s{(history.WasCancelled ? " [yellow](stopped early)[/]" : "")}; saved to {path.EscapeMarkup()}.");

double byNetwork = Windows.BitsPerCharacter(network, text, corpus.Training.Length);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Held-out bits per character, transformer: {byNetwork:F3}"));
Console.WriteLine();

// What was saved writes.
var writer = new Writer(TextNet.Load(path), temperature: 0.8, Seed);
Console.WriteLine(corpus.Decode(writer.Write(corpus.Encode(":hacker: n.\n\n"), Written)));
Console.WriteLine();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Written one character a call: {writer.CharactersPerSecond:N0} characters a second."));
return isQuick || byNetwork < byCounting ? 0 : 1;
