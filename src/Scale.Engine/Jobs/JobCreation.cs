using System.Text.Json.Nodes;
using Scale.Engine.Recipes;
using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;
using Scale.Store.Recipes;

namespace Scale.Engine.Jobs;

/// <summary>A job that a user wants, outside of recipes.</summary>
/// <param name="JobType">As it is now; active, and no system job type.</param>
/// <param name="Input">Valid for the inputs of the current revision, files known.</param>
/// <param name="Configuration">Its own, complete and without secrets; null to use the job type's current one.</param>
/// <param name="User">Login name, null for nobody in particular.</param>
public sealed record JobRequest(StoredJobType JobType, DataValues Input, JobConfiguration? Configuration, string? User);

/// <summary>
/// First state of a job that no recipe makes (jobs-and-queue.md §3): processed input, then its place in the queue. The API inserts it QUEUED, as requests are answered
/// with what became of them; everything after is the leader's.
/// </summary>
public static class JobCreation
{
    /// <summary>Inserts the job in the caller's transaction; wake the leader after the commit.</summary>
    /// <returns>Id of the job.</returns>
    public static async Task<long> Create(Session session, JobRequest request, DateTime now)
    {
        var (type, input) = (request.JobType, request.Input);
        var manifest = SeedManifest.FromText(type.Manifest);
        var files = new InputFiles(session);
        await files.Load([input]);
        var summary = files.Summarize(input);
        var eventId = await session.Insert(
            "event", ("type", "USER"), ("description", new JsonObject { ["user"] = request.User ?? "Anonymous" }.ToJsonString()), ("occurred", now));
        var id = (await session.AllocateIds("job", 1))[0];
        await NewJobs.InsertQueued(session, new QueuedNewJob(id, type.Id, type.RevisionId, type.MaxTries, eventId, input.ToText(), request.Configuration?.ToText(), summary), now);
        await RecipeJobWrites.InsertInputs(session, [.. InputFiles.Links(input).Select(l => new InputLink(id, l.Input, l.FileId))]);
        await RecipeJobWrites.InsertSources(session, [.. files.SourcesOf(input).Select(file => new JobSource(file, id, null, null))], now);

        var configuration = request.Configuration ?? JobConfiguration.FromText(type.Configuration);
        var key = JobTransitions.KeyOf(type.Id, manifest, configuration, summary.SizeMiB);
        var classId = (await QueueStore.UpsertClasses(session, [key]))[key];
        await QueueStore.Insert(session, [new QueueEntry(id, NewJobs.FirstExecution, classId, manifest.Timeout, now)]);
        await NoteQueuedJobs.Append(session, classId, now);
        return id;
    }
}
