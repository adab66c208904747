namespace Scale.Store.Jobs;

/// <summary>Jobs that stand together in an order, and that an index holds in it.</summary>
/// <param name="Condition">Over the columns of <c>job</c>; <c>@value</c> is <paramref name="Value"/>, with <c>IN</c> when that is a list.</param>
/// <param name="Index">The index that holds them, for SQLite; null when it depends on the filter.</param>
/// <param name="Key">Column or expression that stands before last change and id in the index; null when the stretch has several values of it.</param>
/// <param name="IsSorted">Whether they are sorted by the key too; otherwise all have the same.</param>
/// <param name="Count">How many there are of the filter; null when that is not known.</param>
/// <param name="Tally">What kept counts are asked for, to find a place far inside it; null when they don't know it.</param>
public sealed record JobStretch(string Condition, object? Value, string? Index, string? Key, bool IsSorted = false, long? Count = null, JobTallyFilter? Tally = null)
{
    internal const string Change = "last_modified";

    /// <summary>The table itself, which is in the order of ids.</summary>
    internal const string NoIndex = "";
}

/// <summary>
/// How an order of jobs is walked: stretch by stretch, each by an index, so that a page costs what it skips inside one stretch and never a sort.
/// Jobs that are equal stand in the order of their last change, then of their ids.
/// </summary>
/// <remarks>
/// Where an index would have to be written each time a job moves, it holds ended jobs only. The open ones, which are few beside a million ended,
/// are then read as a whole and merged in.
/// </remarks>
public sealed record JobOrder
{
    public required IReadOnlyList<JobStretch> Stretches { get; init; }

    /// <summary>What the order sorts by, as an integer, when <see cref="Stretches"/> hold ended jobs only; null when they hold all.</summary>
    public string? OpenValue { get; init; }

    /// <summary>In which stretch a job of a value stands.</summary>
    public Func<long?, int> StretchOf { get; init; } = _ => 0;

    /// <summary>Whether stretches sort by their key from high to low.</summary>
    public bool IsDescending { get; init; }

    /// <summary>An order by something that few values are of: one stretch for those that are equal.</summary>
    /// <param name="groups">In their order; null stands for jobs without it.</param>
    /// <param name="counts">Jobs by value, 0 for none; null when not known.</param>
    /// <param name="tally">What the counts are of.</param>
    public static JobOrder ByGroups(JobOrderColumn column, IReadOnlyList<IReadOnlyList<long?>> groups, IReadOnlyDictionary<long, long>? counts, JobTallyFilter tally)
    {
        var places = groups.SelectMany((group, at) => group.Select(value => (Value: value ?? long.MinValue, At: at))).ToDictionary(p => p.Value, p => p.At);
        return new JobOrder
        {
            Stretches = [.. groups.Select(group => Stretch(column, group, counts, tally))],
            OpenValue = column.IsEndedOnly ? column.Name : null,
            StretchOf = value => places[value ?? long.MinValue],
        };
    }

    /// <summary>An order by a value that most jobs have for themselves, those without one last, or first when descending.</summary>
    /// <param name="isComplete">Whether it is known that all have one.</param>
    public static JobOrder ByValue(JobOrderColumn column, bool isDescending, bool isComplete = false)
    {
        var ended = column.IsEndedOnly ? "status >= 4 AND " : "";
        var known = new JobStretch($"{ended}{column.Name} > -9000000000000000000", null, column.Index, column.Name, IsSorted: true);
        var unknown = new JobStretch(ended + column.Without, null, column.IndexWithout, column.KeyWithout, Count: isComplete ? 0 : null);
        return new JobOrder
        {
            Stretches = isDescending ? [unknown, known] : [known, unknown],
            OpenValue = column.IsEndedOnly ? column.Name : null,
            StretchOf = value => (value is null) == isDescending ? 0 : 1,
            IsDescending = isDescending,
        };
    }

    /// <summary>An order by a text that few different ones are of, those without one last, or first when descending.</summary>
    /// <param name="groups">In their order, texts that sort alike together.</param>
    /// <param name="counts">Jobs by text; null when not known.</param>
    /// <param name="none">Jobs without one; null when not known.</param>
    public static JobOrder ByTexts(JobOrderColumn column, IReadOnlyList<string[]> groups, IReadOnlyDictionary<string, long>? counts, long? none, bool isDescending)
    {
        var stretches = groups.Select(group => new JobStretch(
            group.Length == 1 ? $"{column.Name} = @value" : $"{column.Name} IN @value",
            group.Length == 1 ? group[0] : group,
            group.Length == 1 ? column.Index : JobOrderColumn.LastModified,
            group.Length == 1 ? column.Name : null,
            Count: counts is null ? null : group.Sum(text => counts.GetValueOrDefault(text))));
        var unknown = new JobStretch($"{column.Name} IS NULL", null, JobOrderColumn.LastModified, null, Count: none);
        return new JobOrder { Stretches = isDescending ? [unknown, .. stretches.Reverse()] : [.. stretches, unknown] };
    }

    /// <summary>The order of last changes, read by the index that is best for the filter.</summary>
    /// <param name="tally">What kept counts know of the filter.</param>
    public static JobOrder ByChange(bool isDescending, JobTallyFilter tally) => OfAll(new JobStretch("TRUE", null, null, JobStretch.Change, IsSorted: true, Tally: tally), isDescending);

    /// <summary>The order of last changes, read through all jobs.</summary>
    public static JobOrder ByChange(bool isDescending) => OfAll(new JobStretch("TRUE", null, JobOrderColumn.LastModified, JobStretch.Change, IsSorted: true), isDescending);

