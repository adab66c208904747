using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Scale.Api;
using Scale.Engine;
using Scale.Engine.Clusters.Local;
using Scale.Store.Databases;

namespace Scale.Serve;

/// <summary>A whole server in this process: database, engine and API on one data folder.</summary>
public sealed class ServerHost : IAsyncDisposable
{
    private readonly DataFolder folder;
    private readonly Database database;
    private readonly WebApplication app;

    private ServerHost(DataFolder folder, Database database, WebApplication app)
    {
        this.folder = folder;
        this.database = database;
        this.app = app;
    }

    /// <summary>Where it answers.</summary>
    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Returns when it answers.</summary>
    /// <param name="listen">As <c>http://127.0.0.1:8000</c>; port 0 takes a free one.</param>
    /// <param name="logLevel">From which level on the log goes to standard error.</param>
    /// <exception cref="StartException">Folder, database or address can't be used.</exception>
    public static async Task<ServerHost> Start(EngineOptions options, string listen, LogLevel logLevel, CancellationToken cancel)
    {
        var folder = DataFolder.Hold(options.DataFolder);
        Database? database = null;
        WebApplication? app = null;
        try
        {
            database = await Open(options);
            app = Build(options, database, listen, logLevel);
            await app.StartAsync(cancel);
            return new ServerHost(folder, database, app);
        }
        catch (Exception e)
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            if (database is not null)
            {
                await database.DisposeAsync();
            }

            folder.Dispose();
            throw e switch
            {
                IOException => new StartException($"The server can't listen on {listen}: {e.Message}"),
                RuntimeMissingException => new StartException(e.Message),
                _ => e,
            };
        }
    }

    /// <summary>Returns when <paramref name="cancel"/> asks for the end.</summary>
    public Task UntilEnd(CancellationToken cancel)
    {
        var end = new TaskCompletionSource();
        cancel.Register(end.SetResult);
        return end.Task;
    }

    /// <summary>Stops answering and leading. Executions go on; the next start adopts them.</summary>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        await database.DisposeAsync();
        folder.Dispose();
    }

    /// <exception cref="StartException">It can't be opened.</exception>
    public static async Task<Database> Open(EngineOptions options)
    {
        try
        {
            return options.PostgresConnection is { } connection
                ? await Database.OpenPostgres(connection, TimeProvider.System)
                : await Database.OpenSqlite(options.DatabasePath, TimeProvider.System);
        }
        catch (System.Data.Common.DbException e)
        {
            throw new StartException(options.PostgresConnection is null
                ? $"The database {options.DatabasePath} can't be opened: {e.Message}"
                : $"The database that --database names can't be used: {e.Message}");
        }
    }

    private static WebApplication Build(EngineOptions options, Database database, string listen, LogLevel logLevel)
    {
        // No file and no variable of the surroundings changes how it runs; the command line says it all (and SCALE_CONTAINER_* which engine there is).
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = options.DataFolder });
        builder.WebHost.UseKestrelCore().UseUrls(listen);
        builder.Logging.SetMinimumLevel(logLevel);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(database);
        builder.Services.AddScaleEngine(options);
        builder.Services.AddScaleApi(new ApiOptions { AdminTokenPath = options.AdminTokenPath });
        var app = builder.Build();
        app.MapScaleApi();
        return app;
    }
}
