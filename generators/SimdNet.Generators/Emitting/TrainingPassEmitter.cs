using System.Collections.Generic;
using System.Linq;
using SimdNet.Generators.Planning;
using SimdNet.Generators.Spec;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <summary>The way forward that keeps its values, the way back, and the way back that updates as it goes.</summary>
internal sealed class TrainingPassEmitter
{
    private readonly SourceWriter _writer;
    private readonly NetworkPlan _plan;
    private readonly List<OperationPlan> _operations;
    private readonly List<int> _strides = [];
    private string _batch = "batch";
    private readonly Dictionary<OperationPlan, int> _values = [], _masks = [], _gradients = [];

    private TrainingPassEmitter(SourceWriter writer, NetworkPlan plan)
    {
        _writer = writer;
        _plan = plan;

        // The library applies a final softmax or sigmoid, or the loss is fused with it.
        _operations = [.. plan.Operations.Where(operation => operation is not SoftmaxPlan)];
        if (plan.Final == FinalActivation.Sigmoid)
        {
            OperationPlan last = _operations[_operations.Count - 1];
            _operations.RemoveAt(_operations.Count - 1);
            if (last is DensePlan dense) _operations.Add(dense with { Activation = null });
        }
        foreach (OperationPlan operation in _operations)
        {
            _values[operation] = Region(operation.Stride);
            if (operation is DropoutPlan) _masks[operation] = Region(operation.Stride);
            if (operation is DensePlan) _gradients[operation] = Region(operation.Stride);
        }
    }

    public static void WriteClass(SourceWriter writer, NetworkPlan plan) => new TrainingPassEmitter(writer, plan).Write();

    /// <summary>Whether one sample takes another way than a batch of one.</summary>
    private bool HasSample => ForwardEmitter.HasSample(_plan);

    private int Region(int stride)
    {
        _strides.Add(stride);
        return _strides.Count - 1;
    }

    private void Write()
    {
        string name = _plan.Spec.Name + "Training";
        _writer.WriteLine($"/// <summary>{_plan.Spec.Name} in training.</summary>");
        _writer.Open($"file sealed class {name} : global::SimdNet.Training.TrainingPass");
        _writer.WriteLine($"private readonly {Names.Services}ParameterBlock _parameters;");
        _writer.WriteLine($"private readonly {Names.Services}TrainingBuffers _buffers;");
        _writer.WriteLine();
        _writer.Open($"public {name}(global::SimdNet.INetwork network, {Names.Services}ParameterBlock parameters, int maxBatch) : base(network, maxBatch)");
        _writer.WriteLine("_parameters = parameters;");
        _writer.WriteLine($"_buffers = new {Names.Services}TrainingBuffers(maxBatch{string.Concat(_strides.Select(stride => ", " + Names.Number(stride)))});");
        _writer.Close();
        _writer.WriteLine();
        if (HasSample)
        {
            WriteSampleForward();
            _writer.WriteLine();
            WriteSampleStep();
            _writer.WriteLine();
        }
        WriteForward();
        _writer.WriteLine();
        WriteBackward(isStep: false);
        _writer.WriteLine();
        WriteBackward(isStep: true);
        _writer.WriteLine();
        WriteBackwardInput();
        _writer.Close();
    }

    private void WriteForward()
    {
        _writer.Open($"protected override void ForwardLayers({Names.ReadOnlySpan} input, int batch)");
        if (HasSample)
        {
            _writer.Open("if (batch == 1)");
            WriteSampleCalls("ForwardSample", "input", "");
            _writer.Close();
        }
        if (_operations.OfType<DensePlan>().Any()) _writer.WriteLine($"{Names.ReadOnlySpan} storage = _parameters.Span;");
        string source = "input";
        int sourceStride = _plan.InputSize;
        for (int i = 0; i < _operations.Count; i++)
        {
            WriteForwardOperation(i, source, sourceStride);
            source = Rows(_values[_operations[i]]);
            sourceStride = _operations[i].Stride;
        }
        _writer.WriteLine($"{Names.Services}ElementwiseLayer.CopyRows({source}, {Names.Number(sourceStride)}, Logits, {Names.Number(_plan.OutputSize)}, batch, {Names.Number(_plan.OutputSize)});");
        _writer.Close();
    }

