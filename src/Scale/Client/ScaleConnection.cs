using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Scale.Client;

/// <summary>Speaks to a Scale server over its public v6 API. Paths are below <c>/v6/</c>, with their trailing slash.</summary>
public sealed class ScaleConnection : IDisposable
{
    private const int PageSize = 1000;
    private readonly HttpClient http;

    /// <param name="token">Of an account, as in <c>admin-token</c> in the data folder; null asks as nobody.</param>
    public ScaleConnection(Uri address, string? token)
    {
        http = new HttpClient { BaseAddress = new Uri(address, "/v6/"), Timeout = TimeSpan.FromMinutes(2) };
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Token", token);
        }
    }

    public Task<JsonElement> Get(string path, CancellationToken cancel) => Send(HttpMethod.Get, path, null, cancel);

    public Task<string> GetText(string path, CancellationToken cancel) => SendText(HttpMethod.Get, path, null, cancel);

    /// <returns>Null when there is no such thing.</returns>
    public async Task<JsonElement?> Find(string path, CancellationToken cancel)
    {
        try
        {
            return await Get(path, cancel);
        }
        catch (ScaleClientException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public Task<JsonElement> Post(string path, JsonNode body, CancellationToken cancel) => Send(HttpMethod.Post, path, body, cancel);

    public Task<JsonElement> Patch(string path, JsonNode body, CancellationToken cancel) => Send(HttpMethod.Patch, path, body, cancel);

    /// <summary>Every result of a list, page after page.</summary>
    /// <param name="query">Without <c>?</c>; give an <c>order</c> that does not move while pages are read.</param>
    public async IAsyncEnumerable<JsonElement> List(string path, string query, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var page = 1; ; page++)
        {
            var answer = await Get($"{path}?{query}&page={page}&page_size={PageSize}", cancel);
            foreach (var result in answer.GetProperty("results").EnumerateArray())
            {
                yield return result;
            }

            if (answer.GetProperty("next").ValueKind == JsonValueKind.Null)
            {
                yield break;
            }
        }
    }

    public async Task<long> Count(string path, string query, CancellationToken cancel) =>
        (await Get($"{path}?{query}&page_size=1", cancel)).GetProperty("count").GetInt64();

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> Send(HttpMethod method, string path, JsonNode? body, CancellationToken cancel)
    {
        var text = await SendText(method, path, body, cancel);
        try
        {
            return text.Length == 0 ? default : JsonElement.Parse(text);
        }
        catch (JsonException e)
        {
            throw new ScaleClientException($"{method} {path} was answered with something that is no JSON: {e.Message}");
        }
    }

    private async Task<string> SendText(HttpMethod method, string path, JsonNode? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : JsonContent.Create(body);
        try
        {
            using var response = await http.SendAsync(request, cancel);
            var text = await response.Content.ReadAsStringAsync(cancel);
            return response.IsSuccessStatusCode
                ? text
                : throw new ScaleClientException($"{method} {http.BaseAddress!.AbsolutePath}{path} was answered with {(int)response.StatusCode}: {Detail(text)}", response.StatusCode);
        }
        catch (HttpRequestException e)
        {
            throw new ScaleClientException($"The server at {http.BaseAddress} can't be reached: {e.Message}");
        }
    }

    private static string Detail(string text)
    {
        try
        {
            var answer = JsonElement.Parse(text);
            return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("detail", out var detail) ? detail.ToString() : text;
        }
        catch (JsonException)
        {
            return text.Length > 0 ? text : "no reason given";
        }
    }
}
