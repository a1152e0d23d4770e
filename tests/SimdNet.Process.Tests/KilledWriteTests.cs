using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace SimdNet.Tests;

/// <summary>A process that saves is killed at random moments: the file is an old one or a new one, and whole.</summary>
public sealed class KilledWriteTests : IDisposable
{
    private const int Kills = 50;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AKilledWriteLeavesAWholeFile()
    {
        string path = Path.Combine(_folder, "network.safetensors");
        var random = new Random(1);
        var versions = new HashSet<float>();
        int interrupted = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            using (Process process = TestProgram.Start("dotnet", [TestProgram.Built, "save", path]))
            {
                Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
                await Task.Delay(TimeSpan.FromMilliseconds(30 * random.NextDouble()), TestContext.Current.CancellationToken);
                process.Kill();
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            }
            versions.Add(AssertWhole(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken)));
            foreach (string remains in Directory.GetFiles(_folder, ".*.tmp"))
            {
                interrupted++;
                File.Delete(remains);
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{Kills} kills, {interrupted} in the middle of a write, {versions.Count} different versions left");
        Assert.True(interrupted > 0, "No kill fell into a write: the test saw nothing.");
    }

    /// <summary>All parameters of one version are the number of the version.</summary>
    private static float AssertWhole(byte[] file)
    {
        int dataStart = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(file.AsSpan(dataStart));
        Assert.Equal(784 * 128 + 128 + 128 * 10 + 10, values.Length);
        Assert.True(values[0] >= 1);
        Assert.Equal(-1, values.IndexOfAnyExcept(values[0]));
        return values[0];
    }
}
