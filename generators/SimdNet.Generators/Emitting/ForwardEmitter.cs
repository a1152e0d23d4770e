using System.Collections.Generic;
using System.Linq;
using SimdNet.Generators.Planning;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <summary>Prediction: one sample through emitted layers, a batch through the library's kernels in chunks.</summary>
internal static class ForwardEmitter
{
    /// <summary>What the library keeps ready for each thread (<c>Workspace.SmallLength</c>).</summary>
    private const int SmallFloats = 4096;

    /// <summary>Up to this many multiply-adds of blocks a whole network is one method to the JIT; beyond, each layer keeps its registers to itself.</summary>
    private const int InlinedBlocks = 16;

    /// <summary>The samples of a chunk: enough work for every core, few enough that their values stay in the second-level cache.</summary>
    private const int ChunkSamples = 256;

    /// <summary>Whether one sample takes another way than a batch of one.</summary>
    public static bool HasSample(NetworkPlan plan) => plan.Spec.Optimize && plan.Operations.OfType<DensePlan>().Any();

    public static string LayersClass(NetworkPlan plan) => plan.Spec.Name + "Layers";

    public static void WriteClass(SourceWriter writer, NetworkPlan plan)
    {
        writer.WriteLine($"/// <summary>The layers of {plan.Spec.Name} in prediction.</summary>");
        writer.Open($"file static class {LayersClass(plan)}");
        if (HasSample(plan)) WriteSample(writer, plan);
        WriteBatch(writer, plan);
        writer.Close();
    }

    /// <summary>The block types that the layers are computed in.</summary>
    public static BlockTypes Types(NetworkPlan plan) => new(plan.Operations.OfType<DensePlan>().Select(dense => dense.Lanes).Append(16), hasQuad: true);

    private static void WriteSample(SourceWriter writer, NetworkPlan plan)
    {
        bool inline = plan.Operations.OfType<DensePlan>().Sum(dense => dense.Blocks * dense.Inputs) <= InlinedBlocks;
        BlockTypes types = Types(plan);
        writer.WriteLine("/// <summary>One sample, layer after layer.</summary>");
        writer.WriteLine(Names.OwnMethod);
        writer.WriteLine($"public static void Forward<{types.Parameters}>(ref float x, ref float parameters, ref float y)");
        types.WriteConstraints(writer);
        writer.Open();
        List<OperationPlan> operations = [.. plan.Operations.Where(operation => operation is not DropoutPlan)];
        int[] lengths = [.. operations.Take(operations.Count - 1).Select(operation => (operation.Stride + 15) / 16 * 16)];
        int total = lengths.Sum();
        WriteMemory(writer, total, "s");

        int sourceOffset = -1, offset = 0;
        for (int i = 0; i < operations.Count; i++)
        {
            OperationPlan operation = operations[i];
            bool isLast = i == operations.Count - 1;
            int sourceWidth = i == 0 ? plan.InputSize : operations[i - 1].Width;
            string source = i == 0 ? "ref x" : Names.At("s", sourceOffset);
            string target = isLast ? "ref y" : Names.At("s", offset);
            string sourceSpan = Names.SpanOf(source, sourceWidth), targetSpan = Names.SpanOf(target, operation.Width);
            writer.WriteLine(operation switch
            {
                DensePlan { Style: DenseStyle.Library } dense => Library(dense, sourceSpan, sourceWidth, targetSpan, dense.Width, "1", offset => Names.SpanOf(Names.At("parameters", offset), plan.Parameters.Length - offset)),
                DensePlan dense => $"{Names.Method(dense)}<{BlockTypes.Block(dense.Lanes)}>({source}, ref parameters, {target});",
                SoftmaxPlan => $"{Names.Services}SoftmaxLayer.Row<TBlock>({source}, {target}, {Names.Number(operation.Width)});",
                ActivationPlan activation => $"{Names.Services}ElementwiseLayer.Forward({Names.Activation(activation.Activation)}, {sourceSpan}, {targetSpan});",
                _ => "",
            });
            if (operation is DensePlan { Style: not DenseStyle.Library } written) SumWriter.WriteActivation(writer, written.Activation, written.Lanes, written.Width, target);
            sourceOffset = offset;
            if (!isLast) offset += lengths[i];
        }
        writer.Close();
        for (int i = 0; i < operations.Count; i++)
        {
            if (operations[i] is not DensePlan { Style: not DenseStyle.Library } dense) continue;
            writer.WriteLine();
            DenseEmitter.WriteMethod(writer, dense, storesPadding: i < operations.Count - 1, inline);
        }
        writer.WriteLine();
    }

