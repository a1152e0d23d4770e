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
        _ => throw Unknown(call),
    };

    private static Operation Plain(OperationCall call) => call.Type switch
    {
        nameof(SoftmaxOperation) => new SoftmaxOperation(Integer(call, 0)),
        nameof(DropoutOperation) => new DropoutOperation(Integer(call, 0), (float)call.Arguments[1]),
        _ => throw Unknown(call),
    };

    private static Operation Activated<TActivation>(OperationCall call, TActivation activation) where TActivation : struct, IActivation => call.Type switch
    {
        "DenseOperation" => new DenseOperation<TActivation>(Integer(call, 0), Integer(call, 1), Integer(call, 2), Integer(call, 3), Integer(call, 4), activation),
        "ActivationOperation" => new ActivationOperation<TActivation>(Integer(call, 0), activation),
        _ => throw Unknown(call),
    };

    private static int Integer(OperationCall call, int index) => (int)call.Arguments[index];

    private static InvalidOperationException Unknown(OperationCall call) => new($"There is no operation {call.Type}.");
}
