using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.Files;
using Scale.Model.Data;
using Scale.Model.Datasets;
using Scale.Store.Databases;
using Scale.Store.Datasets;

namespace Scale.Api.V6.Datasets;

/// <summary>Datasets and their members (batches-and-datasets.md §7).</summary>
internal static class DatasetEndpoints
{
    private const int MaxTitle = 250;
    private const int MaxDescription = 5000;

    private static readonly Ordering<DatasetRow> Fields = new Ordering<DatasetRow>(d => d.Id, "id")
        .By("title", d => d.Title, nullable: true)
        .By("description", d => d.Description, nullable: true)
        .By("files", d => d.FileCount)
        .By("members", d => d.MemberCount)
        .By("created", d => d.Created);

    private static readonly Parameter[] Members =
    [
        Parameter.Object("data", "Data of one member, or an array of them."),
        Parameter.Object("data_template", "Data with FILE_VALUE in place of a file list; makes one member per file that the file filters select."),
        Parameter.Boolean("dry_run", "Store nothing; answer with the data of the members."),
    ];

    public static void MapDatasets(this IEndpointRouteBuilder v6)
    {
        var datasets = v6.MapGroup("/datasets").WithTags("Datasets");
        datasets.MapGet("/", List).WithName("ListDatasets").WithSummary("Datasets with the number of their files.")
            .Query(Parameter.Range)
            .Query(
                Parameter.Integer("dataset_id", "Dataset; also as id.", repeatable: true),
                Parameter.Text("keyword", "Part of title or description, any case.", repeatable: true), Parameter.Order(Fields.Names))
            .Query(Parameter.Paging);
        datasets.MapPost("/", Create).WithName("CreateDataset").WithSummary("Make a dataset, with its first members when there are any.")
            .Fields(
                Parameter.Text("title", "Up to 250 characters."), Parameter.Text("description", "Up to 5000 characters."),
                Parameter.Object("definition", "Parameters, global parameters and global data.", required: true))
            .Fields(Members).Fields(FileEndpoints.Filters);
        datasets.MapPost("/validation/", Validate).WithName("ValidateDataset").WithSummary("Check a definition without storing anything.")
            .Fields(Parameter.Text("title", ""), Parameter.Text("description", ""), Parameter.Object("definition", "Definition.", required: true));
        datasets.MapGet("/{id:id}/", Get).WithName("GetDataset").WithSummary("One dataset with all its members and files.");
        datasets.MapPost("/{id:id}/", AddMembers).WithName("AddDatasetMembers").WithSummary("Add members, all or none.").Fields(Members).Fields(FileEndpoints.Filters);
        datasets.MapGet("/{id:id}/members/", ListMembers).WithName("ListDatasetMembers").WithSummary("Members of a dataset.").Query(Parameter.Paging);
        datasets.MapGet("/members/{id:id}/", GetMember).WithName("GetDatasetMember").WithSummary("One member with its files.");
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var datasets = context.Datasets.Within(request.Range(), d => d.Created).WhereAny([.. request.Longs("id"), .. request.Longs("dataset_id")], d => d.Id);
        var keywords = request.Texts("keyword").Where(k => k.Length > 0).ToList();
        if (keywords.Count > 0)
        {
            // Lowered by the database on both sides, which knows fewer letters than we do.
            datasets = datasets.Where(d => keywords.Any(k => d.Title!.ToLower().Contains(k.ToLower()) || d.Description!.ToLower().Contains(k.ToLower())));
        }

        return Answer.Ok(await request.Page(Fields.Apply(datasets, request), DatasetAnswer.Of, cancel));
    }

    private static async Task<IResult> Get(long id, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        return Answer.Ok(await DatasetDetails.Read(context, id, cancel) ?? throw ApiProblem.NotFound());
    }

