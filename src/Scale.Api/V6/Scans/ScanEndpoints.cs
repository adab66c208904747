using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Engine.Ingest;
using Scale.Engine.Leadership;
using Scale.Model.Documents;
using Scale.Model.Files;
using Scale.Store.Databases;
using Scale.Store.Ingest;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Scans;

/// <summary>Scans of workspaces for files to ingest (storage-and-ingest.md §6).</summary>
internal static class ScanEndpoints
{
    private const int MaxTitle = 50;
    private const int MaxDescription = 500;

    private static readonly ColumnOrdering Order = new ColumnOrdering("s.id", "last_modified")
        .Text("name", "s.name").Text("title", "s.title").Text("description", "s.description", nullable: true).By("job", "s.job_id")
        .By("dry_run_job", "s.dry_run_job_id", nullable: true).By("file_count", "s.file_count", nullable: true).By("created", "s.created").By("last_modified", "s.last_modified");

    private static readonly Parameter[] Fields = [Parameter.Text("title", "At most 50 characters."), Parameter.Text("description", "At most 500 characters.")];

    public static void MapScans(this IEndpointRouteBuilder v6)
    {
        var scans = v6.MapGroup("/scans").WithTags("Scans");
        scans.MapGet("/", List).WithName("ListScans").WithSummary("Scans and where they stand.").Query(Parameter.Paging).Query(Parameter.Range)
            .Query(Parameter.Text("name", "Part of the name; any of several.", repeatable: true), Parameter.Order(Order.Names));
        scans.MapPost("/", Create).WithName("CreateScan").WithSummary("Creates a scan and starts nothing.")
            .Fields([.. Fields, Parameter.Object("configuration", "Workspace, scanner, rules and recipe.", required: true)]);
        scans.MapPost("/validation/", Validate).WithName("ValidateScan").WithSummary("Says what is wrong with a configuration; saves nothing.")
            .Fields(Parameter.Object("configuration", "Workspace, scanner, rules and recipe.", required: true));
        scans.MapGet("/{id:id}/", Details).WithName("GetScan").WithSummary("One scan with its configuration.");
        scans.MapPatch("/{id:id}/", Edit).WithName("EditScan").WithSummary("Changes a scan that was not launched yet.").Fields([.. Fields, Parameter.Object("configuration", "Replaces the stored one.")]);
        scans.MapPost("/{id:id}/process/", Process).WithName("ProcessScan").WithSummary("Starts a dry run, or the one ingest scan.")
            .Fields(Parameter.Boolean("ingest", "False only counts files."));
        scans.MapPost("/cancel/{id:id}/", Cancel).WithName("CancelScan").WithSummary("Cancels what has not ended of a scan.");
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        var range = request.Range();
        await using var session = await database.Read(cancel);
        return Answer.Ok(await new RowList<StoredScan>(StoredScan.Columns, StoredScan.From, StoredScan.Read)
            .Where("s.last_modified", range)
            .Where("s.id IN @named", "named", await Named(session, request.Texts("name")))
            .Page(session, request, Order, rows => ScanAnswer.Of(session, rows)));
    }

