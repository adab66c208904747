using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Store.Databases;

namespace Scale.Api.V6.Executions;

/// <summary>Executions of a job (jobs-and-queue.md §6).</summary>
internal static class ExecutionEndpoints
{
    public static void MapExecutions(this IEndpointRouteBuilder v6)
    {
        var executions = v6.MapGroup("/jobs/{id:id}/executions").WithTags("Jobs");
        executions.MapGet("/", List).WithName("ListExecutions").WithSummary("Executions of a job, the latest first.")
            .Query(ExecutionFilter.Parameters)
            .Query(Parameter.Paging);
        executions.MapGet("/{number:id}/", Get).WithName("GetExecution").WithSummary("One execution of a job by its number.");
    }

    private static async Task<IResult> List(long id, RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var executions = ExecutionFilter.Apply(context.Executions.Where(e => e.JobId == id), request);
        var ordered = executions.OrderByDescending(e => e.ExeNum).Select(e => e.Id);
        return Answer.Ok(await request.Page(ordered, async ids => await ExecutionAnswers.Read(context, ids, cancel), cancel));
    }

    private static async Task<IResult> Get(long id, long number, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var execution = number > int.MaxValue ? null : await ExecutionAnswers.Find(context, id, (int)number, cancel);
        return Answer.Ok(execution ?? throw ApiProblem.NotFound());
    }
}
