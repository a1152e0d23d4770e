using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>
/// A convolution's way forward (outputs gather from inputs), its way back (outputs scatter to inputs), and the gradients of its weights. A transposed
/// convolution is the same the other way round. Results and gradients do not depend on the width of a block, on the batch, or on threads.
/// </summary>
internal sealed class ConvolutionKernel
{
    /// <summary>Parts of a weight gradient are whole tiles of six or eight rows, with fours.</summary>
    private const int RowMultiple = 12;

    /// <summary>From this distance on, between rows of weights, a copy of them that lies as tiles read it pays.</summary>
    private const int LeastColumnsToPack = 64;

    /// <summary>As many results must read a copy.</summary>
    private const int LeastPixelsToPack = 24;

    private readonly ConvolutionShape _shape;
    private readonly Strips _forward;
    private readonly Strips[] _back;
    private readonly int _inputs, _outputs, _paddedOutputs, _window;

    public ConvolutionKernel(ConvolutionShape shape)
    {
        _shape = shape;
        bool depthwise = shape.IsDepthwise;
        (_inputs, _outputs) = depthwise ? (shape.Groups, shape.Groups) : (shape.InputChannels / shape.Groups, shape.OutputChannels / shape.Groups);
        _paddedOutputs = SumOrder.PaddedOutputs(_outputs);
        _window = shape.Vertical.Kernel * shape.Horizontal.Kernel * (depthwise ? 1 : _inputs);
        _forward = new Strips(shape.Vertical, shape.Horizontal, _inputs, shape.InputChannels, depthwise);
        _back = new Strips[shape.Vertical.Stride * shape.Horizontal.Stride];
        for (int phase = 0; phase < _back.Length; phase++)
        {
            (int y, int x) = Math.DivRem(phase, shape.Horizontal.Stride);
            _back[phase] = new Strips(shape.Vertical.Back(y), shape.Horizontal.Back(x), _outputs, shape.OutputChannels, depthwise);
        }
    }

    /// <summary>The groups that are computed one after another: a depthwise convolution is one.</summary>
    private int Groups => _shape.BiasGroups;

    /// <summary>
    /// <c>y = f(x * W + b)</c>: each sum is one chain of multiply-adds that begins with the bias and goes through the window's rows, columns and
    /// inputs.
    /// </summary>
    /// <param name="bias">b, padded; empty where there is none.</param>
    public void Gather<TActivation>(ReadOnlySpan<float> x, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, TActivation activation, Span<float> y, int batch)
        where TActivation : struct, IActivation
    {
        int channels = _shape.OutputChannels;
        using Workspace.Lease zeros = Zeros(bias, _shape.BiasLength);
        var target = new Target(ref MemoryMarshal.GetReference(y), _shape.OutputLength, (nint)_shape.OutputWidth * channels, channels);
        Run(_forward, x, _inputs, weights, bias.IsEmpty ? zeros.Span : bias, _outputs, target, activation, y, batch);
    }

    /// <summary>
    /// <c>dx = f(Wᵀ * dy + b)</c>: each sum is one chain of multiply-adds that begins with the bias and goes through the results it meets, rows, columns and
    /// outputs in ascending order.
    /// </summary>
    /// <param name="bias">b, padded for each group of inputs; empty where there is none.</param>
    public void Scatter<TActivation>(
        ReadOnlySpan<float> dy, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, TActivation activation, Span<float> dx, int batch)
        where TActivation : struct, IActivation
    {
        int channels = _shape.InputChannels, stride = _shape.Horizontal.Stride, padded = SumOrder.PaddedOutputs(_inputs);
        using Workspace.Lease zeros = Zeros(bias, Groups * padded);
        using Workspace.Lease turned = Workspace.Rent(_shape.Vertical.Kernel * _shape.Horizontal.Kernel * Groups * padded * (_shape.IsDepthwise ? 1 : _outputs));
        for (int phase = 0; phase < _back.Length; phase++)
        {
            Strips back = _back[phase];
            (int y, int x) = Math.DivRem(phase, stride);
            if (back.Vertical.Result == 0 || back.Horizontal.Result == 0) continue;
            Turn(back, y, x, weights, padded, turned.Span);
            nint row = (nint)_shape.InputWidth * channels;
            var target = new Target(ref Unsafe.Add(ref MemoryMarshal.GetReference(dx), y * row + x * (nint)channels), _shape.InputLength, row * _shape.Vertical.Stride, (nint)stride * channels);
            Run(back, dy, _outputs, turned.Span, bias.IsEmpty ? zeros.Span : bias, _inputs, target, default(Identity), default, batch);
        }
        if (typeof(TActivation) != typeof(Identity)) ElementwiseLayer.Forward(activation, dx, dx);
    }

