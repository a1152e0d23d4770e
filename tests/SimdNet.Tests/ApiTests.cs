using Xunit;

namespace SimdNet.Tests;

public class ApiTests
{
    private static readonly string Path = System.IO.Path.Combine(Repository.Root, "docs", "api.md");

    [Fact]
    public void ThePageOfTheApiIsTrue()
    {
        string page = ApiPage.Write();
        if (Environment.GetEnvironmentVariable("SIMDNET_UPDATE_BASELINES") == "1") File.WriteAllText(Path, page);
        Assert.True(File.ReadAllText(Path).ReplaceLineEndings("\n") == page, "docs/api.md is not what the library is; SIMDNET_UPDATE_BASELINES=1 writes it anew.");
    }

    /// <summary>Nothing else is visible from the namespaces that a user opens.</summary>
    [Fact]
    public void PublicTypesLieInKnownNamespaces() => Assert.Equal(
        ["SimdNet", "SimdNet.Data", "SimdNet.Layers", "SimdNet.Reference", "SimdNet.Training"], ApiPage.Types.Select(type => type.Namespace).Distinct());
}
