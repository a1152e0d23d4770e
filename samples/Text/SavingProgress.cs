using SimdNet.Training;

namespace Text;

/// <summary>Saves the network after each epoch: the file is the last epoch's, whole, whenever the program ends.</summary>
internal sealed class SavingProgress(IProgress<TrainingProgress> display, TextNet network, string path) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        display.Report(value);
        if (value.Completed is not null) network.Save(path);
    }
}
