using System.Runtime.Intrinsics;
using SimdNet.CompilerServices;
using Xunit;

namespace SimdNet.Tests;

/// <summary>Every operation of a block is the same in every realisation: compared with its definition on one float.</summary>
public class BlockTests
{
    private static readonly float[] Lefts = [.. Values.Special, .. Values.Uniform(28, 1, 100f)];
    private static readonly float[] Rights = [.. Values.Uniform(14, 2, 100f), .. Values.Special, .. Values.Uniform(14, 3)];

    public static TheoryData<InstructionSet> Sets => [.. Realisations.All];

    [Theory]
    [MemberData(nameof(Sets))]
    public void OperationsAreThoseOfOneFloat(InstructionSet set) => Realisations.On(set, () =>
    {
        var operation = default(CheckOperations);
        foreach (int lanes in new[] { 4, 8, 16 }) BlockDispatch.Run(ref operation, lanes);
    });

    [Theory]
    [MemberData(nameof(Sets))]
    public void PartsAreReadAndWrittenExactly(InstructionSet set) => Realisations.On(set, () =>
    {
        var operation = default(CheckParts);
        foreach (int lanes in new[] { 4, 8, 16 }) BlockDispatch.Run(ref operation, lanes);
    });

    [Fact]
    public void DescribeNamesThePath()
    {
        Assert.Contains(Hardware.InstructionSet.ToString(), Hardware.Describe());
        Assert.Contains("fused multiply-add", Hardware.Describe());
    }

    private struct CheckOperations : IBlockOperation
    {
        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            Check<TBlock>((a, b) => a + b, (a, b) => a + b);
            Check<TBlock>((a, b) => a - b, (a, b) => a - b);
            Check<TBlock>((a, b) => a * b, (a, b) => a * b);
            Check<TBlock>((a, b) => a / b, (a, b) => a / b);
            Check<TBlock>((a, _) => -a, (a, _) => -a);
            Check<TBlock>((a, b) => TBlock.MultiplyAdd(a, b, a), (a, b) => float.MultiplyAddEstimate(a, b, a));
            Check<TBlock>((a, _) => TBlock.Sqrt(a), (a, _) => MathF.Sqrt(a));
            Check<TBlock>((a, _) => TBlock.Abs(a), (a, _) => MathF.Abs(a));
            Check<TBlock>((a, _) => TBlock.Round(a), (a, _) => MathF.Round(a));
            Check<TBlock>((a, b) => TBlock.Max(a, b), MathF.Max);
            Check<TBlock>((a, b) => TBlock.AtLeast(a, b), (a, b) => a < b ? b : a);
            Check<TBlock>((a, b) => TBlock.AtMost(a, b), (a, b) => b < a ? b : a);
            Check<TBlock>((a, b) => TBlock.Select(TBlock.LessThan(a, b), a, b), (a, b) => a < b ? a : b);
            Check<TBlock>((a, b) => TBlock.SelectLessThan(a, b, a, b), (a, b) => a < b ? a : b);
            Check<TBlock>((a, b) => TBlock.Select(TBlock.LessThanOrEqual(a, b), a, b), (a, b) => a <= b ? a : b);
            Check<TBlock>((a, b) => TBlock.Select(TBlock.Equal(a, b), TBlock.Zero, b), (a, b) => a == b ? 0 : b);
            Check<TBlock>((a, b) => a & b, (a, b) => Bits(a, b, (x, y) => x & y));
            Check<TBlock>((a, b) => a | b, (a, b) => Bits(a, b, (x, y) => x | y));
            Check<TBlock>((a, b) => a ^ b, (a, b) => Bits(a, b, (x, y) => x ^ y));
            Check<TBlock>((a, b) => TBlock.AddBits(a, b), (a, b) => Bits(a, b, (x, y) => x + y));
            Check<TBlock>((a, b) => TBlock.SubtractBits(a, b), (a, b) => Bits(a, b, (x, y) => x - y));
            Check<TBlock>((a, _) => TBlock.ShiftBitsLeft(a, 5), (a, b) => Bits(a, b, (x, _) => x << 5));
            Check<TBlock>((a, _) => TBlock.ShiftBitsRight(a, 23), (a, b) => Bits(a, b, (x, _) => x >> 23));
            Check<TBlock>((a, _) => TBlock.FromIntegerBits(a), (a, _) => BitConverter.SingleToInt32Bits(a));
            Check<TBlock>((_, b) => TBlock.ToIntegerBits(TBlock.AtMost(TBlock.AtLeast(b, TBlock.Splat(-1e6f)), TBlock.Splat(1e6f)) & TBlock.Equal(b, b) | TBlock.Zero),
                (_, b) => BitConverter.Int32BitsToSingle((int)(float.IsNaN(b) ? 0 : Math.Clamp(b, -1e6f, 1e6f))));
            for (float exponent = -252; exponent <= 252; exponent += 0.125f)
            {
                TBlock scaled = TBlock.ScaleByPowerOfTwo(TBlock.Splat(1.3f), TBlock.Splat(exponent));
                var lanes = new float[TBlock.Count];
                TBlock.Store(scaled, ref lanes[0], 0);
                Assert.All(lanes, lane => Assert.Equal(MathF.ScaleB(1.3f, (int)MathF.Floor(exponent)), lane));
            }
            Check<TBlock>((a, _) => TBlock.Lookup(Vector256.Create(1f, 2, 3, 4, 5, 6, 7, 8), a), (a, _) => (BitConverter.SingleToInt32Bits(a) & 7) + 1);
            Check<TBlock>((a, _) => TBlock.Mantissa(NumberIn(a), out TBlock _), (a, _) => MathF.Abs(a) is 0 or float.PositiveInfinity or float.NaN ? 1 : MathF.ScaleB(MathF.Abs(a), -MathF.ILogB(a)));
            Check<TBlock>(ExponentIn, (a, _) => a switch { 0 => float.NegativeInfinity, float.NaN => 0, _ when float.IsInfinity(a) => float.PositiveInfinity, _ => MathF.ILogB(a) });
            Check<TBlock>((a, _) => TBlock.Mantissa(a + TBlock.Zero, out TBlock exponent) * exponent, (a, _) => a switch { 0 => float.NegativeInfinity, > 0 and < float.PositiveInfinity => MathF.ScaleB(a, -MathF.ILogB(a)) * MathF.ILogB(a), > 0 => a, _ => float.NaN });
            CheckReductions<TBlock>();
            CheckSplats<TBlock>();
        }

