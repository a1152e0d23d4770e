using System.Collections.Generic;
using System.Linq;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <content>The network on a stream, one time step after the other: small layers are written out, the others are objects of the library.</content>
internal sealed partial class GraphBody
{
    private readonly (StreamSpec? Stream, string? Reason) _stream = StreamSpec.Of(spec.Graph, isAnyLength: spec.AnyLengthDefinition is not null);

    public override StreamSpec? Stream => _stream.Stream;

    /// <summary>All parameters, as the network's class has them.</summary>
    private string Storage => Spec.AnyLengthDefinition is null ? "_parameters.All" : "_network.Block.All";

    /// <summary>Why it cannot stream, for the header of its file.</summary>
    public string WhyNoStream => "no streams: " + _stream.Reason;

    public override void WriteStream(SourceWriter writer)
    {
        writer.WriteLine("/// <inheritdoc/>");
        writer.WriteLine($"public global::SimdNet.NetworkState CreateState() => {Spec.Name}Stream.Layout.CreateState();");
        writer.WriteLine();
        if (Stream!.Context is not null)
        {
            writer.WriteLine("/// <inheritdoc/>");
            writer.WriteLine($"public void SetContext({Names.ReadOnlySpan} context, global::SimdNet.NetworkState state) => {Spec.Name}Stream.SetContext(context, {Storage}, state);");
            writer.WriteLine();
        }
        writer.WriteLine("/// <inheritdoc/>");
        writer.WriteLine($"public void Forward({Names.ReadOnlySpan} input, {Names.Span} output, global::SimdNet.NetworkState state) => {Spec.Name}Stream.Forward(input, {Storage}, output, state);");
    }

    /// <summary>Writes the stream's classes alone, for a network over sequences of any length: a step is the same for all.</summary>
    public void WriteStreamClasses(SourceWriter writer)
    {
        var plan = new ExecutionPlan(Stream!.Step, Parameters, isTraining: false);
        writer.WriteLine($"/// <summary>The layers of {Spec.Name} on a stream.</summary>");
        writer.Open($"file static class {Layers}");
        WriteOperations(writer, plan.Steps, "Step");
        writer.Close();
        writer.WriteLine();
        WriteStreamClass(writer, plan, context: null);
    }

