using System.IO.Compression;
using System.Text;

namespace Text;

/// <summary>A text as numbers: each character that the training part has often enough has one, all others share another.</summary>
internal sealed class Corpus
{
    /// <summary>What a rare character is shown as.</summary>
    private const char Rare = '\uFFFD';

    /// <summary>A character that occurs less often is rare.</summary>
    private const int LeastOccurrences = 20;

    private readonly char[] _characters;

    private Corpus(int[] training, int[] heldOut, char[] characters)
    {
        Training = training;
        HeldOut = heldOut;
        _characters = characters;
    }

    /// <summary>The first nine tenths.</summary>
    public int[] Training { get; }

    /// <summary>The last tenth.</summary>
    public int[] HeldOut { get; }

    /// <summary>How many different numbers there are.</summary>
    public int Vocabulary => _characters.Length;

    /// <summary>Reads a compressed text and cuts it.</summary>
    public static Corpus Read(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        string text = reader.ReadToEnd();
        int cut = text.Length / 10 * 9;
        char[] characters = [Rare, .. text[..cut].GroupBy(character => character).Where(group => group.Count() >= LeastOccurrences).Select(group => group.Key).Order()];
        Dictionary<char, int> numbers = characters.Select((character, number) => (character, number)).ToDictionary(pair => pair.character, pair => pair.number);
        int[] all = [.. text.Select(character => numbers.GetValueOrDefault(character))];
        return new Corpus(all[..cut], all[cut..], characters);
    }

    /// <summary>Numbers as text.</summary>
    public string Decode(IEnumerable<int> numbers) => string.Concat(numbers.Select(number => _characters[number]));

    /// <summary>Text as numbers.</summary>
    public int[] Encode(string text) => [.. text.Select(character => Math.Max(0, Array.IndexOf(_characters, character)))];
}
