using SimdNet.Specification;

namespace SimdNet.Layers;

/// <summary>
/// A value on its way through a network: the input, or the result of a layer. A <c>static Node Define(Node x)</c> method of a class with
/// <see cref="NetworkAttribute"/> is read by the generator, and runs as it stands to build a <see cref="Network"/>; both give the
/// same network.
/// </summary>
/// <remarks>
/// Flat values have the shape (features), sequences (time, features), images (channels, height, width). A layer that does not fit throws
/// <see cref="ArgumentException"/> at run time, and is a diagnostic where the generator reads it.
/// </remarks>
public sealed partial class Node
{
    internal Node(GraphBuilder graph, int layer)
    {
        Graph = graph;
        Layer = layer;
    }

    internal GraphBuilder Graph { get; }

    internal int Layer { get; }

    /// <summary>The shape of the value.</summary>
    public IReadOnlyList<int> Shape => Graph.ShapeOf(Layer)!;

    /// <summary><c>z[i] = x[i] + y[i]</c>, values of one shape. Keras <c>Add</c>, PyTorch <c>+</c>, ONNX <c>Add</c>.</summary>
    public static Node operator +(Node x, Node y) => x.Add(y);

    /// <summary><c>z[i] = x[i] y[i]</c>, values of one shape. Keras <c>Multiply</c>, PyTorch <c>*</c>, ONNX <c>Mul</c>.</summary>
    public static Node operator *(Node x, Node y) => x.Multiply(y);

    /// <inheritdoc cref="op_Addition(Node, Node)"/>
    public Node Add(Node other) => Join(nameof(Add), [other]);

    /// <inheritdoc cref="op_Multiply(Node, Node)"/>
    public Node Multiply(Node other) => Join(nameof(Multiply), [other]);

    /// <summary>Values side by side: images along their channels, sequences along their features. Keras <c>Concatenate</c>, PyTorch <c>cat</c>, ONNX <c>Concat</c>.</summary>
    public Node Concat(params Node[] others) => Join(nameof(Concat), others);

    /// <summary>
    /// Applies the layer that gave another value to this one as well, with the same parameters: both uses train them. <c>Node a = x.Dense(8), b = y.Reuse(a);</c>. Keras calls a layer object twice, PyTorch a
    /// module.
    /// </summary>
    /// <param name="layer">The result of a layer of one input; of the last call of a chain.</param>
    /// <exception cref="ArgumentException">The layer's parameters do not fit this value.</exception>
    public Node Reuse(Node layer)
    {
        Check([layer]);
        return new Node(Graph, Graph.Reuse(layer.Layer, Layer));
    }

    /// <inheritdoc cref="DenseAttribute"/>
    public Node Dense(int units, Initializer initializer = Initializer.Auto) => Apply(nameof(Dense), (nameof(units), units), (nameof(initializer), (int)initializer));

    /// <inheritdoc cref="FlattenAttribute"/>
    public Node Flatten() => Apply(nameof(Flatten));

    /// <inheritdoc cref="DropoutAttribute"/>
    public Node Dropout(float rate) => Apply(nameof(Dropout), (nameof(rate), rate));

    /// <inheritdoc cref="GaussianNoiseAttribute"/>
    public Node GaussianNoise(float stddev) => Apply(nameof(GaussianNoise), (nameof(stddev), stddev));

    /// <inheritdoc cref="ReluAttribute"/>
    public Node Relu() => Apply(nameof(Relu));

    /// <inheritdoc cref="LeakyReluAttribute"/>
    public Node LeakyRelu(float slope = 0.01f) => Apply(nameof(LeakyRelu), (nameof(slope), slope));

    /// <inheritdoc cref="SigmoidAttribute"/>
    public Node Sigmoid() => Apply(nameof(Sigmoid));

    /// <inheritdoc cref="TanhAttribute"/>
    public Node Tanh() => Apply(nameof(Tanh));

    /// <inheritdoc cref="SoftmaxAttribute"/>
    public Node Softmax() => Apply(nameof(Softmax));

    private Node Apply(string kind, params ReadOnlySpan<(string Name, object Value)> arguments)
    {
        var values = new Dictionary<string, object?>();
        foreach ((string name, object value) in arguments) values[name] = value;
        return new Node(Graph, Graph.Add(kind, [Layer], new LayerArguments(values)));
    }

    private void Check(Node[] others)
    {
        ArgumentNullException.ThrowIfNull(others);
        foreach (Node other in others)
        {
            ArgumentNullException.ThrowIfNull(other, nameof(others));
            if (other.Graph != Graph) throw new ArgumentException("The values belong to different networks.", nameof(others));
        }
    }

    private Node Join(string kind, Node[] others)
    {
        Check(others);
        return new Node(Graph, Graph.Add(kind, [Layer, .. others.Select(other => other.Layer)], new LayerArguments(new Dictionary<string, object?>())));
    }
}