    private void WriteStreamClass(SourceWriter writer, ExecutionPlan plan, ExecutionPlan? context)
    {
        (IReadOnlyList<int> offsets, int memory) = plan.Memory();
        IReadOnlyList<StepPlan> states = [.. plan.Steps.Where(step => step.HasState)];
        StepEmitter[] written = Spec.Optimize ? [.. plan.Steps.Where(step => step.Layer is DenseSpec or { IsStep: true }).Select(step => StepEmitter.For(step, Parameters, plan.Output)).OfType<StepEmitter>()] : [];
        int inputs = Shapes.Length(Stream!.Step.InputShape), outputs = Shapes.Length(Stream.Step.OutputShape), sums = written.Select(step => step.Sums).DefaultIfEmpty(0).Max();
        writer.WriteLine($"/// <summary>{Spec.Name} on a stream, one time step after the other.</summary>");
        writer.Open($"file static class {Spec.Name}Stream");
        writer.WriteLine($"public static readonly {Names.Services}StreamLayout Layout = new {Names.Services}StreamLayout({Names.Number(inputs)}, {Names.Number(outputs)}, {Names.Number(context?.Lengths[ExecutionPlan.Input] ?? 0)}, {Names.Number(memory + sums)}"
            + string.Concat(states.Select(step => $", (\"{step.Name}\", {Layers}.{Field(step)})")) + ");");
        writer.WriteLine();
        writer.Open($"public static void Forward({Names.ReadOnlySpan} input, {Names.ReadOnlySpan} parameters, {Names.Span} output, global::SimdNet.NetworkState state)");
        writer.WriteLine("int steps = Layout.CheckForward(input.Length, output.Length, state);");
        var types = new BlockTypes(written.Select(step => step.Lanes), hasRegister: true);
        if (written.Length > 0) types.WriteCalls(writer, arguments => $"Steps<{arguments}>(input, parameters, output, state, steps);");
        if (plan.Output == ExecutionPlan.Input) writer.WriteLine("input.CopyTo(output);");
        if (memory > 0) writer.WriteLine($"{Names.Span} memory = {Names.Services}StreamLayout.MemoryOf(state);");
        writer.Open("for (int time = 0; time < steps; time++)");
        writer.WriteLine($"{Names.ReadOnlySpan} x = input.Slice(time * {Names.Number(inputs)}, {Names.Number(inputs)});");
        writer.WriteLine($"{Names.Span} y = output.Slice(time * {Names.Number(outputs)}, {Names.Number(outputs)});");
        foreach (StepPlan step in plan.Steps) WriteLibraryCall(writer, step, Place, StateSpan(step));
        writer.Close();
        writer.Close();
        if (written.Length > 0) WriteSteps();
        if (context is not null) WriteContext(writer, context);
        writer.Close();

        string Place(int value) =>
            value == ExecutionPlan.Input ? "x"
            : value == plan.Output ? "y"
            : $"memory.Slice({Names.Number(offsets[value])}, {Names.Number(plan.Lengths[value])})";

        // The same in registers of this machine. What a recurrent layer gives out is read where it remembers it.
        void WriteSteps()
        {
            Dictionary<int, string> remembered = written.Where(own => own.IsRemembered).ToDictionary(own => own.Step.Output, own => StateOf(NumberOf(own.Step)));
            writer.WriteLine();
            writer.WriteLine("/// <summary>The same in blocks of fixed sizes.</summary>");
            writer.WriteLine(Names.OwnMethod);
            writer.WriteLine($"private static void Steps<{types.Parameters}>({Names.ReadOnlySpan} input, {Names.ReadOnlySpan} parameters, {Names.Span} output, global::SimdNet.NetworkState state, int steps)");
            types.WriteConstraints(writer);
            writer.Open();
            writer.WriteLine($"ref float x = ref {Names.Reference}(input), y = ref {Names.Reference}(output), p = ref {Names.Reference}(parameters);");
            if (memory + sums > 0) writer.WriteLine($"ref float memory = ref {Names.Services}StreamLayout.FirstOfMemory(state);");
            for (int i = 0; i < states.Count; i++) writer.WriteLine($"ref float {StateOf(i)} = ref Layout.FirstOf(state, {Names.Number(i)});");
            writer.Open("for (; steps > 0; steps--)");
            foreach (StepPlan step in plan.Steps)
            {
                if (written.FirstOrDefault(other => ReferenceEquals(other.Step, step)) is { } own)
                    own.WriteCall(writer, At(step.Inputs[0]), "ref " + StateOf(NumberOf(step)), Names.At("memory", memory), At(step.Output));
                else
                    WriteLibraryCall(writer, step, value => Names.SpanOf(At(value), plan.Lengths[value]), StateSpan(step));
            }
            writer.WriteLine($"x = {Names.At("x", inputs)};");
            writer.WriteLine($"y = {Names.At("y", outputs)};");
            writer.Close();
            writer.Close();
            foreach (StepEmitter step in written)
            {
                writer.WriteLine();
                step.WriteMethod(writer);
            }

            string At(int value) =>
                value == ExecutionPlan.Input ? "ref x"
                : value == plan.Output ? "ref y"
                : remembered.TryGetValue(value, out string? place) ? "ref " + place
                : Names.At("memory", offsets[value]);
        }

        int NumberOf(StepPlan step) => states.TakeWhile(other => !ReferenceEquals(other, step)).Count();

        string StateSpan(StepPlan step) => $"Layout.Of(state, {Names.Number(NumberOf(step))})";

        static string StateOf(int number) => "state" + Names.Number(number);
    }

    /// <summary>What layers need of the inputs that are given once.</summary>
    private void WriteContext(SourceWriter writer, ExecutionPlan plan)
    {
        (IReadOnlyList<int> offsets, int memory) = plan.Memory();
        int states = plan.Lengths[plan.Output];
        writer.WriteLine();
        writer.WriteLine("/// <summary>What layers need of the inputs that are given once.</summary>");
        writer.Open($"public static void SetContext({Names.ReadOnlySpan} context, {Names.ReadOnlySpan} parameters, global::SimdNet.NetworkState state)");
        writer.WriteLine("Layout.CheckContext(context.Length, state);");
        writer.WriteLine($"using {Names.Services}Workspace.Lease lease = {Names.Services}Workspace.Rent({Names.Number(states + memory)});");
        writer.WriteLine($"{Names.Span} states = lease.Span.Slice(0, {Names.Number(states)}), memory = lease.Span.Slice({Names.Number(states)});");
        foreach (StepPlan step in plan.Steps) WriteLibraryCall(writer, step, Place, state: null);
        writer.WriteLine("Layout.SetContext(states, state);");
        writer.Close();

        string Place(int value) =>
            value == ExecutionPlan.Input ? "context"
            : value == plan.Output ? "states"
            : $"memory.Slice({Names.Number(offsets[value])}, {Names.Number(plan.Lengths[value])})";
    }

    /// <summary>A call of the library for one time step, or one sample.</summary>
    /// <param name="state">What the layer remembers, on a stream; otherwise null.</param>
    private void WriteLibraryCall(SourceWriter writer, StepPlan step, System.Func<int, string> place, string? state)
    {
        if (step.Join is not null)
        {
            foreach (string line in JoinLines(step, place, "1")) writer.WriteLine(line);
            return;
        }
        writer.WriteLine(step.HasState && state is not null
            ? $"{Layers}.{Field(step)}.Step({place(step.Inputs[0])}, parameters, {state}, {place(step.Output)});"
            : $"{Layers}.{Field(step)}.Forward({place(step.Inputs[0])}, parameters, {place(step.Output)}, 1);");
    }
}
