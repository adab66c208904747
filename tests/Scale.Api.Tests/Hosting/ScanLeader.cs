using Microsoft.Extensions.Logging.Abstractions;
using Scale.Engine.Commands;
using Scale.Engine.Ingest;
using Scale.Engine.Leadership;
using Scale.Engine.Scheduling;
using Scale.Engine.Workspaces;
using Scale.Store.Commands;
using Scale.Store.Databases;
using Scale.Store.Files;
using Scale.Store.JobTypes;

namespace Scale.Api.Tests.Hosting;

/// <summary>As much of a leader as carries out scans.</summary>
public sealed class ScanLeader
{
    private readonly Database database;
    private readonly CommandRunner runner;

    private ScanLeader(Database database, CommandRunner runner)
    {
        this.database = database;
        this.runner = runner;
    }

    /// <summary>Begins with an empty memory, as after a crash.</summary>
    public static async Task<ScanLeader> Start(Database database)
    {
        var workspaces = new WorkspaceCatalog();
        var writer = new EngineWriter(new JobTypeCatalog(), workspaces, new RunningExecutions(), () => throw new InvalidOperationException("Scans touch no recipes themselves."));
        writer.Begin(await LeaderLease.Raise(database, TimeProvider.System, "test", default));
        var brokers = new WorkspaceBrokers();
        var handler = new ScanWorkspace(workspaces, brokers, new IngestFiles(workspaces, brokers, NullLogger<IngestFiles>.Instance), NullLogger<ScanWorkspace>.Instance);
        return new ScanLeader(database, new CommandRunner(writer, [handler], TimeProvider.System, NullLogger<CommandRunner>.Instance));
    }

    /// <returns>Whether there was a slice to run.</returns>
    public async Task<bool> RunSlice()
    {
        var next = await runner.Next(isAnyOpen: true, () => database.Read());
        if (next is not null)
        {
            await runner.RunSlice(next, default);
        }

        return next is not null;
    }

    public async Task RunAll()
    {
        while (await RunSlice())
        {
        }
    }
}
