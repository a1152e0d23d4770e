using FsCheck.Xunit;
using SimdNet.Data;
using SimdNet.Layers;
using SimdNet.Reference;
using SimdNet.Training;
using Xunit;

namespace SimdNet.Tests;

/// <summary>A class for each of six steps.</summary>
[Network(6, 1)]
[Gru(12, returnSequences: true)]
[Dense(3), Softmax]
internal sealed partial class StepClassNet;

/// <summary>A decision for each of six steps.</summary>
[Network(6, 1)]
[Gru(12, returnSequences: true)]
[Dense(1), Sigmoid]
internal sealed partial class StepDecisionNet;

/// <summary>Losses over each step of a sequence: a step is to the loss what a sample is elsewhere.</summary>
public class SequenceTrainingTests
{
    /// <summary>The loss and all gradients are those that the reference has of the logits, which the same layers without the last one put out.</summary>
    [Property(MaxTest = 40)]
    public void LossesOverStepsAreTheReference(int batch, int steps, int width, int seed, bool isDistribution)
    {
        PropertyCount.Ran();
        (batch, steps, width) = (Values.Size(batch, 1, 4), Values.Size(steps, 1, 7), Values.Size(width, 2, 20));
        Network network = Network.Create([steps, 2], x => x.Dense(width).Softmax(), (ulong)(uint)seed), logits = Network.Create([steps, 2], x => x.Dense(width), (ulong)(uint)seed);
        Assert.Equal(steps, network.OutputSteps);
        float[] input = Values.Uniform(batch * steps * 2, seed, 3), targets = new float[batch * steps * width];
        int[] classes = [.. Enumerable.Range(0, batch * steps).Select(row => (int)((uint)(seed + 7 * row) % (uint)width))];
        for (int row = 0; row < classes.Length; row++) targets[row * width + classes[row]] = 1;
        if (isDistribution) targets = [.. Values.Uniform(targets.Length, seed + 2).Select(Math.Abs)];

        TrainingPass plain = logits.CreateTrainingPass(batch), pass = network.CreateTrainingPass(batch);
        var gradient = new double[targets.Length];
        double expected = LossReference.CrossEntropy<double>(Values.ToDouble(plain.Forward(input).ToArray()), Values.ToDouble(targets), width, gradient);
        plain.Backward([.. gradient.Select(value => (float)value)]);

        pass.Forward(input);
        float loss = isDistribution ? pass.BackwardLoss(Loss.CrossEntropy, targets) : pass.BackwardLoss(Loss.CrossEntropy, classes);
        Values.AssertClose([expected], [loss], 1e-5, 1e-5);
        Values.AssertClose(Values.ToDouble(plain.Gradients.ToArray()), pass.Gradients.ToArray(), 1e-4, 1e-5);
        Values.AssertClose(Values.ToDouble(plain.InputGradients.ToArray()), pass.InputGradients.ToArray(), 1e-4, 1e-5);

        // Without the last layer the loss reads the same logits.
        plain.Forward(input);
        Assert.Equal(loss, isDistribution ? plain.BackwardLoss(Loss.CrossEntropy, targets) : plain.BackwardLoss(Loss.CrossEntropy, classes));
        float[] evaluated = [isDistribution ? pass.Evaluate(input, targets, Loss.CrossEntropy) : pass.Evaluate(input, classes, Loss.CrossEntropy)];
        Values.AssertClose([expected], evaluated, 1e-5, 1e-5);
    }

