using Scale.Model.Jobs;
using Scale.Store.Databases;

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

    /// <summary>Over the columns of <c>job</c>; what is not empty begins with <c>AND</c>.</summary>
    internal (string Sql, List<(string Name, object? Value)> Arguments) Conditions()
    {
        var conditions = new Conditions()
            .Add("last_modified >= @filter_started", "filter_started", Started)
            .Add("last_modified <= @filter_ended", "filter_ended", Ended)
            .Add("source_started >= @filter_source_started", "filter_source_started", SourceStarted)
            .Add("source_ended <= @filter_source_ended", "filter_source_ended", SourceEnded)
            .Add("is_superseded = @filter_is_superseded", "filter_is_superseded", IsSuperseded);
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
        return (conditions.Sql.Length == 0 ? "" : "AND " + conditions.Sql, conditions.Arguments);

        void Any<T>(string column, T[] values)
        {
            var name = "filter_" + column;
            conditions.Add($"{column} {(values.Length == 1 ? "=" : "IN")} @{name}", name, values is [var one] ? one : values);
        }
    }
}
