using System.Collections.Concurrent;
using System.Collections.Immutable;
using Scale.Model.Data;
using Scale.Model.JobTypes.Seed;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>Recipe type revisions by id. They never change, so what was read once is kept for the life of the process.</summary>
public sealed class RecipeTypeCatalog
{
    private readonly ConcurrentDictionary<long, RecipeRevision> revisions = new();
    private readonly ConcurrentDictionary<long, (SeedManifest Manifest, DataInterface Inputs)> manifests = new();

    /// <exception cref="KeyNotFoundException">There is no such revision.</exception>
    public RecipeRevision this[long revisionId] => revisions.TryGetValue(revisionId, out var revision)
        ? revision
        : throw new KeyNotFoundException($"Recipe type revision {revisionId} was not loaded or does not exist.");

    /// <summary>One revision, read if it is not known yet.</summary>
    public async Task<RecipeRevision> Get(Session session, long revisionId)
    {
        await Load(session, [revisionId]);
        return this[revisionId];
    }

    /// <summary>Reads those of the revisions that are not known yet.</summary>
    public async Task Load(Session session, IEnumerable<long> revisionIds)
    {
        var missing = revisionIds.Where(id => !revisions.ContainsKey(id)).Distinct().ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        var rows = await RecipeTypeReads.Revisions(session, missing);
        var definitions = rows.ToDictionary(r => r.Id, r => RecipeDefinition.FromText(r.Definition));
        var jobs = await Jobs(session, definitions.Values);
        var recipes = await Recipes(session, definitions.Values);
        foreach (var row in rows)
        {
            var definition = definitions[row.Id];
            var targets = definition.Graph.Nodes.Select(n => n.Type switch
            {
                NodeType.Job job => jobs.GetValueOrDefault(job) ?? throw Missing(row, n.Name, $"job type {job.Name} {job.Version} revision {job.Revision}"),
                NodeType.Recipe recipe => recipes.GetValueOrDefault(recipe) ?? throw Missing(row, n.Name, $"recipe type {recipe.Name} revision {recipe.Revision}"),
                _ => (NodeTarget?)null,
            });
            revisions[row.Id] = new RecipeRevision(row.Id, row.RecipeTypeId, row.TypeName, row.Number, definition, [.. targets]);
        }
    }

    /// <summary>Names of the settings that job types below a revision keep secret, those of its sub-recipes included.</summary>
    /// <param name="alsoNow">Also those that became secret with a later revision of their job type than the one that is pinned.</param>
    public async Task<IReadOnlySet<string>> SecretSettings(Session session, long revisionId, bool alsoNow = false)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<long> { revisionId };
        for (var level = seen.ToList(); level.Count > 0;)
        {
            await Load(session, level);
            var targets = level.SelectMany(id => this[id].Targets).ToList();
            var jobs = targets.OfType<NodeTarget.Job>().ToList();
            var used = jobs.Select(j => j.Manifest);
            if (alsoNow)
            {
                used = used.Concat(await RecipeTypeReads.ManifestsNow(session, [.. jobs.Select(j => j.JobTypeId).Distinct()]));
            }

            names.UnionWith(used.SelectMany(m => m.SecretSettings));
            level = [.. targets.OfType<NodeTarget.Recipe>().Select(r => r.RevisionId).Where(seen.Add)];
        }

        return names;
    }

    private static InvalidOperationException Missing(RevisionRow row, string node, string what) =>
        new($"Recipe type {row.TypeName} revision {row.Number} refers at node '{node}' to {what}, which does not exist.");

    private async Task<Dictionary<NodeType.Job, NodeTarget>> Jobs(Session session, IEnumerable<RecipeDefinition> definitions)
    {
        var pinned = definitions.SelectMany(d => d.Graph.Nodes).Select(n => n.Type).OfType<NodeType.Job>().Distinct().ToList();
        var rows = await RecipeTypeReads.PinnedJobTypes(session, pinned);
        var targets = new Dictionary<NodeType.Job, NodeTarget>();
        foreach (var row in rows)
        {
            var (manifest, inputs) = manifests.GetOrAdd(row.RevisionId, _ =>
            {
                var read = SeedManifest.FromText(row.Manifest);
                return (read, read.InputInterface);
            });
            targets[row.Pin] = new NodeTarget.Job(row.JobTypeId, row.RevisionId, manifest, inputs);
        }

        return targets;
    }

    private static async Task<Dictionary<NodeType.Recipe, NodeTarget>> Recipes(Session session, IEnumerable<RecipeDefinition> definitions)
    {
        var pinned = definitions.SelectMany(d => d.Graph.Nodes).Select(n => n.Type).OfType<NodeType.Recipe>().Distinct().ToList();
        var rows = await RecipeTypeReads.PinnedRecipeTypes(session, pinned);
        return rows.ToDictionary(
            r => new NodeType.Recipe(r.TypeName, r.Number),
            r => (NodeTarget)new NodeTarget.Recipe(r.RecipeTypeId, r.Id, RecipeDefinition.FromText(r.Definition).Graph.Input));
    }
}
