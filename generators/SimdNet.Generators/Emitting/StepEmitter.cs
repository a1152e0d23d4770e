using System.Collections.Generic;
using System.Linq;
using SimdNet.Generators.Planning;
using SimdNet.Kernels;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <summary>One time step of a layer, or one sample, written out with its sizes as constants. It has the bits of the library's kernels, whose chains it follows.</summary>
internal abstract class StepEmitter(StepPlan step, int lanes, bool isResult)
{
    /// <summary>The sums that sixteen registers hold beside what they are made of, and those that half as many hold.</summary>
    protected const int WideTile = 12, NarrowTile = 6;

    public StepPlan Step => step;

    /// <summary>The floats of its blocks: 4, 8 or 16.</summary>
    public int Lanes => lanes;

    /// <summary>The floats that it needs for sums.</summary>
    public virtual int Sums => 0;

    /// <summary>Whether the result is the network's, which has no room for padding.</summary>
    protected bool IsResult => isResult;

    protected string Method { get; } = char.ToUpperInvariant(step.Name[0]) + step.Name.Substring(1) + "Step";

    /// <summary>The emitter of a step; null where it is better left to the library.</summary>
    public static StepEmitter? For(StepPlan step, ParameterPlan parameters, int output) => step.Layer switch
    {
        DenseSpec { Rows: 1 } dense => DenseStepEmitter.For(step, dense, parameters.Offsets(dense), step.Output == output),
        ConvolutionSpec convolution => ConvolutionStepEmitter.For(step, convolution, parameters.Offsets(convolution), step.Output == output),
        RecurrentSpec recurrent => RecurrentStepEmitter.For(step, recurrent, parameters.Offsets(recurrent), step.Output == output),
        _ => null,
    };

    /// <summary>Whether it leaves its result in its state, where later steps read it.</summary>
    public virtual bool IsRemembered => false;

    public abstract void WriteMethod(SourceWriter writer);

    /// <summary>Writes the call.</summary>
    /// <param name="x">A reference to the first input.</param>
    /// <param name="state">One to the first float of the state.</param>
    /// <param name="sums">One to room for <see cref="Sums"/>.</param>
    /// <param name="y">One to where the result goes.</param>
    public abstract void WriteCall(SourceWriter writer, string x, string state, string sums, string y);

    /// <summary>
    /// Writes tiles of sums, for machines whose registers hold sixteen blocks, and where blocks are of 16 floats for those whose registers hold eight.
    /// </summary>
    /// <param name="isOnly">Whether no other sums of the method need names.</param>
    protected void WriteTiles(SourceWriter writer, int blocks, int chains, bool isOnly, System.Action<int[]> tile)
    {
        if (Lanes < 16 || chains * blocks <= NarrowTile)
        {
            Write(WideTile, isOnly);
            return;
        }
        writer.Open("if (TBlock.Registers >= 16)");
        Write(WideTile, isInScope: true);
        writer.Close();
        writer.Open("else");
        Write(NarrowTile, isInScope: true);
        writer.Close();

        void Write(int budget, bool isInScope)
        {
            int columns = budget / chains;
            for (int first = 0; first < blocks; first += columns)
            {
                bool needsScope = columns < blocks || !isInScope;
                if (needsScope) writer.Open();
                tile([.. Enumerable.Range(first, System.Math.Min(columns, blocks - first))]);
                if (needsScope) writer.Close();
            }
        }
    }

    /// <summary>Writes a product in a scope of its own.</summary>
    protected static void WriteProduct(SourceWriter writer, SumProduct product, int[] blocks)
    {
        writer.Open();
        SumWriter.WriteProduct(writer, product, blocks, [.. Enumerable.Range(0, product.Chains)]);
        writer.Close();
    }

    /// <summary>Whether products are written out: not many of 16 floats, since all tiles are one method here, and the JIT inlines so much and no more.</summary>
    protected bool IsStraightLine(int blocks, int inputs) => blocks * inputs <= (Lanes == 16 ? NetworkPlanner.StraightLineBlocks / 4 : NetworkPlanner.StraightLineBlocks);
}

/// <summary>A dense layer: the one of a chain.</summary>
internal sealed class DenseStepEmitter : StepEmitter
{
    private readonly DensePlan _plan;

    private DenseStepEmitter(StepPlan step, DensePlan plan, bool isResult) : base(step, plan.Lanes, isResult) => _plan = plan;

    public static StepEmitter? For(StepPlan step, DenseSpec dense, IReadOnlyList<int> offsets, bool isResult)
    {
        DensePlan plan = NetworkPlanner.PlanDense(dense with { Name = step.Name + "Step" }, step.Fused, SumOrder.PaddedOutputs(dense.Units), offsets, optimize: true);
        return plan.Style == DenseStyle.Library ? null : new DenseStepEmitter(step, plan, isResult);
    }

