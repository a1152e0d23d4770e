using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using SimdNet.Reference;

namespace SimdNet.Benchmarks;

/// <summary>
/// The largest error of each elementwise function over all 2^32 floats, or every n-th of them, in units in the last place (ULP) of the exact result,
/// beside what else a .NET program could call or write. Exact results are those of double precision.
/// </summary>
internal static class Accuracy
{
    private const int Length = 1 << 16;

    private static readonly (string Name, Subject Subject)[] Subjects =
    [
        ("exp", new(Math.Exp, Elementwise.Exp, MathF.Exp, TensorPrimitives.Exp, "Exp")),
        ("log", new(Math.Log, Elementwise.Log, MathF.Log, TensorPrimitives.Log, "Log")),
        ("sigmoid", new(x => 1 / (1 + Math.Exp(-x)), Elementwise.Sigmoid, x => 1 / (1 + MathF.Exp(-x)), TensorPrimitives.Sigmoid, "Sigmoid")),
        ("tanh", new(Math.Tanh, Elementwise.Tanh, MathF.Tanh, TensorPrimitives.Tanh, "Tanh")),
        ("erf", new(ErrorFunctionReference.Erf, Elementwise.Erf, Onnx: "Erf")),
        ("gelu", new(ActivationReference.Gelu, Elementwise.Gelu, Onnx: "Gelu")),
        ("geluTanh", new(ActivationReference.GeluTanh, Elementwise.GeluTanh, x => 0.5f * x * (1 + MathF.Tanh(0.79788456f * (x + 0.044715f * x * x * x))))),
        ("silu", new(ActivationReference.Silu, Elementwise.Silu, x => x / (1 + MathF.Exp(-x)))),
        ("mish", new(ActivationReference.Mish, Elementwise.Mish, x => x * MathF.Tanh(MathF.Log(1 + MathF.Exp(x))), Onnx: "Mish")),
        ("softplus", new(ActivationReference.Softplus, Elementwise.Softplus, x => MathF.Log(1 + MathF.Exp(x)), Onnx: "Softplus")),
        ("elu", new(x => ActivationReference.Elu(x, 1), (x, y) => Elementwise.Elu(x, y), x => x < 0 ? MathF.Exp(x) - 1 : x, Onnx: "Elu")),
        ("selu", new(ActivationReference.Selu, Elementwise.Selu, x => x < 0 ? 1.7580993f * (MathF.Exp(x) - 1) : 1.050701f * x, Onnx: "Selu")),
        ("softsign", new(ActivationReference.Softsign, Elementwise.Softsign, x => x / (1 + MathF.Abs(x)), Onnx: "Softsign")),
        ("hardSigmoid", new(ActivationReference.HardSigmoid, Elementwise.HardSigmoid, x => Math.Clamp(x / 6 + 0.5f, 0, 1))),
        ("hardSwish", new(ActivationReference.HardSwish, Elementwise.HardSwish, x => x * Math.Clamp(x / 6 + 0.5f, 0, 1), Onnx: "HardSwish")),
    ];

    public static IEnumerable<string> Functions => Subjects.Select(subject => subject.Name);

    private delegate void Function(ReadOnlySpan<float> x, Span<float> y);

    /// <summary>A function in double precision, ours, and what one would write or call instead: a formula, a span method, an ONNX operator.</summary>
    private sealed record Subject(Func<double, double> Exact, Function Ours, Func<float, float>? Formula = null, Function? Tensor = null, string? Onnx = null);

    public static void Run(IEnumerable<string> functions, int every)
    {
        Console.WriteLine(Hardware.Describe());
        var table = new StringBuilder("| function | library | largest error, ULP | at | wrong infinities, NaN or zeros |\n|---|---|---:|---:|---:|\n");
        foreach (string name in functions)
        {
            Subject? subject = Array.Find(Subjects, pair => pair.Name == name).Subject;
            if (subject is null) throw new ArgumentException($"There is no function \"{name}\"; there are {string.Join(", ", Functions)}.", nameof(functions));
            Worst[] worst = Measure(name, subject, every);
            for (int i = 0; i < worst.Length; i++)
            {
                if (!worst[i].IsMeasured) continue;
                string error = worst[i].Error >= 1000 ? worst[i].Error.ToString("E2", CultureInfo.InvariantCulture) : worst[i].Error.ToString("F3", CultureInfo.InvariantCulture);
                table.Append(CultureInfo.InvariantCulture, $"| {name} | {Libraries[i]} | {error} | {worst[i].Input:R} | {worst[i].WrongKinds:N0} |\n");
            }
        }
        Console.Error.WriteLine();
        Console.WriteLine(table);
    }

