using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Executions;

/// <summary>Executions of all jobs: routed in Scale v6, but of no use there (jobs-and-queue.md §6, §15).</summary>
internal static class AllExecutionEndpoints
{
    private const string Addition = "Addition to Scale v6.";

    private static readonly Ordering<JobExeRow> Order = new Ordering<JobExeRow>(e => e.Id, "-id")
        .By("status", e => e.Status)
        .By("exe_num", e => e.ExeNum)
        .By("cluster_id", e => e.ClusterId)
        .By("job", e => e.JobId)
        .By("job_type", e => e.JobType.Name)
        .By("job_type.name", e => e.JobType.Name)
        .By("job_type.version", e => e.JobType.VersionOrder)
        .By("node", e => e.Node!.Hostname, nullable: true)
        .By("node.hostname", e => e.Node!.Hostname, nullable: true)
        .By("error", e => e.Error!.Name, nullable: true)
        .By("error.name", e => e.Error!.Name, nullable: true)
        .By("timeout", e => e.Timeout)
        .By("input_file_size", e => e.InputFileSize)
        .By("created", e => e.Created)
        .By("queued", e => e.Queued)
        .By("started", e => e.Started)
        .By("ended", e => e.Ended);

    public static void MapAllExecutions(this IEndpointRouteBuilder v6)
    {
        var executions = v6.MapGroup("/job-executions").WithTags("Jobs");
        executions.MapGet("/", List).WithName("ListAllExecutions").WithSummary("Addition: executions of all jobs, the latest first.").WithDescription(Addition)
            .Query(
                Parameter.Time("started", "Made, which is started on a node or canceled before, at or after."), Parameter.Time("ended", "Made at or before."),
                Parameter.Integer("job_id", "Job.", repeatable: true), Parameter.Integer("job_type_id", "Job type.", repeatable: true),
                Parameter.Text("job_type_name", "Any version of the job type.", repeatable: true))
            .Query(ExecutionFilter.Parameters).Query(Parameter.Order(Order.Names)).Query(Parameter.Paging);
        executions.MapGet("/{id:id}/", Get).WithName("GetExecutionById").WithSummary("Addition: one execution by its id, which logs have, too.").WithDescription(Addition);
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var executions = ExecutionFilter.Apply(context.Executions, request)
            .Within(request.Range(), e => e.Created)
            .WhereAny(request.Longs("job_id"), e => e.JobId)
            .WhereAny(request.Longs("job_type_id"), e => e.JobTypeId);
        var names = request.Texts("job_type_name");
        if (names.Count > 0)
        {
            var types = context.JobTypes.WhereAny(names, t => t.Name).Select(t => t.Id);
            executions = executions.Where(e => types.Contains(e.JobTypeId));
        }

        var ordered = Order.Apply(executions, request).Select(e => e.Id);
        return Answer.Ok(await request.Page(ordered, async ids => await ExecutionAnswers.Read(context, ids, cancel), cancel));
    }

    private static async Task<IResult> Get(long id, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var key = await context.Executions.Where(e => e.Id == id).Select(e => new { e.JobId, e.ExeNum }).FirstOrDefaultAsync(cancel) ?? throw ApiProblem.NotFound();
        return Answer.Ok(await ExecutionAnswers.Find(context, key.JobId, key.ExeNum, cancel) ?? throw ApiProblem.NotFound());
    }
}
