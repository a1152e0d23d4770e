namespace SimdNet.Tests;

/// <summary>The files that tests read, found above the folder that the tests run in.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The C# that a page shows, in its order.</summary>
    public static string[] Examples(string page) =>
        [.. File.ReadAllText(Path.Combine(Root, page)).ReplaceLineEndings("\n").Split("```csharp\n").Skip(1).Select(text => text[..text.IndexOf("```", StringComparison.Ordinal)])];

    private static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "SimdNet.sln"))) return folder;
        }
        throw new InvalidOperationException("SimdNet.sln was not found above " + AppContext.BaseDirectory);
    }
}
