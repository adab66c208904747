using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Scale.Api.Requests;

/// <summary>Absolute addresses as the caller sees this server: public scheme and host, base path, version prefix of the request.</summary>
/// <param name="Root">Scheme, host and base path, without trailing slash.</param>
/// <param name="Version">Version prefix: <c>v6</c>, <c>v7</c>, <c>v5</c>, or nothing where the caller used none.</param>
/// <param name="Path">Path of the request below <paramref name="Root"/>, as the caller spelled it.</param>
/// <param name="Query">Query string of the request, with its question mark.</param>
public sealed record RequestLinks(string Root, string Version, string Path, string Query)
{
    public static RequestLinks Of(HttpContext context)
    {
        var request = context.Request;
        var scheme = First(request.Headers["X-Forwarded-Proto"], s => s is "http" or "https") ?? request.Scheme;
        var host = First(request.Headers["X-Forwarded-Host"], IsHost) ?? request.Host.ToUriComponent();
        var asked = context.Features.Get<AskedPath>() ?? new AskedPath("v6", request.Path);
        return new RequestLinks($"{scheme}://{host}{request.PathBase.ToUriComponent()}", asked.Version, asked.Path.ToUriComponent(), request.QueryString.Value ?? "");
    }

    public string To(string path) => Version.Length == 0 ? $"{Root}/{path}" : $"{Root}/{Version}/{path}";

    /// <summary>This request with another page; page 1 has no <c>page</c> parameter. All other parameters stay, repeated ones too.</summary>
    public string Page(int number)
    {
        var others = QueryHelpers.ParseQuery(Query).Where(p => p.Key != "page").SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v)));
        var all = number == 1 ? others : others.Append(KeyValuePair.Create("page", (string?)number.ToString(CultureInfo.InvariantCulture)));
        return QueryHelpers.AddQueryString(Root + Path, all);
    }

    private static string? First(StringValues header, Func<string, bool> isAccepted)
    {
        var first = header.ToString().Split(',')[0].Trim();
        return first.Length > 0 && isAccepted(first) ? first : null;
    }

    private static bool IsHost(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']' or '_');
}

/// <summary>The path as the caller spelled it, before it was rewritten for routing.</summary>
internal sealed record AskedPath(string Version, PathString Path);
