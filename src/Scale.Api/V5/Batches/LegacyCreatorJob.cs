using Microsoft.EntityFrameworkCore;
using Scale.Api.V6.Jobs;
using Scale.Api.V6.References;
using Scale.Model.JobTypes;
using Scale.Store.Databases;

namespace Scale.Api.V5.Batches;

/// <summary>The job that stands for the making of a batch, in the form that v5 gave jobs.</summary>
public sealed record LegacyCreatorJob(
    long Id, LegacyJobType? JobType, IdReference JobTypeRev, IdReference? Event, NodeReference? Node, ErrorReference? Error, string Status, int Priority, int NumExes)
{
    internal static async Task<IReadOnlyDictionary<long, LegacyCreatorJob>> Read(ScaleContext context, IEnumerable<long?> named, CancellationToken cancel)
    {
        var ids = named.OfType<long>().Distinct().ToArray();
        var jobs = ids.Length == 0 ? [] : await context.Jobs.Where(j => ids.Contains(j.Id))
            .Select(j => new { j.Id, j.JobTypeId, j.JobTypeRevId, j.EventId, j.NodeId, j.ErrorId, j.Status, j.NumExes, j.JobType.Configuration }).ToListAsync(cancel);
        var related = new Related(context, cancel);
        var types = await related.JobTypes(jobs.Select(j => (long?)j.JobTypeId));
        var nodes = await related.Nodes(jobs.Select(j => j.NodeId));
        var errors = await related.Errors(jobs.Select(j => j.ErrorId));
        return jobs.ToDictionary(j => j.Id, j => new LegacyCreatorJob(
            j.Id, LegacyJobType.Of(types.Named(j.JobTypeId)), new IdReference(j.JobTypeRevId), IdReference.Of(j.EventId), nodes.Named(j.NodeId), errors.Named(j.ErrorId),
            j.Status.NameOf(), JobConfiguration.FromText(j.Configuration).Priority ?? JobConfiguration.DefaultPriority, j.NumExes));
    }
}

/// <summary>A job type in the form that v5 gave it.</summary>
public sealed record LegacyJobType(
    long Id, string Name, string Version, string Title, string Description, string Category, string? AuthorName, string? AuthorUrl,
    bool IsSystem, bool IsLongRunning, bool IsActive, bool IsOperational, bool IsPaused, string? IconCode)
{
    public static LegacyJobType? Of(JobTypeReference? type) => type is null ? null : new LegacyJobType(
        type.Id, type.Name, type.Version, type.Title, type.Description, type.IsSystem ? "system" : "", null, null,
        type.IsSystem, false, type.IsActive, true, type.IsPaused, type.IconCode);
}
