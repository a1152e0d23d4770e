using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>The sizes of a recurrent layer and the places of its parameters.</summary>
internal sealed class RecurrentShape
{
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or an offset negative.</exception>
    /// <exception cref="OverflowException">A length is beyond 2^31.</exception>
    public RecurrentShape(
        int gates, int features, int units, int steps, bool returnsSequences, bool isReverse, int inputWeights, int recurrentWeights, int inputBias, int recurrentBias)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(features);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        (Features, Units, Steps, ReturnsSequences, IsReverse) = (features, units, steps, returnsSequences, isReverse);
        (InputWeights, RecurrentWeights, InputBias, RecurrentBias) = (inputWeights, recurrentWeights, inputBias, recurrentBias);
        Lanes = RecurrentLayout.Lanes(units);
        Padded = RecurrentLayout.GateStride(units);
        Row = checked(gates * Padded);
        Chains = SumOrder.RecurrentChains(units, gates);
        End = Math.Max(
            Math.Max(OperationGuard.End(inputWeights, checked(features * Row)), OperationGuard.End(recurrentWeights, checked(units * Row))),
            Math.Max(OperationGuard.End(inputBias, Row), OperationGuard.End(recurrentBias, Row)));
    }

    public int Features { get; }

    public int Units { get; }

    public int Steps { get; }

    /// <summary>Whether the result is that of every step, or only of the last.</summary>
    public bool ReturnsSequences { get; }

    /// <summary>Whether the last time step comes first.</summary>
    public bool IsReverse { get; }

    /// <summary>Where [features][gate][padded] begin.</summary>
    public int InputWeights { get; }

    /// <summary>Where [units][gate][padded] begin.</summary>
    public int RecurrentWeights { get; }

    /// <summary>Where [gate][padded] begin.</summary>
    public int InputBias { get; }

    /// <inheritdoc cref="InputBias"/>
    public int RecurrentBias { get; }

    /// <summary>Where the last parameter ends.</summary>
    public int End { get; }

    /// <summary>The floats that the units of a gate are padded to whole blocks of.</summary>
    public int Lanes { get; }

    /// <summary>The units with padding.</summary>
    public int Padded { get; }

    /// <summary>All gates with padding.</summary>
    public int Row { get; }

    /// <summary>How many ranges the units are cut into where they are summed over.</summary>
    public int Chains { get; }

    /// <summary>The multiply-adds of a sequence.</summary>
    public long Work => (long)Steps * Row * (Features + Units);
}
