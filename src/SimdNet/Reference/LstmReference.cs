using System.Numerics;

namespace SimdNet.Reference;

/// <summary>The LSTM layer as plain loops. Gates are i, f, g, o; a sequence begins with zeros.</summary>
public static class LstmReference
{
    /// <summary>
    /// <c>i, f, o = sigmoid(x W + b + h U + b')</c>, <c>g = tanh(...)</c>, <c>c' = f c + i g</c>, <c>h' = o tanh(c')</c>; x [steps, features], h [steps, units].
    /// </summary>
    public static void Forward<T>(ReadOnlySpan<T> x, RecurrentTensors<T> parameters, Span<T> h, bool reverse) where T : IFloatingPointIeee754<T> =>
        Forward(x, parameters, h, reverse, new T[h.Length], new T[4 * h.Length]);

    /// <summary>Adds to the gradients of parameters, and sets that of x, from that of h.</summary>
    public static void Backward<T>(
        ReadOnlySpan<T> x, RecurrentTensors<T> parameters, ReadOnlySpan<T> outputGradient, Span<T> inputGradient, RecurrentTensors<T> gradients, bool reverse)
        where T : IFloatingPointIeee754<T>
    {
        int features = parameters.Features, units = parameters.Units, steps = x.Length / features;
        T[] h = new T[steps * units], c = new T[h.Length], gates = new T[4 * h.Length], zeros = new T[units];
        T[] hiddenGradient = new T[units], cellGradient = new T[units];
        Forward(x, parameters, h, reverse, c, gates);
        inputGradient.Clear();
        for (int number = steps - 1; number >= 0; number--)
        {
            int time = reverse ? steps - 1 - number : number, before = reverse ? time + 1 : time - 1;
            ReadOnlySpan<T> hBefore = number == 0 ? zeros : h.AsSpan(before * units, units), cBefore = number == 0 ? zeros : c.AsSpan(before * units, units);
            var ofBefore = new T[units];
            for (int unit = 0; unit < units; unit++)
            {
                T i = gates[4 * time * units + unit], f = gates[(4 * time + 1) * units + unit], g = gates[(4 * time + 2) * units + unit], o = gates[(4 * time + 3) * units + unit];
                T bounded = T.Tanh(c[time * units + unit]), dh = outputGradient[time * units + unit] + hiddenGradient[unit];
                T dc = cellGradient[unit] + ElementwiseReference.TanhBackward(bounded, dh * o);
                cellGradient[unit] = dc * f;
                T[] ofSums =
                [
                    ElementwiseReference.SigmoidBackward(i, dc * g), ElementwiseReference.SigmoidBackward(f, dc * cBefore[unit]),
                    ElementwiseReference.TanhBackward(g, dc * i), ElementwiseReference.SigmoidBackward(o, dh * bounded),
                ];
                for (int gate = 0; gate < 4; gate++)
                {
                    parameters.BackwardInput(gate * units + unit, ofSums[gate], x.Slice(time * features, features), gradients, inputGradient.Slice(time * features, features));
                    parameters.BackwardRecurrent(gate * units + unit, ofSums[gate], hBefore, gradients, ofBefore);
                }
            }
            hiddenGradient = ofBefore;
        }
    }

    private static void Forward<T>(ReadOnlySpan<T> x, RecurrentTensors<T> parameters, Span<T> h, bool reverse, Span<T> c, Span<T> gates) where T : IFloatingPointIeee754<T>
    {
        int features = parameters.Features, units = parameters.Units, steps = x.Length / features;
        var zeros = new T[units];
        for (int number = 0; number < steps; number++)
        {
            int time = reverse ? steps - 1 - number : number, before = reverse ? time + 1 : time - 1;
            ReadOnlySpan<T> hBefore = number == 0 ? zeros : h.Slice(before * units, units), cBefore = number == 0 ? zeros : c.Slice(before * units, units);
            for (int unit = 0; unit < units; unit++)
            {
                for (int gate = 0; gate < 4; gate++)
                {
                    T sum = parameters.InputSum(gate * units + unit, x.Slice(time * features, features)) + parameters.RecurrentSum(gate * units + unit, hBefore);
                    gates[(4 * time + gate) * units + unit] = gate == 2 ? T.Tanh(sum) : ElementwiseReference.Sigmoid(sum);
                }
                T i = gates[4 * time * units + unit], f = gates[(4 * time + 1) * units + unit], g = gates[(4 * time + 2) * units + unit], o = gates[(4 * time + 3) * units + unit];
                c[time * units + unit] = f * cBefore[unit] + i * g;
                h[time * units + unit] = o * T.Tanh(c[time * units + unit]);
            }
        }
    }
}
