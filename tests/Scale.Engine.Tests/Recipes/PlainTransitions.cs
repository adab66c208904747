using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.Recipes;

namespace Scale.Engine.Tests.Recipes;

/// <summary>Moves rows as the contract of <see cref="IJobTransitions"/> says, without a scheduler behind it.</summary>
internal sealed class PlainTransitions : IJobTransitions
{
    private const long AnyClass = 1;

    public async Task<IReadOnlyList<long>> Queue(EngineTransaction transaction, IReadOnlyList<JobToQueue> jobs)
    {
        var session = transaction.Session;
        await RecipeJobWrites.SetInputs(session, [.. jobs.Select(j => j.NewInput).OfType<JobInput>()], transaction.Now);
        var queued = await session.Query(
            """
            UPDATE job SET status = 2, num_exes = job.num_exes + 1, queued = @now, last_status_change = @now, last_modified = @now
            FROM {v} WHERE job.id = v.id AND job.num_exes = v.num_exes AND job.status IN (0, 1, 4, 6) AND job.is_superseded = FALSE AND job.input IS NOT NULL
            RETURNING job.id, job.num_exes
            """,
            Rows(jobs.Where(j => !j.IsInserted).ToList()),
            r => (Id: r.GetInt64(0), NumExes: r.GetInt32(1)),
            ("now", transaction.Now));
        queued.AddRange(jobs.Where(j => j.IsInserted).Select(j => (j.JobId, j.NumExes + 1)));
        await session.BulkInsert("queue", new Rows("q",
            ("job_id", queued.Column(q => q.Id)),
            ("exe_num", queued.Column(q => q.NumExes)),
            ("class_id", queued.Column(_ => AnyClass)),
            ("timeout", queued.Column(_ => 60)),
            ("queued", queued.Column(_ => transaction.Now))));
        return queued.ConvertAll(q => q.Id);
    }

    private static Rows Rows(List<JobToQueue> jobs) => new("v", ("id", jobs.Column(j => j.JobId)), ("num_exes", jobs.Column(j => j.NumExes)));

    public async Task CancelEvaluated(EngineTransaction transaction, IReadOnlyCollection<long> jobIds)
    {
        var canceled = await transaction.Session.Query(
            "UPDATE job SET status = 6, last_status_change = @now, last_modified = @now WHERE id IN @ids AND status NOT IN (5, 6) RETURNING id",
            r => r.GetInt64(0),
            ("ids", jobIds.ToArray()), ("now", transaction.Now));
        await transaction.Session.Execute("DELETE FROM queue WHERE job_id IN @ids", ("ids", canceled.ToArray()));
        await transaction.Session.Execute("UPDATE job_exe SET status = 6, is_settled = TRUE, ended = @now WHERE job_id IN @ids AND is_settled = FALSE", ("ids", canceled.ToArray()), ("now", transaction.Now));
    }
}
