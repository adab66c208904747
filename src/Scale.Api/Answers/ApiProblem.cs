using Microsoft.AspNetCore.Http;
using Scale.Model.Documents;

namespace Scale.Api.Answers;

/// <summary>Ends a request with a status and a <c>{"detail": ...}</c> body (scheduler-and-system.md §1.7).</summary>
/// <param name="detail">For the person who can act: names the field, the value and what would be right.</param>
public sealed class ApiProblem(int status, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    public static ApiProblem BadRequest(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static ApiProblem BadDocument(string what, IEnumerable<Problem> problems) => BadRequest($"{what}: {Join(problems)}");

    public static ApiProblem Forbidden(string detail) => new(StatusCodes.Status403Forbidden, detail);

    public static ApiProblem NotFound() => new(StatusCodes.Status404NotFound, "Not found.");

    public static ApiProblem Conflict(string detail) => new(StatusCodes.Status409Conflict, detail);

    public static string Join(IEnumerable<Problem> problems) => string.Join("; ", problems.Select(p => p.Text));
}
