namespace SimdNet.Layers;

/// <summary>
/// A part of one axis, <c>y = x[start .. start + length]</c> along <paramref name="axis"/>, any shape: of flat values, of the time or the features of a
/// sequence, of the channels, the height or the width of an image. Keras <c>Cropping1D</c> and slicing, PyTorch <c>narrow</c>, ONNX <c>Slice</c>.
/// </summary>
/// <param name="axis">The axis, counted from 0 without the batch: 0 of (time, features) is the time, 0 of (channels, height, width) the channels.</param>
/// <param name="start">Where the part begins.</param>
/// <param name="length">The size of the part.</param>
public sealed class SliceAttribute(int axis, int start, int length) : LayerAttribute
{
    /// <summary>The axis, counted from 0 without the batch.</summary>
    public int Axis { get; } = axis;

    /// <summary>Where the part begins.</summary>
    public int Start { get; } = start;

    /// <summary>The size of the part.</summary>
    public int Length { get; } = length;
}