    /// <summary>
    /// Sequences of different lengths in one batch, padded behind their ends: layers that only look back learn from them what they learn from each sequence
    /// at its own length.
    /// </summary>
    [Property(MaxTest = 25)]
    public void PaddingThatHasNoClassTeachesNothing(int longest, int seed, bool isAttention)
    {
        PropertyCount.Ran();
        longest = Values.Size(longest, 1, 6);
        Network network = Network.Create([Sequence.Any, 4], x => (isAttention ? x.MultiHeadAttention(2, causal: true) : x.Lstm(5, returnSequences: true)).Dense(3), (ulong)(uint)seed);
        int[] lengths = [.. Enumerable.Range(0, 3).Select(i => 1 + (int)((uint)(seed + 11 * i) % (uint)longest))];
        float[] inputs = Values.Uniform(3 * longest * 4, seed, 2);
        int[] classes = [.. Enumerable.Range(0, 3 * longest).Select(i => i % longest < lengths[i / longest] ? (int)((uint)(seed + 7 * i) % 3) : Loss.IgnoredClass)];
        TrainingPass padded = network.WithLength(longest).CreateTrainingPass(3);
        padded.Forward(inputs);
        float loss = padded.BackwardLoss(Loss.CrossEntropy, classes);
        (int correct, int decisions) = padded.CountCorrect(default, classes, eachOutput: false);

        double expected = 0;
        double[] gradients = new double[padded.Gradients.Length];
        int expectedCorrect = 0;
        for (int i = 0; i < 3; i++)
        {
            TrainingPass alone = network.WithLength(lengths[i]).CreateTrainingPass(1);
            alone.Forward(inputs.AsSpan(i * longest * 4, lengths[i] * 4));
            int[] own = classes[(i * longest)..(i * longest + lengths[i])];
            double weight = (double)lengths[i] / lengths.Sum();
            expected += weight * alone.BackwardLoss(Loss.CrossEntropy, own);
            for (int j = 0; j < gradients.Length; j++) gradients[j] += weight * alone.Gradients[j];
            expectedCorrect += alone.CountCorrect(default, own, eachOutput: false).Correct;
        }
        Values.AssertClose([expected], [loss], 1e-5, 1e-6);
        Values.AssertClose(gradients, padded.Gradients.ToArray(), 1e-4, 1e-5);
        Assert.Equal((expectedCorrect, lengths.Sum()), (correct, decisions));
    }

    /// <summary>Metrics are means over the rows that have a class, whatever the batches they lie in.</summary>
    [Fact]
    public void MetricsAreThoseOfTheRowsThatHaveAClass()
    {
        var network = new StepClassNet(seed: 4);
        float[] inputs = Values.Uniform(5 * 6, 1, 2);
        int[] classes = [.. Enumerable.Range(0, 30).Select(i => i % 7 < 3 ? Loss.IgnoredClass : i % 3)];
        var data = DataSet.FromClasses(inputs, 6, classes, classesPerSample: 6);
        Metrics whole = new Trainer<StepClassNet>(network, Loss.CrossEntropy, new Sgd(0.1f)) { BatchSize = 5 }.Evaluate(data);
        Metrics cut = new Trainer<StepClassNet>(network, Loss.CrossEntropy, new Sgd(0.1f)) { BatchSize = 2 }.Evaluate(data);
        TrainingPass pass = network.CreateTrainingPass(5);
        Assert.Equal(pass.Evaluate(inputs, classes, Loss.CrossEntropy), whole.Loss, 1e-6);
        Assert.Equal(whole.Loss, cut.Loss, 1e-6);
        (int correct, int decisions) = pass.CountCorrect(default, classes, eachOutput: false);
        Assert.Equal(classes.Count(label => label >= 0), decisions);
        Assert.Equal((double)correct / decisions, whole.Accuracy);
        Assert.Equal(whole.Accuracy, cut.Accuracy);

        var none = DataSet.FromClasses(new float[6], 6, [.. Enumerable.Repeat(Loss.IgnoredClass, 6)], classesPerSample: 6);
        DataSet wrong = DataSet.FromClasses(new float[12], 6, [0, 1, 2, 0, 1, 2, 0, 3, 0, 0, 0, 0], classesPerSample: 6);
        Assert.Contains("sample 1, step 1, has class 3", Assert.Throws<ArgumentException>(() => new Trainer<StepClassNet>(network, Loss.CrossEntropy, new Sgd(0.1f)).Evaluate(wrong)).Message);
        Assert.Contains("No sample has a class", Assert.Throws<ArgumentException>(() => new Trainer<StepClassNet>(network, Loss.CrossEntropy, new Sgd(0.1f)).Fit(none)).Message);
    }

    /// <summary>Each step is a distribution, and a step of a batch has the bits of the network that predicts.</summary>
    [Fact]
    public void TheOutputsOfAPassAreThoseOfPrediction()
    {
        var network = new StepClassNet(seed: 4);
        float[] input = Values.Uniform(5 * 6, 1), output = new float[5 * StepClassNet.OutputSize];
        network.Forward(input, output);
        Values.AssertSameBits(output, network.CreateTrainingPass(5).Forward(input));
        for (int start = 0; start < output.Length; start += 3) Assert.Equal(1, output.AsSpan(start, 3).ToArray().Sum(), 1e-5);
        Assert.Equal((6, 1), (((INetwork)network).OutputSteps, ((INetwork)new RingNet()).OutputSteps));
    }

