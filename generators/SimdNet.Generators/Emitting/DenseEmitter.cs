using System.Collections.Generic;
using System.Linq;
using SimdNet.Generators.Planning;
using SimdNet.Generators.Spec;
using SimdNet.Kernels;
using SimdNet.Specification;

namespace SimdNet.Generators.Emitting;

/// <summary>The dense layer for one sample, as a tile of accumulators with constant sizes.</summary>
internal static class DenseEmitter
{
    /// <summary>The accumulators that hide the latency of two multiply-add units, and what a machine with half the registers can hold.</summary>
    private const int WideTile = 8, NarrowTile = 4;

    /// <param name="storesPadding">Whether the result may be written in whole blocks, padding included.</param>
    public static void WriteMethod(SourceWriter writer, DensePlan dense, bool storesPadding, bool inline)
    {
        writer.WriteLine($"/// <summary>{dense.Name}: {dense.Inputs} to {dense.Width}{(dense.Activation is null ? "" : " with " + dense.Activation.Name)}, one sample.</summary>");
        writer.WriteLine(inline ? "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]" : Names.OwnMethod);
        writer.WriteLine($"public static void {Names.Method(dense)}<TBlock>(ref float x, ref float parameters, ref float y)");
        writer.Open($"    where TBlock : struct, {Names.Services}IBlock<TBlock>");
        writer.WriteLine($"ref float bias = {Names.At("parameters", dense.BiasOffset)};");
        if (dense.Chains * dense.Blocks <= NarrowTile)
        {
            WriteTiles(writer, dense, WideTile, storesPadding);
        }
        else
        {
            writer.Open("if (TBlock.Registers >= 16)");
            WriteTiles(writer, dense, WideTile, storesPadding);
            writer.Close();
            writer.Open("else");
            WriteTiles(writer, dense, NarrowTile, storesPadding);
            writer.Close();
        }
        writer.Close();
    }

    /// <summary>Whether the activation is too long to be written into each end of the tile, and runs over the finished row.</summary>
    public static bool ActivatesAfterwards(DensePlan dense) =>
        dense.Activation is { IsSimple: false } && dense.Blocks > 1;

    private static void WriteTiles(SourceWriter writer, DensePlan dense, int budget, bool storesPadding)
    {
        int together = System.Math.Min(dense.Chains, budget);
        int columns = budget / together;
        for (int first = 0; first < dense.Blocks; first += columns)
        {
            int[] blocks = [.. Enumerable.Range(first, System.Math.Min(columns, dense.Blocks - first))];
            // Tiles that follow each other have variables of their own.
            bool isOnly = columns >= dense.Blocks;
            if (!isOnly) writer.Open();
            for (int chain = 0; chain < dense.Chains; chain += together) WriteChains(writer, dense, blocks, [.. Enumerable.Range(chain, together)]);
            foreach (int block in blocks) WriteEnd(writer, dense, block, storesPadding);
            if (!isOnly) writer.Close();
        }
    }

    /// <summary>Runs some chains over their ranges, side by side, for some blocks of outputs.</summary>
    private static void WriteChains(SourceWriter writer, DensePlan dense, int[] blocks, int[] chains)
    {
        int length = SumOrder.RangeLength(dense.Inputs, dense.Chains);
        int rest = dense.Inputs - dense.Chains * length;
        foreach (int chain in chains)
        {
            foreach (int block in blocks)
                writer.WriteLine($"TBlock {Sum(block, chain)} = {(chain == 0 ? $"TBlock.Load(in bias, {Names.Number(block * dense.Lanes)})" : "TBlock.Zero")};");
        }
        if (dense.Style == DenseStyle.StraightLine)
        {
            writer.WriteLine($"ref float w{chains[0]} = {Names.At("parameters", dense.WeightOffset)};");
            for (int i = 0; i < length; i++) WriteStep(writer, dense, blocks, chains, "x", $"w{chains[0]}", i, length);
        }
        else
        {
            writer.WriteLine($"ref float x{chains[0]} = ref x;");
            writer.WriteLine($"ref float w{chains[0]} = {Names.At("parameters", dense.WeightOffset)};");
            // One step a turn: several would bring more temporaries than the JIT keeps in registers.
            writer.Open($"for (int i = 0; i < {Names.Number(length)}; i++)");
            WriteStep(writer, dense, blocks, chains, $"x{chains[0]}", $"w{chains[0]}", 0, length);
            writer.WriteLine($"x{chains[0]} = ref {Names.Unsafe}.Add(ref x{chains[0]}, 1);");
            writer.WriteLine($"w{chains[0]} = ref {Names.Unsafe}.Add(ref w{chains[0]}, {Names.Number(dense.Stride)});");
            writer.Close();
        }

        // The last range takes what the equal ones leave over.
        int last = dense.Chains - 1;
        if (chains.Contains(last))
        {
            for (int i = 0; i < rest; i++)
                WriteStep(writer, dense, blocks, [last], "x", dense.Style == DenseStyle.StraightLine ? $"w{chains[0]}" : "parameters", length + i, length, dense.Style == DenseStyle.StraightLine ? 0 : dense.WeightOffset);
        }
    }

    /// <summary>One input of each range meets its row of weights.</summary>
    private static void WriteStep(SourceWriter writer, DensePlan dense, int[] blocks, int[] chains, string x, string w, int step, int length, int weightOffset = 0)
    {
        foreach (int chain in chains)
        {
            int input = chain * length + step;
            string value = $"v{chain}_{step}";
            writer.WriteLine($"TBlock {value} = TBlock.Splat({(input == 0 ? x : $"{Names.Unsafe}.Add(ref {x}, {Names.Number(input)})")});");
            foreach (int block in blocks)
                writer.WriteLine($"{Sum(block, chain)} = TBlock.MultiplyAdd({value}, TBlock.Load(in {w}, {Names.Number(weightOffset + input * dense.Stride + block * dense.Lanes)}), {Sum(block, chain)});");
        }
    }

    private static void WriteEnd(SourceWriter writer, DensePlan dense, int block, bool storesPadding)
    {
        string sum = Tree([.. Enumerable.Range(0, dense.Chains).Select(chain => Sum(block, chain))]);
        string result = dense.Activation is null || ActivatesAfterwards(dense) ? sum : $"TBlock.Apply({Names.Activation(dense.Activation)}, {sum})";
        int offset = block * dense.Lanes, rest = dense.Width - offset;
        writer.WriteLine(storesPadding || rest >= dense.Lanes
            ? $"TBlock.Store({result}, ref y, {Names.Number(offset)});"
            : $"TBlock.StorePartial({result}, ref y, {Names.Number(offset)}, {Names.Number(rest)});");
    }

    /// <summary>Joins the chains, neighbours first: the tree of the library's kernels.</summary>
    private static string Tree(IReadOnlyList<string> sums) => sums.Count == 1
        ? sums[0]
        : $"({Tree([.. sums.Take(sums.Count / 2)])} + {Tree([.. sums.Skip(sums.Count / 2)])})";

    private static string Sum(int block, int chain) => $"s{block}_{chain}";
}
