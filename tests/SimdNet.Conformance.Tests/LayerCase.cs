using SimdNet.Layers;

namespace SimdNet.Conformance.Tests;

/// <summary>One network, said twice.</summary>
/// <param name="Shape">The shape of a sample, in SimdNet's order.</param>
/// <param name="Network">How SimdNet builds it.</param>
/// <param name="Onnx">How ONNX builds it from the input of that name: the name of the result, in SimdNet's order of axes.</param>
/// <param name="Terms">The terms of the longest way of sums from an input to an output.</param>
internal sealed record LayerCase(int[] Shape, Func<Node, Node> Network, Func<OnnxGraph, string, string> Onnx, int Terms = 1)
{
    /// <summary>Inputs lie between this and its negative.</summary>
    public float InputScale { get; init; } = 1;

    /// <summary>How many times larger the rounding of an input can become.</summary>
    public double Growth { get; init; } = 1;

    /// <summary>Where inputs are whole numbers below it; 0 where they are any.</summary>
    public int Vocabulary { get; init; }
}
