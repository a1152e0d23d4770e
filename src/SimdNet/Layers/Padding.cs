namespace SimdNet.Layers;

/// <summary>What lies beyond the ends of an image or a sequence: zeros, and how many of them.</summary>
public enum Padding
{
    /// <summary>None, or as many as <c>pad</c> says on every side: windows lie within. Keras <c>valid</c>, PyTorch's <c>padding</c> as a number.</summary>
    Valid,

    /// <summary>As many as give one result for each <c>stride</c> inputs, one more at the end where they are odd. Keras and PyTorch <c>same</c>, ONNX <c>SAME_UPPER</c>.</summary>
    Same,

    /// <summary>Before a sequence alone, so that no result depends on later inputs. Keras <c>causal</c>.</summary>
    Causal,
}
