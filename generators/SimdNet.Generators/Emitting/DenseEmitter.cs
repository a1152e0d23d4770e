using System.Collections.Generic;
using System.Linq;
using SimdNet.Generators.Planning;

namespace SimdNet.Generators.Emitting;

/// <summary>The dense layer for one sample, as a tile of accumulators with constant sizes.</summary>
internal static class DenseEmitter
{
    /// <summary>The accumulators that hide the latency of two multiply-add units, and what a machine with half the registers can hold.</summary>
    private const int WideTile = 8, NarrowTile = 4;

    /// <summary>Weights that lie in a first-level cache, so that loads are the limit: larger ones come from the second level, and rows one by one are foreseen better.</summary>
    private const int FirstLevel = 1 << 13;

    /// <param name="storesPadding">Whether the result may be written in whole blocks, padding included.</param>
    public static void WriteMethod(SourceWriter writer, DensePlan dense, bool storesPadding, bool inline)
    {
        writer.WriteLine($"/// <summary>{dense.Name}: {dense.Inputs} to {dense.Width}{(dense.Activation is null ? "" : " with " + dense.Activation.Name)}, one sample.</summary>");
        writer.WriteLine(inline ? "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]" : Names.OwnMethod);
        writer.WriteLine($"public static void {Names.Method(dense)}<TBlock>(ref float x, ref float parameters, ref float y)");
        writer.Open($"    where TBlock : struct, {Names.Services}IBlock<TBlock>");
        writer.WriteLine($"ref float bias = {Names.At("parameters", dense.BiasOffset)};");
        if (dense.Lanes == 16)
        {
            string activation = Names.Activation(SumWriter.ActivatesAfterwards(dense.Activation, dense.Blocks) ? null : dense.Activation);
            writer.WriteLine("// In blocks of four registers a tile has more variables than the JIT keeps apart.");
            writer.Open($"if (typeof(TBlock) == typeof({Names.Services}Quad<{Names.Services}Register128>))");
            writer.WriteLine($"{Names.Services}DenseLayer.Row(ref x, {Names.At("parameters", dense.WeightOffset)}, ref bias, {activation}, ref y, {Names.Number(dense.Inputs)}, {Names.Number(dense.Width)});");
            writer.WriteLine("return;");
            writer.Close();
        }
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
            for (int chain = 0; chain < dense.Chains; chain += together) WriteChains(writer, dense, blocks, [.. Enumerable.Range(chain, together)], takesFour: budget == WideTile && dense.Inputs * dense.Stride <= FirstLevel);
            foreach (int block in blocks) SumWriter.WriteEnd(writer, block, dense.Chains, dense.Activation, dense.Lanes, dense.Width, storesPadding);
            if (!isOnly) writer.Close();
        }
    }

    private static void WriteChains(SourceWriter writer, DensePlan dense, int[] blocks, int[] chains, bool takesFour)
    {
        SumWriter.WriteStarts(writer, blocks, chains, block => $"TBlock.Load(in bias, {Names.Number(block * dense.Lanes)})");
        SumWriter.WriteProduct(
            writer, new SumProduct("x", dense.Inputs, "parameters", dense.WeightOffset, dense.Stride, dense.Lanes, dense.Chains, dense.Style == DenseStyle.StraightLine, takesFour), blocks, chains);
    }
}
