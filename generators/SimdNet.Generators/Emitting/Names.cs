using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.CodeAnalysis.CSharp;
using SimdNet.Generators.Planning;
using SimdNet.Generators.Spec;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <summary>The names and numbers of emitted code.</summary>
internal static class Names
{
    public const string Services = "global::SimdNet.CompilerServices.";
    public const string Span = "global::System.Span<float>";
    public const string ReadOnlySpan = "global::System.ReadOnlySpan<float>";
    public const string Unsafe = "global::System.Runtime.CompilerServices.Unsafe";
    public const string Reference = "global::System.Runtime.InteropServices.MemoryMarshal.GetReference";

    /// <summary>
    /// The attribute of a method that is optimised at once, and never inlined: in a caller's hot loop it would use up what the JIT inlines
    /// there, and the operations of blocks would become calls.
    /// </summary>
    public const string OwnMethod = "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization | global::System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]";

    /// <summary>An array of numbers.</summary>
    public static string Array(IEnumerable<int> numbers) => $"new int[] {{ {string.Join(", ", numbers.Select(Number))} }}";

    /// <summary>The method of a layer: <c>dense1</c> becomes <c>Dense1</c>.</summary>
    public static string Method(OperationPlan operation) => char.ToUpperInvariant(operation.Name[0]) + operation.Name.Substring(1);

    /// <summary>The expression of an activation that a kernel is given.</summary>
    public static string Activation(ActivationSpec? activation) => activation switch
    {
        null => $"default({Services}Identity)",
        { HasNumber: true } => $"new {Services}{activation.Kind}({Number(activation.Slope)})",
        _ => $"default({Services}{activation.Kind})",
    };

    /// <summary>The type of that expression.</summary>
    public static string ActivationType(ActivationSpec? activation) => Services + (activation?.Kind.ToString() ?? "Identity");

    /// <summary>A name as it is written where one is declared: keywords, also those of some places alone, have a sign before them.</summary>
    public static string Identifier(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None && SyntaxFacts.GetContextualKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    public static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture) + "f";

    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A number for people to read: 101,770.</summary>
    public static string Readable(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The span of some floats from a reference on.</summary>
    public static string SpanOf(string reference, int length) => $"global::System.Runtime.InteropServices.MemoryMarshal.CreateSpan({reference}, {Number(length)})";

    /// <summary>A reference some floats after another; without an addition where it is the same.</summary>
    public static string At(string reference, int offset) =>
        offset == 0 ? "ref " + reference : $"ref {Unsafe}.Add(ref {reference}, {Number(offset)})";
}