    /// <summary>
    /// <c>dW = windows(x)ᵀ dy</c>, each one chain of multiply-adds over the samples and their results, row by row; padding becomes zero.
    /// </summary>
    public void Gradients(ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> weightsGradient, int batch)
    {
        weightsGradient.Clear();
        int rows = _shape.IsDepthwise ? _paddedOutputs : Groups * _window;
        int rowsOfPart = WorkerPool.RowsOfPart(rows, Work(batch), rows, _shape.IsDepthwise ? SumOrder.Lanes(_outputs) : RowMultiple);
        var work = new WeightGradients(this, x, dy, weightsGradient, batch, rows, rowsOfPart);
        WorkerPool.Run(ref work, (rows + rowsOfPart - 1) / rowsOfPart, Work(batch));
    }

    /// <summary><c>db = Σ dy</c> over samples and pixels in ascending order; dy is [pixels, groups, channels], db is [groups, channels padded].</summary>
    public static void BiasGradient(ReadOnlySpan<float> dy, Span<float> biasGradient, int groups, int channels)
    {
        biasGradient.Clear();
        using Workspace.Lease lease = Workspace.Rent(groups * channels);
        var sums = new BiasSums(dy, lease.Span);
        BlockDispatch.RunRegisters(ref sums);
        int padded = biasGradient.Length / groups;
        for (int group = 0; group < groups; group++) lease.Span.Slice(group * channels, channels).CopyTo(biasGradient[(group * padded)..]);
    }

    private long Work(int batch) => (long)batch * _shape.OutputHeight * _shape.OutputWidth * Groups * _window * _paddedOutputs;

    private void Run<TActivation>(
        Strips strips, ReadOnlySpan<float> source, int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> start, int outputs,
        Target target, TActivation activation, Span<float> y, int batch)
        where TActivation : struct, IActivation
    {
        int padded = SumOrder.PaddedOutputs(outputs), window = (int)strips.Taps * inputs;
        long pixels = (long)batch * strips.Vertical.Result * strips.Horizontal.Result;
        bool packs = !_shape.IsDepthwise && padded >= LeastColumnsToPack && pixels >= LeastPixelsToPack;
        using Workspace.Lease lease = Workspace.Rent(packs ? Groups * window * padded : 0);
        if (packs)
        {
            var pack = new Packing(weights, Groups, window, outputs, lease.Span);
            BlockDispatch.Run(ref pack, SumOrder.Lanes(outputs));
            weights = lease.Span;
        }
        var sums = new Sums<TActivation>(this, strips, source, inputs, weights, packs, start, outputs, target, activation, y, batch);
        WorkerPool.Run(ref sums, strips.Count(batch), _shape.IsDepthwise ? pixels * strips.Taps * padded : pixels * Groups * window * padded);
    }

    private static Workspace.Lease Zeros(ReadOnlySpan<float> bias, int length)
    {
        Workspace.Lease lease = Workspace.Rent(bias.IsEmpty ? length : 0);
        lease.Span.Clear();
        return lease;
    }

    /// <summary>The weights of a phase of the way back, [group][tap of the way back][output][input, padded], or [tap of the way back][channel, padded].</summary>
    private void Turn(Strips back, int phaseY, int phaseX, ReadOnlySpan<float> weights, int padded, Span<float> turned)
    {
        (int group, _, _, int y, int x) = _shape.WeightStrides;
        for (int g = 0; g < Groups; g++)
        {
            for (int i = 0; i < back.Vertical.Kernel; i++)
            {
                for (int j = 0; j < back.Horizontal.Kernel; j++)
                {
                    ReadOnlySpan<float> tap = weights[(g * group + _shape.Vertical.BackTap(phaseY, i) * y + _shape.Horizontal.BackTap(phaseX, j) * x)..];
                    if (_shape.IsDepthwise)
                    {
                        tap[..padded].CopyTo(turned);
                        turned = turned[padded..];
                        continue;
                    }
                    TransposeKernel.Run(ref MemoryMarshal.GetReference(tap), _paddedOutputs, _inputs, _outputs, ref MemoryMarshal.GetReference(turned), padded);
                    turned = turned[(_outputs * padded)..];
                }
            }
        }
    }

