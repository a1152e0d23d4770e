using SimdNet.Reference;
using SimdNet.Training;

namespace SimdNet.Benchmarks;

/// <summary>
/// A chain of dense layers as one writes it without the generator, weights in arrays [inputs, outputs]: with plain loops,
/// or with the library's kernels.
/// </summary>
internal sealed class LayeredNetwork
{
    private const float LearningRate = 1e-6f;

    private readonly int[] _widths;
    private readonly Activation _hidden, _final;
    private readonly bool _hasSoftmax;
    private readonly float[][] _weights, _biases, _weightGradients, _biasGradients, _values, _gradients;

    public LayeredNetwork(INetwork network, int batch)
    {
        Tensor[] weights = [.. network.Tensors.Where(tensor => tensor.Shape.Count == 2)];
        _widths = [network.InputSize, .. weights.Select(tensor => tensor.Shape[0])];
        (_hidden, _final) = network switch
        {
            NetA => (Activation.Sigmoid, Activation.Sigmoid),
            NetB => (Activation.Tanh, Activation.None),
            _ => (Activation.Relu, Activation.None),
        };
        _hasSoftmax = network.OutputActivation == OutputActivation.Softmax;
        _weights = [.. weights.Select(Transpose)];
        _biases = [.. network.Tensors.Where(tensor => tensor.Shape.Count == 1).Select(tensor => tensor.ToArray())];
        _weightGradients = [.. _weights.Select(layer => new float[layer.Length])];
        _biasGradients = [.. _biases.Select(layer => new float[layer.Length])];
        _values = [.. _widths.Select(width => new float[batch * width])];
        _gradients = [.. _widths.Select(width => new float[batch * width])];
    }

    public void Predict(ReadOnlySpan<float> input, Span<float> output, bool isNaive)
    {
        int batch = input.Length / _widths[0];
        Forward(input, batch, isNaive);
        Span<float> last = Values(_widths.Length - 1, batch);
        if (!_hasSoftmax) last.CopyTo(output);
        else Softmax(last, output, isNaive);
    }

    public void Train(ReadOnlySpan<float> input, ReadOnlySpan<float> targets, ReadOnlySpan<int> classes, bool isNaive)
    {
        int batch = input.Length / _widths[0], layers = _weights.Length;
        Forward(input, batch, isNaive);
        LossGradient(batch, targets, classes, isNaive);
        for (int layer = layers - 1; layer >= 0; layer--)
        {
            Differentiate(Values(layer + 1, batch), Gradients(layer + 1, batch), layer == layers - 1 ? _final : _hidden, isNaive);
            if (isNaive)
            {
                if (layer > 0) DenseReference.BackwardInput<float>(Gradients(layer + 1, batch), _weights[layer], Gradients(layer, batch), _widths[layer], _widths[layer + 1]);
                DenseReference.BackwardParameters<float>(Values(layer, batch), Gradients(layer + 1, batch), _weightGradients[layer], _biasGradients[layer], _widths[layer], _widths[layer + 1]);
                Descend(_weights[layer], _weightGradients[layer]);
                Descend(_biases[layer], _biasGradients[layer]);
            }
            else
            {
                if (layer > 0) Dense.BackwardInput(Gradients(layer + 1, batch), _weights[layer], Gradients(layer, batch), _widths[layer], _widths[layer + 1]);
                Dense.BackwardParameters(Values(layer, batch), Gradients(layer + 1, batch), _weightGradients[layer], _biasGradients[layer], _widths[layer], _widths[layer + 1]);
                Sgd.Update(_weights[layer], _weightGradients[layer], LearningRate);
                Sgd.Update(_biases[layer], _biasGradients[layer], LearningRate);
            }
        }
    }

