using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimdNet.Benchmarks;

/// <summary>OpenBLAS, told which processor this is: in a virtual machine it takes an old kernel otherwise.</summary>
internal sealed unsafe partial class OpenBlas
{
    private const int RowMajor = 101, NotTransposed = 111;

    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _multiply;

    private OpenBlas(nint library)
    {
        _multiply = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)NativeLibrary.GetExport(library, "cblas_sgemm");
        ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "openblas_set_num_threads"))(1);
    }

    /// <summary>Null where it is not installed.</summary>
    public static OpenBlas? TryLoad()
    {
        if (!OperatingSystem.IsLinux()) return null;
        if (Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE") is null)
            _ = SetVariable("OPENBLAS_CORETYPE", Vector512.IsHardwareAccelerated ? "SKYLAKEX" : "HASWELL", 1);
        return NativeLibrary.TryLoad("libopenblas.so.0", out nint library) ? new OpenBlas(library) : null;
    }

    /// <summary><c>C = A B</c>, all in rows one after another, on one thread.</summary>
    public void Multiply(float[] a, float[] b, int rows, int columns, int depth, float[] c)
    {
        fixed (float* left = a, right = b, result = c)
            _multiply(RowMajor, NotTransposed, NotTransposed, rows, columns, depth, 1, left, depth, right, columns, 0, result, columns);
    }

    /// <summary>The environment that native code reads, which .NET's own copy does not change.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
