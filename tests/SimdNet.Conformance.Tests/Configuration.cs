namespace SimdNet.Conformance.Tests;

/// <summary>Draws the sizes of a case, always the same ones for a layer and a number, and remembers them for the message.</summary>
internal sealed class Configuration
{
    private readonly List<string> _drawn = [];

    /// <param name="layer">The name of the layer in the table.</param>
    /// <param name="number">The number of the case.</param>
    public Configuration(string layer, int number)
    {
        Seed = layer.Aggregate(number, (seed, letter) => unchecked(31 * seed + letter));
        Random = new Random(Seed);
        _drawn.Add($"{layer} {number}");
    }

    /// <summary>Decides everything that is drawn.</summary>
    public int Seed { get; }

    /// <summary>Draws what is not worth a line of the message: parameters and inputs.</summary>
    public Random Random { get; }

    /// <summary>A whole number, both ends included.</summary>
    public int Integer(string name, int least, int most) => Drawn(name, Random.Next(least, most + 1));

    /// <summary>One of some values.</summary>
    public T Choice<T>(string name, params T[] values) => Drawn(name, values[Random.Next(values.Length)]);

    /// <summary>Yes or no.</summary>
    public bool Flag(string name) => Choice(name, false, true);

    /// <summary>Flat values, a sequence or an image.</summary>
    /// <param name="ranks">The ranks to choose from.</param>
    public int[] Shape(params int[] ranks)
    {
        int channels = Random.Next(1, 40), first = Random.Next(1, 9), second = Random.Next(1, 9);
        int[] shape = ranks[Random.Next(ranks.Length)] switch
        {
            1 => [channels],
            2 => [first, channels],
            _ => [channels, first, second],
        };
        _drawn.Add($"shape ({string.Join(", ", shape)})");
        return shape;
    }

    /// <summary>What has been drawn.</summary>
    public override string ToString() => string.Join(", ", _drawn);

    private T Drawn<T>(string name, T value)
    {
        _drawn.Add(FormattableString.Invariant($"{name} {value}"));
        return value;
    }
}
