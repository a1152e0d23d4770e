using System.Diagnostics;
using System.Globalization;

namespace SimdNet.Benchmarks;

/// <summary>Programs that are published with NativeAOT for the comparison, in a folder that goes with it.</summary>
internal sealed class NativePrograms : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simdnet-native-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Publishes a project of this repository, and returns the path of its executable; null, with the reason printed, where that fails.</summary>
    /// <param name="project">Its folder in the repository.</param>
    /// <param name="name">A name of its own among these programs.</param>
    /// <param name="arguments">More arguments of dotnet publish.</param>
    public string? TryPublish(string project, string name, params string[] arguments)
    {
        string target = Path.Combine(_folder, name);
        (int code, string output) = Run("dotnet",
            ["publish", Path.Combine(Results.RepositoryRoot(), project), "-c", "Release", "-p:RunAnalyzers=false", "--artifacts-path", Path.Combine(_folder, "build"), "-o", target, .. arguments]);
        if (code == 0) return Path.Combine(target, Path.GetFileName(project) + (OperatingSystem.IsWindows() ? ".exe" : ""));
        Console.WriteLine($"{project} could not be published with NativeAOT: {output.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? output}");
        return null;
    }

    /// <summary>The nanoseconds that a program says first in its output.</summary>
    public static double Said(string program, params string[] arguments) =>
        double.Parse(Run(program, arguments).Output.Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>The nanoseconds of a whole process, from its start to its end.</summary>
    public static double WholeProcess(string program, params string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        Run(program, arguments);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    private static (int Code, string Output) Run(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
