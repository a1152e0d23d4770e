using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

internal static partial class Tiles
{
    /// <summary>So many rows of a narrow tile are the lanes of one register, and so many of their values are read together.</summary>
    private const int NarrowRows = 16, Run = 4;

    /// <summary>Whether a block leaves so much of a register of 512 bits empty that rows are its lanes instead.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsNarrow<TBlock>() where TBlock : struct, IBlock<TBlock> =>
        (typeof(TBlock) == typeof(Register128) || typeof(TBlock) == typeof(Register256)) && BlockDispatch.Is512;

    /// <summary>How many of these rows narrow tiles take: values of a row, or of a column, of a must lie side by side, and rows not all in one set of the first-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RowsOfNarrow<TBlock>(int rows, bool wide, nint aRow, nint aStep, nint depth, bool isSpread) where TBlock : struct, IBlock<TBlock> =>
        IsNarrow<TBlock>() && (!wide || TBlock.Count == 4) && (aStep == 1 || aRow == 1) && depth >= Run && isSpread ? rows & -NarrowRows : 0;

    /// <summary>
    /// <see cref="Product{TBlock, TRows, TColumns}"/> for as many rows as <see cref="RowsOfNarrow{TBlock}"/> gives: the lanes of a register are rows, not columns. Runs of a are transposed in registers, 12 shuffles for 16
    /// multiply-adds of four columns or 32 of eight, and b's values are broadcast.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Narrow<TBlock>(
        int rows, bool wide, ref float a, nint aRow, nint aStep, ref float b, nint bStep, nint depth, ref float start, nint startRow, ref float sums, nint sumsRow)
        where TBlock : struct, IBlock<TBlock>
    {
        if (TBlock.Count == 4 && !wide) NarrowColumns<Four>(rows, ref a, aRow, aStep, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow);
        else NarrowColumns<Eight>(rows, ref a, aRow, aStep, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow);
    }

    [MethodImpl(Jit.Kernel)]
    private static void NarrowColumns<TColumns>(
        int rows, ref float a, nint aRow, nint aStep, ref float b, nint bStep, nint depth, ref float start, nint startRow, ref float sums, nint sumsRow)
        where TColumns : struct, IConstant
    {
        for (int taken; rows > 0; rows -= taken)
        {
            taken = rows >= 2 * NarrowRows ? 2 * NarrowRows : NarrowRows;
            if (taken == NarrowRows) Narrow<TColumns, One>(ref a, aRow, aStep, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow);
            else Narrow<TColumns, Two>(ref a, aRow, aStep, ref b, bStep, depth, ref start, startRow, ref sums, sumsRow);
            a = ref Unsafe.Add(ref a, taken * aRow);
            sums = ref Unsafe.Add(ref sums, taken * sumsRow);
            if (!Unsafe.IsNullRef(ref start)) start = ref Unsafe.Add(ref start, taken * startRow);
        }
    }

    /// <summary>A tile of 16 or 32 rows.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Narrow<TColumns, TRegisters>(
        ref float a, nint aRow, nint aStep, ref float b, nint bStep, nint depth, ref float start, nint startRow, ref float sums, nint sumsRow)
        where TColumns : struct, IConstant
        where TRegisters : struct, IConstant
    {
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        Vector512<float> d0 = default, d1 = default, d2 = default, d3 = default, d4 = default, d5 = default, d6 = default, d7 = default;
        if (!Unsafe.IsNullRef(ref start))
        {
            LoadRun(ref start, startRow, 1, out c0, out c1, out c2, out c3);
            if (TColumns.Value > 4) LoadRun(ref Unsafe.Add(ref start, 4), startRow, 1, out c4, out c5, out c6, out c7);
            if (TRegisters.Value > 1)
            {
                start = ref Unsafe.Add(ref start, NarrowRows * startRow);
                LoadRun(ref start, startRow, 1, out d0, out d1, out d2, out d3);
                if (TColumns.Value > 4) LoadRun(ref Unsafe.Add(ref start, 4), startRow, 1, out d4, out d5, out d6, out d7);
            }
        }

        Vector512<float> e0 = default, e1 = default, e2 = default, e3 = default;
        for (nint step = 0; step < depth; step += Run)
        {
            // The last run goes back to where it is whole; what it holds a second time is left out.
            nint known = Math.Max(0, step + Run - depth);
            ref float run = ref Unsafe.Add(ref a, (step - known) * aStep);
            LoadRun(ref run, aRow, aStep, out Vector512<float> a0, out Vector512<float> a1, out Vector512<float> a2, out Vector512<float> a3);
            if (TRegisters.Value > 1) LoadRun(ref Unsafe.Add(ref run, NarrowRows * aRow), aRow, aStep, out e0, out e1, out e2, out e3);
            if (known < 1)
            {
                NarrowStep<TColumns, TRegisters>(a0, e0, ref b, ref c0, ref c1, ref c2, ref c3, ref c4, ref c5, ref c6, ref c7, ref d0, ref d1, ref d2, ref d3, ref d4, ref d5, ref d6, ref d7);
                b = ref Unsafe.Add(ref b, bStep);
            }
            if (known < 2)
            {
                NarrowStep<TColumns, TRegisters>(a1, e1, ref b, ref c0, ref c1, ref c2, ref c3, ref c4, ref c5, ref c6, ref c7, ref d0, ref d1, ref d2, ref d3, ref d4, ref d5, ref d6, ref d7);
                b = ref Unsafe.Add(ref b, bStep);
            }
            if (known < 3)
            {
                NarrowStep<TColumns, TRegisters>(a2, e2, ref b, ref c0, ref c1, ref c2, ref c3, ref c4, ref c5, ref c6, ref c7, ref d0, ref d1, ref d2, ref d3, ref d4, ref d5, ref d6, ref d7);
                b = ref Unsafe.Add(ref b, bStep);
            }
            NarrowStep<TColumns, TRegisters>(a3, e3, ref b, ref c0, ref c1, ref c2, ref c3, ref c4, ref c5, ref c6, ref c7, ref d0, ref d1, ref d2, ref d3, ref d4, ref d5, ref d6, ref d7);
            b = ref Unsafe.Add(ref b, bStep);
        }

        StoreRun(c0, c1, c2, c3, ref sums, sumsRow);
        if (TColumns.Value > 4) StoreRun(c4, c5, c6, c7, ref Unsafe.Add(ref sums, 4), sumsRow);
        if (TRegisters.Value > 1)
        {
            sums = ref Unsafe.Add(ref sums, NarrowRows * sumsRow);
            StoreRun(d0, d1, d2, d3, ref sums, sumsRow);
            if (TColumns.Value > 4) StoreRun(d4, d5, d6, d7, ref Unsafe.Add(ref sums, 4), sumsRow);
        }
    }

    /// <summary>One value of each row meets a value of b for each column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void NarrowStep<TColumns, TRegisters>(
        Vector512<float> first, Vector512<float> second, ref float b,
        ref Vector512<float> c0, ref Vector512<float> c1, ref Vector512<float> c2, ref Vector512<float> c3, ref Vector512<float> c4, ref Vector512<float> c5, ref Vector512<float> c6, ref Vector512<float> c7,
        ref Vector512<float> d0, ref Vector512<float> d1, ref Vector512<float> d2, ref Vector512<float> d3, ref Vector512<float> d4, ref Vector512<float> d5, ref Vector512<float> d6, ref Vector512<float> d7)
        where TColumns : struct, IConstant
        where TRegisters : struct, IConstant
    {
        Vector512<float> right = Vector512.Create(b);
        c0 = Vector512.MultiplyAddEstimate(first, right, c0);
        if (TRegisters.Value > 1) d0 = Vector512.MultiplyAddEstimate(second, right, d0);
        right = Vector512.Create(Unsafe.Add(ref b, 1));
        c1 = Vector512.MultiplyAddEstimate(first, right, c1);
        if (TRegisters.Value > 1) d1 = Vector512.MultiplyAddEstimate(second, right, d1);
        right = Vector512.Create(Unsafe.Add(ref b, 2));
        c2 = Vector512.MultiplyAddEstimate(first, right, c2);
        if (TRegisters.Value > 1) d2 = Vector512.MultiplyAddEstimate(second, right, d2);
        right = Vector512.Create(Unsafe.Add(ref b, 3));
        c3 = Vector512.MultiplyAddEstimate(first, right, c3);
        if (TRegisters.Value > 1) d3 = Vector512.MultiplyAddEstimate(second, right, d3);
        if (TColumns.Value == 4) return;
        right = Vector512.Create(Unsafe.Add(ref b, 4));
        c4 = Vector512.MultiplyAddEstimate(first, right, c4);
        if (TRegisters.Value > 1) d4 = Vector512.MultiplyAddEstimate(second, right, d4);
        right = Vector512.Create(Unsafe.Add(ref b, 5));
        c5 = Vector512.MultiplyAddEstimate(first, right, c5);
        if (TRegisters.Value > 1) d5 = Vector512.MultiplyAddEstimate(second, right, d5);
        right = Vector512.Create(Unsafe.Add(ref b, 6));
        c6 = Vector512.MultiplyAddEstimate(first, right, c6);
        if (TRegisters.Value > 1) d6 = Vector512.MultiplyAddEstimate(second, right, d6);
        right = Vector512.Create(Unsafe.Add(ref b, 7));
        c7 = Vector512.MultiplyAddEstimate(first, right, c7);
        if (TRegisters.Value > 1) d7 = Vector512.MultiplyAddEstimate(second, right, d7);
    }

    /// <summary>Four neighbouring values of 16 rows: the first of each, the second, and so on. Where rows are 1 apart they lie so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadRun(ref float rows, nint row, nint step, out Vector512<float> first, out Vector512<float> second, out Vector512<float> third, out Vector512<float> fourth)
    {
        if (row == 1)
        {
            first = Vector512.LoadUnsafe(ref rows);
            second = Vector512.LoadUnsafe(ref Unsafe.Add(ref rows, step));
            rows = ref Unsafe.Add(ref rows, 2 * step);
            third = Vector512.LoadUnsafe(ref rows);
            fourth = Vector512.LoadUnsafe(ref Unsafe.Add(ref rows, step));
            return;
        }
        Vector512<float> r0 = EveryFourth(ref rows, row), r1 = EveryFourth(ref Unsafe.Add(ref rows, row), row);
        rows = ref Unsafe.Add(ref rows, 2 * row);
        Vector512<float> r2 = EveryFourth(ref rows, row), r3 = EveryFourth(ref Unsafe.Add(ref rows, row), row);
        Transpose(r0, r1, r2, r3, out first, out second, out third, out fourth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> EveryFourth(ref float rows, nint row)
    {
        ref float later = ref Unsafe.Add(ref rows, 8 * row);
        return Vector512.Create(
            Vector256.Create(Vector128.LoadUnsafe(ref rows), Vector128.LoadUnsafe(ref Unsafe.Add(ref rows, 4 * row))),
            Vector256.Create(Vector128.LoadUnsafe(ref later), Vector128.LoadUnsafe(ref Unsafe.Add(ref later, 4 * row))));
    }

    /// <summary>Transposes each square of four rows, one in every quarter of the registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector512<float> r0, Vector512<float> r1, Vector512<float> r2, Vector512<float> r3,
        out Vector512<float> first, out Vector512<float> second, out Vector512<float> third, out Vector512<float> fourth)
    {
        Vector512<double> low01 = Avx512F.UnpackLow(r0, r1).AsDouble(), high01 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(r2, r3).AsDouble(), high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        first = Avx512F.UnpackLow(low01, low23).AsSingle();
        second = Avx512F.UnpackHigh(low01, low23).AsSingle();
        third = Avx512F.UnpackLow(high01, high23).AsSingle();
        fourth = Avx512F.UnpackHigh(high01, high23).AsSingle();
    }

    /// <summary>The inverse of <see cref="LoadRun"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRun(Vector512<float> first, Vector512<float> second, Vector512<float> third, Vector512<float> fourth, ref float rows, nint row)
    {
        Transpose(first, second, third, fourth, out Vector512<float> r0, out Vector512<float> r1, out Vector512<float> r2, out Vector512<float> r3);
        StoreEveryFourth(r0, ref rows, row);
        StoreEveryFourth(r1, ref Unsafe.Add(ref rows, row), row);
        rows = ref Unsafe.Add(ref rows, 2 * row);
        StoreEveryFourth(r2, ref rows, row);
        StoreEveryFourth(r3, ref Unsafe.Add(ref rows, row), row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreEveryFourth(Vector512<float> values, ref float rows, nint row)
    {
        ref float later = ref Unsafe.Add(ref rows, 8 * row);
        values.GetLower().GetLower().StoreUnsafe(ref rows);
        values.GetLower().GetUpper().StoreUnsafe(ref Unsafe.Add(ref rows, 4 * row));
        values.GetUpper().GetLower().StoreUnsafe(ref later);
        values.GetUpper().GetUpper().StoreUnsafe(ref Unsafe.Add(ref later, 4 * row));
    }
}
