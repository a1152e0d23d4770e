using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace SimdNet.Benchmarks;

/// <summary>A network of dense layers in ONNX Runtime, on one thread, with inputs and outputs bound once: its fastest call.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly float[] _input;
    private readonly float[] _output;
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly OrtValue _x, _y;
    private readonly RunOptions _options = new();

    /// <param name="network">Dense layers.</param>
    /// <param name="hidden">The operator after each layer but the last.</param>
    /// <param name="final">The operator after the last; empty for none.</param>
    public OnnxSession(INetwork network, string hidden, string final)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        _input = new float[network.InputSize];
        _output = new float[network.OutputSize];
        _session = new InferenceSession(OnnxModel.Dense(network, hidden, final), options);
        _x = OrtValue.CreateTensorValueFromMemory(_input, [1, network.InputSize]);
        _y = OrtValue.CreateTensorValueFromMemory(_output, [1, network.OutputSize]);
        _binding = _session.CreateIoBinding();
        _binding.BindInput("x", _x);
        _binding.BindOutput("y", _y);
    }

    /// <summary>Nanoseconds a call; with samples copied to where it reads, as a user would.</summary>
    public double Measure(float[] inputs, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            inputs.AsSpan((i & 15) * _input.Length, _input.Length).CopyTo(_input);
            _session.RunWithBinding(_options, _binding);
        }
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls;
    }

    /// <summary>Whether it computes what the network computes.</summary>
    public bool AgreesWith(INetwork network, float[] inputs)
    {
        _ = Measure(inputs, 1);
        var expected = new float[_output.Length];
        network.Forward(inputs.AsSpan(0, _input.Length), expected);
        return _output.Zip(expected).All(pair => Math.Abs(pair.First - pair.Second) < 1e-4f);
    }

    public void Dispose()
    {
        _binding.Dispose();
        _x.Dispose();
        _y.Dispose();
        _options.Dispose();
        _session.Dispose();
    }
}
