using SimdNet;

namespace Amp;

/// <summary>A guitar that plays itself: plucked strings (Karplus and Strong 1983), single notes and chords, soft and hard.</summary>
internal static class Guitar
{
    private const int Strings = 6;

    /// <summary>Half tones of the pentatonic scale.</summary>
    private static readonly int[] Scale = [0, 3, 5, 7, 10];

    /// <summary>So many samples between -1 and 1, decided by the seed.</summary>
    public static float[] Play(int samples, int rate, ulong seed)
    {
        var random = new RandomStream(seed);
        var output = new float[samples];
        var strings = new PluckedString[Strings];
        for (int i = 0; i < Strings; i++) strings[i] = new PluckedString(rate);
        int next = 0;
        for (int n = 0; n < samples; n++)
        {
            if (n == next)
            {
                // A quarter of what is played are chords of three strings.
                float strength = 0.1f + 0.9f * random.NextSingle();
                int root = random.Next(15), count = random.Next(4) == 0 ? 3 : 1;
                for (int i = 0; i < count; i++)
                {
                    int step = root + 2 * i, halfTones = Scale[step % Scale.Length] + 12 * (step / Scale.Length);
                    strings[random.Next(Strings)].Pluck(82.4 * Math.Pow(2, halfTones / 12.0), strength, random);
                }
                next += rate / 8 * (1 + random.Next(4));
            }
            float sum = 0;
            foreach (PluckedString one in strings) sum += one.Next();
            output[n] = Math.Clamp(0.6f * sum, -1, 1);
        }
        return output;
    }

    /// <summary>A delay line as long as a period, whose content is averaged each time it comes around.</summary>
    private sealed class PluckedString(int rate)
    {
        private readonly float[] _line = new float[rate / 60];
        private int _length = 1, _position;

        public void Pluck(double frequency, float strength, RandomStream random)
        {
            _length = (int)(rate / frequency);
            _position = 0;
            float low = 0;
            for (int i = 0; i < _length; i++)
            {
                // A pick is not white noise.
                low += 0.4f * (2 * random.NextSingle() - 1 - low);
                _line[i] = strength * low;
            }
        }

        public float Next()
        {
            float current = _line[_position];
            int following = _position + 1 == _length ? 0 : _position + 1;
            _line[_position] = 0.498f * (current + _line[following]);
            _position = following;
            return current;
        }
    }
}
