using System.Numerics;

namespace SimdNet.Reference;

/// <summary>The simple recurrent layer as plain loops. A sequence begins with zeros.</summary>
public static class SimpleRnnReference
{
    /// <summary><c>h' = f(x W + b + h U + b')</c> with relu or tanh for f; x [steps, features], h [steps, units].</summary>
    public static void Forward<T>(ReadOnlySpan<T> x, RecurrentTensors<T> parameters, Span<T> h, bool reverse, bool isRelu) where T : IFloatingPointIeee754<T>
    {
        int features = parameters.Features, units = parameters.Units, steps = x.Length / features;
        var zeros = new T[units];
        for (int number = 0; number < steps; number++)
        {
            int time = reverse ? steps - 1 - number : number, before = reverse ? time + 1 : time - 1;
            ReadOnlySpan<T> hBefore = number == 0 ? zeros : h.Slice(before * units, units);
            for (int unit = 0; unit < units; unit++)
            {
                T sum = parameters.InputSum(unit, x.Slice(time * features, features)) + parameters.RecurrentSum(unit, hBefore);
                h[time * units + unit] = isRelu ? ElementwiseReference.Relu(sum) : T.Tanh(sum);
            }
        }
    }

    /// <summary>Adds to the gradients of parameters, and sets that of x, from that of h.</summary>
    public static void Backward<T>(
        ReadOnlySpan<T> x, RecurrentTensors<T> parameters, ReadOnlySpan<T> outputGradient, Span<T> inputGradient, RecurrentTensors<T> gradients, bool reverse, bool isRelu)
        where T : IFloatingPointIeee754<T>
    {
        int features = parameters.Features, units = parameters.Units, steps = x.Length / features;
        T[] h = new T[steps * units], zeros = new T[units], hiddenGradient = new T[units];
        Forward(x, parameters, h, reverse, isRelu);
        inputGradient.Clear();
        for (int number = steps - 1; number >= 0; number--)
        {
            int time = reverse ? steps - 1 - number : number, before = reverse ? time + 1 : time - 1;
            ReadOnlySpan<T> hBefore = number == 0 ? zeros : h.AsSpan(before * units, units);
            var ofBefore = new T[units];
            for (int unit = 0; unit < units; unit++)
            {
                T value = h[time * units + unit], dh = outputGradient[time * units + unit] + hiddenGradient[unit];
                T ofSum = isRelu ? ElementwiseReference.LeakyReluBackward(value, dh, T.Zero) : ElementwiseReference.TanhBackward(value, dh);
                parameters.BackwardInput(unit, ofSum, x.Slice(time * features, features), gradients, inputGradient.Slice(time * features, features));
                parameters.BackwardRecurrent(unit, ofSum, hBefore, gradients, ofBefore);
            }
            hiddenGradient = ofBefore;
        }
    }
}
