using Diagnosis;
using SimdNet;
using SimdNet.Data;
using SimdNet.Training;
using Spectre.Console;

const int Seeds = 5, Epochs = 100;
string path = args.Length > 0 ? args[0] : "diagnosis.safetensors";

// Every hundredth row is a patient to come: samples/DiagnosisPredict predicts those, and nothing here sees them.
DataFrame all = DataFrame.ReadCsv(Path.Combine(AppContext.BaseDirectory, "data", "breast_cancer.csv"));
DataFrame study = all.Select([.. Enumerable.Range(0, all.Count).Where(row => row % 100 != 0)]);
string?[] diagnoses = study["diagnosis"].Names.ToArray();
AnsiConsole.MarkupLine($"[bold]Breast tissue[/]: {study.Count} samples, {diagnoses.Count(diagnosis => diagnosis == "malignant")} of them malignant, {study.Columns.Count - 1} measurements each");
AnsiConsole.WriteLine(Hardware.Describe());
AnsiConsole.WriteLine();

var results = new List<(Scores Network, Scores Regression)>();
DiagnosisNet? saved = null;
var table = new Table().Border(TableBorder.Rounded).AddColumns("split", "network: accuracy", "AUC", "logistic regression: accuracy", "AUC");
for (ulong seed = 1; seed <= Seeds; seed++)
{
    // A quarter of either class is held out; scales and means are learned from the rest alone.
    Split split = Splits.Stratified(diagnoses, testShare: 0.25, seed);
    DataFrame train = study.Select(split.Training), heldOut = study.Select(split.Test);
    var preprocessing = Preprocessing.Fit(train, target: "diagnosis");

    var network = new DiagnosisNet(seed) { Preprocessing = preprocessing };
    Fit(network, preprocessing.Apply(train), new AdamW(learningRate: 3e-3f), seed);
    var regression = new LogisticRegression { Preprocessing = preprocessing };
    Fit(regression, preprocessing.Apply(train), new AdamW(learningRate: 1e-2f), seed);

    saved ??= network;
    results.Add((Scores.Of(network, heldOut), Scores.Of(regression, heldOut)));
    (Scores ours, Scores theirs) = results[^1];
    table.AddRow($"{seed}", $"{ours.Accuracy:P1}", $"{ours.Auc:F4}", $"{theirs.Accuracy:P1}", $"{theirs.Auc:F4}");
}
table.AddEmptyRow();
table.AddRow(
    "mean ± spread",
    Spread(results.Select(result => 100 * result.Network.Accuracy), "F1") + " %", Spread(results.Select(result => result.Network.Auc), "F4"),
    Spread(results.Select(result => 100 * result.Regression.Accuracy), "F1") + " %", Spread(results.Select(result => result.Regression.Auc), "F4"));
AnsiConsole.Write(table);
Console.WriteLine($"Held-out accuracy: {100 * results.Average(result => result.Network.Accuracy):F2} %");
Console.WriteLine($"Held-out AUC: {results.Average(result => result.Network.Auc):F4}");

saved!.Save(path);
AnsiConsole.WriteLine();
AnsiConsole.WriteLine($"The network of split 1 is saved to {path}, preprocessing included.");
AnsiConsole.WriteLine($"Predict with it: dotnet run -c Release --project samples/DiagnosisPredict -- {path}");

static void Fit<TNetwork>(TNetwork network, DataSet train, Optimizer optimizer, ulong seed) where TNetwork : class, INetwork =>
    new Trainer<TNetwork>(network, Loss.BinaryCrossEntropy, optimizer) { BatchSize = 32, Seed = seed, Schedule = Schedule.Cosine }.Fit(train, epochs: Epochs);

static string Spread(IEnumerable<double> values, string format)
{
    double mean = values.Average(), deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count() - 1));
    return $"{mean.ToString(format)} ± {deviation.ToString(format)}";
}

/// <summary>How well a network does on rows it was not trained on.</summary>
internal sealed record Scores(double Accuracy, double Auc)
{
    public static Scores Of(INetwork network, DataFrame heldOut)
    {
        Prediction[] predictions = network.Predict(heldOut);
        ReadOnlySpan<string?> diagnoses = heldOut["diagnosis"].Names;
        var probabilities = new float[predictions.Length];
        var isMalignant = new bool[predictions.Length];
        int correct = 0;
        for (int row = 0; row < predictions.Length; row++)
        {
            // Classes are in the order of the alphabet: benign, malignant. The output is the probability of the second.
            probabilities[row] = predictions[row].Outputs[0];
            isMalignant[row] = diagnoses[row] == "malignant";
            correct += predictions[row].Class == diagnoses[row] ? 1 : 0;
        }
        return new Scores((double)correct / predictions.Length, Metrics.AreaUnderRoc(probabilities, isMalignant));
    }
}
