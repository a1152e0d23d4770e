using System.Collections.Concurrent;
using System.ComponentModel;
using SimdNet.Kernels;
using SimdNet.Specification;

namespace SimdNet.CompilerServices;

/// <summary>Parameters that nothing changes any more, and copies of those weights that many rows go through, as tiles read them.</summary>
/// <param name="parameters">Parameters that nobody else has.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class FrozenParameters(ParameterBlock parameters)
{
    private readonly ConcurrentDictionary<int, PackedMatrix> _packed = [];
    private readonly ConcurrentDictionary<int, AlignedBuffer> _recurrent = [];

    /// <summary>All parameters, where they were.</summary>
    public ReadOnlySpan<float> All => parameters.All;

    /// <summary>The copy of a dense layer's weights; layers that share weights share it. Null where a copy brings nothing.</summary>
    /// <param name="offset">Where the weights begin, [inputs][outputs padded].</param>
    /// <param name="inputs">The fan-in.</param>
    /// <param name="outputs">The fan-out.</param>
    internal PackedMatrix? Pack(int offset, int inputs, int outputs)
    {
        int padded = SumOrder.PaddedOutputs(outputs), stride = SumOrder.StrideOfPadded(padded);
        return !DenseSpec.IsWorthCopying(inputs, outputs) ? null : _packed.GetOrAdd(offset, _ => new PackedMatrix(All.Slice(offset, inputs * stride), stride, inputs, padded, SumOrder.Lanes(outputs)));
    }

    /// <summary>The copy of a recurrent layer's recurrent weights.</summary>
    internal AlignedBuffer Pack(RecurrentShape shape, RecurrentPass pass) => _recurrent.GetOrAdd(shape.RecurrentWeights, _ =>
    {
        var packed = new AlignedBuffer(shape.Units * shape.Row);
        pass.Pack(shape, All, packed.Span);
        return packed;
    });
}
