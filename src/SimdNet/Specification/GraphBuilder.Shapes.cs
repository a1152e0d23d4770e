using System.Collections.Generic;
using System.Linq;

namespace SimdNet.Specification;

/// <summary>Layers that move values and compute nothing: what sizes they take and give.</summary>
internal sealed partial class GraphBuilder
{
    private LayerSpec? MakeSlice(string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        int axis = arguments.Integer("axis"), start = arguments.Integer("start"), length = arguments.Integer("length");
        if (axis < 0 || axis >= shape.Count)
        {
            Report(FaultKind.SizesDoNotFit, "Slice", $"{Shapes.Text(shape)} has no axis {Text(axis)}; axes are counted from 0, without the batch");
            return null;
        }
        if (!ArePositive("Slice", ("length", length))) return null;
        if (start < 0 || start > shape[axis] - length)
        {
            Report(FaultKind.SizesDoNotFit, "Slice", $"{Text(length)} from {Text(start)} do not lie within axis {Text(axis)} of {Shapes.Text(shape)}, which has {Text(shape[axis])}");
            return null;
        }
        int[] result = [.. shape];
        result[axis] = length;
        return new SliceSpec(name, inputs, new(result), axis, shape[axis], start);
    }

    private LayerSpec? MakePermute(string name, EquatableArray<int> inputs, IReadOnlyList<int> shape, LayerArguments arguments)
    {
        IReadOnlyList<int> order = arguments.Integers("order");
        if (shape.Count > 3 || !order.OrderBy(axis => axis).SequenceEqual(Enumerable.Range(0, shape.Count)))
        {
            Report(FaultKind.SizesDoNotFit, "Permute", $"({string.Join(", ", order)}) is no order of the axes of {Shapes.Text(shape)}; name each of up to three axes once, counted from 0, without the batch");
            return null;
        }
        EquatableArray<int> result = new(order.Select(axis => shape[axis]));
        int[] moved = [.. order.Where(axis => shape[axis] > 1)];
        // Where axes of size one alone change places, no value does.
        return moved.SequenceEqual(moved.OrderBy(axis => axis)) ? new ReshapeSpec(name, inputs, result) : new PermuteSpec(name, inputs, result, new(shape), new(order));
    }
}
