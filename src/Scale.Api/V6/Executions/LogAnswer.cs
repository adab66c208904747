using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Scale.Api.Answers;
using Scale.Api.Requests;
using Scale.Engine.Logs;

namespace Scale.Api.V6.Executions;

/// <summary>The form a log is answered in.</summary>
internal enum LogFormat
{
    Json,
    Text,
    Html,
}

/// <summary>Lines of a log in each form clients take (jobs-and-queue.md §8).</summary>
internal static class LogAnswer
{
    private const string Style = "<style>div{font-family:monospace;white-space:pre-wrap}.stdout{}.stderr{color:red}</style>";

    /// <summary><c>format</c>, else the most wanted of <c>Accept</c>. An unknown <c>format</c> is 404, an <c>Accept</c> without any of the forms 406.</summary>
    public static LogFormat FormatOf(RequestParameters parameters, HttpRequest request)
    {
        if (parameters.QueryText("format") is { } asked)
        {
            return asked switch
            {
                "json" => LogFormat.Json,
                "txt" => LogFormat.Text,
                "html" => LogFormat.Html,
                _ => throw ApiProblem.NotFound(),
            };
        }

        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted) || accepted.Count == 0)
        {
            return LogFormat.Json;
        }

        foreach (var type in accepted.Where(a => a.Quality is not 0).OrderByDescending(a => a.Quality ?? 1))
        {
            switch (type.MediaType.Value)
            {
                case "application/json" or "*/*" or "application/*":
                    return LogFormat.Json;
                case "text/plain" or "text/*":
                    return LogFormat.Text;
                case "text/html":
                    return LogFormat.Html;
            }
        }

        throw new ApiProblem(StatusCodes.Status406NotAcceptable, "Could not satisfy the request Accept header: logs are application/json, text/plain or text/html.");
    }

    public static IResult Text(IReadOnlyList<LogLine> lines) => Results.Text(string.Join('\n', lines.Select(l => l.Message)), "text/plain", Encoding.UTF8);

    public static IResult Html(IReadOnlyList<LogLine> lines)
    {
        var html = new StringBuilder($"<!DOCTYPE html><html><head><meta charset=\"utf-8\">{Style}</head><body>\n");
        foreach (var line in lines)
        {
            html.Append("<div class=\"").Append(NameOf(line.Stream)).Append("\">").Append(WebUtility.HtmlEncode(line.Message)).Append("</div>\n");
        }

        return Results.Text(html.Append("</body></html>\n").ToString(), "text/html", Encoding.UTF8);
    }

    /// <param name="isFlat">The records alone, instead of a search engine's envelope.</param>
    /// <param name="since">When reading began, for <c>took</c>.</param>
    public static IResult Json(IReadOnlyList<LogLine> lines, long executionId, string clusterId, string? hostname, bool isFlat, long since)
    {
        if (isFlat)
        {
            return Answer.Ok(lines.Select(l => Record(l, clusterId, hostname)).ToList());
        }

        var hits = new JsonArray([.. lines.Select(l => (JsonNode)new JsonObject
        {
            ["_id"] = $"{executionId}-{l.Order}",
            ["_source"] = Record(l, clusterId, hostname),
            ["sort"] = new JsonArray(new DateTimeOffset(l.Timestamp).ToUnixTimeMilliseconds(), l.Order),
        })]);
        return Answer.Ok(new JsonObject
        {
            ["took"] = (int)Stopwatch.GetElapsedTime(since).TotalMilliseconds,
            ["timed_out"] = false,
            ["hits"] = new JsonObject { ["total"] = lines.Count, ["max_score"] = null, ["hits"] = hits },
        });
    }

    public static JsonObject Record(LogLine line, string clusterId, string? hostname) => new()
    {
        ["message"] = line.Message,
        ["@timestamp"] = AnswerJson.Time(line.Timestamp),
        ["scale_order_num"] = line.Order,
        ["scale_task"] = $"{clusterId}_main",
        ["scale_job_exe"] = clusterId,
        ["scale_node"] = hostname,
        ["stream"] = NameOf(line.Stream),
    };

    private static string NameOf(LogStream stream) => stream == LogStream.StandardError ? "stderr" : "stdout";
}
