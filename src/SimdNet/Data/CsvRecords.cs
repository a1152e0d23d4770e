using System.Text;

namespace SimdNet.Data;

/// <summary>Cuts text into records of fields (RFC 4180), and knows the line of each.</summary>
internal sealed class CsvRecords(TextReader reader, string source, char separator)
{
    private readonly char[] _buffer = new char[1 << 16];
    private readonly StringBuilder _field = new();

    /// <summary>Texts seen before, so that a category that stands in every row is one string.</summary>
    private readonly HashSet<string> _known = [];
    private int _position, _length;
    private long _line = 1;
    private bool _isQuoted;

    /// <summary>What stands between fields.</summary>
    public char Separator { get; set; } = separator;

    /// <summary>The fields of the last record; blanks around a field without quotes are not part of it.</summary>
    public List<string> Fields { get; } = [];

    /// <summary>The line on which the last record begins, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>What is wrong with the last record's quotes; null where nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Leaves out the rest of a line.</summary>
    public void SkipLine()
    {
        int next;
        while ((next = Take()) is not (-1 or '\n'))
        {
        }
    }

    /// <summary>The separator that the first line ahead which is not empty has most of, outside quotes.</summary>
    public char DetectSeparator(ReadOnlySpan<char> candidates)
    {
        FillWithLine();
        Span<int> counts = stackalloc int[candidates.Length];
        bool isQuoted = false;
        int first = _position;
        while (first < _length && _buffer[first] is '\n' or '\r' or ' ') first++;
        for (int i = first; i < _length && (isQuoted || _buffer[i] is not ('\n' or '\r')); i++)
        {
            if (_buffer[i] == '"') isQuoted = !isQuoted;
            int candidate = isQuoted ? -1 : candidates.IndexOf(_buffer[i]);
            if (candidate >= 0) counts[candidate]++;
        }
        int best = 0;
        for (int i = 1; i < counts.Length; i++)
        {
            if (counts[i] > counts[best]) best = i;
        }
        return candidates[best];
    }

    /// <summary>Reads the next record that is not an empty line, one of an empty field in quotes included; false at the end.</summary>
    public bool Read()
    {
        do
        {
            if (Peek() == -1) return false;
            Line = _line;
            Fault = null;
            Fields.Clear();
            while (ReadField())
            {
            }
        }
        while (Fields is [""] && !_isQuoted && Fault is null);
        return true;
    }

    /// <summary>Returns whether another field of the record follows.</summary>
    private bool ReadField()
    {
        _field.Clear();
        while (Peek() is ' ' or '\t' && Peek() != Separator) Take();
        bool isQuoted = _isQuoted = Peek() == '"';
        if (isQuoted) TakeQuoted();
        int next = Take();
        bool hasMore = false;
        for (; next is not (-1 or '\n'); next = Take())
        {
            if (hasMore = next == Separator) break;
            if (isQuoted && next is not (' ' or '\t')) Fault ??= "text follows a closing quote; a quote inside quotes is written twice";
            if (!isQuoted) _field.Append((char)next);
        }
        while (!isQuoted && _field.Length > 0 && _field[^1] is ' ' or '\t') _field.Length--;
        Fields.Add(Text());
        return hasMore;
    }

    private void TakeQuoted()
    {
        long line = _line;
        Take();
        while (true)
        {
            int next = Take();
            if (next == -1)
            {
                Fault ??= $"a quote that opens on line {line} is never closed";
                return;
            }
            if (next == '"')
            {
                if (Peek() != '"') return;
                Take();
            }
            _field.Append((char)next);
        }
    }

    private string Text()
    {
        const int MostKnown = 4096, LongestKnown = 64;
        if (_field.Length > LongestKnown) return _field.ToString();
        Span<char> text = stackalloc char[_field.Length];
        _field.CopyTo(0, text, text.Length);
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> known = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(text, out string? seen)) return seen;
        var made = new string(text);
        if (_known.Count < MostKnown) _known.Add(made);
        return made;
    }

    /// <summary>The next character, every end of line as one line feed; -1 at the end.</summary>
    private int Take()
    {
        int next = Peek();
        if (next == -1) return -1;
        _position++;
        if (next == '\r')
        {
            if (Peek() == '\n') _position++;
            next = '\n';
        }
        if (next == '\n') _line++;
        return next;
    }

    private int Peek() => _position < _length || Fill() ? _buffer[_position] : -1;

    private bool Fill()
    {
        if (_position < _length) return true;
        (_position, _length) = (0, 0);
        return Append();
    }

    /// <summary>Reads on until a line that is not empty lies in the buffer as a whole, or no more of it fits.</summary>
    private void FillWithLine()
    {
        while (Peek() is '\n' or '\r') Take();
        _buffer.AsSpan(_position, _length - _position).CopyTo(_buffer);
        (_position, _length) = (0, _length - _position);
        bool isQuoted = false;
        for (int i = 0; i < _length || (_length < _buffer.Length && Append()); i++)
        {
            if (_buffer[i] == '"') isQuoted = !isQuoted;
            if (!isQuoted && _buffer[i] is '\n' or '\r') return;
        }
    }

    /// <summary>Reads more, behind what is in the buffer; false at the end.</summary>
    private bool Append()
    {
        int before = _length;
        try
        {
            _length += reader.Read(_buffer, _length, _buffer.Length - _length);
        }
        catch (DecoderFallbackException)
        {
            throw new CsvException(source, [new CsvError(_line, null, "here or on a later line stand bytes that are no UTF-8; save the file as UTF-8, or read it by a StreamReader with its encoding")]);
        }
        return _length > before;
    }
}
