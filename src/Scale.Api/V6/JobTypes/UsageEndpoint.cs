using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.Executions;
using Scale.Model.Jobs;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;

namespace Scale.Api.V6.JobTypes;

/// <summary>What executions of a job type used, and the resources that would fit them.</summary>
/// <param name="Count">Executions that were looked at.</param>
/// <param name="RunSeconds">How long main ran; each value is null when it is not known of any of them.</param>
/// <param name="PeakMemory">MiB.</param>
/// <param name="Declared">What the current manifest asks for, without input.</param>
/// <param name="Recommended">Cpus and mem by what was used; null without executions.</param>
public sealed record JobTypeUsage(
    int Count, Spread? RunSeconds, Spread? CpuSeconds, Spread? PeakMemory, Spread? BytesRead, Spread? BytesWritten, JsonObject Declared, JsonObject? Recommended);

internal static class UsageEndpoint
{
    private const int Default = 1_000;
    private const int Most = 10_000;

    public static void MapJobTypeUsage(this IEndpointRouteBuilder v6) =>
        v6.MapGet("/job-types/{name}/{version}/usage/", Get).WithTags("Job types").WithName("GetJobTypeUsage")
            .WithSummary("Addition: what the latest completed executions of a job type used, and the resources that would fit them.")
            .Query(Parameter.Integer("executions", $"How many executions are looked at, 1 to {Most}; default {Default}."));

    private static async Task<IResult> Get(string name, string version, RequestParameters request, Database database, CancellationToken cancel)
    {
        var count = request.OptionalInt("executions") ?? Default;
        if (count is < 1 or > Most)
        {
            throw RequestParameters.Bad("executions", $"must be from 1 to {Most}");
        }

        await using var session = await database.Read(cancel);
        var type = await JobTypeWriter.Find(session, name, version) ?? throw ApiProblem.NotFound();
        var usage = UsageStatistics.Of(await UsageStore.Latest(session, type.Id, count));
        return Answer.Ok(new JobTypeUsage(
            usage.Count, usage.RunSeconds, usage.CpuSeconds, usage.PeakMemory, usage.BytesRead, usage.BytesWritten,
            ResourceAnswers.Of(RequiredResources.Compute(SeedManifest.FromText(type.Manifest), 0)),
            usage.Recommended is { } recommended ? new JsonObject(recommended.Amounts.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value))) : null));
    }
}
