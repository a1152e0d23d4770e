using System.Globalization;
using System.Text;

namespace Embedded;

/// <summary>Pictures in grey, as every image program writes them: PGM, the binary kind (P5).</summary>
internal static class Picture
{
    /// <summary>The pixels, row by row, from 0 to 1: white on black, as the network was trained.</summary>
    /// <exception cref="InvalidDataException">It is no such picture, or has another size.</exception>
    public static float[] Read(Stream file, int side)
    {
        if (file.ReadByte() != 'P' || file.ReadByte() != '5') throw new InvalidDataException("This is no binary PGM picture (it would begin with P5).");
        int width = ReadNumber(file), height = ReadNumber(file), white = ReadNumber(file);
        if (width != side || height != side) throw new InvalidDataException($"The picture has {width} x {height} pixels; the network takes {side} x {side}.");
        if (white is < 1 or > 255) throw new InvalidDataException($"White is {white}; one byte a pixel is expected.");
        var bytes = new byte[side * side];
        if (file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw new InvalidDataException("The picture ends too soon.");
        return Array.ConvertAll(bytes, value => (float)value / white);
    }

    /// <summary>Two rows of pixels in a line of text.</summary>
    public static string Draw(ReadOnlySpan<float> image, int side)
    {
        const string Shades = " .:-=+*#%@";
        var text = new StringBuilder();
        for (int row = 0; row + 1 < side; row += 2)
        {
            for (int column = 0; column < side; column++)
            {
                float grey = (image[row * side + column] + image[(row + 1) * side + column]) / 2;
                text.Append(Shades[(int)(grey * (Shades.Length - 0.01f))]);
            }
            text.AppendLine();
        }
        return text.ToString();
    }

    private static int ReadNumber(Stream file)
    {
        var digits = new StringBuilder();
        bool inComment = false;
        for (int value = file.ReadByte(); value >= 0; value = file.ReadByte())
        {
            char character = (char)value;
            if (character == '#') inComment = true;
            if (!inComment && char.IsAsciiDigit(character)) digits.Append(character);
            else if (digits.Length > 0) break;
            if (character == '\n') inComment = false;
        }
        return int.TryParse(digits.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new InvalidDataException("The picture's header has no sizes.");
    }
}
