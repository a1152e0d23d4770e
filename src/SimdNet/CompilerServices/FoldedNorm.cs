using System.ComponentModel;

namespace SimdNet.CompilerServices;

/// <summary>
/// A batch normalisation that the layer before it computes: with <c>s = weight / sqrt(running_var + epsilon)</c> its weights become <c>s W</c> and its bias
/// <c>s (b - running_mean) + bias</c>, in double precision and rounded once.
/// </summary>
/// <param name="layer">The name of a dense layer, or of a convolution.</param>
/// <param name="norm">The name of the normalisation.</param>
/// <param name="biasOwner">Whose bias holds the shift.</param>
/// <param name="epsilon">What the normalisation adds to the variance.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class FoldedNorm(string layer, string norm, string biasOwner, float epsilon)
{
    /// <summary>Changes the layer's parameters to those of both.</summary>
    internal void Apply(TensorTable tensors)
    {
        float[] scale = tensors[norm + ".weight"].ToArray(), shift = tensors[norm + ".bias"].ToArray();
        float[] mean = tensors[norm + ".running_mean"].ToArray(), variance = tensors[norm + ".running_var"].ToArray();
        float[] weights = tensors[layer + ".weight"].ToArray(), bias = biasOwner == norm ? new float[shift.Length] : tensors[biasOwner + ".bias"].ToArray();
        int row = weights.Length / scale.Length;
        for (int output = 0; output < scale.Length; output++)
        {
            double factor = scale[output] / Math.Sqrt((double)variance[output] + epsilon);
            for (int i = output * row; i < (output + 1) * row; i++) weights[i] = (float)(factor * weights[i]);
            bias[output] = (float)(factor * ((double)bias[output] - mean[output]) + shift[output]);
        }
        tensors[layer + ".weight"].CopyFrom(weights);
        tensors[biasOwner + ".bias"].CopyFrom(bias);
    }
}
