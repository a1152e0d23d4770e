using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Reflection;
using System.Text;
using SimdNet.Layers;
using SimdNet.Training;

namespace SimdNet.Benchmarks;

/// <summary>Two wide layers: large products, on both cores.</summary>
[Network(1024)]
[Dense(1024), Relu]
[Dense(1024), Relu]
[Dense(10), Softmax]
public sealed partial class WideNet;

/// <summary>SimdNet beside its peers and the machine's limits, measured in one run on one pinned core.</summary>
internal sealed partial class Comparison(string? only)
{
    private const string Loops = "C loops", Tensors = "TensorPrimitives", Blas = "OpenBLAS", Naive = "naive C# loops", Onnx = "ONNX Runtime", Xsmm = "LIBXSMM";

    /// <summary>LIBXSMM is for small matrices, and Math.NET's own loops would take minutes for large ones.</summary>
    private const long SmallProduct = 256 * 256 * 256;

    /// <summary>Long enough that the threads' beginnings do not matter: some milliseconds, as what it is compared with.</summary>
    private const int MultiplyAddsOfAllCores = 40_000_000;

    /// <summary>What can be measured alone.</summary>
    public static readonly string[] Groups = ["threads", "networks", "streams", "layers", "calls", "batches", "products", "functions", "updates", "generator", "native"];

    private readonly List<Row> _rows = [];
    private readonly List<string> _machine = [];

    /// <param name="Nanoseconds">SimdNet's time a call.</param>
    /// <param name="Peer">What it is compared with; empty where there is none.</param>
    /// <param name="Ratio">SimdNet's time in times of the peer's.</param>
    /// <param name="MostRatio">The goal for it.</param>
    /// <param name="Share">The share of the limit that is reached, or what the limit's name says.</param>
    /// <param name="LeastShare">The goal for it.</param>
    private sealed record Row(
        string Group, string Name, double Nanoseconds, string Peer = "", double Ratio = double.NaN, double MostRatio = double.NaN,
        string Limit = "", double Share = double.NaN, double LeastShare = double.NaN)
    {
        /// <summary>Null where there is no goal, or the peer that it names is not there.</summary>
        public bool? IsMet =>
            (double.IsNaN(MostRatio) && double.IsNaN(LeastShare)) || (!double.IsNaN(MostRatio) && double.IsNaN(Ratio)) ? null
            : !(Ratio > MostRatio) && !(Share < LeastShare);
    }

    /// <param name="only">One of <see cref="Groups"/>; null for all.</param>
    public static void Run(string? only)
    {
        var comparison = new Comparison(only);
        Console.WriteLine(Hardware.Describe());
        long start = Stopwatch.GetTimestamp();
        comparison.Measure();
        comparison.Write(Stopwatch.GetElapsedTime(start));
    }

    private void Measure()
    {
        // Threads inherit where they may run: what uses both cores comes first.
        if (Wants("threads")) MeasureThreads();
        Hardware.MaxThreads = 1;
        Machine.Pin(Environment.ProcessorCount - 1);
        MeasureMachine();
        if (Wants("networks")) MeasureNetworks();
        if (Wants("streams")) MeasureStreams();
        if (Wants("layers")) MeasureLayers();
        if (Wants("calls")) MeasureCalls();
        if (Wants("batches")) MeasureBatches();
        if (Wants("products")) MeasureProducts();
        if (Wants("functions")) MeasureFunctions();
        if (Wants("updates")) MeasureUpdates();
        if (Wants("generator")) MeasureGenerator();
        if (Wants("native")) MeasureNativePrograms();
    }

    private bool Wants(string group) => only is null || only == group;

    private void Add(Row row)
    {
        _rows.Add(row);
        Console.WriteLine(Format(row));
    }