    private static IResult Validate(RequestParameters request)
    {
        request.OptionalText("title", MaxTitle);
        request.OptionalText("description", MaxDescription);
        var parsed = DatasetDefinition.Parse(RequiredDefinition(request));
        return Answer.Validation(parsed.Errors, parsed.Warnings);
    }

    private static async Task<IResult> Create(RequestParameters request, Database database, CancellationToken cancel)
    {
        var title = request.OptionalText("title", MaxTitle);
        var description = request.OptionalText("description", MaxDescription);
        var isDryRun = request.OptionalBool("dry_run") ?? false;
        var parsed = DatasetDefinition.Parse(RequiredDefinition(request));
        if (parsed.Document is not { } definition)
        {
            throw ApiProblem.BadDocument("DataSet definition is invalid", parsed.Errors);
        }

        await using var context = database.Context();
        await FileChecks.RequireExisting(context, [.. definition.GlobalData.FileIds], cancel);
        var members = await MemberRequest.Read(context, request, definition.Parameters, cancel);
        if (isDryRun || (members.Count == 0 && MemberRequest.IsPresent(request)))
        {
            return Unstored(members, isDryRun);
        }

        long id;
        await using (var session = await database.Write(cancel))
        {
            id = await DatasetWriter.Create(session, title, description, definition.ToText(), request.Now);
            if (members.Count > 0)
            {
                await DatasetWriter.AddMembers(session, id, members, request.Now);
            }

            await session.Commit();
        }

        return Answer.Created(request.Link($"datasets/{id}/"), (await DatasetDetails.Read(context, id, cancel))!);
    }

    private static async Task<IResult> AddMembers(long id, RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var dataset = await context.Datasets.FirstOrDefaultAsync(d => d.Id == id, cancel) ?? throw ApiProblem.NotFound();
        var isDryRun = request.OptionalBool("dry_run") ?? false;
        var members = await MemberRequest.Read(context, request, DatasetDefinition.FromText(dataset.Definition).Parameters, cancel);
        if (isDryRun || members.Count == 0)
        {
            return Unstored(members, isDryRun);
        }

        long[] ids;
        await using (var session = await database.Write(cancel))
        {
            ids = await DatasetWriter.AddMembers(session, id, members, request.Now);
            await session.Commit();
        }

        var answers = ids.Zip(members, (memberId, data) => new MemberAnswer(
            memberId, request.Now, JsonSerializer.SerializeToElement(data.ToJson()), JsonSerializer.SerializeToElement(data.FileIds)));
        return Answer.Created(request.Link($"datasets/{id}/"), answers.ToList());
    }

    private static async Task<IResult> ListMembers(long id, RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        if (!await context.Datasets.AnyAsync(d => d.Id == id, cancel))
        {
            throw ApiProblem.NotFound();
        }

        return Answer.Ok(await request.Page(context.DatasetMembers.Where(m => m.DatasetId == id).OrderBy(m => m.Id), MemberAnswer.Of, cancel));
    }

    private static async Task<IResult> GetMember(long id, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        return Answer.Ok(await MemberDetails.Read(context, id, cancel) ?? throw ApiProblem.NotFound());
    }

    /// <summary>The definition as given: that it is no object is a fault of the definition, found by its reader.</summary>
    private static JsonElement RequiredDefinition(RequestParameters request) =>
        request.Body.TryGetProperty("definition", out var definition) && definition.ValueKind != JsonValueKind.Null
            ? definition
            : throw ApiProblem.BadRequest("Missing required parameter: \"definition\"");

    private static IResult Unstored(IReadOnlyList<DataValues> members, bool isDryRun) => isDryRun && members.Count > 0
        ? Answer.Ok(members.Select(Versioned).ToList())
        : Answer.Ok(new Dictionary<string, string> { ["No Results"] = "No files found from filters and/or no data provided" });

    private static JsonObject Versioned(DataValues data)
    {
        var json = data.ToJson();
        json.Insert(0, "version", DocumentVersion.Current);
        return json;
    }
}
