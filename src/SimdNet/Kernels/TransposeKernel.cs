using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SimdNet.Kernels;

/// <summary>
/// The transpose of a matrix, so that distances of a power of two, which fall into few sets of the cache, cost little: with AVX in pieces of 8 by 4 floats in registers,
/// otherwise in squares of 16 by 16, of 4 by 4 by way of a small buffer, so that whole lines are read and written.
/// </summary>
internal static class TransposeKernel
{
    private const int Side = 16;

    /// <summary>So much of the side whose lines are near each other is transposed together.</summary>
    private const int FloatsTogether = 4096;

    /// <summary>Lines so far apart fall into one set of a first-level cache.</summary>
    private const int FloatsOfWay = 1024;

    /// <param name="source">[rows, columns], rows <paramref name="sourceStride"/> apart.</param>
    /// <param name="target">[columns, rows], rows <paramref name="targetStride"/> apart.</param>
    [SkipLocalsInit]
    [MethodImpl(Jit.Kernel)]
    public static void Run(ref float source, nint sourceStride, int rows, int columns, ref float target, nint targetStride)
    {
        Unsafe.SkipInit(out Square buffer);
        ref float square = ref buffer[0];
        int wholeRows = Vector128.IsHardwareAccelerated ? rows / Side * Side : 0, wholeColumns = columns / Side * Side;
        if (Avx.IsSupported)
        {
            Strips(ref source, sourceStride, wholeRows, wholeColumns, ref target, targetStride);
        }
        else
        {
            for (int row = 0; row < wholeRows; row += Side)
            {
                for (int column = 0; column < wholeColumns; column += Side)
                {
                    Turn(ref Unsafe.Add(ref source, row * sourceStride + column), sourceStride, ref square);
                    ref float to = ref Unsafe.Add(ref target, column * targetStride + row);
                    for (int i = 0; i < Side; i++)
                    {
                        Vector512.LoadUnsafe(ref square, (nuint)(i * Side)).StoreUnsafe(ref to);
                        to = ref Unsafe.Add(ref to, targetStride);
                    }
                }
            }
        }
        if (wholeColumns < columns) Edge(ref Unsafe.Add(ref source, wholeColumns), sourceStride, wholeRows, columns - wholeColumns, ref Unsafe.Add(ref target, wholeColumns * targetStride), targetStride);
        if (wholeRows < rows) Edge(ref Unsafe.Add(ref source, wholeRows * sourceStride), sourceStride, rows - wholeRows, columns, ref Unsafe.Add(ref target, wholeRows), targetStride);
    }

    /// <summary>
    /// Along a few lines of the side whose lines are further apart, before the next few: these lie in one set of the cache where the distance is a power of two, and what
    /// comes after each other must not all wait for that set. The near side's part, 16 KB up to 256 lines of the far side, stays in the first-level cache meanwhile.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    private static void Strips(ref float source, nint sourceStride, int rows, int columns, ref float target, nint targetStride)
    {
        if (sourceStride > targetStride)
        {
            // Whole lines are written, except where sixteen rows would share the eight places of one set.
            int together = sourceStride % FloatsOfWay == 0 ? 8 : Side;
            int part = Math.Max(1, FloatsTogether / Side / Math.Max(rows, 1)) * Side;
            for (int first = 0; first < columns; first += part)
            {
                int end = Math.Min(first + part, columns);
                for (nint row = 0; row < rows; row += together)
                {
                    for (nint column = first; column < end; column += 4)
                    {
                        ref float from = ref Unsafe.Add(ref source, row * sourceStride + column), to = ref Unsafe.Add(ref target, column * targetStride + row);
                        EightByFour(ref from, sourceStride, ref to, targetStride);
                        if (together == Side) EightByFour(ref Unsafe.Add(ref from, 8 * sourceStride), sourceStride, ref Unsafe.Add(ref to, 8), targetStride);
                    }
                }
            }
            return;
        }
        int length = Math.Max(1, FloatsTogether / Side / Math.Max(columns, 1)) * Side;
        for (int first = 0; first < rows; first += length)
        {
            int end = Math.Min(first + length, rows);
            for (nint column = 0; column < columns; column += 4)
            {
                for (nint row = first; row < end; row += 8)
                    EightByFour(ref Unsafe.Add(ref source, row * sourceStride + column), sourceStride, ref Unsafe.Add(ref target, column * targetStride + row), targetStride);
            }
        }
    }

    /// <summary>Eight rows of four: the upper four rows in the lower halves of registers, so that nothing crosses the halves but loads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EightByFour(ref float source, nint sourceStride, ref float target, nint targetStride)
    {
        ref float third = ref Unsafe.Add(ref source, 2 * sourceStride), fifth = ref Unsafe.Add(ref third, 2 * sourceStride), seventh = ref Unsafe.Add(ref fifth, 2 * sourceStride);
        Vector256<float> a = Vector256.Create(Vector128.LoadUnsafe(ref source), Vector128.LoadUnsafe(ref fifth));
        Vector256<float> b = Vector256.Create(Vector128.LoadUnsafe(ref Unsafe.Add(ref source, sourceStride)), Vector128.LoadUnsafe(ref Unsafe.Add(ref fifth, sourceStride)));
        Vector256<float> c = Vector256.Create(Vector128.LoadUnsafe(ref third), Vector128.LoadUnsafe(ref seventh));
        Vector256<float> d = Vector256.Create(Vector128.LoadUnsafe(ref Unsafe.Add(ref third, sourceStride)), Vector128.LoadUnsafe(ref Unsafe.Add(ref seventh, sourceStride)));
        Vector256<float> ab = Avx.UnpackLow(a, b), cd = Avx.UnpackLow(c, d), upperAb = Avx.UnpackHigh(a, b), upperCd = Avx.UnpackHigh(c, d);
        third = ref Unsafe.Add(ref target, 2 * targetStride);
        Avx.Shuffle(ab, cd, 0b01_00_01_00).StoreUnsafe(ref target);
        Avx.Shuffle(ab, cd, 0b11_10_11_10).StoreUnsafe(ref Unsafe.Add(ref target, targetStride));
        Avx.Shuffle(upperAb, upperCd, 0b01_00_01_00).StoreUnsafe(ref third);
        Avx.Shuffle(upperAb, upperCd, 0b11_10_11_10).StoreUnsafe(ref Unsafe.Add(ref third, targetStride));
    }

