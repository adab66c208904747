using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Scale.Engine.Clusters;
using Scale.Engine.Clusters.Simulated;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Engine.Tests.Leadership;
using Scale.Engine.Tests.Recipes;
using Scale.Engine.Workspaces;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Simulation;

/// <summary>Figures, not checks: <c>-explicit only -class Scale.Engine.Tests.Simulation.EngineSpeed</c>.</summary>
public sealed class EngineSpeed(ITestOutputHelper output)
{
    [Theory(Explicit = true)]
    [InlineData(Provider.Postgres, 5_000)]
    [InlineData(Provider.Sqlite, 5_000)]
    public async Task Jobs_per_second_of_recipes_of_three_jobs(Provider provider, int recipes)
    {
        var clock = new VirtualClock();
        await using var test = await TestDatabase.Create(provider, clock);
        var collection = new ServiceCollection().AddSingleton<TimeProvider>(clock).AddSingleton(test.Database).AddSingleton<WorkspaceBrokers, MemoryBrokers>();
        collection.AddScaleLeader().AddScaleRecipes();
        collection.AddSingleton(p => new SimulatedCluster(p.GetRequiredService<WorkspaceBrokers>(), p.GetRequiredService<ReportInbox>(), clock, nodeCount: 100));
        collection.AddSingleton<ICluster>(p => p.GetRequiredService<SimulatedCluster>());
        await using var services = collection.BuildServiceProvider();
        await Seed(test.Database, recipes);

        var leader = services.GetRequiredService<Leader>();
        var cluster = services.GetRequiredService<SimulatedCluster>();
        await leader.Start(await LeaderLease.Raise(test.Database, clock, "speed", CancellationToken.None), CancellationToken.None);
        var statements = 0;
        test.Database.BeforeStatement = () => statements++;
        var watch = Stopwatch.StartNew();
        var cpu = Environment.CpuUsage.TotalTime;
        var stepping = TimeSpan.Zero;
        var isWorking = true;
        while (isWorking)
        {
            var before = watch.Elapsed;
            isWorking = await leader.Step(CancellationToken.None);
            stepping += watch.Elapsed - before;
            clock.Advance(TimeSpan.FromMilliseconds(10));
            await cluster.RunDue(1, CancellationToken.None);
            isWorking |= cluster.Live.Count > 0 || services.GetRequiredService<ReportInbox>().Peek(1).Count > 0;
        }

        await using var session = await test.Database.Read();
        var completed = await session.QueryFirst("SELECT count(*) FROM job WHERE status = 5", r => r.GetInt64(0));
        output.WriteLine($"{provider}: {completed} jobs in {watch.Elapsed.TotalSeconds:F1} s ({stepping.TotalSeconds:F1} s in the leader), {completed / stepping.TotalSeconds:F0} jobs/s, {statements} statements, "
            + $"{(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:F1} s of this process's processor time");
        Assert.Equal([], await session.Query("SELECT DISTINCT e.name FROM job_exe x JOIN error e ON e.id = x.error_id", r => r.GetString(0)));
        Assert.Equal(recipes * 3, completed);
    }

    private static async Task Seed(Database database, int recipes)
    {
        var world = new EngineWorld(database, new VirtualClock(), new ScriptedCluster(), [], () => ValueTask.CompletedTask);
        await world.AddWorkspace(EngineWorld.ProductWorkspace);
        await world.AddJobType("work");
        var definition = Definitions.Chain();
        await world.Write(async session =>
        {
            var type = await session.Insert("recipe_type", ("name", "chain"), ("title", "chain"), ("definition", definition), ("revision_id", 1L), ("revision_num", 1), ("created", 0L), ("last_modified", 0L));
            var revision = await session.Insert("recipe_type_revision", ("recipe_type_id", type), ("revision_num", 1), ("definition", definition), ("created", 0L));
            var files = await session.AllocateIds("file", recipes);
            T[] Column<T>(T value) => [.. Enumerable.Repeat(value, recipes)];
            await session.BulkInsert("file", new Rows("v",
                ("id", files), ("file_name", Column("scene.tif")), ("workspace_id", Column(1L)), ("file_path", Column("scene.tif")), ("file_type", Column((short)0)),
                ("media_type", Column("image/tiff")), ("file_size", Column(1_000_000L)), ("uuid", files.Select(f => $"u{f}").ToArray()), ("created", Column(0L)), ("last_modified", Column(0L))));
            for (var i = 0; i < recipes; i++)
            {
                await RecipeCreation.Create(session, RecipeRequest.ByUser(type, revision, EngineWorld.Files("SCENE", files[i]), "{}", null), world.Clock.Now);
            }

            return 0;
        });
    }

    /// <summary>Every workspace in memory, with the one scene in it.</summary>
    private sealed class MemoryBrokers : WorkspaceBrokers
    {
        private readonly Dictionary<string, MemoryBroker> brokers = [];

        public override IWorkspaceBroker For(string name, string configuration)
        {
            if (!brokers.TryGetValue(name, out var broker))
            {
                brokers[name] = broker = new MemoryBroker(name);
                _ = broker.Put(new WorkspaceContent.InMemory(new byte[1_000_000]), "scene.tif");
            }

            return broker;
        }
    }
}
