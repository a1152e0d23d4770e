using System.Diagnostics;
using System.Globalization;

namespace SimdNet.Benchmarks;

/// <content>What a call costs beside the arithmetic.</content>
internal sealed partial class Comparison
{
    /// <summary>What a call costs beside what it computes, and what the first one costs.</summary>
    private void MeasureCalls()
    {
        const int Samples = 64;
        var network = new NetA(1);
        float[] inputs = new float[Samples * NetA.InputSize], output = new float[1], outputs = new float[Samples];
        new RandomStream(1).FillUniform(inputs, -1, 1);

        // One call for many samples runs the same emitted code for each.
        var contest = new Contest(calls => Time(new RunA(network), calls, inputs, NetA.InputSize, output, false), Contest.Of(() => network.Forward(inputs, outputs)));
        double overhead = contest.Time(0) - contest.Time(1) / Samples;
        Add(new Row("calls", "Forward on net a, less a 64th of a call for 64 samples", overhead, "3 ns", overhead / 3, 1));

        MeasureRunTimeNetworks();

        double[] first = [.. Enumerable.Range(0, 5).Select(_ => FirstCall()).Order()];
        Add(new Row("calls", "first Forward of net d in a fresh process", first[2], "40 ms", first[2] / 40e6, 1));

        static double FirstCall()
        {
            using Process process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "SimdNet.Benchmarks.dll"), "first-call"]) { RedirectStandardOutput = true })!;
            string line = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return double.Parse(line, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>For a fresh process: the time of the first prediction of network d.</summary>
    public static void WriteFirstCall()
    {
        var input = new float[NetD.InputSize];
        var output = new float[NetD.OutputSize];
        var network = new NetD(1);
        long start = Stopwatch.GetTimestamp();
        network.Forward(input, output);
        Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalNanoseconds.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>What a network that is built at run time costs a call beside the generated class of the same declaration.</summary>
    private void MeasureRunTimeNetworks()
    {
        NetA a = new(1);
        NetB b = new(1);
        NetE e = new(1);
        Network runTimeA = Network.Create([3], x => x.Dense(2).Sigmoid().Dense(1).Sigmoid(), seed: 1);
        Network runTimeB = Network.Create([8], x => x.Dense(16).Tanh().Dense(16).Tanh().Dense(1), seed: 1);
        Network runTimeE = Network.Create([32, 1], x => x.Lstm(20, returnSequences: true).Dense(1), seed: 1);
        Compare("net a", new RunA(a), new RunTime(runTimeA), NetA.InputSize);
        Compare("net b", new RunB(b), new RunTime(runTimeB), NetB.InputSize);
        Compare("one step of net e", new StepE(e, e.CreateState()), new StepRunTime(runTimeE, runTimeE.CreateState()), 1);

        void Compare<TGenerated, TBuilt>(string name, TGenerated generated, TBuilt built, int size) where TGenerated : struct, IForward where TBuilt : struct, IForward
        {
            float[] inputs = new float[16 * size], output = new float[1], same = new float[1];
            new RandomStream(1).FillUniform(inputs, -1, 1);
            generated.Run(inputs.AsSpan(0, size), output);
            built.Run(inputs.AsSpan(0, size), same);
            if (output[0] != same[0]) throw new InvalidOperationException($"Built at run time, {name} computes something else.");
            var contest = new Contest(calls => Time(generated, calls, inputs, size, output, false), calls => Time(built, calls, inputs, size, output, false));
            Add(new Row("calls", name + " built at run time, less the generated class", contest.Time(1) - contest.Time(0), "the generated class, whole calls", contest.Ratio(1, 0)));
        }
    }

    private readonly struct RunTime(Network net) : IForward { public void Run(ReadOnlySpan<float> input, Span<float> output) => net.Forward(input, output); }
    private readonly struct StepRunTime(Network net, NetworkState state) : IForward { public void Run(ReadOnlySpan<float> input, Span<float> output) => net.Forward(input, output, state); }
}