    /// <summary>Declares a reference to memory for the values between the layers of a sample, where there are some.</summary>
    public static void WriteMemory(SourceWriter writer, int floats, string name)
    {
        if (floats > SmallFloats)
        {
            writer.WriteLine($"using {Names.Services}Workspace.Lease lease = {Names.Services}Workspace.Rent({Names.Number(floats)});");
            writer.WriteLine($"ref float {name} = ref {Names.Reference}(lease.Span);");
        }
        else if (floats > 0)
        {
            writer.WriteLine($"ref float {name} = ref {Names.Services}Workspace.Small;");
        }
    }

    private static void WriteBatch(SourceWriter writer, NetworkPlan plan)
    {
        List<OperationPlan> operations = [.. plan.Operations.Where(operation => operation is not DropoutPlan)];

        // Operations after the last dense layer work in place on the output; those before it on chunks in between.
        int lastDense = operations.FindLastIndex(operation => operation is DensePlan);
        int[] strides = [.. operations.Take(System.Math.Max(lastDense, 0)).Select(operation => operation.Stride)];
        int largest = strides.DefaultIfEmpty(0).Max();
        writer.WriteLine("/// <summary>Any number of samples.</summary>");
        writer.Open($"public static void Forward({Names.ReadOnlySpan} input, {Names.ReadOnlySpan} storage, {Names.Span} output, int samples)");
        if (operations.Count == 0)
        {
            writer.WriteLine("input.CopyTo(output);");
            writer.Close();
            return;
        }
        if (largest > 0)
        {
            writer.WriteLine($"int chunk = global::System.Math.Min(samples, {Names.Number(ChunkSamples)});");
            writer.WriteLine($"using {Names.Services}Workspace.Lease lease = {Names.Services}Workspace.Rent(2 * chunk * {Names.Number(largest)});");
            writer.WriteLine($"{Names.Span} even = lease.Span.Slice(0, chunk * {Names.Number(largest)}), odd = lease.Span.Slice(chunk * {Names.Number(largest)});");
            writer.Open("for (int start = 0; start < samples; start += chunk)");
            writer.WriteLine("int n = global::System.Math.Min(chunk, samples - start);");
            writer.WriteLine($"{Names.ReadOnlySpan} x = input.Slice(start * {Names.Number(plan.InputSize)}, n * {Names.Number(plan.InputSize)});");
            writer.WriteLine($"{Names.Span} y = output.Slice(start * {Names.Number(plan.OutputSize)}, n * {Names.Number(plan.OutputSize)});");
        }
        else
        {
            writer.WriteLine("int n = samples;");
            writer.WriteLine($"{Names.ReadOnlySpan} x = input;");
            writer.WriteLine($"{Names.Span} y = output;");
        }

        string source = "x";
        int sourceStride = plan.InputSize;
        for (int i = 0; i < operations.Count; i++)
        {
            OperationPlan operation = operations[i];
            bool toOutput = i >= lastDense;
            string target = toOutput ? "y" : i % 2 == 0 ? "even" : "odd";
            int stride = toOutput ? plan.OutputSize : operation.Stride;
            writer.WriteLine(operation switch
            {
                DensePlan dense => Library(dense, source, sourceStride, target, stride, "n", offset => $"storage.Slice({Names.Number(offset)})"),
                SoftmaxPlan => $"{Names.Services}SoftmaxLayer.Forward({source}, {Names.Number(sourceStride)}, {target}, {Names.Number(stride)}, n, {Names.Number(operation.Width)});",
                ActivationPlan activation => $"{Names.Services}ElementwiseLayer.Forward({Names.Activation(activation.Activation)}, {source}.Slice(0, n * {Names.Number(stride)}), {target}.Slice(0, n * {Names.Number(stride)}));",
                _ => "",
            });
            source = target;
            sourceStride = stride;
        }
        if (largest > 0) writer.Close();
        writer.Close();
    }

    private static string Library(DensePlan dense, string source, int sourceStride, string target, int stride, string rows, System.Func<int, string> storage) =>
        $"{Names.Services}DenseLayer.Forward({source}, {Names.Number(sourceStride)}, {storage(dense.WeightOffset)}, {storage(dense.BiasOffset)}, "
        + $"{Names.Activation(dense.Activation)}, {target}, {Names.Number(stride)}, {rows}, {Names.Number(dense.Inputs)}, {Names.Number(dense.Width)});";
}
