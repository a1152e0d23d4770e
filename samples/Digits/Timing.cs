using System.Diagnostics;
using System.Globalization;
using SimdNet;
using SimdNet.Data;
using SimdNet.Layers;
using SimdNet.Reference;
using SimdNet.Training;
using Spectre.Console;

namespace Digits;

/// <summary>The digits network without its dropout, which the loops it is compared with do not have.</summary>
[Network(784)]
[Dense(128), Relu]
[Dense(10), Softmax]
internal sealed partial class TimedNet;

/// <summary>The same network in three ways: loops as one writes them, the library's kernels, and the generated code.</summary>
internal static class Timing
{
    private const int Hidden = 128, Batch = 64;

    public static void PrintTable(DigitNet network, DataSet digits)
    {
        float[] input = digits.Inputs[..(Batch * DigitNet.InputSize)].ToArray();
        int[] classes = digits.Classes[..Batch].ToArray();
        var plain = new PlainNetwork(network);
        var copy = new TimedNet();
        network.Parameters.CopyTo(copy.Parameters);
        TrainingPass one = copy.CreateTrainingPass(1), many = copy.CreateTrainingPass(Batch);
        var output = new float[Batch * DigitNet.OutputSize];
        var descent = new Sgd(learningRate: 1e-6f);

        var table = new Table().Title("Nanoseconds a sample, alone and in a batch of 64").Border(TableBorder.Rounded)
            .AddColumn(new TableColumn("").NoWrap()).AddColumn(new TableColumn("predict 1").RightAligned()).AddColumn(new TableColumn("predict 64").RightAligned())
            .AddColumn(new TableColumn("train 1").RightAligned()).AddColumn(new TableColumn("train 64").RightAligned());
        double[] naive =
        [
            Measure(() => plain.PredictNaively(input.AsSpan(0, DigitNet.InputSize), output)),
            Measure(() => plain.PredictNaively(input, output)) / Batch,
            Measure(() => plain.TrainNaively(input.AsSpan(0, DigitNet.InputSize), classes.AsSpan(0, 1))),
            Measure(() => plain.TrainNaively(input, classes)) / Batch,
        ];
        double[] kernels =
        [
            Measure(() => plain.Predict(input.AsSpan(0, DigitNet.InputSize), output)),
            Measure(() => plain.Predict(input, output)) / Batch,
            Measure(() => plain.Train(input.AsSpan(0, DigitNet.InputSize), classes.AsSpan(0, 1))),
            Measure(() => plain.Train(input, classes)) / Batch,
        ];
        double[] generated =
        [
            Measure(() => copy.Forward(input.AsSpan(0, DigitNet.InputSize), output.AsSpan(0, DigitNet.OutputSize))),
            Measure(() => copy.Forward(input, output)) / Batch,
            Measure(() => one.Step(input.AsSpan(0, DigitNet.InputSize), classes.AsSpan(0, 1), Loss.CrossEntropy, descent)),
            Measure(() => many.Step(input, classes, Loss.CrossEntropy, descent)) / Batch,
        ];
        table.AddRow(["naive loops", .. naive.Select(Number)]);
        table.AddRow(["runtime kernels", .. kernels.Select(Number)]);
        table.AddRow(["[bold]generated code[/]", .. generated.Select(Number)]);
        table.AddRow(["[grey]naive / generated[/]", .. naive.Zip(generated, (slow, fast) => (slow / fast).ToString("F1", CultureInfo.InvariantCulture) + " x")]);
        AnsiConsole.Write(table);
    }

    /// <summary>The median of many short runs, in nanoseconds a call.</summary>
    private static double Measure(Action action)
    {
        var clock = Stopwatch.StartNew();
        int calls = 0;
        while (clock.Elapsed < TimeSpan.FromMilliseconds(100))
        {
            action();
            calls++;
        }
        calls = Math.Max(1, calls / 20);
        var times = new double[21];
        for (int run = 0; run < times.Length; run++)
        {
            clock.Restart();
            for (int call = 0; call < calls; call++) action();
            times[run] = clock.Elapsed.TotalNanoseconds / calls;
        }
        Array.Sort(times);
        return times[times.Length / 2];
    }

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The network without the generator: weights in arrays, [inputs, outputs].</summary>
    private sealed class PlainNetwork
    {
        private const float LearningRate = 1e-6f;

        private readonly float[] _weights1, _bias1, _weights2, _bias2, _hidden, _logits, _probabilities, _gradient, _hiddenGradient;
        private readonly float[] _weightsGradient1, _biasGradient1, _weightsGradient2, _biasGradient2;

        public PlainNetwork(DigitNet network)
        {
            _weights1 = Transpose(network.Tensors["dense1.weight"].ToArray(), Hidden, DigitNet.InputSize);
            _bias1 = network.Tensors["dense1.bias"].ToArray();
            _weights2 = Transpose(network.Tensors["dense2.weight"].ToArray(), DigitNet.OutputSize, Hidden);
            _bias2 = network.Tensors["dense2.bias"].ToArray();
            _hidden = new float[Batch * Hidden];
            _hiddenGradient = new float[_hidden.Length];
            _logits = new float[Batch * DigitNet.OutputSize];
            _probabilities = new float[_logits.Length];
            _gradient = new float[_logits.Length];
            _weightsGradient1 = new float[_weights1.Length];
            _biasGradient1 = new float[Hidden];
            _weightsGradient2 = new float[_weights2.Length];
            _biasGradient2 = new float[DigitNet.OutputSize];
        }

