using System.IO.Compression;
using System.Runtime.InteropServices;
using Xunit;

namespace SimdNet.Tests;

/// <summary>The package as a stranger takes it: into a new project, in an empty folder, from a feed.</summary>
public sealed class PackageTests : IDisposable
{
    /// <summary>What the README's example takes as given, and what shows that it ran.</summary>
    private const string Before = """
        using SimdNet.Data;
        Environment.CurrentDirectory = AppContext.BaseDirectory;
        float[] image = new float[784], images = new float[256 * 784];
        for (int i = 0; i < images.Length; i++) images[i] = i * 7919 % 1000 / 1000f;
        DataSet train = DataSet.FromClasses(images, 784, [.. Enumerable.Range(0, 256).Select(i => i % 10)]), validation = train;

        """;

    private const string After = """
        Console.WriteLine($"{probabilities.ToArray().Sum():F3} {same.Parameters.SequenceEqual(net.Parameters)} {history.Epochs.Count} {Hardware.HasFusedMultiplyAdd}");

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    private string Project => Path.Combine(_folder, "app", "app.csproj");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TheReadmesExampleRunsFromThePackage()
    {
        string package = await Pack();
        await CreateProject(package);
        Assert.StartsWith("1.000 True 10 ", await TestProgram.Run("dotnet", ["run", "--project", Project, "-c", "Debug"]));
        Assert.StartsWith("1.000 True 10 ", await TestProgram.Run("dotnet", ["run", "--project", Project, "-c", "Release"]));

        // With an instruction set nothing is said; without one the build says what is lost, and the program runs all the same.
        (int code, string output, string error) = await Publish("-p:IlcInstructionSet=native");
        Assert.SkipWhen(code != 0 && output.Contains("Platform linker", StringComparison.Ordinal), "NativeAOT needs a platform linker (clang or gcc), and none was found.");
        Assert.True(code == 0, output + error);
        Assert.DoesNotContain("warning", output);
        Assert.DoesNotContain("SNET2001", output);
        string program = Path.Combine(_folder, "out", OperatingSystem.IsWindows() ? "app.exe" : "app");
        Assert.StartsWith("1.000 True 10 True", await TestProgram.Run(program, []));

        (code, output, error) = await Publish();
        Assert.True(code == 0, output + error);
        Assert.DoesNotContain("warning", output);
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            Assert.Contains("message SNET2001", output);
            Assert.StartsWith("1.000 True 10 False", await TestProgram.Run(program, []));
        }
    }

    /// <summary>Packs under a version of its own, so that no cache holds another; returns the version.</summary>
    private async Task<string> Pack()
    {
        string version = "0.1.0-test." + Guid.NewGuid().ToString("N"), feed = Path.Combine(_folder, "feed");
        await TestProgram.Run("dotnet", ["pack", Path.Combine(Repository.Root, "src", "SimdNet"), "-c", TestProgram.Configuration, "--no-build", "-p:PackageVersion=" + version, "-o", feed]);
        var file = new FileInfo(Path.Combine(feed, $"SimdNet.{version}.nupkg"));
        Assert.InRange(file.Length, 1, 1_500_000);
        using ZipArchive zip = ZipFile.OpenRead(file.FullName);
        string[] entries = [.. zip.Entries.Select(entry => entry.FullName)];
        foreach (string entry in new[] { "lib/net10.0/SimdNet.dll", "lib/net10.0/SimdNet.xml", "analyzers/dotnet/cs/SimdNet.Generators.dll", "analyzers/dotnet/cs/SimdNet.CodeFixes.dll", "buildTransitive/net10.0/SimdNet.targets", "README.md", "LICENSE", "icon.png" })
            Assert.Contains(entry, entries);
        return version;
    }

    private async Task CreateProject(string version)
    {
        string cache = (await TestProgram.Run("dotnet", ["nuget", "locals", "global-packages", "--list"])).Split(": ", 2)[1].Trim();
        Directory.CreateDirectory(Path.GetDirectoryName(Project)!);
        await File.WriteAllTextAsync(Path.Combine(_folder, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{Path.Combine(_folder, "packages")}" /></config>
              <fallbackPackageFolders><add key="cache" value="{cache}" /></fallbackPackageFolders>
              <packageSources><add key="local" value="{Path.Combine(_folder, "feed")}" /></packageSources>
            </configuration>
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Project, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <InvariantGlobalization>true</InvariantGlobalization>
                <PublishAot>true</PublishAot>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="SimdNet" Version="{version}" />
              </ItemGroup>
            </Project>
            """, TestContext.Current.CancellationToken);

        string[] examples = Repository.Examples("README.md");
        string usings = examples[1][..examples[1].IndexOf("\n\n", StringComparison.Ordinal)], statements = examples[1][usings.Length..];
        await File.WriteAllTextAsync(Path.Combine(_folder, "app", "DigitNet.cs"), examples[0], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "app", "Program.cs"), usings + "\n" + Before + statements + After, TestContext.Current.CancellationToken);
    }

    private Task<(int Code, string Output, string Error)> Publish(params string[] arguments) =>
        TestProgram.TryRun("dotnet", ["publish", Project, "-c", "Release", "-o", Path.Combine(_folder, "out"), .. arguments]);
}
