using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;
using Xunit;

namespace SimdNet.Tests;

public class EmittedCodeTests
{
    private const string Usings = "using SimdNet;\nusing SimdNet.Layers;\n";

    private static string Folder => Path.Combine(Repository.Root, "tests", "SimdNet.Generators.Tests", "Baselines");

    [Theory]
    [InlineData("Xor", "[Network(3)]\n[Dense(2), Sigmoid]\n[Dense(1), Sigmoid]\npublic sealed partial class Xor;", OptimizationLevel.Release)]
    [InlineData("Controller", "namespace Plant;\n[Network(8)]\n[Dense(16), Tanh]\n[Dense(16), Tanh]\n[Dense(1)]\ninternal sealed partial class Controller;", OptimizationLevel.Release)]
    [InlineData("DigitNet", "namespace Digits;\n[Network(784)]\n[Dropout(0.2f)]\n[Dense(128), Relu]\n[Dense(10), Softmax]\npublic sealed partial class DigitNet;", OptimizationLevel.Debug)]
    [InlineData("ResidualNet", "[Network(3, 32, 32)]\npublic sealed partial class ResidualNet\n{\n    static Node Define(Node x)\n    {\n        x = x.Conv2D(16, kernel: 3, padding: Padding.Same).BatchNorm().Relu();\n        for (int i = 0; i < 2; i++) x = Block(x, 16 << i);\n        return x.GlobalAveragePool().Dense(10).Softmax();\n    }\n\n    static Node Block(Node x, int channels)\n    {\n        Node y = x.Conv2D(channels, kernel: 3, padding: Padding.Same).BatchNorm().Relu().Conv2D(channels, kernel: 3, padding: Padding.Same).BatchNorm();\n        return (y + x.Conv2D(channels, kernel: 1)).Relu();\n    }\n}", OptimizationLevel.Release)]
    [InlineData("Amplifier", "namespace Audio;\n[Network(32, 1)]\n[Conv1D(4, 3, padding: Padding.Causal, dilation: 2), Tanh]\n[Gru(6, returnSequences: true)]\n[Dense(1)]\npublic sealed partial class Amplifier;", OptimizationLevel.Release)]
    public void TheEmittedFileIsTheBaseline(string name, string source, OptimizationLevel level)
    {
        string path = Path.Combine(Folder, name + ".g.cs");
        string generated = GeneratorHarness.Generate(Usings + source, level).Values.Single();
        if (Environment.GetEnvironmentVariable("SIMDNET_UPDATE_BASELINES") == "1") File.WriteAllText(path, generated);
        Assert.True(File.Exists(path), $"There is no baseline {name}.g.cs; set SIMDNET_UPDATE_BASELINES=1, run again, and read what was written.");
        Assert.Equal(File.ReadAllText(path), generated);
    }

    [Fact]
    public void MethodsStayWithinTheBudgetOfTheJit()
    {
        var random = new Random(3);
        Declaration[] declarations = [.. Enumerable.Range(0, 60).Select(i => Declaration.Random("Net" + i, random)), Deep("Deep", 30, 64), Deep("Wide", 4, 128), Deep("Narrow", 20, 3)];
        string source = "using SimdNet.Layers;\n" + string.Join("\n", declarations.Select(declaration => declaration.Source))
            + "\n/// <summary>A stream.</summary>\n[SimdNet.Network(32, 20), Lstm(48, returnSequences: true), Conv1D(128, 16, padding: Padding.Causal), Gru(80, returnSequences: true), Lstm(15), Dense(128)]\npublic sealed partial class Stream;";
        using var file = new PEReader(new MemoryStream(GeneratorHarness.Compile(source, OptimizationLevel.Release)));
        MetadataReader metadata = file.GetMetadataReader();
        int largest = 0;
        foreach (MethodDefinitionHandle handle in metadata.MethodDefinitions)
        {
            MethodDefinition method = metadata.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0) continue;
            MethodBodyBlock body = file.GetMethodBody(method.RelativeVirtualAddress);
            int locals = body.LocalSignature.IsNil ? 0 : metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(new CountingProvider(), null).Length;
            string name = metadata.GetString(metadata.GetTypeDefinition(method.GetDeclaringType()).Name) + "." + metadata.GetString(method.Name);
            Assert.True(body.GetILBytes()!.Length <= 16 * 1024, $"{name} has {body.GetILBytes()!.Length} bytes of IL.");
            Assert.True(locals <= 256, $"{name} has {locals} locals.");
            largest = Math.Max(largest, body.GetILBytes()!.Length);
        }
        Assert.True(largest > 1024, "No layer was unrolled.");

        static Declaration Deep(string name, int layers, int width) =>
            new(name, [width], [.. Enumerable.Range(0, layers).SelectMany(_ => new[] { new Layer("Dense", width), new Layer("Relu") })]);
    }

    [Fact]
    public void ALayerThatIsInlinedKeepsTheSampleMethodWithinTheBudget()
    {
        // What the JIT compiles as one method is the sample method with the layers it inlines: straight-line ones weigh most.
        string generated = GeneratorHarness.Generate(Usings + "[Network(3)]\n[Dense(16), Dense(3), Dense(16), Dense(3)]\npublic sealed partial class N;").Values.Single();
        Assert.InRange(generated.Split("Accumulate(").Length, 10, 400);
    }

    private sealed class CountingProvider : ISignatureTypeProvider<int, object?>
    {
        public int GetArrayType(int elementType, ArrayShape shape) => 0;

        public int GetByReferenceType(int elementType) => 0;

        public int GetFunctionPointerType(MethodSignature<int> signature) => 0;

        public int GetGenericInstantiation(int genericType, System.Collections.Immutable.ImmutableArray<int> typeArguments) => 0;

        public int GetGenericMethodParameter(object? genericContext, int index) => 0;

        public int GetGenericTypeParameter(object? genericContext, int index) => 0;

        public int GetModifiedType(int modifier, int unmodifiedType, bool isRequired) => 0;

        public int GetPinnedType(int elementType) => 0;

        public int GetPointerType(int elementType) => 0;

        public int GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;

        public int GetSZArrayType(int elementType) => 0;

        public int GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => 0;

        public int GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => 0;

        public int GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => 0;
    }
}
