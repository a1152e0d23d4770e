namespace SimdNet.Kernels;

/// <summary>
/// One direction of a window that slides over an image: result r meets with tap k the source at
/// <c>r * Stride - Before + k * Dilation</c>, which is zero beyond its ends.
/// </summary>
internal readonly record struct Axis(int Source, int Kernel, int Stride, int Dilation, int Before, int Result)
{
    /// <summary>How much of the source a window spans.</summary>
    public int Extent => Kernel == 0 ? 0 : (Kernel - 1) * Dilation + 1;

    /// <summary>Whether no window reaches beyond the source.</summary>
    public bool IsInside => Kernel == 0 || Result == 0 || (Before <= 0 && ((Result - 1) * Stride) - Before + Extent <= Source);

    /// <summary>Whether result i is source i.</summary>
    public bool IsIdentity => Kernel == 1 && Stride == 1 && Before == 0 && Result == Source;

    /// <summary>The taps of result <paramref name="result"/> that lie within the source, as a range.</summary>
    public (int First, int End) TapsWithin(int result)
    {
        int origin = (result * Stride) - Before;
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
}
