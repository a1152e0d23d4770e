using SimdNet.CompilerServices;
using SimdNet.Specification;

namespace SimdNet;

/// <summary>Makes the operations of a network that is built at run time: what the generator writes as <c>new</c>.</summary>
internal static class OperationFactory
{
    public static Operation Create(OperationCall call) => call.Activation switch
    {
        null => Plain(call),
        { Activation: null } => Activated(call, default(Identity)),
        { Activation: { Kind: ActivationKind.LeakyRelu, Slope: var slope } } => Activated(call, new LeakyRelu(slope)),
        { Activation.Kind: ActivationKind.Relu } => Activated(call, default(Relu)),
        { Activation.Kind: ActivationKind.Sigmoid } => Activated(call, default(Sigmoid)),
        { Activation.Kind: ActivationKind.Tanh } => Activated(call, default(Tanh)),
        { Activation.Kind: ActivationKind.Gelu } => Activated(call, default(Gelu)),
        { Activation.Kind: ActivationKind.GeluTanh } => Activated(call, default(GeluTanh)),
        { Activation.Kind: ActivationKind.Silu } => Activated(call, default(Silu)),
        { Activation.Kind: ActivationKind.Mish } => Activated(call, default(Mish)),
        { Activation.Kind: ActivationKind.HardSwish } => Activated(call, default(HardSwish)),
        { Activation: { Kind: ActivationKind.Elu, Slope: var alpha } } => Activated(call, new Elu(alpha)),
        { Activation.Kind: ActivationKind.Selu } => Activated(call, default(Selu)),
        { Activation.Kind: ActivationKind.Softplus } => Activated(call, default(Softplus)),
        { Activation.Kind: ActivationKind.Softsign } => Activated(call, default(Softsign)),
        { Activation.Kind: ActivationKind.HardSigmoid } => Activated(call, default(HardSigmoid)),
        _ => throw Unknown(call),
    };

