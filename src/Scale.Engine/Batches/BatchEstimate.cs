using Scale.Engine.Recipes;
using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Engine.Batches;

/// <summary>How many recipes a dataset batch is likely to make (batches-and-datasets.md §5.5).</summary>
internal sealed class BatchEstimate(RecipeTypeCatalog catalog, Session session)
{
    private readonly Dictionary<long, int> insides = [];

    /// <param name="members">Members that supply at least one input.</param>
    public async Task<int> Recipes(RecipeRevision revision, ForcedNodes? forced, int members)
    {
        var perMember = 1;
        if (forced is null || forced.All)
        {
            perMember += await Inside(revision);
        }
        else
        {
            var isForced = new bool[revision.Graph.Nodes.Length];
            foreach (var node in revision.Graph.Nodes)
            {
                isForced[node.Index] = forced.Forces(node.Name) || node.Parents.Any(p => isForced[p.Index]);
                perMember += isForced[node.Index] && revision.Targets[node.Index] is NodeTarget.Recipe sub ? 1 + await Inside(sub) : 0;
            }
        }

        return (int)Math.Min(int.MaxValue, (long)members * perMember);
    }

    /// <summary>Sub-recipe nodes in one recipe, those of sub-recipes included.</summary>
    public async Task<int> Inside(RecipeRevision revision)
    {
        var count = 0;
        foreach (var target in revision.Targets.OfType<NodeTarget.Recipe>())
        {
            count += 1 + await Inside(target);
        }

        return count;
    }

    private async Task<int> Inside(NodeTarget.Recipe target)
    {
        if (!insides.TryGetValue(target.RevisionId, out var count))
        {
            insides[target.RevisionId] = count = await Inside(await catalog.Get(session, target.RevisionId));
        }

        return count;
    }
}
