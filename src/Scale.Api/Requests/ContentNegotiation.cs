using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Scale.Api.Requests;

/// <summary>Endpoints that answer something else than JSON, such as log text; their <c>Accept</c> is not judged.</summary>
public sealed record AnswersAnyMediaType;

internal static class ContentNegotiation
{
    /// <summary>Whether <c>Accept</c> leaves room for JSON; what can't be read leaves room for everything.</summary>
    public static bool AcceptsJson(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted) || accepted.Count == 0)
        {
            return true;
        }

        var json = new MediaTypeHeaderValue("application/json");
        return accepted.Any(a => a.Quality is not 0 && (json.IsSubsetOf(a) || (a.MediaType == "application/json")));
    }
}
