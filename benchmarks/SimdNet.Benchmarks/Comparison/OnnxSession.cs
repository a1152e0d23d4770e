using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace SimdNet.Benchmarks;

/// <summary>
/// A model in ONNX Runtime, on one thread, with inputs and outputs bound once: its fastest call. Inputs behind the first are what a stream remembers, and
/// outputs behind the first are their next values: two bindings take turns, in which what one writes is what the other reads.
/// </summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly float[] _input, _output;
    private readonly int _sample;
    private readonly InferenceSession _session;
    private readonly List<OrtValue> _values = [];
    private readonly OrtIoBinding[] _bindings;
    private readonly RunOptions _options = new();
    private int _turn;

    private OnnxSession(byte[] model, int sample)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        _session = new InferenceSession(model, options);
        string[] inputs = [.. _session.InputNames], outputs = [.. _session.OutputNames];
        _bindings = [.. Enumerable.Range(0, inputs.Length > 1 ? 2 : 1).Select(_ => _session.CreateIoBinding())];
        _input = Bind(inputs[0], isInput: true, _session.InputMetadata[inputs[0]].Dimensions);
        _output = Bind(outputs[0], isInput: false, _session.OutputMetadata[outputs[0]].Dimensions);
        _sample = sample == 0 ? _input.Length : sample;
        for (int i = 1; i < inputs.Length; i++) BindState(inputs[i], outputs[i], _session.InputMetadata[inputs[i]].Dimensions);
    }

    /// <summary>Null where its native library is not there.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sample">How many floats a call brings, where the first input is a window over the last ones; 0 where it is a whole sample.</param>
    public static OnnxSession? TryCreate(byte[] model, int sample = 0)
    {
        try
        {
            return new OnnxSession(model, sample);
        }
        catch (Exception exception) when (exception is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return null;
        }
    }

    /// <summary>Nanoseconds a call on what lies where it reads: for samples so large that a copy would count.</summary>
    public double Measure(int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++) _session.RunWithBinding(_options, _bindings[0]);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls;
    }

    /// <summary>Nanoseconds a call; with samples copied to where it reads, as a user would.</summary>
    /// <param name="inputs">16 samples.</param>
    /// <param name="calls">How many.</param>
    public double Measure(float[] inputs, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++) Run(inputs.AsSpan((i & 15) * _sample, _sample));
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls;
    }

    /// <summary>Stops the comparison where another computation would be timed.</summary>
    /// <param name="forward">What it is compared with, at the beginning of a stream.</param>
    /// <param name="inputs">Samples.</param>
    /// <exception cref="InvalidOperationException">Results differ.</exception>
    public void Check(Action<ReadOnlySpan<float>, Span<float>> forward, float[] inputs)
    {
        var expected = new float[_output.Length];
        for (int i = 0; i < inputs.Length / _sample; i++)
        {
            ReadOnlySpan<float> sample = inputs.AsSpan(i * _sample, _sample);
            Run(sample);
            forward(sample, expected);
            if (!_output.Zip(expected).All(pair => Math.Abs(pair.First - pair.Second) < 1e-4f * Math.Max(1, Math.Abs(pair.Second))))
                throw new InvalidOperationException($"ONNX Runtime computes something else: {_output[0]} instead of {expected[0]} first, in call {i}.");
        }
    }

    public void Dispose()
    {
        foreach (OrtIoBinding binding in _bindings) binding.Dispose();
        foreach (OrtValue value in _values) value.Dispose();
        _options.Dispose();
        _session.Dispose();
    }

    private void Run(ReadOnlySpan<float> sample)
    {
        int kept = _input.Length - _sample;
        _input.AsSpan(_sample).CopyTo(_input);
        sample.CopyTo(_input.AsSpan(kept));
        _session.RunWithBinding(_options, _bindings[_turn]);
        _turn = (_turn + 1) % _bindings.Length;
    }

    private float[] Bind(string name, bool isInput, int[] shape)
    {
        var floats = new float[shape.Aggregate(1, (product, size) => product * size)];
        OrtValue value = Value(floats, shape);
        foreach (OrtIoBinding binding in _bindings)
        {
            if (isInput) binding.BindInput(name, value);
            else binding.BindOutput(name, value);
        }
        return floats;
    }

    private void BindState(string now, string next, int[] shape)
    {
        OrtValue[] both = [.. _bindings.Select(_ => Value(new float[shape.Aggregate(1, (product, size) => product * size)], shape))];
        for (int i = 0; i < both.Length; i++)
        {
            _bindings[i].BindInput(now, both[i]);
            _bindings[i].BindOutput(next, both[1 - i]);
        }
    }

    private OrtValue Value(float[] floats, int[] shape)
    {
        OrtValue value = OrtValue.CreateTensorValueFromMemory(floats, [.. shape.Select(size => (long)size)]);
        _values.Add(value);
        return value;
    }
}
