using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimdNet.CompilerServices;

/// <summary>What every emitted network checks.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class NetworkCalls
{
    /// <summary>The version of the contract between emitted code and this library; it grows only when old emitted code would break.</summary>
    private const int Version = 2;

    /// <summary>Returns <paramref name="value"/> where the code was emitted for this version of the contract.</summary>
    /// <exception cref="InvalidOperationException">It was emitted for another one.</exception>
    public static T CheckVersion<T>(int version, T value)
    {
        // Chosen before the JIT compiles the network's methods, so that they need not ask whether it was.
        _ = Hardware.InstructionSet;
        return version == Version ? value : throw new InvalidOperationException($"This network was generated for version {version} of SimdNet's compiler services, but the library has version {Version}; build the project again with the generator of the same SimdNet.");
    }

    /// <summary>The number of samples.</summary>
    /// <exception cref="ArgumentException">The input is no whole number of samples, or the output does not fit it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CheckForward(int input, int inputSize, int output, int outputSize)
    {
        // One sample is the common call, and needs no division.
        if (input == inputSize && output == outputSize) return 1;
        int samples = input / inputSize;
        if (samples * inputSize != input || (long)samples * outputSize != output) Throw(input, inputSize, output, outputSize);
        return samples;
    }

    /// <summary>Tokens as floats, for an embedding.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="floats">At least as many.</param>
    /// <returns>Those that were written.</returns>
    public static ReadOnlySpan<float> ToFloats(ReadOnlySpan<int> tokens, Span<float> floats)
    {
        for (int i = 0; i < tokens.Length; i++) floats[i] = tokens[i];
        return floats[..tokens.Length];
    }

    /// <summary>The number of samples, or of time steps, of one of several inputs or results, which all must have.</summary>
    /// <exception cref="ArgumentException">It is another number.</exception>
    public static void CheckPart(int given, int size, int samples, string parameter)
    {
        if (given != (long)samples * size) throw new ArgumentException($"Expected {(long)samples * size} floats ({samples} times {size}, as in the first input), but {given} were given.", parameter);
    }

    /// <summary>The floats of one of several inputs that are given once.</summary>
    /// <exception cref="ArgumentException">There are more, or fewer.</exception>
    public static void CheckLength(int given, int size, string parameter) => Guard.Length(given, size, parameter, "those of this input");

    [DoesNotReturn]
    private static void Throw(int input, int inputSize, int output, int outputSize)
    {
        if (input % inputSize != 0)
            throw new ArgumentException($"Expected a multiple of {inputSize} floats (whole samples), but {input} were given.", nameof(input));
        throw new ArgumentException($"Expected {(long)input / inputSize * outputSize} floats ({input / inputSize} samples of {outputSize}), but {output} were given.", nameof(output));
    }
}
