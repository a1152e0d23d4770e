using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimdNet.CompilerServices;

/// <summary>An operation that is written once in blocks and run on the realisation that this machine has.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IBlockOperation
{
    /// <summary>Runs the operation in blocks of type <typeparamref name="TBlock"/>.</summary>
    void Run<TBlock>() where TBlock : struct, IBlock<TBlock>;
}

/// <summary>Picks the realisation of a block: the one place that knows them all.</summary>
/// <remarks>What the machine has is asked first, because NativeAOT then leaves out the code it can never run.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class BlockDispatch
{
    /// <summary>Whether blocks are one <see cref="Register512"/>.</summary>
    public static bool Is512
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.IsHardwareAccelerated && Hardware.InstructionSet == InstructionSet.Vector512;
    }

    /// <summary>Whether blocks are two <see cref="Register256"/>.</summary>
    public static bool Is256
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.IsHardwareAccelerated && Hardware.InstructionSet == InstructionSet.Vector256;
    }

    /// <summary>Whether blocks are four <see cref="Register128"/>.</summary>
    public static bool Is128
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.IsHardwareAccelerated && Hardware.InstructionSet == InstructionSet.Vector128;
    }

    /// <summary>Runs in blocks of 16 floats.</summary>
    public static void Run<TOperation>(ref TOperation operation) where TOperation : struct, IBlockOperation, allows ref struct
    {
        if (Is512) operation.Run<Register512>();
        else if (Is256) operation.Run<Twice<Register256>>();
        else if (Is128) operation.Run<Quad<Register128>>();
        else if (Hardware.InstructionSet == InstructionSet.Scalar) operation.Run<Scalar>();
        else if (Vector<float>.Count == 16) operation.Run<RegisterVector>();
        else if (Vector<float>.Count == 8) operation.Run<Twice<RegisterVector>>();
        else operation.Run<Quad<RegisterVector>>();
    }

    /// <summary>Runs in single registers: for operations on each element alone, whose results no width can change.</summary>
    public static void RunRegisters<TOperation>(ref TOperation operation) where TOperation : struct, IBlockOperation, allows ref struct
    {
        if (Is512) operation.Run<Register512>();
        else if (Is256) operation.Run<Register256>();
        else if (Is128) operation.Run<Register128>();
        else if (Hardware.InstructionSet == InstructionSet.Scalar) operation.Run<Scalar>();
        else operation.Run<RegisterVector>();
    }

    /// <summary>Runs in blocks of 4, 8 or 16 floats: narrow layers are padded to less than 16, and short rows need no more.</summary>
    public static void Run<TOperation>(ref TOperation operation, int lanes) where TOperation : struct, IBlockOperation, allows ref struct
    {
        if (lanes == 16) Run(ref operation);
        else if (Hardware.InstructionSet == InstructionSet.Scalar) operation.Run<Scalar>();
        else if (lanes == 4) operation.Run<Register128>();
        else if (Is512 || Is256) operation.Run<Register256>();
        else operation.Run<Twice<Register128>>();
    }

    /// <summary>Runs in single registers of at most 4, 8 or 16 floats: for operations on each element alone.</summary>
    public static void RunRegisters<TOperation>(ref TOperation operation, int lanes) where TOperation : struct, IBlockOperation, allows ref struct
    {
        if (lanes == 16) RunRegisters(ref operation);
        else if (Hardware.InstructionSet == InstructionSet.Scalar) operation.Run<Scalar>();
        else if (lanes == 8 && (Is512 || Is256)) operation.Run<Register256>();
        else operation.Run<Register128>();
    }
}
