using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>The way forward of all heads; a part is one head of keys and values of one sample, with the heads of queries that share it.</summary>
/// <param name="shape">The sizes; its steps are those of keys and values.</param>
/// <param name="queriesOfSample">The queries of a sample, as many as there are steps where it is causal.</param>
/// <param name="queries">[batch, queries, width], divided by the root of the head width.</param>
/// <param name="keys">[batch, steps, key width].</param>
/// <param name="values">[batch, steps, key width].</param>
/// <param name="probabilities">[batch, heads, queries, padded steps], or empty where they are not kept.</param>
/// <param name="context">[batch, queries, width].</param>
internal readonly ref struct AttentionForward(
    AttentionShape shape, int queriesOfSample, Strided queries, Strided keys, Strided values, Span<float> probabilities, Span<float> context) : IPartedWork
{
    private readonly Strided _queries = queries, _keys = keys, _values = values;
    private readonly Span<float> _probabilities = probabilities, _context = context;

    public void RunPart(int part)
    {
        (int sample, int shared) = Math.DivRem(part, shape.KeyValueHeads);
        int steps = shape.Steps, paddedSteps = shape.PaddedSteps, headWidth = shape.HeadWidth, top = sample * queriesOfSample;
        using Workspace.Lease lease = Workspace.Rent(checked((headWidth + AttentionKernel.StripRows) * paddedSteps));
        Span<float> transposed = lease.Span[..(headWidth * paddedSteps)], scores = lease.Span[transposed.Length..];
        AttentionKernel.Transpose(_keys.From(sample * steps, shared * headWidth), transposed, steps, headWidth, paddedSteps);
        Strided values = _values.From(sample * steps, shared * headWidth);
        for (int head = shared * shape.Group; head < (shared + 1) * shape.Group; head++)
        {
            for (int first = 0; first < queriesOfSample; first += AttentionKernel.StripRows)
            {
                ref float row = ref _probabilities.IsEmpty ? ref scores[0] : ref _probabilities[((sample * shape.Heads + head) * queriesOfSample + first) * paddedSteps];
                AttentionKernel.Forward(
                    shape, _queries.From(top + first, head * headWidth), new Strided(ref transposed[0], paddedSteps, 1), values,
                    new Strided(ref row, paddedSteps, 1), new Strided(ref _context[(top + first) * shape.Width + head * headWidth], shape.Width, 1),
                    first, Math.Min(AttentionKernel.StripRows, queriesOfSample - first));
            }
        }
    }
}

/// <summary>The way back of all heads, in the same parts; the gradients of keys and values are added to what is there.</summary>
internal readonly ref struct AttentionBackward(
    AttentionShape shape, int queriesOfSample, Strided queries, Strided keys, Strided values, ReadOnlySpan<float> probabilities, Span<float> contextGradient,
    Strided queryGradients, Strided keyGradients, Strided valueGradients) : IPartedWork
{
    private readonly Strided _queries = queries, _keys = keys, _values = values, _queryGradients = queryGradients, _keyGradients = keyGradients, _valueGradients = valueGradients;
    private readonly ref float _probabilities = ref MemoryMarshal.GetReference(probabilities);
    private readonly ref float _contextGradient = ref MemoryMarshal.GetReference(contextGradient);

    public void RunPart(int part)
    {
        (int sample, int shared) = Math.DivRem(part, shape.KeyValueHeads);
        int steps = shape.Steps, paddedSteps = shape.PaddedSteps, headWidth = shape.HeadWidth, top = sample * queriesOfSample, key = shared * headWidth;
        using Workspace.Lease lease = Workspace.Rent(checked((headWidth + AttentionKernel.StripRows) * paddedSteps));
        Span<float> transposed = lease.Span[..(headWidth * paddedSteps)];
        var scores = new Strided(ref lease.Span[transposed.Length], paddedSteps, 1);
        var context = new Strided(ref _contextGradient, shape.Width, 1);
        AttentionKernel.Transpose(_values.From(sample * steps, key), transposed, steps, headWidth, paddedSteps);
        for (int head = shared * shape.Group; head < (shared + 1) * shape.Group; head++)
        {
            int column = head * headWidth;
            Strided probabilities = new Strided(ref _probabilities, paddedSteps, 1).From((nint)(sample * shape.Heads + head) * queriesOfSample, 0);
            for (int first = 0; first < queriesOfSample; first += AttentionKernel.StripRows)
            {
                AttentionKernel.Backward(
                    shape, _queries.From(top + first, column), _keys.From(sample * steps, key), new Strided(ref transposed[0], paddedSteps, 1), probabilities.From(first, 0),
                    context.From(top + first, column), scores, _queryGradients.From(top + first, column), _keyGradients.From(sample * steps, key),
                    _valueGradients.From(sample * steps, key), first, Math.Min(AttentionKernel.StripRows, queriesOfSample - first));
            }
        }
    }
}
