using Microsoft.ML.OnnxRuntime;

namespace SimdNet.Conformance.Tests;

/// <summary>Runs models in ONNX Runtime.</summary>
internal static class OnnxRuntime
{
    /// <summary>Why it cannot be used on this machine; null where it can. Its package has native libraries for some platforms alone.</summary>
    public static string? Missing { get; } = Load();

    /// <summary>The output of a model of one input and one output, and its shape.</summary>
    public static (float[] Values, long[] Shape) Run(byte[] model, string input, float[] values, IEnumerable<int> shape, string output)
    {
        // Each operator by itself: what is fused would be another definition.
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        using var session = new InferenceSession(model, options);
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(values, [.. shape.Select(size => (long)size)]);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, [input], [x], [output]);
        return (results[0].GetTensorDataAsSpan<float>().ToArray(), results[0].GetTensorTypeAndShape().Shape);
    }

    private static string? Load()
    {
        try
        {
            _ = OrtEnv.Instance();
            return null;
        }
        catch (Exception exception) when (exception is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return $"ONNX Runtime's native library cannot be loaded: {(exception.InnerException ?? exception).Message}";
        }
    }
}
