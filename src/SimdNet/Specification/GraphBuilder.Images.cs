using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SimdNet.Kernels;
using SimdNet.Layers;

namespace SimdNet.Specification;

/// <summary>Layers over images and sequences: what sizes they take and give.</summary>
internal sealed partial class GraphBuilder
{
    /// <summary>More zeros, or a longer window, than any input asks for; sizes with them are whole numbers still.</summary>
    private const int MostPadding = 1 << 29;

    private const string NeedsImage = "declare the input as (channels, height, width), and put Flatten only before layers that take flat values";
    private const string NeedsSequence = "declare the input as (time, features), and put Flatten only before layers that take flat values";

    private LayerSpec? MakeConvolution(string kind, string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        bool isImage = kind.EndsWith("2D", StringComparison.Ordinal), isTransposed = kind.StartsWith("ConvTranspose", StringComparison.Ordinal);
        if (!HasRank(kind, shape, isImage)) return null;
        int filters = arguments.Integer("filters"), groups = arguments.Integer("groups", 1), channels = isImage ? shape[0] : shape[1];
        if (!ArePositive(kind, ("filters", filters), ("kernel", arguments.Integer("kernel")), ("stride", arguments.Integer("stride", 1)), ("dilation", arguments.Integer("dilation", 1)), ("groups", groups))) return null;
        if (!HasWindows(kind, arguments)) return null;
        if (channels % groups != 0 || filters % groups != 0)
        {
            Report(FaultKind.SizesDoNotFit, kind, $"{Text(channels)} channels and {Text(filters)} filters cannot be cut into {Text(groups)} groups; choose a divisor of both");
            return null;
        }
        WindowSpec vertical = isImage ? Window(shape[1], arguments, isTransposed) : WindowSpec.None, horizontal = Window(shape[shape.Count == 3 ? 2 : 0], arguments, isTransposed);
        long height = isTransposed ? vertical.Spread : vertical.Windows, width = isTransposed ? horizontal.Spread : horizontal.Windows;
        if (!Fits(kind, shape, height, width, horizontal)) return null;
        if (!IsSmallEnough(name, (double)height * width * filters) || !IsSmallEnough(name, (double)vertical.Kernel * horizontal.Kernel * (channels / groups) * filters)) return null;
        long storage = Math.Max(channels, filters) > MostUnits ? long.MaxValue : ConvolutionLayout.WeightLength(channels, filters, vertical.Kernel, horizontal.Kernel, groups);
        if (storage > int.MaxValue)
        {
            Report(FaultKind.TooLarge, name, (storage == long.MaxValue ? filters : storage).ToString(CultureInfo.InvariantCulture));
            return null;
        }
        return new ConvolutionSpec(
            name, inputs, new(isImage ? [filters, (int)height, (int)width] : [(int)width, filters]), vertical, horizontal, channels, filters, groups,
            arguments.Boolean("bias", true), isTransposed, (Initializer)arguments.Integer("initializer"), 0);
    }

    private LayerSpec? MakePooling(string kind, string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        bool isMax = kind.Contains("Max"), isGlobal = kind.StartsWith("Global", StringComparison.Ordinal);
        if (isGlobal)
        {
            if (shape.Count is not (2 or 3))
            {
                Report(FaultKind.WrongRank, kind, "an image or a sequence", Shapes.Text(shape), NeedsImage);
                return null;
            }
            (int rows, int columns, int depth) = shape.Count == 3 ? (shape[1], shape[2], shape[0]) : (1, shape[0], shape[1]);
            return new PoolingSpec(name, inputs, new([depth]), new(rows, rows, 1, 1, 0, 0), new(columns, columns, 1, 1, 0, 0), depth, isMax, shape.Count == 3, true);
        }
        bool isImage = kind.EndsWith("2D", StringComparison.Ordinal);
        if (!HasRank(kind, shape, isImage)) return null;
        int kernel = arguments.Integer("kernel", 2);
        if (!ArePositive(kind, ("kernel", kernel), ("stride", arguments.Integer("stride") == 0 ? kernel : arguments.Integer("stride")))) return null;
        if (!HasWindows(kind, arguments)) return null;
        WindowSpec vertical = isImage ? Window(shape[1], arguments, false) : WindowSpec.None, horizontal = Window(shape[isImage ? 2 : 0], arguments, false);
        int channels = isImage ? shape[0] : shape[1];
        if (!Fits(kind, shape, vertical.Windows, horizontal.Windows, horizontal)) return null;
        if (2L * horizontal.Before > kernel)
        {
            Report(FaultKind.SizesDoNotFit, kind, $"padding of {Text(horizontal.Before)} is more than half of the window of {Text(kernel)}, so some windows would hold nothing; pad less");
            return null;
        }
        return new PoolingSpec(name, inputs, new(isImage ? [channels, (int)vertical.Windows, (int)horizontal.Windows] : [(int)horizontal.Windows, channels]), vertical, horizontal, channels, isMax, isImage, arguments.Boolean("countIncludePad", true));
    }

