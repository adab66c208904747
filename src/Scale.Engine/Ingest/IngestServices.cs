using Microsoft.Extensions.DependencyInjection;
using Scale.Engine.Commands;

namespace Scale.Engine.Ingest;

public static class IngestServices
{
    /// <summary>Registers scans; needs <see cref="Workspaces.WorkspaceBrokers"/> besides.</summary>
    public static IServiceCollection AddScaleIngest(this IServiceCollection services)
    {
        services.AddSingleton<IngestFiles>();
        services.AddSingleton<ICommandHandler, ScanWorkspace>();
        return services;
    }
}
