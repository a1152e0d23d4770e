using System.Globalization;
using System.Reflection;
using System.Runtime.Intrinsics.X86;
using System.Text;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Environments;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Perfolizer.Horology;
using SimdNet;
using SimdNet.Benchmarks;

// "compare" measures against peers and the machine's limits, "floor" network c against its loads alone, "accuracy" the
// functions over all floats, "layers" every layer by itself, "first-call" is compare's own; anything else is BenchmarkDotNet's, by default everything.
if (args is ["compare"] or ["compare", "--only", _])
{
    if (args.Length == 1 || Comparison.Groups.Contains(args[2]))
    {
        Comparison.Run(args.Length == 3 ? args[2] : null);
        return;
    }
    Console.Error.WriteLine($"There is no part \"{args[2]}\" of the comparison; there are {string.Join(", ", Comparison.Groups)}.");
    Environment.ExitCode = 1;
    return;
}

if (args is ["first-call"])
{
    Comparison.WriteFirstCall();
    return;
}

if (args is ["layers"])
{
    EveryLayer.Run();
    return;
}

if (args is ["floor"])
{
    Console.WriteLine(Hardware.Describe());
    Console.WriteLine(LoadFloor.Measure());
    return;
}

if (args is ["accuracy", ..])
{
    // "accuracy --every 7 gelu" takes every seventh float.
    bool isStrided = args is [_, "--every", _, ..];
    string[] functions = args[(isStrided ? 3 : 1)..];
    Accuracy.Run(functions.Length > 0 ? functions : Accuracy.Functions, isStrided ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1);
    return;
}

IConfig config = ManualConfig.CreateEmpty()
    .AddJob(Job.Default.WithWarmupCount(4).WithIterationCount(9).WithIterationTime(TimeInterval.FromMilliseconds(100)))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddLogger(ConsoleLogger.Default)
    .WithOptions(ConfigOptions.DisableLogFile);
Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, config)];
if (args.Length == 0) Results.Write(summaries, LoadFloor.Measure());

/// <summary>Writes the tables that are checked in.</summary>
internal static class Results
{
    public static void Write(IReadOnlyList<Summary> summaries, string floor)
    {
        string processor = Processor();
        string version = typeof(Hardware).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var text = new StringBuilder();
        text.Append("# Naive loops, runtime kernels, generated code\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Processor: {processor}. {Hardware.Describe()}. SimdNet {version}.\n\n");
        text.Append("Medians in nanoseconds a call; networks a: 3-2-1 sigmoid, b: 8-16-16-1 tanh, c: 64-64-64-10 relu, d: 784-128-10 relu, softmax. ");
        text.Append("Steps are plain gradient descent. Run again: `dotnet run -c Release --project benchmarks/SimdNet.Benchmarks`.\n");
        foreach (Summary summary in summaries)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {(summary.BenchmarksCases[0].Descriptor.Type == typeof(ForwardBenchmarks) ? "Prediction" : "Training step")}\n\n");
            text.Append("| network | batch | naive loops | runtime kernels | generated code | naive / generated | bytes allocated |\n|---|---:|---:|---:|---:|---:|---:|\n");
            foreach (IGrouping<string, BenchmarkReport> row in summary.Reports.GroupBy(report => report.BenchmarkCase.Parameters.DisplayInfo))
            {
                double Time(string method) => row.Single(report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name == method).ResultStatistics!.Median;
                BenchmarkReport generated = row.Single(report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name == nameof(ForwardBenchmarks.GeneratedCode));
                text.Append(CultureInfo.InvariantCulture,
                    $"| {generated.BenchmarkCase.Parameters["Network"]} | {generated.BenchmarkCase.Parameters["Batch"]} | {Time("NaiveLoops"):N0} | {Time("RuntimeKernels"):N0} | {Time("GeneratedCode"):N0} | {Time("NaiveLoops") / Time("GeneratedCode"):F1} | {generated.GcStats.GetBytesAllocatedPerOperation(generated.BenchmarkCase)} |\n");
            }
        }
        text.Append(CultureInfo.InvariantCulture, $"\n## The floor of loads\n\n{floor}.\n");
        Console.WriteLine("Written to " + Write(FileName(processor), text.ToString()));
    }

    /// <summary>Writes a table that is checked in, and returns its path in the repository.</summary>
    public static string Write(string name, string text)
    {
        string path = Path.Combine(Folder(), name);
        File.WriteAllText(path + ".tmp", text);
        File.Move(path + ".tmp", path, overwrite: true);
        return "benchmarks/results/" + name;
    }

    /// <summary>Where tables and charts lie.</summary>
    public static string Folder() => Directory.CreateDirectory(Path.Combine(RepositoryRoot(), "benchmarks", "results")).FullName;

    /// <summary>A table's name, by the processor that it was measured on.</summary>
    public static string FileName(string processor) =>
        string.Join("-", processor.ToLowerInvariant().Split([' ', '(', ')', '@', '/'], StringSplitOptions.RemoveEmptyEntries)) + ".md";

    /// <summary>The processor's own name and, because a virtual machine may hide what it is, its family: 25 is AMD's Zen 3 and 4, 26 its Zen 5.</summary>
    public static string Processor()
    {
        string name = HostEnvironmentInfo.GetCurrent().Cpu.Value?.ProcessorName?.Trim() ?? "unknown processor";
        if (!X86Base.IsSupported) return name;
        int signature = X86Base.CpuId(1, 0).Eax, family = (signature >> 8) & 15;
        return $"{name} (family {(family == 15 ? family + ((signature >> 20) & 255) : family)})";
    }

    /// <summary>The folder of the solution above this program; the current one where the program stands alone.</summary>
    public static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "SimdNet.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? Environment.CurrentDirectory;
    }
}
