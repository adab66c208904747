using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Jobs;

/// <summary>Why jobs wait (jobs-and-queue.md §15.1).</summary>
public sealed class WaitingReasonTests
{
    private const string Small = """{"cpus":1,"mem":128}""";

    [Theory]
    [InlineData("UPDATE scheduler SET is_paused = TRUE", "SCHEDULER_PAUSED", "scheduler is paused")]
    [InlineData("UPDATE job_type SET is_paused = TRUE", "JOB_TYPE_PAUSED", "job type is paused")]
    [InlineData("UPDATE node SET is_active = FALSE", "NO_NODES", "no active node")]
    [InlineData("UPDATE node SET is_present = FALSE", "NO_NODES", "no active node")]
    [InlineData("UPDATE node SET is_paused = TRUE", "NODES_PAUSED", "paused")]
    [InlineData("UPDATE queue_class SET resources = '{\"cpus\":8,\"gpus\":1,\"mem\":128}'", "RESOURCES_UNMET", "cpus, gpus")]
    [InlineData("UPDATE job_type SET max_scheduled = 1", "LIMIT_REACHED", "1 times")]
    [InlineData("UPDATE queue SET class_id = -class_id", "BATCH_PAUSED", "batch is paused")]
    [InlineData("UPDATE job_type SET max_scheduled = 2", "NODES_BUSY", "next")]
    public async Task What_keeps_a_queued_job_from_starting_is_named_for_it_and_counted_for_its_type(string change, string reason, string described)
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var type = await Prepare(seed);
        await seed.Execution(await seed.Job(type, JobStatus.Running, j => j.NumExes = 1), 1, ExecutionStatus.Running);
        var job = await Queue(api, seed, type);
        await seed.Run(change);

        var waiting = (await api.Get($"/v6/jobs/{job}/")).Expect(200)["waiting_reason"];
        Assert.Equal(reason, waiting.GetProperty("reason").GetString());
        Assert.Contains(described, waiting.GetProperty("description").GetString(), StringComparison.Ordinal);
        var counted = (await api.Get("/v6/queue/status/")).Expect(200).Results.Single().GetProperty("waiting_reasons");
        Assert.Equal($$"""{"{{(reason == "NODES_BUSY" ? "WAITS_FOR_ROOM" : reason)}}":1}""", counted.GetRawText());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_behind_others_says_how_many(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var (type, paused) = (await Prepare(seed), await seed.JobType("paused", change: t => t.IsPaused = true));
        await Queue(api, seed, type, priority: 10);
        await Queue(api, seed, paused, priority: 10);
        var first = await Queue(api, seed, type);
        await Queue(api, seed, type);
        var third = await Queue(api, seed, type);
        await Queue(api, seed, type, priority: 200);

        Assert.Equal((1, 2), await Ahead(api, third));
        Assert.Equal((1, 0), await Ahead(api, first));
        await seed.Run("UPDATE scheduler SET queue_mode = 'LIFO'");
        Assert.Equal((1, 0), await Ahead(api, third));
        Assert.Equal((1, 2), await Ahead(api, first));
    }

