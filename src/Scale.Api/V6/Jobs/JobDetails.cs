using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.V6.Executions;
using Scale.Api.V6.References;
using Scale.Model.Jobs;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;

namespace Scale.Api.V6.Jobs;

/// <summary>A job type with facts about its other versions.</summary>
public sealed record JobTypeWithVersions : JobTypeReference
{
    public JobTypeWithVersions(JobTypeReference type, int numVersions, string latestVersion)
        : base(type)
    {
        NumVersions = numVersions;
        LatestVersion = latestVersion;
    }

    public int NumVersions { get; }
    public string LatestVersion { get; }
}

public sealed record JobTypeRevisionDetails(long Id, JobTypeWithVersions JobType, int RevisionNum, string DockerImage, DateTime Created, JsonElement? Manifest);

/// <summary>A job that another replaced, or that replaced it (JOBBASE).</summary>
public sealed record JobReference(long Id, JobTypeReference? JobType, string Status);

/// <summary>One job (jobs-and-queue.md §4).</summary>
public sealed record JobDetails : JobFields
{
    public required JobTypeRevisionDetails? JobTypeRev { get; init; }

    /// <summary>The recipe that holds the job now and is not superseded.</summary>
    public required RecipeReference? Recipe { get; init; }

    public required JobReference? SupersededJob { get; init; }
    public required JobReference? SupersededByJob { get; init; }
    public required JsonObject Resources { get; init; }
    public required ExecutionDetails? Execution { get; init; }
    public required JsonElement? Input { get; init; }
    public required JsonElement? Output { get; init; }
    public required JsonObject Configuration { get; init; }

    /// <summary>An addition: the job whose outputs this one took over without running; null for jobs that ran.</summary>
    public required IdReference? ReusedFrom { get; init; }

    /// <summary>Addition: why it does not run yet; null for jobs that run or have ended.</summary>
    public required WaitingReason? WaitingReason { get; init; }

    /// <summary>Addition: why it was canceled without anybody's asking, such as input that does not fit; null otherwise.</summary>
    public required string? CancelReason { get; init; }

    private const string NoData = """{"files":{},"json":{}}""";

    /// <returns>Null for an unknown job.</returns>
    public static async Task<JobDetails?> Read(ScaleContext context, long id, CancellationToken cancel)
    {
        var row = await context.Jobs.Where(j => j.Id == id)
            .Select(j => new { j.Status, j.NumExes, j.JobTypeRevId, j.SupersededJobId, j.Input, j.Output, j.Configuration, j.ReusedJobId, j.CancelReason, TypeConfiguration = j.JobType.Configuration, TypeManifest = j.JobType.Manifest })
            .FirstOrDefaultAsync(cancel);
        if (row is null || (await JobAnswers.Read(context, [id], cancel)) is not [var job])
        {
            return null;
        }

        var related = new Related(context, cancel);
        var recipeId = await context.RecipeNodes.Where(n => n.JobId == id && !n.Recipe.IsSuperseded).OrderBy(n => n.RecipeId).Select(n => (long?)n.RecipeId).FirstOrDefaultAsync(cancel);
        var successorId = await context.Jobs.Where(j => j.SupersededJobId == id).Select(j => (long?)j.Id).FirstOrDefaultAsync(cancel);
        var revision = await ReadRevision(context, row.JobTypeRevId, job.JobType, cancel);
        var hasExecution = row.Status is JobStatus.Queued or JobStatus.Running or JobStatus.Completed or JobStatus.Failed;
        var now = SeedManifest.FromText(row.TypeManifest);
        var configuration = JobConfiguration.FromText(row.Configuration).CompletedBy(JobConfiguration.FromText(row.TypeConfiguration));
        return new JobDetails
        {
            Id = job.Id,
            JobType = job.JobType,
            JobTypeRev = revision,
            Event = job.Event,
            IngestEvent = job.IngestEvent,
            Recipe = (await related.Recipes([recipeId])).Named(recipeId),
            Batch = job.Batch,
            Node = job.Node,
            Error = job.Error,
            IsSuperseded = job.IsSuperseded,
            Superseded = job.Superseded,
            SupersededJob = await ReadReference(context, row.SupersededJobId, cancel),
            SupersededByJob = await ReadReference(context, successorId, cancel),
            Status = job.Status,
            MaxTries = job.MaxTries,
            NumExes = job.NumExes,
            InputFileSize = job.InputFileSize,
            InputFiles = job.InputFiles,
            SourceStarted = job.SourceStarted,
            SourceEnded = job.SourceEnded,
            SourceSensorClass = job.SourceSensorClass,
            SourceSensor = job.SourceSensor,
            SourceCollection = job.SourceCollection,
            SourceTask = job.SourceTask,
            Created = job.Created,
            Queued = job.Queued,
            Started = job.Started,
            Ended = job.Ended,
            LastStatusChange = job.LastStatusChange,
            LastModified = job.LastModified,
            Resources = new JsonObject { ["resources"] = ResourceAnswers.Of(RequiredResources.Compute(now, job.InputFileSize ?? 0)) },
            Execution = hasExecution ? await ExecutionAnswers.Find(context, id, row.NumExes, cancel) : null,
            Input = AnswerJson.Document(row.Input ?? NoData),
            Output = AnswerJson.Document(row.Output ?? NoData),
            Configuration = (revision?.Manifest is { } manifest ? configuration.WithoutSecrets(SeedManifest.FromText(manifest.GetRawText())) : configuration).WithoutSecrets(now).ToJson(),
            ReusedFrom = IdReference.Of(row.ReusedJobId),
            WaitingReason = await WaitingReason.Of(context, id, row.Status, recipeId, cancel),
            CancelReason = row.Status == JobStatus.Canceled ? row.CancelReason : null,
        };
    }

    private static async Task<JobTypeRevisionDetails?> ReadRevision(ScaleContext context, long id, JobTypeReference? type, CancellationToken cancel)
    {
        var revision = await context.JobTypeRevisions.FirstOrDefaultAsync(r => r.Id == id, cancel);
        if (revision is null || type is null)
        {
            return null;
        }

        var versions = await context.JobTypes.Where(t => t.Name == type.Name).Select(t => t.Version).ToListAsync(cancel);
        var withVersions = new JobTypeWithVersions(type, versions.Count, versions.Max(SemanticVersion.TextOrder)!);
        return new JobTypeRevisionDetails(revision.Id, withVersions, revision.RevisionNum, revision.DockerImage, revision.Created, AnswerJson.Document(revision.Manifest));
    }

    private static async Task<JobReference?> ReadReference(ScaleContext context, long? id, CancellationToken cancel)
    {
        var job = id is null ? null : await context.Jobs.Where(j => j.Id == id).Select(j => new { j.Id, j.JobTypeId, j.Status }).FirstOrDefaultAsync(cancel);
        return job is null ? null : new JobReference(job.Id, (await new Related(context, cancel).JobTypes([job.JobTypeId])).Named(job.JobTypeId), job.Status.NameOf());
    }
}
