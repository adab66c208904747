using System.Diagnostics;
using Scale.Engine.Jobs;
using Scale.Engine.Tests.Leadership;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Jobs;

/// <summary>Figures, not checks: <c>-explicit only -class Scale.Engine.Tests.Jobs.JobCancelSpeed</c>.</summary>
public sealed class JobCancelSpeed(ITestOutputHelper output)
{
    private const int Count = 200_000;

    [Theory(Explicit = true)]
    [InlineData(Provider.Sqlite, false)]
    [InlineData(Provider.Postgres, false)]
    [InlineData(Provider.Sqlite, true)]
    [InlineData(Provider.Postgres, true)]
    public async Task Cancel_of_200000_queued_jobs(Provider provider, bool isInRecipes)
    {
        await using var world = await EngineWorld.Create(provider);
        await Queue(world, isInRecipes);
        await world.Restart();
        var operation = new JobOperation(JobAction.Cancel, new JobSelection { Statuses = [JobStatus.Queued] }, Count, null, null);
        await world.Write(session => operation.Append(session, world.Clock.Now));

        var (watch, processor, longest) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime, TimeSpan.Zero);
        var isWorking = true;
        while (isWorking)
        {
            var before = watch.Elapsed;
            isWorking = await world.Leader.Step(CancellationToken.None);
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, (watch.Elapsed - before).Ticks));
        }

        output.WriteLine($"{provider}{(isInRecipes ? ", each in a recipe" : "")}: {Count} jobs canceled in {watch.Elapsed.TotalSeconds:F1} s, {(Environment.CpuUsage.TotalTime - processor).TotalSeconds:F1} s of this process's "
            + $"processor time, longest step {longest.TotalMilliseconds:F0} ms");
        Assert.Equal(Count, await world.Value<int>("SELECT count(*) FROM job WHERE status = 6"));
        Assert.Equal(Count, await world.Value<int>("SELECT count(*) FROM job_exe WHERE status = 6"));
        Assert.Equal(0, await world.Value<int>("SELECT count(*) FROM queue"));
        await world.AssertSound();
    }

    /// <summary>Queued jobs of a paused scheduler, put there without the engine.</summary>
    private static async Task Queue(EngineWorld world, bool isInRecipes)
    {
        var type = await world.AddJobType("work");
        var recipeType = await world.AddRecipeType("single", Definitions.Definition(Definitions.SceneInput, Definitions.Node("a", Definitions.Job("work"), "", "IN=SCENE")));
        await world.Write(async session =>
        {
            await session.Execute("UPDATE scheduler SET is_paused = TRUE");
            var wanted = new QueueClassKey(type, 100, """{"cpus":0.25,"mem":128}""");
            var queueClass = (await QueueStore.UpsertClasses(session, [wanted]))[wanted];
            var now = world.Clock.Now;
            var ids = await session.AllocateIds("job", Count);
            await session.BulkInsert("job", new Rows("j",
                ("id", ids), ("job_type_id", ids.Column(_ => type)), ("job_type_rev_id", ids.Column(_ => 1L)), ("status", ids.Column(_ => (short)JobStatus.Queued)), ("num_exes", ids.Column(_ => 1)),
                ("max_tries", ids.Column(_ => 3)), ("recipe_id", ids.Column(id => isInRecipes ? id : (long?)null)), ("recipe_node", ids.Column(_ => isInRecipes ? "a" : null)),
                ("input", ids.Column(_ => """{"files":{"IN":[1]},"json":{}}""")), ("input_file_size", ids.Column(_ => 1.0)), ("created", ids.Column(_ => now)), ("queued", ids.Column(_ => now)),
                ("last_status_change", ids.Column(_ => now)), ("last_modified", ids.Column(_ => now))));
            await QueueStore.Insert(session, ids.Column(id => new QueueEntry(id, 1, queueClass, 60, now)));
            if (isInRecipes)
            {
                await session.BulkInsert("recipe", new Rows("r",
                    ("id", ids), ("recipe_type_id", ids.Column(_ => recipeType.TypeId)), ("recipe_type_rev_id", ids.Column(_ => recipeType.RevisionId)), ("root_recipe_id", ids), ("top_recipe_id", ids),
                    ("family_id", ids), ("input", ids.Column(_ => """{"files":{"SCENE":[1]},"json":{}}""")), ("input_file_size", ids.Column(_ => 1.0)), ("jobs_total", ids.Column(_ => 1)),
                    ("jobs_queued", ids.Column(_ => 1)), ("node_states", ids.Column(_ => "Q")), ("created", ids.Column(_ => now)), ("last_modified", ids.Column(_ => now))));
                await session.BulkInsert("recipe_node", new Rows("n", ("recipe_id", ids), ("node_name", ids.Column(_ => "a")), ("job_id", ids)));
            }

            return 0;
        });
        if (world.Database.Provider == Provider.Postgres)
        {
            await using var connection = await world.Database.PostgresSource!.OpenConnectionAsync();
            await using var analyze = connection.CreateCommand();
            analyze.CommandText = "ANALYZE";
            await analyze.ExecuteNonQueryAsync();
        }
    }
}
