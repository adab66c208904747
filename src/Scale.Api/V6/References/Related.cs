using Microsoft.EntityFrameworkCore;
using Scale.Model.Errors;
using Scale.Store.Databases;

namespace Scale.Api.V6.References;

/// <summary>What the rows of one page name: each kind is read in one query by the ids of the page, so a page costs the same in any list.</summary>
public sealed class Related(ScaleContext context, CancellationToken cancel)
{
    public async Task<IReadOnlyDictionary<long, JobTypeReference>> JobTypes(IEnumerable<long?> named)
    {
        var ids = Distinct(named);
        return ids.Length == 0 ? new Dictionary<long, JobTypeReference>() : await context.JobTypes.Where(t => ids.Contains(t.Id))
            .Select(t => new JobTypeReference(
                t.Id, t.Name, t.Version, t.Title, t.Description, t.IsActive, t.IsSystem, t.IsPaused, t.IsPublished, t.IconCode, t.UnmetResources, t.RevisionNum))
            .ToDictionaryAsync(t => t.Id, cancel);
    }

    public async Task<IReadOnlyDictionary<long, JobTypeRevisionReference>> JobTypeRevisions(IEnumerable<long?> named)
    {
        var ids = Distinct(named);
        return ids.Length == 0 ? new Dictionary<long, JobTypeRevisionReference>() : await context.JobTypeRevisions.Where(r => ids.Contains(r.Id))
            .Select(r => new JobTypeRevisionReference(r.Id, new IdReference(r.JobTypeId), r.RevisionNum))
            .ToDictionaryAsync(r => r.Id, cancel);
    }

    public async Task<IReadOnlyDictionary<long, RecipeTypeReference>> RecipeTypes(IEnumerable<long?> named)
    {
        var ids = Distinct(named);
        return ids.Length == 0 ? new Dictionary<long, RecipeTypeReference>() : await context.RecipeTypes.Where(t => ids.Contains(t.Id))
            .Select(t => new RecipeTypeReference(t.Id, t.Name, t.Title, t.Description, t.RevisionNum))
            .ToDictionaryAsync(t => t.Id, cancel);
    }

    public async Task<IReadOnlyDictionary<long, RecipeTypeRevisionReference>> RecipeTypeRevisions(IEnumerable<long?> named)
    {
        var ids = Distinct(named);
        return ids.Length == 0 ? new Dictionary<long, RecipeTypeRevisionReference>() : await context.RecipeTypeRevisions.Where(r => ids.Contains(r.Id))
            .Select(r => new RecipeTypeRevisionReference(r.Id, new IdReference(r.RecipeTypeId), r.RevisionNum))
            .ToDictionaryAsync(r => r.Id, cancel);
    }

    public async Task<IReadOnlyDictionary<long, RecipeReference>> Recipes(IEnumerable<long?> named)
    {
        var ids = Distinct(named);
        return ids.Length == 0 ? new Dictionary<long, RecipeReference>() : await context.Recipes.Where(r => ids.Contains(r.Id))
            .Select(r => new RecipeReference(
                r.Id,
                new RecipeTypeReference(r.RecipeType.Id, r.RecipeType.Name, r.RecipeType.Title, r.RecipeType.Description, r.RecipeType.RevisionNum),
                new IdReference(r.RecipeTypeRevId),
                r.EventId == null ? null : new IdReference(r.EventId.Value)))
            .ToDictionaryAsync(r => r.Id, cancel);
    }

    public async Task<IReadOnlyDictionary<long, BatchReference>> Batches(IEnumerable<long?> named)
    {
        var ids = Distinct(named);
        return ids.Length == 0 ? new Dictionary<long, BatchReference>() : await context.Batches.Where(b => ids.Contains(b.Id))
            .Select(b => new BatchReference(b.Id, b.Title, b.Description, b.Created))
            .ToDictionaryAsync(b => b.Id, cancel);
    }

    public async Task<IReadOnlyDictionary<long, NodeReference>> Nodes(IEnumerable<long?> named)
    {
        var ids = Distinct(named);
        return ids.Length == 0 ? new Dictionary<long, NodeReference>() : await context.Nodes.Where(n => ids.Contains(n.Id))
            .Select(n => new NodeReference(n.Id, n.Hostname))
            .ToDictionaryAsync(n => n.Id, cancel);
    }

    public async Task<IReadOnlyDictionary<long, WorkspaceReference>> Workspaces(IEnumerable<long?> named)
    {
        var ids = Distinct(named);
        return ids.Length == 0 ? new Dictionary<long, WorkspaceReference>() : await context.Workspaces.Where(w => ids.Contains(w.Id))
            .Select(w => new WorkspaceReference(w.Id, w.Name))
            .ToDictionaryAsync(w => w.Id, cancel);
    }

    public async Task<IReadOnlyDictionary<long, ErrorReference>> Errors(IEnumerable<long?> named)
    {
        var ids = Distinct(named);
        return ids.Length == 0 ? new Dictionary<long, ErrorReference>() : await context.Errors.Where(e => ids.Contains(e.Id))
            .Select(e => new ErrorReference(e.Id, e.Name, e.Title, e.Description, e.JobTypeName, e.Category.NameOf(), e.IsBuiltin, e.ShouldBeRetried))
            .ToDictionaryAsync(e => e.Id, cancel);
    }

    public async Task<IReadOnlyDictionary<long, EventReference>> Events(IEnumerable<long?> named)
    {
        var ids = Distinct(named);
        return ids.Length == 0 ? new Dictionary<long, EventReference>() : await context.Events.Where(e => ids.Contains(e.Id))
            .Select(e => new EventReference(e.Id, e.Type, e.Occurred))
            .ToDictionaryAsync(e => e.Id, cancel);
    }

    public async Task<IReadOnlyDictionary<long, EventReference>> IngestEvents(IEnumerable<long?> named)
    {
        var ids = Distinct(named);
        return ids.Length == 0 ? new Dictionary<long, EventReference>() : await context.IngestEvents.Where(e => ids.Contains(e.Id))
            .Select(e => new EventReference(e.Id, e.Type, e.Occurred))
            .ToDictionaryAsync(e => e.Id, cancel);
    }

    private static long[] Distinct(IEnumerable<long?> ids) => [.. ids.OfType<long>().Distinct()];
}

public static class RelatedLookups
{
    /// <summary>The entity an optional id names; null also when its row is gone.</summary>
    public static T? Named<T>(this IReadOnlyDictionary<long, T> entities, long? id)
        where T : class => id is { } known ? entities.GetValueOrDefault(known) : null;
}
