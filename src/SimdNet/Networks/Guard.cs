using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SimdNet;

/// <summary>The checks of public entry points; the messages name the parameter, the expected and the given length.</summary>
internal static class Guard
{
    /// <summary>Throws unless <paramref name="given"/> is exactly <paramref name="expected"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Length(int given, int expected, string parameter, string what)
    {
        if (given != expected) ThrowLength(given, expected, parameter, what);
    }

    /// <summary>Throws unless <paramref name="given"/> is at least <paramref name="expected"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AtLeast(int given, long expected, string parameter, string what)
    {
        if (given < expected) ThrowShort(given, expected, parameter, what);
    }

    /// <summary>Throws unless <paramref name="given"/> floats hold that many rows, <paramref name="stride"/> apart, of that width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rows(int given, int rows, int stride, int width, string parameter)
    {
        if (rows < 0 || width < 0 || stride < width || (rows > 0 && given < (rows - 1L) * stride + width)) ThrowRows(given, rows, stride, width, parameter);
    }

    /// <summary>Throws unless y is as long as x, and is either the same span or apart from it.</summary>
    public static void Destination(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Length(y.Length, x.Length, nameof(y), "as many as x has");
        if (x.Overlaps(y, out int offset) && offset != 0)
            throw new ArgumentException("x and y overlap; they must be the same span or apart.", nameof(y));
    }

    /// <summary>The floats of a layer's sample; throws where a size is not positive or they are more than a span holds.</summary>
    public static int Size(params ReadOnlySpan<int> sizes)
    {
        long length = 1;
        foreach (int size in sizes)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
            length = Math.Min(length * size, int.MaxValue + 1L);
        }
        return length <= int.MaxValue ? (int)length : throw new ArgumentException($"{string.Join(" x ", sizes.ToArray())} are more floats than one span holds.");
    }

    /// <summary>Throws unless <paramref name="given"/> is the size of a matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Product(int given, int rows, int columns, string parameter)
    {
        if (given != (long)rows * columns) ThrowProduct(given, rows, columns, parameter);
    }

    [DoesNotReturn]
    private static void ThrowRows(int given, int rows, int stride, int width, string parameter) =>
        throw new ArgumentException(
            rows < 0 || width < 0 ? $"Expected a shape without negative sizes, but it is [{rows}, {width}]."
            : stride < width ? $"Rows of {width} floats cannot lie {stride} floats apart."
            : $"Expected at least {(rows - 1L) * stride + width} floats ({rows} rows of {width}, {stride} apart), but {given} were given.",
            parameter);

    [DoesNotReturn]
    private static void ThrowProduct(int given, int rows, int columns, string parameter) =>
        throw new ArgumentException($"Expected {(long)rows * columns} floats ({rows} x {columns}), but {given} were given.", parameter);

    [DoesNotReturn]
    private static void ThrowLength(int given, int expected, string parameter, string what) =>
        throw new ArgumentException($"Expected {expected} floats ({what}), but {given} were given.", parameter);

    [DoesNotReturn]
    private static void ThrowShort(int given, long expected, string parameter, string what) =>
        throw new ArgumentException($"Expected at least {expected} floats ({what}), but {given} were given.", parameter);

    /// <summary>Throws unless a number is finite and above 0.</summary>
    public static void Positive(float value, string parameter)
    {
        if (!(value > 0 && float.IsFinite(value))) throw new ArgumentOutOfRangeException(parameter, value, "The value must be finite and positive.");
    }
}