    private void MeasureMachine()
    {
        var width = new Contest(Machine.MultiplyAdds, Machine.MultiplyAdds256);
        string narrower = Machine.Lanes == 16 ? string.Create(CultureInfo.InvariantCulture, $", {16 / width.Time(1):F0} at 256 bits") : "";
        _machine.Add(string.Create(CultureInfo.InvariantCulture, $"multiply-adds: {2 * Machine.Lanes / width.Time(0):F0} GFLOP/s at {32 * Machine.Lanes} bits{narrower}, one core"));
        foreach ((string level, int floats) in new[] { ("L1", 4096), ("L2", 1 << 16), ("memory", 1 << 26) })
        {
            AlignedBuffer data = Machine.Touched(floats), other = Machine.Touched(floats / 2), half = Machine.Touched(floats / 2);
            var loads = new Contest(calls => Machine.Loads(data.Span, calls));
            var traffic = new Contest(Contest.Of(() => Machine.Traffic(other, [half])));
            _machine.Add(string.Create(CultureInfo.InvariantCulture, $"{level}: loads {floats * 4 / loads.Time(0):F0} GB/s, two loads for each store {floats * 6 / traffic.Time(0):F0} GB/s, one core"));
        }
        foreach (string line in _machine) Console.WriteLine(line);
    }

    private void MeasureNetworks()
    {
        using NativePeer? first = NativePeer.TryStartLoops(0), second = NativePeer.TryStartLoops(1);
        NetA a = new(1);
        NetB b = new(1);
        NetC c = new(1);
        NetD d = new(1);
        Forward("a 3-2-1 sigmoid", "a", a, new RunA(a), 0.7, 0.95);
        Forward("b 8-16-16-1 tanh", "b", b, new RunB(b), 0.75, 1);
        Forward("c 64-64-64-10 relu", "c", c, new RunC(c), 0.42, 0.5, "loads of the parameters", 1 / 1.5);
        Forward("d 784-128-10 softmax", "d", d, new RunD(d), double.NaN, double.NaN, "loads of the parameters", 1 / 1.1);
        Step("a 3-2-1 sigmoid", "a", a, double.NaN);
        Step("b 8-16-16-1 tanh", "b", b, 0.7);
        Step("c 64-64-64-10 relu", "c", c, 0.6);
        Step("d 784-128-10 softmax", "d", d, 0.85);

        void Forward<TRun>(string name, string net, INetwork network, TRun run, double most, double mostChained, string limit = "", double leastShare = double.NaN) where TRun : struct, IForward
        {
            float[] inputs = new float[16 * network.InputSize], output = new float[network.OutputSize];
            new RandomStream(1).FillUniform(inputs, -1, 1);
            foreach (bool chained in new[] { false, true })
            {
                string row = net + (chained ? ".chained" : ".median");
                var contest = new Contest(
                    calls => Time(run, calls, inputs, network.InputSize, output, chained),
                    first is null ? null : calls => first.Measure(row, calls), second is null ? null : calls => second.Measure(row, calls),
                    limit.Length == 0 ? null : calls => Machine.Loads(network.Parameters, calls));
                Add(new Row("forward, one sample", name + (chained ? ", chained" : ""), contest.Time(0), Loops, contest.Ratio(0, contest.Faster(1, 2)), chained ? mostChained : most,
                    limit, contest.Ratio(3, 0), chained ? double.NaN : leastShare));
            }

            // The peers that are further away.
            var plain = new LayeredNetwork(network, 1);
            using OnnxSession? onnx = OnnxSession.TryCreate(OnnxModel.Dense(network, net is "a" ? "Sigmoid" : net is "b" ? "Tanh" : "Relu", net is "a" ? "Sigmoid" : net is "d" ? "Softmax" : ""));
            onnx?.Check(network.Forward, inputs);
            int sample = 0;
            var others = new Contest(
                calls => Time(run, calls, inputs, network.InputSize, output, false),
                Contest.Of(() => plain.Predict(inputs.AsSpan((sample++ & 15) * network.InputSize, network.InputSize), output, isNaive: true)),
                onnx is null ? null : calls => onnx.Measure(inputs, calls));
            Add(new Row("forward, one sample", name, others.Time(0), Naive, others.Ratio(0, 1)));
            Add(new Row("forward, one sample", name, others.Time(0), Onnx, others.Ratio(0, 2)));
        }

        void Step(string name, string net, INetwork network, double most)
        {
            TrainingPass pass = network.CreateTrainingPass(1);
            float[] inputs = new float[16 * network.InputSize], targets = new float[network.OutputSize];
            int[] classes = [0];
            new RandomStream(1).FillUniform(inputs, -1, 1);
            var descent = new Sgd(1e-6f);
            int size = network.InputSize, sample = 0;
            Action step = net == "d"
                ? () => pass.Step(inputs.AsSpan((sample++ & 15) * size, size), classes, Loss.CrossEntropy, descent)
                : () => pass.Step(inputs.AsSpan((sample++ & 15) * size, size), targets, Loss.MeanSquaredError, descent);
            var contest = new Contest(Contest.Settled(step), first is null ? null : calls => first.Measure(net + ".train", calls), second is null ? null : calls => second.Measure(net + ".train", calls));
            Add(new Row("training step, one sample, SGD", name, contest.Time(0), Loops, contest.Ratio(0, contest.Faster(1, 2)), most));
        }
    }

