using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Access;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Engine.Leadership;
using Scale.Model.Documents;
using Scale.Model.Files;
using Scale.Store.Databases;

namespace Scale.Api.V6.Workspaces;

/// <summary>Workspaces: where files are (storage-and-ingest.md §1).</summary>
internal static class WorkspaceEndpoints
{
    private const int MaxTitle = 50;
    private const int MaxDescription = 500;
    private const int MaxUrl = 1000;

    private static readonly ColumnOrdering Order = new ColumnOrdering("id", "name")
        .Text("name", "name").Text("title", "title").Text("description", "description", nullable: true).Text("base_url", "base_url", nullable: true)
        .By("is_active", "is_active").By("created", "created").By("deprecated", "deprecated", nullable: true).By("last_modified", "last_modified");

    private static readonly Parameter[] Editable =
    [
        Parameter.Text("description", "At most 500 characters."),
        Parameter.Text("base_url", "Prefix of the URLs of its files."),
        Parameter.Boolean("is_active", "False keeps files from being read and written."),
    ];

    public static void MapWorkspaces(this IEndpointRouteBuilder v6)
    {
        var workspaces = v6.MapGroup("/workspaces").WithTags("Workspaces");
        workspaces.MapGet("/", List).WithName("ListWorkspaces").WithSummary("Workspaces.").Query(Parameter.Paging).Query(Parameter.Range)
            .Query(Parameter.Text("name", "Exact name; any of several.", repeatable: true), Parameter.Order(Order.Names));
        workspaces.MapPost("/", Create).WithName("CreateWorkspace").WithSummary("Creates a workspace; its name is made from the title.")
            .Fields([Parameter.Text("title", "At most 50 characters.", required: true), Parameter.Object("configuration", "Broker: host, nfs or s3.", required: true), .. Editable]);
        workspaces.MapPost("/validation/", Validate).WithName("ValidateWorkspace").WithSummary("Says what is wrong with a configuration; saves nothing.").Fields(
            Parameter.Text("title", "At most 50 characters.", required: true),
            Parameter.Object("configuration", "Broker: host, nfs or s3.", required: true),
            Parameter.Text("name", "Existing workspace to compare with."));
        workspaces.MapGet("/{id:id}/", Details).WithName("GetWorkspace").WithSummary("One workspace with its configuration.");
        workspaces.MapPatch("/{id:id}/", Edit).WithName("EditWorkspace").WithSummary("Changes what is given.")
            .Fields([Parameter.Text("title", "At most 50 characters."), Parameter.Object("configuration", "Replaces the stored one; masked secrets are kept."), .. Editable]);
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        var range = request.Range();
        await using var session = await database.Read(cancel);
        return Answer.Ok(await new RowList<WorkspaceAnswer>(WorkspaceAnswer.Columns, "workspace", WorkspaceAnswer.Read)
            .Where("last_modified", range)
            .Where("name IN @names", "names", request.Texts("name").ToArray())
            .Page(session, request, Order, w => w));
    }

    private static async Task<IResult> Details(long id, Caller caller, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await WorkspaceDetails.Find(session, id, masked: !caller.SeesSecrets) ?? throw ApiProblem.NotFound());
    }

    private static async Task<IResult> Create(RequestParameters request, Database database, EngineSignal engine, CancellationToken cancel)
    {
        var title = RequiredTitle(request);
        var description = request.OptionalText("description", MaxDescription);
        var baseUrl = request.OptionalText("base_url", MaxUrl);
        var isActive = request.OptionalBool("is_active") ?? true;
        var configuration = Read(request.RequiredObject("configuration"));

        await using var session = await database.Write(cancel);
        var name = await Names.FromTitle(session, "workspace", title);
        var id = await session.Insert(
            "workspace",
            ("name", name), ("title", title), ("description", description), ("base_url", baseUrl), ("is_active", isActive), ("configuration", configuration.ToText()),
            ("created", request.Now), ("deprecated", isActive ? null : Time.ToMicroseconds(request.Now)), ("last_modified", request.Now));
        await session.Commit();
        engine.Wake();

        await using var reader = await database.Read(cancel);
        return Answer.Created(request.Link($"workspaces/{id}/"), (await WorkspaceDetails.Find(reader, id, masked: true))!);
    }

    private static async Task<IResult> Edit(long id, RequestParameters request, Database database, EngineSignal engine, CancellationToken cancel)
    {
        var title = request.OptionalText("title", MaxTitle);
        var description = request.OptionalText("description", MaxDescription);
        var baseUrl = request.OptionalText("base_url", MaxUrl);
        var isActive = request.OptionalBool("is_active");
        var asked = request.OptionalObject("configuration") is { } json && json.EnumerateObject().Any() ? Read(json) : null;

        await using var session = await database.Write(cancel);
        var stored = await session.QueryFirst("SELECT configuration FROM workspace WHERE id = @id", r => r.GetString(0), ("id", id)) ?? throw ApiProblem.NotFound();
        var configuration = asked?.KeepSecretsOf(WorkspaceConfiguration.FromText(stored)).ToText();
        await session.Execute(
            """
            UPDATE workspace SET title = coalesce(@title, title), description = coalesce(@description, description), base_url = coalesce(@base_url, base_url),
                configuration = coalesce(@configuration, configuration),
                deprecated = CASE WHEN is_active = coalesce(@is_active, is_active) THEN deprecated WHEN is_active THEN @now ELSE NULL END,
                is_active = coalesce(@is_active, is_active), last_modified = @now
            WHERE id = @id
            """,
            ("title", title is "" ? null : title), ("description", description), ("base_url", baseUrl), ("configuration", configuration), ("is_active", isActive), ("now", request.Now), ("id", id));
        await session.Commit();
        engine.Wake();
        return Answer.NoContent();
    }

    private static async Task<IResult> Validate(RequestParameters request, Database database, CancellationToken cancel)
    {
        RequiredTitle(request);
        var name = request.OptionalText("name");
        var parsed = WorkspaceConfiguration.Parse(request.RequiredObject("configuration"));
        if (parsed.Document is not { } configuration)
        {
            return Answer.Validation([.. parsed.Errors.Take(1)], []);
        }

        await using var session = await database.Read(cancel);
        var stored = name is null ? null : await session.QueryFirst("SELECT configuration FROM workspace WHERE name = @name", r => r.GetString(0), ("name", name));
        var former = stored is null ? null : WorkspaceConfiguration.FromText(stored).Broker.Type;
        return former is null || former == configuration.Broker.Type
            ? Answer.Validation([], parsed.Warnings)
            : Answer.Validation([], [.. parsed.Warnings, new Problem("broker_type", "/broker/type", $"workspace {name} is of type {former} now; its files would have to be moved")]);
    }

    private static string RequiredTitle(RequestParameters request) =>
        request.RequiredText("title", MaxTitle) is { Length: > 0 } title ? title : throw RequestParameters.Bad("title", "must not be empty");

    private static WorkspaceConfiguration Read(JsonElement json)
    {
        var parsed = WorkspaceConfiguration.Parse(json);
        return parsed.Document ?? throw ApiProblem.BadDocument("Invalid workspace configuration", parsed.Errors);
    }
}
