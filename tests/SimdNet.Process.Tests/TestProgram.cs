using System.Diagnostics;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Builds and starts the test program, in an environment that no one else has changed.</summary>
internal static class TestProgram
{
    /// <summary>The configuration of these tests.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private static readonly string Project = Path.Combine(Repository.Root, "tests", "SimdNet.TestProgram");

    /// <summary>The program that was built with these tests.</summary>
    public static string Built { get; } = Path.Combine(Project, "bin", Configuration, "net10.0", "SimdNet.TestProgram.dll");

    public static Process Start(string fileName, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(fileName, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("DOTNET_Enable", StringComparison.Ordinal) || name.StartsWith("SIMDNET_", StringComparison.Ordinal) || name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs a process to its end; fails where it does.</summary>
    public static async Task<string> Run(string fileName, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        (int code, string output, string error) = await TryRun(fileName, arguments, variables);
        Assert.True(code == 0, $"{fileName} ended with {code}:\n{output}\n{error}");
        return output;
    }

    public static async Task<(int Code, string Output, string Error)> TryRun(string fileName, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        using Process process = Start(fileName, arguments, variables);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Builds the program into a folder of its own.</summary>
    public static Task<(int Code, string Output, string Error)> Publish(string folder, params string[] arguments) =>
        TryRun("dotnet", ["publish", Project, "--artifacts-path", Path.Combine(folder, "artifacts"), "-o", Path.Combine(folder, "out"), .. arguments]);
}
