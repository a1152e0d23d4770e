using System.Runtime.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>How kernels ask to be compiled.</summary>
internal static class Jit
{
    /// <summary>
    /// Optimised at the first call, and never inlined: in a caller's hot loop a kernel would use up what the JIT inlines there, and the
    /// operations of blocks would become calls (a step of 64-64-64-10 took five times as long).
    /// </summary>
    public const MethodImplOptions Kernel = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
