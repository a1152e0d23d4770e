using System.Globalization;
using SimdNet.CompilerServices;
using SimdNet.Data;

namespace SimdNet;

/// <summary>What a network says about one row of a data frame.</summary>
/// <param name="Outputs">What the network puts out; numeric targets in the units of their column.</param>
/// <param name="Class">The most probable class; null where the target is a number.</param>
/// <param name="Probability">
/// How probable that class is, from softmax, or from sigmoid where one output tells two classes apart; null where the target is a
/// number.
/// </param>
public sealed record Prediction(IReadOnlyList<float> Outputs, string? Class, float? Probability)
{
    /// <summary>The first output: the value that is predicted, where the target is a number.</summary>
    public float Value => Outputs[0];

    /// <summary>The class and how probable it is, or the outputs.</summary>
    public override string ToString() => Class is null
        ? string.Join(' ', Outputs.Select(output => output.ToString(CultureInfo.InvariantCulture)))
        : string.Create(CultureInfo.InvariantCulture, $"{Class} ({Probability:0.000})");
}

/// <summary>Prediction from values as the user has them: the network's preprocessing comes first.</summary>
public static class Predictor
{
    /// <summary>
    /// Predicts from rows of numbers as they were before preprocessing, [rows, columns], NaN where one is missing; numeric targets
    /// come back in their own units. Without preprocessing it is <see cref="IPredictor.Forward"/>. Allocates nothing once it
    /// has run; any number of threads may call it on one network.
    /// </summary>
    /// <param name="network">The network, or a frozen one.</param>
    /// <param name="values">[rows, columns], in the order of the preprocessing's columns.</param>
    /// <param name="output">[rows, <see cref="IPredictor.OutputSize"/>].</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="InvalidOperationException">The preprocessing has columns that are not numeric.</exception>
    public static void Predict(this IPredictor network, ReadOnlySpan<float> values, Span<float> output)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.Preprocessing is not { } preprocessing)
        {
            network.Forward(values, output);
            return;
        }
        int columns = preprocessing.Columns.Count, rows = values.Length / columns;
        Guard.Product(output.Length, rows, network.OutputSize, nameof(output));
        using Workspace.Lease lease = Workspace.Rent(checked(rows * network.InputSize));
        Span<float> features = lease.Span[..(rows * network.InputSize)];
        preprocessing.Transform(values, features);
        network.Forward(features, output);
        preprocessing.TargetEncoder?.Restore(output);
    }

    /// <summary>Predicts from the rows of a data frame, one prediction for each.</summary>
    /// <param name="network">The network, or a frozen one.</param>
    /// <param name="frame">The columns that the preprocessing was fitted on; others, the target among them, do not count.</param>
    /// <exception cref="ArgumentException">A column is not there or of another kind.</exception>
    /// <exception cref="InvalidOperationException">The network has no preprocessing.</exception>
    public static Prediction[] Predict(this IPredictor network, DataFrame frame)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(frame);
        if (network.Preprocessing is not { } preprocessing)
            throw new InvalidOperationException("The network has no preprocessing, which says how a data frame becomes its inputs; set network.Preprocessing to one that was fitted on the training part.");
        var features = new float[checked(frame.Count * network.InputSize)];
        var outputs = new float[checked(frame.Count * network.OutputSize)];
        preprocessing.Transform(frame, features);
        network.Forward(features, outputs);
        preprocessing.TargetEncoder?.Restore(outputs);
        var predictions = new Prediction[frame.Count];
        for (int row = 0; row < predictions.Length; row++)
            predictions[row] = Judge(outputs[(row * network.OutputSize)..((row + 1) * network.OutputSize)], preprocessing.Classes, network.OutputActivation);
        return predictions;
    }

    private static Prediction Judge(float[] outputs, IReadOnlyList<string> classes, OutputActivation activation)
    {
        if (classes.Count == 0) return new Prediction(outputs, null, null);
        if (outputs.Length == 1)
        {
            float second = outputs[0];
            if (activation == OutputActivation.None) Elementwise.Sigmoid(outputs, new Span<float>(ref second));
            return second > 0.5f ? new Prediction(outputs, classes[1], second) : new Prediction(outputs, classes[0], 1 - second);
        }
        float[] probabilities = outputs;
        if (activation == OutputActivation.None)
        {
            probabilities = new float[outputs.Length];
            Elementwise.Softmax(outputs, outputs.Length, probabilities);
        }
        int best = Array.IndexOf(probabilities, probabilities.Max());
        return new Prediction(outputs, classes[best], probabilities[best]);
    }
}
