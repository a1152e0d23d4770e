namespace Amp;

/// <summary>
/// The effect that is to be learned: an amplifier with a memory. Loud notes pull its gain down and shift the point where it clips, for some
/// milliseconds; what it clips goes through a filter, as through a loudspeaker.
/// </summary>
internal sealed class Amplifier(int rate)
{
    private readonly float _attack = Smoothing(0.001, rate), _release = Smoothing(0.015, rate), _coupling = Smoothing(1 / (2 * Math.PI * 80), rate), _speaker = Smoothing(1 / (2 * Math.PI * 5000), rate);
    private float _envelope, _slow, _first, _second;

    /// <summary>A whole signal, from rest.</summary>
    public static float[] Process(ReadOnlySpan<float> input, int rate)
    {
        var amplifier = new Amplifier(rate);
        var output = new float[input.Length];
        for (int n = 0; n < output.Length; n++) output[n] = amplifier.Next(input[n]);
        return output;
    }

    /// <summary>The next sample.</summary>
    public float Next(float x)
    {
        _slow += _coupling * (x - _slow);
        x -= _slow;
        float loudness = Math.Abs(x);
        _envelope += (loudness > _envelope ? _attack : _release) * (loudness - _envelope);
        float gain = 16 / (1 + 6 * _envelope), shift = 0.8f * _envelope;
        float clipped = MathF.Tanh(gain * x + shift) - MathF.Tanh(shift);
        _first += _speaker * (clipped - _first);
        _second += _speaker * (_first - _second);
        return _second;
    }

    /// <summary>The factor of a one-pole filter of that time constant.</summary>
    private static float Smoothing(double seconds, int rate) => (float)(1 - Math.Exp(-1 / (seconds * rate)));
}
