using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using SimdNet.Generators.Diagnostics;
using SimdNet.Generators.Emitting;
using SimdNet.Generators.Spec;
using SimdNet.Specification;

namespace SimdNet.Generators.Parsing;

/// <summary>
/// Reads the declaration of a network, for the generator, which takes the specification, and for the analyzer, which
/// takes the faults: all of them at once.
/// </summary>
internal sealed class NetworkParser
{
    public const string NetworkAttribute = "SimdNet.NetworkAttribute";

    private const string LayerNamespace = "SimdNet.Layers";
    private const string LayerBase = "LayerAttribute";

    /// <summary>What the generator writes, by name; constructors and methods are compared by their parameters as well.</summary>
    private static readonly string[]
        EmittedMembers = ["InputSize", "OutputSize", "OutputSteps", "ParameterCount", "OutputActivation", "Parameters", "DecayedLength", "Tensors", "Preprocessing", "StepInputSize", "StepOutputSize", "ContextSize"],
        EmittedMethods = ["Forward", "CreateState", "SetContext", "WithLength", "CreateTrainingPass", "Save", "Load", "Clone", "Freeze"],
        MembersOfAnyLength = ["_network", "Layers"],
        MembersOfFixedLength = ["_parameters", "ActivationMemory"];

    /// <summary>With these faults, another part of the class would bring errors of its own.</summary>
    private static readonly DiagnosticDescriptor[] FaultsOfTheClass =
        [Descriptors.NotPartial, Descriptors.WrongKind, Descriptors.Collision, Descriptors.SameName];

    /// <summary>The name of the method that declares a graph.</summary>
    private const string Define = "Define";

    /// <summary>SimdNet.Sequence.Any: sequences of any length.</summary>
    private const int Any = -1;

    private const string ShapeAttribute = LayerNamespace + ".ShapeAttribute";

    private readonly List<Fault> _faults = [];
    private bool _isAnyLength;
    private readonly Compilation _compilation;
    private readonly CancellationToken _cancellation;

    private NetworkParser(Compilation compilation, CancellationToken cancellation) => (_compilation, _cancellation) = (compilation, cancellation);

    /// <summary>Whether an attribute declares a network.</summary>
    public static bool IsNetwork(AttributeData attribute) => attribute.AttributeClass?.ToDisplayString() == NetworkAttribute;

    /// <summary>Whether an attribute declares a layer.</summary>
    public static bool IsLayer(AttributeData attribute)
    {
        for (INamedTypeSymbol? parent = attribute.AttributeClass?.BaseType; parent is not null; parent = parent.BaseType)
        {
            // Layers are those of the library.
            if (parent.Name == LayerBase && parent.ContainingNamespace.ToDisplayString() == LayerNamespace) return SymbolEqualityComparer.Default.Equals(parent.ContainingAssembly, attribute.AttributeClass!.ContainingAssembly);
        }
        return false;
    }

    /// <summary>What is declared, as far as it could be read, and all that is wrong with it.</summary>
    public static (Declaration Declaration, IReadOnlyList<Fault> Faults) Parse(INamedTypeSymbol type, Compilation compilation, bool optimize, CancellationToken cancellation)
    {
        var parser = new NetworkParser(compilation, cancellation);
        NetworkSpec spec = parser.Read(type, optimize);
        bool canBeEmitted = !parser._faults.Any(fault => FaultsOfTheClass.Contains(fault.Descriptor));
        return (new Declaration(spec, parser._faults.Count == 0, canBeEmitted), parser._faults);
    }