    public static JobOrder ById(bool isDescending) => OfAll(new JobStretch("TRUE", null, JobStretch.NoIndex, "id", IsSorted: true), isDescending);

    private static JobOrder OfAll(JobStretch all, bool isDescending) => new() { Stretches = [all], IsDescending = isDescending };

    private static JobStretch Stretch(JobOrderColumn column, IReadOnlyList<long?> group, IReadOnlyDictionary<long, long>? counts, JobTallyFilter tally)
    {
        var values = group.OfType<long>().ToArray();
        var hasNone = values.Length < group.Count;
        var isHeld = group.Count == 1 && (!hasNone || column.IsEndedOnly) && !column.IsFlag;
        var (index, key) = hasNone ? (column.IndexWithout, column.KeyWithout) : (column.Index, column.Name);
        var one = column.IsFlag ? $"{column.Name} = (@value = 1)" : $"{column.Name} = @value";
        var condition = (values.Length, hasNone) switch
        {
            (0, _) => column.Without,
            (1, false) => one,
            (_, false) => $"{column.Name} IN @value",
            _ => $"({column.Name} IS NULL OR {column.Name} IN @value)",
        };
        return new JobStretch(
            column.IsEndedOnly ? "status >= 4 AND " + condition : condition,
            values.Length switch { 0 => null, 1 when !hasNone => values[0], _ => values },
            isHeld ? index : JobOrderColumn.LastModified,
            isHeld ? key : null,
            Count: counts is null ? null : group.Sum(value => counts.GetValueOrDefault(value ?? 0)),
            Tally: counts is null || column.Tally is not { } tallied ? null : tally.Of(tallied, [.. group.Select(value => value ?? 0)]));
    }
}

/// <summary>What the jobs of an index are held by, before their last change and id.</summary>
/// <param name="Name">Column or expression of <c>job</c>.</param>
/// <param name="IsEndedOnly">Whether the index holds ended jobs only.</param>
/// <param name="Tally">What kept counts call it; null when they don't.</param>
/// <param name="IsFlag">Whether it is true or false.</param>
/// <param name="OtherIndex">The index that holds jobs without it, by their last change; null when it is the same one.</param>
public sealed record JobOrderColumn(string Name, string Index, bool IsEndedOnly = false, JobTally? Tally = null, bool IsFlag = false, string? OtherIndex = null)
{
    internal const string LastModified = "job_last_modified";

    /// <summary>Ended jobs that lack any of what an execution leaves, as those canceled before their start do.</summary>
    private const string EndedUntried = "job_ended_untried";

    public static readonly JobOrderColumn JobType = new("job_type_id", "job_by_type", Tally: JobTally.JobType);
    public static readonly JobOrderColumn Status = new("status", "job_by_status", Tally: JobTally.Status);
    public static readonly JobOrderColumn Batch = new("batch_id", "job_by_batch", Tally: JobTally.Batch);
    public static readonly JobOrderColumn Error = new("error_id", "job_error", Tally: JobTally.Error);
    public static readonly JobOrderColumn IsSuperseded = new("is_superseded", LastModified, Tally: JobTally.IsSuperseded, IsFlag: true);
    public static readonly JobOrderColumn RecipeType = new("recipe_type_id", "job_ended_by_recipe_type", IsEndedOnly: true);
    public static readonly JobOrderColumn Created = new("created", "job_ended_by_created", IsEndedOnly: true);
    public static readonly JobOrderColumn Queued = new("queued", "job_ended_by_queued", IsEndedOnly: true);
    public static readonly JobOrderColumn Node = OfExecution("node_id", "job_ended_by_node");
    public static readonly JobOrderColumn Started = OfExecution("started", "job_ended_by_started");
    public static readonly JobOrderColumn Ended = OfExecution("ended", "job_ended_by_ended");
    public static readonly JobOrderColumn Duration = OfExecution("(ended - started)", "job_ended_by_duration") with { Without = "(started IS NULL OR ended IS NULL)" };
    public static readonly JobOrderColumn Superseded = new("superseded", "job_by_superseded", OtherIndex: LastModified);
    public static readonly JobOrderColumn SupersededJob = new("superseded_job_id", "job_superseded", OtherIndex: LastModified);
    public static readonly JobOrderColumn SourceSensorClass = new("source_sensor_class", "job_source_sensor_class", OtherIndex: LastModified);
    public static readonly JobOrderColumn SourceSensor = new("source_sensor", "job_source_sensor", OtherIndex: LastModified);
    public static readonly JobOrderColumn SourceCollection = new("source_collection", "job_source_collection", OtherIndex: LastModified);
    public static readonly JobOrderColumn SourceTask = new("source_task", "job_source_task", OtherIndex: LastModified);
    public static readonly JobOrderColumn SourceStarted = new("source_started", "job_ended_by_source_started", IsEndedOnly: true, OtherIndex: LastModified);
    public static readonly JobOrderColumn SourceEnded = new("source_ended", "job_ended_by_source_ended", IsEndedOnly: true, OtherIndex: LastModified);

    /// <summary>Which jobs don't have it, as the index of these knows it.</summary>
    internal string Without { get; private init; } = $"{Name} IS NULL";

    internal string IndexWithout => OtherIndex ?? Index;

    internal string? KeyWithout => OtherIndex is null ? Name : null;

    private static JobOrderColumn OfExecution(string name, string index) => new(name, index, IsEndedOnly: true, OtherIndex: EndedUntried);
}
