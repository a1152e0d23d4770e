using System;
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

    /// <summary>The value as a number of another type; itself where there is nothing to convert.</summary>
    public static object? Convert(object? value, ITypeSymbol? type) => (type?.SpecialType, value) switch
    {
        (SpecialType.System_Int32, float number) => unchecked((int)number),
        (SpecialType.System_Int32, double number) => unchecked((int)number),
        (SpecialType.System_Single, int number) => (float)number,
        (SpecialType.System_Single, double number) => (float)number,
        (SpecialType.System_Double, int number) => (double)number,
        (SpecialType.System_Double, float number) => (double)number,
        _ => value,
    };

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