        /// <summary>The absolute value, 1 of NaN.</summary>
        private static TBlock NumberIn<TBlock>(TBlock a) where TBlock : struct, IBlock<TBlock> => TBlock.Select(TBlock.Equal(a, a), TBlock.Abs(a), TBlock.Splat(1f));

        private static TBlock ExponentIn<TBlock>(TBlock a, TBlock _) where TBlock : struct, IBlock<TBlock>
        {
            TBlock.Mantissa(NumberIn(a), out TBlock exponent);
            return exponent;
        }

        private static void CheckReductions<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            float[] lanes = Values.Uniform(TBlock.Count, 5);
            TBlock block = TBlock.Load(in lanes[0], 0);
            Assert.Equal(lanes.Max(), TBlock.MaxLane(block));
            for (int half = lanes.Length / 2; half > 0; half /= 2)
            {
                for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
            }
            Assert.Equal(lanes[0], TBlock.Sum(block));

            float[] four = Values.Uniform(4 * TBlock.Count, 6), sums = new float[6];
            TBlock[] blocks = [.. Enumerable.Range(0, 4).Select(i => TBlock.Load(in four[0], i * TBlock.Count))];
            TBlock.StoreSums(blocks[0], blocks[1], blocks[2], blocks[3], ref sums[0], 1);
            Assert.Equal([0, .. blocks.Select(TBlock.Sum), 0], sums);
        }

        private static void CheckSplats<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            float[] source = Values.Uniform(7, 8), lanes = new float[4 * TBlock.Count];
            TBlock.SplatFour(in source[0], 3, out TBlock first, out TBlock second, out TBlock third, out TBlock fourth);
            TBlock[] splats = [first, second, third, fourth];
            for (int i = 0; i < splats.Length; i++) TBlock.Store(splats[i], ref lanes[0], i * TBlock.Count);
            Assert.Equal(source.Skip(3).SelectMany(value => Enumerable.Repeat(value, TBlock.Count)), lanes);
        }

        private static float Bits(float a, float b, Func<int, int, int> operation) =>
            BitConverter.Int32BitsToSingle(operation(BitConverter.SingleToInt32Bits(a), BitConverter.SingleToInt32Bits(b)));

        private static void Check<TBlock>(Func<TBlock, TBlock, TBlock> ofBlocks, Func<float, float, float> ofFloats) where TBlock : struct, IBlock<TBlock>
        {
            var results = new float[TBlock.Count];
            for (int i = 0; i + TBlock.Count <= Lefts.Length; i++)
            {
                TBlock.Store(ofBlocks(TBlock.Load(in Lefts[0], i), TBlock.Load(in Rights[0], i)), ref results[0], 0);
                for (int lane = 0; lane < results.Length; lane++)
                {
                    float expected = ofFloats(Lefts[i + lane], Rights[i + lane]);
                    bool same = float.IsNaN(expected) ? float.IsNaN(results[lane]) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(results[lane]);
                    Assert.True(same, $"{typeof(TBlock)}: of {Lefts[i + lane]:R} and {Rights[i + lane]:R} expected {expected:R}, got {results[lane]:R}.");
                }
            }
        }
    }

    private struct CheckParts : IBlockOperation
    {
        public readonly void Run<TBlock>() where TBlock : struct, IBlock<TBlock>
        {
            float[] source = Values.Uniform(40, 7);
            for (int count = 0; count <= TBlock.Count; count++)
            {
                var target = new float[40];
                TBlock block = TBlock.LoadPartial(in source[0], 3, count);
                TBlock.Store(block, ref target[0], 0);
                Assert.Equal([.. source.Skip(3).Take(count), .. new float[40 - count]], target);

                Array.Fill(target, 9f);
                TBlock.StorePartial(TBlock.Load(in source[0], 0), ref target[0], 2, count);
                Assert.Equal([9f, 9f, .. source.Take(count), .. Enumerable.Repeat(9f, 38 - count)], target);
            }
        }
    }
}
