using System.Collections.Generic;
using System.Linq;
using SimdNet.Kernels;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <summary>Inputs that meet rows of weights in emitted code.</summary>
/// <param name="X">The variable that refers to the first input.</param>
/// <param name="Inputs">How many there are.</param>
/// <param name="Weights">The variable that the weights lie behind.</param>
/// <param name="WeightOffset">How far behind it.</param>
/// <param name="Stride">The distance between rows.</param>
/// <param name="Lanes">The floats of a block.</param>
/// <param name="Chains">The ranges that the inputs are cut into.</param>
/// <param name="IsStraightLine">Whether every multiply-add is written out.</param>
/// <param name="TakesFour">Whether a turn of the loop is four steps, whose inputs are read together: for that registers must be left.</param>
internal sealed record SumProduct(string X, int Inputs, string Weights, int WeightOffset, int Stride, int Lanes, int Chains, bool IsStraightLine, bool TakesFour = false);

/// <summary>Sums that emitted code keeps in variables, one for each block of outputs and each chain.</summary>
internal static class SumWriter
{
    /// <summary>Declares the sums: the first chain begins with what <paramref name="start"/> says of a block, the others with zero.</summary>
    public static void WriteStarts(SourceWriter writer, int[] blocks, int[] chains, System.Func<int, string> start)
    {
        foreach (int chain in chains)
        {
            foreach (int block in blocks) writer.WriteLine($"TBlock {Sum(block, chain)} = {(chain == 0 ? start(block) : "TBlock.Zero")};");
        }
    }

    /// <summary>Runs some chains over their ranges, side by side, for some blocks of outputs.</summary>
    public static void WriteProduct(SourceWriter writer, SumProduct product, int[] blocks, int[] chains)
    {
        int length = SumOrder.RangeLength(product.Inputs, product.Chains), rest = product.Inputs - product.Chains * length, first = chains[0];
        string weights = Names.At(product.Weights, product.WeightOffset);
        if (product.IsStraightLine)
        {
            writer.WriteLine($"ref float w{first} = {weights};");
            for (int i = 0; i < length; i++) WriteStep(writer, product, blocks, chains, product.X, $"w{first}", 0, i, length);
        }
        else
        {
            writer.WriteLine($"ref float x{first} = ref {product.X};");
            writer.WriteLine($"ref float w{first} = {weights};");
            int steps = product.TakesFour && length >= 4 ? 4 : 1;
            writer.Open($"for (int i = 0; i < {Names.Number(length / steps)}; i++)");
            if (steps == 4) WriteFourSteps(writer, product, blocks, chains, $"x{first}", $"w{first}", length);
            else WriteStep(writer, product, blocks, chains, $"x{first}", $"w{first}", 0, 0, length);
            writer.WriteLine($"x{first} = ref {Names.Unsafe}.Add(ref x{first}, {Names.Number(steps)});");
            writer.WriteLine($"w{first} = ref {Names.Unsafe}.Add(ref w{first}, {Names.Number(steps * product.Stride)});");
            writer.Close();
            for (int i = length / steps * steps; i < length; i++) WriteStep(writer, product, blocks, chains, product.X, product.Weights, product.WeightOffset, i, length);
        }

        // The last range takes what the equal ones leave over.
        int last = product.Chains - 1;
        for (int i = 0; i < rest && chains.Contains(last); i++)
        {
            WriteStep(
                writer, product, blocks, [last], product.X, product.IsStraightLine ? $"w{first}" : product.Weights, product.IsStraightLine ? 0 : product.WeightOffset, length + i, length);
        }
    }

    /// <summary>One input of each range meets its row of weights.</summary>
    private static void WriteStep(SourceWriter writer, SumProduct product, int[] blocks, int[] chains, string x, string weights, int weightOffset, int step, int length)
    {
        foreach (int chain in chains)
        {
            int input = chain * length + step;
            string value = $"v{chain}_{step}";
            writer.WriteLine($"TBlock {value} = TBlock.Splat({(input == 0 ? x : $"{Names.Unsafe}.Add(ref {x}, {Names.Number(input)})")});");
            WriteRow(writer, product, blocks, chain, value, weights, weightOffset, input);
        }
    }

    /// <summary>An input, which a variable holds in every lane, meets its row of weights.</summary>
    private static void WriteRow(SourceWriter writer, SumProduct product, int[] blocks, int chain, string value, string weights, int weightOffset, int input)
    {
        foreach (int block in blocks)
            writer.WriteLine($"TBlock.Accumulate(ref {Sum(block, chain)}, {value}, in {weights}, {Names.Number(weightOffset + input * product.Stride + block * product.Lanes)});");
    }

    /// <summary>Four inputs of each range, one range after the other: its shuffles come between the multiply-adds of others.</summary>
    private static void WriteFourSteps(SourceWriter writer, SumProduct product, int[] blocks, int[] chains, string x, string weights, int length)
    {
        foreach (int chain in chains)
        {
            int input = chain * length;
            string[] values = [.. Enumerable.Range(0, 4).Select(step => $"v{chain}_{step}")];
            writer.WriteLine($"TBlock.SplatFour(in {x}, {Names.Number(input)}, {string.Join(", ", values.Select(value => "out TBlock " + value))});");
            for (int step = 0; step < 4; step++) WriteRow(writer, product, blocks, chain, values[step], weights, 0, input + step);
        }
    }

    /// <summary>Whether an activation is too long to be written into each end of a tile, and runs over the finished row.</summary>
    public static bool ActivatesAfterwards(ActivationSpec? activation, int blocks) => activation is { IsSimple: false } && blocks > 1;

    /// <summary>Stores a finished block of a row, activated where that is not done afterwards.</summary>
    /// <param name="storesPadding">Whether the result may be written in whole blocks, padding included.</param>
    public static void WriteEnd(SourceWriter writer, int block, int chains, ActivationSpec? activation, int lanes, int width, bool storesPadding)
    {
        string sum = Joined(block, chains), result = activation is null || ActivatesAfterwards(activation, (width + lanes - 1) / lanes) ? sum : $"TBlock.Apply({Names.Activation(activation)}, {sum})";
        int offset = block * lanes, rest = width - offset;
        writer.WriteLine(storesPadding || rest >= lanes
            ? $"TBlock.Store({result}, ref y, {Names.Number(offset)});"
            : $"TBlock.StorePartial({result}, ref y, {Names.Number(offset)}, {Names.Number(rest)});");
    }

    /// <summary>Activates a finished row, where that is not done at its ends.</summary>
    public static void WriteActivation(SourceWriter writer, ActivationSpec? activation, int lanes, int width, string y)
    {
        if (!ActivatesAfterwards(activation, (width + lanes - 1) / lanes)) return;
        string row = Names.SpanOf(y, width);
        writer.WriteLine($"{Names.Services}ElementwiseLayer.Forward({Names.Activation(activation)}, {row}, {row});");
    }

    /// <summary>All chains of a block, joined neighbours first: the tree of the library's kernels.</summary>
    public static string Joined(int block, int chains) => Tree([.. Enumerable.Range(0, chains).Select(chain => Sum(block, chain))]);

    private static string Tree(IReadOnlyList<string> sums) => sums.Count == 1
        ? sums[0]
        : $"({Tree([.. sums.Take(sums.Count / 2)])} + {Tree([.. sums.Skip(sums.Count / 2)])})";

    private static string Sum(int block, int chain) => $"s{block}_{chain}";
}
