using System.Text;
using System.Text.Json;
using SimdNet.Data;

namespace SimdNet.Formats;

/// <summary>A preprocessing as the JSON text that a saved network carries among its metadata.</summary>
internal static class PreprocessingJson
{
    /// <summary>The name among the metadata.</summary>
    public const string Name = "simdnet.preprocessing";

    private const int Version = 1;

    public static string Write(Preprocessing preprocessing)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteStartArray("features");
            foreach (FeatureEncoder encoder in preprocessing.Encoders) Write(json, encoder);
            json.WriteEndArray();
            if (preprocessing.TargetEncoder is { } target)
            {
                json.WriteStartObject("target");
                if (target.Name is not null) json.WriteString("name", target.Name);
                Write(json, "classes", target.Classes);
                Write(json, "centers", target.Centers);
                Write(json, "scales", target.Scales);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <exception cref="InvalidDataException">The text is not what <see cref="Write(Preprocessing)"/> writes.</exception>
    public static Preprocessing Read(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            int version = root.GetProperty("version").GetInt32();
            if (version != Version) throw Damaged($"it is of version {version}, and this SimdNet reads version {Version}");
            FeatureEncoder[] encoders = [.. root.GetProperty("features").EnumerateArray().Select(ReadEncoder)];
            if (encoders.Length == 0) throw Damaged("it has no features");
            CheckColumns(encoders);
            return new Preprocessing(encoders, root.TryGetProperty("target", out JsonElement target) ? ReadTarget(target) : null);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw Damaged(exception.Message, exception);
        }
    }

    /// <summary>A column stands once, or, as a date, once for each of its parts.</summary>
    private static void CheckColumns(FeatureEncoder[] encoders)
    {
        var columns = new Dictionary<string, FeatureEncoder>();
        var parts = new HashSet<string>();
        foreach (FeatureEncoder encoder in encoders)
        {
            string column = encoder.Source.Column;
            if (!parts.Add($"{column}\0{encoder.Source.Part}")) throw Damaged($"column \"{column}\" stands twice");
            if (!columns.TryAdd(column, encoder) && columns[column].Source.Kind != encoder.Source.Kind) throw Damaged($"column \"{column}\" has several kinds");
        }
    }

    private static void Write(Utf8JsonWriter json, FeatureEncoder encoder)
    {
        json.WriteStartObject();
        json.WriteString("column", encoder.Source.Column);
        json.WriteString("kind", encoder.Source.Kind.ToString());
        if (encoder.Source.Levels.Count > 0) Write(json, "levels", encoder.Source.Levels);
        if (encoder.Source.Part is { } part) json.WriteString("part", part.ToString());
        if (encoder.Source.Format is { } format) json.WriteString("format", format);
        if (encoder is CategoryEncoder category)
        {
            Write(json, "categories", category.Categories);
            json.WriteBoolean("missing", category.HasMissing);
        }
        else if (encoder is NumericEncoder numeric)
        {
            json.WriteNumber("center", numeric.Center);
            json.WriteNumber("scale", numeric.Scale);
            json.WriteNumber("standIn", numeric.StandIn);
            json.WriteBoolean("missing", numeric.HasIndicator);
        }
        json.WriteEndObject();
    }

    private static FeatureEncoder ReadEncoder(JsonElement element)
    {
        string column = Text(element.GetProperty("column"));
        ColumnKind kind = Named<ColumnKind>(element.GetProperty("kind"));
        string[] levels = element.TryGetProperty("levels", out JsonElement names) ? Texts(names) : [];
        DateParts? part = element.TryGetProperty("part", out JsonElement named) ? Named<DateParts>(named) : null;
        if (column.Length == 0 || kind == ColumnKind.Ignored || (kind == ColumnKind.Date) != part.HasValue || (kind == ColumnKind.Ordinal) != (levels.Length > 0))
            throw Damaged($"column \"{column}\" contradicts itself");
        var source = new FeatureSource(column, kind, levels, part, element.TryGetProperty("format", out JsonElement format) ? Text(format) : null);
        bool hasMissing = element.GetProperty("missing").GetBoolean();
        if (kind == ColumnKind.Categorical || part is DateParts.Month or DateParts.DayOfWeek)
        {
            string[] categories = Texts(element.GetProperty("categories"));
            return new CategoryEncoder(source, categories, hasMissing);
        }
        double scale = Number(element.GetProperty("scale"));
        if (scale <= 0) throw Damaged($"column \"{column}\" has the scale {scale}");
        return new NumericEncoder(source, Number(element.GetProperty("center")), scale, Number(element.GetProperty("standIn")), hasMissing);
    }

    private static TargetEncoder ReadTarget(JsonElement element)
    {
        string[] classes = Texts(element.GetProperty("classes"));
        double[] centers = [.. element.GetProperty("centers").EnumerateArray().Select(Number)], scales = [.. element.GetProperty("scales").EnumerateArray().Select(Number)];
        bool hasName = element.TryGetProperty("name", out JsonElement name);
        if (classes.Distinct().Count() < classes.Length || classes.Length == 1 || centers.Length != scales.Length || classes.Length > 0 == centers.Length > 0 || scales.Any(scale => scale <= 0))
            throw Damaged("its target contradicts itself");
        return new TargetEncoder(hasName ? Text(name) : null, classes, centers, scales);
    }

    private static void Write(Utf8JsonWriter json, string property, IEnumerable<string> texts)
    {
        json.WriteStartArray(property);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string property, IEnumerable<double> numbers)
    {
        json.WriteStartArray(property);
        foreach (double number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static string Text(JsonElement element) => element.GetString() ?? throw new FormatException("a text was expected");

    private static string[] Texts(JsonElement element) => [.. element.EnumerateArray().Select(Text)];

    private static double Number(JsonElement element) =>
        element.GetDouble() is var number && double.IsFinite(number) ? number : throw new FormatException("a finite number was expected");

    private static T Named<T>(JsonElement element) where T : struct, Enum =>
        Enum.TryParse(Text(element), out T value) && Enum.IsDefined(value) ? value : throw new FormatException($"{element} is no {typeof(T).Name}");

    private static InvalidDataException Damaged(string why, Exception? inner = null) => new("The preprocessing in the file is damaged: " + why.TrimEnd('.') + ".", inner);
}
