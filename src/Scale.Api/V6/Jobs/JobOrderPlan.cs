using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Jobs;

/// <summary>Finds how an order of jobs can be walked: which jobs stand together in it, and which index holds them.</summary>
public sealed class JobOrderPlan(ScaleContext context, Session session, JobListFilter filter)
{
    /// <summary>Stretches whose jobs are not counted may each have to be looked into.</summary>
    private const int MaxUncounted = 256;

    /// <summary>To find jobs without a text, others are passed: on the average so many for one.</summary>
    private const int MaxPassed = 20;

    private static readonly Dictionary<string, JobOrderColumn> Values = new(StringComparer.Ordinal)
    {
        ["created"] = JobOrderColumn.Created,
        ["queued"] = JobOrderColumn.Queued,
        ["started"] = JobOrderColumn.Started,
        ["ended"] = JobOrderColumn.Ended,
        ["duration"] = JobOrderColumn.Duration,
        ["superseded"] = JobOrderColumn.Superseded,
        ["superseded_job"] = JobOrderColumn.SupersededJob,
        ["source_started"] = JobOrderColumn.SourceStarted,
        ["source_ended"] = JobOrderColumn.SourceEnded,
    };

    private static readonly Dictionary<string, (JobOrderColumn Column, JobSourceText Field)> Texts = new(StringComparer.Ordinal)
    {
        ["source_sensor_class"] = (JobOrderColumn.SourceSensorClass, JobSourceText.SensorClass),
        ["source_sensor"] = (JobOrderColumn.SourceSensor, JobSourceText.Sensor),
        ["source_collection"] = (JobOrderColumn.SourceCollection, JobSourceText.Collection),
        ["source_task"] = (JobOrderColumn.SourceTask, JobSourceText.Task),
    };

    private static readonly Func<ScaleContext, IQueryable<Value>> TypeNames = c => c.JobTypes.Select(t => new Value { Id = t.Id, Text = t.Name.ToLower() });
    private static readonly Func<ScaleContext, IQueryable<Value>> ErrorNames = c => c.Errors.Select(e => new Value { Id = e.Id, Text = e.Name.ToLower() });
    private static readonly Func<ScaleContext, IQueryable<Value>> RecipeTypeNames = c => c.RecipeTypes.Select(t => new Value { Id = t.Id, Text = t.Name.ToLower() });
    private static readonly Func<ScaleContext, IQueryable<Value>> Hostnames = c => c.Nodes.Select(n => new Value { Id = n.Id, Text = n.Hostname.ToLower() });

    /// <summary>What few values are of, and how these sort; ids and numbers by themselves, related rows by a text of theirs.</summary>
    private static readonly Dictionary<string, (JobOrderColumn Column, Func<ScaleContext, IQueryable<Value>>? Values)> Groups = new(StringComparer.Ordinal)
    {
        ["status"] = (JobOrderColumn.Status, null),
        ["is_superseded"] = (JobOrderColumn.IsSuperseded, null),
        ["job_type"] = (JobOrderColumn.JobType, TypeNames),
        ["job_type.id"] = (JobOrderColumn.JobType, null),
        ["job_type.name"] = (JobOrderColumn.JobType, TypeNames),
        ["job_type.title"] = (JobOrderColumn.JobType, c => c.JobTypes.Select(t => new Value { Id = t.Id, Text = t.Title.ToLower() })),
        ["job_type.version"] = (JobOrderColumn.JobType, c => c.JobTypes.Select(t => new Value { Id = t.Id, Text = t.VersionOrder.ToLower() })),
        ["batch"] = (JobOrderColumn.Batch, null),
        ["batch.id"] = (JobOrderColumn.Batch, null),
        ["batch.title"] = (JobOrderColumn.Batch, c => c.Batches.Select(b => new Value { Id = b.Id, Text = b.Title!.ToLower() })),
        ["error"] = (JobOrderColumn.Error, ErrorNames),
        ["error.id"] = (JobOrderColumn.Error, null),
        ["error.name"] = (JobOrderColumn.Error, ErrorNames),
        ["error.title"] = (JobOrderColumn.Error, c => c.Errors.Select(e => new Value { Id = e.Id, Text = e.Title!.ToLower() })),
        ["error.category"] = (JobOrderColumn.Error, c => c.Errors.Select(e => new Value { Id = e.Id, Text = e.Category == ErrorCategory.Algorithm ? "a" : e.Category == ErrorCategory.Data ? "d" : "s" })),
        ["recipe"] = (JobOrderColumn.RecipeType, RecipeTypeNames),
        ["recipe.recipe_type.name"] = (JobOrderColumn.RecipeType, RecipeTypeNames),
        ["recipe.recipe_type.title"] = (JobOrderColumn.RecipeType, c => c.RecipeTypes.Select(t => new Value { Id = t.Id, Text = t.Title.ToLower() })),
        ["node"] = (JobOrderColumn.Node, Hostnames),
        ["node.id"] = (JobOrderColumn.Node, c => c.Nodes.Select(n => new Value { Id = n.Id, Text = "" })),
        ["node.hostname"] = (JobOrderColumn.Node, Hostnames),
    };

