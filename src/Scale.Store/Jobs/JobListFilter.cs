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

    /// <summary>Whether kept counts of jobs (<see cref="JobTallies"/>) know how many it means.</summary>
    public bool IsTallied => SourceStarted is null && SourceEnded is null && SourceTexts.All(t => t.Values.Count == 0) && JobIds.Count + RecipeIds.Count == 0;

    /// <summary>The part of it that kept counts of jobs can be asked for.</summary>
    public JobTallyFilter Tally => new([.. JobTypeIds], [.. Statuses.Select(s => (short)s)], [.. BatchIds], [.. ErrorIds], IsSuperseded) { Started = Started, Ended = Ended };

    /// <summary>Whether alternatives are asked for, which no index holds in one order.</summary>
    public bool HasAlternatives => SourceTexts.Any(t => t.Values.Count > 1)
        || new[] { Statuses.Count, JobIds.Count, JobTypeIds.Count, BatchIds.Count, RecipeIds.Count, ErrorIds.Count }.Any(count => count > 1);

    /// <summary>Whether it means all jobs.</summary>
    public bool IsEmpty => IsTallied && IsOfSource;

    /// <summary>Whether it asks for nothing but what the input says of its source.</summary>
    internal bool IsOfSource => Started is null && Ended is null && IsSuperseded is null
        && Statuses.Count + JobIds.Count + JobTypeIds.Count + BatchIds.Count + RecipeIds.Count + ErrorIds.Count == 0;

    /// <summary>Columns of <c>job</c> with what is asked of them.</summary>
    internal IReadOnlyList<(JobSourceText Field, string Column, IReadOnlyList<string> Values)> SourceTexts =>
    [
        (JobSourceText.SensorClass, "source_sensor_class", SourceSensorClasses), (JobSourceText.Sensor, "source_sensor", SourceSensors),
        (JobSourceText.Collection, "source_collection", SourceCollections), (JobSourceText.Task, "source_task", SourceTasks),
    ];

    /// <summary>Over the columns of <c>job</c>; what is not empty begins with <c>AND</c>.</summary>
    internal (string Sql, List<(string Name, object? Value)> Arguments) Conditions()
    {
        var conditions = new Conditions()
            .Add("last_modified >= @filter_started", "filter_started", Started)
            .Add("last_modified <= @filter_ended", "filter_ended", Ended)
            .Add("source_started >= @filter_source_started", "filter_source_started", SourceStarted)
            .Add("source_ended <= @filter_source_ended", "filter_source_ended", SourceEnded)
            .Add("is_superseded = @filter_is_superseded", "filter_is_superseded", IsSuperseded);
        foreach (var (_, column, values) in SourceTexts)
        {
            Any(column, values.ToArray());
        }

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