    /// <summary>A loss that is not fused goes back through the softmax of each step.</summary>
    [Fact]
    public void SquaredErrorsGoThroughTheSoftmaxOfEachStep()
    {
        var network = new StepClassNet(seed: 4);
        TrainingPass pass = network.CreateTrainingPass(2);
        float[] input = Values.Uniform(12, 1, 2), targets = [.. Values.Uniform(36, 2).Select(Math.Abs)], direction = new float[network.Parameters.Length];
        pass.Forward(input);
        pass.BackwardLoss(Loss.MeanSquaredError, targets);
        float[] gradients = pass.Gradients.ToArray(), before = network.Parameters.ToArray();
        foreach (Tensor tensor in network.Tensors) tensor.CopyFrom(Values.Uniform(tensor.Length, 5));
        network.Parameters.CopyTo(direction);
        double expected = (At(1 / 256f) - At(-1 / 256f)) * 128, actual = gradients.Zip(direction, (g, d) => (double)g * d).Sum();
        Assert.Equal(expected, actual, 2e-3 * Math.Abs(expected) + 1e-5);

        double At(float step)
        {
            for (int i = 0; i < before.Length; i++) network.Parameters[i] = before[i] + step * direction[i];
            return pass.Evaluate(input, targets, Loss.MeanSquaredError);
        }
    }

    [Fact]
    public void AccuracyCountsSteps()
    {
        (float[] inputs, int[] classes) = Sums(40);
        var trainer = new Trainer<StepClassNet>(new StepClassNet(seed: 2), Loss.CrossEntropy, new Adam());
        Metrics metrics = trainer.Evaluate(DataSet.FromClasses(inputs, 6, classes, classesPerSample: 6));
        var output = new float[40 * StepClassNet.OutputSize];
        trainer.Network.Forward(inputs, output);
        int correct = 0;
        double loss = 0;
        for (int row = 0; row < classes.Length; row++)
        {
            float[] probabilities = output[(3 * row)..(3 * row + 3)];
            correct += Array.IndexOf(probabilities, probabilities.Max()) == classes[row] ? 1 : 0;
            loss -= Math.Log(probabilities[classes[row]]);
        }
        Assert.Equal(correct / 240.0, metrics.Accuracy!.Value, 1e-12);
        Assert.Equal(loss / 240, metrics.Loss, 1e-5);
    }

    /// <summary>The sign of the sum so far: what a step says depends on those before it.</summary>
    [Fact]
    public void AClassForEachStepIsLearned()
    {
        (float[] inputs, int[] classes) = Sums(600);
        (DataSet train, DataSet validation) = DataSet.FromClasses(inputs, 6, classes, classesPerSample: 6).Split(0.8, 1);
        var trainer = new Trainer<StepClassNet>(new StepClassNet(seed: 2), Loss.CrossEntropy, new Adam(0.02f)) { Seed = 3, Schedule = Schedule.Cosine };
        History history = trainer.Fit(train, validation, epochs: 40);
        Assert.True(history.Epochs[^1].Validation!.Accuracy > 0.9, $"{history.Epochs[^1]}");

        // The same bits from one-hot targets.
        var targets = new float[3 * classes.Length];
        for (int row = 0; row < classes.Length; row++) targets[3 * row + classes[row]] = 1;
        Metrics fromClasses = trainer.Evaluate(DataSet.FromClasses(inputs, 6, classes, 6)), fromTargets = trainer.Evaluate(DataSet.FromTargets(inputs, 6, targets, 18));
        Assert.Equal(fromClasses.Accuracy, fromTargets.Accuracy);
        Assert.Equal(fromClasses.Loss, fromTargets.Loss, 1e-5);
    }

    /// <summary>Sequences that are read from both ends, of one length after the other, by one optimizer.</summary>
    [Fact]
    public void SequencesOfSeveralLengthsAreLearnedWhole()
    {
        Network network = Network.Create([Sequence.Any, 1], x => x.Gru(8).Concat(x.Gru(8, reverse: true)).Dense(2).Softmax(), seed: 1);
        var optimizer = new Adam(0.01f);
        var trainers = Enumerable.Range(3, 4).Select(steps => (Ends(steps), new Trainer<Network>(network.WithLength(steps), Loss.CrossEntropy, optimizer))).ToList();
        for (int epoch = 0; epoch < 20; epoch++)
        {
            foreach ((DataSet set, Trainer<Network> trainer) in trainers) trainer.Fit(set);
        }
        (DataSet longer, Trainer<Network> ofLonger) = (Ends(9), new Trainer<Network>(network.WithLength(9), Loss.CrossEntropy, optimizer));
        Assert.All(trainers.Append((longer, ofLonger)), trained => Assert.InRange(trained.Item2.Evaluate(trained.Item1).Accuracy!.Value, 0.9, 1));

        // Whether the first value is larger than the last.
        static DataSet Ends(int steps)
        {
            float[] inputs = Values.Uniform(200 * steps, steps);
            return DataSet.FromClasses(inputs, steps, [.. Enumerable.Range(0, 200).Select(i => inputs[i * steps] > inputs[(i + 1) * steps - 1] ? 1 : 0)]);
        }
    }

