namespace Scale.Engine.Jobs;

/// <summary>Parts jobs for two transactions at the same time.</summary>
public static class JobParting
{
    /// <param name="holdings">Jobs of the list and the recipes that hold them.</param>
    /// <returns>How many jobs from the first make one part, nearest to half of them, so that no recipe holds jobs of both parts; 0 when there is no such place.</returns>
    public static int Middle(IReadOnlyList<long> jobIds, IEnumerable<(long JobId, long RecipeId)> holdings)
    {
        var places = jobIds.Index().ToDictionary(j => j.Item, j => j.Index);

        // How many recipes begin or end to be on both sides of a cut before this place.
        var changes = new int[jobIds.Count + 1];
        foreach (var recipe in holdings.GroupBy(h => h.RecipeId, h => places[h.JobId]))
        {
            changes[recipe.Min() + 1]++;
            changes[recipe.Max() + 1]--;
        }

        var (best, open) = (0, 0);
        for (var cut = 1; cut < jobIds.Count; cut++)
        {
            open += changes[cut];
            if (open == 0 && Math.Abs(2 * cut - jobIds.Count) < Math.Abs(2 * best - jobIds.Count))
            {
                best = cut;
            }
        }

        return best;
    }
}
