using System.ComponentModel;
using System.Runtime.CompilerServices;
using SimdNet.Data;
using SimdNet.Formats;
using SimdNet.Layers;
using SimdNet.Training;

namespace SimdNet.CompilerServices;

/// <summary>The parameters of a network: one aligned block, its tensors, and the way to files and back.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ParameterBlock
{
    private readonly TensorLayout[] _layouts;
    private readonly int _inputSize, _outputSize, _length;
    private readonly AlignedBuffer _storage;

    /// <summary>All parameters zero.</summary>
    /// <param name="layouts">Where each tensor lies.</param>
    /// <param name="length">The floats that training changes, padding included.</param>
    /// <param name="decayedLength">How many of them, at the beginning, decay.</param>
    /// <param name="inputSize">The floats of one sample; 0 where that is up to each call.</param>
    /// <param name="outputSize">The floats of one output.</param>
    /// <param name="statisticsLength">The floats behind them that hold running statistics.</param>
    public ParameterBlock(TensorLayout[] layouts, int length, int decayedLength, int inputSize, int outputSize, int statisticsLength = 0)
    {
        _layouts = layouts;
        _inputSize = inputSize;
        _outputSize = outputSize;
        _storage = new AlignedBuffer(length + statisticsLength);
        _length = length;
        DecayedLength = decayedLength;
        Tensors = new TensorTable([.. layouts.Select(layout => new Tensor(_storage, layout))]);
    }

    /// <summary>What training changes, padding included.</summary>
    public Span<float> Span => _storage.Span[.._length];

    /// <summary>All floats: parameters, and behind them running statistics.</summary>
    public Span<float> All => _storage.Span;

    /// <summary>The first float.</summary>
    public ref float First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _storage.First;
    }

    /// <summary>How many floats at the beginning weight decay applies to.</summary>
    public int DecayedLength { get; }

    /// <summary>The tensors.</summary>
    public TensorTable Tensors { get; }

    /// <summary>What is done to rows of a table before they are predicted from; saved with the parameters.</summary>
    /// <exception cref="ArgumentException">It makes another number of features than the network takes, or has another number of classes.</exception>
    public Preprocessing? Preprocessing
    {
        get;
        set
        {
            value?.Check(_inputSize, _outputSize, nameof(value));
            field = value;
        }
    }

    /// <summary>
    /// Draws every tensor from a sequence of its own, named by the seed and its place in the table, in the logical order:
    /// the layout does not change what is drawn.
    /// </summary>
    public void Initialize(ulong seed)
    {
        for (int i = 0; i < Tensors.Count; i++)
        {
            TensorLayout layout = _layouts[i];
            double fanIn = layout.FanIn, fanOut = layout.FanOut;
            double variance = layout.Initializer switch
            {
                Initializer.GlorotUniform or Initializer.GlorotNormal => 2 / (fanIn + fanOut),
                Initializer.KaimingUniform or Initializer.KaimingNormal => 2 / ((1 + layout.Slope * (double)layout.Slope) * fanIn),
                Initializer.Normal => 1,
                _ => 0,
            };
            var elements = new float[layout.Length];
            var random = new RandomStream(seed, (ulong)i);
            if (layout.Initializer == Initializer.Ones) elements.AsSpan().Fill(1);
            else if (layout.Initializer == Initializer.Quarter) elements.AsSpan().Fill(0.25f);
            else if (layout.Initializer is Initializer.GlorotNormal or Initializer.KaimingNormal or Initializer.Normal) random.FillNormal(elements, 0, (float)Math.Sqrt(variance));
            else random.FillUniform(elements, -(float)Math.Sqrt(3 * variance), (float)Math.Sqrt(3 * variance));
            Tensors[i].CopyFrom(elements);
        }
    }

    /// <summary>The same parameters in storage of their own.</summary>
    public ParameterBlock Clone()
    {
        var copy = new ParameterBlock(_layouts, _length, DecayedLength, _inputSize, _outputSize, _storage.Length - _length) { Preprocessing = Preprocessing };
        All.CopyTo(copy.All);
        return copy;
    }

    /// <summary>A copy in which layers compute the batch normalisations behind them as well.</summary>
    public ParameterBlock Fold(params FoldedNorm[] norms)
    {
        ParameterBlock copy = Clone();
        foreach (FoldedNorm norm in norms) norm.Apply(copy.Tensors);
        return copy;
    }

    /// <summary>Writes a safetensors file, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, Save);

    /// <summary>Writes in the safetensors format.</summary>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        SafeTensors.Write(
            stream, [.. Tensors.Select(tensor => new TensorSource(tensor.Name, tensor.Shape, tensor.ToArray))],
            Preprocessing is null ? new Dictionary<string, string>() : new() { [PreprocessingJson.Name] = PreprocessingJson.Write(Preprocessing) });
    }

    /// <summary>Reads a safetensors file.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or its tensors are not these; nothing is changed then.</exception>
    public void Load(string path) => SafeTensors.ReadFile(path, Load);

    /// <summary>Reads the safetensors format from memory.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or its tensors are not these; nothing is changed then.</exception>
    public unsafe void Load(ReadOnlySpan<byte> data)
    {
        fixed (byte* first = data)
        {
            using Stream stream = data.IsEmpty ? Stream.Null : new UnmanagedMemoryStream(first, data.Length);
            Load(stream);
        }
    }

    /// <summary>Reads the rest of a stream.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or its tensors are not these; nothing is changed then.</exception>
    public void Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (IReadOnlyList<SafeTensor> found, IReadOnlyDictionary<string, string> metadata) = SafeTensors.ReadHeader(stream);
        if (metadata.ContainsKey(Checkpoint.MetadataName)) throw new InvalidDataException("The file is a checkpoint, which a trainer's LoadCheckpoint reads; Load reads what Save wrote.");
        SafeTensors.CheckFit(found, Tensors.Select(tensor => (tensor.Name, tensor.Shape)));
        Preprocessing? preprocessing = metadata.TryGetValue(PreprocessingJson.Name, out string? text) ? ReadPreprocessing(text) : null;
        if (stream is UnmanagedMemoryStream memory && SafeTensors.HasPointer(memory))
        {
            // An embedded resource, or a span: all that the header claims is there, so nothing can fail any more.
            foreach (SafeTensor stored in found) Tensors[stored.Name].CopyFrom(SafeTensors.View(memory, stored));
            Preprocessing = preprocessing;
            return;
        }
        foreach ((string name, float[] elements) in SafeTensors.ReadAll(stream, found)) Tensors[name].CopyFrom(elements);
        Preprocessing = preprocessing;
    }

    private Preprocessing ReadPreprocessing(string text)
    {
        Preprocessing preprocessing = PreprocessingJson.Read(text);
        try
        {
            preprocessing.Check(_inputSize, _outputSize, nameof(text));
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException("The file does not fit the network: " + exception.Message, exception);
        }
        return preprocessing;
    }
}
