namespace Text;

/// <summary>
/// Characters predicted from the few before them: relative frequencies after contexts of every length, interpolated (Jelinek and Mercer 1980). The weight of a
/// length depends on how often its context was seen, and is fitted by expectation maximisation on a part of the training text that the frequencies do not
/// have; then the frequencies are counted anew on all of it.
/// </summary>
internal sealed class NgramModel
{
    /// <summary>Contexts seen once, twice, up to four times, up to eight times and so on have weights of their own.</summary>
    private const int Buckets = 20;

    private const int Iterations = 25;

    private readonly int _order, _vocabulary;
    private readonly Dictionary<ulong, int>[] _contexts, _continued;
    private readonly double[,] _weights;

    private NgramModel(int order, int vocabulary, double[,] weights)
    {
        _order = order;
        _vocabulary = vocabulary;
        _weights = weights;
        _contexts = [.. Enumerable.Range(0, order).Select(_ => new Dictionary<ulong, int>())];
        _continued = [.. Enumerable.Range(0, order).Select(_ => new Dictionary<ulong, int>())];
    }

    /// <summary>Fits a model of n-grams of up to <paramref name="order"/> characters, the one that is predicted among them.</summary>
    public static NgramModel Fit(ReadOnlySpan<int> text, int order, int vocabulary)
    {
        var weights = new double[order, Buckets];
        for (int n = 0; n < order; n++)
        {
            for (int bucket = 1; bucket < Buckets; bucket++) weights[n, bucket] = 0.5;
        }
        int cut = text.Length / 10 * 9;
        var counted = new NgramModel(order, vocabulary, weights);
        counted.Count(text[..cut]);
        for (int i = 0; i < Iterations; i++) counted.Maximise(text, cut);
        var model = new NgramModel(order, vocabulary, weights);
        model.Count(text);
        return model;
    }

    /// <summary>The mean of -log2 of the probability of each character from <paramref name="start"/> on, each predicted from those before it.</summary>
    public double BitsPerCharacter(ReadOnlySpan<int> text, int start)
    {
        double bits = 0;
        Span<double> shares = stackalloc double[_order];
        Span<int> buckets = stackalloc int[_order];
        for (int i = start; i < text.Length; i++)
        {
            Look(text, i, shares, buckets);
            double probability = 1.0 / _vocabulary;
            for (int n = 0; n < _order; n++) probability += _weights[n, buckets[n]] * (shares[n] - probability);
            bits -= Math.Log2(probability);
        }
        return bits / (text.Length - start);
    }

    private void Count(ReadOnlySpan<int> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            ulong context = 0;
            for (int n = 0; n < _order && n <= i; n++)
            {
                if (n > 0) context = Key(context, text[i - n]);
                Increment(_contexts[n], context);
                Increment(_continued[n], Key(context, text[i]));
            }
        }

        static void Increment(Dictionary<ulong, int> counts, ulong key) => counts[key] = counts.GetValueOrDefault(key) + 1;
    }

    /// <summary>One step of expectation maximisation: a weight becomes the share of characters that come from its length, among those that come from it or a shorter one.</summary>
    private void Maximise(ReadOnlySpan<int> text, int start)
    {
        var own = new double[_order, Buckets];
        var all = new double[_order, Buckets];
        Span<double> shares = stackalloc double[_order], below = stackalloc double[_order + 1];
        Span<int> buckets = stackalloc int[_order];
        for (int i = start; i < text.Length; i++)
        {
            Look(text, i, shares, buckets);
            below[0] = 1.0 / _vocabulary;
            for (int n = 0; n < _order; n++) below[n + 1] = below[n] + _weights[n, buckets[n]] * (shares[n] - below[n]);

            // The probability that the character comes from a context of this length or a shorter one.
            double reached = 1;
            for (int n = _order - 1; n >= 0; n--)
            {
                double mine = _weights[n, buckets[n]] * shares[n] / below[n + 1];
                own[n, buckets[n]] += reached * mine;
                all[n, buckets[n]] += reached;
                reached *= 1 - mine;
            }
        }
        for (int n = 0; n < _order; n++)
        {
            for (int bucket = 1; bucket < Buckets; bucket++)
            {
                if (all[n, bucket] > 0) _weights[n, bucket] = own[n, bucket] / all[n, bucket];
            }
        }
    }

    /// <summary>For each length of context, how often the character at <paramref name="index"/> came after it, and how well it is known.</summary>
    private void Look(ReadOnlySpan<int> text, int index, Span<double> shares, Span<int> buckets)
    {
        shares.Clear();
        buckets.Clear();
        ulong context = 0;
        for (int n = 0; n < _order && n <= index; n++)
        {
            if (n > 0) context = Key(context, text[index - n]);
            if (!_contexts[n].TryGetValue(context, out int count)) return;
            buckets[n] = Math.Min(Buckets - 1, 1 + (int)Math.Ceiling(Math.Log2(count)));
            shares[n] = (double)_continued[n].GetValueOrDefault(Key(context, text[index])) / count;
        }
    }

    /// <summary>Eight bits a character, so contexts of up to seven.</summary>
    private static ulong Key(ulong context, int character) => (context << 8) | (uint)(character + 1);
}
