using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SimdNet.Generators.Spec;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <summary>A network of any layers: each is an object of the library with constant sizes, and values lie where the plan says.</summary>
internal sealed partial class GraphBody(NetworkSpec spec) : NetworkBody(spec, new ParameterPlan(spec.Graph))
{
    /// <summary>The fields of the objects that compute a layer, by the text that makes each.</summary>
    private readonly Dictionary<(string Layer, string Text), string> _operations = [];
    private readonly (GraphSpec Spec, IReadOnlyList<FoldPlan> Folds) _folded = Folding.Of(spec.Graph);
    private ExecutionPlan? _prediction, _training;

    private ExecutionPlan Prediction => _prediction ??= new ExecutionPlan(Spec.Graph, Parameters, isTraining: false);

    private ExecutionPlan Training => _training ??= new ExecutionPlan(Spec.Graph, Parameters, isTraining: true);

    private string Layers => Spec.Name + "Layers";

    private int InputSize => Shapes.Length(Spec.Graph.InputShape);

    private int OutputSize => Shapes.Length(Spec.Graph.OutputShape);

    public override IEnumerable<string> Describe()
    {
        foreach (StepPlan step in Prediction.Steps)
        {
            string sources = string.Join(", ", step.Inputs.Select(ValueName));
            yield return $"{step.Name}: {sources} to {Names.Readable(Prediction.Lengths[step.Output])} floats a sample"
                + (step.Fused is null ? "" : ", fused with " + step.Fused.Name)
                + (step.Call?.Type == "TransposeOperation" ? ", between channels first, as users see images, and channels last" : "");
        }
        (_, int memory) = Prediction.Memory();
        StreamInputs inputs = new(Spec.Graph);
        if (Stream is null && inputs.Shapes.Where((_, input) => inputs.HasTime(input)).Any()) yield return WhyNoStream;
        if (Stream is { } stream && Spec.Inputs.Count > 0)
            yield return $"streams: step by step {NamesOf(stream.StepInputs)}" + (stream.Context is null ? "" : $"; once, before the first, {NamesOf(stream.ContextInputs)}");
        yield return $"memory between layers: {Names.Readable(memory)} floats a sample, {Names.Readable(Prediction.Lengths.Skip(1).Sum(length => (long)length))} if no place were used twice; {ExecutionPlan.Chunk(memory)} samples at a time";

        string NamesOf(IEnumerable<int> inputs) => string.Join(" and ", inputs.Select(input => Spec.Inputs[input].Name));
    }

    public override void WriteForward(SourceWriter writer)
    {
        (_, int memory) = Prediction.Memory();
        writer.WriteLine("/// <summary>The floats of memory that prediction takes for each sample between layers.</summary>");
        writer.WriteLine($"public const int ActivationMemory = {Names.Number(memory)};");
        writer.WriteLine();
        writer.WriteLine("/// <inheritdoc/>");
        writer.Open($"public void Forward({Names.ReadOnlySpan} input, {Names.Span} output)");
        writer.WriteLine($"int samples = {Names.Services}NetworkCalls.CheckForward(input.Length, InputSize, output.Length, OutputSize);");
        WriteSampleCall(writer);
        writer.WriteLine($"{Layers}.Forward(input, _parameters.All, output, samples);");
        writer.Close();
    }

    /// <summary>Whether a frozen network predicts in a way of its own.</summary>
    private bool IsFrozenApart => _folded.Folds.Count > 0 || _folded.Spec.Layers.Any(layer => layer.KeepsWeights);