    private NetworkSpec Read(INamedTypeSymbol type, bool optimize)
    {
        CheckClass(type);
        AttributeData network = type.GetAttributes().First(IsNetwork);
        AttributeData[] layers = [.. type.GetAttributes().Where(IsLayer)];
        IMethodSymbol? define = type.GetMembers(Define).OfType<IMethodSymbol>().FirstOrDefault();
        int[][] inputs = define is null ? [] : ReadInputs(define, network);
        int[]? shape = inputs.Length == 0 ? ReadInputShape(network) : inputs.Any(input => input.Length == 0) ? null : inputs.Length == 1 ? inputs[0] : CheckInput(inputs.Sum(Shapes.Floats), network) ? [inputs.Sum(input => Shapes.Length(input))] : null;
        CheckMembers(type, isApart: inputs.Length > 1 || define?.ReturnType.IsTupleType == true);
        foreach (AttributeData attribute in layers.Prepend(network)) CheckConstants(attribute);
        CheckParts(type, network);
        if (define is not null && layers.Length > 0) Report(Descriptors.TwoDeclarations, Place(layers[0]), type.Name);
        if (define is null && layers.Length == 0) Report(Descriptors.NoLayers, Place(network), type.Name);
        GraphSpec graph = define is null ? ReadChain(layers, shape) : new DefineInterpreter(type, _compilation, shape, inputs, _faults, _cancellation).Run(define);
        var spec = new NetworkSpec(
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            type.Name, new(Containers(type)), graph, optimize);
        if (_isAnyLength && _faults.Count == 0)
        {
            (int layer, bool hasTime) = AnyLength.Of(graph);
            if (layer >= 0) Report(Descriptors.Of(FaultKind.FixedLength), define?.Locations.FirstOrDefault() ?? Place(layers[layer]), graph.Layers[layer].Name);
            return spec with
            {
                AnyLengthDefinition = define is null ? Chain(layers) : Define,
                AnyLengthResult = hasTime ? graph.OutputShape[1] : Shapes.Length(graph.OutputShape),
            };
        }
        return _faults.Count > 0 ? spec : spec with
        {
            Inputs = new(inputs.Length < 2 ? [] : inputs.Select((input, i) => new ValueSpec(define!.Parameters[i].Name, Shapes.Length(input)))),
            Results = new(define is { ReturnType: INamedTypeSymbol { IsTupleType: true } tuple } && graph.Layers[graph.Layers.Count - 1] is JoinSpec joined
                ? tuple.TupleElements.Select((element, i) => new ValueSpec(element.IsExplicitlyNamedTupleElement ? element.Name : "output" + (i + 1).ToString(CultureInfo.InvariantCulture), joined.Sizes[i]))
                : []),
        };
    }

