using System.Numerics;

namespace SimdNet.Reference;

/// <summary>Axes in another order, as numpy's transpose and PyTorch's permute count them, as plain loops.</summary>
public static class PermuteReference
{
    /// <summary>Axis i of the result is axis <c>order[i]</c> of x.</summary>
    /// <param name="shape">The sizes of x.</param>
    /// <param name="order">Each axis of x once.</param>
    /// <param name="x">The values of x, the last axis running fastest.</param>
    /// <param name="y">The same values in the new order.</param>
    public static void Forward<T>(ReadOnlySpan<int> shape, ReadOnlySpan<int> order, ReadOnlySpan<T> x, Span<T> y) where T : INumber<T>
    {
        for (int i = 0; i < x.Length; i++) y[Place(shape, order, i)] = x[i];
    }

    /// <summary>Every gradient goes where its value came from.</summary>
    public static void Backward<T>(ReadOnlySpan<int> shape, ReadOnlySpan<int> order, ReadOnlySpan<T> gradient, Span<T> inputGradient) where T : INumber<T>
    {
        for (int i = 0; i < inputGradient.Length; i++) inputGradient[i] = gradient[Place(shape, order, i)];
    }

    /// <summary>Where value <paramref name="index"/> of x lies in the result.</summary>
    private static int Place(ReadOnlySpan<int> shape, ReadOnlySpan<int> order, int index)
    {
        Span<int> position = stackalloc int[shape.Length];
        for (int axis = shape.Length - 1; axis >= 0; axis--) (index, position[axis]) = Math.DivRem(index, shape[axis]);
        int place = 0;
        foreach (int axis in order) place = place * shape[axis] + position[axis];
        return place;
    }
}
