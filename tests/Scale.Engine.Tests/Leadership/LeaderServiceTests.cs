using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Leadership;

/// <summary>The loop around the leader, on the real clock; every wait is for a command to be carried out.</summary>
public sealed class LeaderServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_command_wakes_the_leader(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var process = await Process.Start(test, provider);
        await process.Command();
        await process.Done.Task.WaitAsync(Patience);
        Assert.True(process.Service.IsLeading);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Another_process_takes_over_when_the_leader_stops(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var first = await Process.Start(test, provider);
        await first.Command();
        await first.Done.Task.WaitAsync(Patience);

        await using var second = await Process.Start(test, provider);
        Assert.False(second.Service.IsLeading);
        await first.DisposeAsync();
        await second.Command();
        await second.Done.Task.WaitAsync(Patience);
        Assert.True(second.Service.IsLeading);
    }

    [Fact]
    public async Task A_leader_that_failed_starts_again_from_the_database()
    {
        await using var test = await TestDatabase.Create(Provider.Sqlite);
        await Process.Append(test.Database);
        var failures = 1;
        test.Database.BeforeStatement = () =>
        {
            if (Interlocked.Decrement(ref failures) >= 0)
            {
                throw new InvalidOperationException("the disk is gone");
            }
        };
        await using var process = await Process.Start(test, Provider.Sqlite);
        await process.Done.Task.WaitAsync(Patience);
        Assert.True(failures < 0);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(20, 20)]
    [InlineData(900, 50)]
    public void The_longer_a_small_step_took_the_longer_is_collected_for_the_next(int step, int collect) =>
        Assert.Equal(TimeSpan.FromMilliseconds(collect), LeaderService.CollectTimeAfter(TimeSpan.FromMilliseconds(step)));

    [Theory]
    [InlineData(0, int.MaxValue, int.MaxValue)]
    [InlineData(1, 1, 1)]
    [InlineData(8, 4, 8)]
    [InlineData(20, 10, 16)]
    [InlineData(201, 101, 101)]
    public void Collecting_ends_when_what_runs_has_ended_or_half_of_it(int running, int sqlite, int postgres) =>
        Assert.Equal((sqlite, postgres), (LeaderService.EnoughReports(running, Provider.Sqlite), LeaderService.EnoughReports(running, Provider.Postgres)));

    [Fact]
    public void Everything_the_engine_needs_is_registered()
    {
        var services = new ServiceCollection().AddScaleEngine(OptionsOf(Path.GetTempPath(), null));
        services.AddSingleton<Database>(_ => throw new NotSupportedException());
        services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }).Dispose();
    }

    private static EngineOptions OptionsOf(string folder, string? postgres) => new() { DataFolder = folder, PostgresConnection = postgres, Cluster = ClusterKind.Simulated };

    /// <summary>One server on the test's database.</summary>
    private sealed class Process : ICommandHandler, IAsyncDisposable
    {
        private readonly ServiceProvider services;
        private readonly Database database;
        private bool isStopped;

        private Process(TestDatabase test, Provider provider)
        {
            database = test.Database;
            var folder = provider == Provider.Sqlite ? Path.GetDirectoryName(test.Connection)! : Path.GetTempPath();
            var collection = new ServiceCollection().AddSingleton(test.Database).AddSingleton<ICommandHandler>(this);
            services = collection.AddScaleEngine(OptionsOf(folder, provider == Provider.Postgres ? test.Connection : null)).BuildServiceProvider();
        }

        public string Kind => "test";

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LeaderService Service => services.GetRequiredService<LeaderService>();

        public static async Task<Process> Start(TestDatabase test, Provider provider)
        {
            var process = new Process(test, provider);
            foreach (var hosted in process.services.GetServices<IHostedService>())
            {
                await hosted.StartAsync(CancellationToken.None);
            }

            return process;
        }

        public async Task Command()
        {
            await Append(database);
            services.GetRequiredService<EngineSignal>().Wake();
        }

        public static async Task Append(Database database)
        {
            await using var session = await database.Write();
            await CommandLog.Append(session, "test", [], Time.Now(TimeProvider.System));
            await session.Commit();
        }

        public Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
        {
            transaction.AfterCommit(() => Done.TrySetResult());
            return Task.FromResult(CommandSlice.Done);
        }

        public async ValueTask DisposeAsync()
        {
            if (!isStopped)
            {
                isStopped = true;
                foreach (var hosted in services.GetServices<IHostedService>())
                {
                    await hosted.StopAsync(CancellationToken.None);
                }

                await services.DisposeAsync();
            }
        }
    }
}