    /// <summary>The shapes on the parameters of a <c>Define</c> method; none where there are none, and an empty one where it is wrong.</summary>
    private int[][] ReadInputs(IMethodSymbol define, AttributeData network)
    {
        AttributeData?[] shapes = [.. define.Parameters.Select(parameter => parameter.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass?.ToDisplayString() == ShapeAttribute))];
        if (shapes.All(shape => shape is null)) return [];
        if (shapes.Any(shape => shape is null) || Sizes(network).Length > 0)
        {
            Report(Descriptors.NotInterpreted, define.Locations.FirstOrDefault(), Define, "each of several inputs has its shape on its parameter, as in [Shape(4)] Node x, and [Network] has none then");
            return [[], []];
        }
        foreach (AttributeData? shape in shapes) CheckConstants(shape!);
        return [.. shapes.Select(shape => CheckShape(Sizes(shape!), shape!) ?? [])];
    }

    private void CheckConstants(AttributeData attribute)
    {
        var generated = new GeneratedConstants(_compilation, _cancellation);
        foreach (ExpressionSyntax value in (attribute.ApplicationSyntaxReference?.GetSyntax(_cancellation) as AttributeSyntax)?.ArgumentList?.Arguments.Select(argument => argument.Expression) ?? [])
        {
            if (generated.AreIn(value)) Report(Descriptors.NotInterpreted, value.GetLocation(), value.ToString(), GeneratedConstants.WayOut);
        }
    }

    /// <summary>The layers as calls on a Node.</summary>
    private static string Chain(AttributeData[] layers) => string.Concat(layers.Select(layer => "." + Kind(layer) + "(" + string.Join(", ", Constants(layer).Select(argument => argument.Name + ": " + Text(argument.Value))) + ")"));

    private static string Text(TypedConstant value) => value.Kind switch
    {
        TypedConstantKind.Array => "new int[] { " + string.Join(", ", value.Values.Select(Text)) + " }",
        TypedConstantKind.Enum => "(" + value.Type!.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) + ")" + Convert.ToString(value.Value, CultureInfo.InvariantCulture),
        _ => SymbolDisplay.FormatPrimitive(value.Value!, quoteStrings: true, useHexadecimalNumbers: false) + (value.Value is float ? "f" : ""),
    };

    private GraphSpec ReadChain(AttributeData[] layers, int[]? shape)
    {
        var builder = new GraphBuilder(shape, (fault, layer, arguments) => Report(Descriptors.Of(fault), Place(layers[layer]), arguments));
        for (int i = 0; i < layers.Length; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            builder.Add(Kind(layers[i]), [i - 1], Arguments(layers[i]));
        }
        return builder.Finish();
    }

    /// <summary>The arguments of an attribute by the names of its constructor's parameters; of properties the first letter is small.</summary>
    private static LayerArguments Arguments(AttributeData attribute)
    {
        var values = new Dictionary<string, object?>();
        foreach ((string name, TypedConstant value) in Constants(attribute))
            values[name] = value.Kind == TypedConstantKind.Array ? value.Values.Select(element => element.Value is int number ? number : 0).ToArray() : value.Value;
        return new LayerArguments(values);
    }

    private static IEnumerable<(string Name, TypedConstant Value)> Constants(AttributeData attribute)
    {
        IEnumerable<(string, TypedConstant)> positional = attribute.AttributeConstructor is { } constructor
            ? constructor.Parameters.Zip(attribute.ConstructorArguments, (parameter, value) => (parameter.Name, value))
            : [];
        return positional.Concat(attribute.NamedArguments.Select(named => (char.ToLowerInvariant(named.Key[0]) + named.Key.Substring(1), named.Value)));
    }

    private int[]? ReadInputShape(AttributeData network)
    {
        int[] shape = Sizes(network);
        _isAnyLength = shape.Length is 1 or 2 && shape[0] == Any;
        if (_isAnyLength) shape[0] = AnyLength.Probe;
        return CheckShape(shape, network);
    }

    private static int[] Sizes(AttributeData attribute) => attribute.ConstructorArguments.Length == 1 && attribute.ConstructorArguments[0] is { Kind: TypedConstantKind.Array, IsNull: false } sizes
        ? [.. sizes.Values.Select(value => value.Value is int size ? size : 0)]
        : [];

    private int[]? CheckShape(int[] shape, AttributeData network)
    {
        if (shape.Length == 0)
        {
            Report(Descriptors.NoInputShape, Place(network), Kind(network));
            return null;
        }
        int wrong = Array.FindIndex(shape, size => size <= 0);
        if (wrong >= 0)
        {
            Report(Descriptors.NotPositive, Place(network), "The input", Text(shape[wrong]) + (shape[wrong] == Any ? " (Sequence.Any, which is for the time of networks of one input)" : ""));
            return null;
        }
        return CheckInput(Shapes.Floats(shape), network) ? shape : null;
    }

    private bool CheckInput(double floats, AttributeData network)
    {
        if (floats <= int.MaxValue) return true;
        Report(Descriptors.TooLarge, Place(network), "The input", floats.ToString("F0", CultureInfo.InvariantCulture));
        return false;
    }

    private static bool IsCalledWithoutArguments(IMethodSymbol constructor) =>
        constructor.DeclaredAccessibility != Accessibility.Private && constructor.Parameters.All(parameter => parameter.IsOptional || parameter.IsParams);

    private void CheckClass(INamedTypeSymbol type)
    {
        string? fault = type.IsStatic ? "static"
            : type.IsAbstract ? "abstract"
            : type.IsGenericType || Outer(type).Any(outer => outer.IsGenericType) ? "generic, or lies in a generic type"
            : type.IsRecord ? "a record"
            : type.TypeKind == TypeKind.Struct ? "a struct"
            : Outer(type).Prepend(type).Any(declared => declared.IsFileLocal) ? "file-local, which a part in another file cannot be"
            : type.BaseType is { } parent && !parent.InstanceConstructors.Any(IsCalledWithoutArguments) ? $"derived from {parent.Name}, which has no constructor without arguments"
            : null;
        if (fault is not null) Report(Descriptors.WrongKind, Place(type), type.Name, fault);
        string path = type.ToDisplayString();
        string? twin = Alike(type).OfType<INamedTypeSymbol>().Where(other => other.GetAttributes().Any(IsNetwork)).Select(other => other.ToDisplayString()).FirstOrDefault(other => string.CompareOrdinal(other, path) < 0);
        if (twin is not null) Report(Descriptors.SameName, Place(type), path, twin);
        foreach (INamedTypeSymbol declared in Outer(type).Prepend(type))
        {
            if (!Declarations(declared).Any(syntax => syntax.Modifiers.Any(modifier => modifier.ValueText == "partial")))
                Report(Descriptors.NotPartial, Place(declared), declared.Name);
        }
    }

    /// <summary>The namespaces or types of this project whose names, and those around them, differ in case alone; itself among them.</summary>
    private IEnumerable<INamespaceOrTypeSymbol> Alike(INamespaceOrTypeSymbol symbol) =>
        ((INamespaceOrTypeSymbol?)symbol.ContainingType ?? symbol.ContainingNamespace) is not { } around
            ? [_compilation.Assembly.GlobalNamespace]
            : Alike(around).SelectMany(other => other.GetMembers().OfType<INamespaceOrTypeSymbol>()).Where(other => string.Equals(other.Name, symbol.Name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The parts of a class have no order, so layers on two of them have none either.</summary>
    private void CheckParts(INamedTypeSymbol type, AttributeData network)
    {
        SyntaxNode? part = Part(network);
        AttributeData? elsewhere = type.GetAttributes().FirstOrDefault(attribute =>
            (IsLayer(attribute) || IsNetwork(attribute)) && Part(attribute) != part);
        if (elsewhere is not null) Report(Descriptors.TwoParts, Place(elsewhere), type.Name);

        SyntaxNode? Part(AttributeData attribute) => attribute.ApplicationSyntaxReference?.GetSyntax(_cancellation).FirstAncestorOrSelf<TypeDeclarationSyntax>();
    }

    /// <param name="isApart">Whether <c>Forward</c> also takes several inputs or results apart.</param>
    private void CheckMembers(INamedTypeSymbol type, bool isApart)
    {
        foreach (ISymbol member in type.GetMembers())
        {
            // What the generator wrote is no part of the declaration.
            Location? place = member.Locations.FirstOrDefault();
            if (member.IsImplicitlyDeclared || place?.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) == true) continue;
            bool collides = member is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor
                ? constructor.Parameters.Length == 0 || constructor.Parameters is [{ Type.SpecialType: SpecialType.System_UInt64 }] || (_isAnyLength && constructor.Parameters is [{ Type.Name: "Network" }]) || IsPrimary(constructor)
                : EmittedMembers.Contains(member.Name) || (_isAnyLength ? MembersOfAnyLength : MembersOfFixedLength).Contains(member.Name)
                    || (member is IMethodSymbol method ? IsEmitted(method, isApart) : EmittedMethods.Contains(member.Name) || (member.Name == "ForwardBatch" && !_isAnyLength));
            if (collides) Report(Descriptors.Collision, place, type.Name, member.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat),
                member is IMethodSymbol { MethodKind: MethodKind.Constructor } primary && IsPrimary(primary) ? "stands behind its name, where all constructors that the generator writes would have to call it" : "the generator writes");
        }
    }

    /// <summary>All other constructors must call the one whose parameters stand behind the class's name, which those that are emitted cannot.</summary>
    private bool IsPrimary(IMethodSymbol constructor) => constructor.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax(_cancellation) is TypeDeclarationSyntax);

    /// <summary>An overload with parameters of other types may stand beside the emitted method.</summary>
    private static bool IsEmitted(IMethodSymbol method, bool isApart) => (method.Name, method.Parameters.Length) switch
    {
        ("Forward", > 2) when isApart && method.Parameters.All(parameter => parameter.Type.Name is "ReadOnlySpan" or "Span" or "NetworkState") => true,
        ("ForwardBatch", 2) or ("Forward", 2) => method.Parameters[0].Type.Name == "ReadOnlySpan" && method.Parameters[1].Type.Name == "Span",
        ("Forward", 3) => method.Parameters[2].Type.Name == "NetworkState",
        ("SetContext", > 1) => method.Parameters[method.Parameters.Length - 1].Type.Name == "NetworkState",
        ("CreateState", 0) or ("WithLength", 1) => true,
        ("CreateTrainingPass", 1) => method.Parameters[0].Type.SpecialType == SpecialType.System_Int32,
        ("Save", 1) => method.Parameters[0].Type.Name is "String" or "Stream",
        ("Load", 1) => method.Parameters[0].Type.Name is "String" or "Stream" or "ReadOnlySpan",
        ("Clone", 0) or ("Freeze", 0) => true,
        _ => false,
    };

    private void Report(DiagnosticDescriptor descriptor, Location? place, params object[] arguments) => _faults.Add(new Fault(descriptor, place, arguments));

    private Location? Place(AttributeData attribute) => attribute.ApplicationSyntaxReference?.GetSyntax(_cancellation).GetLocation();

    private static Location? Place(INamedTypeSymbol type) => Declarations(type).FirstOrDefault()?.Identifier.GetLocation();

    private static IEnumerable<TypeDeclarationSyntax> Declarations(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax()).OfType<TypeDeclarationSyntax>();

    private static IEnumerable<INamedTypeSymbol> Outer(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType) yield return outer;
    }

    private static IEnumerable<string> Containers(INamedTypeSymbol type) => Outer(type).Reverse().Select(outer =>
        "partial " + (outer.IsRecord ? outer.IsValueType ? "record struct " : "record " : outer.IsValueType ? "struct " : outer.TypeKind == TypeKind.Interface ? "interface " : "class ") + Names.Identifier(outer.Name));

    private static string Kind(AttributeData attribute)
    {
        string name = attribute.AttributeClass!.Name;
        return name.Substring(0, name.Length - "Attribute".Length);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
