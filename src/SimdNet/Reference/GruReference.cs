using System.Numerics;

namespace SimdNet.Reference;

/// <summary>The GRU layer as plain loops. Gates are r, z, n; a sequence begins with zeros.</summary>
public static class GruReference
{
    /// <summary>
    /// <c>r, z = sigmoid(x W + b + h U + b')</c>, <c>h' = (1 - z) n + z h</c> with <c>n = tanh(x W + b + r (h U + b'))</c> where the reset gate comes after
    /// the product, otherwise <c>n = tanh(x W + b + (r h) U + b')</c>; x [steps, features], h [steps, units].
    /// </summary>
    public static void Forward<T>(ReadOnlySpan<T> x, RecurrentTensors<T> parameters, Span<T> h, bool reverse, bool resetAfter) where T : IFloatingPointIeee754<T> =>
        Forward(x, parameters, h, reverse, resetAfter, new T[3 * h.Length]);

    /// <summary>Adds to the gradients of parameters, and sets that of x, from that of h.</summary>
    public static void Backward<T>(
        ReadOnlySpan<T> x, RecurrentTensors<T> parameters, ReadOnlySpan<T> outputGradient, Span<T> inputGradient, RecurrentTensors<T> gradients, bool reverse, bool resetAfter)
        where T : IFloatingPointIeee754<T>
    {
        int features = parameters.Features, units = parameters.Units, steps = x.Length / features;
        T[] h = new T[steps * units], gates = new T[3 * h.Length], zeros = new T[units], hiddenGradient = new T[units];
        Forward(x, parameters, h, reverse, resetAfter, gates);
        inputGradient.Clear();
        for (int number = steps - 1; number >= 0; number--)
        {
            int time = reverse ? steps - 1 - number : number, before = reverse ? time + 1 : time - 1;
            ReadOnlySpan<T> hBefore = number == 0 ? zeros : h.AsSpan(before * units, units);
            ReadOnlySpan<T> r = gates.AsSpan(3 * time * units, units), z = gates.AsSpan((3 * time + 1) * units, units), n = gates.AsSpan((3 * time + 2) * units, units);
            T[] ofBefore = new T[units], ofReset = new T[units], product = Reset(r, hBefore), ofProduct = new T[units], sums = new T[3 * units];
            for (int unit = 0; unit < units; unit++)
            {
                T dh = outputGradient[time * units + unit] + hiddenGradient[unit];
                T dn = ElementwiseReference.TanhBackward(n[unit], dh * (T.One - z[unit]));
                ofBefore[unit] += dh * z[unit];
                sums[units + unit] = ElementwiseReference.SigmoidBackward(z[unit], dh * (hBefore[unit] - n[unit]));
                sums[2 * units + unit] = dn;
                if (resetAfter)
                {
                    ofReset[unit] = dn * parameters.RecurrentSum(2 * units + unit, hBefore);
                    parameters.BackwardRecurrent(2 * units + unit, dn * r[unit], hBefore, gradients, ofBefore);
                }
                else
                {
                    parameters.BackwardRecurrent(2 * units + unit, dn, product, gradients, ofProduct);
                }
            }
            for (int unit = 0; unit < units; unit++)
            {
                sums[unit] = ElementwiseReference.SigmoidBackward(r[unit], ofReset[unit] + ofProduct[unit] * hBefore[unit]);
                ofBefore[unit] += ofProduct[unit] * r[unit];
            }
            for (int row = 0; row < 3 * units; row++)
            {
                parameters.BackwardInput(row, sums[row], x.Slice(time * features, features), gradients, inputGradient.Slice(time * features, features));
                if (row < 2 * units) parameters.BackwardRecurrent(row, sums[row], hBefore, gradients, ofBefore);
            }
            hiddenGradient = ofBefore;
        }
    }

    private static void Forward<T>(ReadOnlySpan<T> x, RecurrentTensors<T> parameters, Span<T> h, bool reverse, bool resetAfter, Span<T> gates) where T : IFloatingPointIeee754<T>
    {
        int features = parameters.Features, units = parameters.Units, steps = x.Length / features;
        var zeros = new T[units];
        for (int number = 0; number < steps; number++)
        {
            int time = reverse ? steps - 1 - number : number, before = reverse ? time + 1 : time - 1;
            ReadOnlySpan<T> input = x.Slice(time * features, features), hBefore = number == 0 ? zeros : h.Slice(before * units, units);
            Span<T> r = gates.Slice(3 * time * units, units), z = gates.Slice((3 * time + 1) * units, units), n = gates.Slice((3 * time + 2) * units, units);
            for (int unit = 0; unit < units; unit++)
            {
                r[unit] = ElementwiseReference.Sigmoid(parameters.InputSum(unit, input) + parameters.RecurrentSum(unit, hBefore));
                z[unit] = ElementwiseReference.Sigmoid(parameters.InputSum(units + unit, input) + parameters.RecurrentSum(units + unit, hBefore));
            }
            T[] product = Reset<T>(r, hBefore);
            for (int unit = 0; unit < units; unit++)
            {
                int row = 2 * units + unit;
                T recurrent = resetAfter ? r[unit] * parameters.RecurrentSum(row, hBefore) : parameters.RecurrentSum(row, product);
                n[unit] = T.Tanh(parameters.InputSum(row, input) + recurrent);
                h[time * units + unit] = (T.One - z[unit]) * n[unit] + z[unit] * hBefore[unit];
            }
        }
    }

    private static T[] Reset<T>(ReadOnlySpan<T> reset, ReadOnlySpan<T> hidden) where T : IFloatingPointIeee754<T>
    {
        var product = new T[hidden.Length];
        for (int unit = 0; unit < product.Length; unit++) product[unit] = reset[unit] * hidden[unit];
        return product;
    }
}
