using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Scale.Api.Access;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.Files;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Model.Data;
using Scale.Model.Documents;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;
using Scale.Store.JobTypes;

namespace Scale.Api.V6.Jobs;

/// <summary>Creates and queues one job (jobs-and-queue.md §3).</summary>
internal static class JobCreationEndpoint
{
    public static readonly Parameter[] Fields =
    [
        Parameter.Integer("job_type_id", "Job type; its current revision is taken.", required: true),
        Parameter.Object("input", "Data for the inputs."),
        Parameter.Object("configuration", "Its own configuration: members that are absent come from the job type."),
    ];

    public static async Task<IResult> Create(RequestParameters request, Caller caller, Database database, EngineSignal signal, CancellationToken cancel)
    {
        var typeId = request.RequiredLong("job_type_id");
        var input = request.OptionalObject("input") is { } given ? DataValues.Parse(given) : null;
        var configuration = request.OptionalObject("configuration");
        if (input is { IsValid: false })
        {
            throw ApiProblem.BadDocument("Job input is invalid", input.Errors);
        }

        JobDetails details;
        IReadOnlyList<Problem> warnings;
        await using (var session = await database.Write(cancel))
        {
            var type = await JobTypeWriter.Find(session, typeId) ?? throw ApiProblem.NotFound();
            (var own, warnings) = await EffectiveConfiguration(session, type, configuration);
            var values = await ValidInput(session, type, input?.Document ?? DataValues.Empty, cancel);
            var id = await JobCreation.Create(session, new JobRequest(type, values, own, caller.Account?.Username), request.Now);

            // Before the leader sees it, so that the answer shows the job as it was queued.
            await using var context = session.Context();
            details = (await JobDetails.Read(context, id, cancel))!;
            await session.Commit();
        }

        signal.Wake();
        return Answer.Created(request.Link($"jobs/{details.Id}/"), details, warnings);
    }

    /// <returns>The job's own configuration, completed; null when none was given. The warnings are about what was given.</returns>
    private static async Task<(JobConfiguration? Own, IReadOnlyList<Problem> Warnings)> EffectiveConfiguration(Session session, StoredJobType type, JsonElement? given)
    {
        var parsed = JobConfiguration.Parse(given ?? default);
        if (parsed.Document is not { } own)
        {
            throw Invalid(parsed.Errors);
        }

        if (!type.IsActive)
        {
            throw ApiProblem.BadRequest($"Job type {type.Name} {type.Version} is not active.");
        }

        if (type.IsSystem)
        {
            throw ApiProblem.BadRequest($"{type.Name} {type.Version} is a system job type: its jobs are made by the services that need them.");
        }

        var manifest = SeedManifest.FromText(type.Manifest);
        var effective = own.CompletedBy(JobConfiguration.FromText(type.Configuration));
        var (errors, warnings) = effective.Check(manifest, await JobTypeWriter.Workspaces(session));
        if (errors.Count > 0)
        {
            throw Invalid(errors);
        }

        // The job type's own secrets and settings are none of what was asked here.
        var notes = warnings.Where(w => w.Name is not (ConfigurationProblems.MissingSetting or ConfigurationProblems.NonstandardResource));
        return own == JobConfiguration.Empty ? (null, []) : (effective.WithoutSecrets(manifest), [.. notes, .. own.IgnoredSecrets(manifest.SecretSettings)]);
    }

    private static async Task<DataValues> ValidInput(Session session, StoredJobType type, DataValues input, CancellationToken cancel)
    {
        var (values, errors) = input.Validate(SeedManifest.FromText(type.Manifest).InputInterface);
        if (errors.Count > 0)
        {
            throw ApiProblem.BadDocument("Job input is invalid", errors);
        }

        await using var context = session.Context();
        await FileChecks.RequireExisting(context, [.. values.FileIds], cancel);
        return values;
    }

    private static ApiProblem Invalid(IEnumerable<Problem> problems) => ApiProblem.BadDocument("Job type configuration invalid", problems);
}
