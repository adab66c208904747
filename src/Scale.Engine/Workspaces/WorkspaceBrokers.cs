using System.Collections.Concurrent;
using Scale.Engine.Executions;
using Scale.Model.Files;

namespace Scale.Engine.Workspaces;

/// <summary>Thrown for a workspace that this program can't reach by its kind.</summary>
public sealed class WorkspaceUnreachableException(string message) : IOException(message);

/// <summary>Finds the broker of a workspace; one broker per configuration, kept.</summary>
public class WorkspaceBrokers
{
    private readonly ConcurrentDictionary<(string Name, string Configuration), IWorkspaceBroker> brokers = new();

    /// <exception cref="WorkspaceUnreachableException">The workspace is of a kind that needs more than this machine's file system.</exception>
    public virtual IWorkspaceBroker For(string name, string configuration) =>
        brokers.GetOrAdd((name, configuration), key => WorkspaceConfiguration.FromText(key.Configuration).Broker switch
        {
            WorkspaceBroker.Host host => new HostBroker(key.Name, host.HostPath),
            var other => throw new WorkspaceUnreachableException($"workspace {key.Name} is of type {other.Type}; only workspaces of type host can be read and written"),
        });

    public IWorkspaceBroker For(ExecutionWorkspace workspace) => For(workspace.Name, workspace.Configuration);
}
