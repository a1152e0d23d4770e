using System.Runtime.CompilerServices;
using SimdNet.Specification;

namespace SimdNet;

/// <summary>Where the values of a plan for prediction lie, worked out once: in the input, in the output, or in memory between them.</summary>
internal sealed class ValuePlaces
{
    private readonly Place[][] _inputs;
    private readonly Place[] _results;

    public ValuePlaces(ExecutionPlan plan, int inputSize)
    {
        (IReadOnlyList<int> offsets, Memory) = plan.Memory();
        _inputs = [.. plan.Steps.Select(step => step.Inputs.Select(PlaceOf).ToArray())];
        _results = [.. plan.Steps.Select(step => PlaceOf(step.Output))];

        Place PlaceOf(int value) => value == ExecutionPlan.Input
            ? new Place(IsInput: true, IsOutput: false, 0, inputSize)
            : new Place(IsInput: false, value == plan.Output, offsets[value], plan.Lengths[value]);
    }

    /// <summary>The floats of memory for one sample.</summary>
    public int Memory { get; }

    /// <summary>How many values a step reads.</summary>
    public int Inputs(int step) => _inputs[step].Length;

    /// <summary>What a step reads, of <paramref name="n"/> samples from <paramref name="start"/> on, with memory for <paramref name="chunk"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<float> Input(int step, int index, ReadOnlySpan<float> input, ReadOnlySpan<float> memory, ReadOnlySpan<float> output, int chunk, int start, int n)
    {
        Place place = _inputs[step][index];
        if (place.IsInput || place.IsOutput) return (place.IsInput ? input : output).Slice(start * place.Length, n * place.Length);
        return memory.Slice(chunk * place.Offset, n * place.Length);
    }

    /// <summary>Where a step writes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> Result(int step, Span<float> memory, Span<float> output, int chunk, int start, int n)
    {
        Place place = _results[step];
        return place.IsOutput ? output.Slice(start * place.Length, n * place.Length) : memory.Slice(chunk * place.Offset, n * place.Length);
    }

    private readonly record struct Place(bool IsInput, bool IsOutput, int Offset, int Length);
}
