using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using SimdNet.Reference;

namespace SimdNet.Benchmarks;

/// <summary>
/// The largest error of each elementwise function over all 2^32 floats, in units in the last place (ULP) of the exact result,
/// beside what else a .NET program could call. Exact results are those of <see cref="Math"/> in double precision.
/// </summary>
internal static class Accuracy
{
    private const int Length = 1 << 16;

    public static readonly string[] Functions = ["exp", "log", "sigmoid", "tanh"];

    private delegate void Function(ReadOnlySpan<float> x, Span<float> y);

    public static void Run(IReadOnlyList<string> functions)
    {
        Console.WriteLine(Hardware.Describe());
        var table = new StringBuilder("| function | library | largest error, ULP | at | wrong infinities, NaN or zeros |\n|---|---|---:|---:|---:|\n");
        foreach (string name in functions)
        {
            if (!Functions.Contains(name)) throw new ArgumentException($"There is no function \"{name}\"; there are {string.Join(", ", Functions)}.", nameof(functions));
            Worst[] worst = Measure(name);
            for (int i = 0; i < worst.Length; i++)
            {
                string error = worst[i].Error >= 1000 ? worst[i].Error.ToString("E2", CultureInfo.InvariantCulture) : worst[i].Error.ToString("F3", CultureInfo.InvariantCulture);
                table.Append(CultureInfo.InvariantCulture, $"| {name} | {Libraries[i]} | {error} | {worst[i].Input:R} | {worst[i].WrongKinds:N0} |\n");
            }
        }
        Console.Error.WriteLine();
        Console.WriteLine(table);
    }

    private static readonly string[] Libraries = ["SimdNet", "MathF", "TensorPrimitives", "ONNX Runtime"];

    private static Worst[] Measure(string name)
    {
        var total = new Worst[Libraries.Length];
        long done = 0;
        const long Chunks = (1L << 32) / Length;
        Parallel.For(0, Chunks, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, () => new Worker(name), (chunk, _, worker) =>
        {
            worker.Measure((uint)(chunk * Length));
            long finished = Interlocked.Increment(ref done);
            if (finished % (Chunks / 100) == 0 && (!Console.IsErrorRedirected || finished % (Chunks / 4) < Chunks / 100)) Console.Error.Write($"\r{name}: {100 * finished / Chunks} % ");
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
    private record struct Worst(double Error, float Input, long WrongKinds)
    {
        public static Worst Join(Worst left, Worst right) =>
            (right.Error > left.Error ? right : left) with { WrongKinds = left.WrongKinds + right.WrongKinds };
    }

    /// <summary>The buffers of one thread.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly float[] _x = new float[Length], _y = new float[Length];
        private readonly double[] _exact = new double[Length];
        private readonly Func<double, double> _function;
        private readonly Function[] _libraries;
        private readonly InferenceSession _session;
        private readonly OrtValue _input, _output;
        private readonly RunOptions _options = new();

        public Worker(string name)
        {
            using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
            _session = new InferenceSession(OnnxModel.Elementwise(char.ToUpperInvariant(name[0]) + name[1..], Length), options);
            _input = OrtValue.CreateTensorValueFromMemory(_x, [Length]);
            _output = OrtValue.CreateTensorValueFromMemory(_y, [Length]);
            (Func<double, double> exact, Function ours, Func<float, float> scalar, Function tensor) functions = name switch
            {
                "exp" => (Math.Exp, Elementwise.Exp, MathF.Exp, TensorPrimitives.Exp),
                "log" => (Math.Log, Elementwise.Log, MathF.Log, TensorPrimitives.Log),
                "sigmoid" => (x => 1 / (1 + Math.Exp(-x)), Elementwise.Sigmoid, x => 1 / (1 + MathF.Exp(-x)), TensorPrimitives.Sigmoid),
                _ => (Math.Tanh, Elementwise.Tanh, MathF.Tanh, TensorPrimitives.Tanh),
            };
            _function = functions.exact;
            _libraries =
            [
                functions.ours,
                (x, y) =>
                {
                    for (int i = 0; i < x.Length; i++) y[i] = functions.scalar(x[i]);
                },
                functions.tensor,
                (_, _) => _session.Run(_options, ["x"], [_input], ["y"], [_output]),
            ];
        }

        public Worst[] Worsts { get; } = new Worst[Libraries.Length];

        public void Measure(uint start)
        {
            for (int i = 0; i < Length; i++)
            {
                _x[i] = BitConverter.UInt32BitsToSingle(start + (uint)i);
                _exact[i] = _function(_x[i]);
            }
            for (int library = 0; library < _libraries.Length; library++)
            {
                _libraries[library](_x, _y);
                Worst worst = Worsts[library];
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
            _session.Dispose();
            _options.Dispose();
        }
    }
}
