using System.Diagnostics;
using SimdNet.Data;
using SimdNet.Formats;

namespace SimdNet.Training;

/// <summary>Changes the inputs of a batch before it is trained on: shifts, noise, whatever the data may vary by.</summary>
/// <param name="inputs">[batch, inputSize], to be changed in place.</param>
/// <param name="inputSize">The floats of one sample.</param>
/// <param name="random">A sequence of its own for each batch of each epoch, decided by the trainer's seed.</param>
public delegate void BatchAugmentation(Span<float> inputs, int inputSize, RandomStream random);

/// <summary>
/// Trains a network in mini-batches of a set that is shuffled anew in each epoch. One seed reproduces a run to the last
/// bit wherever multiply-adds are fused. A second <see cref="Fit"/> goes on where the first one ended: two of one epoch
/// each are one of two epochs, but for the schedule, which is that of a call.
/// </summary>
/// <typeparam name="TNetwork">The network.</typeparam>
public sealed class Trainer<TNetwork> where TNetwork : class, INetwork
{
    /// <summary>The sequences that shuffle, apart from those that a network of the same seed was initialised with.</summary>
    private const ulong ShuffleStreams = 1UL << 62;

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(0.1);

    private readonly Loss _loss;
    private readonly Optimizer _optimizer;
    private int[] _order = [];
    private ulong _epochs, _steps, _orderedSince;

    /// <summary>The samples that an epoch was trained on which has begun and not ended; -1 between epochs.</summary>
    private int _done = -1;
    private float? _learningRate;

    /// <summary>Brings a network, a loss and an optimizer together.</summary>
    public Trainer(TNetwork network, Loss loss, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        Network = network;
        _loss = loss;
        _optimizer = optimizer;
    }

    /// <summary>The network in training.</summary>
    public TNetwork Network { get; }

