using Microsoft.EntityFrameworkCore;
using Scale.Model.Errors;
using Scale.Store.Databases;

namespace Scale.Api.V6.References;

/// <summary>What the rows of one page name: each kind is read in one query by the ids of the page, so a page costs the same in any list.</summary>
public sealed class Related(ScaleContext context, CancellationToken cancel)
{
    public Task<IReadOnlyDictionary<long, JobTypeReference>> JobTypes(IEnumerable<long?> named) => Read(
        named,
        ids => context.JobTypes.Where(t => ids.Contains(t.Id))
            .Select(t => new JobTypeReference(
                t.Id, t.Name, t.Version, t.Title, t.Description, t.IsActive, t.IsSystem, t.IsPaused, t.IsPublished, t.IconCode, t.UnmetResources, t.RevisionNum)),
        t => t.Id);

    public Task<IReadOnlyDictionary<long, JobTypeRevisionReference>> JobTypeRevisions(IEnumerable<long?> named) => Read(
        named,
        ids => context.JobTypeRevisions.Where(r => ids.Contains(r.Id))
            .Select(r => new JobTypeRevisionReference(r.Id, new IdReference(r.JobTypeId), r.RevisionNum)),
        r => r.Id);

    public Task<IReadOnlyDictionary<long, RecipeTypeReference>> RecipeTypes(IEnumerable<long?> named) => Read(
        named,
        ids => context.RecipeTypes.Where(t => ids.Contains(t.Id))
            .Select(t => new RecipeTypeReference(t.Id, t.Name, t.Title, t.Description, t.RevisionNum)),
        t => t.Id);

    public Task<IReadOnlyDictionary<long, RecipeTypeRevisionReference>> RecipeTypeRevisions(IEnumerable<long?> named) => Read(
        named,
        ids => context.RecipeTypeRevisions.Where(r => ids.Contains(r.Id))
            .Select(r => new RecipeTypeRevisionReference(r.Id, new IdReference(r.RecipeTypeId), r.RevisionNum)),
        r => r.Id);

    public Task<IReadOnlyDictionary<long, RecipeReference>> Recipes(IEnumerable<long?> named) => Read(
        named,
        ids => context.Recipes.Where(r => ids.Contains(r.Id))
            .Select(r => new RecipeReference(
                r.Id,
                new RecipeTypeReference(r.RecipeType.Id, r.RecipeType.Name, r.RecipeType.Title, r.RecipeType.Description, r.RecipeType.RevisionNum),
                new IdReference(r.RecipeTypeRevId),
                r.EventId == null ? null : new IdReference(r.EventId.Value))),
        r => r.Id);

    public Task<IReadOnlyDictionary<long, BatchReference>> Batches(IEnumerable<long?> named) => Read(
        named,
        ids => context.Batches.Where(b => ids.Contains(b.Id))
            .Select(b => new BatchReference(b.Id, b.Title, b.Description, b.Created)),
        b => b.Id);

    public Task<IReadOnlyDictionary<long, NodeReference>> Nodes(IEnumerable<long?> named) => Read(
        named,
        ids => context.Nodes.Where(n => ids.Contains(n.Id))
            .Select(n => new NodeReference(n.Id, n.Hostname)),
        n => n.Id);

    public Task<IReadOnlyDictionary<long, WorkspaceReference>> Workspaces(IEnumerable<long?> named) => Read(
        named,
        ids => context.Workspaces.Where(w => ids.Contains(w.Id))
            .Select(w => new WorkspaceReference(w.Id, w.Name)),
        w => w.Id);

    public Task<IReadOnlyDictionary<long, ErrorReference>> Errors(IEnumerable<long?> named) => Read(
        named,
        ids => context.Errors.Where(e => ids.Contains(e.Id))
            .Select(e => new ErrorReference(e.Id, e.Name, e.Title, e.Description, e.JobTypeName, e.Category.NameOf(), e.IsBuiltin, e.ShouldBeRetried)),
        e => e.Id);

    public Task<IReadOnlyDictionary<long, EventReference>> Events(IEnumerable<long?> named) => Read(
        named,
        ids => context.Events.Where(e => ids.Contains(e.Id))
            .Select(e => new EventReference(e.Id, e.Type, e.Occurred)),
        e => e.Id);

    public Task<IReadOnlyDictionary<long, EventReference>> IngestEvents(IEnumerable<long?> named) => Read(
        named,
        ids => context.IngestEvents.Where(e => ids.Contains(e.Id))
            .Select(e => new EventReference(e.Id, e.Type, e.Occurred)),
        e => e.Id);

    /// <summary>One query for all that is named; none when nothing is.</summary>
    private async Task<IReadOnlyDictionary<long, T>> Read<T>(IEnumerable<long?> named, Func<long[], IQueryable<T>> query, Func<T, long> idOf)
    {
        var ids = named.OfType<long>().Distinct().ToArray();
        return ids.Length == 0 ? new Dictionary<long, T>() : await query(ids).ToDictionaryAsync(idOf, cancel);
    }
}

public static class RelatedLookups
{
    /// <summary>The entity an optional id names; null also when its row is gone.</summary>
    public static T? Named<T>(this IReadOnlyDictionary<long, T> entities, long? id)
        where T : class => id is { } known ? entities.GetValueOrDefault(known) : null;
}
