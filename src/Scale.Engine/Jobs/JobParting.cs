namespace Scale.Engine.Jobs;

/// <summary>Parts jobs for transactions that write at the same time.</summary>
public static class JobParting
{
    /// <param name="holdings">Jobs of the list and the recipes that hold them.</param>
    /// <param name="size">How many jobs a part should have.</param>
    /// <returns>After how many jobs each part but the last ends, so that no recipe holds jobs of two parts; empty where there is no such place.</returns>
    public static List<int> Cuts(IReadOnlyList<long> jobIds, IEnumerable<(long JobId, long RecipeId)> holdings, int size)
    {
        var cuts = new List<int>();
        var clean = CleanCuts(jobIds, holdings);
        for (var begin = 0; jobIds.Count - begin > size && clean.Count > 0; begin = cuts[^1])
        {
            cuts.Add(clean.MinBy(cut => Math.Abs(cut - begin - size)));
            clean.RemoveAll(cut => cut <= cuts[^1]);
        }

        return cuts;
    }

    private static List<int> CleanCuts(IReadOnlyList<long> jobIds, IEnumerable<(long JobId, long RecipeId)> holdings)
    {
        var places = jobIds.Index().ToDictionary(j => j.Item, j => j.Index);

        // How many recipes begin or end to be on both sides of a cut before this place.
        var changes = new int[jobIds.Count + 1];
        foreach (var recipe in holdings.GroupBy(h => h.RecipeId, h => places[h.JobId]))
        {
            changes[recipe.Min() + 1]++;
            changes[recipe.Max() + 1]--;
        }

        var (clean, open) = (new List<int>(), 0);
        for (var cut = 1; cut < jobIds.Count; cut++)
        {
            open += changes[cut];
            if (open == 0)
            {
                clean.Add(cut);
            }
        }

        return clean;
    }
}
