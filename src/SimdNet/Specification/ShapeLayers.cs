using System.Collections.Generic;
using System.Linq;

namespace SimdNet.Specification;

/// <summary>A part of one axis, in the order that users see.</summary>
internal sealed record SliceSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, int Axis, int Size, int Start)
    : LayerSpec(Name, Inputs, OutputShape)
{
    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation)
    {
        int rows = Shapes.Length(OutputShape.Take(Axis)), behind = Shapes.Length(OutputShape.Skip(Axis + 1));
        return new("SliceOperation", rows, Size * behind, Start * behind, OutputShape[Axis] * behind);
    }
}