    /// <summary>Whether it is the order of last changes, either way.</summary>
    public static bool IsByChange(IReadOnlyList<OrderKey> keys) => keys[0].Field == "last_modified" && keys.Skip(1).SequenceEqual([new OrderKey("id", false)]);

    /// <summary>Whether one field that has an index decides, and ties stand as usual.</summary>
    public static bool CanWalk(IReadOnlyList<OrderKey> keys) => keys[0].Field == "id" || IsByChange(keys) ||
        (Values.ContainsKey(keys[0].Field) || Texts.ContainsKey(keys[0].Field) || Groups.ContainsKey(keys[0].Field)) && keys.Skip(1).SequenceEqual([new OrderKey("last_modified", false), new OrderKey("id", false)]);

    public async Task<JobOrder?> Read(OrderKey key, CancellationToken cancel)
    {
        if (key.Field is "id" or "last_modified")
        {
            return key.Field == "id" ? JobOrder.ById(key.Descending) : JobOrder.ByChange(key.Descending);
        }

        if (Values.TryGetValue(key.Field, out var value))
        {
            return JobOrder.ByValue(value, key.Descending, await IsComplete(value));
        }

        if (Texts.TryGetValue(key.Field, out var text))
        {
            return await ByTexts(text.Column, text.Field, key.Descending);
        }

        var (column, named) = Groups[key.Field];
        var counts = column.Tally is { } tally ? await JobTallies.CountBy(session, tally, filter.Tally) : null;
        var groups = await Sorted(key.Field, column, named?.Invoke(context), counts, cancel);
        if (key.Descending)
        {
            groups.Reverse();
        }

        var isCounted = counts is not null && filter.IsTallied;
        return isCounted || groups.Count <= MaxUncounted ? JobOrder.ByGroups(column, groups, isCounted ? counts : null, filter.Tally) : null;
    }

    /// <returns>Null for too many texts, and when jobs without one are too rare to be found among the others.</returns>
    private async Task<JobOrder?> ByTexts(JobOrderColumn column, JobSourceText field, bool isDescending)
    {
        var texts = await JobSourceCounts.CountBy(session, field);
        var all = await JobTallies.Count(session, JobTallyFilter.Everything);
        var none = all - texts.Sum(t => t.Jobs);
        if (texts.Count > MaxUncounted || (none > 0 && none * MaxPassed < all))
        {
            return null;
        }

        var groups = texts.GroupBy(t => t.Lower, t => t.Value).Select(group => group.ToArray()).ToList();
        var isCounted = filter.IsEmpty;
        return JobOrder.ByTexts(column, groups, isCounted ? texts.ToDictionary(t => t.Value, t => t.Jobs) : null, isCounted || none == 0 ? none : null, isDescending);
    }

    /// <summary>Whether every job has a value that not every job needs to have.</summary>
    private async Task<bool> IsComplete(JobOrderColumn column)
    {
        var time = column == JobOrderColumn.SourceStarted ? "started" : column == JobOrderColumn.SourceEnded ? "ended" : null;
        return time is not null && await JobSourceCounts.WithTime(session, time) == await JobTallies.Count(session, JobTallyFilter.Everything);
    }

    /// <summary>Values that sort alike stand together; jobs without one come last.</summary>
    private static async Task<List<IReadOnlyList<long?>>> Sorted(
        string field, JobOrderColumn column, IQueryable<Value>? named, Dictionary<long, long>? counts, CancellationToken cancel)
    {
        var present = counts?.Keys.ToList();
        var hasNone = counts is null || (counts.ContainsKey(0) && (column.Tally is JobTally.Batch or JobTally.Error));
        if (named is null)
        {
            var ids = present!.Where(id => !hasNone || id != 0);
            var sorted = field == "status" ? ids.OrderBy(id => ((JobStatus)id).NameOf(), StringComparer.Ordinal) : ids.Order();
            return [.. sorted.Select(id => new long?[] { id }), .. hasNone ? new[] { new long?[] { null } } : []];
        }

        // The database sorts texts its own way.
        var values = await (present is null ? named : named.Where(v => present.Contains(v.Id))).OrderBy(v => v.Text).ThenBy(v => v.Id).ToListAsync(cancel);
        var groups = new List<IReadOnlyList<long?>>();
        foreach (var group in values.Where(v => v.Text is not null).GroupBy(v => field == "node.id" ? v.Id.ToString() : v.Text))
        {
            groups.Add([.. group.Select(v => (long?)v.Id)]);
        }

        var nameless = values.Where(v => v.Text is null).Select(v => (long?)v.Id).ToList();
        if (hasNone)
        {
            nameless.Add(null);
        }

        if (nameless.Count > 0)
        {
            groups.Add(nameless);
        }

        return groups;
    }

    private sealed class Value
    {
        public required long Id { get; init; }

        /// <summary>Null sorts as if the job had none.</summary>
        public string? Text { get; init; }
    }
}
