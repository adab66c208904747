using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Scale.Model.Documents;

namespace Scale.Api.Answers;

/// <summary>What handlers return.</summary>
public static class Answer
{
    /// <summary>What the description of services says that create with warnings.</summary>
    public const string CreationWarnings = "Addition to Scale v6: the answer has `warnings`, objects with `name` and `description`.";

    public static IResult Ok(object body) => Json(body, StatusCodes.Status200OK);

    public static IResult Accepted(object body) => Json(body, StatusCodes.Status202Accepted);

    /// <summary>Accepted work that has nothing to tell yet.</summary>
    public static IResult Accepted() => Results.StatusCode(StatusCodes.Status202Accepted);

    public static IResult NoContent() => Results.NoContent();

    /// <param name="location">Absolute address of the new entity's details: <c>request.Link(...)</c>.</param>
    public static IResult Created(string location, object body) => new CreatedAnswer(location, body);

    /// <summary>As <see cref="Created(string, object)"/>, with <paramref name="warnings"/> as another member of the body: an addition.</summary>
    public static IResult Created(string location, object body, IEnumerable<Problem> warnings)
    {
        var json = JsonSerializer.SerializeToNode(body, AnswerJson.Options)!.AsObject();
        json["warnings"] = JsonSerializer.SerializeToNode(ProblemAnswer.Of(warnings), AnswerJson.Options);
        return Created(location, json);
    }

    /// <summary>The reply of the <c>validation</c> services: 200 also for an invalid document.</summary>
    public static IResult Validation(IReadOnlyList<Problem> errors, IReadOnlyList<Problem> warnings) => Ok(new ValidationAnswer(errors, warnings));

    public static IResult Json(object body, int status) => Results.Json(body, AnswerJson.Options, "application/json", status);

    private sealed class CreatedAnswer(string location, object body) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            context.Response.Headers.Location = location;
            return Json(body, StatusCodes.Status201Created).ExecuteAsync(context);
        }
    }
}

public sealed record ProblemAnswer(string Name, string Description)
{
    public static IReadOnlyList<ProblemAnswer> Of(IEnumerable<Problem> problems) => [.. problems.Select(p => new ProblemAnswer(p.Name, p.Text))];
}

public sealed record ValidationAnswer(bool IsValid, IReadOnlyList<ProblemAnswer> Errors, IReadOnlyList<ProblemAnswer> Warnings)
{
    public ValidationAnswer(IReadOnlyList<Problem> errors, IReadOnlyList<Problem> warnings)
        : this(errors.Count == 0, ProblemAnswer.Of(errors), ProblemAnswer.Of(warnings))
    {
    }
}
