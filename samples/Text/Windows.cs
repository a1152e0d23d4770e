using SimdNet.Data;

namespace Text;

/// <summary>A text in pieces as long as the network's sequences.</summary>
internal static class Windows
{
    private const int Stride = TextNet.Context / 2, Together = 64;

    /// <summary>Windows that overlap by one half; the class of each step is the character after it.</summary>
    public static DataSet Cut(ReadOnlySpan<int> text)
    {
        int count = (text.Length - TextNet.Context - 1) / Stride + 1;
        var inputs = new float[count * TextNet.Context];
        var classes = new int[inputs.Length];
        for (int window = 0; window < count; window++)
        {
            for (int step = 0; step < TextNet.Context; step++)
            {
                inputs[window * TextNet.Context + step] = text[window * Stride + step];
                classes[window * TextNet.Context + step] = text[window * Stride + step + 1];
            }
        }
        return DataSet.FromClasses(inputs, TextNet.Context, classes, classesPerSample: TextNet.Context);
    }

    /// <summary>The mean of -log2 of the probability of each character from <paramref name="start"/> on, each predicted from at least half a window before it.</summary>
    public static double BitsPerCharacter(TextNet network, ReadOnlySpan<int> text, int start)
    {
        var inputs = new float[Together * TextNet.Context];
        var outputs = new float[Together * TextNet.OutputSize];
        var begins = new int[Together];
        double bits = 0;
        for (int next = start; next < text.Length;)
        {
            int count = 0, first = next;
            for (; count < Together && next < text.Length; count++, next += Stride)
            {
                // Its second half predicts the characters from next on; the last window ends with the text.
                begins[count] = Math.Min(next + Stride, text.Length) - 1 - TextNet.Context;
                for (int step = 0; step < TextNet.Context; step++) inputs[count * TextNet.Context + step] = text[begins[count] + step];
            }
            network.Forward(inputs.AsSpan(0, count * TextNet.Context), outputs.AsSpan(0, count * TextNet.OutputSize));
            for (int window = 0; window < count; window++)
            {
                for (int index = first + window * Stride; index <= begins[window] + TextNet.Context; index++)
                {
                    int step = window * TextNet.Context + index - 1 - begins[window];
                    bits -= Math.Log2(outputs[step * TextNet.Vocabulary + text[index]]);
                }
            }
        }
        return bits / (text.Length - start);
    }
}