    /// <summary>What generation costs an editor, and a build.</summary>
    private void MeasureGenerator()
    {
        foreach (int layers in new[] { 3, 30, 100 })
        {
            var runs = new GeneratorRuns(layers);
            var contest = new Contest(Contest.Of(runs.RunCold), Contest.Of(runs.RunAfterEdit));
            Add(new Row("generator", $"{layers} layers, cold", contest.Time(0)));
            Add(new Row("generator", $"{layers} layers, after an edit elsewhere", contest.Time(1), "1 ms", contest.Time(1) / 1e6, 1));
        }
        if (GeneratorRuns.Compiler() is not { } compiler) return;

        // As it runs in a build: on all cores.
        Machine.Pin(-1);
        var builds = new Contest(compiler.Without, compiler.With);
        Machine.Pin(Environment.ProcessorCount - 1);
        double added = builds.Time(1) - builds.Time(0);
        Add(new Row("generator", "what network d adds to a compiler's run, all cores", added, "0.5 s", added / 5e8, 1));
    }

    /// <summary>samples/Embedded, network d in an executable of its own, beside what does the same by ONNX Runtime.</summary>
    private void MeasureNativePrograms()
    {
        using var programs = new NativePrograms();

        // Compilers are not measured: they may have all cores.
        Machine.Pin(-1);
        string? native = programs.TryPublish("samples/Embedded", "native"), baseline = programs.TryPublish("samples/Embedded", "baseline", "-p:IlcInstructionSet=");
        string? onnx = programs.TryPublish("benchmarks/OnnxRuntime.NativeAot", "onnx");
        string? jitted = programs.TryPublish("samples/Embedded", "jitted", "-p:PublishAot=false", "-p:SelfContained=false");
        Machine.Pin(Environment.ProcessorCount - 1);
        if (native is null || baseline is null || onnx is null || jitted is null) return;
        string model = Path.Combine(Path.GetDirectoryName(onnx)!, "d.onnx");
        File.WriteAllBytes(model, OnnxModel.Dense(new NetD(1), "Relu", "Softmax"));

        var start = new Contest(_ => NativePrograms.WholeProcess(native), _ => NativePrograms.WholeProcess(onnx, model));
        Add(new Row("NativeAOT", "whole process: load net d, predict once", start.Time(0), Onnx, start.Ratio(0, 1), 0.1));
        Add(new Row("NativeAOT", "whole process: load net d, predict once", start.Time(0), "15 ms", start.Time(0) / 15e6, 1));
        var speed = new Contest(_ => NativePrograms.Said(native, "--time"), _ => NativePrograms.Said(jitted, "--time"), _ => NativePrograms.Said(baseline, "--time"));
        Add(new Row("NativeAOT", "d 784-128-10 softmax, for this processor", speed.Time(0), "the JIT", speed.Ratio(0, 1), 1 / 0.95));
        Add(new Row("NativeAOT", "d 784-128-10 softmax, for every processor", speed.Time(2), "the JIT", speed.Ratio(2, 1)));
        Console.WriteLine($"The executable has {new FileInfo(native).Length:N0} bytes, with the network's parameters.");
        _machine.Add(string.Create(CultureInfo.InvariantCulture, $"samples/Embedded as a native executable: {new FileInfo(native).Length:N0} bytes, 407,400 of them the network's parameters"));
    }

