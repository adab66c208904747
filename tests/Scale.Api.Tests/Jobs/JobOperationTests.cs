using System.Net.Http.Headers;
using System.Text;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Jobs;

/// <summary>Cancel and requeue over HTTP (jobs-and-queue.md §7).</summary>
public sealed class JobOperationTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_cancel_is_accepted_without_a_body_and_says_where_it_stands(Provider provider)
    {
        await using var world = await World.Start(provider);
        var jobs = new[] { await world.Job(JobStatus.Failed), await world.Job(JobStatus.Pending), await world.Job(JobStatus.Completed) };
        var answer = (await world.Api.Post("/v7/jobs/cancel/", new { job_ids = new object[] { jobs[0], $"{jobs[1]}", jobs[2], 4711 }, url = "/jobs" })).Expect(202);
        Assert.Equal("", answer.Text);
        Assert.EndsWith($"/v7/job-operations/{answer.Headers["Operation-Id"]}/", answer.Headers["Location"]);

        var accepted = (await world.Api.Get(answer.Headers["Location"])).Expect(200);
        Assert.Equal("ACCEPTED", accepted["status"].GetString());
        Assert.Equal("cancel", accepted["action"].GetString());
        Assert.Equal("admin", accepted["user"].GetString());
        Assert.Equal($$"""{"job_ids":[4711,{{jobs[2]}},{{jobs[1]}},{{jobs[0]}}]}""", accepted["filters"].GetRawText());
        Assert.Equal(["FAILED", "PENDING", "COMPLETED"], await world.Statuses(jobs));

        await world.Settle();
        Assert.Equal(["CANCELED", "CANCELED", "COMPLETED"], await world.Statuses(jobs));
        var done = (await world.Api.Get("/v6/job-operations/?order=-id")).Expect(200).Results.Single();
        Assert.Equal(("COMPLETED", 2, 1), (done.GetProperty("status").GetString(), done.GetProperty("done").GetInt32(), done.GetProperty("skipped").GetInt32()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, done.GetProperty("error").ValueKind);
    }

    [Theory]
    [InlineData("""{"status":"FAILED"}""", "XPQ")]
    [InlineData("""{"status":["FAILED","PENDING"]}""", "XXQ")]
    [InlineData("""{"status":"NONSENSE"}""", "FPQ")]
    [InlineData("""{}""", "XXX")]
    [InlineData("""{"url":"/jobs","priority":-1}""", "XXX")]
    [InlineData("""{"job_ids":null}""", "XXX")]
    [InlineData("""{"job_ids":[]}""", "FPQ")]
    [InlineData("""{"job_ids":[],"error_categories":[],"status":""}""", "FPQ")]
    [InlineData("""{"job_ids":[],"status":"FAILED"}""", "XPQ")]
    [InlineData("""{"error_categories":"DATA"}""", "XPQ")]
    [InlineData("""{"error_categories":["NONSENSE"]}""", "FPQ")]
    [InlineData("""{"job_type_names":["tiler"]}""", "XXX")]
    [InlineData("""{"job_type_names":"other","status":"FAILED"}""", "FPQ")]
    [InlineData("""{"job_types":[{"name":"tiler","version":"1.0.0"}]}""", "XXX")]
    [InlineData("""{"job_types":{"name":"scaler","version":"2.0.0"}}""", "FPQ")]
    [InlineData("""{"job_types":[{"name":"scaler","version":"2.0.0"}],"job_type_ids":[1]}""", "XXX")]
    [InlineData("""{"is_superseded":true}""", "FPQ")]
    [InlineData("""{"is_superseded":"false"}""", "XXX")]
    [InlineData("""{"started":"2026-03-01T09:00:01Z"}""", "XXX")]
    [InlineData("""{"ended":"2020-03-01T09:00:05Z"}""", "FPQ")]
    [InlineData("""{"started":"2020-03-01T09:00:00Z","ended":"2036-03-01T09:00:00Z"}""", "XXX")]
    [InlineData("""{"batch_ids":[5]}""", "FPQ")]
    [InlineData("""{"recipe_ids":"5"}""", "FPQ")]
    [InlineData("""{"error_ids":[1]}""", "XPQ")]
    public async Task A_cancel_means_what_its_filters_say(string body, string expected)
    {
        await using var world = await World.Start();
        await world.Seed.Run("UPDATE scheduler SET is_paused = TRUE");
        var error = await world.Seed.Error("bad", ErrorCategory.Data);
        var jobs = new[] { await world.Job(JobStatus.Failed, j => j.ErrorId = error.Id), await world.Job(JobStatus.Pending), await world.Job(JobStatus.Queued) };
        (await world.Api.Post("/v6/jobs/cancel/", body)).Expect(202);
        await world.Settle();
        Assert.Equal(expected, string.Concat((await world.Statuses(jobs)).Select(s => s == "CANCELED" ? 'X' : s[0])));
    }

    [Fact]
    public async Task Filters_may_come_in_the_query()
    {
        await using var world = await World.Start();
        var jobs = new[] { await world.Job(JobStatus.Failed), await world.Job(JobStatus.Pending), await world.Job(JobStatus.Pending) };
        (await world.Api.Post($"/v6/jobs/cancel/?job_ids={jobs[0]}&job_ids={jobs[2]}&ended=&status=null", """{"job_ids":[]}""")).Expect(202);
        await world.Settle();
        Assert.Equal(["CANCELED", "PENDING", "CANCELED"], await world.Statuses(jobs));
    }

    [Theory]
    [InlineData("cancel", """{"job_ids":["x"]}""", "job_ids")]
    [InlineData("cancel", """{"job_type_ids":[1.5]}""", "job_type_ids")]
    [InlineData("cancel", """{"batch_ids":[true]}""", "batch_ids")]
    [InlineData("cancel", """{"recipe_ids":[{}]}""", "recipe_ids")]
    [InlineData("requeue", """{"error_ids":["1,2"]}""", "error_ids")]
    [InlineData("requeue", """{"priority":-1}""", "priority")]
    [InlineData("requeue", """{"priority":"high"}""", "priority")]
    [InlineData("requeue", """{"is_superseded":"maybe"}""", "is_superseded")]
    [InlineData("cancel", """{"started":"2026-03-01T09:00:00"}""", "started")]
    [InlineData("cancel", """{"started":"2026-03-01T09:00:00Z","ended":"2026-03-01T09:00:00Z"}""", "started")]
    [InlineData("cancel", """{"started":"2026-03-02T09:00:00Z","ended":"2026-03-01T09:00:00Z"}""", "started")]
    [InlineData("requeue", """{"job_types":[{"name":"tiler"}]}""", "job_types")]
    [InlineData("requeue", """{"job_types":[{"version":"1.0.0"}]}""", "job_types")]
    [InlineData("requeue", """{"job_types":["tiler"]}""", "job_types")]
    [InlineData("requeue", """{"job_types":[{"name":"tiler","version":"1.0.0"},{"name":"tiler","version":"9.9.9"}]}""", "tiler 9.9.9")]
    [InlineData("cancel", """{"status":[5]}""", "status")]
    [InlineData("cancel", """[1]""", "JSON object")]
    public async Task A_bad_filter_is_a_400_that_names_it_and_nothing_happens(string verb, string body, string named)
    {
        await using var world = await World.Start();
        var job = await world.Job(JobStatus.Failed);
        Assert.Contains(named, (await world.Api.Post($"/v6/jobs/{verb}/", body)).Expect(400).Detail, StringComparison.Ordinal);
        await world.Settle();
        Assert.Equal(["FAILED"], await world.Statuses(job));
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("requeue")]
    public async Task Only_json_is_taken_and_only_from_staff(string verb)
    {
        await using var world = await World.Start();
        var form = new StringContent("job_ids=1", Encoding.UTF8, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        (await world.Api.Send(HttpMethod.Post, $"/v6/jobs/{verb}/", form)).Expect(415);
        using var ann = world.Api.CreateClient(await world.Api.AddAccount("ann"));
        (await world.Api.Send(HttpMethod.Post, $"/v6/jobs/{verb}/", "{}", ann)).Expect(403);
        (await world.Api.Get($"/v6/jobs/{verb}/")).Expect(405);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_requeue_without_status_leaves_jobs_alone_that_go_on_by_themselves(Provider provider)
    {
        await using var world = await World.Start(provider);
        var jobs = new[] { await world.Job(JobStatus.Failed), await world.Job(JobStatus.Canceled), await world.Job(JobStatus.Queued), await world.Job(JobStatus.Completed), await world.Job(JobStatus.Pending) };
        var answer = (await world.Api.Post("/v6/jobs/requeue/", new { priority = 3 })).Expect(202);
        await world.Settle();
        Assert.Equal(["RUNNING", "RUNNING", "RUNNING", "COMPLETED", "PENDING"], await world.Statuses(jobs));
        var operation = (await world.Api.Get(answer.Headers["Location"])).Expect(200);
        Assert.Equal((3, 2, 3), (operation["priority"].GetInt32(), operation["done"].GetInt32(), operation["skipped"].GetInt32()));
        Assert.Equal([2, 2, 1], await world.Tries(jobs[..3]));

        (await world.Api.Post("/v6/jobs/requeue/", new { status = "RUNNING", job_ids = new[] { jobs[2] } })).Expect(202);
        await world.Settle();
        Assert.Equal([2, 2, 2], await world.Tries(jobs[..3]));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_dry_run_counts_and_does_nothing(Provider provider)
    {
        await using var world = await World.Start(provider);
        var jobs = new[] { await world.Job(JobStatus.Failed), await world.Job(JobStatus.Queued), await world.Job(JobStatus.Completed) };
        var cancel = (await world.Api.Post("/v6/jobs/cancel/?dry_run=true", "{}")).Expect(200);
        Assert.Equal((2, 1), (cancel["count"].GetInt32(), cancel["skipped"].GetInt32()));
        Assert.Equal(1, (await world.Api.Post("/v6/jobs/requeue/?dry_run=true", "{}")).Expect(200)["count"].GetInt32());
        Assert.Equal(2, (await world.Api.Post("/v6/jobs/requeue/?dry_run=true", new { job_ids = jobs })).Expect(200)["count"].GetInt32());
        Assert.Equal(0, (await world.Api.Post("/v6/jobs/requeue/?dry_run=true", """{"job_ids":[]}""")).Expect(200)["count"].GetInt32());
        await world.Settle();
        Assert.Equal(0, (await world.Api.Get("/v6/job-operations/")).Expect(200)["count"].GetInt32());
        Assert.Equal("FAILED", (await world.Statuses(jobs))[0]);
    }

    [Fact]
    public async Task One_job_is_canceled_and_queued_again_by_verbs_of_its_own()
    {
        await using var world = await World.Start();
        var job = await world.Job(JobStatus.Failed);
        (await world.Api.Post($"/v6/jobs/{job}/cancel/")).Expect(202);
        await world.Settle();
        Assert.Equal(["CANCELED"], await world.Statuses(job));
        Assert.Contains("CANCELED", (await world.Api.Post($"/v6/jobs/{job}/cancel/")).Expect(409).Detail, StringComparison.Ordinal);

        Assert.NotEmpty((await world.Api.Post($"/v6/jobs/{job}/requeue/", new { priority = 7 })).Expect(202).Headers["Operation-Id"]);
        await world.Settle();
        Assert.Equal(["RUNNING"], await world.Statuses(job));
        (await world.Api.Post($"/v6/jobs/{job}/requeue/")).Expect(202);
        await world.Settle();
        Assert.Equal([3], await world.Tries(job));

        (await world.Api.Post($"/v6/jobs/{job}/requeue/", new { priority = -1 })).Expect(400);
        (await world.Api.Post("/v6/jobs/4711/cancel/")).Expect(404);
        (await world.Api.Post("/v6/jobs/4711/requeue/")).Expect(404);
        (await world.Api.Get("/v6/job-operations/4711/")).Expect(404);
        (await world.Api.Post($"/v6/jobs/{await world.Job(JobStatus.Completed)}/requeue/")).Expect(409);
    }

    [Fact]
    public async Task Operations_can_be_listed_in_every_order()
    {
        await using var world = await World.Start();
        (await world.Api.Post("/v6/jobs/cancel/", new { status = "FAILED", started = "2026-03-01T09:00:00Z", error_categories = new[] { "DATA" } })).Expect(202);
        await Orders.TryAll(world.Api, "/v6/job-operations/");
        Assert.Equal(
            """{"started":"2026-03-01T09:00:00Z","status":["FAILED"],"error_categories":["DATA"]}""",
            (await world.Api.Get("/v6/job-operations/")).Results.Single().GetProperty("filters").GetRawText());
    }

    /// <summary>An API, and a leader that comes when it is asked to.</summary>
    private sealed class World(ApiFixture api, JobTypeRow type) : IAsyncDisposable
    {
        public ApiFixture Api => api;

        public Seed Seed { get; } = new(api);

        public static async Task<World> Start(Provider provider = Provider.Sqlite)
        {
            var api = await ApiFixture.Start(provider);
            var seed = new Seed(api);
            var type = await seed.JobType("tiler");
            await seed.JobType("scaler", "2.0.0");
            return new World(api, type);
        }

        /// <summary>A job that was queued once, unless it is pending.</summary>
        public async Task<long> Job(JobStatus status, Action<JobRow>? change = null)
        {
            var job = await Seed.Job(type, status, j =>
            {
                j.NumExes = status == JobStatus.Pending ? 0 : 1;
                j.Input = """{"files":{},"json":{}}""";
                change?.Invoke(j);
            });
            if (status == JobStatus.Queued)
            {
                await using var session = await api.Database.Write();
                var wanted = new QueueClassKey(type.Id, 100, "{}");
                await QueueStore.Insert(session, [new QueueEntry(job.Id, 1, (await QueueStore.UpsertClasses(session, [wanted]))[wanted], 60, Seed.Now)]);
                await session.Commit();
            }

            return job.Id;
        }

        public async Task Settle()
        {
            await using var leader = await JobLeader.Start(api.Database);
            await leader.Settle();
        }

        public async Task<List<string>> Statuses(params long[] jobs)
        {
            var statuses = new List<string>();
            foreach (var job in jobs)
            {
                statuses.Add((await api.Get($"/v6/jobs/{job}/")).Expect(200)["status"].GetString()!);
            }

            return statuses;
        }

        public async Task<List<int>> Tries(params long[] jobs)
        {
            var tries = new List<int>();
            foreach (var job in jobs)
            {
                tries.Add((await api.Get($"/v6/jobs/{job}/")).Expect(200)["num_exes"].GetInt32());
            }

            return tries;
        }

        public ValueTask DisposeAsync() => api.DisposeAsync();
    }
}
