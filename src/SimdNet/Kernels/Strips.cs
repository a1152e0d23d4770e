using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimdNet.Kernels;

/// <summary>
/// Some results of a window that slides over images, and where their windows lie: window (row, column) begins at
/// First + row RowStep + column PixelStep, and has Segments of Length floats, SegmentStep apart.
/// </summary>
internal readonly ref struct Strip
{
    private readonly ref float _first;

    public Strip(ref float first) => _first = ref first;

    /// <summary>The first result, rows counted through all samples.</summary>
    public int FirstRow { get; init; }

    /// <inheritdoc cref="FirstRow"/>
    public int FirstColumn { get; init; }

    public int Rows { get; init; }

    public int Columns { get; init; }

    public nint RowStep { get; init; }

    public nint PixelStep { get; init; }

    public nint Segments { get; init; }

    public nint SegmentStep { get; init; }

    public nint Length { get; init; }

    /// <summary>The distance between the taps of a segment.</summary>
    public nint TapStep { get; init; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float At(nint row, nint column) => ref Unsafe.Add(ref _first, row * RowStep + column * PixelStep);

    /// <summary>The same windows as one row, where they lie so.</summary>
    public Strip AsRow() => RowStep != Columns * PixelStep ? this : new Strip(ref _first)
    {
        FirstRow = FirstRow,
        FirstColumn = FirstColumn,
        Rows = 1,
        Columns = Rows * Columns,
        RowStep = RowStep,
        PixelStep = PixelStep,
        Segments = Segments,
        SegmentStep = SegmentStep,
        Length = Length,
        TapStep = TapStep,
    };
}

/// <summary>The results of a strip: rows of a sample, or where they may belong to several, of all samples together.</summary>
internal readonly record struct StripPlace(int Sample, int Row, int Rows, int Column, int Columns);

/// <summary>
/// How the results of a window that slides over images are cut into strips, whose windows lie in the cache together. Where every
/// window lies within the image, they are read where they are. Otherwise the rows of the image that a strip needs are copied between zeros; or,
/// where windows of several rows have gaps, or a row of results is too short for tiles, the windows themselves are copied, one after another. A window of
/// one row with gaps, as of a dilated sequence, is read tap by tap, unless its taps are further apart than a strip is long.
/// </summary>
internal sealed class Strips
{
    /// <summary>The floats of a strip: half of a first-level cache leaves room for weights, but one row of an image may need more.</summary>
    private const int Budget = 1 << 13;

    /// <summary>A depthwise window has so little to compute that rows must not be copied twice for two strips: a quarter of a second-level cache.</summary>
    private const int DepthwiseBudget = 1 << 15;

    /// <summary>Where rows are read in place, strips are parts for threads, and each reads two rows of another.</summary>
    private const int RowsBudget = 1 << 17;

    /// <summary>Shorter rows of results waste more in their last tile than it costs to copy windows.</summary>
    private const int LeastColumns = 6;

    /// <summary>A strip reads all weights, so it has some tiles to read them for, even where it does not fit into the first-level cache.</summary>
    private const int LeastPixels = 32;

    /// <summary>Columns are cut into whole tiles.</summary>
    private const int ColumnMultiple = 24;

    /// <summary>A block of floats may be read beyond the last pixel.</summary>
    private const int Slack = 16;

    private readonly Axis _vertical, _horizontal;
    private readonly int _channels, _step, _rows, _columns, _columnBlocks;
    private readonly bool _tapsAreSegments, _copiesWindows, _isDirect, _isFlat;

    /// <param name="vertical">The window from row to row.</param>
    /// <param name="horizontal">The window from column to column.</param>
    /// <param name="channels">The channels of a pixel that are read.</param>
    /// <param name="step">The channels of a pixel.</param>
    /// <param name="isDepthwise">Whether each channel is read by itself, in blocks.</param>
    public Strips(Axis vertical, Axis horizontal, int channels, int step, bool isDepthwise)
    {
        (_vertical, _horizontal, _channels, _step) = (vertical, horizontal, channels, step);
        IsOfRows = isDepthwise && horizontal is { Kernel: 3, Stride: 1, Dilation: 1 } && channels >= SumOrder.Lanes(channels);
        bool isApart = horizontal.Dilation > 1 && horizontal.Kernel > 1, isShort = horizontal.Result < LeastColumns && vertical.Result > 1;
        _tapsAreSegments = isApart && !isShort && !isDepthwise && vertical.Kernel == 1 && horizontal.Dilation <= Math.Min(horizontal.Result, Budget / ((long)step * horizontal.Stride));
        _copiesWindows = !isDepthwise && !(vertical.IsIdentity && horizontal.IsIdentity) && ((isApart && !_tapsAreSegments) || isShort);
        bool isDense = horizontal.Kernel <= 1 || _tapsAreSegments || (horizontal.Dilation == 1 && channels == step);
        _isDirect = !_copiesWindows && vertical.IsInside && horizontal.IsInside && (isDepthwise ? channels % SumOrder.Lanes(channels) == 0 : isDense);
        _isFlat = _copiesWindows || (vertical.IsIdentity && horizontal.IsIdentity && !isDepthwise);

        long pixel = _copiesWindows ? Taps * channels : (long)step * horizontal.Stride * (_isFlat ? 1 : vertical.Stride);
        long row = Math.Max(1, pixel * horizontal.Result), budget = IsOfRows ? RowsBudget : isDepthwise ? DepthwiseBudget : Budget;
        bool cutsRows = row > budget && horizontal.Result > 2 * ColumnMultiple && vertical.Result < 4;
        _columns = cutsRows ? (int)Math.Max(1, budget / pixel / ColumnMultiple) * ColumnMultiple : horizontal.Result;
        _columnBlocks = (horizontal.Result + Math.Max(1, _columns) - 1) / Math.Max(1, _columns);
        _rows = _columnBlocks > 1 ? 1 : (int)Math.Max(1, Math.Min(Math.Max(budget / row, LeastPixels / Math.Max(1, horizontal.Result)), _isFlat ? Budget : vertical.Result));
    }

    /// <summary>Whether the windows are three neighbouring columns of single channels, which <see cref="DepthwiseRows"/> reads where they are.</summary>
    public bool IsOfRows { get; }

    /// <summary>The positions of the window.</summary>
    public long Taps => (long)_vertical.Kernel * _horizontal.Kernel;

    /// <summary>The results of one sample.</summary>
    public Axis Vertical => _vertical;

    /// <inheritdoc cref="Vertical"/>
    public Axis Horizontal => _horizontal;

    /// <summary>The floats of scratch memory that <see cref="Open"/> needs.</summary>
    public int ScratchLength => _isDirect ? 0
        : checked(Slack + (_copiesWindows ? _rows * _columns * (int)Taps * _channels : ((_rows - 1) * _vertical.Stride + _vertical.Extent) * RowLength(_columns)));

    /// <summary>The most results of a strip.</summary>
    public int Pixels => _rows * _columns;

    /// <summary>How many strips there are.</summary>
    public int Count(int batch) => _columnBlocks * (_isFlat ? (int)(((long)batch * _vertical.Result + _rows - 1) / _rows) : batch * ((_vertical.Result + _rows - 1) / _rows));

    /// <summary>The results of strip <paramref name="index"/>.</summary>
    public StripPlace Place(int index, int batch)
    {
        (int rowBlock, int columnBlock) = Math.DivRem(index, _columnBlocks);
        int column = columnBlock * _columns, columns = Math.Min(_columns, _horizontal.Result - column);
        int sample = 0, row = rowBlock * _rows, rows = batch * _vertical.Result;
        if (!_isFlat)
        {
            (sample, int block) = Math.DivRem(rowBlock, (_vertical.Result + _rows - 1) / _rows);
            (row, rows) = (block * _rows, _vertical.Result);
        }
        return new StripPlace(sample, row, Math.Min(_rows, rows - row), column, columns);
    }

    /// <summary>Strip <paramref name="index"/> of the first image's at <paramref name="source"/>.</summary>
    [MethodImpl(Jit.Kernel)]
    public Strip Open(int index, int batch, ref float source, Span<float> scratch)
    {
        (int sample, int row, int rows, int column, int columns) = Place(index, batch);
        int firstRow = sample * _vertical.Result + row;
        nint line = (nint)_horizontal.Source * _step;
        ref float target = ref MemoryMarshal.GetReference(scratch);
        if (_copiesWindows)
        {
            CopyWindows(ref source, firstRow, rows, column, columns, ref target);
            nint window = (nint)Taps * _channels;
            return new Strip(ref target)
            {
                FirstRow = firstRow,
                FirstColumn = column,
                Rows = rows,
                Columns = columns,
                RowStep = columns * window,
                PixelStep = window,
                Segments = 1,
                SegmentStep = window,
                Length = window,
            };
        }
        ref float image = ref Unsafe.Add(ref source, sample * _vertical.Source * line);
        int top = row * _vertical.Stride - _vertical.Before, left = column * _horizontal.Stride - _horizontal.Before;
        nint rowLength = line, pixel = _step;
        if (!_isDirect)
        {
            (rowLength, pixel) = (RowLength(columns), _channels);
            for (int i = 0; i < (rows - 1) * _vertical.Stride + _vertical.Extent; i++)
            {
                Span<float> copy = scratch.Slice(i * (int)rowLength, (int)rowLength);
                if ((uint)(top + i) >= (uint)_vertical.Source) copy.Clear();
                else CopyRow(ref Unsafe.Add(ref image, (top + i) * line), left, copy);
            }
        }
        return new Strip(ref _isDirect ? ref Unsafe.Add(ref image, top * line + left * (nint)_step) : ref target)
        {
            FirstRow = firstRow,
            FirstColumn = column,
            Rows = rows,
            Columns = columns,
            RowStep = _vertical.Stride * rowLength,
            PixelStep = _horizontal.Stride * pixel,
            Segments = _tapsAreSegments ? _horizontal.Kernel : _vertical.Kernel,
            SegmentStep = _tapsAreSegments ? _horizontal.Dilation * pixel : _vertical.Dilation * rowLength,
            Length = (_tapsAreSegments ? 1 : _horizontal.Kernel) * (nint)_channels,
            TapStep = _horizontal.Dilation * pixel,
        };
    }

    private int RowLength(int columns) => ((columns - 1) * _horizontal.Stride + _horizontal.Extent) * _channels;

    /// <summary>Pixels of a row from column <paramref name="left"/> on, between zeros.</summary>
    [MethodImpl(Jit.Kernel)]
    private void CopyRow(ref float line, int left, Span<float> target)
    {
        int pixels = target.Length / _channels;
        int zeros = Math.Clamp(-left, 0, pixels), count = Math.Clamp(_horizontal.Source - left - zeros, 0, pixels - zeros);
        target[..(zeros * _channels)].Clear();
        CopyPixels(ref Unsafe.Add(ref line, (left + zeros) * (nint)_step), count, target.Slice(zeros * _channels, count * _channels));
        target[((zeros + count) * _channels)..].Clear();
    }

    [MethodImpl(Jit.Kernel)]
    private void CopyPixels(ref float source, int count, Span<float> target)
    {
        if (_channels == _step)
        {
            MemoryMarshal.CreateReadOnlySpan(ref source, count * _channels).CopyTo(target);
            return;
        }
        for (int i = 0; i < count; i++) MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref source, i * (nint)_step), _channels).CopyTo(target[(i * _channels)..]);
    }

    [MethodImpl(Jit.Kernel)]
    private void CopyWindows(ref float source, int firstRow, int rows, int firstColumn, int columns, ref float target)
    {
        nint line = (nint)_horizontal.Source * _step;
        int length = _horizontal.Kernel * _channels;
        for (int i = 0; i < rows; i++)
        {
            (int sample, int row) = Math.DivRem(firstRow + i, _vertical.Result);
            ref float image = ref Unsafe.Add(ref source, sample * _vertical.Source * line);
            int top = row * _vertical.Stride - _vertical.Before;
            for (int column = firstColumn; column < firstColumn + columns; column++)
            {
                int left = column * _horizontal.Stride - _horizontal.Before;
                for (int y = 0; y < _vertical.Kernel; y++)
                {
                    Span<float> segment = MemoryMarshal.CreateSpan(ref target, length);
                    target = ref Unsafe.Add(ref target, length);
                    int at = top + y * _vertical.Dilation;
                    if ((uint)at >= (uint)_vertical.Source) segment.Clear();
                    else CopyTaps(ref Unsafe.Add(ref image, at * line), left, segment);
                }
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void CopyTaps(ref float line, int left, Span<float> target)
    {
        if (_horizontal.Dilation == 1)
        {
            CopyRow(ref line, left, target);
            return;
        }
        for (int x = 0; x < _horizontal.Kernel; x++)
        {
            int at = left + x * _horizontal.Dilation;
            Span<float> tap = target.Slice(x * _channels, _channels);
            if ((uint)at >= (uint)_horizontal.Source) tap.Clear();
            else MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref line, at * (nint)_step), _channels).CopyTo(tap);
        }
    }
}

/// <summary>Where results go: the first one, and the distances between samples, rows and pixels.</summary>
internal readonly ref struct Target(ref float first, nint sample, nint row, nint pixel)
{
    private readonly ref float _first = ref first;

    public nint Pixel { get; } = pixel;

    /// <summary>Whether results of this shape follow one another.</summary>
    public bool IsContiguous(int rows, int columns) => row == columns * Pixel && sample == rows * row;

    /// <summary>The result in this row, counted through all samples of <paramref name="rows"/> rows.</summary>
    public ref float At(int index, int rows, int column)
    {
        (int image, int line) = Math.DivRem(index, rows);
        return ref Unsafe.Add(ref _first, image * sample + line * row + column * Pixel);
    }

    /// <summary>The same results, from this channel on.</summary>
    public Target From(nint channel) => new(ref Unsafe.Add(ref _first, channel), sample, row, Pixel);
}
