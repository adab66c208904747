using Scale.Model.Jobs;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Store.Tests.Jobs;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Batches;

public sealed class BatchControlsTests
{
    private const long Batch = 7;
    private const long Other = 8;

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Open_jobs_are_found_recipe_by_recipe_in_windows_and_full_lists_go_on_where_they_ended(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await AddRecipe(test, 1, Batch, (11, Batch, JobStatus.Queued), (12, Batch, JobStatus.Completed));
        await AddRecipe(test, 2, Other, (21, Other, JobStatus.Queued));
        await AddRecipe(test, 3, Batch, (31, Batch, JobStatus.Pending), (32, Batch, JobStatus.Blocked), (33, Batch, JobStatus.Running));
        await AddRecipe(test, 4, Batch, (41, Batch, JobStatus.Failed), (42, Batch, JobStatus.Canceled));
        await AddRecipe(test, 5, Batch, (51, Batch, JobStatus.Queued), (21, Other, JobStatus.Queued));

        Assert.Equal("11, 31 next 3", await Open(test, 0, window: 2, limit: 2));
        await test.Write(session => session.Execute("UPDATE job SET status = 6 WHERE id IN (11, 31)"));
        Assert.Equal("32, 33 next 3", await Open(test, 3, window: 2, limit: 2));
        await test.Write(session => session.Execute("UPDATE job SET status = 6 WHERE id IN (32, 33)"));
        Assert.Equal("next 5", await Open(test, 3, window: 2, limit: 2));
        Assert.Equal("51 next 6", await Open(test, 5, window: 2, limit: 2));
        Assert.Equal("next none", await Open(test, 6, window: 2, limit: 2));
    }

    private static async Task<string> Open(TestDatabase test, long from, int window, int limit)
    {
        var (jobs, next) = await test.Write(session => BatchControls.OpenJobs(session, Batch, from, window, limit));
        return $"{string.Join(", ", jobs)} next {next?.ToString() ?? "none"}".Trim();
    }

    private static Task AddRecipe(TestDatabase test, long id, long batchId, params (long Id, long BatchId, JobStatus Status)[] jobs) => test.Write(async session =>
    {
        await session.Insert("recipe",
            ("id", id), ("recipe_type_id", 1L), ("recipe_type_rev_id", 1L), ("batch_id", batchId), ("root_recipe_id", id), ("top_recipe_id", id), ("family_id", id),
            ("created", StoredJobs.Now), ("last_modified", StoredJobs.Now));
        foreach (var job in jobs)
        {
            await session.Execute("INSERT INTO recipe_node (recipe_id, node_name, job_id) VALUES (@recipe, @node, @job)", ("recipe", id), ("node", $"n{job.Id}"), ("job", job.Id));
            await session.Execute(
                """
                INSERT INTO job (id, job_type_id, job_type_rev_id, status, max_tries, batch_id, created, last_modified) VALUES (@id, 1, 1, @status, 3, @batch, @now, @now)
                ON CONFLICT DO NOTHING
                """,
                ("id", job.Id), ("status", job.Status), ("batch", job.BatchId), ("now", StoredJobs.Now));
        }
    });
}
