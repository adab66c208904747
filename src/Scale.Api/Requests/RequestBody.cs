using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Scale.Api.Answers;

namespace Scale.Api.Requests;

/// <summary>Marks an endpoint whose body must be JSON; forms get 415.</summary>
public sealed record JsonBodyOnly;

/// <summary>Reads a body of any accepted media type as one JSON object (scheduler-and-system.md §1.4).</summary>
internal static class RequestBody
{
    private static readonly JsonElement Nothing = JsonSerializer.Deserialize<JsonElement>("{}");

    public static async Task<JsonElement> Read(HttpContext context, long limit)
    {
        var bytes = await Bytes(context, limit);
        if (bytes.Length == 0)
        {
            return Nothing;
        }

        var type = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed) ? parsed.MediaType.Value ?? "" : "";
        var isForm = type.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) || type.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);
        if (isForm && context.GetEndpoint()?.Metadata.GetMetadata<JsonBodyOnly>() is null)
        {
            return await Form(context, bytes);
        }

        if (isForm || !(context.Request.ContentType is null or "" || type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)))
        {
            throw new ApiProblem(StatusCodes.Status415UnsupportedMediaType, $"Unsupported media type \"{context.Request.ContentType}\" in request.");
        }

        return Json(bytes);
    }

    private static JsonElement Json(byte[] bytes)
    {
        JsonElement body;
        try
        {
            body = JsonSerializer.Deserialize<JsonElement>(bytes);
        }
        catch (JsonException problem)
        {
            throw ApiProblem.BadRequest($"JSON parse error at line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1}: the body is not well-formed JSON.");
        }

        RefuseUnstorableText(body);
        return body.ValueKind switch
        {
            JsonValueKind.Object => body,
            JsonValueKind.Null => Nothing,
            _ => throw ApiProblem.BadRequest("The body must be a JSON object."),
        };
    }

    /// <summary>Half surrogate pairs and U+0000 are legal JSON, but no database text can hold them.</summary>
    private static void RefuseUnstorableText(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    RefuseUnstorable(() => member.Name);
                    RefuseUnstorableText(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    RefuseUnstorableText(item);
                }

                break;
            case JsonValueKind.String:
                RefuseUnstorable(() => value.GetString()!);
                break;
        }
    }

    private static void RefuseUnstorable(Func<string> text)
    {
        try
        {
            if (!text().Contains('\0', StringComparison.Ordinal))
            {
                return;
            }
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
        }

        throw ApiProblem.BadRequest("The body holds a text with U+0000 or half a surrogate pair, which can't be stored.");
    }

    private static async Task<JsonElement> Form(HttpContext context, byte[] bytes)
    {
        context.Request.Body = new MemoryStream(bytes);
        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception problem) when (problem is InvalidDataException or IOException)
        {
            throw ApiProblem.BadRequest($"The form in the body can't be read: {problem.Message}");
        }

        var body = new JsonObject();
        foreach (var (name, values) in form)
        {
            body[name] = values.Count == 1 ? JsonValue.Create(values[0]) : new JsonArray([.. values.Select(v => JsonValue.Create(v))]);
        }

        var element = JsonSerializer.SerializeToElement(body);
        RefuseUnstorableText(element);
        return element;
    }

    private static async Task<byte[]> Bytes(HttpContext context, long limit)
    {
        if (context.Request.ContentLength > limit)
        {
            throw TooLong(limit);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = limit + 1; // ours answers first, in JSON
        }

        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > limit)
            {
                throw TooLong(limit);
            }
        }

        return bytes.ToArray();
    }

    private static ApiProblem TooLong(long limit) => new(StatusCodes.Status413PayloadTooLarge, $"The body is longer than {limit} bytes.");
}
