using System.Runtime.InteropServices;
using Xunit;

namespace SimdNet.Tests;

/// <summary>samples/Embedded as a native executable: small, without warnings, and right on every processor.</summary>
public sealed class EmbeddedTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    private string Executable => Path.Combine(_folder, "out", OperatingSystem.IsWindows() ? "Embedded.exe" : "Embedded");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TheNativeExecutableIsSmallAndReadsADigit()
    {
        (int code, string output, string error) = await Publish();
        Assert.SkipWhen(code != 0 && output.Contains("Platform linker", StringComparison.Ordinal), "NativeAOT needs a platform linker (clang or gcc), and none was found.");
        Assert.True(code == 0, output + error);
        Assert.DoesNotContain("warning", output);
        Assert.DoesNotContain("SNET2001", output);
        Assert.InRange(new FileInfo(Executable).Length, 1, 3_000_000);
        Assert.Contains("It is a 7", await TestProgram.Run(Executable, []));
        Assert.EndsWith("NativeAOT.\n", (await TestProgram.Run(Executable, ["--time"])).ReplaceLineEndings("\n"));

        string picture = Path.Combine(_folder, "small.pgm");
        await File.WriteAllBytesAsync(picture, "P5\n# no digit\n5 5\n255\n"u8.ToArray(), TestContext.Current.CancellationToken);
        (code, _, error) = await TestProgram.TryRun(Executable, [picture]);
        Assert.Equal(1, code);
        Assert.Contains("small.pgm: The picture has 5 x 5 pixels; the network takes 28 x 28.", error);

        // For processors of 2008 the build says what that costs, and the program runs all the same.
        (code, output, error) = await Publish("-p:IlcInstructionSet=");
        Assert.True(code == 0, output + error);
        Assert.DoesNotContain("warning", output);
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64) Assert.Contains("message SNET2001", output);
        Assert.Contains("It is a 7", await TestProgram.Run(Executable, []));
    }

    private Task<(int Code, string Output, string Error)> Publish(params string[] arguments) => TestProgram.TryRun(
        "dotnet",
        ["publish", Path.Combine(Repository.Root, "samples", "Embedded"), "-c", "Release", "--artifacts-path", Path.Combine(_folder, "artifacts"), "-o", Path.Combine(_folder, "out"), .. arguments]);
}
