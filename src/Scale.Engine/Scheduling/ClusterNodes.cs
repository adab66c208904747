using Scale.Engine.Clusters;
using Scale.Model.Scheduling;
using Scale.Store.Databases;
using Scale.Store.Scheduling;

namespace Scale.Engine.Scheduling;

/// <summary>A node as the scheduler uses it.</summary>
/// <param name="IsPresent">The cluster has it now.</param>
/// <param name="IsActive">The administrator wants it used.</param>
public sealed record ClusterNodeState(long Id, string Hostname, Resources Total, bool IsPresent, bool IsActive, bool IsPaused);

/// <summary>The rows of nodes beside what the cluster discovers. Parsed resources are kept; flags are read every time.</summary>
public sealed class ClusterNodes(ICluster cluster)
{
    private readonly Dictionary<string, Resources> parsed = [];
    private IReadOnlyList<ClusterNode> stored = [];

    /// <summary>Forgets what is thought to be stored.</summary>
    public void Reset() => stored = [];

    /// <summary>Asks the cluster; null when it has what is stored already.</summary>
    public async Task<IReadOnlyList<ClusterNode>?> Discover(CancellationToken cancel)
    {
        var found = await cluster.Discover(cancel);
        return found.SequenceEqual(stored) ? null : found;
    }

    public async Task Store(Session session, IReadOnlyList<ClusterNode> nodes, DateTime now)
    {
        await NodeStore.Discovered(session, cluster.Name, [.. nodes.Select(n => (n.Hostname, n.Resources.ToText()))], now);
        stored = nodes;
    }

    public IReadOnlyList<ClusterNodeState> StatesOf(List<StoredNode> nodes) =>
        nodes.ConvertAll(n => new ClusterNodeState(n.Id, n.Hostname, ResourcesOf(n.Resources), n.IsPresent, n.IsActive, n.IsPaused));

    private Resources ResourcesOf(string text) => parsed.TryGetValue(text, out var known) ? known : parsed[text] = Resources.FromText(text);
}
