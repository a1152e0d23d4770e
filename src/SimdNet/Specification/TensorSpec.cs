using SimdNet.Layers;

namespace SimdNet.Specification;

/// <summary>What a tensor of a layer is to training.</summary>
internal enum TensorRole
{
    /// <summary>Trained, with weight decay.</summary>
    Weight,

    /// <summary>Trained, without weight decay.</summary>
    Bias,

    /// <summary>A running statistic: no gradient.</summary>
    Statistic,
}

/// <summary>A parameter tensor of a layer.</summary>
/// <param name="Name">Its name in the layer: <c>weight</c>.</param>
/// <param name="Shape">The logical shape, PyTorch's.</param>
/// <param name="Sizes">The logical shape with sizes split where storage needs it.</param>
/// <param name="Strides">The distance in storage between neighbours along each of <paramref name="Sizes"/>.</param>
/// <param name="Length">The floats of storage, padding included.</param>
/// <param name="Role">What it is to training.</param>
/// <param name="Initializer">How elements are drawn.</param>
/// <param name="FanIn">The inputs that an output sums over.</param>
/// <param name="FanOut">The outputs that an input goes to.</param>
/// <param name="Slope">The slope of the relu that follows.</param>
internal sealed record TensorSpec(
    string Name, EquatableArray<int> Shape, EquatableArray<int> Sizes, EquatableArray<int> Strides, int Length, TensorRole Role,
    Initializer Initializer, int FanIn = 1, int FanOut = 1, float Slope = 0)
{
    /// <summary>A row of floats, padded to <paramref name="length"/>.</summary>
    public static TensorSpec Vector(string name, int count, int length, TensorRole role, Initializer initializer) =>
        new(name, new([count]), new([count]), new([1]), length, role, initializer);
}
