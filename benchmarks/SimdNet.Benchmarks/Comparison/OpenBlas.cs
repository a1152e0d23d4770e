using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimdNet.Benchmarks;

/// <summary>
/// OpenBLAS, told which processor this is, whatever the environment says: in a virtual machine it takes an old kernel otherwise, and machines
/// that many share have its variables set to what every one of them can do, which takes half of its speed.
/// </summary>
internal sealed unsafe partial class OpenBlas
{
    private const int RowMajor = 101, NotTransposed = 111;

    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _multiply;

    private OpenBlas(nint library)
    {
        _multiply = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)NativeLibrary.GetExport(library, "cblas_sgemm");
        ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "openblas_set_num_threads"))(1);
        Kernels = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "openblas_get_corename"))()) ?? "";
    }

    /// <summary>The processor whose kernels it took, by its own account.</summary>
    public string Kernels { get; }

    /// <summary>Null where it is not installed.</summary>
    public static OpenBlas? TryLoad()
    {
        if (!OperatingSystem.IsLinux()) return null;
        string processor = Vector512.IsHardwareAccelerated ? "SKYLAKEX" : Vector256.IsHardwareAccelerated ? "HASWELL" : "NEHALEM";
        _ = SetVariable("OPENBLAS_CORETYPE", processor, 1);
        _ = UnsetVariable("OPENBLAS_L2_SIZE");
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

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetVariable(string name);
}