    public override void WriteMethod(SourceWriter writer) => DenseEmitter.WriteMethod(writer, _plan, storesPadding: !IsResult, inline: false);

    public override void WriteCall(SourceWriter writer, string x, string state, string sums, string y)
    {
        writer.WriteLine($"{Method}<{BlockTypes.Block(Lanes)}>({x}, ref p, {y});");
        SumWriter.WriteActivation(writer, _plan.Activation, Lanes, _plan.Width, y);
    }
}

/// <summary>A causal convolution: the inputs of earlier steps lie in a ring. Those come first in each chain, so that a processor can begin with them while the layer before is not ready.</summary>
internal sealed class ConvolutionStepEmitter : StepEmitter
{
    private const int MostTaps = 16;

    private readonly ConvolutionSpec _layer;
    private readonly IReadOnlyList<int> _offsets;
    private readonly int _padded;

    private ConvolutionStepEmitter(StepPlan step, ConvolutionSpec layer, IReadOnlyList<int> offsets, bool isResult) : base(step, SumOrder.Lanes(layer.Filters), isResult) =>
        (_layer, _offsets, _padded) = (layer, offsets, SumOrder.PaddedOutputs(layer.Filters));

    private int Blocks => _padded / Lanes;

    private int Taps => _layer.Horizontal.Kernel;

    private int Slots => (Taps - 1) * _layer.Horizontal.Dilation;

    public static StepEmitter? For(StepPlan step, ConvolutionSpec layer, IReadOnlyList<int> offsets, bool isResult)
    {
        var emitter = new ConvolutionStepEmitter(step, layer, offsets, isResult);
        return layer.ReadsImages || layer.Groups > 1 || emitter.Taps > MostTaps || emitter.Blocks > NetworkPlanner.TileBlocks ? null : emitter;
    }

    public override void WriteMethod(SourceWriter writer)
    {
        int channels = _layer.Channels;
        writer.WriteLine($"/// <summary>{Step.Name}: {channels} to {_layer.Filters} over {Taps} steps{(Step.Fused is null ? "" : " with " + Step.Fused.Name)}, one step.</summary>");
        writer.WriteLine(Names.OwnMethod);
        writer.WriteLine($"private static void {Method}<TBlock>(ref float x, ref float parameters, {(Taps > 1 ? "ref float ring, " : "")}ref float y)");
        writer.Open($"    where TBlock : struct, {Names.Services}IBlock<TBlock>");
        if (Taps > 1)
        {
            writer.WriteLine($"int oldest = {Names.Services}StreamLayout.RingSlot({Names.At("ring", Slots * channels)}, {Names.Number(Slots)});");
            writer.WriteLine($"ref float past0 = ref {Names.Unsafe}.Add(ref ring, oldest * {Names.Number(channels)});");
            for (int tap = 1; tap < Taps - 1; tap++)
            {
                string slot = $"oldest + {Names.Number(tap * _layer.Horizontal.Dilation)}";
                writer.WriteLine($"ref float past{tap} = ref {Names.Unsafe}.Add(ref ring, ({slot} < {Names.Number(Slots)} ? {slot} : {slot} - {Names.Number(Slots)}) * {Names.Number(channels)});");
            }
        }
        if (_layer.HasBias) writer.WriteLine($"ref float bias = {Names.At("parameters", _offsets[1])};");
        WriteTiles(writer, Blocks, 1, isOnly: true, blocks =>
        {
            SumWriter.WriteStarts(writer, blocks, [0], block => _layer.HasBias ? $"TBlock.Load(in bias, {Names.Number(block * Lanes)})" : "TBlock.Zero");
            for (int tap = 0; tap < Taps; tap++)
            {
                WriteProduct(
                    writer,
                    new SumProduct(tap == Taps - 1 ? "x" : "past" + Names.Number(tap), channels, "parameters", _offsets[0] + tap * channels * _padded, _padded, Lanes, 1, IsStraightLine(Blocks, Taps * channels)),
                    blocks);
            }
            foreach (int block in blocks) SumWriter.WriteEnd(writer, block, 1, Step.Fused, Lanes, _layer.Filters, storesPadding: !IsResult);
        });
        if (Taps > 1) writer.WriteLine($"{Names.SpanOf("ref x", channels)}.CopyTo({Names.SpanOf("ref past0", channels)});");
        writer.Close();
    }

    public override void WriteCall(SourceWriter writer, string x, string state, string sums, string y)
    {
        writer.WriteLine($"{Method}<{BlockTypes.Block(Lanes)}>({x}, ref p, {(Taps > 1 ? state + ", " : "")}{y});");
        SumWriter.WriteActivation(writer, Step.Fused, Lanes, _layer.Filters, y);
    }
}

