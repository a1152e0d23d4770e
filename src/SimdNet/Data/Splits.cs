namespace SimdNet.Data;

/// <summary>Which rows train and which test: indices for <see cref="DataFrame.Select"/> and <see cref="DataSet.Select"/>.</summary>
/// <param name="Training">The rows to learn from.</param>
/// <param name="Test">The rows to measure by.</param>
public sealed record Split(int[] Training, int[] Test);

/// <summary>
/// Ways to hold rows out, as scikit-learn names them. The same seed gives the same rows. Test parts of folds are apart from each
/// other and together are all rows, but for <see cref="TimeSeriesFolds"/>. Labels, groups and times may be a column's: <c>frame["kind"].Names.ToArray()</c> of names, <c>Numbers</c> of numbers, <c>Dates</c> of dates.
/// </summary>
public static class Splits
{
    /// <summary>A random part for the test.</summary>
    /// <param name="count">The number of rows.</param>
    /// <param name="testShare">The share of rows that test, rounded.</param>
    /// <param name="seed">Decides which.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    public static Split Random(int count, double testShare, ulong seed) => Cut(count, count - Share(count, testShare), seed);

    /// <summary>A random part in which every class has its share.</summary>
    /// <param name="labels">The class of each row.</param>
    /// <param name="testShare">The share of each class's rows that test, rounded.</param>
    /// <param name="seed">Decides which.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    /// <exception cref="ArgumentException">There are no labels.</exception>
    public static Split Stratified<TLabel>(IReadOnlyList<TLabel> labels, double testShare, ulong seed)
    {
        RequireSome(labels, nameof(labels));
        var tests = new bool[labels.Count];
        foreach (int[] rows in ByLabel(labels, seed))
        {
            foreach (int row in rows.AsSpan(0, Share(rows.Length, testShare))) tests[row] = true;
        }
        return Divide(Shuffled(labels.Count, seed), row => tests[row]);
    }

    /// <summary>A random part of groups, each whole: rows of one patient, customer or machine train or test, never both.</summary>
    /// <param name="groups">The group of each row.</param>
    /// <param name="testShare">The share of groups that test, rounded.</param>
    /// <param name="seed">Decides which.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    /// <exception cref="ArgumentException">There are no groups.</exception>
    public static Split Grouped<TGroup>(IReadOnlyList<TGroup> groups, double testShare, ulong seed)
    {
        RequireSome(groups, nameof(groups));
        TGroup[] all = Groups(groups, seed);
        var tests = new HashSet<TGroup>(all.Take(Share(all.Length, testShare)));
        return Divide(Shuffled(groups.Count, seed), row => tests.Contains(groups[row]));
    }

    /// <summary>The latest rows test: what is predicted lies after everything that was learned from, as it will in use.</summary>
    /// <param name="times">When each row was; rows of the same time stay together, in training.</param>
    /// <param name="testShare">The share of rows that test, at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    /// <exception cref="ArgumentException">There are no times, or one is missing.</exception>
    public static Split TimeOrdered<TTime>(IReadOnlyList<TTime> times, double testShare)
    {
        RequireSome(times, nameof(times));
        int[] order = InTime(times);
        int training = Later(times, order, times.Count - Share(times.Count, testShare));
        return new Split(order[..training], order[training..]);
    }

    /// <summary>Random folds: each row tests once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two folds, or fewer rows than folds.</exception>
    public static Split[] KFold(int count, int folds, ulong seed)
    {
        Check(folds, count, "rows");
        int[] order = Shuffled(count, seed), foldOf = new int[count];
        for (int i = 0; i < count; i++) foldOf[order[i]] = (int)((long)i * folds / count);
        return Folds(order, folds, foldOf);
    }

    /// <summary>Random folds in which every class has its share.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two folds, or fewer rows than folds.</exception>
    public static Split[] StratifiedKFold<TLabel>(IReadOnlyList<TLabel> labels, int folds, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(labels);
        Check(folds, labels.Count, "rows");
        var foldOf = new int[labels.Count];
        int next = 0;
        foreach (int[] rows in ByLabel(labels, seed))
        {
            foreach (int row in rows) foldOf[row] = next++ % folds;
        }
        return Folds(Shuffled(labels.Count, seed), folds, foldOf);
    }

