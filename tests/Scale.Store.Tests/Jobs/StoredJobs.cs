using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Jobs;

/// <summary>Rows for tests of jobs and executions, with nothing around them.</summary>
internal static class StoredJobs
{
    public static readonly DateTime Now = new(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    public static async Task<T> Write<T>(this TestDatabase test, Func<Session, Task<T>> work)
    {
        await using var session = await test.Database.Write(isDeferring: true);
        var result = await work(session);
        await session.Commit();
        return result;
    }

    public static Task Write(this TestDatabase test, Func<Session, Task> work) => test.Write(async session =>
    {
        await work(session);
        return 0;
    });

    public static async Task<List<T>> Rows<T>(this TestDatabase test, string sql, Func<System.Data.Common.DbDataReader, T> read)
    {
        await using var session = await test.Database.Read();
        return await session.Query(sql, read);
    }

    public static Task<long> AddJob(this TestDatabase test, JobStatus status, int numExes, bool hasInput = true, bool isSuperseded = false) => test.Write(session => session.Insert("job",
        ("job_type_id", 1L), ("job_type_rev_id", 1L), ("status", (int)status), ("num_exes", numExes), ("max_tries", 3), ("input", hasInput ? "{}" : null), ("is_superseded", isSuperseded),
        ("node_id", status is JobStatus.Running ? 1L : null), ("error_id", status is JobStatus.Failed ? 1L : null), ("created", Now), ("last_modified", Now)));

    public static async Task<JobStatus> StatusOf(this TestDatabase test, long jobId) =>
        (await test.Rows($"SELECT status FROM job WHERE id = {jobId}", r => (JobStatus)r.GetInt16(0))).Single();

    public static Task AddExecution(this TestDatabase test, long id, long jobId, int exeNum = 1) => test.Write(session =>
        ExecutionStore.Insert(session, [new NewExecution(id, jobId, exeNum, 1, $"x{id}", 1, 60, 0, "{}", "{}", Now)], Now));
}
