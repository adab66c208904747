using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Scale.Model.Documents;

namespace Scale.Api.Answers;

/// <summary>Turns everything that goes wrong into <c>{"detail": ...}</c>; what is our fault is logged and told without internals.</summary>
internal sealed class ProblemAnswers(RequestDelegate next, ILogger<ProblemAnswers> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody waits for an answer
        }
        catch (Exception problem) when (!context.Response.HasStarted)
        {
            var (status, detail) = Describe(problem);
            if (status == StatusCodes.Status500InternalServerError)
            {
                log.LogError(problem, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
            }

            context.Response.Clear();
            await Write(context, status, detail);
            return;
        }

        if (!context.Response.HasStarted && context.Response.ContentLength is null or 0 && BareDetail(context) is { } bare)
        {
            await Write(context, context.Response.StatusCode, bare);
        }
    }

    private static (int Status, string Detail) Describe(Exception problem) => problem switch
    {
        ApiProblem known => (known.Status, known.Message),
        DocumentException document => (StatusCodes.Status400BadRequest, ApiProblem.Join(document.Problems)),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (StatusCodes.Status413PayloadTooLarge, "The body is too long."),
        BadHttpRequestException bad => (bad.StatusCode, "The request can't be read."),
        _ => (StatusCodes.Status500InternalServerError, "The server failed to carry out this request. The reason is in its log."),
    };

    /// <summary>Text for statuses that the framework sets without a body.</summary>
    private static string? BareDetail(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => "Not found.",
        StatusCodes.Status405MethodNotAllowed => $"Method \"{context.Request.Method}\" not allowed.",
        StatusCodes.Status415UnsupportedMediaType => $"Unsupported media type \"{context.Request.ContentType}\" in request.",
        StatusCodes.Status400BadRequest => "The request can't be read.",
        _ => null,
    };

    private static Task Write(HttpContext context, int status, string detail) => Answer.Json(new { detail }, status).ExecuteAsync(context);
}