    private void MeasureBatches()
    {
        double sgd = 0;
        foreach ((int batch, bool isAdam, double least) in new[] { (32, false, 0.65), (128, false, 0.78), (32, true, double.NaN) })
        {
            var network = new NetD(1);
            TrainingPass pass = network.CreateTrainingPass(batch);
            var inputs = new float[batch * NetD.InputSize];
            new RandomStream(1).FillUniform(inputs, 0, 1);
            int[] classes = [.. Enumerable.Range(0, batch).Select(i => i % 10)];
            Optimizer optimizer = isAdam ? new Adam(1e-6f) : new Sgd(1e-6f);
            var contest = new Contest(Contest.Of(() => pass.Step(inputs, classes, Loss.CrossEntropy, optimizer)), Machine.MultiplyAdds);
            if (batch == 32 && !isAdam) sgd = contest.Time(0);
            Add(new Row("training step, 784-128-10", $"batch {batch}, {(isAdam ? "Adam" : "SGD")}", contest.Time(0), isAdam ? "SGD" : "", isAdam ? contest.Time(0) / sgd : double.NaN, isAdam ? 1.4 : double.NaN,
                "multiply-adds", contest.Ratio(1, 0) * 2.0 * batch * NetD.ParameterCount / Machine.Lanes, least));
        }
    }

    private void MeasureProducts()
    {
        OpenBlas? blas = OpenBlas.TryLoad();
        if (blas is not null) _machine.Add($"OpenBLAS: {blas.Kernels} kernels");
        using NativePeer? xsmm = NativePeer.TryStartProducts();
        MathNet.Numerics.Control.UseManaged();
        MathNet.Numerics.Control.UseSingleThread();
        foreach ((int rows, int depth, int columns) in new[] { 16, 17, 32, 64, 100, 128, 256, 512, 1000, 1023, 1024, 2048 }.Select(size => (size, size, size))
            .Concat([(1000, 16, 1000), (16, 1000, 1000), (1000, 1000, 16), (4096, 64, 64)]))
        {
            float[] a = new float[rows * depth], b = new float[depth * columns], c = new float[rows * columns], other = new float[rows * columns];
            new RandomStream(1).FillUniform(a, -1, 1);
            new RandomStream(2).FillUniform(b, -1, 1);
            string name = $"{rows} x {depth} x {columns}";
            bool isSmall = (long)rows * depth * columns <= SmallProduct;
            var left = MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.DenseOfRowMajor(rows, depth, a);
            var right = MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.DenseOfRowMajor(depth, columns, b);
            var product = MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.Dense(rows, columns);
            var contest = new Contest(
                Contest.Of(() => MatrixProduct.Multiply(a, b, rows, columns, depth, c)),
                blas is null ? null : Contest.Of(() => blas.Multiply(a, b, rows, columns, depth, other)),
                Machine.MultiplyAdds,
                xsmm is null || !isSmall ? null : calls => xsmm.Measure($"{rows}x{depth}x{columns}", calls),
                isSmall ? Contest.Of(() => left.Multiply(right, product)) : null);
            Add(new Row("matrix product", name, contest.Time(0), Blas, contest.Ratio(0, 1), 1,
                "multiply-adds", contest.Ratio(2, 0) * rows * depth * columns / Machine.Lanes, Math.Min(rows, Math.Min(depth, columns)) >= 128 ? 0.93 : double.NaN));
            if (!isSmall) continue;
            Add(new Row("matrix product", name, contest.Time(0), Xsmm, contest.Ratio(0, 3)));
            Add(new Row("matrix product", name, contest.Time(0), "Math.NET", contest.Ratio(0, 4)));
        }
    }