    private LayerSpec? MakeUpsample(string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        int factor = arguments.Integer("factor");
        if (!HasRank("Upsample2D", shape, isImage: true) || !ArePositive("Upsample2D", ("factor", factor))) return null;
        return IsSmallEnough(name, (double)shape[0] * shape[1] * factor * shape[2] * factor)
            ? new UpsampleSpec(name, inputs, new([shape[0], shape[1] * factor, shape[2] * factor]), shape[1], shape[2], factor, arguments.Boolean("bilinear"))
            : null;
    }

    private LayerSpec? MakeZeroPad(string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        if (!HasRank("ZeroPad2D", shape, isImage: true)) return null;
        int top = arguments.Integer("top"), left = arguments.Integer("left"), bottom = arguments.Integer("bottom"), right = arguments.Integer("right");
        if (top < 0 || left < 0 || bottom < 0 || right < 0)
        {
            Report(FaultKind.SizesDoNotFit, "ZeroPad2D", $"padding of {Text(top)}, {Text(left)}, {Text(bottom)} and {Text(right)} must not be negative");
            return null;
        }
        return IsSmallEnough(name, shape[0] * ((double)shape[1] + top + bottom) * ((double)shape[2] + left + right))
            ? new ZeroPadSpec(name, inputs, new([shape[0], shape[1] + top + bottom, shape[2] + left + right]), shape[1], shape[2], top, left, bottom, right)
            : null;
    }

    private bool IsSmallEnough(string name, double floats)
    {
        if (floats <= int.MaxValue) return true;
        Report(FaultKind.TooLarge, name, floats.ToString("F0", CultureInfo.InvariantCulture));
        return false;
    }

    private LayerSpec? MakeNorm(string kind, string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        var norm = (NormKind)Enum.Parse(typeof(NormKind), kind);
        if (shape.Count > 3 || (shape.Count == 3 && norm is NormKind.LayerNorm or NormKind.RmsNorm))
        {
            Report(FaultKind.WrongRank, kind, "a flat input or a sequence", Shapes.Text(shape), "use GroupNorm for images; with one group it normalises a whole image");
            return null;
        }
        int channels = shape.Count == 3 ? shape[0] : shape[shape.Count - 1], groups = arguments.Integer("groups", 1);
        float epsilon = arguments.Single("epsilon", norm == NormKind.RmsNorm ? 1e-6f : 1e-5f), momentum = arguments.Single("momentum", 0.1f);
        if (groups <= 0 || channels % groups != 0)
        {
            Report(FaultKind.SizesDoNotFit, kind, $"{Text(channels)} channels cannot be cut into {Text(groups)} groups; choose a divisor");
            return null;
        }
        if (!(epsilon > 0) || float.IsInfinity(epsilon) || !(momentum is >= 0 and <= 1))
        {
            Report(FaultKind.SizesDoNotFit, kind, $"epsilon {Text(epsilon)} must be finite and above 0, and momentum {Text(momentum)} lies from 0 to 1");
            return null;
        }
        return new NormSpec(name, inputs, new(shape), norm, Shapes.Length(shape) / channels, channels, groups, epsilon, momentum);
    }