    /// <summary>Folds of whole groups, of nearly the same number of rows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two folds, or fewer groups than folds.</exception>
    public static Split[] GroupedKFold<TGroup>(IReadOnlyList<TGroup> groups, int folds, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(groups);
        int[][] rowsOf = [.. ByLabel(groups, seed).OrderByDescending(rows => rows.Length)];
        Check(folds, rowsOf.Length, "groups");

        // The largest group that is left goes where the fewest rows are.
        var sizes = new int[folds];
        var foldOf = new int[groups.Count];
        foreach (int[] rows in rowsOf)
        {
            int smallest = Array.IndexOf(sizes, sizes.Min());
            sizes[smallest] += rows.Length;
            foreach (int row in rows) foldOf[row] = smallest;
        }
        return Folds(Shuffled(groups.Count, seed), folds, foldOf);
    }

    /// <summary>
    /// Folds in the order of time: time is cut into <paramref name="folds"/> + 1 stretches, and each but the first is tested by what
    /// was learned from all before it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two folds, or fewer rows than stretches.</exception>
    /// <exception cref="ArgumentException">So many rows have the same time that a fold would test none, or a time is missing.</exception>
    public static Split[] TimeSeriesFolds<TTime>(IReadOnlyList<TTime> times, int folds)
    {
        ArgumentNullException.ThrowIfNull(times);
        Check(folds, times.Count - 1, "rows after the first");
        int[] order = InTime(times);
        var splits = new Split[folds];
        for (int fold = 0; fold < folds; fold++)
        {
            int start = Later(times, order, (int)((fold + 1L) * times.Count / (folds + 1))), end = Later(times, order, (int)((fold + 2L) * times.Count / (folds + 1)));
            if (start == end)
                throw new ArgumentException($"Fold {fold + 1} of {folds} would have no rows to test, since rows of the same time stay together; take fewer folds.", nameof(times));
            splits[fold] = new Split(order[..start], order[start..end]);
        }
        return splits;
    }

    /// <summary>A random part of that many rows to learn from.</summary>
    internal static Split Cut(int count, int training, ulong seed)
    {
        int[] order = Shuffled(count, seed);
        return new Split(order[..training], order[training..]);
    }

    /// <summary>The place from <paramref name="cut"/> on at which time moves on.</summary>
    private static int Later<TTime>(IReadOnlyList<TTime> times, int[] order, int cut)
    {
        while (cut > 0 && cut < order.Length && Comparer<TTime>.Default.Compare(times[order[cut]], times[order[cut - 1]]) == 0) cut++;
        return cut;
    }

    private static int[] InTime<TTime>(IReadOnlyList<TTime> times)
    {
        int missing = Enumerable.Range(0, times.Count).FirstOrDefault(row => times[row] is null, -1);
        return missing < 0 ? [.. Enumerable.Range(0, times.Count).OrderBy(row => times[row])] : throw new ArgumentException($"Row {missing} has no time; leave such rows out.", nameof(times));
    }

    private static void RequireSome<T>(IReadOnlyList<T> rows, string parameter)
    {
        ArgumentNullException.ThrowIfNull(rows, parameter);
        if (rows.Count == 0) throw new ArgumentException("There are no rows; a column of a data frame has Names, Numbers or Dates, as its kind is, and the others are empty.", parameter);
    }

    private static Split[] Folds(int[] order, int folds, int[] foldOf) =>
        [.. Enumerable.Range(0, folds).Select(fold => Divide(order, row => foldOf[row] == fold))];

    private static Split Divide(int[] order, Func<int, bool> tests) => new([.. order.Where(row => !tests(row))], [.. order.Where(tests)]);

    /// <summary>The rows of each label, labels in the order of their first row, rows shuffled.</summary>
    private static IEnumerable<int[]> ByLabel<TLabel>(IReadOnlyList<TLabel> labels, ulong seed) =>
        Enumerable.Range(0, labels.Count).GroupBy(row => labels[row]).Select((rows, number) =>
        {
            int[] shuffled = [.. rows];
            new RandomStream(seed, 1 + (ulong)number).Shuffle(shuffled.AsSpan());
            return shuffled;
        });

    private static TGroup[] Groups<TGroup>(IReadOnlyList<TGroup> groups, ulong seed)
    {
        TGroup[] all = [.. groups.Distinct()];
        new RandomStream(seed).Shuffle(all.AsSpan());
        return all;
    }

    private static int[] Shuffled(int count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int[] order = [.. Enumerable.Range(0, count)];
        new RandomStream(seed).Shuffle(order.AsSpan());
        return order;
    }

    private static int Share(int count, double testShare) => testShare is >= 0 and <= 1
        ? (int)Math.Round(testShare * count)
        : throw new ArgumentOutOfRangeException(nameof(testShare), testShare, "A share lies between 0 and 1.");

    private static void Check(int folds, int count, string what)
    {
        if (folds < 2 || folds > count) throw new ArgumentOutOfRangeException(nameof(folds), folds, $"There are at least two folds, and at most as many as {what} ({count}).");
    }
}
