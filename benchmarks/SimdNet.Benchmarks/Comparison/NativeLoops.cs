using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace SimdNet.Benchmarks;

/// <summary>The plain loops of loops.c, compiled by gcc here and now, in a process of their own.</summary>
internal sealed class NativeLoops : IDisposable
{
    private readonly string _folder;
    private readonly Process _process;

    /// <summary>The instruction set that SimdNet uses in this run.</summary>
    private static string[] Flags => Hardware.InstructionSet switch
    {
        InstructionSet.Vector256 => ["-mavx2", "-mfma"],
        InstructionSet.Vector128 => ["-msse4.2"],
        _ => ["-march=native"],
    };

    private NativeLoops(string folder, Process process) => (_folder, _process) = (folder, process);

    /// <summary>Compiles and starts them; null where there is no gcc.</summary>
    /// <param name="layout">0 for weights as [inputs][outputs], 1 for [outputs][inputs].</param>
    public static NativeLoops? TryStart(int layout)
    {
        string folder = Directory.CreateTempSubdirectory().FullName, program = Path.Combine(folder, "loops");
        try
        {
            using Process compiler = Process.Start("gcc", ["-O3", .. Flags, "-ffast-math", "-DLAYOUT=" + layout, Path.Combine(AppContext.BaseDirectory, "Comparison", "loops.c"), "-o", program, "-lm"]);
            compiler.WaitForExit();
            if (compiler.ExitCode == 0)
                return new NativeLoops(folder, Process.Start(new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        }
        catch (Win32Exception)
        {
            // There is no gcc.
        }
        Directory.Delete(folder, recursive: true);
        return null;
    }

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
}
