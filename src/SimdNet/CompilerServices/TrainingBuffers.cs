using System.ComponentModel;
using System.Runtime.CompilerServices;
using SimdNet.Training;

namespace SimdNet.CompilerServices;

/// <summary>The values that a training pass keeps, for emitted code: regions of one buffer, each 64-byte aligned.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TrainingBuffers
{
    private readonly AlignedBuffer _storage;
    private readonly int[] _strides;
    private readonly int[] _offsets;

    /// <summary>Regions of <paramref name="maxBatch"/> rows, of the given lengths.</summary>
    public TrainingBuffers(int maxBatch, params int[] strides)
    {
        _strides = strides;
        _offsets = new int[strides.Length];
        long length = 0;
        for (int i = 0; i < strides.Length; i++)
        {
            _offsets[i] = (int)length;
            length += ((long)maxBatch * strides[i] + 15) / 16 * 16;
            if (length > TrainingPass.MostFloats) throw TrainingPass.TooLarge(maxBatch);
        }
        _storage = new AlignedBuffer((int)length);
    }

    /// <summary>The first <paramref name="batch"/> rows of a region.</summary>
    public Span<float> Rows(int region, int batch) => _storage.Span.Slice(_offsets[region], batch * _strides[region]);

    /// <summary>The first row of a region.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float Row(int region) => ref Unsafe.Add(ref _storage.First, _offsets[region]);
}
