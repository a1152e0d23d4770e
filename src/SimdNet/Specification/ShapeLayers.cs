using System.Collections.Generic;
using System.Linq;

namespace SimdNet.Specification;

/// <summary>A part of one axis, in the order that users see.</summary>
internal sealed record SliceSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, int Axis, int Size, int Start)
    : LayerSpec(Name, Inputs, OutputShape)
{
    /// <summary>The same features of each step.</summary>
    public override LayerSpec? ToOneStep() => OutputShape.Count == 2 && Axis == 1 ? this with { OutputShape = OneStepShape } : null;

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation)
    {
        int rows = Shapes.Length(OutputShape.Take(Axis)), behind = Shapes.Length(OutputShape.Skip(Axis + 1));
        return new("SliceOperation", rows, Size * behind, Start * behind, OutputShape[Axis] * behind);
    }
}

/// <summary>Two or three axes in another order, as users see them.</summary>
/// <param name="InputShape">The sizes before.</param>
/// <param name="Order">For each axis of the result the axis of the input.</param>
internal sealed record PermuteSpec(string Name, EquatableArray<int> Inputs, EquatableArray<int> OutputShape, EquatableArray<int> InputShape, EquatableArray<int> Order)
    : LayerSpec(Name, Inputs, OutputShape)
{
    /// <summary>Whether the result lies in memory as images [height, width, channels] lie inside.</summary>
    public bool TurnsChannelsLast => Order.Count == 3 && Order[2] == 0 && Order[0] == 1;

    /// <summary>Whether the input lies in memory as the result does inside.</summary>
    public bool TurnsChannelsFirst => Order.Count == 3 && Order[0] == 2 && Order[1] == 0;

    public override OperationCall Operation(IReadOnlyList<int> offsets, ActivationSpec? activation)
    {
        int last = Order.Count - 1, middle = Shapes.Length(InputShape.Skip(1).Take(last - 1));
        return Order[0] == 0 ? new("PermuteOperation", InputShape[0], InputShape[1], 1, InputShape[2], 1)
            : Order[last] == last ? new("PermuteOperation", 1, InputShape[0], 1, InputShape[1], InputShape[2])
            : new("PermuteOperation", 1, InputShape[0], middle, InputShape[last], 1);
    }
}
