using SimdNet.Training;

namespace Digits;

/// <summary>Digits are the same digits a pixel further left or down: training on shifted ones makes up for few samples.</summary>
internal static class Augmentation
{
    /// <summary>Moves each image by -1, 0 or 1 pixels in both directions; what comes in from outside is black.</summary>
    public static BatchAugmentation ShiftByOnePixel(int side) => (inputs, inputSize, random) =>
    {
        Span<float> moved = stackalloc float[inputSize];
        for (int start = 0; start < inputs.Length; start += inputSize)
        {
            Span<float> image = inputs.Slice(start, inputSize);
            int right = random.Next(3) - 1, down = random.Next(3) - 1;
            moved.Clear();
            for (int row = Math.Max(0, down); row < Math.Min(side, side + down); row++)
            {
                for (int column = Math.Max(0, right); column < Math.Min(side, side + right); column++)
                    moved[row * side + column] = image[(row - down) * side + (column - right)];
            }
            moved.CopyTo(image);
        }
    };
}