    private void MeasureThreads()
    {
        const int Batch = 256;
        var network = new WideNet(1);
        TrainingPass pass = network.CreateTrainingPass(Batch);
        var inputs = new float[Batch * WideNet.InputSize];
        int[] classes = [.. Enumerable.Range(0, Batch).Select(i => i % 10)];
        new RandomStream(1).FillUniform(inputs, 0, 1);
        var descent = new Sgd(1e-6f);
        var step = new Contest(Awake(() => pass.Step(inputs, classes, Loss.CrossEntropy, descent)), _ => AllCores());
        double operations = 1.0 * Batch * (3.0 * WideNet.ParameterCount - 1024 * 1025);
        Add(new Row("all cores", "train 1024-1024-1024-10, batch 256", step.Time(0), Limit: "multiply-adds of all cores", Share: step.Ratio(1, 0) * operations / Machine.Lanes, LeastShare: 0.8));
        foreach (int size in new[] { 512, 1024, 2048 })
        {
            float[] a = new float[size * size], b = new float[size * size], c = new float[size * size];
            new RandomStream(1).FillUniform(a, -1, 1);
            new RandomStream(2).FillUniform(b, -1, 1);
            var contest = new Contest(Awake(() => MatrixProduct.Multiply(a, b, size, size, size, c)), _ => AllCores());
            Add(new Row("all cores", $"product {size} x {size} x {size}", contest.Time(0), Limit: "multiply-adds of all cores", Share: contest.Ratio(1, 0) * size * size * size / Machine.Lanes, LeastShare: 0.93));
        }

        var allLoads = Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(processor => Task.Factory.StartNew(() =>
        {
            Machine.Pin(processor);
            AlignedBuffer data = Machine.Touched(1 << 25);
            double time = Enumerable.Range(0, 12).Select(_ => Machine.Loads(data.Span, 2)).Order().ElementAt(6);
            Machine.Pin(-1);
            return data.Length * 4 / time;
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).Result;
        _machine.Add(string.Create(CultureInfo.InvariantCulture, $"all cores at once: multiply-adds {2 * Machine.Lanes / AllCores():F0} GFLOP/s, loads from memory {allLoads.Sum():F0} GB/s"));

        // Batches long enough that waking the threads once, which is not counted for the peak either, does not matter.
        static Func<int, double> Awake(Action call) => calls => Contest.Of(call)(10 * calls);

        // Nanoseconds of one multiply-add when every core does nothing else, all of them at the same time.
        static double AllCores()
        {
            using var start = new Barrier(Environment.ProcessorCount);
            var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(processor => Task.Factory.StartNew(() =>
            {
                Machine.Pin(processor);
                start.SignalAndWait();
                double time = Machine.MultiplyAdds(MultiplyAddsOfAllCores);
                Machine.Pin(-1);
                return time;
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
            Task.WaitAll(threads);
            return 1 / threads.Sum(thread => 1 / thread.Result);
        }
    }

    private void MeasureFunctions()
    {
        const int Length = 1000;
        float[] x = new float[Length], y = new float[Length], positive = new float[Length];
        new RandomStream(1).FillUniform(x, -5, 5);
        new RandomStream(2).FillUniform(positive, 0.01f, 5);
        foreach ((string name, Action ours, Action theirs, double slots) in new (string, Action, Action, double)[]
        {
            ("exp", () => Elementwise.Exp(x, y), () => TensorPrimitives.Exp(x, y), 24),
            ("log", () => Elementwise.Log(positive, y), () => TensorPrimitives.Log(positive, y), 36),
            ("sigmoid", () => Elementwise.Sigmoid(x, y), () => TensorPrimitives.Sigmoid(x, y), 36),
            ("tanh", () => Elementwise.Tanh(x, y), () => TensorPrimitives.Tanh(x, y), 36),
            ("softmax", () => Elementwise.Softmax(x, Length, y), () => TensorPrimitives.SoftMax(x, y), double.NaN),
        })
        {
            var contest = new Contest(Contest.Of(ours), Contest.Of(theirs), Machine.MultiplyAdds);
            double used = contest.Ratio(0, 2) * Machine.Lanes / Length;
            Add(new Row("functions, 1,000 floats", name, contest.Time(0), Tensors, contest.Ratio(0, 1), 0.25, string.Create(CultureInfo.InvariantCulture, $"{used:F1} slots for 16 floats{(double.IsNaN(slots) ? "" : $", of {slots:F0}")}"), slots / used, double.IsNaN(slots) ? double.NaN : 1));
        }
    }

    private void MeasureUpdates()
    {
        int[] lengths = [100_000, 10_000_000];
        foreach (int length in lengths)
        {
            foreach (bool isAdam in new[] { false, true })
            {
                AlignedBuffer parameters = new(length), gradients = new(length);
                AlignedBuffer[] updated = [.. Enumerable.Range(0, isAdam ? 3 : 1).Select(_ => Machine.Touched(length))];
                new RandomStream(1).FillUniform(parameters.Span, -1, 1);
                new RandomStream(2).FillUniform(gradients.Span, -1, 1);
                Optimizer optimizer = isAdam ? new Adam(1e-6f) : new Sgd(1e-6f);
                var contest = new Contest(Contest.Of(() => optimizer.Update(parameters.Span, gradients.Span)), Contest.Of(() => Machine.Traffic(gradients, updated)), _ => Machine.RootsAndDivisions(20_000));
                string name = $"{(isAdam ? "Adam" : "SGD")}, {length.ToString("N0", CultureInfo.InvariantCulture)} parameters";

                // In the cache Adam waits for the divider.
                bool isDivided = isAdam && length == lengths[0];
                Add(new Row("updates", name, contest.Time(0), Limit: "the same reads and writes", Share: contest.Ratio(1, 0), LeastShare: isDivided ? double.NaN : 0.85));
                if (isDivided) Add(new Row("updates", name, contest.Time(0), Limit: "its square roots and divisions", Share: contest.Ratio(2, 0) * length / Machine.Lanes, LeastShare: 0.85));
            }
        }
    }

    private void Write(TimeSpan elapsed)
    {
        string version = typeof(Hardware).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        string processor = Results.Processor();
        var text = new StringBuilder("# SimdNet beside its peers and the machine's limits\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Processor: {processor}. {Hardware.Describe()}. SimdNet {version}.\nOne pinned core unless a row says all cores; medians; contestants take turns, batch by batch. {elapsed.TotalMinutes:F1} minutes.\n");
        text.Append("Run again: `dotnet run -c Release --project benchmarks/SimdNet.Benchmarks -- compare`, or a part: `--only networks`.\n\n");
        foreach (string line in _machine) text.Append($"- {line}\n");
        foreach (IGrouping<string, Row> group in _rows.GroupBy(row => row.Group))
        {
            text.Append($"\n## {group.Key}\n\n| | ns a call | peer | SimdNet / peer | goal | of the limit | goal | limit | met |\n|---|---:|---|---:|---:|---:|---:|---|---|\n");
            foreach (Row row in group)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {row.Name} | {Number(row.Nanoseconds, row.Nanoseconds < 1000 ? "F1" : "N0")} | {row.Peer} | {Number(row.Ratio, "F2")} | {Number(row.MostRatio, "F2")} | {Number(row.Share, "P0")} | {Number(row.LeastShare, "P0")} | {row.Limit} | {(row.IsMet is { } met ? met ? "yes" : "**no**" : "")} |\n");
            }
        }
        string name = "compare-" + (Hardware.InstructionSet == InstructionSet.Vector512 ? "" : Hardware.InstructionSet.ToString().ToLowerInvariant() + "-") + Results.FileName(processor);
        string path = "";
        if (only is null)
        {
            WriteChart(name, "-peers.svg", "Time in times of the peer's: less is better", [.. _rows.Where(row => row.Ratio > 0).Select(row => new ChartBar($"{row.Group}: {row.Name}, {row.Peer}", row.Ratio, row.MostRatio, row.Ratio < (double.IsNaN(row.MostRatio) ? 1 : row.MostRatio)))], isRatio: true);
            WriteChart(name, "-limits.svg", "Share of the machine's limit: more is better", [.. _rows.Where(row => row.Share > 0).Select(row => new ChartBar($"{row.Group}: {row.Name}", row.Share, row.LeastShare, double.IsNaN(row.LeastShare) || row.Share >= row.LeastShare))], isRatio: false);
            text.Append($"\n![SimdNet beside its peers]({name.Replace(".md", "-peers.svg", StringComparison.Ordinal)})\n\n![SimdNet and the limits]({name.Replace(".md", "-limits.svg", StringComparison.Ordinal)})\n");
            path = Results.Write(name, text.ToString());
        }
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_rows.Count(row => row.IsMet == true)} goals met, {_rows.Count(row => row.IsMet == false)} not yet, in {elapsed.TotalMinutes:F1} minutes{(path.Length > 0 ? "; written to " + path : "")}"));
    }

    private static void WriteChart(string name, string ending, string title, ChartBar[] bars, bool isRatio) =>
        Chart.Write(Path.Combine(Results.Folder(), name.Replace(".md", ending, StringComparison.Ordinal)), title, bars, isRatio);

    private static string Format(Row row) => string.Create(CultureInfo.InvariantCulture,
        $"{row.Group + ": " + row.Name,-64} {row.Nanoseconds,14:N1} ns{(double.IsNaN(row.Ratio) ? "" : $"  {row.Ratio:F2} x {row.Peer}{(double.IsNaN(row.MostRatio) ? "" : $" (goal {row.MostRatio:F2})")}")}{(double.IsNaN(row.Share) ? "" : $"  {100 * row.Share:F0} % of {row.Limit}{(double.IsNaN(row.LeastShare) ? "" : $" (goal {100 * row.LeastShare:F0})")}")}");

    private static string Number(double value, string format) => double.IsNaN(value) ? "" : value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>A network's Forward, called as a user calls it: a type for each, so that the JIT sees which one.</summary>
    private interface IForward
    {
        void Run(ReadOnlySpan<float> input, Span<float> output);
    }

    private readonly struct RunA(NetA net) : IForward { public void Run(ReadOnlySpan<float> input, Span<float> output) => net.Forward(input, output); }
    private readonly struct RunB(NetB net) : IForward { public void Run(ReadOnlySpan<float> input, Span<float> output) => net.Forward(input, output); }
    private readonly struct RunC(NetC net) : IForward { public void Run(ReadOnlySpan<float> input, Span<float> output) => net.Forward(input, output); }
    private readonly struct RunD(NetD net) : IForward { public void Run(ReadOnlySpan<float> input, Span<float> output) => net.Forward(input, output); }

    private static double Time<TRun>(TRun run, int calls, float[] inputs, int size, float[] output, bool chained) where TRun : struct, IForward
    {
        Span<float> result = output;
        long start = Stopwatch.GetTimestamp();
        if (chained)
        {
            for (int i = 0; i < calls; i++)
            {
                run.Run(inputs.AsSpan(0, size), result);
                inputs[0] = result[0];
            }
        }
        else
        {
            for (int i = 0; i < calls; i++) run.Run(inputs.AsSpan((i & 15) * size, size), result);
        }
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls;
    }
}