    private LayerSpec? MakePRelu(string name, EquatableArray<int> inputs, IReadOnlyList<int> shape)
    {
        if (shape.Count > 3)
        {
            Report(FaultKind.WrongRank, "PRelu", "flat values, a sequence or an image", Shapes.Text(shape), NeedsImage);
            return null;
        }
        int channels = shape.Count == 3 ? shape[0] : shape[shape.Count - 1];
        return new PReluSpec(name, inputs, new(shape), Shapes.Length(shape) / channels, channels);
    }

    private bool HasRank(string kind, IReadOnlyList<int> shape, bool isImage)
    {
        if (shape.Count == (isImage ? 3 : 2)) return true;
        string? oneStep = _declared[_declared.Count - 1].Inputs is [>= 0 and var before, ..] && _layers[before] is RecurrentSpec { ReturnSequences: false } recurrent && !isImage
            ? $"{recurrent.Name} gives its last step alone; let it give all: returnSequences: true" : null;
        Report(FaultKind.WrongRank, kind, isImage ? "an image, (channels, height, width)" : "a sequence, (time, features)", Shapes.Text(shape), oneStep ?? (isImage ? NeedsImage : NeedsSequence));
        return false;
    }

    private bool ArePositive(string kind, params (string Name, int Value)[] sizes)
    {
        foreach ((string size, int value) in sizes)
        {
            if (value > 0) continue;
            Report(FaultKind.NotPositive, $"The {size} of {kind}", Text(value));
            return false;
        }
        return true;
    }

    private bool Fits(string kind, IReadOnlyList<int> shape, long height, long width, WindowSpec window)
    {
        if (height > 0 && width > 0) return true;
        Report(FaultKind.SizesDoNotFit, kind, $"a window that spans {window.Span.ToString(CultureInfo.InvariantCulture)} does not fit into {Shapes.Text(shape)}, ({(shape.Count == 3 ? "channels, height, width" : "time, features")}); use a smaller kernel or dilation, or padding");
        return false;
    }

    /// <summary>Whether windows and the padding around them are such that sizes can be computed with them.</summary>
    private bool HasWindows(string kind, LayerArguments arguments)
    {
        int pad = arguments.Integer("pad");
        var padding = (Padding)arguments.Integer("padding");
        if (padding is not (Padding.Valid or Padding.Same or Padding.Causal) || (padding == Padding.Causal && kind.EndsWith("2D", StringComparison.Ordinal)))
        {
            Report(FaultKind.SizesDoNotFit, kind, padding == Padding.Causal ? "causal padding is for sequences, whose time has a direction; use Same, or ZeroPad2D before it" : $"there is no padding of number {Text((int)padding)}; use Valid, Same or Causal");
            return false;
        }
        long span = (arguments.Integer("kernel", 2) - 1L) * arguments.Integer("dilation", 1) + 1;
        if (pad is >= 0 and <= MostPadding && span <= MostPadding) return true;
        Report(FaultKind.SizesDoNotFit, kind, pad < 0 ? $"padding of {Text(pad)} must not be negative; use 0, or Slice to leave something out"
            : pad > MostPadding ? $"padding of {Text(pad)} is more than {Text(MostPadding)}; pad less"
            : $"a window that spans {span.ToString(CultureInfo.InvariantCulture)} does not fit into any input; use a smaller kernel or dilation");
        return false;
    }

    private static WindowSpec Window(int size, LayerArguments arguments, bool isTransposed)
    {
        int kernel = arguments.Integer("kernel", 2), dilation = arguments.Integer("dilation", 1), pad = arguments.Integer("pad");
        int stride = arguments.Integer("stride") == 0 ? arguments.Has("filters") ? 1 : kernel : arguments.Integer("stride");
        long span = (kernel - 1L) * dilation + 1;
        var padding = (Padding)arguments.Integer("padding");
        // A transposed convolution gives stride results for each input: what windows reach beyond that is cut off, what they do not reach is added behind.
        long total = isTransposed ? span - stride : Math.Max(((size - 1L) / stride) * stride + span - size, 0), before = Math.Max(total, 0) / 2;
        return padding switch
        {
            Padding.Same => new(size, kernel, stride, dilation, (int)before, (int)(total - before)),
            Padding.Causal => new(size, kernel, stride, dilation, isTransposed ? 0 : (int)(span - 1), isTransposed ? (int)total : 0),
            _ => new(size, kernel, stride, dilation, pad, pad),
        };
    }
}
