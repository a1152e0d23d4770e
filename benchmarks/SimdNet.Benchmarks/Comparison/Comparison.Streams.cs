using System.Diagnostics;
using SimdNet.Layers;

namespace SimdNet.Benchmarks;

/// <summary>A recurrent effect, as audio plug-ins run them.</summary>
[Network(32, 1)]
public sealed partial class NetE
{
    private static Node Define(Node x) => x.Lstm(20, returnSequences: true).Dense(1);
}

/// <summary>The same with another cell.</summary>
[Network(32, 1)]
public sealed partial class NetF
{
    private static Node Define(Node x) => x.Gru(16, returnSequences: true).Dense(1);
}

/// <summary>Causal convolutions whose windows grow.</summary>
[Network(32, 1)]
public sealed partial class NetG
{
    private static Node Define(Node x)
    {
        for (int i = 0; i < 3; i++) x = x.Conv1D(8, 3, padding: Padding.Causal, dilation: 1 << i).Tanh();
        return x.Dense(1);
    }
}

/// <summary>Some of each.</summary>
[Network(32, 1)]
public sealed partial class NetH
{
    private static Node Define(Node x) =>
        x.Dense(8).Tanh().Conv1D(4, 3, padding: Padding.Causal, dilation: 2).Tanh().Gru(8, returnSequences: true).Dense(1);
}

/// <content>Networks on streams, one time step a call.</content>
internal sealed partial class Comparison
{
    /// <summary>What plain C loops took for one sample of network c in the run that the figures of the peers are from, in nanoseconds.</summary>
    private const double LoopsBesidePeers = 352;

    private const string Native = "best native peer, scaled by C loops of net c";

    private void MeasureStreams()
    {
        using NativePeer? first = NativePeer.TryStartLoops(0), second = NativePeer.TryStartLoops(1);
        NetE e = new(1);
        NetF f = new(1);
        NetG g = new(1);
        NetH h = new(1);
        Step("e LSTM 1-20, dense 1", "e", new StepE(e, e.CreateState()), 152, 153, OnnxStreams.E(e));
        Step("f GRU 1-16, dense 1", "f", new StepF(f, f.CreateState()), 63, 65, OnnxStreams.F(f));
        Step("g Conv1D 1-8-8-8, dense 1", "g", new StepG(g, g.CreateState()), 93, 133, OnnxStreams.G(g));
        Step("h dense 8, Conv1D 4, GRU 8, dense 1", "h", new StepH(h, h.CreateState()), 76, 110, OnnxStreams.H(h));

        void Step<TRun>(string name, string net, TRun run, double best, double bestChained, byte[] model) where TRun : struct, IForward
        {
            float[] inputs = new float[16], output = new float[1];
            new RandomStream(1).FillUniform(inputs, -1, 1);
            using OnnxSession? onnx = OnnxSession.TryCreate(model, sample: 1);
            onnx?.Check(run.Run, inputs);
            var other = new Contest(calls => Time(run, calls, inputs, 1, output, false), onnx is null ? null : calls => onnx.Measure(inputs, calls));
            Add(new Row("one step of a stream", name, other.Time(0), Onnx, other.Ratio(0, 1)));
            foreach (bool chained in new[] { false, true })
            {
                string row = net + (chained ? ".chained" : ".median");
                var contest = new Contest(
                    calls => Time(run, calls, inputs, 1, output, chained),
                    first is null ? null : calls => first.Measure(row, calls), second is null ? null : calls => second.Measure(row, calls),
                    first is null ? null : calls => first.Measure("c.median", calls), second is null ? null : calls => second.Measure("c.median", calls));
                string label = name + (chained ? ", chained" : "");
                double scaled = contest.Ratio(0, contest.Faster(3, 4)) * LoopsBesidePeers / (chained ? bestChained : best);
                Add(new Row("one step of a stream", label, contest.Time(0), Loops, contest.Ratio(0, contest.Faster(1, 2))));
                Add(new Row("one step of a stream", label, contest.Time(0), Native, scaled, 0.75));
            }
        }
    }

    private readonly struct StepE(NetE net, NetworkState state) : IForward { public void Run(ReadOnlySpan<float> input, Span<float> output) => net.Forward(input, output, state); }
    private readonly struct StepF(NetF net, NetworkState state) : IForward { public void Run(ReadOnlySpan<float> input, Span<float> output) => net.Forward(input, output, state); }
    private readonly struct StepG(NetG net, NetworkState state) : IForward { public void Run(ReadOnlySpan<float> input, Span<float> output) => net.Forward(input, output, state); }
    private readonly struct StepH(NetH net, NetworkState state) : IForward { public void Run(ReadOnlySpan<float> input, Span<float> output) => net.Forward(input, output, state); }
}
