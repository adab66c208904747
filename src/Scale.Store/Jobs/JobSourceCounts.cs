using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>Texts that the input of a job says of its source, as kept counts number them.</summary>
public enum JobSourceText : short
{
    SensorClass = 0,
    Sensor = 1,
    Collection = 2,
    Task = 3,
}

/// <summary>
/// How many jobs a list of one source filter shows, from counts that triggers keep: <c>job_source_count</c> by text, <c>job_source_hours</c> by the hours
/// of start and end. Only the edges of a time range, at most an hour each, are counted from the jobs themselves, in the same statement.
/// </summary>
public static class JobSourceCounts
{
    private const long Hour = 3_600_000_000;

    /// <summary>From the year 1 to 1970, in microseconds.</summary>
    private const long Shift = 62_135_596_800_000_000;

    /// <returns>Null when the filter asks for something else too.</returns>
    public static async Task<long?> Count(Session session, JobListFilter filter)
    {
        var (texts, hasTime) = (filter.SourceTexts.Where(t => t.Values.Count > 0).ToList(), filter.SourceStarted is not null || filter.SourceEnded is not null);
        return !filter.IsOfSource || texts.Count + (hasTime ? 1 : 0) != 1 ? null
            : hasTime ? await Within(session, filter.SourceStarted, filter.SourceEnded)
            : await Of(session, texts[0].Field, texts[0].Values);
    }

    /// <summary>Jobs whose input says when its source starts, or ends.</summary>
    /// <param name="column"><c>started</c> or <c>ended</c>.</param>
    public static Task<long> WithTime(Session session, string column) =>
        session.QueryFirst($"SELECT CAST(coalesce(sum(jobs), 0) AS BIGINT) FROM job_source_hours WHERE {column} >= 0", r => r.GetInt64(0));

    /// <summary>Jobs by one text, in the order of the texts in lower case.</summary>
    public static Task<List<(string Value, string Lower, long Jobs)>> CountBy(Session session, JobSourceText field) => session.Query(
        "SELECT value, lower(value), CAST(sum(jobs) AS BIGINT) FROM job_source_count WHERE field = @field GROUP BY value HAVING sum(jobs) > 0 ORDER BY lower(value), value",
        r => (r.GetString(0), r.GetString(1), r.GetInt64(2)),
        ("field", field));

    private static Task<long> Of(Session session, JobSourceText field, IReadOnlyList<string> values) => session.QueryFirst(
        "SELECT CAST(coalesce(sum(jobs), 0) AS BIGINT) FROM job_source_count WHERE field = @field AND value IN @values",
        r => r.GetInt64(0),
        ("field", field), ("values", values.ToArray()));

    private static Task<long> Within(Session session, DateTime? started, DateTime? ended)
    {
        var (starts, ends) = (new SteppedRange(started, null, Hour, Shift), new SteppedRange(null, ended, Hour, Shift));
        var whole = new Conditions().Add("started >= @first", "first", starts.First).Add("ended >= 0 AND ended < @after", "after", ends.After);
        var parts = new List<string> { $"coalesce((SELECT CAST(sum(jobs) AS BIGINT) FROM job_source_hours WHERE {whole.Sql}), 0)" };
        if (starts.StartEdge is { } first)
        {
            var edge = new Conditions().Add("source_started >= @from", "from", first.From).Add("source_started <= @before", "before", first.To).Add("source_ended <= @ended", "ended", ended);
            Add("job_ended_by_source_started", edge);
        }

        if (ends.EndEdge is { } last)
        {
            var edge = new Conditions().Add("source_ended >= @since", "since", last.From).Add("source_ended <= @to", "to", last.To)
                .Add("source_started >= @whole", "whole", starts.First * Hour - Shift);
            Add("job_ended_by_source_ended", edge);
        }

        return session.QueryFirst($"SELECT {string.Join(" + ", parts)}", r => r.GetInt64(0), [.. whole.Arguments]);

        void Add(string index, Conditions edge)
        {
            whole.Arguments.AddRange(edge.Arguments);
            parts.Add($"(SELECT count(*) FROM job{Index(index)} WHERE status >= 4 AND {edge.Sql})");
            parts.Add($"(SELECT count(*) FROM job{Index("job_by_status")} WHERE status < 4 AND {edge.Sql})");
        }

        string Index(string name) => session.Provider == Provider.Sqlite ? " INDEXED BY " + name : "";
    }
}