    private void Forward(ReadOnlySpan<float> input, int batch, bool isNaive)
    {
        input.CopyTo(_values[0]);
        for (int layer = 0; layer < _weights.Length; layer++)
        {
            Activation activation = layer == _weights.Length - 1 ? _final : _hidden;
            Span<float> y = Values(layer + 1, batch);
            if (!isNaive)
            {
                Dense.Forward(Values(layer, batch), _weights[layer], _biases[layer], y, _widths[layer], _widths[layer + 1], activation);
                continue;
            }
            DenseReference.Forward<float>(Values(layer, batch), _weights[layer], _biases[layer], y, _widths[layer], _widths[layer + 1]);
            foreach (ref float value in y)
            {
                value = activation switch
                {
                    Activation.Relu => ElementwiseReference.Relu(value),
                    Activation.Sigmoid => ElementwiseReference.Sigmoid(value),
                    Activation.Tanh => MathF.Tanh(value),
                    _ => value,
                };
            }
        }
    }

    private void LossGradient(int batch, ReadOnlySpan<float> targets, ReadOnlySpan<int> classes, bool isNaive)
    {
        Span<float> y = Values(_widths.Length - 1, batch), gradient = Gradients(_widths.Length - 1, batch);
        if (!isNaive)
        {
            if (_hasSoftmax) Loss.CrossEntropy.Evaluate(y, classes, _widths[^1], gradient);
            else Loss.MeanSquaredError.Evaluate(y, targets, _widths[^1], gradient);
            return;
        }
        if (!_hasSoftmax)
        {
            LossReference.MeanSquaredError<float>(y, targets, gradient);
            return;
        }
        Softmax(y, gradient, isNaive);
        for (int sample = 0; sample < batch; sample++) gradient[sample * _widths[^1] + classes[sample]] -= 1;
        foreach (ref float value in gradient) value /= batch;
    }

    private void Softmax(ReadOnlySpan<float> x, Span<float> y, bool isNaive)
    {
        int width = _widths[^1];
        if (!isNaive) Elementwise.Softmax(x, width, y);
        for (int start = 0; isNaive && start < x.Length; start += width) ElementwiseReference.Softmax<float>(x.Slice(start, width), y.Slice(start, width));
    }

    private static void Differentiate(ReadOnlySpan<float> y, Span<float> gradient, Activation activation, bool isNaive)
    {
        switch (activation)
        {
            case Activation.Relu when !isNaive: Elementwise.ReluBackward(y, gradient, gradient); break;
            case Activation.Sigmoid when !isNaive: Elementwise.SigmoidBackward(y, gradient, gradient); break;
            case Activation.Tanh when !isNaive: Elementwise.TanhBackward(y, gradient, gradient); break;
            case Activation.Relu: for (int i = 0; i < y.Length; i++) gradient[i] = ElementwiseReference.LeakyReluBackward(y[i], gradient[i], 0f); break;
            case Activation.Sigmoid: for (int i = 0; i < y.Length; i++) gradient[i] = ElementwiseReference.SigmoidBackward(y[i], gradient[i]); break;
            case Activation.Tanh: for (int i = 0; i < y.Length; i++) gradient[i] = ElementwiseReference.TanhBackward(y[i], gradient[i]); break;
        }
    }

    private static void Descend(float[] parameters, float[] gradients)
    {
        for (int i = 0; i < parameters.Length; i++) parameters[i] -= LearningRate * gradients[i];
    }

    private Span<float> Values(int layer, int batch) => _values[layer].AsSpan(0, batch * _widths[layer]);

    private Span<float> Gradients(int layer, int batch) => _gradients[layer].AsSpan(0, batch * _widths[layer]);

    private static float[] Transpose(Tensor weights)
    {
        (int outputs, int inputs) = (weights.Shape[0], weights.Shape[1]);
        float[] source = weights.ToArray(), result = new float[source.Length];
        for (int output = 0; output < outputs; output++)
        {
            for (int input = 0; input < inputs; input++) result[input * outputs + output] = source[output * inputs + input];
        }
        return result;
    }
}
