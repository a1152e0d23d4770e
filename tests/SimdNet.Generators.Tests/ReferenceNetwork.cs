using SimdNet.Reference;

namespace SimdNet.Tests;

/// <summary>A declared network computed layer by layer in double precision, with the parameters of a compiled one.</summary>
internal sealed class ReferenceNetwork
{
    private readonly Declaration _declaration;
    private readonly Dictionary<string, double[]> _parameters = [];
    private readonly List<double[]> _values = [], _masks = [];

    public ReferenceNetwork(Declaration declaration, INetwork network)
    {
        _declaration = declaration;
        foreach (Tensor tensor in network.Tensors)
        {
            double[] elements = Values.ToDouble(tensor.ToArray());
            _parameters[tensor.Name] = tensor.Shape.Count == 2 ? Transpose(elements, tensor.Shape[0], tensor.Shape[1]) : elements;
        }
    }

    /// <summary>The gradients of the last way back, by name and in the logical order.</summary>
    public Dictionary<string, double[]> Gradients { get; } = [];

    /// <summary>The layers up to a final softmax or sigmoid, whose input is the logits.</summary>
    private int LogitLayers => _declaration.Layers[^1].Kind is "Softmax" or "Sigmoid" ? _declaration.Layers.Count - 1 : _declaration.Layers.Count;

    public double[] Logits(double[] input, int batch, (ulong Seed, ulong Passes)? training = null)
    {
        _values.Clear();
        _masks.Clear();
        _values.Add(input);
        int dense = 0, operation = 0, width = _declaration.InputSize, stride = width;
        for (int i = 0; i < LogitLayers; i++)
        {
            Layer layer = _declaration.Layers[i];
            double[] x = _values[^1], mask = [];
            double[] y = new double[layer.Kind == "Dense" ? batch * layer.Units : x.Length];
            switch (layer.Kind)
            {
                case "Dense":
                    DenseReference.Forward<double>(x, _parameters[$"dense{++dense}.weight"], _parameters[$"dense{dense}.bias"], y, width, layer.Units);
                    width = layer.Units;
                    stride = Dense.Stride(width);
                    operation++;
                    break;
                case "Dropout" when layer.Number > 0:
                    mask = training is { } run ? Mask(run.Seed, run.Passes, operation, layer.Number, batch, width) : [.. Enumerable.Repeat(1.0, x.Length)];
                    for (int j = 0; j < x.Length; j++) y[j] = x[j] * mask[j];
                    operation++;
                    break;
                default:
                    for (int j = 0; j < x.Length; j++) y[j] = Activate(layer, x[j]);
                    if (IsActivation(layer) && (i == 0 || _declaration.Layers[i - 1].Kind != "Dense")) operation++;
                    break;
            }
            _masks.Add(mask);
            _values.Add(y);
        }
        return _values[^1];
    }

    public double[] Outputs(double[] logits, int outputs)
    {
        double[] y = [.. logits];
        if (_declaration.Layers[^1].Kind == "Sigmoid") return [.. logits.Select(ElementwiseReference.Sigmoid)];
        if (_declaration.Layers[^1].Kind != "Softmax") return y;
        for (int start = 0; start < y.Length; start += outputs) ElementwiseReference.Softmax<double>(logits.AsSpan(start, outputs), y.AsSpan(start, outputs));
        return y;
    }

    /// <summary>From the gradient with respect to the logits back to the input, whose gradient is returned.</summary>
    public double[] Backward(double[] gradient)
    {
        int dense = _declaration.Layers.Take(LogitLayers).Count(layer => layer.Kind == "Dense");
        for (int i = LogitLayers - 1; i >= 0; i--)
        {
            Layer layer = _declaration.Layers[i];
            double[] x = _values[i], y = _values[i + 1], inputGradient = new double[x.Length];
            switch (layer.Kind)
            {
                case "Dense":
                    double[] weights = _parameters[$"dense{dense}.weight"], bias = new double[layer.Units], weightsGradient = new double[weights.Length];
                    int inputs = weights.Length / layer.Units;
                    DenseReference.BackwardInput<double>(gradient, weights, inputGradient, inputs, layer.Units);
                    DenseReference.BackwardParameters<double>(x, gradient, weightsGradient, bias, inputs, layer.Units);
                    Gradients[$"dense{dense}.weight"] = Transpose(weightsGradient, inputs, layer.Units);
                    Gradients[$"dense{dense--}.bias"] = bias;
                    break;
                case "Dropout" when layer.Number > 0:
                    for (int j = 0; j < x.Length; j++) inputGradient[j] = gradient[j] * _masks[i][j];
                    break;
                default:
                    for (int j = 0; j < x.Length; j++) inputGradient[j] = Derive(layer, y[j], gradient[j]);
                    break;
            }
            gradient = inputGradient;
        }
        return gradient;
    }

    private static bool IsActivation(Layer layer) => layer.Kind is "Relu" or "LeakyRelu" or "Sigmoid" or "Tanh";

    private static double Activate(Layer layer, double x) => layer.Kind switch
    {
        "Relu" => ElementwiseReference.Relu(x),
        "LeakyRelu" => ElementwiseReference.LeakyRelu(x, (double)layer.Number),
        "Sigmoid" => ElementwiseReference.Sigmoid(x),
        "Tanh" => Math.Tanh(x),
        _ => x,
    };

    private static double Derive(Layer layer, double y, double gradient) => layer.Kind switch
    {
        "Relu" => ElementwiseReference.LeakyReluBackward(y, gradient, 0),
        "LeakyRelu" => ElementwiseReference.LeakyReluBackward(y, gradient, (double)layer.Number),
        "Sigmoid" => ElementwiseReference.SigmoidBackward(y, gradient),
        "Tanh" => ElementwiseReference.TanhBackward(y, gradient),
        _ => gradient,
    };

    private static double[] Mask(ulong seed, ulong passes, int operation, float rate, int batch, int width)
    {
        var mask = new float[batch * width];
        RandomStream.FillDropoutMask(seed, (1UL << 63) | (passes << 16) | (uint)operation, rate, mask);
        return [.. mask.Select(value => (double)value)];
    }

    private static double[] Transpose(double[] matrix, int rows, int columns)
    {
        var result = new double[matrix.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++) result[column * rows + row] = matrix[row * columns + column];
        }
        return result;
    }
}