    private void WriteForwardOperation(int i, string source, int sourceStride)
    {
        OperationPlan operation = _operations[i];
        string target = Rows(_values[operation]);
        switch (operation)
        {
            case DensePlan dense:
                _writer.WriteLine($"{Names.Services}DenseLayer.Forward({source}, {Names.Number(sourceStride)}, {Slice("storage", dense.WeightOffset)}, {Slice("storage", dense.BiasOffset)}, "
                    + $"{Names.Activation(dense.Activation)}, {target}, {Names.Number(dense.Stride)}, {_batch}, {Names.Number(dense.Inputs)}, {Names.Number(dense.Width)});");
                break;
            case ActivationPlan activation:
                _writer.WriteLine($"{Names.Services}ElementwiseLayer.Forward({Names.Activation(activation.Activation)}, {source}, {target});");
                break;
            case DropoutPlan dropout:
                string layout = dropout.Stride == dropout.Width ? "" : $", {Names.Number(dropout.Width)}, {Names.Number(dropout.Stride)}";
                _writer.WriteLine($"if (IsTraining) {Names.Services}DropoutLayer.Forward({source}, {Names.Number(dropout.Rate)}, Seed, Passes, {Names.Number(i)}, {Rows(_masks[dropout])}, {target}{layout});");
                _writer.WriteLine($"else {source}.CopyTo({target});");
                break;
        }
    }

    /// <summary>Calls a method for one sample with the blocks of this machine.</summary>
    private void WriteSampleCalls(string method, string arguments, string result) =>
        ForwardEmitter.Types(_plan).WriteCalls(_writer, types => $"{method}<{types}>({arguments});", result);

    private void OpenSampleMethod(string summary, string name, string parameters)
    {
        BlockTypes types = ForwardEmitter.Types(_plan);
        _writer.WriteLine($"/// <summary>{summary}</summary>");
        _writer.WriteLine(Names.OwnMethod);
        _writer.WriteLine($"private void {name}<{types.Parameters}>({parameters})");
        types.WriteConstraints(_writer);
        _writer.Open();
        _writer.WriteLine("ref float parameters = ref _parameters.First;");
    }

    /// <summary>One sample through the emitted layers of prediction, with every value kept.</summary>
    private void WriteSampleForward()
    {
        OpenSampleMethod("One sample, layer after layer.", "ForwardSample", $"{Names.ReadOnlySpan} input");
        if (_operations.Any(operation => operation is DensePlan { Style: DenseStyle.Library })) _writer.WriteLine($"{Names.ReadOnlySpan} storage = _parameters.Span;");
        _batch = "1";
        string source = "input";
        int sourceStride = _plan.InputSize;
        DensePlan? final = null;
        for (int i = 0; i < _operations.Count; i++)
        {
            OperationPlan operation = _operations[i];
            if (operation is DensePlan { Style: not DenseStyle.Library } dense)
            {
                // A last dense layer without its sigmoid is not the one that predicts.
                bool isShared = _plan.Operations.Contains(dense);
                if (!isShared) final = dense;
                string x = i == 0 ? $"ref {Names.Reference}(input)" : Row(_values[_operations[i - 1]]);
                _writer.WriteLine($"{(isShared ? ForwardEmitter.LayersClass(_plan) + "." : "")}{Names.Method(dense)}<{BlockTypes.Block(dense.Lanes)}>({x}, ref parameters, {Row(_values[dense])});");
                if (SumWriter.ActivatesAfterwards(dense.Activation, dense.Blocks))
                    _writer.WriteLine($"{Names.Services}ElementwiseLayer.Forward({Names.Activation(dense.Activation)}, {Rows(_values[dense])}, {Rows(_values[dense])});");
            }
            else
            {
                WriteForwardOperation(i, source, sourceStride);
            }
            source = Rows(_values[operation]);
            sourceStride = operation.Stride;
        }
        _writer.WriteLine($"{Names.Services}SampleStep.Unpad<{BlockTypes.Block(LastDense.Lanes)}>({Row(_values[_operations[_operations.Count - 1]])}, ref {Names.Reference}(Logits), {Names.Number(_plan.OutputSize)});");
        _batch = "batch";
        _writer.Close();
        if (final is null) return;
        _writer.WriteLine();
        DenseEmitter.WriteMethod(_writer, final, storesPadding: true, inline: false);
    }

