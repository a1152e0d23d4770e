using System;
using System.Collections.Generic;
using SimdNet.Kernels;

namespace SimdNet.Specification;

/// <summary>Layers over sequences: what sizes they take and give.</summary>
internal sealed partial class GraphBuilder
{
    /// <summary>Up to here every whole number is a float, so every token is one.</summary>
    private const int MostTokens = 1 << 24;

    private LayerSpec? MakeEmbedding(string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        int vocabulary = arguments.Integer("vocabulary"), width = arguments.Integer("width");
        if (shape.Count != 1)
        {
            Report(FaultKind.WrongRank, "Embedding", "tokens, (time)", Shapes.Text(shape), "declare the input as the number of tokens");
            return null;
        }
        if (!ArePositive("Embedding", ("vocabulary", vocabulary), ("width", width))) return null;
        if (vocabulary > MostTokens || width > MostUnits || (long)vocabulary * SumOrder.RowStride(width) > int.MaxValue)
        {
            Report(FaultKind.TooLarge, name, ((long)vocabulary * width).ToString(System.Globalization.CultureInfo.InvariantCulture));
            return null;
        }
        return new EmbeddingSpec(name, inputs, new([shape[0], width]), vocabulary, shape[0], width);
    }

    private LayerSpec? MakeRecurrent(string kind, string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        int units = arguments.Integer("units");
        if (!HasRank(kind, shape, isImage: false) || !ArePositive(kind, ("units", units))) return null;
        long storage = (shape[1] + (long)units + 2) * 4 * SumOrder.PaddedOutputs(units);
        if (storage > int.MaxValue)
        {
            Report(FaultKind.TooLarge, name, storage.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return null;
        }
        bool returnSequences = arguments.Boolean("returnSequences");
        var activation = (Activation)arguments.Integer("activation", (int)Activation.Tanh);
        if (activation is not (Activation.Tanh or Activation.Relu))
        {
            Report(FaultKind.SizesDoNotFit, kind, $"the activation is {activation}; it is Tanh or Relu");
            return null;
        }
        return new RecurrentSpec(
            name, inputs, new(returnSequences ? [shape[0], units] : [units]), (RecurrentKind)Enum.Parse(typeof(RecurrentKind), kind), shape[0], shape[1], units,
            returnSequences, arguments.Boolean("reverse"), arguments.Boolean("resetAfter", true), activation);
    }

    private LayerSpec? MakeAttention(string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        const string Kind = "MultiHeadAttention";
        if (!HasRank(Kind, shape, isImage: false) || Heads(Kind, shape[1], arguments) is not var (heads, keyValueHeads)) return null;
        int width = shape[1];
        if (arguments.Boolean("rotary") && width / heads % 2 != 0)
        {
            Report(FaultKind.SizesDoNotFit, Kind, $"rotary positions turn pairs, but a head has {Text(width / heads)} features; choose heads of an even width");
            return null;
        }
        double projected = width + 2.0 * (width / heads) * keyValueHeads;
        if (!IsSmallEnough(name, width * (projected + width + 32)) || !IsSmallEnough(name, shape[0] * projected)) return null;
        return new AttentionSpec(name, inputs, new(shape), shape[0], heads, keyValueHeads, arguments.Boolean("causal"), arguments.Boolean("rotary"), arguments.Boolean("bias", true));
    }

    private LayerSpec? MakeCrossAttention(string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, IReadOnlyList<int> memory, LayerArguments arguments)
    {
        const string Kind = "CrossAttention";
        if (!HasRank(Kind, shape, isImage: false) || !HasRank(Kind, memory, isImage: false) || Heads(Kind, shape[1], arguments) is not var (heads, keyValueHeads)) return null;
        double square = shape[1] * (shape[1] + 32.0);
        if (!IsSmallEnough(name, 2 * square + 2.0 * memory[1] * (shape[1] + 32.0)) || !IsSmallEnough(name, Shapes.Floats(shape) + Shapes.Floats(memory))) return null;
        return new CrossAttentionSpec(name, inputs, new(shape), new(memory), heads, keyValueHeads, arguments.Boolean("bias", true));
    }

    /// <summary>The heads of queries, and those of keys and values; null where they do not fit.</summary>
    private (int Heads, int KeyValueHeads)? Heads(string kind, int width, LayerArguments arguments)
    {
        int heads = arguments.Integer("heads"), keyValueHeads = arguments.Integer("keyValueHeads") is not 0 and int given ? given : heads;
        if (!ArePositive(kind, ("heads", heads), ("keyValueHeads", keyValueHeads))) return null;
        if (width % heads == 0 && heads % keyValueHeads == 0) return (heads, keyValueHeads);
        Report(FaultKind.SizesDoNotFit, kind, $"{Text(width)} features cannot be cut into {Text(heads)} heads, or these into {Text(keyValueHeads)} of keys and values; choose divisors");
        return null;
    }
}