    [Fact]
    public void ADecisionForEachStepIsLearned()
    {
        (float[] inputs, int[] classes) = Sums(600);
        int[] decisions = [.. classes.Select(label => label == 2 ? 1 : 0)];
        var trainer = new Trainer<StepDecisionNet>(new StepDecisionNet(seed: 2), Loss.BinaryCrossEntropy, new Adam(0.02f)) { Seed = 3, Schedule = Schedule.Cosine };
        DataSet set = DataSet.FromClasses(inputs, 6, decisions, classesPerSample: 6);
        Assert.True(trainer.Fit(set, epochs: 30).Epochs[^1].Training.Accuracy > 0.95);
        Metrics fromClasses = trainer.Evaluate(set), fromTargets = trainer.Evaluate(DataSet.FromTargets(inputs, 6, [.. decisions.Select(decision => (float)decision)], 6));
        Assert.Equal(fromClasses, fromTargets);
    }

    [Fact]
    public void WrongNumbersOfClassesAreToldWithTheWayOut()
    {
        var trainer = new Trainer<StepClassNet>(new StepClassNet(1), Loss.CrossEntropy, new Adam());
        ArgumentException one = Assert.Throws<ArgumentException>(() => trainer.Fit(DataSet.FromClasses(new float[12], 6, [0, 1])));
        Assert.Contains("1 classes each, but the network puts out 6 steps", one.Message);
        Assert.Contains("pass classesPerSample: 6", one.Message);
        Assert.Contains("class 3, but the network tells 3 classes apart", Assert.Throws<ArgumentException>(() => trainer.Fit(DataSet.FromClasses(new float[6], 6, [0, 1, 3, 0, 0, 0], 6))).Message);
        Assert.Contains("6 steps of 3", Assert.Throws<ArgumentException>(() => trainer.Fit(DataSet.FromTargets(new float[6], 6, new float[3], 3))).Message);
        var flat = new Trainer<RingNet>(new RingNet(1), Loss.CrossEntropy, new Adam());
        Assert.Contains("2 classes each, but the network puts out one step", Assert.Throws<ArgumentException>(() => flat.Fit(DataSet.FromClasses(new float[2], 2, [0, 1], 2))).Message);

        TrainingPass pass = new StepClassNet(1).CreateTrainingPass(2);
        pass.Forward(new float[12]);
        ArgumentException short1 = Assert.Throws<ArgumentException>(() => pass.BackwardLoss(Loss.CrossEntropy, new[] { 0, 1 }));
        Assert.Equal("classes", short1.ParamName);
        Assert.Contains("Expected 12 classes (2 samples of 6 steps, one class a step), but 2 were given", short1.Message);
        Assert.Throws<ArgumentException>(() => pass.Step(new float[6], new int[5], Loss.CrossEntropy, new Adam()));
        Assert.Throws<ArgumentException>(() => pass.Evaluate(new float[6], new int[7], Loss.CrossEntropy));
        Assert.Contains("one output, or one a step", Assert.Throws<ArgumentException>(() => Loss.BinaryCrossEntropy.Evaluate(new float[6], new int[3], 2, new float[6])).Message);
    }

    [Fact]
    public void AStepAllocatesNothing()
    {
        var network = new StepClassNet(seed: 1);
        TrainingPass pass = network.CreateTrainingPass(4);
        var optimizer = new Adam();
        float[] input = Values.Uniform(24, 1);
        int[] classes = [.. Enumerable.Range(0, 24).Select(i => i % 3)];
        for (int i = 0; i < 4; i++) Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Step()
        {
            pass.Step(input, classes, Loss.CrossEntropy, optimizer);
            pass.Evaluate(input, classes, Loss.CrossEntropy);
        }
    }

    /// <summary>Random steps, and whether the sum up to each is clearly negative, near zero or clearly positive.</summary>
    private static (float[] Inputs, int[] Classes) Sums(int count)
    {
        float[] inputs = Values.Uniform(count * 6, 8);
        var classes = new int[inputs.Length];
        float sum = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            sum = i % 6 == 0 ? inputs[i] : sum + inputs[i];
            classes[i] = sum < -0.3f ? 0 : sum > 0.3f ? 2 : 1;
        }
        return (inputs, classes);
    }
}