/// <summary>A recurrent layer: all sums of its gates in a tile of registers, then the functions of the gates.</summary>
internal sealed class RecurrentStepEmitter : StepEmitter
{
    /// <summary>Beyond so many sums the library's loops cost little beside them.</summary>
    private const int MostSums = 48;

    private readonly RecurrentSpec _layer;
    private readonly IReadOnlyList<int> _offsets;
    private readonly int _padded, _gates, _chains;

    private RecurrentStepEmitter(StepPlan step, RecurrentSpec layer, IReadOnlyList<int> offsets, bool isResult) : base(step, RecurrentLayout.Lanes(layer.Units), isResult)
    {
        (_layer, _offsets, _padded) = (layer, offsets, RecurrentLayout.GateStride(layer.Units));
        _gates = layer.Kind == RecurrentKind.Lstm ? RecurrentLayout.LstmGates : RecurrentLayout.GruGates;
        _chains = SumOrder.RecurrentChains(layer.Units, _gates);
    }

    private int Row => _gates * _padded;

    private int Blocks => Row / Lanes;

    /// <summary>The blocks whose sums over the inputs and over the units are one; those of a GRU's candidate are apart.</summary>
    private int Joined => _layer.Kind == RecurrentKind.Gru ? 2 * _padded / Lanes : Blocks;

    public override bool IsRemembered => !IsResult;

    public override int Sums => Row + (Blocks - Joined) * Lanes;

    public static StepEmitter? For(StepPlan step, RecurrentSpec layer, IReadOnlyList<int> offsets, bool isResult)
    {
        if (layer.Kind == RecurrentKind.SimpleRnn || (layer.Kind == RecurrentKind.Gru && !layer.ResetAfter)) return null;
        var emitter = new RecurrentStepEmitter(step, layer, offsets, isResult);
        return emitter.Blocks * emitter._chains > MostSums ? null : emitter;
    }

    public override void WriteMethod(SourceWriter writer)
    {
        int features = _layer.Features, units = _layer.Units;
        writer.WriteLine($"/// <summary>{Step.Name}: {features} to {units}, one step; the state begins with the units.</summary>");
        writer.WriteLine(Names.OwnMethod);
        writer.WriteLine($"private static void {Method}<TBlock, TRegister>(ref float x, ref float parameters, ref float state, ref float sums)");
        writer.WriteLine($"    where TBlock : struct, {Names.Services}IBlock<TBlock>");
        writer.Open($"    where TRegister : struct, {Names.Services}IBlock<TRegister>");
        writer.WriteLine($"ref float bias = {Names.At("parameters", _offsets[2])}, recurrentBias = {Names.At("parameters", _offsets[3])};");
        var ofInputs = new SumProduct("x", features, "parameters", _offsets[0], Row, Lanes, 1, IsStraightLine(Blocks, features));
        var ofUnits = new SumProduct("state", units, "parameters", _offsets[1], Row, Lanes, _chains, IsStraightLine(Blocks, units));
        WriteTiles(writer, Blocks, _chains, isOnly: Joined == Blocks, blocks =>
        {
            SumWriter.WriteStarts(writer, blocks, [.. Enumerable.Range(0, _chains)], block => (block < Joined ? $"TBlock.Load(in bias, {Names.Number(block * Lanes)}) + " : "") + $"TBlock.Load(in recurrentBias, {Names.Number(block * Lanes)})");
            int[] joined = [.. blocks.Where(block => block < Joined)];
            if (joined.Length > 0) WriteProduct(writer, ofInputs, joined);
            WriteProduct(writer, ofUnits, blocks);
            foreach (int block in blocks) writer.WriteLine($"TBlock.Store({SumWriter.Joined(block, _chains)}, ref sums, {Names.Number(block * Lanes)});");
        });
        WriteTiles(writer, Blocks - Joined, 1, isOnly: false, numbers =>
        {
            int[] blocks = [.. numbers.Select(number => Joined + number)];
            SumWriter.WriteStarts(writer, blocks, [0], block => $"TBlock.Load(in bias, {Names.Number(block * Lanes)})");
            WriteProduct(writer, ofInputs, blocks);
            foreach (int block in blocks) writer.WriteLine($"TBlock.Store({SumWriter.Joined(block, 1)}, ref sums, {Names.Number(Row + (block - Joined) * Lanes)});");
        });
        writer.WriteLine($"{Names.Services}RecurrentGates.{_layer.Kind}<TRegister>(ref sums, ref state, {Names.Number(_padded)});");
        writer.Close();
    }

    public override void WriteCall(SourceWriter writer, string x, string state, string sums, string y)
    {
        writer.WriteLine($"{Method}<{BlockTypes.Block(Lanes)}, {BlockTypes.RegisterOf(Lanes)}>({x}, ref p, {state}, {sums});");
        if (IsResult) writer.WriteLine($"{Names.SpanOf(state, _layer.Units)}.CopyTo({Names.SpanOf(y, _layer.Units)});");
    }
}