        public void PredictNaively(ReadOnlySpan<float> input, Span<float> output)
        {
            int count = input.Length / DigitNet.InputSize;
            ForwardNaively(input, count);
            for (int i = 0; i < count; i++)
                ElementwiseReference.Softmax<float>(_logits.AsSpan(i * DigitNet.OutputSize, DigitNet.OutputSize), output.Slice(i * DigitNet.OutputSize, DigitNet.OutputSize));
        }

        public void TrainNaively(ReadOnlySpan<float> input, ReadOnlySpan<int> classes)
        {
            int count = classes.Length;
            ForwardNaively(input, count);
            Span<float> logits = _logits.AsSpan(0, count * DigitNet.OutputSize), gradient = _gradient.AsSpan(0, logits.Length);
            for (int i = 0; i < count; i++)
            {
                Span<float> row = gradient.Slice(i * DigitNet.OutputSize, DigitNet.OutputSize);
                ElementwiseReference.Softmax<float>(logits.Slice(i * DigitNet.OutputSize, DigitNet.OutputSize), row);
                row[classes[i]] -= 1;
                foreach (ref float value in row) value /= count;
            }
            Span<float> hidden = _hidden.AsSpan(0, count * Hidden), hiddenGradient = _hiddenGradient.AsSpan(0, hidden.Length);
            DenseReference.BackwardInput<float>(gradient, _weights2, hiddenGradient, Hidden, DigitNet.OutputSize);
            DenseReference.BackwardParameters<float>(hidden, gradient, _weightsGradient2, _biasGradient2, Hidden, DigitNet.OutputSize);
            for (int i = 0; i < hidden.Length; i++) hiddenGradient[i] = ElementwiseReference.LeakyReluBackward(hidden[i], hiddenGradient[i], 0f);
            DenseReference.BackwardParameters<float>(input, hiddenGradient, _weightsGradient1, _biasGradient1, DigitNet.InputSize, Hidden);
            Descend(_weights1, _weightsGradient1);
            Descend(_bias1, _biasGradient1);
            Descend(_weights2, _weightsGradient2);
            Descend(_bias2, _biasGradient2);

            static void Descend(float[] parameters, float[] gradients)
            {
                for (int i = 0; i < parameters.Length; i++) parameters[i] -= LearningRate * gradients[i];
            }
        }

        public void Predict(ReadOnlySpan<float> input, Span<float> output)
        {
            int count = input.Length / DigitNet.InputSize;
            Forward(input, count);
            Elementwise.Softmax(_logits.AsSpan(0, count * DigitNet.OutputSize), DigitNet.OutputSize, output[..(count * DigitNet.OutputSize)]);
        }

        public void Train(ReadOnlySpan<float> input, ReadOnlySpan<int> classes)
        {
            int count = classes.Length;
            Forward(input, count);
            Span<float> logits = _logits.AsSpan(0, count * DigitNet.OutputSize), gradient = _gradient.AsSpan(0, logits.Length);
            Loss.CrossEntropy.Evaluate(logits, classes, DigitNet.OutputSize, gradient);
            Span<float> hidden = _hidden.AsSpan(0, count * Hidden), hiddenGradient = _hiddenGradient.AsSpan(0, hidden.Length);
            Dense.BackwardInput(gradient, _weights2, hiddenGradient, Hidden, DigitNet.OutputSize);
            Dense.BackwardParameters(hidden, gradient, _weightsGradient2, _biasGradient2, Hidden, DigitNet.OutputSize);
            Elementwise.ReluBackward(hidden, hiddenGradient, hiddenGradient);
            Dense.BackwardParameters(input, hiddenGradient, _weightsGradient1, _biasGradient1, DigitNet.InputSize, Hidden);
            Sgd.Update(_weights1, _weightsGradient1, LearningRate);
            Sgd.Update(_bias1, _biasGradient1, LearningRate);
            Sgd.Update(_weights2, _weightsGradient2, LearningRate);
            Sgd.Update(_bias2, _biasGradient2, LearningRate);
        }

        private void ForwardNaively(ReadOnlySpan<float> input, int count)
        {
            Span<float> hidden = _hidden.AsSpan(0, count * Hidden);
            DenseReference.Forward<float>(input, _weights1, _bias1, hidden, DigitNet.InputSize, Hidden);
            foreach (ref float value in hidden) value = ElementwiseReference.Relu(value);
            DenseReference.Forward<float>(hidden, _weights2, _bias2, _logits.AsSpan(0, count * DigitNet.OutputSize), Hidden, DigitNet.OutputSize);
        }

        private void Forward(ReadOnlySpan<float> input, int count)
        {
            Span<float> hidden = _hidden.AsSpan(0, count * Hidden);
            Dense.Forward(input, _weights1, _bias1, hidden, DigitNet.InputSize, Hidden, Activation.Relu);
            Dense.Forward(hidden, _weights2, _bias2, _logits.AsSpan(0, count * DigitNet.OutputSize), Hidden, DigitNet.OutputSize);
        }

        private static float[] Transpose(float[] matrix, int rows, int columns)
        {
            var result = new float[matrix.Length];
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < columns; column++) result[column * rows + row] = matrix[row * columns + column];
            }
            return result;
        }
    }
}
