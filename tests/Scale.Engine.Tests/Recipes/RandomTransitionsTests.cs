using Scale.Engine.Jobs;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Recipes;

/// <summary>Whatever happens to jobs, in whatever order and grouping, what is kept agrees with what is there after every transaction.</summary>
public sealed class RandomTransitionsTests
{
    private const int Steps = 40;

    public static TheoryData<Provider, int> Seeds
    {
        get
        {
            var seeds = new TheoryData<Provider, int>();
            for (var seed = 1; seed <= 6; seed++)
            {
                seeds.Add(Provider.Sqlite, seed);
                seeds.Add(Provider.Postgres, seed);
            }

            return seeds;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Everything_kept_is_exact_after_every_step(Provider provider, int seed)
    {
        var random = new Random(seed);
        await using var world = await RecipeWorld.Create(provider);
        await world.AddJobType("join", Manifest("join", """{"files":[{"name":"LEFT"},{"name":"RIGHT"}]}"""));
        await world.AddRecipeType("inner", Chain());
        var type = await world.AddRecipeType("outer", Definition(SceneInput,
            Node("top", Job("work"), "", "IN=SCENE"),
            Node("left", Job("work"), "top", "IN=top.OUT"),
            Node("right", Job("work"), "top", "IN=top.OUT"),
            Node("join", Job("join"), "left right", "LEFT=left.OUT RIGHT=right.OUT"),
            Node("sub", Recipe("inner"), "left", "SCENE=left.OUT"),
            Node("any", Condition("""{"files":[{"name":"T","required":false}]}""", """{"filters":[{"name":"T","type":"filename","condition":"contains","values":["scene"]}]}"""), "right", "T=right.OUT"),
            Node("yes", Job("work"), "any sub", "IN=any.T"),
            Node("no", Job("work"), "!any", "IN=SCENE")));
        for (var i = 0; i < 4; i++)
        {
            await world.StartRecipe(type);
        }

        for (var step = 0; step < Steps; step++)
        {
            await Step(world, random);
            await world.AssertConsistent();
        }

        // Whatever failed is tried again until all is done: nothing waits for ever.
        while (await world.Count("SELECT count(*) FROM job WHERE status IN (3, 4, 6) AND num_exes > 0") > 0)
        {
            await MoveAll(world, JobStatus.Running, JobStatus.Completed);
            await Requeue(world, await Jobs(world, [(short)JobStatus.Failed, (short)JobStatus.Canceled], 1000));
            await world.RunAll();
        }

        await world.RunAll();
        await world.AssertConsistent();
    }

    private static async Task Step(RecipeWorld world, Random random)
    {
        var (from, to, outputs) = random.Next(8) switch
        {
            0 or 1 or 2 => (JobStatus.Queued, JobStatus.Running, Array.Empty<string>()),
            3 or 4 => (JobStatus.Running, JobStatus.Completed, ["OUT"]),
            5 => (JobStatus.Running, JobStatus.Failed, []),
            6 => (JobStatus.Failed, JobStatus.Queued, []),
            _ => (JobStatus.Queued, JobStatus.Canceled, Array.Empty<string>()),
        };
        var jobs = (await Jobs(world, [(short)from], 20)).OrderBy(_ => random.Next()).Take(random.Next(1, 6)).ToArray();
        if (to == JobStatus.Queued)
        {
            await Requeue(world, jobs);
            return;
        }

        await world.Step(async transaction =>
        {
            await world.Move(transaction, jobs, to, outputs);
            return 0;
        });
    }

    private static async Task MoveAll(RecipeWorld world, JobStatus from, JobStatus to)
    {
        var jobs = await Jobs(world, [(short)from], 1000);
        await world.Step(async transaction =>
        {
            await world.Move(transaction, jobs, to, "OUT");
            return 0;
        });
    }

    private static async Task Requeue(RecipeWorld world, long[] jobs)
    {
        var tries = await world.Read(s => s.Query("SELECT id, num_exes FROM job WHERE id IN @ids AND num_exes > 0", r => (r.GetInt64(0), r.GetInt32(1)), ("ids", jobs)));
        await world.Step(async transaction =>
        {
            var queued = await new PlainTransitions().Queue(transaction, [.. tries.Select(t => new JobToQueue(t.Item1, 1, t.Item2, 0, null, null))]);
            await world.Evaluation.TouchRecipesOf(transaction, queued);
            return 0;
        });
    }

    private static async Task<long[]> Jobs(RecipeWorld world, short[] statuses, int limit) =>
        [.. await world.Read(s => s.Query("SELECT id FROM job WHERE status IN @statuses ORDER BY id LIMIT @limit", r => r.GetInt64(0), ("statuses", statuses), ("limit", limit)))];
}
