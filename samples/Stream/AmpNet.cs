using SimdNet;
using SimdNet.Layers;

namespace Amp;

/// <summary>One sample of sound in, one out: what a recurrent layer remembers is added to what came in. 1,024 samples are a window of training; a stream has no end.</summary>
[Network(1024, 1)]
public sealed partial class AmpNet
{
    private static Node Define(Node x) => x + x.Gru(16, returnSequences: true).Dense(1);
}
