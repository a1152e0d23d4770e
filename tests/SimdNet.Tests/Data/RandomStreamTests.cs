using Xunit;

namespace SimdNet.Tests;

public class RandomStreamTests
{
    [Fact]
    public void BlocksAreThoseOfThePaper()
    {
        Assert.Equal((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), RandomStream.Block(0, 0, 0, 0, 0, 0));
        Assert.Equal((0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu),
            RandomStream.Block(uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue));
        Assert.Equal((0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u),
            RandomStream.Block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0));
    }

    [Fact]
    public void EveryNumberHasAnIndex()
    {
        var stream = new RandomStream(1, 2);
        uint[] first = [.. Enumerable.Range(0, 10).Select(_ => stream.NextBits())];
        Assert.Equal(first, Enumerable.Range(0, 10).Select(i => new RandomStream(1, 2).Bits((ulong)i)));
        Assert.NotEqual(first[0], new RandomStream(1, 3).NextBits());
        Assert.NotEqual(first[0], new RandomStream(2, 2).NextBits());
    }

    [Fact]
    public void NumbersHaveTheirDistributions()
    {
        var values = new float[100_000];
        new RandomStream(5).FillUniform(values, -1, 3);
        Assert.InRange(values.Min(), -1, -0.999f);
        Assert.InRange(values.Max(), 2.999f, 3);
        Assert.Equal(1, values.Average(), 0.02);
        new RandomStream(6).FillNormal(values, 2, 3);
        double mean = values.Average(value => (double)value);
        Assert.Equal(2, mean, 0.05);
        Assert.Equal(9, values.Average(value => (value - mean) * (value - mean)), 0.2);
        Assert.Equal(0.6827, values.Count(value => Math.Abs(value - 2) < 3) / 100_000.0, 0.01);
        RandomStream.FillDropoutMask(1, 2, 0.25f, values);
        Assert.Equal(0.25, values.Count(value => value == 0) / 100_000.0, 0.01);
        Assert.All(values, value => Assert.True(value is 0 or 1 / 0.75f));
    }

    [Fact]
    public void MasksAndTailsAreMadeOfTheSequence()
    {
        foreach (ulong seed in new[] { 0UL, 7UL, ulong.MaxValue })
        {
            foreach (int length in Enumerable.Range(0, 70).Append(4000))
            {
                var stream = new RandomStream(seed, ~seed / 3);
                float[] mask = new float[length], tails = new float[length];
                RandomStream.FillDropoutMask(seed, ~seed / 3, 0.75f, mask);
                RandomStream.FillTails(seed, ~seed / 3, tails);
                for (int i = 0; i < length; i++)
                {
                    uint bits = stream.Bits((ulong)i);
                    Assert.Equal(bits < 0xC0000000 ? 0 : 4f, mask[i]);
                    Assert.Equal((bits & 1) == 0 ? 1 : -1, Math.Sign(tails[i]));
                    Assert.Equal(((int)(bits >> 1) + 0.5f) / 4294967296f, Math.Abs(tails[i]));
                }
            }
        }
    }

    [Fact]
    public void ShufflesAreFair()
    {
        var counts = new int[6];
        var stream = new RandomStream(9);
        for (int i = 0; i < 60_000; i++)
        {
            int[] order = [0, 1, 2];
            stream.Shuffle(order.AsSpan());
            counts[order[0] * 2 + (order[1] > order[2] ? 1 : 0)]++;
        }
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }
}
