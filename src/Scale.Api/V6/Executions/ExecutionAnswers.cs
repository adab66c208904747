using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.V6.Jobs;
using Scale.Api.V6.References;
using Scale.Model.Jobs;
using Scale.Model.JobTypes.Seed;
using Scale.Model.Scheduling;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Executions;

/// <summary>An execution as lists show it (jobs-and-queue.md §6).</summary>
public record ExecutionAnswer
{
    public required long Id { get; init; }
    public required string Status { get; init; }
    public required int ExeNum { get; init; }
    public required string ClusterId { get; init; }
    public required DateTime Created { get; init; }
    public required DateTime Queued { get; init; }
    public required DateTime? Started { get; init; }
    public required DateTime? Ended { get; init; }
    public required IdReference Job { get; init; }
    public required NodeReference? Node { get; init; }
    public required ErrorReference? Error { get; init; }
    public required JobTypeReference? JobType { get; init; }

    /// <summary>Seconds.</summary>
    public required int Timeout { get; init; }

    /// <summary>MiB.</summary>
    public required double InputFileSize { get; init; }
}

public sealed record ExecutionDetails : ExecutionAnswer
{
    /// <param name="secrets">Names of the settings that the job type keeps secret now; it may not have when the execution began.</param>
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public ExecutionDetails(ExecutionAnswer execution, JobExeRow row, IEnumerable<string> secrets)
        : base(execution)
    {
        TaskResults = AnswerJson.Document(row.TaskResults);
        Resources = new JsonObject { ["resources"] = ResourceAnswers.Of(Scale.Model.Scheduling.Resources.FromText(row.Resources)) };
        Configuration = ExecutionConfiguration.Masked(row.Configuration, secrets.ToHashSet(StringComparer.Ordinal));
        Usage = row is { CpuSeconds: null, PeakMemory: null } ? null : new ResourceUsage(row.CpuSeconds, row.PeakMemory, row.BytesRead, row.BytesWritten);
        Output = row.Output is null ? null : ExecutionOutput.Of(row.Output);
    }

    /// <summary>Null until the end is stored.</summary>
    public JsonElement? TaskResults { get; }

    public JsonObject Resources { get; }
    public JsonNode? Configuration { get; }

    /// <summary>Addition: what its processes used; null when nothing ran or nobody knows.</summary>
    public ResourceUsage? Usage { get; }

    /// <summary>Null until captured.</summary>
    public JsonObject? Output { get; }
}

/// <summary>Reads executions by id in a fixed number of statements.</summary>
public static class ExecutionAnswers
{
    /// <returns>In the order of <paramref name="ids"/>.</returns>
    public static async Task<IReadOnlyList<ExecutionAnswer>> Read(ScaleContext context, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var rows = await context.Executions.Where(e => ids.Contains(e.Id)).Select(e => new
        {
            e.Id,
            e.Status,
            e.ExeNum,
            e.ClusterId,
            e.Created,
            e.Queued,
            e.Started,
            e.Ended,
            e.JobId,
            e.NodeId,
            e.ErrorId,
            e.JobTypeId,
            e.Timeout,
            e.InputFileSize,
        }).ToDictionaryAsync(e => e.Id, cancel);

        var related = new Related(context, cancel);
        var jobTypes = await related.JobTypes(rows.Values.Select(e => (long?)e.JobTypeId));
        var nodes = await related.Nodes(rows.Values.Select(e => e.NodeId));
        var errors = await related.Errors(rows.Values.Select(e => e.ErrorId));
        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id]).Select(e => new ExecutionAnswer
        {
            Id = e.Id,
            Status = e.Status.NameOf(),
            ExeNum = e.ExeNum,
            ClusterId = e.ClusterId,
            Created = e.Created,
            Queued = e.Queued,
            Started = e.Started,
            Ended = e.Ended,
            Job = new IdReference(e.JobId),
            Node = nodes.Named(e.NodeId),
            Error = errors.Named(e.ErrorId),
            JobType = jobTypes.Named(e.JobTypeId),
            Timeout = e.Timeout,
            InputFileSize = e.InputFileSize,
        })];
    }

    /// <summary>One execution by its number, null when it has no row.</summary>
    public static async Task<ExecutionDetails?> Find(ScaleContext context, long jobId, int exeNum, CancellationToken cancel)
    {
        var row = await context.Executions.FirstOrDefaultAsync(e => e.JobId == jobId && e.ExeNum == exeNum, cancel);
        if (row is null)
        {
            return null;
        }

        var manifest = SeedManifest.FromText(await context.JobTypes.Where(t => t.Id == row.JobTypeId).Select(t => t.Manifest).FirstAsync(cancel));
        return new ExecutionDetails((await Read(context, [row.Id], cancel))[0], row, manifest.SecretSettings);
    }
}

internal static class ExecutionConfiguration
{
    /// <summary>The stored document with the values of those settings masked.</summary>
    public static JsonNode? Masked(string? stored, IReadOnlySet<string> secrets)
    {
        var document = stored is null ? null : JsonNode.Parse(stored);
        foreach (var task in secrets.Count == 0 ? [] : document?["tasks"]?.AsArray() ?? [])
        {
            foreach (var (name, value) in task?["settings"]?.AsObject().ToList() ?? [])
            {
                if (value is not null && secrets.Contains(name))
                {
                    task!["settings"]![name] = ExecutionEnvironment.Mask;
                }
            }
        }

        return document;
    }
}

internal static class ResourceAnswers
{
    private static readonly string[] AlwaysShown = ["cpus", "mem", "disk", "gpus"];

    /// <summary>Amounts by name, rounded to 2 decimals; cpus, mem, disk and gpus are always there.</summary>
    public static JsonObject Of(Resources resources)
    {
        var amounts = new JsonObject();
        foreach (var name in AlwaysShown.Union(resources.Amounts.Select(a => a.Key)))
        {
            amounts[name] = Math.Round(resources[name], 2);
        }

        return amounts;
    }
}

internal static class ExecutionOutput
{
    /// <summary>The stored data in both shapes that clients know (jobs-and-queue.md §6).</summary>
    public static JsonObject Of(string stored)
    {
        var data = JsonNode.Parse(stored)?.AsObject() ?? [];
        var files = data["files"]?.DeepClone().AsObject() ?? [];
        var json = data["json"]?.DeepClone().AsObject() ?? [];
        var list = new JsonArray();
        foreach (var (name, ids) in files)
        {
            list.Add(ids is JsonArray { Count: 1 } one
                ? new JsonObject { ["name"] = name, ["file_id"] = one[0]!.DeepClone() }
                : new JsonObject { ["name"] = name, ["file_ids"] = ids?.DeepClone() });
        }

        foreach (var (name, value) in json)
        {
            list.Add(new JsonObject { ["name"] = name, ["value"] = value?.DeepClone() });
        }

        return new JsonObject { ["version"] = "7", ["files"] = files, ["json"] = json, ["output_data"] = list };
    }
}
