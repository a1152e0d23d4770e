using System.Runtime.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// One direction of a window that slides over an image: result r meets with tap k the source at
/// <c>r * Stride - Before + k * Dilation</c>, which is zero beyond its ends.
/// </summary>
internal readonly record struct Axis(int Source, int Kernel, int Stride, int Dilation, int Before, int Result)
{
    /// <summary>As many windows as fit into the padded source.</summary>
    /// <exception cref="ArgumentException">A number is out of its range, or not one window fits.</exception>
    public static Axis Over(int source, int kernel, int stride, int dilation, int before, int after, string side)
    {
        Check(source, kernel, stride, dilation, before, after, side);
        long span = (kernel - 1L) * dilation + 1, padded = (long)source + before + after;
        if (span > padded) throw new ArgumentException($"A window spans {span} of the {side}, but the padded input has only {padded}.", side);
        return new Axis(source, kernel, stride, dilation, before, (int)Math.Min(int.MaxValue, (padded - span) / stride + 1));
    }

    /// <summary>Windows over a source of the size that a transposed convolution of <paramref name="results"/> makes.</summary>
    /// <exception cref="ArgumentException">A number is out of its range, or nothing is left of the source.</exception>
    public static Axis Onto(int results, int kernel, int stride, int dilation, int before, int after, int outputPadding, string side)
    {
        Check(results, kernel, stride, dilation, before, after, side);
        if (outputPadding < 0 || (outputPadding > 0 && outputPadding >= Math.Max(stride, dilation)))
            throw new ArgumentException($"Expected an output padding of the {side} below the stride {stride} or the dilation {dilation}, but it is {outputPadding}.", side);
        long source = (results - 1L) * stride + (kernel - 1L) * dilation + 1 - before - after + outputPadding;
        if (source is <= 0 or > int.MaxValue) throw new ArgumentOutOfRangeException(side, $"The {side} of the output would be {source}.");
        return new Axis((int)source, kernel, stride, dilation, before, results);
    }

    /// <summary>How much of the source a window spans.</summary>
    public int Extent
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Kernel == 0 ? 0 : (Kernel - 1) * Dilation + 1;
    }

    /// <summary>Whether no window reaches beyond the source.</summary>
    public bool IsInside => Kernel == 0 || Result == 0 || (Before <= 0 && ((Result - 1) * Stride) - Before + Extent <= Source);

    /// <summary>Whether result i is source i.</summary>
    public bool IsIdentity => Kernel == 1 && Stride == 1 && Before == 0 && Result == Source;

    /// <summary>Whether windows cut the source into pieces, side by side and without a rest.</summary>
    public bool IsCut => Dilation == 1 && Stride == Kernel && Before == 0 && Result * Stride == Source;

    /// <summary>The taps of result <paramref name="result"/> that lie within the source, as a range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (int First, int End) TapsWithin(int result)
    {
        int origin = (result * Stride) - Before;
        if (origin >= 0 && origin + Extent <= Source) return (0, Kernel);
        int first = origin >= 0 ? 0 : (-origin + Dilation - 1) / Dilation;
        int end = origin >= Source ? 0 : Math.Min(Kernel, (Source - 1 - origin) / Dilation + 1);
        return (first, Math.Max(first, end));
    }

    /// <summary>
    /// The way back, from results to every Stride-th source from <paramref name="phase"/> on: a window of stride one over the results, whose taps
    /// are some of this one's in descending order (<see cref="BackTap"/>). It has none where these sources meet no result.
    /// </summary>
    public Axis Back(int phase)
    {
        (int first, int step, int count) = BackTaps(phase);
        int dilation = step * Dilation / Stride, offset = (phase + Before - first * Dilation) / Stride;
        return new Axis(Result, count, 1, dilation, (count - 1) * dilation - offset, phase < Source ? (Source - phase - 1) / Stride + 1 : 0);
    }

    /// <summary>The tap of this axis which is tap <paramref name="index"/> of the way back.</summary>
    public int BackTap(int phase, int index)
    {
        (int first, int step, int count) = BackTaps(phase);
        return first + (count - 1 - index) * step;
    }

    /// <summary>The taps that join the sources of a phase with results: those for which the distance is a multiple of the stride.</summary>
    private (int First, int Step, int Count) BackTaps(int phase)
    {
        int step = 1, first = 0;
        while (step * Dilation % Stride != 0) step++;
        while (first < step && (phase + Before - first * Dilation) % Stride != 0) first++;
        return first == step || first >= Kernel ? (0, step, 0) : (first, step, (Kernel - 1 - first) / step + 1);
    }

    private static void Check(int size, int kernel, int stride, int dilation, int before, int after, string side)
    {
        if (size <= 0 || kernel <= 0 || stride <= 0 || dilation <= 0 || before < 0 || after < 0)
            throw new ArgumentOutOfRangeException(side, $"Expected a positive {side}, kernel, stride and dilation, and padding that is not negative, but they are {size}, {kernel}, {stride}, {dilation}, {before} and {after}.");
    }
}
