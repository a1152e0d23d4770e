using System.Collections.Generic;
using System.Linq;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <content>The prediction of one sample: small dense layers are written out, the others are objects of the library.</content>
internal sealed partial class GraphBody
{
    private StepEmitter[]? _written;

    /// <summary>The dense layers, where all that multiplies are dense layers which are worth it; beside a convolution they would bring nothing that one sees.</summary>
    private StepEmitter[] Written => _written ??= Spec.Optimize && Prediction.Steps.All(step => step.Layer is not (ConvolutionSpec or RecurrentSpec or AttentionSpec or CrossAttentionSpec) && (step.Layer is not DenseSpec || Emitter(step) is not null))
        ? [.. Prediction.Steps.Where(step => step.Layer is DenseSpec).Select(step => Emitter(step)!)]
        : [];

    private StepEmitter? Emitter(StepPlan step) => StepEmitter.For(step, Parameters, Prediction.Output);

    private BlockTypes TypesOfSample => new(Written.Select(step => step.Lanes));

    private string SampleClass => Spec.Name + "Sample";

    /// <summary>Writes the way of one sample into the network's method.</summary>
    private void WriteSampleCall(SourceWriter writer)
    {
        if (Written.Length == 0) return;
        writer.Open("if (samples == 1)");
        TypesOfSample.WriteCalls(writer, types => $"{SampleClass}.Forward<{types}>(input, _parameters.All, output);");
        writer.Close();
    }

    private void WriteSampleClass(SourceWriter writer)
    {
        if (Written.Length == 0) return;
        (IReadOnlyList<int> offsets, int memory) = Prediction.Memory();
        writer.WriteLine($"/// <summary>One sample of {Spec.Name}, in blocks of fixed sizes.</summary>");
        writer.Open($"file static class {SampleClass}");
        writer.WriteLine(Names.OwnMethod);
        writer.WriteLine($"public static void Forward<{TypesOfSample.Parameters}>({Names.ReadOnlySpan} input, {Names.ReadOnlySpan} parameters, {Names.Span} output)");
        TypesOfSample.WriteConstraints(writer);
        writer.Open();
        ForwardEmitter.WriteMemory(writer, memory, "memory");
        writer.WriteLine($"ref float x = ref {Names.Reference}(input), y = ref {Names.Reference}(output), p = ref {Names.Reference}(parameters);");
        foreach (StepPlan step in Prediction.Steps)
        {
            if (Written.FirstOrDefault(other => ReferenceEquals(other.Step, step)) is { } own) own.WriteCall(writer, At(step.Inputs[0]), "", "", At(step.Output));
            else WriteLibraryCall(writer, step, value => Names.SpanOf(At(value), Prediction.Lengths[value]), state: null);
        }
        writer.Close();
        foreach (StepEmitter step in Written)
        {
            writer.WriteLine();
            step.WriteMethod(writer);
        }
        writer.Close();
        writer.WriteLine();

        string At(int value) => value == ExecutionPlan.Input ? "ref x" : value == Prediction.Output ? "ref y" : Names.At("memory", offsets[value]);
    }
}
