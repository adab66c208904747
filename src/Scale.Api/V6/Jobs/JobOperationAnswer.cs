using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Api.Answers;
using Scale.Engine.Jobs;
using Scale.Model.Errors;
using Scale.Store.Commands;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Jobs;

/// <param name="Filters">Only those that were given.</param>
/// <param name="Done">Jobs that moved so far.</param>
/// <param name="Skipped">Jobs that were meant but could not move.</param>
public sealed record JobOperationAnswer(
    long Id, string Action, string Status, string? User, JsonObject Filters, int? Priority, long Done, long Skipped, string? Error, DateTime Created, DateTime LastModified, DateTime? Finished)
{
    /// <summary>More ids than this are not shown, only counted.</summary>
    private const int MostIds = 100;

    internal const string Columns = "id, arguments, progress, state, created, last_modified, finished";

    internal static readonly ColumnOrdering Order = new ColumnOrdering("id", "-created").By("created", "created").By("last_modified", "last_modified").By("finished", "finished", nullable: true);

    internal static JobOperationAnswer Read(DbDataReader r)
    {
        using var arguments = JsonDocument.Parse(r.GetString(1));
        using var json = JsonDocument.Parse(r.GetString(2));
        var operation = JobOperation.Read(arguments.RootElement);
        var progress = JobOperationProgress.Read(json.RootElement, 0);
        var (state, isBegun) = ((CommandState)r.GetInt16(3), progress.Below is not null);
        return new JobOperationAnswer(
            r.GetInt64(0),
            operation.ActionName,
            state switch
            {
                CommandState.Done => "COMPLETED",
                CommandState.Failed => "FAILED",
                _ => isBegun ? "RUNNING" : "ACCEPTED",
            },
            operation.User,
            FiltersOf(operation.Selection),
            operation.Priority,
            progress.Done,
            progress.Skipped,
            state == CommandState.Failed ? "The server gave up after several attempts; the reason is in its log." : null,
            r.Moment(4), r.Moment(5), r.MomentOrNull(6));
    }

    /// <summary>As the request named them.</summary>
    private static JsonObject FiltersOf(JobSelection selection)
    {
        var filters = JobOperation.SelectionToJson(selection with { Started = null, Ended = null, Statuses = [], ErrorCategories = [], JobIds = [.. selection.JobIds.Take(MostIds)] });
        if (selection.JobIds.Count > MostIds)
        {
            filters["job_ids_count"] = selection.JobIds.Count;
        }

        if (selection.Started is { } started)
        {
            filters["started"] = AnswerJson.Time(started);
        }

        if (selection.Ended is { } ended)
        {
            filters["ended"] = AnswerJson.Time(ended);
        }

        if (selection.Statuses.Count > 0)
        {
            filters["status"] = new JsonArray([.. selection.Statuses.Select(s => JsonValue.Create(s.NameOf()))]);
        }

        if (selection.ErrorCategories.Count > 0)
        {
            filters["error_categories"] = new JsonArray([.. selection.ErrorCategories.Select(c => JsonValue.Create(c.NameOf()))]);
        }

        return filters;
    }
}