    private static async Task<IResult> Details(long id, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await ScanDetails.Find(session, id) ?? throw ApiProblem.NotFound());
    }

    private static async Task<IResult> Create(RequestParameters request, Database database, CancellationToken cancel)
    {
        var title = request.RequiredText("title", MaxTitle) is { Length: > 0 } text ? text : throw RequestParameters.Bad("title", "must not be empty");
        var description = request.OptionalText("description", MaxDescription);
        var json = request.RequiredObject("configuration");

        await using var session = await database.Write(cancel);
        var configuration = await Valid(session, json);
        var id = await ScanStore.Insert(session, await Names.FromTitle(session, "scan", title), title, description, configuration.ToText(), request.Now);
        var details = await ScanDetails.Find(session, id);
        await session.Commit();
        return Answer.Created(request.Link($"scans/{id}/"), details!);
    }

    private static async Task<IResult> Edit(long id, RequestParameters request, Database database, CancellationToken cancel)
    {
        var title = request.OptionalText("title", MaxTitle);
        var description = request.OptionalText("description", MaxDescription);
        var json = request.OptionalObject("configuration");

        await using var session = await database.Write(cancel);
        await NotLaunched(session, id);
        var configuration = json is { } given && given.EnumerateObject().Any() ? await Valid(session, given) : null;
        await ScanStore.Update(session, id, title is "" ? null : title, description, configuration?.ToText(), request.Now);
        await session.Commit();
        return Answer.NoContent();
    }

    private static async Task<IResult> Validate(RequestParameters request, Database database, CancellationToken cancel)
    {
        var json = request.RequiredObject("configuration");
        await using var session = await database.Read(cancel);
        var (_, errors) = await ScanConfigurations.Check(session, json);
        return Answer.Validation([.. errors.Take(1)], []);
    }

    private static async Task<IResult> Process(long id, RequestParameters request, Database database, EngineSignal engine, CancellationToken cancel)
    {
        var isIngest = request.OptionalBool("ingest") ?? false;
        await using var session = await database.Write(cancel);
        var scan = await NotLaunched(session, id);
        var jobId = isIngest ? await ScanStore.Launch(session, scan, request.Now) ?? throw Launched() : await ScanStore.LaunchDryRun(session, scan, request.Now);
        await ScanCommand.Append(session, new ScanCommand(id, jobId, !isIngest), request.Now);

        // Before the leader sees it, so that the answer shows the job as it was queued.
        var details = await ScanDetails.Find(session, id);
        await session.Commit();
        engine.Wake();
        return Answer.Created(request.Link($"scans/{id}/"), details!);
    }

    private static async Task<IResult> Cancel(long id, RequestParameters request, Database database, EngineSignal engine, CancellationToken cancel)
    {
        await using var session = await database.Write(cancel);
        var scan = await ScanStore.FindForEdit(session, id) ?? throw ApiProblem.NotFound();
        var canceled = await SystemJobs.Cancel(session, scan.DryRunJobId is { } dryRun ? [scan.JobId, dryRun] : [scan.JobId], request.Now);
        await session.Commit();
        engine.Wake();
        return Answer.Accepted(new { id, canceled_jobs = canceled });
    }

    private static async Task<StoredScan> NotLaunched(Session session, long id)
    {
        var scan = await ScanStore.FindForEdit(session, id) ?? throw ApiProblem.NotFound();
        return scan.IsLaunched ? throw Launched() : scan;
    }

    private static ApiProblem Launched() => ApiProblem.Conflict("Ingest Scan already launched");

    private static async Task<ScanConfiguration> Valid(Session session, JsonElement json)
    {
        var (configuration, errors) = await ScanConfigurations.Check(session, json);
        return errors.Count == 0 ? configuration! : throw ApiProblem.BadDocument("Invalid scan configuration", errors);
    }

    /// <summary>Ids of scans with any of the texts in their name; null when none was given.</summary>
    private static async Task<long[]?> Named(Session session, IReadOnlyList<string> parts)
    {
        if (parts.Count == 0)
        {
            return null;
        }

        var names = await session.Query("SELECT id, name FROM scan", r => (Id: r.GetInt64(0), Name: r.GetString(1)));
        var ids = names.Where(n => parts.Any(p => n.Name.Contains(p, StringComparison.Ordinal))).Select(n => n.Id).ToArray();
        return ids.Length > 0 ? ids : [-1]; // an id that nothing has: no match is not no filter
    }
}

/// <summary>Scan configurations held against the workspaces and recipe types there are.</summary>
internal static class ScanConfigurations
{
    public static async Task<(ScanConfiguration? Configuration, IReadOnlyList<Problem> Errors)> Check(Session session, JsonElement json)
    {
        var parsed = ScanConfiguration.Parse(json);
        if (parsed.Document is not { } configuration)
        {
            return (null, parsed.Errors);
        }

        var workspaces = await session.Query(
            "SELECT name, is_active, configuration FROM workspace",
            r => KeyValuePair.Create(r.GetString(0), new IngestWorkspace(r.GetBoolean(1), WorkspaceConfiguration.FromText(r.GetString(2)).Broker.Type)));
        var revisions = await session.Query(
            "SELECT r.revision_num FROM recipe_type t JOIN recipe_type_revision r ON r.recipe_type_id = t.id WHERE t.name = @name",
            r => r.GetInt32(0), ("name", configuration.Recipe?.Name ?? ""));
        return (configuration, configuration.Check(
            new Dictionary<string, IngestWorkspace>(workspaces, StringComparer.Ordinal), (_, revision) => revision is { } number ? revisions.Contains(number) : revisions.Count > 0));
    }
}
