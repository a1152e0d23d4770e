using Microsoft.CodeAnalysis;

namespace SimdNet.Generators.Diagnostics;

/// <summary>A fault the parser found, and where: kept out of the specification, which knows no places.</summary>
internal sealed record Fault(DiagnosticDescriptor Descriptor, Location? Location, params object[] Arguments)
{
    public Diagnostic ToDiagnostic() => Diagnostic.Create(Descriptor, Location, Arguments);
}
