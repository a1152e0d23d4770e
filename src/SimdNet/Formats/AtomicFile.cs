namespace SimdNet.Formats;

/// <summary>Writes a file whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes to a temporary file beside <paramref name="path"/>, forces it to disk and moves it there: whenever the
    /// process ends, the old file is there or the new one. After a failure the temporary file is gone. What a link leads to is written, a file's permissions stay, and one that is read-only
    /// is refused.
    /// </summary>
    /// <exception cref="UnauthorizedAccessException">The file is read-only, or the folder is.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        if (new FileInfo(full).LinkTarget is not null && File.ResolveLinkTarget(full, returnFinalTarget: true) is { } target) full = target.FullName;
        string folder = Path.GetDirectoryName(full)!;
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"The folder {folder} does not exist.");
        bool exists = File.Exists(full);
        if (exists && File.GetAttributes(full).HasFlag(FileAttributes.ReadOnly)) throw new UnauthorizedAccessException($"The file {full} is read-only.");
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using (FileStream stream = Create(temporary, full))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            if (exists && !OperatingSystem.IsWindows()) File.SetUnixFileMode(temporary, File.GetUnixFileMode(full));
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static FileStream Create(string temporary, string full)
    {
        try
        {
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new UnauthorizedAccessException($"The file {full} cannot be written: its folder is read-only for this user.", exception);
        }
    }
}