    /// <summary>A square of 16 by 16, into rows of 16.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Turn(ref float source, nint stride, ref float square)
    {
        for (nint row = 0; row < Side; row += 4)
        {
            for (nint column = 0; column < Side; column += 4)
                Four(ref Unsafe.Add(ref source, row * stride + column), stride, ref Unsafe.Add(ref square, column * Side + row), Side);
        }
    }

    /// <summary>What is no whole square: fours in both directions, the last ones once more with some before them; single floats where there are no four.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Edge(ref float source, nint sourceStride, int rows, int columns, ref float target, nint targetStride)
    {
        if (Vector128.IsHardwareAccelerated && rows == 3 && targetStride == 3)
        {
            Three(ref source, sourceStride, columns, ref target);
            return;
        }
        if (!Vector128.IsHardwareAccelerated || rows < 4 || columns < 4)
        {
            for (nint row = 0; row < rows; row++)
            {
                for (nint column = 0; column < columns; column++)
                    Unsafe.Add(ref target, column * targetStride + row) = Unsafe.Add(ref source, row * sourceStride + column);
            }
            return;
        }
        for (int i = 0; i < rows; i += 4)
        {
            nint row = Math.Min(i, rows - 4);
            for (int j = 0; j < columns; j += 4)
            {
                nint column = Math.Min(j, columns - 4);
                Four(ref Unsafe.Add(ref source, row * sourceStride + column), sourceStride, ref Unsafe.Add(ref target, column * targetStride + row), targetStride);
            }
        }
    }

    /// <summary>Three rows, an image's colours, into pixels without gaps: the fourth float of each store is the first of the next pixel, which comes after it.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Three(ref float source, nint sourceStride, int columns, ref float target)
    {
        ref float second = ref Unsafe.Add(ref source, sourceStride), third = ref Unsafe.Add(ref second, sourceStride);
        nint column = 0;
        for (; column <= columns - 8; column += 4)
        {
            (Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) = Turned(
                Vector128.LoadUnsafe(ref source, (nuint)column), Vector128.LoadUnsafe(ref second, (nuint)column), Vector128.LoadUnsafe(ref third, (nuint)column), Vector128<float>.Zero);
            ref float to = ref Unsafe.Add(ref target, 3 * column);
            a.StoreUnsafe(ref to);
            b.StoreUnsafe(ref to, 3);
            c.StoreUnsafe(ref to, 6);
            d.StoreUnsafe(ref to, 9);
        }
        for (; column < columns; column++)
        {
            ref float to = ref Unsafe.Add(ref target, 3 * column);
            to = Unsafe.Add(ref source, column);
            Unsafe.Add(ref to, 1) = Unsafe.Add(ref second, column);
            Unsafe.Add(ref to, 2) = Unsafe.Add(ref third, column);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(ref float source, nint sourceStride, ref float target, nint targetStride)
    {
        ref float third = ref Unsafe.Add(ref source, 2 * sourceStride);
        (Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) = Turned(
            Vector128.LoadUnsafe(ref source), Vector128.LoadUnsafe(ref Unsafe.Add(ref source, sourceStride)),
            Vector128.LoadUnsafe(ref third), Vector128.LoadUnsafe(ref Unsafe.Add(ref third, sourceStride)));
        third = ref Unsafe.Add(ref target, 2 * targetStride);
        a.StoreUnsafe(ref target);
        b.StoreUnsafe(ref Unsafe.Add(ref target, targetStride));
        c.StoreUnsafe(ref third);
        d.StoreUnsafe(ref Unsafe.Add(ref third, targetStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<float>, Vector128<float>, Vector128<float>, Vector128<float>) Turned(
        Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        if (Sse.IsSupported)
        {
            Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d), upperAb = Sse.UnpackHigh(a, b), upperCd = Sse.UnpackHigh(c, d);
            return (Sse.MoveLowToHigh(ab, cd), Sse.MoveHighToLow(cd, ab), Sse.MoveLowToHigh(upperAb, upperCd), Sse.MoveHighToLow(upperCd, upperAb));
        }
        if (AdvSimd.Arm64.IsSupported)
        {
            Vector128<float> ac = AdvSimd.Arm64.ZipLow(a, c), bd = AdvSimd.Arm64.ZipLow(b, d), upperAc = AdvSimd.Arm64.ZipHigh(a, c), upperBd = AdvSimd.Arm64.ZipHigh(b, d);
            return (AdvSimd.Arm64.ZipLow(ac, bd), AdvSimd.Arm64.ZipHigh(ac, bd), AdvSimd.Arm64.ZipLow(upperAc, upperBd), AdvSimd.Arm64.ZipHigh(upperAc, upperBd));
        }
        return (
            Vector128.Create(a[0], b[0], c[0], d[0]), Vector128.Create(a[1], b[1], c[1], d[1]),
            Vector128.Create(a[2], b[2], c[2], d[2]), Vector128.Create(a[3], b[3], c[3], d[3]));
    }

    [InlineArray(Side * Side)]
    private struct Square
    {
        private float _first;
    }
}
