using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SimdNet.Benchmarks;

/// <summary>What the generator costs an editor and a build.</summary>
internal sealed class GeneratorRuns
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp14);
    private static readonly string GeneratorPath = Path.Combine(Results.RepositoryRoot(), "generators", "SimdNet.Generators", "bin", "Release", "netstandard2.0", "SimdNet.Generators.dll");

    private readonly CSharpCompilation _compilation, _edited;
    private readonly IIncrementalGenerator _generator;
    private readonly GeneratorDriver _used;

    /// <param name="layers">The dense layers of the network that is generated.</param>
    public GeneratorRuns(int layers)
    {
        _generator = (IIncrementalGenerator)Activator.CreateInstance(Assembly.LoadFrom(GeneratorPath).GetType("SimdNet.Generators.NetworkGenerator", throwOnError: true)!)!;
        SyntaxTree network = CSharpSyntaxTree.ParseText(Declare("Deep", layers), Options, "Deep.cs");
        SyntaxTree other = CSharpSyntaxTree.ParseText("class Other { int Value => 1; }", Options, "Other.cs"), changed = CSharpSyntaxTree.ParseText("class Other { int Value => 2; }", Options, "Other.cs");
        _compilation = CSharpCompilation.Create("Networks", [network, other], References().Select(path => MetadataReference.CreateFromFile(path)), new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        _edited = _compilation.ReplaceSyntaxTree(other, changed);
        _used = CreateDriver().RunGenerators(_compilation);
        if (_used.GetRunResult().GeneratedTrees.Length != 1) throw new InvalidOperationException("The generator wrote nothing.");
    }

    /// <summary>A driver that has seen nothing yet.</summary>
    public void RunCold() => CreateDriver().RunGenerators(_compilation);

    /// <summary>Another file of the project was edited.</summary>
    public void RunAfterEdit() => _used.RunGenerators(_edited);

    /// <summary>A small program as people write them: what it makes the compiler compile of itself is no cost of a network's.</summary>
    private const string Program = """
        using System;
        using System.Collections.Generic;
        using System.Linq;

        static class Program
        {
            static void Main(string[] args)
            {
                if (args.Length > 1) throw new ArgumentException("Expected one argument at the most.", nameof(args));
                var inputs = new List<float>();
                for (int i = 0; i < 784; i++) inputs.Add(i / 784f);
                Span<float> bright = inputs.Where(value => value > 0.5f).Select(value => value * value).ToArray();
                foreach (float value in bright[..3]) Console.WriteLine($"{value:F3}");
            }
        }
        """;

    /// <summary>Nanoseconds that the compiler takes for a small program in a process of its own: without SimdNet's generator, and with that and network d.</summary>
    public static (Func<int, double> Without, Func<int, double> With)? Compiler()
    {
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string? compiler = Directory.Exists(Path.Combine(root, "sdk")) ? Directory.GetFiles(Path.Combine(root, "sdk"), "csc.dll", SearchOption.AllDirectories).Order().LastOrDefault() : null;
        if (compiler is null) return null;
        return (_ => Compile(compiler, [], ""), _ => Compile(compiler, [$"/analyzer:\"{GeneratorPath}\""], Declare("Net", "[Network(784)]\n[Dense(128), Relu]\n[Dense(10), Softmax]\n")));
    }

    private static double Compile(string compiler, string[] options, string network)
    {
        string folder = Directory.CreateTempSubdirectory().FullName, program = Path.Combine(folder, "Program.cs"), file = Path.Combine(folder, "Net.cs");
        File.WriteAllText(program, Program);
        File.WriteAllText(file, network);
        File.WriteAllLines(Path.Combine(folder, "options.rsp"),
            [.. References().Select(path => $"/reference:\"{path}\""), .. options, "/nologo", "/optimize+", $"/out:\"{Path.Combine(folder, "Net.dll")}\"", $"\"{program}\"", $"\"{file}\""]);
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo("dotnet", ["exec", compiler, "/noconfig", "@" + Path.Combine(folder, "options.rsp")]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double time = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        Directory.Delete(folder, recursive: true);
        return process.ExitCode == 0 ? time : throw new InvalidOperationException(output);
    }

    private GeneratorDriver CreateDriver() => CSharpGeneratorDriver.Create([_generator.AsSourceGenerator()], parseOptions: Options);

    private static string Declare(string name, int layers)
    {
        var attributes = new StringBuilder("[Network(64)]\n");
        for (int i = 1; i < layers; i++) attributes.Append("[Dense(64), Relu]\n");
        return Declare(name, attributes.Append("[Dense(10), Softmax]\n").ToString());
    }

    private static string Declare(string name, string attributes) =>
        string.Create(CultureInfo.InvariantCulture, $"using SimdNet;\nusing SimdNet.Layers;\n{attributes}public sealed partial class {name};\n");

    private static IEnumerable<string> References() => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(path => Path.GetFileName(path) is var name && (path.StartsWith(RuntimeEnvironment.GetRuntimeDirectory(), StringComparison.Ordinal) || name == "SimdNet.dll"));
}
