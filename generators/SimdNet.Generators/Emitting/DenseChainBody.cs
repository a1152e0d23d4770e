using System.Collections.Generic;
using SimdNet.Generators.Planning;

namespace SimdNet.Generators.Emitting;

/// <summary>A chain of dense layers: one sample goes through code of fixed sizes, a batch through the library's kernels.</summary>
internal sealed class DenseChainBody(NetworkPlan plan) : NetworkBody(plan.Spec, plan.Parameters)
{
    public override IEnumerable<string> Describe()
    {
        foreach (OperationPlan operation in plan.Operations)
        {
            yield return operation switch
            {
                DensePlan dense => $"{dense.Name}: {dense.Inputs} to {dense.Width}{(dense.Activation is null ? "" : ", fused with " + dense.Activation.Name)}; {dense.Reason}",
                ActivationPlan => $"{operation.Name}: a pass of its own, no dense layer stands before it",
                DropoutPlan dropout => $"{dropout.Name}: in training only, rate {Names.Number(dropout.Rate).TrimEnd('f')}",
                _ => $"{operation.Name}: over {operation.Width} outputs; in training one step with cross-entropy",
            };
        }
        if (plan.BatchesBySample) yield return "batches: sample by sample, because all parameters stay in the first-level cache";
    }

    public override void WriteForward(SourceWriter writer)
    {
        string layers = ForwardEmitter.LayersClass(plan);
        bool hasSample = ForwardEmitter.HasSample(plan);
        writer.WriteLine("/// <inheritdoc/>");
        if (hasSample) writer.WriteLine("[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]");
        writer.Open($"public void Forward({Names.ReadOnlySpan} input, {Names.Span} output)");
        if (!hasSample)
        {
            writer.WriteLine($"int samples = {Names.Services}NetworkCalls.CheckForward(input.Length, InputSize, output.Length, OutputSize);");
            writer.WriteLine($"{layers}.Forward(input, _parameters.Span, output, samples);");
            writer.Close();
            return;
        }
        writer.Open("if (input.Length == InputSize && output.Length == OutputSize)");
        ForwardEmitter.Types(plan).WriteCalls(writer, types => $"{layers}.Forward<{types}>(ref {Names.Reference}(input), ref _parameters.First, ref {Names.Reference}(output));");
        writer.Close();
        writer.WriteLine("ForwardBatch(input, output);");
        writer.Close();
        writer.WriteLine();
        if (plan.BatchesBySample) writer.WriteLine(Names.OwnMethod);
        writer.Open($"private void ForwardBatch({Names.ReadOnlySpan} input, {Names.Span} output)");
        writer.WriteLine($"int samples = {Names.Services}NetworkCalls.CheckForward(input.Length, InputSize, output.Length, OutputSize);");
        if (plan.BatchesBySample)
        {
            writer.WriteLine($"ref float x = ref {Names.Reference}(input);");
            writer.WriteLine($"ref float y = ref {Names.Reference}(output);");
            ForwardEmitter.Types(plan).WriteCalls(
                writer,
                types => $"for (int i = 0; i < samples; i++)\n    {layers}.Forward<{types}>(ref {Names.Unsafe}.Add(ref x, i * InputSize), ref _parameters.First, ref {Names.Unsafe}.Add(ref y, i * OutputSize));");
        }
        writer.WriteLine($"{layers}.Forward(input, _parameters.Span, output, samples);");
        writer.Close();
    }

    public override void WriteClasses(SourceWriter writer)
    {
        ForwardEmitter.WriteClass(writer, plan);
        writer.WriteLine();
        TrainingPassEmitter.WriteClass(writer, plan);
    }
}
