using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace SimdNet.Benchmarks;

/// <summary>A peer in C, compiled by gcc here and now, in a process of its own.</summary>
internal sealed class NativePeer : IDisposable
{
    private readonly string _folder;
    private readonly Process _process;

    private NativePeer(string folder, Process process) => (_folder, _process) = (folder, process);

    /// <summary>The instruction set that SimdNet uses in this run.</summary>
    private static string[] Flags => Hardware.InstructionSet switch
    {
        InstructionSet.Vector256 => ["-mavx2", "-mfma"],
        InstructionSet.Vector128 => ["-msse4.2"],
        _ => ["-march=native"],
    };

    /// <summary>The plain loops of loops.c.</summary>
    /// <param name="layout">0 for weights as [inputs][outputs], 1 for [outputs][inputs].</param>
    public static NativePeer? TryStartLoops(int layout) => TryStart("loops.c", [.. Flags, "-ffast-math", "-DLAYOUT=" + layout], ["-lm"]);

    /// <summary>The products of products.c.</summary>
    public static NativePeer? TryStartProducts() => TryStart("products.c", Flags, ["-lxsmm", "-lxsmmnoblas", "-lpthread", "-ldl", "-lm"]);

    /// <summary>Nanoseconds a call, over some calls.</summary>
    public double Measure(string row, int calls)
    {
        _process.StandardInput.WriteLine($"{row} {calls}");
        _process.StandardInput.Flush();
        return double.Parse(_process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Compiles and starts a program; null where there is no gcc, or not what the program needs.</summary>
    private static NativePeer? TryStart(string source, string[] flags, string[] libraries)
    {
        string folder = Directory.CreateTempSubdirectory().FullName, program = Path.Combine(folder, "peer");
        try
        {
            using Process compiler = Process.Start(new ProcessStartInfo("gcc", ["-O3", .. flags, Path.Combine(AppContext.BaseDirectory, "Comparison", source), "-o", program, .. libraries]) { RedirectStandardError = true })!;
            compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            if (compiler.ExitCode == 0)
            {
                var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
                if (Hardware.InstructionSet != InstructionSet.Vector512) start.Environment["LIBXSMM_TARGET"] = Hardware.InstructionSet == InstructionSet.Vector256 ? "hsw" : "wsm";
                return new NativePeer(folder, Process.Start(start)!);
            }
        }
        catch (Win32Exception)
        {
            // There is no gcc.
        }
        Directory.Delete(folder, recursive: true);
        return null;
    }
}
