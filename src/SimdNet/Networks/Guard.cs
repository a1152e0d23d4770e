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

    [DoesNotReturn]
    private static void ThrowLength(int given, int expected, string parameter, string what) =>
        throw new ArgumentException($"Expected {expected} floats ({what}), but {given} were given.", parameter);

    [DoesNotReturn]
    private static void ThrowShort(int given, long expected, string parameter, string what) =>
        throw new ArgumentException($"Expected at least {expected} floats ({what}), but {given} were given.", parameter);
}
