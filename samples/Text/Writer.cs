using System.Diagnostics;
using SimdNet;

namespace Text;

/// <summary>Writes one character a call, each drawn from what the network says; the keys and values of those before lie in its state.</summary>
internal sealed class Writer(TextNet network, double temperature, ulong seed)
{
    private readonly NetworkState _state = network.CreateState();
    private readonly RandomStream _random = new(seed);
    private readonly float[] _token = new float[1], _probabilities = new float[TextNet.Vocabulary];
    private int _steps;

    /// <summary>The speed of the last call of <see cref="Write"/>.</summary>
    public double CharactersPerSecond { get; private set; }

    /// <summary>The beginning, and <paramref name="count"/> characters more.</summary>
    public List<int> Write(int[] beginning, int count)
    {
        List<int> text = [.. beginning];
        foreach (int token in beginning) Read(token);
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < count; i++)
        {
            if (_steps == TextNet.Context)
            {
                // The state has as many steps as the network's sequences: it begins again, with the last half of what is written.
                _state.Reset();
                _steps = 0;
                foreach (int token in text[^(TextNet.Context / 2)..]) Read(token);
            }
            text.Add(Draw());
            Read(text[^1]);
        }
        CharactersPerSecond = count / clock.Elapsed.TotalSeconds;
        return text;
    }

    private void Read(int token)
    {
        _token[0] = token;
        network.Forward(_token, _probabilities, _state);
        _steps++;
    }

    /// <summary>Probabilities to the power of 1 / temperature: below 1 it takes fewer risks.</summary>
    private int Draw()
    {
        double total = 0;
        foreach (float probability in _probabilities) total += Math.Pow(probability, 1 / temperature);
        double left = _random.NextSingle() * total;
        for (int token = 0; token < _probabilities.Length; token++)
        {
            left -= Math.Pow(_probabilities[token], 1 / temperature);
            if (left < 0) return token;
        }
        return Array.IndexOf(_probabilities, _probabilities.Max());
    }
}
