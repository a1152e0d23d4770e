using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SimdNet.Training;

namespace SimdNet.TestProgram;

/// <summary>
/// Prints a hash of each result that is promised to have the same bits at every vector width, for any number of threads, in
/// Debug, Release and NativeAOT.
/// </summary>
internal static class Bits
{
    public static void Print(int threads)
    {
        Hardware.MaxThreads = threads;
        Console.Error.WriteLine(Hardware.Describe());
        foreach (INetwork network in new INetwork[] { new Tiny(1), new Curve(2), new Tile(3), new Odd(4), new Wide(5), new Picture(6), new Voice(7), new Reader(8) }) Print(network);
        Print(Network.Create([17, 12], Reader.Define, seed: 8));
        PrintStreams();
        PrintFrozen();
        PrintFunctions();
        PrintProducts();
    }

    private static void Print(INetwork network)
    {
        string name = network.GetType().Name;
        foreach (int batch in new[] { 1, 7, 64, 301 })
        {
            float[] x = Uniform(batch * network.InputSize, 1), targets = [.. Uniform(batch * network.OutputSize, 2).Select(Math.Abs)];
            var y = new float[targets.Length];
            network.Forward(x, y);
            Print($"{name} {batch} forward", y);

            TrainingPass pass = network.CreateTrainingPass(batch);
            pass.Forward(x);
            pass.BackwardLoss(Loss.MeanSquaredError, targets);
            Print($"{name} {batch} backward", pass.Gradients);
            Print($"{name} {batch} input gradients", pass.InputGradients);

            Loss loss = network.OutputActivation switch { OutputActivation.Softmax => Loss.CrossEntropy, OutputActivation.Sigmoid => Loss.BinaryCrossEntropy, _ => Loss.MeanSquaredError };
            foreach (Optimizer optimizer in new Optimizer[] { new Sgd(0.01f), new Sgd(0.01f, momentum: 0.9f), new Adam(), new AdamW() })
            {
                float value = 0;
                for (int step = 0; step < 3; step++) value = pass.Step(x, targets, loss, optimizer);
                Print($"{name} {batch} {optimizer.GetType().Name} loss", [value]);
                Print($"{name} {batch} {optimizer.GetType().Name} parameters", network.Parameters);
            }
        }
    }

    private static void PrintStreams()
    {
        foreach (IStreamingNetwork network in new IStreamingNetwork[] { new Voice(7), new Reader(8), Network.Create([Sequence.Any, 3], x => x.Gru(5).Dense(2), seed: 9) })
        {
            NetworkState state = network.CreateState();
            foreach (int block in new[] { 1, 4, 3 })
            {
                var y = new float[block * network.StepOutputSize];
                network.Forward(Uniform(block * network.StepInputSize, 7), y, state);
                Print($"{network.GetType().Name} stream {block}", y);
            }
        }
    }

    private static void PrintFrozen()
    {
        var network = new Picture(6);
        TrainingPass pass = network.CreateTrainingPass(8);
        pass.Forward(Uniform(8 * Picture.InputSize, 1));
        var y = new float[Picture.OutputSize];
        network.Freeze().Forward(Uniform(Picture.InputSize, 2), y);
        Print("frozen", y);
    }

    private static void PrintFunctions()
    {
        float[] x = [0, -0f, float.Epsilon, -1e-40f, float.PositiveInfinity, float.NegativeInfinity, .. Uniform(1003, 3, 30)], y = new float[x.Length];
        Elementwise.Exp(x, y);
        Print("exp", y);
        Elementwise.Log([.. x.Select(Math.Abs)], y);
        Print("log", y);
        Elementwise.Sigmoid(x, y);
        Print("sigmoid", y);
        Elementwise.Tanh(x, y);
        Print("tanh", y);
        float[] finite = x[6..];
        Elementwise.Softmax(finite, finite.Length, y.AsSpan(0, finite.Length));
        Print("softmax", y.AsSpan(0, finite.Length));
        Print("log-sum-exp", [Elementwise.LogSumExp(finite)]);
    }

    private static void PrintProducts()
    {
        foreach ((int rows, int columns, int depth) in new[] { (1, 1, 1), (7, 33, 5), (65, 64, 100), (301, 257, 129) })
        {
            var c = new float[rows * columns];
            MatrixProduct.Multiply(Uniform(rows * depth, 4), Uniform(depth * columns, 5), rows, columns, depth, c);
            Print($"product {rows}x{columns}x{depth}", c);
        }
    }

    private static float[] Uniform(int count, ulong seed, float scale = 1)
    {
        var values = new float[count];
        new RandomStream(seed).FillUniform(values, -scale, scale);
        return values;
    }

    private static void Print(string name, ReadOnlySpan<float> values) =>
        Console.WriteLine($"{name}: {Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(values)).AsSpan(0, 8))}");
}
