using System.Collections.Generic;
using System.Linq;
using SimdNet.Generators.Spec;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <summary>Overloads of Forward for tokens, and for several inputs and results that lie apart.</summary>
internal static class OverloadEmitter
{
    private const string Tokens = "global::System.ReadOnlySpan<int>";

    /// <summary>What the overloads call and read, which no parameter may hide.</summary>
    private static readonly string[] Members = ["Forward", "SetContext", "InputSize", "OutputSize", "StepInputSize", "StepOutputSize", "ContextSize"];

    public static void Write(SourceWriter writer, NetworkSpec spec, StreamSpec? stream)
    {
        if (IsOfTokens(spec.Graph)) WriteTokens(writer, stream is not null);
        if (spec.Inputs.Count + spec.Results.Count > 0) WriteParts(writer, spec);
        if (stream is not null) WriteStreamParts(writer, spec, stream);
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
            writer.WriteLine(Rent("lease", "tokens.Length"));
            writer.WriteLine($"Forward({Names.Services}NetworkCalls.ToFloats(tokens, lease.Span), output{argument});");
            writer.Close();
        }
    }

    private static string Rent(string lease, string length) => $"using {Names.Services}Workspace.Lease {lease} = {Names.Services}Workspace.Rent({length});";

    /// <summary>A name, with a number behind it where it is taken, and taken from now on.</summary>
    private static string Free(string name, List<string> taken)
    {
        string free = name;
        for (int i = 2; taken.Contains(free); i++) free = name + Names.Number(i);
        taken.Add(free);
        return free;
    }

    private static ValueSpec Free(ValueSpec value, List<string> taken) => value with { Name = Free(value.Name, taken) };

    private static void WriteParts(SourceWriter writer, NetworkSpec spec)
    {
        writer.WriteLine();
        writer.WriteLine("/// <summary>Predicts from inputs, and to results, that lie apart; otherwise a sample holds them one behind the other.</summary>");
        WriteForward(
            writer, "samples", "InputSize", "OutputSize", isStream: false,
            spec.Inputs.Count > 0 ? spec.Inputs : [new("input", Shapes.Length(spec.Graph.InputShape))],
            spec.Results.Count > 0 ? spec.Results : [new("output", Shapes.Length(spec.Graph.OutputShape))]);
    }

    /// <summary>The same for one step of each, and for the inputs that are given once.</summary>
    private static void WriteStreamParts(SourceWriter writer, NetworkSpec spec, StreamSpec stream)
    {
        GraphSpec step = stream.Step;
        if (stream.StepInputs.Count + spec.Results.Count > 1)
        {
            ValueSpec[] inputs = stream.StepInputs.Count == 1
                ? [new(spec.Inputs.Count > 0 ? spec.Inputs[stream.StepInputs[0]].Name : "input", Shapes.Length(step.InputShape))]
                : [.. stream.StepInputs.Select(input => new ValueSpec(spec.Inputs[input].Name, spec.Graph.Inputs[input].Count == 1 ? 1 : spec.Graph.Inputs[input][1]))];
            ValueSpec[] results = spec.Results.Count == 0
                ? [new("output", Shapes.Length(step.OutputShape))]
                : [.. spec.Results.Select((result, i) => result with { Length = ((JoinSpec)step.Layers[step.Layers.Count - 1]).Sizes[i] })];
            writer.WriteLine();
            writer.WriteLine("/// <summary>Goes on with a stream by steps of inputs, and of results, that lie apart; otherwise a step holds them one behind the other.</summary>");
            WriteForward(writer, "steps", "StepInputSize", "StepOutputSize", isStream: true, inputs, results);
        }
        if (stream.ContextInputs.Count < 2) return;
        List<string> taken = [.. Members];
        ValueSpec[] given = [.. stream.ContextInputs.Select(input => Free(spec.Inputs[input], taken))];
        string state = Free("state", taken), lease = Free("lease", taken);
        writer.WriteLine();
        writer.WriteLine("/// <summary>Gives a stream the inputs that do not have its time; they lie apart.</summary>");
        foreach (ValueSpec value in given) writer.WriteLine($"/// <param name=\"{value.Name}\">[{value.Length}].</param>");
        writer.WriteLine($"/// <param name=\"{state}\">The state, which keeps them when it is reset.</param>");
        writer.Open($"public void SetContext({string.Join(", ", given.Select(input => Names.ReadOnlySpan + " @" + input.Name))}, global::SimdNet.NetworkState {state})");
        foreach (ValueSpec value in given) writer.WriteLine($"{Names.Services}NetworkCalls.CheckLength(@{value.Name}.Length, {Names.Number(value.Length)}, nameof(@{value.Name}));");
        writer.WriteLine(Rent(lease, "ContextSize"));
        int first = 0;
        foreach (ValueSpec input in given)
        {
            writer.WriteLine($"@{input.Name}.CopyTo({lease}.Span.Slice({Names.Number(first)}));");
            first += input.Length;
        }
        writer.WriteLine($"SetContext({lease}.Span, {state});");
        writer.Close();
    }

    /// <summary>Inputs and results are copied to where they lie side by side, which costs little beside a network.</summary>
    private static void WriteForward(SourceWriter writer, string rows, string inputSize, string outputSize, bool isStream, IReadOnlyList<ValueSpec> inputs, IReadOnlyList<ValueSpec> results)
    {
        List<string> taken = [.. Members];
        inputs = [.. inputs.Select(input => Free(input, taken))];
        results = [.. results.Select(result => Free(result, taken))];
        string what = rows, state = Free("state", taken), lease = Free("lease", taken), joined = Free("joined", taken), side = Free("results", taken);
        rows = Free(rows, taken);
        IEnumerable<string> parameters = inputs.Select(input => Names.ReadOnlySpan + " @" + input.Name).Concat(results.Select(result => Names.Span + " @" + result.Name));
        foreach (ValueSpec value in inputs.Concat(results)) writer.WriteLine($"/// <param name=\"{value.Name}\">[n, {value.Length}].</param>");
        if (isStream) writer.WriteLine($"/// <param name=\"{state}\">The state of the stream.</param>");
        writer.WriteLine($"/// <exception cref=\"global::System.ArgumentException\">They have different numbers of {what}.</exception>");
        writer.Open($"public void Forward({string.Join(", ", isStream ? parameters.Append("global::SimdNet.NetworkState " + state) : parameters)})");
        writer.WriteLine($"int {rows} = @{inputs[0].Name}.Length / {Names.Number(inputs[0].Length)};");
        foreach (ValueSpec value in inputs.Concat(results)) writer.WriteLine($"{Names.Services}NetworkCalls.CheckPart(@{value.Name}.Length, {Names.Number(value.Length)}, {rows}, nameof(@{value.Name}));");
        writer.WriteLine(Rent(lease, $"{rows} * ({inputSize} + {outputSize})"));
        writer.WriteLine($"{Names.Span} {joined} = {lease}.Span.Slice(0, {rows} * {inputSize}), {side} = {lease}.Span.Slice({rows} * {inputSize}, {rows} * {outputSize});");
        int first = 0;
        foreach (ValueSpec input in inputs)
        {
            writer.WriteLine($"{Names.Services}ElementwiseLayer.CopyRows(@{input.Name}, {Names.Number(input.Length)}, {joined}.Slice({Names.Number(first)}), {inputSize}, {rows}, {Names.Number(input.Length)});");
            first += input.Length;
        }
        writer.WriteLine($"Forward({joined}, {side}{(isStream ? ", " + state : "")});");
        first = 0;
        foreach (ValueSpec result in results)
        {
            writer.WriteLine($"{Names.Services}ElementwiseLayer.CopyRows({side}.Slice({Names.Number(first)}), {outputSize}, @{result.Name}, {Names.Number(result.Length)}, {rows}, {Names.Number(result.Length)});");
            first += result.Length;
        }
        writer.Close();
    }
}
