namespace SimdNet.Conformance.Tests;

/// <summary>What is compared: a new layer is one entry here, a new activation one entry of <see cref="ActivationCases"/>.</summary>
internal static class LayerTable
{
    /// <summary>How the cases of a layer are drawn, by its name.</summary>
    public static IReadOnlyDictionary<string, Func<Configuration, LayerCase>> Layers { get; } = new Dictionary<string, Func<Configuration, LayerCase>>(ActivationCases.Rows())
    {
        ["Dense"] = draw => DenseCases.Dense(draw, 1),
        ["Dense, sequence"] = draw => DenseCases.Dense(draw, 2),
        ["Softmax"] = DenseCases.Softmax,
        ["LogSoftmax"] = DenseCases.LogSoftmax,
        ["Flatten"] = DenseCases.Flatten,
        ["PRelu"] = ActivationCases.PRelu,
        ["Slice"] = ShapeCases.Slice,
        ["Permute"] = ShapeCases.Permute,
        ["Reshape"] = ShapeCases.Reshape,
        ["Conv1D"] = draw => ConvolutionCases.Convolution(draw, isImage: false),
        ["Conv1D, depthwise"] = draw => ConvolutionCases.Convolution(draw, isImage: false, isDepthwise: true),
        ["Conv2D"] = draw => ConvolutionCases.Convolution(draw, isImage: true),
        ["Conv2D, depthwise"] = draw => ConvolutionCases.Convolution(draw, isImage: true, isDepthwise: true),
        ["ConvTranspose1D"] = draw => ConvolutionCases.Transposed(draw, isImage: false),
        ["ConvTranspose2D"] = draw => ConvolutionCases.Transposed(draw, isImage: true),
        ["MaxPool1D"] = draw => PoolingCases.Pool(draw, isMax: true, isImage: false),
        ["MaxPool2D"] = draw => PoolingCases.Pool(draw, isMax: true, isImage: true),
        ["AveragePool1D"] = draw => PoolingCases.Pool(draw, isMax: false, isImage: false),
        ["AveragePool2D"] = draw => PoolingCases.Pool(draw, isMax: false, isImage: true),
        ["GlobalMaxPool"] = draw => PoolingCases.Global(draw, isMax: true),
        ["GlobalAveragePool"] = draw => PoolingCases.Global(draw, isMax: false),
        ["BatchNorm"] = NormCases.BatchNorm,
        ["LayerNorm"] = NormCases.LayerNorm,
        ["RmsNorm"] = NormCases.RmsNorm,
        ["GroupNorm"] = NormCases.GroupNorm,
        ["Upsample2D"] = PoolingCases.Upsample,
        ["ZeroPad2D"] = PoolingCases.ZeroPad,
        ["Embedding"] = AttentionCases.Embedding,
        ["PositionEmbedding"] = AttentionCases.PositionEmbedding,
        ["MultiHeadAttention"] = AttentionCases.MultiHeadAttention,
        ["CrossAttention"] = AttentionCases.CrossAttention,
        ["Lstm"] = RecurrentCases.Lstm,
        ["Gru"] = RecurrentCases.Gru,
        ["SimpleRnn"] = RecurrentCases.SimpleRnn,
        ["Add"] = draw => GraphCases.Join(draw, "Add", (x, y) => x + y),
        ["Multiply"] = draw => GraphCases.Join(draw, "Mul", (x, y) => x * y),
        ["Concat"] = GraphCases.Concat,
        ["Residual block, image"] = draw => GraphCases.Residual(draw, isImage: true),
        ["Residual block, sequence"] = draw => GraphCases.Residual(draw, isImage: false),
    };
}