    [Fact]
    public async Task A_job_queued_again_waits_for_the_end_of_its_former_execution()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var job = await Queue(api, seed, await Prepare(seed));
        await seed.Add(new JobExeRow { JobId = job, ExeNum = 0, JobTypeId = 1, ClusterId = "x", Status = ExecutionStatus.Running, Timeout = 1, InputFileSize = 0, Resources = "{}", Configuration = "{}", Queued = seed.Now, Created = seed.Now, LastModified = seed.Now });
        Assert.Equal("FORMER_EXECUTION_ENDING", await Reason(api, job));
    }

    [Theory]
    [InlineData(JobStatus.Running, "null")]
    [InlineData(JobStatus.Completed, "null")]
    [InlineData(JobStatus.Canceled, "null")]
    [InlineData(JobStatus.Pending, "NOT_STARTED")]
    [InlineData(JobStatus.Blocked, "BLOCKED")]
    [InlineData(JobStatus.Queued, "STARTING")]
    public async Task Jobs_outside_of_recipes_and_queue_have_plain_reasons(JobStatus status, string reason)
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        Assert.Equal(reason, await Reason(api, (await seed.Job(await Prepare(seed), status)).Id));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Jobs_of_a_recipe_name_the_nodes_they_wait_for_and_those_that_block_them(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var type = await Prepare(seed);
        var recipe = await seed.Recipe(await seed.RecipeType("chain", Chain));
        var a = await Node(seed, recipe, type, "a", JobStatus.Failed);
        var b = await Node(seed, recipe, type, "b", JobStatus.Blocked);
        var c = await Node(seed, recipe, type, "c", JobStatus.Blocked);

        var blocked = (await api.Get($"/v6/jobs/{c}/")).Expect(200)["waiting_reason"];
        Assert.Equal("BLOCKED", blocked.GetProperty("reason").GetString());
        Assert.Equal($$"""[{"node":"a","job_id":{{a}},"status":"FAILED"}]""", blocked.GetProperty("waits_for").GetRawText());
        await seed.Run("UPDATE job SET status = 3 WHERE id = @id", ("id", a));
        await seed.Run("UPDATE job SET status = 0 WHERE id IN (@b, @c)", ("b", b), ("c", c));
        var waiting = (await api.Get($"/v6/jobs/{c}/")).Expect(200)["waiting_reason"];
        Assert.Equal("PARENTS", waiting.GetProperty("reason").GetString());
        Assert.Equal($"It waits for b (job {b}, PENDING).", waiting.GetProperty("description").GetString());
        await seed.Run("UPDATE job SET status = 5 WHERE id = @id", ("id", a));
        Assert.Equal("EVALUATION", await Reason(api, b));
    }

    private const string Chain =
        """
        {"version":"7","input":{"files":[],"json":[]},"nodes":{
        "a":{"dependencies":[],"input":{},"node_type":{"node_type":"job","job_type_name":"tiler","job_type_version":"1.0.0","job_type_revision":1}},
        "b":{"dependencies":[{"name":"a"}],"input":{},"node_type":{"node_type":"job","job_type_name":"tiler","job_type_version":"1.0.0","job_type_revision":1}},
        "c":{"dependencies":[{"name":"b"}],"input":{},"node_type":{"node_type":"job","job_type_name":"tiler","job_type_version":"1.0.0","job_type_revision":1}}}}
        """;

    /// <summary>A job type, and a node that has room for four of its jobs.</summary>
    private static async Task<JobTypeRow> Prepare(Seed seed)
    {
        var node = await seed.Node("n4");
        await seed.Run("UPDATE node SET resources = '{\"cpus\":4,\"mem\":4096}' WHERE id = @id", ("id", node.Id));
        return await seed.JobType("tiler");
    }

    private static async Task<long> Queue(ApiFixture api, Seed seed, JobTypeRow type, int priority = 100)
    {
        var job = await seed.Job(type, JobStatus.Queued, j => j.NumExes = 1);
        await using var session = await api.Database.Write();
        var wanted = new QueueClassKey(type.Id, priority, Small);
        await QueueStore.Insert(session, [new QueueEntry(job.Id, 1, (await QueueStore.UpsertClasses(session, [wanted]))[wanted], 60, seed.Now)]);
        await session.Commit();
        return job.Id;
    }

    private static async Task<long> Node(Seed seed, RecipeRow recipe, JobTypeRow type, string name, JobStatus status)
    {
        var job = await seed.Job(type, status, j => (j.RecipeId, j.RecipeNode) = (recipe.Id, name));
        await seed.Add(new RecipeNodeRow { RecipeId = recipe.Id, NodeName = name, JobId = job.Id });
        return job.Id;
    }

    private static async Task<string> Reason(ApiFixture api, long job)
    {
        var reason = (await api.Get($"/v6/jobs/{job}/")).Expect(200)["waiting_reason"];
        return reason.ValueKind == JsonValueKind.Null ? "null" : reason.GetProperty("reason").GetString()!;
    }

    private static async Task<(int HigherPriority, int Earlier)> Ahead(ApiFixture api, long job)
    {
        var reason = (await api.Get($"/v6/jobs/{job}/")).Expect(200)["waiting_reason"];
        Assert.Equal("BEHIND_OTHERS", reason.GetProperty("reason").GetString());
        return (reason.GetProperty("jobs_of_higher_priority").GetInt32(), reason.GetProperty("jobs_queued_earlier").GetInt32());
    }
}