    /// <summary>The way back of one sample, which updates each layer in the pass that takes its gradient.</summary>
    private void WriteSampleStep()
    {
        OpenSampleMethod("The way back of one sample, and its descent.", "StepSample", $"{Names.ReadOnlySpan} input, float learningRate");
        int firstDense = _operations.FindIndex(operation => operation is DensePlan);
        _batch = "1";
        _writer.WriteLine($"{Names.Services}SampleStep.Pad<{BlockTypes.Block(LastDense.Lanes)}>(ref {Names.Reference}(LogitGradients), {Row(_gradients[LastDense])}, {Names.Number(_plan.OutputSize)});");
        for (int i = _operations.Count - 1; i >= firstDense; i--)
        {
            OperationPlan operation = _operations[i];
            ActivationSpec? activation = operation is DensePlan fused ? fused.Activation : (operation as ActivationPlan)?.Activation;

            // The gradient of a run of operations after a dense layer lies in that layer's region.
            DensePlan below = _operations.Take(i + 1).OfType<DensePlan>().Last();
            int region = _gradients[below];
            if (activation is not null)
                _writer.WriteLine($"{Names.Services}SampleStep.Activation<{BlockTypes.Block(below.Lanes)}, {Names.ActivationType(activation)}>({Names.Activation(activation)}, {Row(_values[operation])}, {Row(region)}, {Names.Number(operation.Stride)});");
            if (operation is DropoutPlan)
                _writer.WriteLine($"{Names.Services}ElementwiseLayer.Multiply({Rows(region)}, {Rows(_masks[operation])}, {Rows(region)});");
            if (operation is not DensePlan dense) continue;
            string x = i == 0 ? $"ref {Names.Reference}(input)" : Row(_values[_operations[i - 1]]);
            string block = BlockTypes.Block(dense.Lanes);
            string tensors = $"{Names.At("parameters", dense.WeightOffset)}, {Names.At("parameters", dense.BiasOffset)}";
            string sizes = $"{Names.Number(dense.Inputs)}, {Names.Number(dense.Stride)}";
            _writer.WriteLine(i == firstDense
                ? $"{Names.Services}SampleStep.FirstDense<{block}>({x}, {Row(region)}, learningRate, {tensors}, {sizes});"
                : $"{Names.Services}SampleStep.Dense<{block}>({x}, {Row(region)}, learningRate, {tensors}, {Row(_gradients[_operations.Take(i).OfType<DensePlan>().Last()])}, {sizes});");
        }
        _batch = "batch";
        _writer.Close();
        _writer.WriteLine();
        _writer.Open($"protected override bool StepSample({Names.ReadOnlySpan} input, float learningRate)");
        WriteSampleCalls("StepSample", "input, learningRate", " true");
        _writer.WriteLine("return false;");
        _writer.Close();
    }

    private DensePlan LastDense => _operations.OfType<DensePlan>().Last();