    /// <summary>The samples of a batch; the last one of an epoch may have fewer. A single sample that is left over joins the batch before it, since batch normalisation learns nothing from one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int BatchSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(BatchSize));
            field = value;
        }
    } = 32;

    /// <summary>Decides the order of samples, the dropout masks and what augmentation draws.</summary>
    public ulong Seed { get; init; }

    /// <summary>Epochs finished so far, over all calls of <see cref="Fit"/> and those before a checkpoint.</summary>
    public long Epochs => (long)_epochs - (_done >= 0 ? 1 : 0);

    /// <summary>How the learning rate changes over the run: over the epochs of a call of <see cref="Fit"/>, or over <see cref="ScheduledEpochs"/>.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public Schedule Schedule
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Schedule));
            field = value;
        }
    } = Schedule.Constant;

    /// <summary>
    /// Over how many epochs the schedule runs, counted from the trainer's first, for a run of several calls of <see cref="Fit"/> or one that goes on from a checkpoint; null, the default, for
    /// those of each call. Beyond them the learning rate is that of the last step.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int? ScheduledEpochs
    {
        get;
        init
        {
            if (value is { } epochs) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epochs, nameof(ScheduledEpochs));
            field = value;
        }
    }

    /// <summary>The largest norm of all gradients together, to which longer ones are shortened (<see cref="TrainingPass.MaxGradientNorm"/>); null, the default, for none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive, or not finite.</exception>
    public float? MaxGradientNorm
    {
        get;
        init
        {
            if (value is { } norm) Guard.Positive(norm, nameof(MaxGradientNorm));
            field = value;
        }
    }

    /// <summary>Changes each batch before it is trained on; none by default.</summary>
    public BatchAugmentation? Augment { get; init; }

    /// <summary>Trains for a number of epochs; one that a call before was stopped in is gone on with and counts as the first.</summary>
    /// <param name="train">The samples to learn from.</param>
    /// <param name="validation">Samples to measure by after each epoch; nothing is chosen by them.</param>
    /// <param name="epochs">How often each sample is seen.</param>
    /// <param name="progress">Told about ten times a second, and at the end of each epoch.</param>
    /// <param name="cancellationToken">Stops after the current batch; the network is usable then, and the history so far is returned.</param>
    /// <exception cref="ArgumentException">The data does not fit the network or the loss, or holds NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">All weights are zero, as those of a network that was made without a seed.</exception>
    /// <exception cref="TrainingDivergedException">The loss, or a parameter, became NaN or infinite.</exception>
    public History Fit(
        DataSet train, DataSet? validation = null, int epochs = 1,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        if (Network.Tensors.Count(tensor => tensor.IsDecayed) > 1 && !Network.Parameters[..Network.DecayedLength].ContainsAnyExcept(0f))
            throw new InvalidOperationException($"All weights of the network are zero, from which layers behind one another learn nothing; make it with a seed, as in {(typeof(TNetwork) == typeof(Network) ? "Network.Create(shape, define, seed: 1)" : $"new {typeof(TNetwork).Name}(seed: 1)")}, or load it.");
        Check(train, nameof(train));
        if (validation is not null) Check(validation, nameof(validation));
        if (validation is not null && validation.HasClasses != train.HasClasses)
            throw new ArgumentException("The samples to train on and those to validate by must both have classes, or both targets.", nameof(validation));

        var clock = Stopwatch.StartNew();
        var results = new List<EpochResult>();
        var run = new Run(this, train, epochs);
        if (_order.Length != train.Count) (_order, _orderedSince, _done) = ([.. Enumerable.Range(0, train.Count)], _epochs, -1);
        float learningRate = _optimizer.LearningRate;
        _learningRate = learningRate;
        try
        {
            for (int epoch = 1; epoch <= epochs; epoch++)
            {
                if (!run.TrainEpoch(epoch, learningRate, clock, progress, cancellationToken)) break;
                Metrics? validated = validation is null ? null : run.Evaluate(validation);
                EpochResult result = run.Complete(epoch, validated);
                results.Add(result);
                progress?.Report(run.Report(epoch, clock, result));
            }
        }
        finally
        {
            _optimizer.LearningRate = learningRate;
            _learningRate = null;
        }
        return new History(results, clock.Elapsed, results.Count < epochs);
    }

    /// <summary>Measures the network on a set, without dropout.</summary>
    /// <exception cref="ArgumentException">The data does not fit the network or the loss, or holds NaN or infinity.</exception>
    public Metrics Evaluate(DataSet data)
    {
        Check(data, nameof(data));
        return new Run(this, data, 1).Evaluate(data);
    }

    /// <summary>
    /// Writes all that a run goes on from, whole or not at all: parameters, running statistics and the preprocessing, what the optimizer keeps, and the trainer's counts. A trainer that
    /// <see cref="LoadCheckpoint"/> reads it into goes on as this one would, to the last bit, in the middle of an epoch too. Between calls of <see cref="Fit"/>, or in a progress that is told on the
    /// training thread.
    /// </summary>
    public void SaveCheckpoint(string path) => AtomicFile.Write(path, stream =>
        Checkpoint.Write(stream, Network, _optimizer, new Checkpoint.Counts(_learningRate ?? _optimizer.LearningRate, Seed, _epochs, _steps, _order.Length, _orderedSince, _done)));

    /// <summary>Goes on from a checkpoint: sets the network, the optimizer, its learning rate included, and the trainer's counts.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or no checkpoint, or another network's, optimizer's or seed's; nothing is changed then.</exception>
    public void LoadCheckpoint(string path) => SafeTensors.ReadFile(path, stream =>
    {
        Checkpoint.Counts counts = Checkpoint.Read(stream, Network, _optimizer, Seed);
        (_epochs, _orderedSince, _steps) = (counts.OrderedSince, counts.OrderedSince, counts.Batches);
        _order = [.. Enumerable.Range(0, counts.Samples)];
        while (_epochs < counts.Epochs) Shuffle();
        _done = counts.Done;
    });

    /// <summary>Begins an epoch: its order follows from that of the epoch before.</summary>
    private void Shuffle()
    {
        new RandomStream(Seed, ShuffleStreams + ++_epochs).Shuffle(_order.AsSpan());
        _done = 0;
    }

    private void Check(DataSet data, string parameter)
    {
        ArgumentNullException.ThrowIfNull(data, parameter);
        if (data.Count == 0) throw new ArgumentException("The set has no samples.", parameter);
        if (data.InputSize != Network.InputSize)
        {
            string anyLength = data.InputSize % Network.InputSize == 0 ? $" A network over {nameof(Sequence)}.{nameof(Sequence.Any)} is trained as network.WithLength({data.InputSize / Network.InputSize})." : "";
            throw new ArgumentException($"The samples have {data.InputSize} inputs, but the network takes {Network.InputSize}.{anyLength}", parameter);
        }
        if (!data.HasClasses && data.TargetSize != Network.OutputSize)
            throw new ArgumentException($"The samples have {data.TargetSize} targets, but the network puts out {Network.OutputSize}{(Network.OutputSteps == 1 ? "" : $": {Network.OutputSteps} steps of {Network.OutputSize / Network.OutputSteps}, and a target for each")}{(_loss.FusedWith == OutputActivation.Softmax && data.TargetSize == Network.OutputSteps ? $"; numbers of classes go to {nameof(DataSet)}.{nameof(DataSet.FromClasses)}" : "")}.", parameter);
        if (data.HasClasses && data.ClassesPerSample != Network.OutputSteps) throw new ArgumentException(WrongClassesPerSample(data.ClassesPerSample, Network.OutputSteps), parameter);
        int classes = _loss.ClassCount(Network.OutputSize / Network.OutputSteps);
        CheckFinite(data.Inputs, data.InputSize, "input", parameter);
        CheckFinite(data.Targets, data.TargetSize, "target", parameter);
        int improbable = _loss.TakesProbabilities ? data.Targets.IndexOfAnyExceptInRange(0f, 1f) : -1;
        if (improbable >= 0)
            throw new ArgumentException($"Sample {improbable / data.TargetSize} has {data.Targets[improbable]} for target {improbable % data.TargetSize}, but {_loss.Name} takes probabilities, from 0 to 1; give it classes ({nameof(DataSet)}.{nameof(DataSet.FromClasses)}, or a categorical column), or choose another loss.", parameter);
        if (data.HasClasses && !data.Classes.ContainsAnyExcept(Loss.IgnoredClass)) throw new ArgumentException("No sample has a class: all of them are ignored.", parameter);
        int wrong = data.Classes.IndexOfAnyExceptInRange(Loss.IgnoredClass, classes - 1);
        if (wrong >= 0)
            throw new ArgumentException($"In the set {DataSet.Place(wrong, data.ClassesPerSample)} has class {data.Classes[wrong]}, but the network tells {classes} classes apart (0 to {classes - 1}).", parameter);
    }

    private static void CheckFinite(ReadOnlySpan<float> values, int size, string kind, string parameter)
    {
        int index = values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        if (index >= 0)
            throw new ArgumentException($"Sample {index / size} has {values[index]} for {kind} {index % size}, from which nothing can be learned; {nameof(Preprocessing)} fills in what is missing in a table.", parameter);
    }

    private static string WrongClassesPerSample(int given, int steps) => steps == 1
        ? $"The samples have {given} classes each, but the network puts out one step; let it put out a sequence (returnSequences, no Flatten and no global pooling), or give each sample one class."
        : $"The samples have {given} classes each, but the network puts out {steps} steps, each with a class of its own; pass classesPerSample: {steps} to DataSet.FromClasses, or put out one step (GlobalAveragePool, or a recurrent layer that returns its last).";

    /// <summary>The buffers and sums of one run.</summary>
    private sealed class Run
    {
        private readonly Trainer<TNetwork> _trainer;
        private readonly DataSet _train;
        private readonly int _epochs, _batchSize, _most, _batches;
        private readonly TrainingPass _pass;
        private readonly float[] _inputs, _targets;
        private readonly int[] _classes;
        private readonly Stopwatch _epochClock = new();
        private TimeSpan _lastReport, _trained;
        private int _skipped;
        private MetricSums _sums;
        private float _learningRate;

        public Run(Trainer<TNetwork> trainer, DataSet train, int epochs)
        {
            _trainer = trainer;
            _train = train;
            _epochs = epochs;
            _batchSize = Math.Min(trainer.BatchSize, train.Count);
            _most = _batchSize > 1 ? Math.Min(_batchSize + 1, train.Count) : 1;
            _batches = (train.Count + _batchSize - 1) / _batchSize - (_batchSize > 1 && train.Count % _batchSize == 1 ? 1 : 0);
            _pass = trainer.Network.CreateTrainingPass(_most);
            _pass.Seed = trainer.Seed;
            _pass.MaxGradientNorm = trainer.MaxGradientNorm;
            _inputs = new float[_most * train.InputSize];
            _targets = new float[_most * train.TargetSize];
            _classes = new int[_most * train.ClassesPerSample];
        }

        /// <summary>Returns false where it was cancelled.</summary>
        public bool TrainEpoch(int epoch, float learningRate, Stopwatch clock, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
        {
            _epochClock.Restart();
            _sums = new MetricSums(_trainer);
            _skipped = Math.Max(0, _trainer._done);
            for (int first = _skipped, size; first < _train.Count; first += size)
            {
                if (cancellationToken.IsCancellationRequested) return false;
                if (_trainer._done < 0) _trainer.Shuffle();
                int batch = first / _batchSize, rest = _train.Count - first;
                size = Gather(_trainer._order.AsSpan(first, rest <= _most ? rest : _batchSize), _train);
                Span<float> inputs = _inputs.AsSpan(0, size * _train.InputSize);
                _trainer.Augment?.Invoke(inputs, _train.InputSize, new RandomStream(~_trainer.Seed, _trainer._steps));

                _learningRate = learningRate * Factor(epoch, batch);
                _trainer._optimizer.LearningRate = _learningRate;
                _pass.Passes = _trainer._steps++;
                float loss = _train.HasClasses
                    ? _pass.Step(inputs, Classes(size), _trainer._loss, _trainer._optimizer)
                    : _pass.Step(inputs, Targets(size), _trainer._loss, _trainer._optimizer);
                if (!float.IsFinite(loss)) throw new TrainingDivergedException(epoch, batch + 1, loss);
                _sums.Add(_pass, loss, Targets(size), Classes(size));
                _trainer._done = size < rest ? first + size : -1;

                if (progress is not null && clock.Elapsed - _lastReport >= ReportInterval && _trainer._done > 0)
                {
                    _lastReport = clock.Elapsed;
                    progress.Report(Report(epoch, clock, null));
                }
            }
            _trained = _epochClock.Elapsed;
            if (!_pass.IsFinite) throw new TrainingDivergedException(epoch, _batches);
            return true;
        }

        private float Factor(int epoch, int batch)
        {
            (long before, int epochs) = _trainer.ScheduledEpochs is { } scheduled ? ((long)_trainer._epochs - 1, scheduled) : (epoch - 1L, _epochs);
            long steps = (long)epochs * _batches;
            return _trainer.Schedule.Factor(Math.Min(before * _batches + batch, steps - 1), steps);
        }

        public Metrics Evaluate(DataSet data)
        {
            var sums = new MetricSums(_trainer);
            int[] all = [.. Enumerable.Range(0, data.Count)];
            for (int start = 0; start < data.Count; start += _batchSize)
            {
                int size = Gather(all.AsSpan(start, Math.Min(_batchSize, data.Count - start)), data);
                ReadOnlySpan<float> inputs = _inputs.AsSpan(0, size * data.InputSize);
                float loss = data.HasClasses
                    ? _pass.Evaluate(inputs, Classes(size), _trainer._loss)
                    : _pass.Evaluate(inputs, Targets(size), _trainer._loss);
                sums.Add(_pass, loss, Targets(size), Classes(size));
            }
            return sums.ToMetrics();
        }

        public EpochResult Complete(int epoch, Metrics? validation) =>
            new(epoch, _learningRate, _sums.ToMetrics(), validation, _sums.Samples / _trained.TotalSeconds, _epochClock.Elapsed);

        public TrainingProgress Report(int epoch, Stopwatch clock, EpochResult? completed)
        {
            double done = epoch - 1 + (double)_sums.Samples / _train.Count, left = _epochs - done - (double)_skipped / _train.Count;
            double speed = completed?.SamplesPerSecond ?? _sums.Samples / Math.Max(_epochClock.Elapsed.TotalSeconds, 1e-9);
            return new TrainingProgress(epoch, _epochs, _skipped + _sums.Samples, _train.Count, _sums.ToMetrics(), speed, clock.Elapsed * (Math.Max(left, 0) / done), completed);
        }

        private int Gather(ReadOnlySpan<int> indices, DataSet data)
        {
            for (int i = 0; i < indices.Length; i++)
            {
                data.Input(indices[i]).CopyTo(_inputs.AsSpan(i * data.InputSize));
                if (data.HasClasses) data.ClassesOf(indices[i]).CopyTo(_classes.AsSpan(i * data.ClassesPerSample));
                else data.Target(indices[i]).CopyTo(_targets.AsSpan(i * data.TargetSize));
            }
            return indices.Length;
        }

        private ReadOnlySpan<float> Targets(int size) => _targets.AsSpan(0, size * _train.TargetSize);

        private ReadOnlySpan<int> Classes(int size) => _classes.AsSpan(0, size * _train.ClassesPerSample);
    }

    /// <summary>What the metrics of a set are computed from, batch by batch.</summary>
    private struct MetricSums(Trainer<TNetwork> trainer)
    {
        // Values are right or wrong only where they stand for classes.
        private readonly OutputActivation _fusedWith = trainer._loss.FusedWith;
        private double _loss, _weight, _absolute;
        private long _correct, _decisions;
        private bool _isDecided;

        public int Samples { get; private set; }

        public void Add(TrainingPass pass, float loss, ReadOnlySpan<float> targets, ReadOnlySpan<int> classes)
        {
            // So that the mean is that of the set.
            double weight = classes.IsEmpty ? pass.Batch : trainer._loss.Weight(classes);
            _loss += trainer._loss.IsSum ? loss : loss * weight;
            _weight += weight;
            Samples += pass.Batch;
            _isDecided = trainer._loss.ReadsLogits || !classes.IsEmpty;
            if (_isDecided)
            {
                // Of several results, whose parts may be values or logits, there is the loss alone.
                if (_fusedWith == OutputActivation.None && classes.IsEmpty) return;
                (int correct, int decisions) = pass.CountCorrect(targets, classes, _fusedWith == OutputActivation.Sigmoid);
                _correct += correct;
                _decisions += decisions;
                return;
            }
            ReadOnlySpan<float> outputs = pass.Outputs;
            for (int i = 0; i < outputs.Length; i++) _absolute += Math.Abs(outputs[i] - targets[i]);
        }

        public readonly Metrics ToMetrics() => new(
            trainer._loss.IsSum ? _loss : _weight == 0 ? 0 : _loss / _weight,
            _decisions > 0 ? (double)_correct / _decisions : null,
            _isDecided ? null : _absolute / ((double)Samples * trainer.Network.OutputSize));
    }
}
