using Scale.Engine.Executions;
using Scale.Engine.Jobs;
using Scale.Engine.Tests.Leadership;
using Scale.Engine.Tests.Recipes;
using Scale.Engine.Tests.Simulation;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Jobs;

/// <summary>Cancels and requeues of many jobs (jobs-and-queue.md §13.5, §13.6, §13.11).</summary>
public sealed class JobOperationTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_cancel_walks_down_the_ids_slice_by_slice_and_counts_what_it_did(Provider provider)
    {
        await using var world = await World(provider, sliceSize: 2);
        var jobs = await Jobs(world, 5);
        await Set(world, JobStatus.Completed, jobs[1]);
        await Set(world, JobStatus.Canceled, jobs[3]);
        var operation = await Ask(world, JobAction.Cancel, new JobSelection());

        await world.Leader.Step(CancellationToken.None);
        Assert.Equal([JobStatus.Pending, JobStatus.Completed, JobStatus.Pending, JobStatus.Canceled, JobStatus.Canceled], await Statuses(world, jobs));
        Assert.False(await IsDone(world, operation));
        await world.Settle();
        Assert.Equal([JobStatus.Canceled, JobStatus.Completed, JobStatus.Canceled, JobStatus.Canceled, JobStatus.Canceled], await Statuses(world, jobs));
        Assert.Equal((3, 2), await Progress(world, operation));
        Assert.True(await IsDone(world, operation));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Jobs_made_after_the_request_are_not_hit(Provider provider)
    {
        await using var world = await World(provider);
        var early = (await Jobs(world, 1))[0];
        await Ask(world, JobAction.Cancel, new JobSelection());
        var late = (await Jobs(world, 1))[0];
        await world.Settle();
        Assert.Equal([JobStatus.Canceled, JobStatus.Pending], await Statuses(world, [early, late]));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_that_changes_meanwhile_is_judged_by_its_new_state(Provider provider)
    {
        await using var world = await World(provider, sliceSize: 1);
        var jobs = await Jobs(world, 3);
        var operation = await Ask(world, JobAction.Cancel, new JobSelection { Statuses = [JobStatus.Pending] });
        await world.Leader.Step(CancellationToken.None);
        await Set(world, JobStatus.Failed, jobs[1]);
        await world.Settle();
        Assert.Equal([JobStatus.Canceled, JobStatus.Failed, JobStatus.Canceled], await Statuses(world, jobs));
        Assert.Equal((2, 0), await Progress(world, operation));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_filter_means_its_jobs_and_no_others(Provider provider)
    {
        await using var world = await World(provider);
        var (first, other) = (await world.AddJobType("first", Manifests.NoInput("first")), await world.AddJobType("other", Manifests.NoInput("other")));
        var (a, b) = (await world.AddJob(first), await world.AddJob(other));
        var error = await world.Write(s => s.Insert("error",
            ("name", "own"), ("category", (int)ErrorCategory.Data), ("is_builtin", true), ("should_be_retried", false), ("created", 0L), ("last_modified", 0L)));
        var now = world.Clock.Now;
        await world.Write(s => s.Execute("UPDATE job SET status = 4, batch_id = 7, recipe_id = 8, error_id = @error, is_superseded = TRUE, last_modified = @later WHERE id = @id",
            ("error", error), ("later", now.AddHours(1)), ("id", a)));

        JobSelection[] meanA =
        [
            new() { JobIds = [a] }, new() { Statuses = [JobStatus.Failed] }, new() { JobTypeIds = [first] }, new() { JobTypeNames = ["first"] }, new() { BatchIds = [7] },
            new() { RecipeIds = [8] }, new() { ErrorIds = [error] }, new() { ErrorCategories = [ErrorCategory.Data] }, new() { IsSuperseded = true },
            new() { Started = now.AddMinutes(1) }, new() { Started = now, Ended = now.AddHours(2), JobIds = [4711, a] },
        ];
        foreach (var selection in meanA)
        {
            Assert.Equal([a], await Meant(world, selection));
        }

        JobSelection[] meanB = [new() { JobIds = [b] }, new() { Ended = now.AddMinutes(1) }, new() { IsSuperseded = false }, new() { JobTypeNames = ["other"], JobTypeIds = [other] }];
        foreach (var selection in meanB)
        {
            Assert.Equal([b], await Meant(world, selection));
        }

        JobSelection[] meanNone = [new() { JobIds = [4711] }, new() { JobIds = [a], JobTypeIds = [other] }, new() { IsNothing = true, JobIds = [a] }];
        foreach (var selection in meanNone)
        {
            Assert.Empty(await Meant(world, selection));
        }

        Assert.Equal([b, a], await Meant(world, new JobSelection()));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Few_jobs_among_many_that_ended_are_found(Provider provider)
    {
        await using var world = await World(provider, sliceSize: 1);
        var jobs = await Jobs(world, 30);
        await Set(world, JobStatus.Completed, [.. jobs.Where((_, i) => i is not (3 or 17))]);
        var operation = await Ask(world, JobAction.Cancel, new JobSelection());
        await world.Settle();
        Assert.Equal([JobStatus.Canceled, JobStatus.Canceled], await Statuses(world, [jobs[3], jobs[17]]));
        Assert.Equal((2, 28), await Progress(world, operation));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_requeue_takes_failed_and_canceled_jobs_and_others_only_when_they_are_named(Provider provider)
    {
        await using var world = await World(provider);
        await world.Write(s => s.Execute("UPDATE scheduler SET is_paused = TRUE"));
        var jobs = await Jobs(world, 6);
        await world.Queue(jobs[0], jobs[1]);
        await Set(world, JobStatus.Failed, jobs[2]);
        await world.Write(s => s.Execute("UPDATE job SET status = 6, num_exes = 1 WHERE id = @id", ("id", jobs[3])));
        await Set(world, JobStatus.Completed, jobs[4]);

        var all = await Ask(world, JobAction.Requeue, new JobSelection(), priority: 5);
        await world.Settle();
        Assert.Equal([1, 1, 2, 2, 1, 0], await Tries(world, jobs));
        Assert.Equal((2, 4), await Progress(world, all));
        Assert.Equal([5, 5], await world.Values("SELECT c.priority FROM queue q JOIN queue_class c ON c.id = q.class_id WHERE q.exe_num = 2", r => r.GetInt32(0)));

        await Ask(world, JobAction.Requeue, new JobSelection { JobIds = [jobs[0]] });
        await world.Settle();
        Assert.Equal([2, 1, 2, 2, 1, 0], await Tries(world, jobs));
        await Ask(world, JobAction.Requeue, new JobSelection { Statuses = [JobStatus.Queued] });
        await world.Settle();
        Assert.Equal([3, 2, 3, 3, 1, 0], await Tries(world, jobs));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Children_are_blocked_by_a_cancel_and_go_on_at_once_with_the_requeue(Provider provider)
    {
        await using var world = await World(provider);
        await world.AddJobType("work");
        var recipe = await world.AddRecipe(await world.AddRecipeType("chain", Definitions.Chain()));
        await world.Settle();
        var (a, b, c) = (await world.JobAt(recipe, "a"), await world.JobAt(recipe, "b"), await world.JobAt(recipe, "c"));
        await world.End(a, ExecutionOutcome.Failed, "algorithm-unknown");
        Assert.Equal([JobStatus.Failed, JobStatus.Blocked, JobStatus.Blocked], await Statuses(world, [a, b, c]));

        await Ask(world, JobAction.Cancel, new JobSelection { JobIds = [a] });
        await world.Settle();
        Assert.Equal([JobStatus.Canceled, JobStatus.Blocked, JobStatus.Blocked], await Statuses(world, [a, b, c]));
        await Ask(world, JobAction.Requeue, new JobSelection { JobIds = [a] });
        await world.Settle();
        Assert.Equal([JobStatus.Running, JobStatus.Pending, JobStatus.Pending], await Statuses(world, [a, b, c]));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Canceled_jobs_of_a_recipe_that_never_ran_wait_for_their_parents_again(Provider provider)
    {
        await using var world = await World(provider);
        await world.AddJobType("work");
        var recipe = await world.AddRecipe(await world.AddRecipeType("chain", Definitions.Chain()));
        await world.Settle();
        var (a, b) = (await world.JobAt(recipe, "a"), await world.JobAt(recipe, "b"));
        await Ask(world, JobAction.Cancel, new JobSelection { JobIds = [b] });
        await world.Settle();
        await world.End(a, ExecutionOutcome.Completed);
        Assert.Equal(JobStatus.Canceled, await world.Status(b));

        await Ask(world, JobAction.Requeue, new JobSelection { JobIds = [b] });
        await world.Settle();
        Assert.Equal(JobStatus.Running, await world.Status(b));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Requests_are_carried_out_in_the_order_they_came_in(Provider provider)
    {
        await using var world = await World(provider, sliceSize: 1);
        var jobs = await Jobs(world, 4);
        await Ask(world, JobAction.Cancel, new JobSelection());
        await Ask(world, JobAction.Requeue, new JobSelection());
        await world.Settle();
        Assert.Equal([1, 1, 1, 1], await Tries(world, jobs));
        Assert.All(await Statuses(world, jobs), s => Assert.Equal(JobStatus.Running, s));
    }

    [Fact]
    public async Task Jobs_of_system_job_types_are_not_queued_again()
    {
        await using var world = await World(Provider.Sqlite);
        var jobs = await Jobs(world, 2);
        await world.Write(s => s.Execute("UPDATE job_type SET is_system = TRUE"));
        await Set(world, JobStatus.Failed, jobs[0]);
        await Set(world, JobStatus.Canceled, jobs[1]);
        var operation = await Ask(world, JobAction.Requeue, new JobSelection());
        await world.Settle();
        Assert.Equal([JobStatus.Failed, JobStatus.Pending], await Statuses(world, jobs));
        Assert.Equal((1, 1), await Progress(world, operation));
        Assert.Equal(0, await world.Value<int>("SELECT count(*) FROM queue"));
    }

    [Theory]
    [InlineData(Provider.Sqlite, JobAction.Cancel)]
    [InlineData(Provider.Sqlite, JobAction.Requeue)]
    [InlineData(Provider.Postgres, JobAction.Cancel)]
    [InlineData(Provider.Postgres, JobAction.Requeue)]
    public async Task A_crash_between_any_two_statements_changes_nothing_of_the_result(Provider provider, JobAction action)
    {
        var isCrashed = true;
        for (var statements = 0; isCrashed; statements += provider == Provider.Sqlite ? 1 : 5)
        {
            await using var world = await World(provider, sliceSize: 2);
            await world.Write(s => s.Execute("UPDATE scheduler SET is_paused = TRUE"));
            var jobs = await Jobs(world, 5);
            await world.Queue(jobs[0], jobs[1], jobs[2]);
            await world.Write(s => s.Execute("UPDATE job SET status = 4, num_exes = 1, max_tries = 1 WHERE id = @id", ("id", jobs[3])));
            var operation = await Ask(world, action, new JobSelection { JobIds = [.. jobs.OrderDescending()] });

            isCrashed = await SettleOverCrash(world, statements);
            Assert.Equal(action == JobAction.Cancel ? (5, 0) : (4, 1), await Progress(world, operation));
            Assert.Equal(action == JobAction.Cancel ? [1, 1, 1, 1, 0] : [2, 2, 2, 2, 0], await Tries(world, jobs));
            await world.AssertSound();
        }
    }

    /// <summary>On PostgreSQL by several transactions, of which the later ones may be lost alone.</summary>
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_crash_while_whole_recipes_are_canceled_changes_nothing_of_the_result(Provider provider)
    {
        var isCrashed = true;
        for (var statements = 0; isCrashed; statements += provider == Provider.Sqlite ? 5 : 9)
        {
            await using var world = await World(provider, sliceSize: 6);
            await world.Write(s => s.Execute("UPDATE scheduler SET is_paused = TRUE"));
            var recipes = await Recipes(world, 5);
            var operation = await Ask(world, JobAction.Cancel, new JobSelection { Statuses = [JobStatus.Pending, JobStatus.Queued, JobStatus.Blocked] });

            isCrashed = await SettleOverCrash(world, statements);
            Assert.Equal((15, 0), await Progress(world, operation));
            Assert.Equal(recipes.Select(_ => "XXX"), await world.Values("SELECT node_states FROM recipe WHERE id IN @ids", r => r.GetString(0), ("ids", recipes)));
            await world.AssertSound();
        }
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Running_jobs_of_every_part_are_killed(Provider provider)
    {
        await using var world = await World(provider, sliceSize: 2);
        var jobs = await Jobs(world, 8);
        await world.Queue(jobs);
        await world.Settle();
        Assert.All(await Statuses(world, jobs), status => Assert.Equal(JobStatus.Running, status));
        var operation = await Ask(world, JobAction.Cancel, new JobSelection { JobIds = [.. jobs.OrderDescending()] });
        await world.Settle();
        Assert.Equal((8, 0), await Progress(world, operation));
        Assert.Equal(0, await world.Value<int>("SELECT count(*) FROM job_exe WHERE is_settled = FALSE"));
        await world.AssertSound();
    }

    /// <summary>Crashes after so many statements, and settles with a new process.</summary>
    /// <returns>False when there were fewer.</returns>
    private static async Task<bool> SettleOverCrash(EngineWorld world, int statements)
    {
        var faults = new Faults();
        faults.CrashAfter(statements);
        world.Database.BeforeStatement = faults.BeforeStatement;
        try
        {
            await world.Settle();
        }
        catch (SimulatedCrash)
        {
        }

        var isCrashed = faults.IsCrashed;
        faults.Clear();
        await world.Restart();
        await world.Settle();
        return isCrashed;
    }

    private static async Task<long[]> Recipes(EngineWorld world, int count)
    {
        await world.AddJobType("work");
        var type = await world.AddRecipeType("chain", Definitions.Chain());
        var recipes = new long[count];
        for (var i = 0; i < count; i++)
        {
            recipes[i] = await world.AddRecipe(type);
        }

        await world.Settle();
        return recipes;
    }

    private static async Task<EngineWorld> World(Provider provider, int sliceSize = 500)
    {
        var world = await EngineWorld.Create(provider);
        world.OperationLimits = new JobOperationLimits(sliceSize, LargestWindow: 8 * sliceSize);
        await world.Restart();
        return world;
    }

    private static async Task<long[]> Jobs(EngineWorld world, int count)
    {
        var type = await world.Value<long?>("SELECT id FROM job_type WHERE name = 'work'") ?? await world.AddJobType("work", Manifests.NoInput("work"));
        var jobs = new long[count];
        for (var i = 0; i < count; i++)
        {
            jobs[i] = await world.AddJob(type);
        }

        return jobs;
    }

    private static Task<long> Ask(EngineWorld world, JobAction action, JobSelection selection, int? priority = null) => world.Write(async session =>
        await new JobOperation(action, selection, await JobSelectionStore.LastId(session), priority, "ann").Append(session, world.Clock.Now));

    /// <summary>Ended jobs ran once; canceled ones never did.</summary>
    private static Task Set(EngineWorld world, JobStatus status, params long[] jobs) => world.Write(s => s.Execute(
        "UPDATE job SET status = @status, num_exes = @exes WHERE id IN @ids", ("status", (int)status), ("exes", status == JobStatus.Canceled ? 0 : 1), ("ids", jobs)));

    private static async Task<List<JobStatus>> Statuses(EngineWorld world, IEnumerable<long> jobs)
    {
        var statuses = new List<JobStatus>();
        foreach (var job in jobs)
        {
            statuses.Add(await world.Status(job));
        }

        return statuses;
    }

    private static Task<List<int>> Tries(EngineWorld world, long[] jobs) => world.Values("SELECT num_exes FROM job WHERE id IN @ids ORDER BY id", r => r.GetInt32(0), ("ids", jobs));

    private static async Task<bool> IsDone(EngineWorld world, long operation) => await world.Value<int>("SELECT state FROM command WHERE id = @id", ("id", operation)) == 1;

    private static async Task<(long Done, long Skipped)> Progress(EngineWorld world, long operation)
    {
        var progress = JobOperationProgress.Read(System.Text.Json.JsonElement.Parse((await world.Value<string>("SELECT progress FROM command WHERE id = @id", ("id", operation)))!), 0);
        return (progress.Done, progress.Skipped);
    }

    private static async Task<List<long>> Meant(EngineWorld world, JobSelection selection)
    {
        var slice = await world.Read(s => JobSelectionStore.Next(s, JobAction.Cancel, selection, long.MaxValue, world.Clock.Now, 100, 100));
        var (movable, skipped) = await world.Read(s => JobSelectionStore.Count(s, JobAction.Cancel, selection, world.Clock.Now));
        Assert.Equal((slice.Jobs.Count, slice.Skipped), (movable, skipped));
        return [.. slice.Jobs.Select(j => j.JobId)];
    }
}