    public override void WriteFreeze(SourceWriter writer)
    {
        if (!IsFrozenApart)
        {
            base.WriteFreeze(writer);
            return;
        }
        IReadOnlyList<FoldPlan> folds = _folded.Folds;
        writer.WriteLine($"/// <summary>A copy for prediction that nothing changes any more{(folds.Count > 0 ? ", with batch normalisation folded into the layers before it" : "")}.</summary>");
        writer.Open("public global::SimdNet.FrozenNetwork Freeze()");
        writer.WriteLine($"var parameters = new {Names.Services}FrozenParameters(_parameters.Fold({(folds.Count == 0 ? "));" : "")}");
        if (folds.Count > 0)
            writer.WriteLine(string.Join(",\n", folds.Select(fold => $"    new {Names.Services}FoldedNorm(\"{fold.Layer.Name}\", \"{fold.Norm}\", \"{fold.BiasOwner}\", {Names.Number(fold.Epsilon)})")) + "));");
        writer.WriteLine($"{Names.Services}Operation[] layers = {Layers}.Freeze(parameters);");
        writer.WriteLine($"return new global::SimdNet.FrozenNetwork(this, (input, output) => {Layers}.ForwardFrozen(layers, input, parameters.All, output, {Names.Services}NetworkCalls.CheckForward(input.Length, InputSize, output.Length, OutputSize)));");
        writer.Close();
    }

    public override void WriteClasses(SourceWriter writer)
    {
        writer.WriteLine($"/// <summary>The layers of {Spec.Name}, and prediction.</summary>");
        writer.Open($"file static class {Layers}");
        WriteOperations(writer, Prediction.Steps, "");
        WriteOperations(writer, Training.Steps, "Training");
        ExecutionPlan? stream = Stream is { } inStream ? new ExecutionPlan(inStream.Step, Parameters, isTraining: false) : null;
        if (stream is not null) WriteOperations(writer, stream.Steps, "Step");
        ExecutionPlan? context = Stream?.Context is { } once ? new ExecutionPlan(once, Parameters, isTraining: false) : null;
        if (context is not null) WriteOperations(writer, context.Steps, "Context");
        ExecutionPlan? frozen = IsFrozenApart ? new ExecutionPlan(_folded.Spec, Parameters, isTraining: false) : null;
        if (frozen is not null) WriteOperations(writer, frozen.Steps, "Frozen");
        writer.WriteLine();
        WritePrediction(writer, Prediction, "Any number of samples.", "Forward(", step => (Field(step), ""));
        if (frozen is not null)
        {
            StepPlan[] operations = [.. frozen.Steps.Where(step => step.Call is not null)];
            writer.WriteLine();
            writer.WriteLine("/// <summary>The layers for prediction with these parameters alone.</summary>");
            writer.WriteLine($"public static {Names.Services}Operation[] Freeze({Names.Services}FrozenParameters parameters) => new {Names.Services}Operation[]");
            writer.Open();
            foreach (StepPlan operation in operations) writer.WriteLine($"{Field(operation)}.Freeze(parameters),");
            writer.Close(";");
            writer.WriteLine();
            WritePrediction(writer, frozen, "Any number of samples, by frozen layers.", $"ForwardFrozen({Names.Services}Operation[] layers, ", other => ($"layers[{Names.Number(System.Array.IndexOf(operations, other))}]", " // " + other.Name));
        }
        writer.Close();
        writer.WriteLine();
        WriteSampleClass(writer);
        if (stream is not null)
        {
            WriteStreamClass(writer, stream, context);
            writer.WriteLine();
        }
        WriteTraining(writer);
    }

    /// <summary>Writes the objects that compute each step, where its layer has none that is the same.</summary>
    private void WriteOperations(SourceWriter writer, IEnumerable<StepPlan> steps, string suffix)
    {
        foreach (StepPlan step in steps.Where(step => step.Call is not null))
        {
            string text = New(step.Call!);
            if (_operations.ContainsKey((step.Name, text))) continue;
            _operations[(step.Name, text)] = char.ToUpperInvariant(step.Name[0]) + step.Name.Substring(1) + suffix;
            writer.WriteLine($"public static readonly {TypeOf(step.Call!)} {Field(step)} = {text};");
        }
    }

    private string Field(StepPlan step) => _operations[(step.Name, New(step.Call!))];

    private void WritePrediction(SourceWriter writer, ExecutionPlan plan, string summary, string method, System.Func<StepPlan, (string Object, string Comment)> layer)
    {
        (IReadOnlyList<int> offsets, int memory) = plan.Memory();
        writer.WriteLine($"/// <summary>{summary}</summary>");
        writer.Open($"public static void {method}{Names.ReadOnlySpan} input, {Names.ReadOnlySpan} parameters, {Names.Span} output, int samples)");
        if (plan.Output == ExecutionPlan.Input)
        {
            writer.WriteLine("input.CopyTo(output);");
            writer.Close();
            return;
        }
        writer.WriteLine($"int chunk = global::System.Math.Min(samples, {Names.Number(ExecutionPlan.Chunk(memory))});");
        writer.WriteLine($"using {Names.Services}Workspace.Lease lease = {Names.Services}Workspace.Rent(chunk * {Names.Number(memory)});");
        writer.WriteLine($"{Names.Span} memory = lease.Span;");
        writer.Open("for (int start = 0; start < samples; start += chunk)");
        writer.WriteLine("int n = global::System.Math.Min(chunk, samples - start);");
        writer.WriteLine($"{Names.ReadOnlySpan} x = input.Slice(start * {Names.Number(InputSize)}, n * {Names.Number(InputSize)});");
        writer.WriteLine($"{Names.Span} y = output.Slice(start * {Names.Number(OutputSize)}, n * {Names.Number(OutputSize)});");
        foreach (StepPlan step in plan.Steps)
        {
            if (step.Join is null) writer.WriteLine($"{layer(step).Object}.Forward({Place(step.Inputs[0])}, parameters, {Place(step.Output)}, n);{layer(step).Comment}");
            else foreach (string line in JoinLines(step, Place, "n")) writer.WriteLine(line);
        }
        writer.Close();
        writer.Close();

        string Place(int value) =>
            value == ExecutionPlan.Input ? "x"
            : value == plan.Output ? "y"
            : $"memory.Slice({(offsets[value] == 0 ? "0" : "chunk * " + Names.Number(offsets[value]))}, n * {Names.Number(plan.Lengths[value])})";
    }

    private void WriteTraining(SourceWriter writer)
    {
        IReadOnlyList<StepPlan> operations = [.. Training.Steps.Where(step => step.Call is not null)];
        (IReadOnlyList<BackwardStep> toParameters, IReadOnlyList<BackwardStep> toInput) = Training.WayBack();
        writer.WriteLine($"/// <summary>{Spec.Name} in training. Values are numbered as they come to be, {string.Join(", ", Training.Steps.Select(step => $"{step.Output} of {step.Name}"))}.</summary>");
        writer.Open($"file sealed class {TrainingClass} : {Names.Services}GraphTrainingPass");
        writer.Open($"public {TrainingClass}(global::SimdNet.INetwork network, {Names.Services}ParameterBlock parameters, int maxBatch) : base("
            + $"network, parameters, maxBatch, new {Names.Services}Operation[] {{ {string.Join(", ", operations.Select(step => Layers + "." + Field(step)))} }}, {Names.Array(Training.StoredLengths())})");
        writer.Close();
        writer.WriteLine();

        writer.Open($"protected override void ForwardLayers({Names.ReadOnlySpan} input, int batch)");
        if (Training.Output == ExecutionPlan.Input) writer.WriteLine("input.CopyTo(Logits);");
        foreach (StepPlan step in Training.Steps)
        {
            if (step.Join is null) writer.WriteLine($"Forward({Number(step)}, {ValueOf(step.Inputs[0])}, {ValueOf(step.Output)}); // {step.Name}");
            else foreach (string line in JoinLines(step, ValueOf, "batch")) writer.WriteLine(line);
        }
        writer.Close();
        writer.WriteLine();

        writer.Open($"protected override void BackwardLayers({Names.ReadOnlySpan} input, int batch)");
        foreach (BackwardStep back in toParameters) WriteBackward(back);
        writer.Close();
        writer.WriteLine();

        writer.Open($"protected override void BackwardInput({Names.ReadOnlySpan} input, int batch, {Names.Span} inputGradient)");
        if (Training.Output == ExecutionPlan.Input) writer.WriteLine("LogitGradients.CopyTo(inputGradient);");
        foreach (BackwardStep back in toInput) WriteBackward(back);
        writer.Close();
        writer.Close();

        void WriteBackward(BackwardStep back)
        {
            StepPlan step = back.Step;
            string gradient = GradientOf(step.Output);
            for (int j = 0; j < step.Inputs.Count; j++)
            {
                GradientTarget target = back.Targets[j];
                if (step.Join is null)
                {
                    if (back.AddsParameters)
                    {
                        writer.WriteLine($"SharedBackward({Number(step)}, {ValueOf(step.Inputs[j])}, {ValueOf(step.Output)}, {gradient}, {GradientOf(target.Value)}, "
                            + $"accumulates: {(target.Accumulates ? "true" : "false")}, {Names.Array(step.Shared!)}); // {step.Name}");
                        continue;
                    }
                    string method = target.Accumulates ? "AddBackward" : "Backward";
                    writer.WriteLine($"{method}({Number(step)}, {ValueOf(step.Inputs[j])}, {ValueOf(step.Output)}, {gradient}, {GradientOf(target.Value)}); // {step.Name}");
                }
                else if (target.Value >= 0)
                {
                    writer.WriteLine(JoinGradient(step.Join, j, gradient, step.Join.Kind == JoinKind.Multiply ? ValueOf(step.Inputs[1 - j]) : "", GradientOf(target.Value), target.Accumulates));
                }
            }
        }

        string Number(StepPlan step) => Names.Number(operations.TakeWhile(other => !ReferenceEquals(other, step)).Count());

        string ValueOf(int value) => value == ExecutionPlan.Input ? "input" : value == Training.Output ? "Logits" : $"Value({Names.Number(value)})";

        string GradientOf(int value) =>
            value < 0 ? "default" : value == ExecutionPlan.Input ? "inputGradient" : value == Training.Output ? "LogitGradients" : $"Gradient({Names.Number(value)})";
    }

    private static IEnumerable<string> JoinLines(StepPlan step, System.Func<int, string> place, string samples)
    {
        JoinPlan join = step.Join!;
        if (join.Kind != JoinKind.Concat) return [$"{Names.Services}ElementwiseLayer.{join.Kind}({place(step.Inputs[0])}, {place(step.Inputs[1])}, {place(step.Output)});"];
        return step.Inputs.Select((input, j) =>
            $"{Names.Services}ElementwiseLayer.CopyRows({place(input)}, {Names.Number(join.Sizes[j])}, {From(place(step.Output), join.Before(j))}, {Names.Number(join.Width)}, {samples} * {Names.Number(join.Rows)}, {Names.Number(join.Sizes[j])});");
    }

    private static string JoinGradient(JoinPlan join, int index, string gradient, string other, string target, bool accumulates)
    {
        bool isConcat = join.Kind == JoinKind.Concat;
        string from = isConcat ? From(gradient, join.Before(index)) : "", size = isConcat ? Names.Number(join.Sizes[index]) : "";
        return (join.Kind, accumulates) switch
        {
            (JoinKind.Add, false) => $"{gradient}.CopyTo({target});",
            (JoinKind.Add, true) => $"{Names.Services}ElementwiseLayer.Add({target}, {gradient}, {target});",
            (JoinKind.Multiply, false) => $"{Names.Services}ElementwiseLayer.Multiply({other}, {gradient}, {target});",
            (JoinKind.Multiply, true) => $"AddProduct({other}, {gradient}, {target});",
            (_, false) => $"{Names.Services}ElementwiseLayer.CopyRows({from}, {Names.Number(join.Width)}, {target}, {size}, batch * {Names.Number(join.Rows)}, {size});",
            _ => $"AddRows({from}, {Names.Number(join.Width)}, {target}, {size});",
        };
    }

    private static string From(string span, int first) => first == 0 ? span : $"{span}.Slice({Names.Number(first)})";

    private string ValueName(int value) => value == ExecutionPlan.Input ? "input" : Prediction.Steps.First(step => step.Output == value).Name;

    private static string TypeOf(OperationCall call) => Names.Services + call.Type + (call.Activation is { } activation ? $"<{Names.ActivationType(activation.Activation)}>" : "");

    private static string New(OperationCall call)
    {
        IEnumerable<string> arguments = call.Arguments.Select(argument => argument switch
        {
            OperationCall inner => New(inner),
            System.Enum value => $"global::{value.GetType().FullName}.{value}",
            float number => Names.Number(number),
            bool flag => flag ? "true" : "false",
            _ => System.Convert.ToString(argument, CultureInfo.InvariantCulture),
        });
        if (call.Activation is { } activation) arguments = arguments.Append(Names.Activation(activation.Activation));
        // A name with a dot is a method that makes the object.
        return $"{(call.Type.Contains('.') ? "" : "new ")}{TypeOf(call)}({string.Join(", ", arguments)})";
    }
}
