using Scale.Model.Jobs;

namespace Scale.Store.Jobs;

/// <summary>Which jobs a list shows; an empty list or null filters nothing. Values of one filter are alternatives, filters add up.</summary>
public sealed record JobListFilter
{
    /// <summary>Of the last change; inclusive, as all bounds are.</summary>
    public DateTime? Started { get; init; }

    public DateTime? Ended { get; init; }
    public DateTime? SourceStarted { get; init; }
    public DateTime? SourceEnded { get; init; }
    public IReadOnlyList<string> SourceSensorClasses { get; init; } = [];
    public IReadOnlyList<string> SourceSensors { get; init; } = [];
    public IReadOnlyList<string> SourceCollections { get; init; } = [];
    public IReadOnlyList<string> SourceTasks { get; init; } = [];
    public IReadOnlyList<JobStatus> Statuses { get; init; } = [];
    public IReadOnlyList<long> JobIds { get; init; } = [];
    public IReadOnlyList<long> JobTypeIds { get; init; } = [];
    public IReadOnlyList<long> BatchIds { get; init; } = [];
    public IReadOnlyList<long> RecipeIds { get; init; } = [];
    public IReadOnlyList<long> ErrorIds { get; init; } = [];
    public bool? IsSuperseded { get; init; }

    /// <summary>Whether kept counts know how many jobs it means.</summary>
    public bool IsCounted => Started is null && Ended is null && SourceStarted is null && SourceEnded is null
        && SourceSensorClasses.Count + SourceSensors.Count + SourceCollections.Count + SourceTasks.Count + JobIds.Count + RecipeIds.Count == 0;

    /// <summary>The part of it that kept counts can be asked for.</summary>
    public JobTallyFilter Tally => new([.. JobTypeIds], [.. Statuses.Select(s => (short)s)], [.. BatchIds], [.. ErrorIds], IsSuperseded);

    /// <summary>As conditions that each begin with <c>AND</c>, over the columns of <c>job</c>.</summary>
    internal (string Sql, List<(string Name, object? Value)> Arguments) Conditions()
    {
        var conditions = new List<string>();
        var arguments = new List<(string, object?)>();
        Bound("last_modified >=", "started", Started);
        Bound("last_modified <=", "ended", Ended);
        Bound("source_started >=", "source_started", SourceStarted);
        Bound("source_ended <=", "source_ended", SourceEnded);
        Any("source_sensor_class", SourceSensorClasses.ToArray());
        Any("source_sensor", SourceSensors.ToArray());
        Any("source_collection", SourceCollections.ToArray());
        Any("source_task", SourceTasks.ToArray());
        Any("status", Tally.Statuses);
        Any("id", JobIds.ToArray());
        Any("job_type_id", JobTypeIds.ToArray());
        Any("batch_id", BatchIds.ToArray());
        Any("recipe_id", RecipeIds.ToArray());
        Any("error_id", ErrorIds.ToArray());
        if (IsSuperseded is { } isSuperseded)
        {
            conditions.Add("AND is_superseded = @filter_is_superseded");
            arguments.Add(("filter_is_superseded", isSuperseded));
        }

        return (string.Join(" ", conditions), arguments);

        void Bound(string comparison, string name, DateTime? moment)
        {
            if (moment is { } bound)
            {
                conditions.Add($"AND {comparison} @filter_{name}");
                arguments.Add(($"filter_{name}", bound));
            }
        }

        void Any<T>(string column, T[] values)
        {
            if (values.Length > 0)
            {
                conditions.Add(values.Length == 1 ? $"AND {column} = @filter_{column}" : $"AND {column} IN @filter_{column}");
                arguments.Add(($"filter_{column}", values.Length == 1 ? values[0] : values));
            }
        }
    }
}
