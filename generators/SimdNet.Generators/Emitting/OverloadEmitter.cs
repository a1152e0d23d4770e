using System.Collections.Generic;
using System.Linq;
using SimdNet.Generators.Spec;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <summary>Overloads of Forward for tokens, and for several inputs and results that lie apart.</summary>
internal static class OverloadEmitter
{
    private const string Tokens = "global::System.ReadOnlySpan<int>", Lease = "using " + Names.Services + "Workspace.Lease lease = " + Names.Services + "Workspace.Rent(";

    public static void Write(SourceWriter writer, NetworkSpec spec, bool isStreaming)
    {
        if (IsOfTokens(spec.Graph)) WriteTokens(writer, isStreaming);
        if (spec.Inputs.Count + spec.Results.Count > 0) WriteParts(writer, spec);
    }

    /// <summary>Whether the input goes to embeddings alone.</summary>
    private static bool IsOfTokens(GraphSpec graph)
    {
        LayerSpec[] readers = [.. graph.Layers.Where(layer => layer.Inputs.Contains(LayerSpec.NetworkInput))];
        return graph.InputShape.Count == 1 && readers.Length > 0 && readers.All(layer => layer is EmbeddingSpec);
    }

    private static void WriteTokens(SourceWriter writer, bool isStreaming)
    {
        foreach ((string parameter, string argument) in isStreaming ? new[] { ("", ""), (", global::SimdNet.NetworkState state", ", state") } : [("", "")])
        {
            writer.WriteLine();
            writer.WriteLine($"/// <summary>{(argument.Length == 0 ? "Predicts from" : "Goes on with a stream of")} tokens: the same as whole numbers in floats.</summary>");
            writer.WriteLine($"/// <inheritdoc cref=\"Forward({Names.ReadOnlySpan.Replace('<', '{').Replace('>', '}')}, {Names.Span.Replace('<', '{').Replace('>', '}')}{(argument.Length == 0 ? "" : ", global::SimdNet.NetworkState")})\"/>");
            writer.Open($"public void Forward({Tokens} tokens, {Names.Span} output{parameter})");
            writer.WriteLine(Lease + "tokens.Length);");
            writer.WriteLine($"Forward({Names.Services}NetworkCalls.ToFloats(tokens, lease.Span), output{argument});");
            writer.Close();
        }
    }

    /// <summary>Inputs and results are copied to where they lie side by side, which costs little beside a network.</summary>
    private static void WriteParts(SourceWriter writer, NetworkSpec spec)
    {
        IReadOnlyList<ValueSpec> inputs = spec.Inputs.Count > 0 ? spec.Inputs : [new("input", Shapes.Length(spec.Graph.InputShape))];
        IReadOnlyList<ValueSpec> results = spec.Results.Count > 0 ? spec.Results : [new("output", Shapes.Length(spec.Graph.OutputShape))];
        writer.WriteLine();
        writer.WriteLine("/// <summary>Predicts from inputs, and to results, that lie apart; otherwise a sample holds them one behind the other.</summary>");
        foreach (ValueSpec value in inputs.Concat(results)) writer.WriteLine($"/// <param name=\"{value.Name}\">[n, {value.Length}].</param>");
        writer.WriteLine("/// <exception cref=\"global::System.ArgumentException\">They have different numbers of samples.</exception>");
        writer.Open($"public void Forward({string.Join(", ", inputs.Select(input => Names.ReadOnlySpan + " @" + input.Name).Concat(results.Select(result => Names.Span + " @" + result.Name)))})");
        writer.WriteLine($"int samples = @{inputs[0].Name}.Length / {Names.Number(inputs[0].Length)};");
        foreach (ValueSpec value in inputs.Concat(results)) writer.WriteLine($"{Names.Services}NetworkCalls.CheckPart(@{value.Name}.Length, {Names.Number(value.Length)}, samples, nameof(@{value.Name}));");
        writer.WriteLine(Lease + "samples * (InputSize + OutputSize));");
        writer.WriteLine($"{Names.Span} joined = lease.Span.Slice(0, samples * InputSize), results = lease.Span.Slice(samples * InputSize, samples * OutputSize);");
        int first = 0;
        foreach (ValueSpec input in inputs)
        {
            writer.WriteLine($"{Names.Services}ElementwiseLayer.CopyRows(@{input.Name}, {Names.Number(input.Length)}, joined.Slice({Names.Number(first)}), InputSize, samples, {Names.Number(input.Length)});");
            first += input.Length;
        }
        writer.WriteLine("Forward(joined, results);");
        first = 0;
        foreach (ValueSpec result in results)
        {
            writer.WriteLine($"{Names.Services}ElementwiseLayer.CopyRows(results.Slice({Names.Number(first)}), OutputSize, @{result.Name}, {Names.Number(result.Length)}, samples, {Names.Number(result.Length)});");
            first += result.Length;
        }
        writer.Close();
    }
}
