using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Store.Databases;

namespace Scale.Api.V6.Files;

/// <summary>Source and product files (storage-and-ingest.md §2).</summary>
internal static class FileEndpoints
{
    /// <summary>Filters of the list; data templates of datasets take the same.</summary>
    public static readonly Parameter[] Filters =
    [
        Parameter.Time("data_started", "Content starts at or after."), Parameter.Time("data_ended", "Content ends at or before."),
        Parameter.Time("source_started", "Collection starts at or after."), Parameter.Time("source_ended", "Collection ends at or before."),
        Parameter.Time("created_started", "Created at or after."), Parameter.Time("created_ended", "Created at or before."),
        Parameter.Time("modified_started", "Modified at or after."), Parameter.Time("modified_ended", "Modified at or before."),
        Parameter.Text("source_sensor_class", "Exact.", repeatable: true), Parameter.Text("source_sensor", "Exact.", repeatable: true),
        Parameter.Text("source_collection", "Exact.", repeatable: true), Parameter.Text("source_task", "Exact.", repeatable: true),
        Parameter.Integer("job_type_id", "Made by jobs of this type.", repeatable: true), Parameter.Text("job_type_name", "Made by any version of this type.", repeatable: true),
        Parameter.Integer("job_id", "Made by this job.", repeatable: true), Parameter.Text("job_output", "Name of the output it is.", repeatable: true),
        Parameter.Integer("recipe_id", "Made in this recipe.", repeatable: true), Parameter.Integer("recipe_type_id", "Made in recipes of this type.", repeatable: true),
        Parameter.Text("recipe_node", "Made at this node.", repeatable: true), Parameter.Integer("batch_id", "Made in this batch.", repeatable: true),
        Parameter.Text("file_name", "Exact name.", repeatable: true), Parameter.Text("file_name_search", "Part of the name, any case."),
        new("file_type", Microsoft.OpenApi.JsonSchemaType.String, "Source or product.", IsRepeatable: true, Choices: ["SOURCE", "PRODUCT"]),
        Parameter.Text("media_type", "Exact.", repeatable: true), Parameter.Text("countries", "ISO3 code.", repeatable: true),
        Parameter.Boolean("is_superseded", "Addition."), Parameter.Boolean("is_published", "Addition."), Parameter.Boolean("is_deleted", "Addition."),
        Parameter.Integer("workspace_id", "Addition.", repeatable: true), Parameter.Text("data_type_tag", "Addition.", repeatable: true), Parameter.Text("uuid", "Addition.", repeatable: true),
    ];

    public static void MapFiles(this IEndpointRouteBuilder v6)
    {
        var files = v6.MapGroup("/files").WithTags("Files");
        files.MapGet("/", List).WithName("ListFiles").WithSummary("Files, deleted and superseded ones too.")
            .Query(Filters).Query(Parameter.Order(FileOrdering.Fields.Names)).Query(Parameter.Paging);
        files.MapGet("/{id:id}/", Get).WithName("GetFile").WithSummary("One file with its meta-data.");
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var files = FileOrdering.Fields.Apply(FileFilter.Apply(context.Files, request), request);
        return Answer.Ok(await request.Page(files.Select(f => f.Id), async ids => await FileAnswers.Read(context, ids, cancel), cancel));
    }

    private static async Task<IResult> Get(long id, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var file = (await FileAnswers.Read(context, [id], cancel)).FirstOrDefault() ?? throw ApiProblem.NotFound();
        var metaData = await context.Files.Where(f => f.Id == id).Select(f => f.MetaData).FirstOrDefaultAsync(cancel);
        return Answer.Ok(new FileDetails(file, AnswerJson.Document(metaData)));
    }
}
