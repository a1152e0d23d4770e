using System.Collections.Generic;

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
}
