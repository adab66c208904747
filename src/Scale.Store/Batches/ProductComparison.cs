using Scale.Store.Databases;

namespace Scale.Store.Batches;

/// <summary>How the products of one node differ between two batches.</summary>
public sealed class ProductChanges
{
    public int Added { get; set; }
    public int Removed { get; set; }
    public int SameBytes { get; set; }
    public int DifferentBytes { get; set; }

    /// <summary>Equally long, but without a checksum on one of the sides.</summary>
    public int Unknown { get; set; }
}

/// <summary>Products of two batches against each other, recipe by recipe and node by node.</summary>
/// <param name="RecipesCompared">Pairs of recipes.</param>
/// <param name="IsComplete">Both batches were looked at whole; otherwise only pairs count.</param>
public sealed record ProductComparison(int RecipesCompared, bool IsComplete, IReadOnlyDictionary<string, ProductChanges> Nodes)
{
    private const int Slice = 1000;

    /// <param name="limit">How many recipes of the later batch to look at, newest first.</param>
    public static async Task<ProductComparison> Of(Session session, long beforeId, long afterId, int limit)
    {
        var after = await Recipes(session, afterId, "", limit + 1);
        var isComplete = after.Count <= limit;
        after = [.. after.Take(limit)];
        var families = (await Recipes(session, beforeId, "AND family_id IN @families", limit, ("families", after.Column(r => r.FamilyId)))).ToDictionary(r => r.FamilyId);
        var pairs = after.Where(r => families.ContainsKey(r.FamilyId)).Select(r => (Before: families[r.FamilyId].Id, After: r.Id)).ToList();

        var single = after.Where(r => !families.ContainsKey(r.FamilyId)).ToList();
        var alike = single.Count == 0 ? [] : await Recipes(session, beforeId, "AND input IN @inputs", limit, ("inputs", single.Select(r => r.Input).Distinct().ToArray()));
        var byInput = alike.Where(r => !families.ContainsKey(r.FamilyId)).GroupBy(r => r.Input).ToDictionary(r => r.Key, r => new Queue<long>(r.Select(b => b.Id)));
        foreach (var recipe in single.ToList())
        {
            if (byInput.TryGetValue(recipe.Input, out var same) && same.TryDequeue(out var match))
            {
                pairs.Add((match, recipe.Id));
                single.Remove(recipe);
            }
        }

        var changes = new Changes(session);
        await changes.Compare(pairs);
        if (isComplete)
        {
            var matched = pairs.Select(p => p.Before).ToHashSet();
            var rest = await Recipes(session, beforeId, "", limit + 1);
            isComplete = rest.Count <= limit;
            await changes.Compare([.. single.Select(r => ((long?)null, (long?)r.Id)), .. rest.Take(limit).Where(r => !matched.Contains(r.Id)).Select(r => ((long?)r.Id, (long?)null))]);
        }

        return new ProductComparison(pairs.Count, isComplete, changes.Nodes);
    }

    private static Task<List<(long Id, long FamilyId, string Input)>> Recipes(Session session, long batchId, string and, int limit, params (string, object?)[] arguments) => session.Query(
        $"SELECT id, family_id, coalesce(input, '') FROM recipe WHERE batch_id = @batch AND recipe_id IS NULL {and} ORDER BY id DESC LIMIT @limit",
        r => (r.GetInt64(0), r.GetInt64(1), r.GetString(2)),
        [("batch", batchId), ("limit", limit), .. arguments]);

    private sealed class Changes(Session session)
    {
        private readonly SortedDictionary<string, ProductChanges> nodes = new(StringComparer.Ordinal);

        public IReadOnlyDictionary<string, ProductChanges> Nodes => nodes;

        public Task Compare(List<(long Before, long After)> pairs) => Compare(pairs.ConvertAll(p => ((long?)p.Before, (long?)p.After)));

        /// <param name="pairs">One side is null for a recipe that has no match.</param>
        public async Task Compare(List<(long? Before, long? After)> pairs)
        {
            foreach (var slice in pairs.Chunk(Slice))
            {
                var products = (await Products([.. slice.SelectMany(p => new[] { p.Before, p.After }).OfType<long>()])).ToLookup(p => p.RecipeId);
                foreach (var (before, after) in slice)
                {
                    var places = products[before ?? 0].ToLookup(p => (p.Node, p.Output, p.FileName));
                    var others = products[after ?? 0].ToLookup(p => (p.Node, p.Output, p.FileName));
                    foreach (var place in places.Select(p => p.Key).Union(others.Select(p => p.Key)))
                    {
                        Compare(place.Node, [.. places[place]], [.. others[place]]);
                    }
                }
            }
        }

        /// <summary>Products of one name: equal ones match first, of the others any two are taken for each other.</summary>
        private void Compare(string node, List<Product> before, List<Product> after)
        {
            var counts = nodes.TryGetValue(node, out var known) ? known : nodes[node] = new ProductChanges();
            foreach (var product in after.ToList())
            {
                if (before.FindIndex(b => b.FileId == product.FileId || (b.Checksum is not null && b.Checksum == product.Checksum)) is >= 0 and var same)
                {
                    counts.SameBytes++;
                    before.RemoveAt(same);
                    after.Remove(product);
                }
            }

            foreach (var (b, a) in before.Zip(after))
            {
                var isUnknown = b.Size == a.Size && (b.Checksum is null || a.Checksum is null);
                counts.Unknown += isUnknown ? 1 : 0;
                counts.DifferentBytes += isUnknown ? 0 : 1;
            }

            counts.Removed += Math.Max(0, before.Count - after.Count);
            counts.Added += Math.Max(0, after.Count - before.Count);
        }

        private Task<List<Product>> Products(long[] recipeIds) => session.Query(
            """
            SELECT n.recipe_id, n.node_name, coalesce(f.job_output, ''), f.file_name, f.id, f.checksum, f.file_size
            FROM recipe_node n JOIN file f ON f.job_id = n.job_id WHERE n.recipe_id IN @ids AND f.file_type = 1
            """,
            r => new Product(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetInt64(4), r.Text(5), r.GetInt64(6)),
            ("ids", recipeIds));
    }

    private sealed record Product(long RecipeId, string Node, string Output, string FileName, long FileId, string? Checksum, long Size);
}
