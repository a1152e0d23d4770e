extern alias Generator;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using Generator::SimdNet.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Compiles source text with the generator and the analyzer, in memory.</summary>
internal static class GeneratorHarness
{
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.CSharp14, DocumentationMode.Diagnose);

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "SimdNet.dll" or "netstandard.dll" or "mscorlib.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static CSharpCompilation CreateCompilation(string source, OptimizationLevel level = OptimizationLevel.Release) => CSharpCompilation.Create(
        "Networks" + Guid.NewGuid().ToString("N"),
        [CSharpSyntaxTree.ParseText(source, ParseOptions, "Source.cs")],
        References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: level, nullableContextOptions: NullableContextOptions.Enable));

    public static GeneratorDriver CreateDriver(bool tracks = false) => CSharpGeneratorDriver.Create(
        [new NetworkGenerator().AsSourceGenerator()], parseOptions: ParseOptions,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, tracks));

    /// <summary>What the generator writes, by hint name.</summary>
    public static IReadOnlyDictionary<string, string> Generate(string source, OptimizationLevel level = OptimizationLevel.Release) =>
        CreateDriver().RunGenerators(CreateCompilation(source, level)).GetRunResult().Results.Single().GeneratedSources
            .ToDictionary(generated => generated.HintName, generated => generated.SourceText.ToString());

    /// <summary>What the analyzer reports, in the order of places.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> Analyze(string source)
    {
        CreateDriver().RunGeneratorsAndUpdateCompilation(CreateCompilation(source), out Compilation updated, out _, TestContext.Current.CancellationToken);
        ImmutableArray<Diagnostic> diagnostics = await updated.WithAnalyzers([new NetworkAnalyzer()]).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        return [.. diagnostics.OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)];
    }

    /// <summary>Compiles to the bytes of an assembly; any error or warning fails.</summary>
    public static byte[] Compile(string source, OptimizationLevel level)
    {
        CreateDriver().RunGeneratorsAndUpdateCompilation(CreateCompilation(source, level), out Compilation updated, out ImmutableArray<Diagnostic> ofTheGenerator, TestContext.Current.CancellationToken);
        Assert.Empty(ofTheGenerator);
        using var stream = new MemoryStream();
        var result = updated.Emit(stream, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(result.Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
        return stream.ToArray();
    }

    public static Assembly Load(byte[] assembly) => new AssemblyLoadContext(null).LoadFromStream(new MemoryStream(assembly));

    public static INetwork Create(Assembly assembly, string type, ulong seed) =>
        (INetwork)Activator.CreateInstance(assembly.GetType(type, throwOnError: true)!, seed)!;
}