    /// <summary>Copies weights as tiles read them.</summary>
    private readonly ref struct Packing(ReadOnlySpan<float> weights, int groups, int window, int outputs, Span<float> copy) : IBlockOperation
    {
        private readonly ref float _weights = ref MemoryMarshal.GetReference(weights);
        private readonly ref float _copy = ref MemoryMarshal.GetReference(copy);

        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            int padded = SumOrder.PaddedOutputs(outputs);
            for (nint group = 0; group < groups; group++)
                ConvolutionTiles.Pack<TBlock>(ref Unsafe.Add(ref _weights, group * window * padded), padded, window, outputs, ref Unsafe.Add(ref _copy, group * window * padded));
        }
    }

    /// <summary>Sums of windows, a part a strip: all groups, and then the activation while the results are in the cache.</summary>
    private ref struct Sums<TActivation>(
        ConvolutionKernel kernel, Strips strips, ReadOnlySpan<float> source, int inputs, ReadOnlySpan<float> weights, bool isPacked, ReadOnlySpan<float> start, int outputs,
        Target target, TActivation activation, Span<float> y, int batch) : IBlockOperation, IPartedWork
        where TActivation : struct, IActivation
    {
        private readonly ref float _source = ref MemoryMarshal.GetReference(source);
        private readonly ref float _weights = ref MemoryMarshal.GetReference(weights);
        private readonly ref float _start = ref MemoryMarshal.GetReference(start);
        private readonly Target _target = target;
        private readonly Span<float> _y = y;
        private int _part;

        public readonly void RunPart(int part)
        {
            Sums<TActivation> copy = this;
            copy._part = part;
            if (strips.IsOfRows) BlockDispatch.RunRegisters(ref copy, SumOrder.Lanes(outputs));
            else BlockDispatch.Run(ref copy, SumOrder.Lanes(outputs));
        }

        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            int rows = strips.Vertical.Result, columns = strips.Horizontal.Result, padded = SumOrder.PaddedOutputs(outputs);
            int firstRow = 0, firstColumn = 0, count = 0;
            if (strips.IsOfRows)
            {
                StripPlace place = strips.Place(_part, batch);
                RunRows<TBlock>(place, rows);
                Activate(place.Sample * rows + place.Row, place.Column, place.Rows * place.Columns);
                return;
            }
            using Workspace.Lease lease = Workspace.Rent(strips.ScratchLength);
            for (int group = 0; group < kernel.Groups; group++)
            {
                Strip strip = strips.Open(_part, batch, ref Unsafe.Add(ref _source, (nint)group * inputs), lease.Span);
                (firstRow, firstColumn, count) = (strip.FirstRow, strip.FirstColumn, strip.Rows * strip.Columns);
                Target target = _target.From((nint)group * outputs);
                ref float bias = ref Unsafe.Add(ref _start, (nint)group * padded);
                if (kernel._shape.IsDepthwise)
                {
                    new DepthwiseTiles(strip, ref _weights, padded, ref bias, target, rows, outputs).Run<TBlock>();
                    continue;
                }
                if (target.IsContiguous(rows, columns)) strip = strip.AsRow();
                nint window = (nint)strips.Taps * inputs;
                new ConvolutionTiles(strip, ref Unsafe.Add(ref _weights, group * window * padded), isPacked ? 0 : padded, window, ref bias, target, rows, outputs).Run<TBlock>();
            }
            Activate(firstRow, firstColumn, count);
        }

        private readonly void RunRows<TBlock>(StripPlace place, int rows) where TBlock : struct, IBlock<TBlock>
        {
            bool isInside = strips.Vertical.IsInside && strips.Horizontal.IsInside;
            int line = strips.Horizontal.Source * outputs;
            using Workspace.Lease zeros = Workspace.Rent(isInside ? 0 : line);
            zeros.Span.Clear();
            ref float image = ref Unsafe.Add(ref _source, (nint)place.Sample * strips.Vertical.Source * line);
            var windows = new DepthwiseRows(strips, ref image, ref MemoryMarshal.GetReference(zeros.Span), ref _weights, ref _start, outputs, SumOrder.PaddedOutputs(outputs));
            int end = place.Column + place.Columns;
            for (int column = place.Column, next; column < end; column = next)
            {
                next = windows.EndOfColumns(column, end);
                for (int row = place.Row; row < place.Row + place.Rows; row++)
                    windows.Run<TBlock>(row, column, next, ref _target.At(place.Sample * rows + row, rows, column), _target.Pixel);
            }
        }

        /// <summary>Applies the activation to some results that follow one another.</summary>
        private readonly void Activate(int firstRow, int firstColumn, int count)
        {
            if (typeof(TActivation) == typeof(Identity)) return;
            int channels = kernel._shape.OutputChannels;
            Span<float> results = _y.Slice((firstRow * strips.Horizontal.Result + firstColumn) * channels, count * channels);
            ElementwiseLayer.Forward(activation, results, results);
        }
    }

    /// <summary>Gradients of weights, a part some rows of them, which it adds up over all strips: no sum is ever cut.</summary>
    private ref struct WeightGradients(
        ConvolutionKernel kernel, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> weightsGradient, int batch, int rows, int rowsOfPart) : IBlockOperation, IPartedWork
    {
        private readonly ref float _x = ref MemoryMarshal.GetReference(x);
        private readonly ref float _dy = ref MemoryMarshal.GetReference(dy);
        private readonly ref float _weightsGradient = ref MemoryMarshal.GetReference(weightsGradient);
        private int _part;

        public readonly void RunPart(int part)
        {
            WeightGradients copy = this;
            copy._part = part;
            BlockDispatch.Run(ref copy, SumOrder.Lanes(kernel._outputs));
        }

        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            Strips strips = kernel._forward;
            ConvolutionShape shape = kernel._shape;
            int outputs = kernel._outputs, padded = kernel._paddedOutputs, window = kernel._window;
            int first = _part * rowsOfPart, end = Math.Min(rows, first + rowsOfPart), count = strips.Count(batch);
            using Workspace.Lease lease = Workspace.Rent(strips.ScratchLength), gradients = Workspace.Rent(padded == outputs ? 0 : strips.Pixels * padded);
            for (int index = 0; index < count; index++)
            {
                for (int group = shape.IsDepthwise ? 0 : first / window; group < kernel.Groups && (shape.IsDepthwise || group * window < end); group++)
                {
                    Strip strip = strips.Open(index, batch, ref Unsafe.Add(ref _x, (nint)group * kernel._inputs), lease.Span);
                    nint pixel = (nint)strip.FirstRow * shape.OutputWidth + strip.FirstColumn, step = shape.OutputChannels;
                    ref float gradient = ref Unsafe.Add(ref _dy, pixel * step + group * outputs);
                    if (padded != outputs)
                    {
                        Pad(ref gradient, step, strip.Rows * strip.Columns, outputs, padded, gradients.Span);
                        gradient = ref MemoryMarshal.GetReference(gradients.Span);
                        step = padded;
                    }
                    ref float target = ref Unsafe.Add(ref _weightsGradient, (nint)group * window * padded);
                    if (shape.IsDepthwise) new DepthwiseGradientTiles(strip, ref gradient, step, ref target, padded, shape.Horizontal.Kernel).Run<TBlock>(first, end);
                    else new ConvolutionGradientTiles(strip.AsRow(), ref gradient, step, ref target, padded).Run<TBlock>(first - group * window, end - group * window);
                }
            }
        }

        private static void Pad(ref float gradient, nint step, int pixels, int outputs, int padded, Span<float> target)
        {
            for (int pixel = 0; pixel < pixels; pixel++)
            {
                MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref gradient, pixel * step), outputs).CopyTo(target);
                target[outputs..padded].Clear();
                target = target[padded..];
            }
        }
    }

    /// <summary>Sums over pixels for every channel, four registers of channels together: each is a chain that waits for itself.</summary>
    private readonly ref struct BiasSums(ReadOnlySpan<float> dy, Span<float> sums) : IBlockOperation
    {
        private readonly ref float _dy = ref MemoryMarshal.GetReference(dy);
        private readonly ref float _sums = ref MemoryMarshal.GetReference(sums);
        private readonly int _channels = sums.Length;
        private readonly int _pixels = dy.Length / sums.Length;

        [MethodImpl(Jit.Kernel)]
        public void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            int channel = 0;
            for (; channel <= _channels - 4 * TBlock.Count; channel += 4 * TBlock.Count)
            {
                TBlock s0 = TBlock.Zero, s1 = TBlock.Zero, s2 = TBlock.Zero, s3 = TBlock.Zero;
                ref float pixel = ref Unsafe.Add(ref _dy, channel);
                for (int i = 0; i < _pixels; i++)
                {
                    s0 += TBlock.Load(ref pixel, 0);
                    s1 += TBlock.Load(ref pixel, TBlock.Count);
                    s2 += TBlock.Load(ref pixel, 2 * TBlock.Count);
                    s3 += TBlock.Load(ref pixel, 3 * TBlock.Count);
                    pixel = ref Unsafe.Add(ref pixel, _channels);
                }
                TBlock.Store(s0, ref _sums, channel);
                TBlock.Store(s1, ref _sums, channel + TBlock.Count);
                TBlock.Store(s2, ref _sums, channel + 2 * TBlock.Count);
                TBlock.Store(s3, ref _sums, channel + 3 * TBlock.Count);
            }
            for (; channel < _channels; channel += TBlock.Count)
            {
                int count = Math.Min(TBlock.Count, _channels - channel);
                TBlock sum = TBlock.Zero;
                for (nint i = 0; i < _pixels; i++) sum += TBlock.LoadPartial(ref _dy, i * _channels + channel, count);
                TBlock.StorePartial(sum, ref _sums, channel, count);
            }
        }
    }
}