    private static readonly string[] Libraries = ["SimdNet", "MathF", "TensorPrimitives", "ONNX Runtime"];

    private static Worst[] Measure(string name, Subject subject, int every)
    {
        var total = new Worst[Libraries.Length];
        long done = 0;
        long chunks = (1L << 32) / Length / every;
        Parallel.For(0, chunks, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, () => new Worker(subject), (chunk, _, worker) =>
        {
            worker.Measure(chunk * Length * every, every);
            long finished = Interlocked.Increment(ref done);
            if (finished % (chunks / 100) == 0 && (!Console.IsErrorRedirected || finished % (chunks / 4) < chunks / 100)) Console.Error.Write($"\r{name}: {100 * finished / chunks} % ");
            return worker;
        }, worker =>
        {
            lock (total)
            {
                for (int i = 0; i < total.Length; i++) total[i] = Worst.Join(total[i], worker.Worsts[i]);
            }
            worker.Dispose();
        });
        return total;
    }

    /// <summary>The largest error, where it is, and how often a result is of another kind than the exact one.</summary>
    private record struct Worst(bool IsMeasured, double Error, float Input, long WrongKinds)
    {
        public static Worst Join(Worst left, Worst right) =>
            (right.Error > left.Error ? right : left) with { IsMeasured = left.IsMeasured || right.IsMeasured, WrongKinds = left.WrongKinds + right.WrongKinds };
    }

    /// <summary>The buffers of one thread.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly float[] _x = new float[Length], _y = new float[Length];
        private readonly double[] _exact = new double[Length];
        private readonly Func<double, double> _function;
        private readonly Function?[] _libraries;
        private readonly InferenceSession? _session;
        private readonly OrtValue _input, _output;
        private readonly RunOptions _options = new();

        public Worker(Subject subject)
        {
            _input = OrtValue.CreateTensorValueFromMemory(_x, [Length]);
            _output = OrtValue.CreateTensorValueFromMemory(_y, [Length]);
            _function = subject.Exact;
            _libraries = [subject.Ours, null, subject.Tensor, null];
            if (subject.Formula is { } formula)
            {
                _libraries[1] = (x, y) =>
                {
                    for (int i = 0; i < x.Length; i++) y[i] = formula(x[i]);
                };
            }
            if (subject.Onnx is not null)
            {
                using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
                _session = new InferenceSession(OnnxModel.Elementwise(subject.Onnx, Length), options);
                _libraries[3] = (_, _) => _session.Run(_options, _session.InputNames, [_input], _session.OutputNames, [_output]);
            }
        }

        public Worst[] Worsts { get; } = new Worst[Libraries.Length];

        public void Measure(long start, int every)
        {
            for (int i = 0; i < Length; i++)
            {
                _x[i] = BitConverter.UInt32BitsToSingle((uint)(start + (long)i * every));
                _exact[i] = _function(_x[i]);
            }
            for (int library = 0; library < _libraries.Length; library++)
            {
                if (_libraries[library] is not { } function) continue;
                function(_x, _y);
                Worst worst = Worsts[library] with { IsMeasured = true };
                for (int i = 0; i < Length; i++)
                {
                    double error = UlpError.Measure(_exact[i], _y[i]);
                    if (double.IsPositiveInfinity(error)) worst.WrongKinds++;
                    else if (error > worst.Error) (worst.Error, worst.Input) = (error, _x[i]);
                }
                Worsts[library] = worst;
            }
        }

        public void Dispose()
        {
            _input.Dispose();
            _output.Dispose();
            _session?.Dispose();
            _options.Dispose();
        }
    }
}
