using Scale.Launcher;

namespace Scale.Engine.Clusters.Local;

/// <summary>Tells which execution a process belongs to: that of its session, that of its parent, or that which its environment names.</summary>
internal sealed class ProcessOwners
{
    private const int FirstProcess = 1;

    private Dictionary<(int Id, long Started), int?> known = [];

    /// <param name="all">Every process of the machine by id.</param>
    /// <param name="runners">Ids of the leaders of watched executions.</param>
    /// <param name="outputFolders">Leaders by output folder.</param>
    /// <param name="launchers">Ids of the launchers of watched executions, which take in orphans.</param>
    /// <returns>Processes by the id of the leader; those that have ended are left out.</returns>
    public ILookup<int, ProcessFacts> Find(
        Dictionary<int, ProcessFacts> all, IReadOnlySet<int> runners, IReadOnlyDictionary<string, int> outputFolders, IReadOnlySet<int> launchers)
    {
        var found = new Dictionary<(int Id, long Started), int?>(all.Count);
        foreach (var process in all.Values)
        {
            Owner(process, depth: 0);
        }

        known = found;
        return all.Values.Where(p => !p.HasEnded && found[(p.Id, p.StartTicks)] is not null).ToLookup(p => found[(p.Id, p.StartTicks)]!.Value);

        int? Owner(ProcessFacts process, int depth)
        {
            var key = (process.Id, process.StartTicks);
            if (found.TryGetValue(key, out var owner))
            {
                return owner;
            }

            // What belonged to an execution once does so for ever, wherever it went since.
            owner = known.GetValueOrDefault(key) is { } before && runners.Contains(before) ? before
                : runners.Contains(process.Session) ? process.Session
                : process.Parent == FirstProcess || launchers.Contains(process.Parent) ? known.ContainsKey(key) ? null : OwnerByFolder(process.Id)
                : depth < all.Count && all.TryGetValue(process.Parent, out var parent) ? Owner(parent, depth + 1) : null;
            found[key] = owner;
            return owner;
        }

        int? OwnerByFolder(int id) => ProcessFacts.OutputFolderOf(id) is { } folder && outputFolders.TryGetValue(folder, out var runner) ? runner : null;
    }
}
