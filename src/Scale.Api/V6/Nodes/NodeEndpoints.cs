using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Engine.Leadership;
using Scale.Store.Databases;

namespace Scale.Api.V6.Nodes;

/// <summary>Nodes and their pauses (scheduler-and-system.md §3).</summary>
internal static class NodeEndpoints
{
    private const int MaxText = 250;

    private static readonly ColumnOrdering Order = new ColumnOrdering("id", "last_modified")
        .Text("hostname", "hostname").Text("host_name", "hostname").Text("pause_reason", "pause_reason", nullable: true)
        .By("is_paused", "is_paused").By("is_active", "is_active").By("deprecated", "deprecated", nullable: true).By("created", "created").By("last_modified", "last_modified");

    public static void MapNodes(this IEndpointRouteBuilder v6)
    {
        var nodes = v6.MapGroup("/nodes").WithTags("Nodes");
        nodes.MapGet("/", List).WithName("ListNodes").WithSummary("Nodes that were ever seen.")
            .Query(Parameter.Paging).Query(Parameter.Range)
            .Query(Parameter.Boolean("is_active", "Only active or only deprecated nodes."), Parameter.Order(Order.Names));
        nodes.MapGet("/{id:id}/", Details).WithName("GetNode").WithSummary("One node.");
        nodes.MapPatch("/{id:id}/", Edit).WithName("EditNode").WithSummary("Pauses, resumes or deprecates a node.")
            .Fields(Parameter.Boolean("is_paused", "No new executions start; running ones finish."), Parameter.Text("pause_reason", "Shown with a paused node; null clears it."), Parameter.Boolean("is_active", "False deprecates the node."));
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        var range = request.Range();
        // An older document says include_inactive; only its false restricts.
        var isActive = request.OptionalBool("is_active") ?? (request.OptionalBool("include_inactive") == false ? true : null);
        var list = new RowList<NodeAnswer>(NodeAnswer.Columns, "node", NodeAnswer.Read)
            .Where("last_modified", range)
            .Where("is_active = @is_active", "is_active", isActive);
        await using var session = await database.Read(cancel);
        return Answer.Ok(await list.Page(session, request, Order, n => n));
    }

    private static async Task<IResult> Details(long id, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await session.QueryFirst($"SELECT {NodeAnswer.Columns} FROM node WHERE id = @id", NodeAnswer.Read, ("id", id)) ?? throw ApiProblem.NotFound());
    }

    private static async Task<IResult> Edit(long id, RequestParameters request, Database database, EngineSignal engine, CancellationToken cancel)
    {
        request.AllowOnly("is_paused", "pause_reason", "is_active");
        if (!request.Body.EnumerateObject().Any())
        {
            throw ApiProblem.BadRequest("No fields to change: give is_paused, pause_reason or is_active.");
        }

        var isPaused = Flag(request, "is_paused");
        var isActive = Flag(request, "is_active");
        var clearsReason = isPaused == false || request.IsNull("pause_reason");
        var reason = request.OptionalText("pause_reason", MaxText);

        await using var session = await database.Write(cancel);
        var found = await session.Execute(
            """
            UPDATE node SET
                is_paused = coalesce(@is_paused, is_paused),
                pause_reason = CASE WHEN @clears THEN NULL ELSE coalesce(@reason, pause_reason) END,
                deprecated = CASE WHEN is_active = coalesce(@is_active, is_active) THEN deprecated WHEN is_active THEN @now ELSE NULL END,
                is_active = coalesce(@is_active, is_active),
                last_modified = @now
            WHERE id = @id
            """,
            ("is_paused", isPaused), ("clears", clearsReason), ("reason", reason), ("is_active", isActive), ("now", request.Now), ("id", id));
        if (found == 0)
        {
            throw ApiProblem.NotFound();
        }

        await session.Commit();
        engine.Wake();
        return Answer.NoContent();
    }

    /// <summary>A flag that may be left out but not be null.</summary>
    private static bool? Flag(RequestParameters request, string name) =>
        request.IsNull(name) ? throw RequestParameters.Bad(name, "must be a boolean: true or false") : request.OptionalBool(name);
}

public sealed record NodeAnswer(long Id, string Hostname, string? PauseReason, bool IsPaused, bool IsActive, DateTime? Deprecated, DateTime Created, DateTime LastModified)
{
    internal const string Columns = "id, hostname, pause_reason, is_paused, is_active, deprecated, created, last_modified";

    internal static NodeAnswer Read(DbDataReader r) =>
        new(r.GetInt64(0), r.GetString(1), r.Text(2), r.GetBoolean(3), r.GetBoolean(4), r.MomentOrNull(5), r.Moment(6), r.Moment(7));
}
