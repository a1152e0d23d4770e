using System.Globalization;
using System.Numerics;
using System.Runtime;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SimdNet;

/// <summary>Which instruction set the kernels and the generated networks run on, and why.</summary>
public static class Hardware
{
    /// <summary>The environment variable that forces an instruction set: the name of an <see cref="SimdNet.InstructionSet"/>.</summary>
    public const string Variable = "SIMDNET_INSTRUCTION_SET";

    /// <summary>The <see cref="AppContext"/> data name that forces an instruction set, below the environment variable.</summary>
    public const string Switch = "SimdNet.InstructionSet";

    private static readonly string Reason;

    static Hardware() => (InstructionSet, Reason) = Choose();

    /// <summary>The instruction set in use.</summary>
    public static InstructionSet InstructionSet { get; internal set; }

    /// <summary>
    /// How many threads a large product, or an update of many parameters, may use, at first as many as there are processors. Small work runs on the
    /// calling thread alone; results do not depend on the number.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public static int MaxThreads
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(MaxThreads));
            field = value;
        }
    } = Environment.ProcessorCount;

    /// <summary>Whether multiply-adds are fused, so that results have the same bits at every width.</summary>
    public static bool HasFusedMultiplyAdd => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>Whether <paramref name="instructionSet"/> runs at full speed here; <see cref="InstructionSet.Scalar"/> always does.</summary>
    public static bool IsAccelerated(InstructionSet instructionSet) => instructionSet switch
    {
        InstructionSet.Vector512 => Vector512.IsHardwareAccelerated,
        InstructionSet.Vector256 => Vector256.IsHardwareAccelerated,
        InstructionSet.Vector128 => Vector128.IsHardwareAccelerated,
        InstructionSet.Vector => Vector.IsHardwareAccelerated && Vector<float>.Count is 4 or 8 or 16,
        _ => true,
    };

    /// <summary>One line that says which path runs and why.</summary>
    public static string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{InstructionSet} ({Reason}), fused multiply-add: {(HasFusedMultiplyAdd ? "yes" : "no")}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}{(JitInfo.GetCompiledMethodCount() > 0 ? "" : ", NativeAOT")}");

    private static (InstructionSet, string) Choose()
    {
        string source = Variable;
        string? wanted = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(wanted))
        {
            source = Switch;
            wanted = AppContext.GetData(Switch) as string;
        }
        InstructionSet widest = Enum.GetValues<InstructionSet>().First(IsAccelerated);
        if (string.IsNullOrEmpty(wanted)) return (widest, "the widest that this machine accelerates");
        if (!Enum.TryParse(wanted, ignoreCase: true, out InstructionSet forced) || !Enum.IsDefined(forced))
            return (widest, $"{source} names \"{wanted}\", which is none of {string.Join(", ", Enum.GetNames<InstructionSet>())}");
        return IsAccelerated(forced)
            ? (forced, $"forced by {source}")
            : (widest, $"{source} asks for {forced}, which this machine does not accelerate");
    }
}
