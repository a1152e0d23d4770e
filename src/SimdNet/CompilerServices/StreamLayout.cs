using System.ComponentModel;
using System.Runtime.CompilerServices;
using SimdNet.Layers;

namespace SimdNet.CompilerServices;

/// <summary>Where the layers of a network keep what a stream remembers, and the sizes of one time step.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class StreamLayout
{
    private const int Alignment = 16;

    private readonly TensorLayout[] _tensors;
    private readonly int[] _starts, _lengths;
    private readonly bool[] _remembersContext;
    private readonly int _inputSize, _outputSize, _contextSize, _length;

    /// <summary>The layout of a network's streams.</summary>
    /// <param name="inputSize">The floats of one step.</param>
    /// <param name="outputSize">The floats of one step's result.</param>
    /// <param name="contextSize">The floats of the inputs that are given once.</param>
    /// <param name="memory">The floats between layers.</param>
    /// <param name="layers">The layers with a state, by name.</param>
    public StreamLayout(int inputSize, int outputSize, int contextSize, int memory, params (string Name, Operation Operation)[] layers)
    {
        (_inputSize, _outputSize, _contextSize, Memory) = (inputSize, outputSize, contextSize, memory);
        _lengths = [.. layers.Select(layer => layer.Operation.StateLength)];
        _remembersContext = [.. layers.Select(layer => layer.Operation.RemembersContext)];
        _starts = new int[layers.Length];

        // What is known of the context comes first, so that a stream which begins anew can keep it; and at the very first, whether it is known.
        ContextLength = Place(true, contextSize > 0 ? Alignment : 0);
        _length = Place(false, ContextLength);
        IEnumerable<TensorLayout> states = layers.Select((layer, i) => State(layer.Name + ".state", _lengths[i], _starts[i]));
        _tensors = [.. contextSize > 0 ? [State("context", 1, 0)] : Array.Empty<TensorLayout>(), .. states];

        int Place(bool ofContext, int start)
        {
            for (int i = 0; i < _starts.Length; i++)
            {
                if (_remembersContext[i] != ofContext) continue;
                _starts[i] = start;
                start = checked(start + (_lengths[i] + Alignment - 1) / Alignment * Alignment);
            }
            return start;
        }

        static TensorLayout State(string name, int length, int start) => new(name, [length], start, [1], isDecayed: false, initializer: Initializer.Zeros);
    }

    /// <summary>The floats at the beginning of a state that know the context.</summary>
    internal int ContextLength { get; }

    /// <summary>The floats between layers.</summary>
    internal int Memory { get; }

    /// <summary>The state of a stream that begins.</summary>
    public NetworkState CreateState() => new(this, new ParameterBlock(_tensors, _length, 0, _inputSize, _outputSize));

    /// <summary>What a layer remembers.</summary>
    /// <param name="state">The state, which <see cref="CheckForward"/> has seen.</param>
    /// <param name="layer">The number of the layer among those with a state.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> Of(NetworkState state, int layer) => state.Values.Slice(_starts[layer], _lengths[layer]);

    /// <summary>The first float of what a layer remembers, for emitted code, which knows how many there are.</summary>
    /// <inheritdoc cref="Of" path="/param"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float FirstOf(NetworkState state, int layer) => ref Unsafe.Add(ref state.FirstValue, _starts[layer]);

    /// <summary>The memory between layers, which goes with the state.</summary>
    public static Span<float> MemoryOf(NetworkState state) => state.Memory;

    /// <summary>The first float of the memory between layers, of which there is some.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref float FirstOfMemory(NetworkState state) => ref state.FirstOfMemory;

    /// <summary>The slot of a ring that holds the oldest value, which the newest replaces; the ring goes on to the next.</summary>
    /// <param name="place">Where the state keeps the slot.</param>
    /// <param name="slots">The slots of the ring.</param>
    /// <exception cref="InvalidOperationException">The state holds no such slot.</exception>
    public static int RingSlot(ref float place, int slots)
    {
        int slot = (int)place;
        if ((uint)slot >= (uint)slots) throw new InvalidOperationException($"Expected a slot below {slots} in the state, but it is {place}.");
        place = slot + 1 == slots ? 0 : slot + 1;
        return slot;
    }

    /// <summary>The number of time steps.</summary>
    /// <exception cref="ArgumentNullException">The state is null.</exception>
    /// <exception cref="ArgumentException">The state is that of another network, or the input is no whole number of steps, or the output does not fit it.</exception>
    /// <exception cref="InvalidOperationException">The state knows no context.</exception>
    public int CheckForward(int input, int output, NetworkState state)
    {
        CheckState(state);
        if (_contextSize > 0 && state.FirstValue == 0)
            throw new InvalidOperationException("The network has inputs that are given once for the whole stream: call SetContext(context, state) before the first step.");

        // One step is the common call, and needs no division.
        if (input == _inputSize && output == _outputSize) return 1;
        int steps = input / _inputSize;
        if (steps * _inputSize != input)
            throw new ArgumentException($"Expected a multiple of {_inputSize} floats (whole time steps), but {input} were given.", nameof(input));
        if ((long)steps * _outputSize != output)
            throw new ArgumentException($"Expected {(long)steps * _outputSize} floats ({steps} time steps of {_outputSize}), but {output} were given.", nameof(output));
        return steps;
    }

    /// <summary>Checks a context, before it is computed what layers need of it.</summary>
    /// <exception cref="ArgumentNullException">The state is null.</exception>
    /// <exception cref="ArgumentException">The state is that of another network, or the context does not have its length.</exception>
    public void CheckContext(int context, NetworkState state)
    {
        CheckState(state);
        Guard.Length(context, _contextSize, nameof(context), "the inputs that are given once for the whole stream");
    }

    /// <summary>The stream begins anew with another context.</summary>
    /// <param name="states">The states that know it, one behind the other in the order of the layers.</param>
    /// <param name="state">The state, which <see cref="CheckContext"/> has seen.</param>
    public void SetContext(ReadOnlySpan<float> states, NetworkState state)
    {
        state.Reset();
        for (int i = 0; i < _starts.Length; i++)
        {
            if (!_remembersContext[i]) continue;
            states[.._lengths[i]].CopyTo(Of(state, i));
            states = states[_lengths[i]..];
        }
        state.FirstValue = 1;
    }

    private void CheckState(NetworkState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Layout != this) throw new ArgumentException("The state was created by another network, for which a network and its WithLength count as well.", nameof(state));
    }
}
