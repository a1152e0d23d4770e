using System.Text;

namespace SimdNet.Generators.Emitting;

/// <summary>Text in indented lines that end in a line feed on every system.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Writes lines; those of a multi-line text are indented alike, and empty ones stay empty.</summary>
    public void WriteLine(string text = "")
    {
        foreach (string line in text.Replace("\r\n", "\n").Split('\n'))
        {
            if (line.Length > 0) _text.Append(' ', 4 * _depth).Append(line);
            _text.Append('\n');
        }
    }

    /// <summary>Writes an opening brace, below a line if one is given, and indents what follows.</summary>
    public void Open(string? line = null)
    {
        if (line is not null) WriteLine(line);
        WriteLine("{");
        _depth++;
    }

    /// <summary>Writes the closing brace, and what follows it on the line.</summary>
    public void Close(string end = "")
    {
        _depth--;
        WriteLine("}" + end);
    }

    public override string ToString() => _text.ToString();
}
