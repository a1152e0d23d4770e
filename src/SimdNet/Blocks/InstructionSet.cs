namespace SimdNet;

/// <summary>The realisations of a block of 16 floats, from the widest registers to none.</summary>
public enum InstructionSet
{
    /// <summary>One 512-bit register (AVX-512).</summary>
    Vector512,

    /// <summary>Two 256-bit registers (AVX2).</summary>
    Vector256,

    /// <summary>Four 128-bit registers (SSE, ARM AdvSimd).</summary>
    Vector128,

    /// <summary><see cref="System.Numerics.Vector{T}"/>, as wide as the runtime makes it.</summary>
    Vector,

    /// <summary>Plain loops over single floats.</summary>
    Scalar,
}