    private void WriteBackward(bool isStep)
    {
        _writer.Open(isStep
            ? $"protected override void StepLayers({Names.ReadOnlySpan} input, int batch, global::SimdNet.Training.Optimizer optimizer)"
            : $"protected override void BackwardLayers({Names.ReadOnlySpan} input, int batch)");
        if (_operations.OfType<DensePlan>().Any()) _writer.WriteLine($"{Names.Span} storage = _parameters.Span;");
        int firstDense = _operations.FindIndex(operation => operation is DensePlan);
        int last = _operations.Count - 1;

        // The gradient of a run of operations after a dense layer lies in that layer's region.
        string gradient = "";
        if (firstDense >= 0)
        {
            gradient = Rows(_gradients[LastDense]);
            _writer.WriteLine($"{Names.Services}ElementwiseLayer.CopyRows(LogitGradients, {Names.Number(_plan.OutputSize)}, {gradient}, {Names.Number(_operations[last].Stride)}, batch, {Names.Number(_plan.OutputSize)});");
        }
        for (int i = last; i >= firstDense && firstDense >= 0; i--)
        {
            WriteElementwiseGradient(_operations[i], gradient);
            if (_operations[i] is not DensePlan dense) continue;
            string x = i == 0 ? "input" : Rows(_values[_operations[i - 1]]);
            int xStride = i == 0 ? _plan.InputSize : _operations[i - 1].Stride;
            string previous = "";
            if (i > firstDense)
            {
                // The input's gradient is taken before a step changes the weights.
                previous = Rows(_gradients[_operations.Take(i).Last(operation => operation is DensePlan)]);
                WriteInputGradient(dense, gradient, previous, xStride);
            }
            string sizes = $"batch, {Names.Number(dense.Inputs)}, {Names.Number(dense.Width)}";
            string values = $"{x}, {Names.Number(xStride)}, {gradient}, {Names.Number(dense.Stride)}";
            _writer.WriteLine(isStep
                ? $"{Names.Services}DenseLayer.Step({values}, optimizer, storage, {Names.Number(dense.WeightOffset)}, {Names.Number(dense.BiasOffset)}, {sizes});"
                : $"{Names.Services}DenseLayer.BackwardParameters({values}, {Slice("Gradients", dense.WeightOffset)}, {Slice("Gradients", dense.BiasOffset)}, {sizes});");
            gradient = previous;
        }
        _writer.Close();
    }

    private void WriteBackwardInput()
    {
        _writer.Open($"protected override void BackwardInput({Names.ReadOnlySpan} input, int batch, {Names.Span} inputGradient)");
        int firstDense = _operations.FindIndex(operation => operation is DensePlan);
        if (firstDense >= 0)
        {
            _writer.WriteLine($"{Names.ReadOnlySpan} storage = _parameters.Span;");
            var dense = (DensePlan)_operations[firstDense];
            WriteInputGradient(dense, Rows(_gradients[dense]), "inputGradient", _plan.InputSize);
        }
        else
        {
            _writer.WriteLine("LogitGradients.CopyTo(inputGradient);");
        }
        for (int i = (firstDense >= 0 ? firstDense : _operations.Count) - 1; i >= 0; i--) WriteElementwiseGradient(_operations[i], "inputGradient");
        _writer.Close();
    }

    private void WriteInputGradient(DensePlan dense, string gradient, string inputGradient, int inputStride) =>
        _writer.WriteLine($"{Names.Services}DenseLayer.BackwardInput({gradient}, {Names.Number(dense.Stride)}, {Slice("storage", dense.WeightOffset)}, "
            + $"{inputGradient}, {Names.Number(inputStride)}, batch, {Names.Number(dense.Inputs)}, {Names.Number(dense.Width)});");

    private void WriteElementwiseGradient(OperationPlan operation, string gradient)
    {
        ActivationSpec? activation = operation is DensePlan dense ? dense.Activation : (operation as ActivationPlan)?.Activation;
        if (activation is not null)
            _writer.WriteLine($"{Names.Services}ElementwiseLayer.Backward({Names.Activation(activation)}, {Rows(_values[operation])}, {gradient}, {gradient});");
        if (operation is DropoutPlan)
            _writer.WriteLine($"{Names.Services}ElementwiseLayer.Multiply({gradient}, {Rows(_masks[operation])}, {gradient});");
    }

    private string Rows(int region) => $"_buffers.Rows({Names.Number(region)}, {_batch})";

    /// <summary>The first float of a region, for one sample.</summary>
    private static string Row(int region) => $"ref _buffers.Row({Names.Number(region)})";

    private static string Slice(string block, int offset) => $"{block}.Slice({Names.Number(offset)})";
}
