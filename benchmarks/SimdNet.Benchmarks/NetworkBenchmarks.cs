using BenchmarkDotNet.Attributes;
using SimdNet.Training;

namespace SimdNet.Benchmarks;

/// <summary>What both benchmarks of a network need.</summary>
public abstract class NetworkBenchmarks
{
    private protected LayeredNetwork Plain { get; private set; } = null!;

    protected INetwork Generated { get; private set; } = null!;

    protected float[] Input { get; private set; } = [];

    protected float[] Output { get; private set; } = [];

    /// <summary>The network: a to d of the peers' table.</summary>
    [Params('a', 'b', 'c', 'd')]
    public char Network { get; set; }

    private protected void Create(int batch)
    {
        Generated = Network switch
        {
            'a' => new NetA(seed: 1),
            'b' => new NetB(seed: 1),
            'c' => new NetC(seed: 1),
            _ => new NetD(seed: 1),
        };
        Plain = new LayeredNetwork(Generated, batch);
        Input = new float[batch * Generated.InputSize];
        new RandomStream(1).FillUniform(Input, 0, 1);
        Output = new float[batch * Generated.OutputSize];
    }
}

/// <summary>Prediction of one sample and of 64.</summary>
public class ForwardBenchmarks : NetworkBenchmarks
{
    /// <summary>The samples of a call.</summary>
    [Params(1, 64)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Setup() => Create(Batch);

    [Benchmark(Baseline = true)]
    public void NaiveLoops() => Plain.Predict(Input, Output, isNaive: true);

    [Benchmark]
    public void RuntimeKernels() => Plain.Predict(Input, Output, isNaive: false);

    [Benchmark]
    public void GeneratedCode() => Generated.Forward(Input, Output);
}

/// <summary>A training step by plain gradient descent.</summary>
public class TrainingBenchmarks : NetworkBenchmarks
{
    private readonly Sgd _descent = new(1e-6f);
    private float[] _targets = [];
    private int[] _classes = [];
    private TrainingPass _pass = null!;

    /// <summary>The samples of a step.</summary>
    [Params(1, 32, 128)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Create(Batch);
        _targets = new float[Output.Length];
        _classes = new int[Batch];
        _pass = Generated.CreateTrainingPass(Batch);
    }

    [Benchmark(Baseline = true)]
    public void NaiveLoops() => Plain.Train(Input, _targets, _classes, isNaive: true);

    [Benchmark]
    public void RuntimeKernels() => Plain.Train(Input, _targets, _classes, isNaive: false);

    [Benchmark]
    public float GeneratedCode() => Network == 'd'
        ? _pass.Step(Input, _classes, Loss.CrossEntropy, _descent)
        : _pass.Step(Input, _targets, Loss.MeanSquaredError, _descent);
}
