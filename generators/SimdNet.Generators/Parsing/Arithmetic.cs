using System;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SimdNet.Generators.Parsing;

/// <summary>C#'s operators on numbers that are known when a program is compiled; null where there is no such operator.</summary>
internal static class Arithmetic
{
    public static object? Unary(UnaryOperatorKind kind, object? value) => (kind, value) switch
    {
        (UnaryOperatorKind.Minus, int number) => unchecked(-number),
        (UnaryOperatorKind.Minus, float number) => -number,
        (UnaryOperatorKind.Minus, double number) => -number,
        (UnaryOperatorKind.Plus, int or float or double) => value,
        (UnaryOperatorKind.Not, bool flag) => !flag,
        _ => null,
    };

    public static object? Binary(BinaryOperatorKind kind, object? left, object? right) => (left, right) switch
    {
        (int x, int y) => Integers(kind, x, y),
        (float x, float y) => kind is BinaryOperatorKind.Add or BinaryOperatorKind.Subtract or BinaryOperatorKind.Multiply or BinaryOperatorKind.Divide
            ? (float)(double)Doubles(kind, x, y)!
            : Doubles(kind, x, y),
        (double x, double y) => Doubles(kind, x, y),
        (bool x, bool y) => kind switch
        {
            BinaryOperatorKind.Equals => x == y,
            BinaryOperatorKind.NotEquals or BinaryOperatorKind.ExclusiveOr => x != y,
            BinaryOperatorKind.And => x & y,
            BinaryOperatorKind.Or => x | y,
            _ => null,
        },
        _ => null,
    };

    /// <summary>The value as a number of another type; itself where there is nothing to convert, and null where it does not fit.</summary>
    public static object? Convert(object? value, ITypeSymbol? type)
    {
        if (value is char character) value = (int)character;
        if (value is not (sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal)) return value;
        return type?.SpecialType switch
        {
            SpecialType.System_Single => System.Convert.ToSingle(value, CultureInfo.InvariantCulture),
            SpecialType.System_Double => System.Convert.ToDouble(value, CultureInfo.InvariantCulture),
            SpecialType.System_Decimal => value is float or double ? null : System.Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            SpecialType.System_SByte => (sbyte?)Whole(value, sbyte.MinValue, sbyte.MaxValue),
            SpecialType.System_Byte => (byte?)Whole(value, byte.MinValue, byte.MaxValue),
            SpecialType.System_Int16 => (short?)Whole(value, short.MinValue, short.MaxValue),
            SpecialType.System_UInt16 => (ushort?)Whole(value, ushort.MinValue, ushort.MaxValue),
            SpecialType.System_Char => (char?)Whole(value, char.MinValue, char.MaxValue),
            SpecialType.System_Int32 => (int?)Whole(value, int.MinValue, int.MaxValue),
            SpecialType.System_UInt32 => (uint?)Whole(value, uint.MinValue, uint.MaxValue),
            SpecialType.System_Int64 => (long?)Whole(value, long.MinValue, long.MaxValue),
            SpecialType.System_UInt64 => (ulong?)Whole(value, ulong.MinValue, ulong.MaxValue),
            _ => value,
        };
    }

    /// <summary>A number without what lies behind its point; null where it is not in a range.</summary>
    private static decimal? Whole(object value, decimal least, decimal most)
    {
        // From a double, a decimal has fifteen digits.
        decimal? whole = value is not (float or double) ? decimal.Truncate(System.Convert.ToDecimal(value, CultureInfo.InvariantCulture))
            : Math.Truncate(System.Convert.ToDouble(value, CultureInfo.InvariantCulture)) is > -1e15 and < 1e15 and var number ? (decimal)number
            : null;
        return whole >= least && whole <= most ? whole : null;
    }

    private static object? Integers(BinaryOperatorKind kind, int x, int y) => kind switch
    {
        BinaryOperatorKind.Add => unchecked(x + y),
        BinaryOperatorKind.Subtract => unchecked(x - y),
        BinaryOperatorKind.Multiply => unchecked(x * y),
        BinaryOperatorKind.Divide when y != 0 && (x, y) != (int.MinValue, -1) => x / y,
        BinaryOperatorKind.Remainder when y != 0 && (x, y) != (int.MinValue, -1) => x % y,
        BinaryOperatorKind.LeftShift => x << y,
        BinaryOperatorKind.RightShift => x >> y,
        BinaryOperatorKind.And => x & y,
        BinaryOperatorKind.Or => x | y,
        BinaryOperatorKind.ExclusiveOr => x ^ y,
        BinaryOperatorKind.Equals => x == y,
        BinaryOperatorKind.NotEquals => x != y,
        BinaryOperatorKind.LessThan => x < y,
        BinaryOperatorKind.LessThanOrEqual => x <= y,
        BinaryOperatorKind.GreaterThan => x > y,
        BinaryOperatorKind.GreaterThanOrEqual => x >= y,
        _ => null,
    };

    private static object? Doubles(BinaryOperatorKind kind, double x, double y) => kind switch
    {
        BinaryOperatorKind.Add => x + y,
        BinaryOperatorKind.Subtract => x - y,
        BinaryOperatorKind.Multiply => x * y,
        BinaryOperatorKind.Divide => x / y,
        BinaryOperatorKind.Equals => x == y,
        BinaryOperatorKind.NotEquals => x != y,
        BinaryOperatorKind.LessThan => x < y,
        BinaryOperatorKind.LessThanOrEqual => x <= y,
        BinaryOperatorKind.GreaterThan => x > y,
        BinaryOperatorKind.GreaterThanOrEqual => x >= y,
        _ => null,
    };
}
