using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Scale.Engine.Commands;
using Scale.Engine.Workspaces;
using Scale.Model.Files;

namespace Scale.Engine.Ingest;

/// <summary>Opens workspaces by their stored configuration.</summary>
public interface IWorkspaceBrokers
{
    /// <param name="name">For messages.</param>
    /// <param name="configuration">Stored document.</param>
    /// <exception cref="NotSupportedException">This server can't reach workspaces of that kind.</exception>
    IWorkspaceBroker Open(string name, string configuration);
}

/// <summary>Workspaces that are folders of this machine.</summary>
public sealed class HostWorkspaceBrokers : IWorkspaceBrokers
{
    public IWorkspaceBroker Open(string name, string configuration) => WorkspaceConfiguration.FromText(configuration).Broker is WorkspaceBroker.Host host
        ? new HostBroker(name, host.HostPath)
        : throw new NotSupportedException($"Workspace {name} is no folder of this machine; others can't be read yet.");
}

public static class IngestServices
{
    /// <summary>Registers scans.</summary>
    public static IServiceCollection AddScaleIngest(this IServiceCollection services)
    {
        services.TryAddSingleton<IWorkspaceBrokers, HostWorkspaceBrokers>();
        services.AddSingleton<IngestFiles>();
        services.AddSingleton<ICommandHandler, ScanWorkspace>();
        return services;
    }
}
