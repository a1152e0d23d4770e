using System.Collections.Concurrent;
using SimdNet.CompilerServices;
using SimdNet.Layers;
using SimdNet.Specification;

namespace SimdNet;

/// <summary>The programs of a network over sequences of any length, one for each length that was asked for.</summary>
internal sealed class GraphPrograms
{
    /// <summary>Beyond this many lengths all are made anew, so that endlessly different lengths do not fill the memory.</summary>
    private const int MostLengths = 1024;

    private readonly int[] _behind;
    private readonly Func<Node, Node> _define;
    private readonly ConcurrentDictionary<int, GraphProgram> _programs = [];
    private readonly FrozenParameters? _frozen;

    /// <param name="behind">The sizes of one time step: none for tokens, the features otherwise.</param>
    /// <param name="define">From the input to the result.</param>
    /// <exception cref="ArgumentException">A layer needs a fixed number of time steps.</exception>
    public GraphPrograms(ReadOnlySpan<int> behind, Func<Node, Node> define)
    {
        _behind = behind.ToArray();
        _define = define;
        GraphSpec spec = Build(AnyLength.Probe, nameof(define)), longer = Build(AnyLength.Probe + 1, nameof(define));
        (int layer, bool hasTime) = AnyLength.Of(spec, longer);
        if (layer >= 0) throw FixedLength(spec, layer, nameof(define));
        Probe = new GraphProgram(spec, isAnyLength: true);
        Check(longer, nameof(define));
        StepSize = Shapes.Length(_behind);
        ResultSize = hasTime ? spec.OutputShape[1] : Probe.OutputSize;
    }

    private GraphPrograms(GraphPrograms lengths, FrozenParameters parameters)
    {
        (_behind, _define, _frozen) = (lengths._behind, lengths._define, parameters);
        (Probe, StepSize, ResultSize) = (lengths.Probe, lengths.StepSize, lengths.ResultSize);
    }

    /// <summary>What stands for all lengths: their parameters and streams are the same.</summary>
    public GraphProgram Probe { get; }

    /// <summary>The floats of one time step.</summary>
    public int StepSize { get; }

    /// <summary>The floats of one time step's result, or of the whole result where it has no time axis.</summary>
    public int ResultSize { get; }

    /// <summary>The program for sequences of <paramref name="steps"/> time steps.</summary>
    /// <exception cref="ArgumentException">A layer does not fit sequences of that length.</exception>
    public GraphProgram Of(int steps)
    {
        if (_programs.TryGetValue(steps, out GraphProgram? program)) return program;
        if (_programs.Count >= MostLengths) _programs.Clear();
        program = new GraphProgram(Check(Build(steps, nameof(steps)), nameof(steps)));
        return _programs[steps] = _frozen is null ? program : program.Freeze(_frozen);
    }

    /// <summary>Programs for prediction with these parameters alone, into which normalisations are folded.</summary>
    public GraphPrograms Freeze(FrozenParameters parameters) => new(this, parameters);

    /// <summary>Predicts from one sequence.</summary>
    /// <exception cref="ArgumentException">The input is not a whole number of time steps, or the output has not the length of their result.</exception>
    public void Forward(ReadOnlySpan<float> input, ReadOnlySpan<float> parameters, Span<float> output)
    {
        int steps = input.Length / StepSize;
        if (steps == 0 || steps * StepSize != input.Length)
            throw new ArgumentException($"Expected one or more whole time steps of one sequence, a multiple of {StepSize} floats, but {input.Length} were given.", nameof(input));
        GraphProgram program = Of(steps);
        Guard.Length(output.Length, program.OutputSize, nameof(output), $"the result of {steps} time steps");
        program.Forward(input, parameters, output, 1);
    }

    /// <summary>A definition may look at the length, but the parameters must stay the same.</summary>
    private GraphSpec Check(GraphSpec spec, string parameter) => AnyLength.FirstOther(Probe.Spec, spec) is >= 0 and int layer ? throw FixedLength(Probe.Spec, layer, parameter) : spec;

    private GraphSpec Build(int steps, string parameter) => Network.Build([steps, .. _behind], _define, parameter);

    private static ArgumentException FixedLength(GraphSpec spec, int layer, string parameter) => Network.Fault(FaultKind.FixedLength, parameter, spec.Layers[layer].Name);
}
