namespace SimdNet;

/// <summary>Sequences as inputs.</summary>
public static class Sequence
{
    /// <summary>
    /// In place of the number of time steps: sequences of any length, <c>[Network(Sequence.Any, 4)]</c>. Each call of <c>Forward</c> takes one sequence, as long as its input; <c>WithLength</c> gives the
    /// network for one length, with the same parameters, for batches and for training.
    /// </summary>
    public const int Any = -1;
}
