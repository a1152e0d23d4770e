using SimdNet.CompilerServices;

namespace SimdNet;

/// <summary>
/// What a network remembers of one stream: the units of recurrent layers, the last inputs of causal convolutions, the keys and values of attention, and what layers need of inputs that are given once.
/// <see cref="IStreamingNetwork.CreateState"/> makes it. One thread at a time may use it; a network may have any number of them.
/// </summary>
public sealed class NetworkState
{
    private readonly ParameterBlock _values;
    private readonly AlignedBuffer _memory;

    internal NetworkState(StreamLayout layout, ParameterBlock values)
    {
        Layout = layout;
        _values = values;
        _memory = new AlignedBuffer(layout.Memory);
    }

    internal StreamLayout Layout { get; }

    internal Span<float> Values => _values.All;

    internal Span<float> Memory => _memory.Span;

    /// <summary>The first value of a state that has some, and the first float of memory where there is some.</summary>
    internal ref float FirstValue => ref _values.First;

    /// <inheritdoc cref="FirstValue"/>
    internal ref float FirstOfMemory => ref _memory.First;

    /// <summary>Forgets all steps: the stream begins anew, with the context that it has. Also after an exception, which may have come between two layers.</summary>
    public void Reset() => Values[Layout.ContextLength..].Clear();

    /// <summary>Makes another state of the same network remember what this one does.</summary>
    /// <exception cref="ArgumentException">The other state is that of another network.</exception>
    public void CopyTo(NetworkState destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (destination.Layout != Layout) throw new ArgumentException("The state was created by another network, for which a network and its WithLength count as well.", nameof(destination));
        Values.CopyTo(destination.Values);
    }

    /// <summary>A state of its own that remembers the same.</summary>
    public NetworkState Clone() => new(Layout, _values.Clone());

    /// <summary>Writes the state as a safetensors file, whole or not at all.</summary>
    public void Save(string path) => _values.Save(path);

    /// <summary>Writes the state in the safetensors format.</summary>
    public void Save(Stream stream) => _values.Save(stream);

    /// <summary>Reads what <see cref="Save(string)"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or not a state of this network; nothing is changed then.</exception>
    public void Load(string path) => _values.Load(path);

    /// <summary>Reads what <see cref="Save(Stream)"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The data is damaged, or not a state of this network; nothing is changed then.</exception>
    public void Load(Stream stream) => _values.Load(stream);
}
