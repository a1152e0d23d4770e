using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;
using Xunit;

namespace SimdNet.Tests;

/// <summary>The promise of the same bits, in processes of their own: other vector widths, threads, builds.</summary>
public sealed partial class BitsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, "", "")]
    [InlineData(2, "DOTNET_EnableAVX512", "0")]
    [InlineData(1, "DOTNET_EnableAVX512", "0")]
    [InlineData(2, "SIMDNET_INSTRUCTION_SET", "Vector256")]
    [InlineData(2, "SIMDNET_INSTRUCTION_SET", "Vector128")]
    [InlineData(1, "SIMDNET_INSTRUCTION_SET", "Vector128")]
    [InlineData(2, "SIMDNET_INSTRUCTION_SET", "Vector")]
    public async Task WidthsAndThreadsHaveTheSameBits(int threads, string variable, string value)
    {
        RequireFusedMultiplyAdd();
        AssertSame(await Expected(), await TestProgram.Run("dotnet", [TestProgram.Built, "bits", threads.ToString()], variable.Length == 0 ? [] : [(variable, value)]));
    }

    [Fact]
    public async Task DebugAndReleaseHaveTheSameBits()
    {
        RequireFusedMultiplyAdd();
        (int code, string output, string error) = await TestProgram.Publish(_folder, "-c", TestProgram.Configuration == "Release" ? "Debug" : "Release");
        Assert.True(code == 0, output + error);
        AssertSame(await Expected(), await TestProgram.Run("dotnet", [Path.Combine(_folder, "out", "SimdNet.TestProgram.dll"), "bits", "2"]));
    }

    [Fact]
    public async Task NativeAotHasTheSameBits()
    {
        RequireFusedMultiplyAdd();
        (int code, string output, string error) = await TestProgram.Publish(_folder, "-c", "Release", "-p:WithNativeAot=true", "-p:IlcInstructionSet=native");
        Assert.SkipWhen(code != 0 && output.Contains("Platform linker", StringComparison.Ordinal), "NativeAOT needs a platform linker (clang or gcc), and none was found.");
        Assert.True(code == 0, output + error);
        Assert.DoesNotContain("warning", output);
        string program = Path.Combine(_folder, "out", OperatingSystem.IsWindows() ? "SimdNet.TestProgram.exe" : "SimdNet.TestProgram");
        AssertSame(await Expected(), await TestProgram.Run(program, ["bits", "2"]));
        AssertSame(await Expected(), await TestProgram.Run(program, ["bits", "1"], ("SIMDNET_INSTRUCTION_SET", "Vector128")));
    }

    /// <summary>
    /// A kernel that asks the JIT to inline too much gets calls of block operations instead, and is twenty to forty times slower: then
    /// they are compiled as methods of their own. Only parts of blocks of several registers are meant to be.
    /// </summary>
    [Fact]
    public async Task BlockOperationsAreInlined()
    {
        Assert.SkipUnless(Vector256.IsHardwareAccelerated, "At 128 bits a block is four registers, and some long functions of it are not inlined.");
        string[] compiled = await Compiled(("DOTNET_EnableAVX512", "0"));
        Assert.Contains(compiled, line => line.Contains("Tiles:SixRows", StringComparison.Ordinal));
        Assert.Contains(compiled, line => line.Contains("Outer", StringComparison.Ordinal) && line.Contains("AdamDescent", StringComparison.Ordinal));
        Assert.DoesNotContain(compiled, line => BlockOperation().IsMatch(line));

        // What tiles are made of, where a block is four registers and the JIT is nearest to its limit.
        compiled = await Compiled(("DOTNET_EnableAVX", "0"));
        Assert.Contains(compiled, line => line.Contains("Tiles:Product", StringComparison.Ordinal));
        Assert.DoesNotContain(compiled, line => TileOperation().IsMatch(line));
        if (!Vector512.IsHardwareAccelerated) return;

        // Loads, which every loop has; more was not looked at on such a machine.
        compiled = await Compiled();
        Assert.Contains(compiled, line => line.Contains("Tiles:TallTiles", StringComparison.Ordinal));
        Assert.DoesNotContain(compiled, line => line.Contains("Tiles:Step", StringComparison.Ordinal) || line.Contains("Tiles:FourRows", StringComparison.Ordinal) || line.Contains("AccumulateSplat", StringComparison.Ordinal));
        Assert.DoesNotContain(compiled, line => line.Contains("Register", StringComparison.Ordinal) && line.Contains(":Load(byref,nint)", StringComparison.Ordinal));
    }

    private async Task<string[]> Compiled(params (string, string)[] variables)
    {
        string log = Path.Combine(_folder, "jit");
        File.Delete(log);
        await TestProgram.Run("dotnet", [TestProgram.Built, "bits", "1"], [("DOTNET_JitStdOutFile", log), ("DOTNET_JitDisasmSummary", "1"), ("DOTNET_TieredCompilation", "0"), .. variables]);
        return await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken);
    }

    [GeneratedRegex(@"compiled SimdNet\.CompilerServices\.(Register\d+|Twice`1\[.*\]|Quad`1\[.*\]):(?!LoadPartial|StorePartial)\w+\(")]
    private static partial Regex BlockOperation();

    [GeneratedRegex(@"compiled SimdNet\.(Kernels\.\w+:get_Value|Kernels\.Tiles:Step|CompilerServices\.IBlock`1|CompilerServices\.(Register128|Twice`1\[.*\]|Quad`1\[.*\]):(Load|Accumulate)\()")]
    private static partial Regex TileOperation();

    [Fact]
    public async Task AnotherComputationHasOtherBits()
    {
        // Plain loops sum in another order in places: were the hashes blind, they would agree.
        Assert.NotEqual(await Expected(), await TestProgram.Run("dotnet", [TestProgram.Built, "bits", "2"], ("SIMDNET_INSTRUCTION_SET", "Scalar")));
    }

    private static Task<string> Expected() => TestProgram.Run("dotnet", [TestProgram.Built, "bits", "2"]);

    private static void AssertSame(string expected, string actual)
    {
        string[] lines = expected.Split('\n');
        Assert.True(lines.Length > 150, "too few hashes");
        Assert.Equal(lines, actual.Split('\n'));
    }

    private static void RequireFusedMultiplyAdd() => Assert.SkipUnless(
        Fma.IsSupported || AdvSimd.IsSupported, $"{RuntimeInformation.ProcessArchitecture} here has no fused multiply-add, without which only tolerances hold.");
}
