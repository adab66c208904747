using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.Jobs;
using Scale.Model.Errors;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Executions;

/// <summary>Filters that all lists of executions have (jobs-and-queue.md §6).</summary>
internal static class ExecutionFilter
{
    public static readonly Parameter[] Parameters =
    [
        Parameter.Text("status", "RUNNING, FAILED, COMPLETED or CANCELED.", repeatable: true), Parameter.Integer("node_id", "Node it ran on.", repeatable: true),
        Parameter.Integer("error_id", "Error it ended with.", repeatable: true), Parameter.Text("error_category", "SYSTEM, ALGORITHM or DATA.", repeatable: true),
    ];

    public static IQueryable<JobExeRow> Apply(IQueryable<JobExeRow> executions, RequestParameters request)
    {
        executions = executions.WhereAny(request.Longs("node_id"), e => e.NodeId).WhereAny(request.Longs("error_id"), e => e.ErrorId);
        var statuses = request.Texts("status");
        if (statuses.Count > 0)
        {
            var known = StatusNames.ExecutionStatuses(statuses);
            executions = executions.Where(e => known.Contains(e.Status));
        }

        var categories = request.Texts("error_category");
        if (categories.Count > 0)
        {
            var known = categories.Select(ErrorCategories.FromName).OfType<ErrorCategory>().ToList();
            executions = executions.Where(e => e.ErrorId != null && known.Contains(e.Error!.Category));
        }

        return executions;
    }
}
