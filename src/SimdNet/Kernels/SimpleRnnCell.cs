using System.Runtime.CompilerServices;
using SimdNet.CompilerServices;

namespace SimdNet.Kernels;

/// <summary>A step of a simple recurrent layer (Elman 1990): <c>h' = f(sum)</c>.</summary>
internal readonly struct SimpleRnnCell<TActivation> : IRecurrentCell where TActivation : struct, IActivation
{
    public static int Gates => RecurrentLayout.SimpleRnnGates;

    public static int JoinedGates => Gates;

    public static bool HasCell => false;

    public static bool HasExtra => false;

    public static int HiddenGates => Gates;

    [MethodImpl(Jit.Kernel)]
    public static void Forward<TBlock>(ref RecurrentStep step) where TBlock : struct, IBlock<TBlock>
    {
        step.Add<TBlock>(step.Hidden, 0, Gates, step.Gates, step.Gates);
        for (int row = 0; row < step.Rows; row++)
        {
            ref float gates = ref step.Gates.At(row, 0);
            for (int unit = 0; unit < step.Padded; unit += TBlock.Count)
            {
                TBlock h = default(TActivation).Forward(TBlock.Load(ref gates, unit));
                step.Finish(h, row, unit);
                if (step.Keeps) TBlock.Store(h, ref gates, unit);
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    public static void Backward<TBlock>(ref RecurrentBackwardStep step) where TBlock : struct, IBlock<TBlock>
    {
        for (int row = 0; row < step.Rows; row++)
        {
            ref float gates = ref step.Gates.At(row, 0), sums = ref step.InputSums.At(row, 0);
            for (int unit = 0; unit < step.Padded; unit += TBlock.Count)
                TBlock.Store(default(TActivation).Backward(TBlock.Load(ref gates, unit), step.Gradient<TBlock>(row, unit)), ref sums, unit);
        }
        step.MultiplyBack(0, Gates, step.Product);
    }
}