    private static Operation Plain(OperationCall call) => call.Type switch
    {
        nameof(LogSoftmaxOperation) => new LogSoftmaxOperation(Integer(call, 0), Integer(call, 1)),
        nameof(SoftmaxOperation) => new SoftmaxOperation(Integer(call, 0), Integer(call, 1)),
        nameof(SliceOperation) => new SliceOperation(Integer(call, 0), Integer(call, 1), Integer(call, 2), Integer(call, 3)),
        nameof(PermuteOperation) => new PermuteOperation(Integer(call, 0), Integer(call, 1), Integer(call, 2), Integer(call, 3), Integer(call, 4)),
        nameof(PReluOperation) => new PReluOperation(Integer(call, 0), Integer(call, 1), Integer(call, 2)),
        nameof(TransposeOperation) => new TransposeOperation(Integer(call, 0), Integer(call, 1)),
        nameof(MaxPoolingOperation) => new MaxPoolingOperation(
            Integer(call, 0), Integer(call, 1), Integer(call, 2), Integer(call, 3), Integer(call, 4), Integer(call, 5), Integer(call, 6), Integer(call, 7), Integer(call, 8), Integer(call, 9), Integer(call, 10)),
        nameof(AveragePoolingOperation) => new AveragePoolingOperation(
            Integer(call, 0), Integer(call, 1), Integer(call, 2), Integer(call, 3), Integer(call, 4), Integer(call, 5), Integer(call, 6), Integer(call, 7), Integer(call, 8), Integer(call, 9), Integer(call, 10),
            (bool)call.Arguments[11]),
        nameof(UpsampleOperation) => new UpsampleOperation(Integer(call, 0), Integer(call, 1), Integer(call, 2), Integer(call, 3), Integer(call, 4), (bool)call.Arguments[5]),
        nameof(ZeroPaddingOperation) => new ZeroPaddingOperation(
            Integer(call, 0), Integer(call, 1), Integer(call, 2), Integer(call, 3), Integer(call, 4), Integer(call, 5), Integer(call, 6)),
        nameof(BatchNormOperation) => new BatchNormOperation(
            Integer(call, 0), Integer(call, 1), Single(call, 2), Single(call, 3), Integer(call, 4), Integer(call, 5), Integer(call, 6), Integer(call, 7)),
        nameof(LayerNormOperation) => new LayerNormOperation(Integer(call, 0), Integer(call, 1), Single(call, 2), Integer(call, 3), Integer(call, 4)),
        nameof(RmsNormOperation) => new RmsNormOperation(Integer(call, 0), Integer(call, 1), Single(call, 2), Integer(call, 3)),
        nameof(GroupNormOperation) => new GroupNormOperation(Integer(call, 0), Integer(call, 1), Integer(call, 2), Single(call, 3), Integer(call, 4), Integer(call, 5)),
        nameof(EmbeddingOperation) => new EmbeddingOperation(Integer(call, 0), Integer(call, 1), Integer(call, 2), Integer(call, 3)),
        nameof(PositionsOperation) => new PositionsOperation(Integer(call, 0), Integer(call, 1), Integer(call, 2)),
        nameof(AttentionOperation) => new AttentionOperation(
            Integer(call, 0), Integer(call, 1), Integer(call, 2), Integer(call, 3), (bool)call.Arguments[4], (bool)call.Arguments[5],
            Integer(call, 6), Integer(call, 7), Integer(call, 8), Integer(call, 9)),
        nameof(CrossAttentionOperation) => new CrossAttentionOperation(
            Integer(call, 0), Integer(call, 1), Integer(call, 2), Integer(call, 3), Integer(call, 4), Integer(call, 5), Integer(call, 6), Integer(call, 7), Integer(call, 8), Integer(call, 9), Integer(call, 10),
            Integer(call, 11), Integer(call, 12), Integer(call, 13)),
        nameof(CrossAttentionMemoryOperation) => new CrossAttentionMemoryOperation((CrossAttentionOperation)Create((OperationCall)call.Arguments[0])),
        nameof(ContextOperation) => new ContextOperation(Integer(call, 0)),
        nameof(LstmOperation) => new LstmOperation(
            Integer(call, 0), Integer(call, 1), Integer(call, 2), (bool)call.Arguments[3], (bool)call.Arguments[4], Integer(call, 5), Integer(call, 6), Integer(call, 7), Integer(call, 8)),
        nameof(GruOperation) => new GruOperation(
            Integer(call, 0), Integer(call, 1), Integer(call, 2), (bool)call.Arguments[3], (bool)call.Arguments[4], (bool)call.Arguments[5],
            Integer(call, 6), Integer(call, 7), Integer(call, 8), Integer(call, 9)),
        nameof(SimpleRnnOperation) => new SimpleRnnOperation(
            Integer(call, 0), Integer(call, 1), Integer(call, 2), (bool)call.Arguments[3], (bool)call.Arguments[4], (Activation)call.Arguments[5],
            Integer(call, 6), Integer(call, 7), Integer(call, 8), Integer(call, 9)),
        nameof(GaussianNoiseOperation) => new GaussianNoiseOperation(Integer(call, 0), Single(call, 1)),
        nameof(DropoutOperation) => new DropoutOperation(Integer(call, 0), Single(call, 1)),
        _ => throw Unknown(call),
    };

    private static Operation Activated<TActivation>(OperationCall call, TActivation activation) where TActivation : struct, IActivation => call.Type switch
    {
        "DenseOperation" => new DenseOperation<TActivation>(Integer(call, 0), Integer(call, 1), Integer(call, 2), Integer(call, 3), Integer(call, 4), activation),
        "ConvolutionOperation" => new ConvolutionOperation<TActivation>(Shape((OperationCall)call.Arguments[0]), Integer(call, 1), Integer(call, 2), activation),
        "TransposedConvolutionOperation" => new TransposedConvolutionOperation<TActivation>(Shape((OperationCall)call.Arguments[0]), Integer(call, 1), Integer(call, 2), activation),
        "ActivationOperation" => new ActivationOperation<TActivation>(Integer(call, 0), activation),
        _ => throw Unknown(call),
    };

    private static ConvolutionShape Shape(OperationCall call)
    {
        int[] a = [.. call.Arguments.Cast<int>()];
        return call.Type == nameof(ConvolutionShape)
            ? new ConvolutionShape(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13], a[14])
            : ConvolutionShape.Transposed(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13], a[14], a[15], a[16]);
    }

    private static float Single(OperationCall call, int index) => (float)call.Arguments[index];

    private static int Integer(OperationCall call, int index) => (int)call.Arguments[index];

    private static InvalidOperationException Unknown(OperationCall call) => new($"There is no operation {call.Type}.");
}
