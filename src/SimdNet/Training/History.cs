namespace SimdNet.Training;

/// <summary>How well a network does on a set of samples.</summary>
/// <param name="Loss">The mean loss over the samples; for losses that are sums, the sum.</param>
/// <param name="Accuracy">
/// The share of correct predictions, 0 to 1, of samples or of their steps; with binary cross-entropy, of outputs on the right side of
/// one half; null where samples have values as targets, and with losses for several results.
/// </param>
/// <param name="MeanAbsoluteError">The mean of |y - t| over samples and outputs, in the units of the targets that were trained on: scaled ones where <c>Preprocessing</c> scales them; null where samples have classes, and where a loss reads logits.</param>
public sealed record Metrics(double Loss, double? Accuracy, double? MeanAbsoluteError)
{
    /// <summary>
    /// The area under the receiver operating characteristic (scikit-learn's <c>roc_auc_score</c>): the probability that a positive
    /// sample scores higher than a negative one, equal scores counting half. 0.5 is chance, 1 a perfect order; unlike accuracy it
    /// does not depend on how many of either there are.
    /// </summary>
    /// <param name="scores">[samples], higher for what is rather positive.</param>
    /// <param name="isPositive">[samples].</param>
    /// <exception cref="ArgumentException">Lengths differ, a score is NaN, or there are no positive or no negative samples.</exception>
    public static double AreaUnderRoc(ReadOnlySpan<float> scores, ReadOnlySpan<bool> isPositive)
    {
        Guard.Length(isPositive.Length, scores.Length, nameof(isPositive), "one for each score");
        (float Score, bool IsPositive)[] samples = new (float, bool)[scores.Length];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = float.IsNaN(scores[i]) ? throw new ArgumentException($"Score {i} is NaN.", nameof(scores)) : (scores[i], isPositive[i]);
        Array.Sort(samples, (left, right) => left.Score.CompareTo(right.Score));

        // A positive sample wins over the negative ones before it, and half over those beside it.
        double wins = 0;
        long positives = 0, negatives = 0;
        for (int start = 0, end; start < samples.Length; start = end)
        {
            long positivesHere = 0;
            for (end = start; end < samples.Length && samples[end].Score == samples[start].Score; end++) positivesHere += samples[end].IsPositive ? 1 : 0;
            long negativesHere = end - start - positivesHere;
            wins += positivesHere * (negatives + 0.5 * negativesHere);
            positives += positivesHere;
            negatives += negativesHere;
        }
        return positives > 0 && negatives > 0
            ? wins / ((double)positives * negatives)
            : throw new ArgumentException("There must be positive and negative samples.", nameof(isPositive));
    }
}

/// <summary>One epoch of training, or what a call of <c>Fit</c> trained of one.</summary>
/// <param name="Epoch">Its number within the call of <c>Fit</c>, from 1.</param>
/// <param name="LearningRate">The learning rate of its last batch.</param>
/// <param name="Training">Over the training samples, as they were when each batch was trained, dropout included.</param>
/// <param name="Validation">Over the validation samples after the epoch; null without them.</param>
/// <param name="SamplesPerSecond">The training samples per second.</param>
/// <param name="Duration">How long the epoch took, validation included.</param>
public sealed record EpochResult(
    int Epoch, float LearningRate, Metrics Training, Metrics? Validation, double SamplesPerSecond, TimeSpan Duration);

/// <summary>What a run of training did.</summary>
/// <param name="Epochs">The epochs that were finished.</param>
/// <param name="Duration">How long the run took.</param>
/// <param name="WasCancelled">Whether it was stopped before its end.</param>
public sealed record History(IReadOnlyList<EpochResult> Epochs, TimeSpan Duration, bool WasCancelled);

/// <summary>Where a run of training stands.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">How many there will be.</param>
/// <param name="Samples">The samples of this epoch that are done.</param>
/// <param name="SampleCount">The samples of an epoch.</param>
/// <param name="Training">Loss and accuracy over the samples of this epoch so far.</param>
/// <param name="SamplesPerSecond">The speed over this epoch so far.</param>
/// <param name="TimeLeft">How long the run will still take at this speed.</param>
/// <param name="Completed">The result of the epoch, where this report ends it.</param>
public sealed record TrainingProgress(
    int Epoch, int Epochs, int Samples, int SampleCount, Metrics Training, double SamplesPerSecond, TimeSpan TimeLeft, EpochResult? Completed);

/// <summary>Training was stopped because the loss became NaN or infinite, where the parameters are those before that batch, or parameters did.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>The loss was not finite.</summary>
    public TrainingDivergedException(int epoch, int batch, float loss) : base(
        $"The loss became {loss} in epoch {epoch}, batch {batch}. Lower the learning rate, standardise the inputs, or look for NaN among them; the parameters are those before that batch.") =>
        (Epoch, Batch) = (epoch, batch);

    /// <summary>Parameters were not finite at the end of an epoch, though all losses were.</summary>
    internal TrainingDivergedException(int epoch, int batches) : base(
        $"Parameters became NaN or infinite in epoch {epoch}, though its losses are finite: a gradient was not. Lower the learning rate, standardise the inputs and the targets, and begin again.") =>
        (Epoch, Batch) = (epoch, batches);

    /// <summary>The epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>The batch within the epoch, from 1; the last one where parameters were looked at behind it.</summary>
    public int Batch { get; }
}
