using System.Text;
using System.Text.Json;
using SimdNet.Data;
using SimdNet.Formats;

namespace SimdNet.Training;

/// <summary>
/// All that a run of training goes on from, as a safetensors file: the network's tensors under their names, what the optimizer keeps for each of them, and a
/// trainer's counts among the metadata.
/// </summary>
internal static class Checkpoint
{
    private const int Version = 1;

    /// <summary>Its name among a file's metadata.</summary>
    public const string MetadataName = "simdnet.checkpoint";

    /// <summary>More samples than a data set holds, whose inputs are one array.</summary>
    private const int MostSamples = TrainingPass.MostFloats;

    /// <summary>The samples of all epochs whose shuffles are gone through again, at the most: some hours, which no run has behind it.</summary>
    private const long MostShuffled = 1L << 42;

    /// <summary>
    /// What a trainer counts: epochs begun, batches trained on, how many samples its order has, which was the data's own after so many epochs, and how many of them an epoch
    /// is done with that has not ended, -1 between epochs.
    /// </summary>
    public readonly record struct Counts(float LearningRate, ulong Seed, ulong Epochs, ulong Batches, int Samples, ulong OrderedSince, int Done);

    public static void Write(Stream stream, INetwork network, Optimizer optimizer, Counts counts)
    {
        var tensors = network.Tensors.Select(tensor => new TensorSource(tensor.Name, tensor.Shape, tensor.ToArray)).ToList();
        if (optimizer.Steps > 0)
        {
            tensors.AddRange(
                from state in optimizer.StateNames
                from tensor in Trained(network)
                select new TensorSource(NameOf(state, tensor), tensor.Shape, () => Elements(optimizer, state, tensor)));
        }
        var metadata = new Dictionary<string, string> { [MetadataName] = ToJson(optimizer, counts) };
        if (network.Preprocessing is { } preprocessing) metadata[PreprocessingJson.Name] = PreprocessingJson.Write(preprocessing);
        SafeTensors.Write(stream, tensors, metadata);
    }

    /// <summary>Reads what <see cref="Write"/> wrote into the network and the optimizer, and returns the counts.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or does not fit; nothing is changed then.</exception>
    public static Counts Read(Stream stream, INetwork network, Optimizer optimizer, ulong seed)
    {
        (IReadOnlyList<SafeTensor> found, IReadOnlyDictionary<string, string> metadata) = SafeTensors.ReadHeader(stream);
        if (!metadata.TryGetValue(MetadataName, out string? text))
            throw new InvalidDataException($"The file is no checkpoint: it has parameters alone, as Save writes them. {network.GetType().Name}.Load reads it.");
        (Counts counts, string name, long steps) = FromJson(text);
        if (name != optimizer.GetType().Name) throw new InvalidDataException($"The checkpoint was written by a trainer with {name}, but this one has {optimizer.GetType().Name}.");
        if (counts.Seed != seed) throw new InvalidDataException($"The checkpoint was written by a trainer with the seed {counts.Seed}, but this one has {seed}, and would not go on with the same shuffles.");

        string[] states = steps > 0 ? [.. optimizer.StateNames] : [];
        Tensor[] trained = [.. Trained(network)];
        SafeTensors.CheckFit(found,
        [
            .. network.Tensors.Select(tensor => (tensor.Name, tensor.Shape)),
            .. states.SelectMany(state => trained.Select(tensor => (NameOf(state, tensor), tensor.Shape))),
        ]);
        Preprocessing? preprocessing = metadata.TryGetValue(PreprocessingJson.Name, out string? written) ? PreprocessingJson.Read(written) : null;
        Dictionary<string, float[]> read = SafeTensors.ReadAll(stream, found).ToDictionary(tensor => tensor.Name, tensor => tensor.Elements);
        try
        {
            network.Preprocessing = preprocessing;
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException("The file does not fit the network: " + exception.Message, exception);
        }

        foreach (Tensor tensor in network.Tensors) tensor.CopyFrom(read[tensor.Name]);
        if (steps > 0) optimizer.Restore(network.Parameters.Length, steps);
        else optimizer.Reset();
        optimizer.LearningRate = counts.LearningRate;
        foreach (string state in states)
        {
            foreach (Tensor tensor in trained) tensor.CopyFrom(read[NameOf(state, tensor)], optimizer.State(state));
        }
        return counts;
    }

    /// <summary>The tensors that an optimizer changes; running statistics lie behind them.</summary>
    private static IEnumerable<Tensor> Trained(INetwork network)
    {
        int length = network.Parameters.Length;
        return network.Tensors.Where(tensor => tensor.Offset < length);
    }

    private static string NameOf(string state, Tensor tensor) => $"optimizer/{state}/{tensor.Name}";

    private static float[] Elements(Optimizer optimizer, string state, Tensor tensor)
    {
        var elements = new float[tensor.Length];
        tensor.CopyTo(optimizer.State(state), elements);
        return elements;
    }

    private static string ToJson(Optimizer optimizer, Counts counts)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("optimizer", optimizer.GetType().Name);
            json.WriteNumber("steps", optimizer.Steps);
            json.WriteNumber("learning_rate", counts.LearningRate);
            json.WriteNumber("seed", counts.Seed);
            json.WriteNumber("epochs", counts.Epochs);
            json.WriteNumber("batches", counts.Batches);
            json.WriteNumber("samples", counts.Samples);
            json.WriteNumber("ordered_since", counts.OrderedSince);
            json.WriteNumber("done", counts.Done);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static (Counts Counts, string Optimizer, long Steps) FromJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            int version = root.GetProperty("version").GetInt32();
            if (version != Version) throw new InvalidDataException($"The checkpoint has version {version}; this version of SimdNet reads {Version}.");
            var counts = new Counts(
                root.GetProperty("learning_rate").GetSingle(),
                root.GetProperty("seed").GetUInt64(), root.GetProperty("epochs").GetUInt64(), root.GetProperty("batches").GetUInt64(),
                root.GetProperty("samples").GetInt32(), root.GetProperty("ordered_since").GetUInt64(), root.GetProperty("done").GetInt32());
            long steps = root.GetProperty("steps").GetInt64();
            bool isPossible = steps >= 0 && counts.LearningRate >= 0 && float.IsFinite(counts.LearningRate) && counts.Samples is >= 0 and <= MostSamples && counts.Epochs <= long.MaxValue
                && counts.Done >= -1 && (counts.Done < 0 || (counts.Done < counts.Samples && counts.Epochs > counts.OrderedSince))
                && counts.OrderedSince <= counts.Epochs && (UInt128)(counts.Epochs - counts.OrderedSince) * (UInt128)counts.Samples <= MostShuffled;
            return isPossible
                ? (counts, root.GetProperty("optimizer").GetString() ?? "", steps)
                : throw new InvalidDataException("The checkpoint's counts are not possible: the file is damaged.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidDataException("The checkpoint's metadata is not what was written: " + exception.Message, exception);
        }
    }
}
