using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Model.Errors;
using Scale.Store.Databases;

namespace Scale.Api.V6.Errors;

/// <summary>Errors that executions may end with (jobs-and-queue.md §11).</summary>
internal static class ErrorEndpoints
{
    private static readonly ColumnOrdering Order = new ColumnOrdering("id", "last_modified")
        .Text("name", "name").Text("title", "title", nullable: true).Text("description", "description", nullable: true).Text("job_type_name", "job_type_name", nullable: true)
        .By("category", "category").By("is_builtin", "is_builtin").By("should_be_retried", "should_be_retried").By("created", "created").By("last_modified", "last_modified");

    public static void MapErrors(this IEndpointRouteBuilder v6)
    {
        var errors = v6.MapGroup("/errors").WithTags("Errors");
        errors.MapGet("/", List).WithName("ListErrors").WithSummary("Errors, builtin ones and those of job types.")
            .Query(Parameter.Paging).Query(Parameter.Range).Query(
                Parameter.Boolean("is_builtin", "Errors of every installation, or of job types."),
                Parameter.Text("job_type_name", "Errors of that job type name."),
                Parameter.Text("name", "Exact name."),
                Parameter.Text("category", "SYSTEM, ALGORITHM or DATA."),
                Parameter.Order(Order.Names));
        errors.MapGet("/{id:id}/", Details).WithName("GetError").WithSummary("One error.");

        // Writing errors was removed in v6; the paths exist, so the framework alone would say 405.
        errors.MapPost("/", Removed).ExcludeFromDescription();
        errors.MapPatch("/{id:id}/", (long id) => Removed()).ExcludeFromDescription();
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        var range = request.Range();
        var category = request.OptionalText("category");
        var list = new RowList<ErrorAnswer>(ErrorAnswer.Columns, "error", ErrorAnswer.Read)
            .Where("last_modified", range)
            .Where("is_builtin = @is_builtin", "is_builtin", request.OptionalBool("is_builtin"))
            .Where("job_type_name = @job_type_name", "job_type_name", request.OptionalText("job_type_name"))
            .Where("name = @name", "name", request.OptionalText("name"))
            // An unknown category is no error; nothing has it.
            .Where("category = @category", "category", category is null ? null : (short)((int?)ErrorCategories.FromName(category) ?? -1));
        await using var session = await database.Read(cancel);
        return Answer.Ok(await list.Page(session, request, Order, e => e));
    }

    private static async Task<IResult> Details(long id, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await session.QueryFirst($"SELECT {ErrorAnswer.Columns} FROM error WHERE id = @id", ErrorAnswer.Read, ("id", id)) ?? throw ApiProblem.NotFound());
    }

    private static IResult Removed() => throw ApiProblem.NotFound();
}

public sealed record ErrorAnswer(
    long Id, string Name, string? Title, string? Description, string? JobTypeName, string Category, bool IsBuiltin, bool ShouldBeRetried, DateTime Created, DateTime LastModified)
{
    internal const string Columns = "id, name, title, description, job_type_name, category, is_builtin, should_be_retried, created, last_modified";

    internal static ErrorAnswer Read(DbDataReader r) => new(
        r.GetInt64(0), r.GetString(1), r.Text(2), r.Text(3), r.Text(4), ((ErrorCategory)r.GetInt16(5)).NameOf(), r.GetBoolean(6), r.GetBoolean(7), r.Moment(8), r.Moment(9));
}
