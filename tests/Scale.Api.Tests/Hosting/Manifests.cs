using System.Text.Json.Nodes;

namespace Scale.Api.Tests.Hosting;

/// <summary>Small Seed manifests and bodies that hold them.</summary>
public static class Manifests
{
    /// <summary>No files in or out, so that no configuration is needed.</summary>
    public static JsonObject Plain(string name = "count-lines", string version = "1.0.0") => new()
    {
        ["seedVersion"] = "1.0.0",
        ["job"] = new JsonObject
        {
            ["name"] = name,
            ["jobVersion"] = version,
            ["packageVersion"] = "1.0.0",
            ["title"] = $"Title of {name}",
            ["description"] = "Counts lines",
            ["maintainer"] = new JsonObject { ["name"] = "Ann", ["email"] = "ann@example.org" },
            ["timeout"] = 60,
            ["interface"] = new JsonObject { ["command"] = "count" },
        },
    };

    /// <summary>One file in, one file out.</summary>
    public static JsonObject WithFiles(string name = "convert", string version = "1.0.0") => Plain(name, version).With(job => job["interface"] = new JsonObject
    {
        ["command"] = "convert ${IN} ${OUTPUT_DIR}",
        ["inputs"] = new JsonObject { ["files"] = new JsonArray(new JsonObject { ["name"] = "IN" }) },
        ["outputs"] = new JsonObject { ["files"] = new JsonArray(new JsonObject { ["name"] = "OUT", ["pattern"] = "*.png", ["mediaType"] = "image/png" }) },
    });

    /// <param name="change">Changes the <c>job</c> member.</param>
    public static JsonObject With(this JsonObject manifest, Action<JsonObject> change)
    {
        change(manifest["job"]!.AsObject());
        return manifest;
    }

    public static JsonObject Body(JsonObject manifest, string image = "dir:tools", params (string Name, JsonNode? Value)[] others)
    {
        var body = new JsonObject { ["manifest"] = manifest, ["docker_image"] = image };
        foreach (var (name, value) in others)
        {
            body[name] = value;
        }

        return body;
    }

    /// <summary>Registers a job type and returns its name, version and revision.</summary>
    public static async Task Register(this ApiFixture api, JsonObject manifest, params (string Name, JsonNode? Value)[] others)
    {
        var answer = await api.Post("/v6/job-types/", Body(manifest, others: others));
        Assert.True(answer.Status is 200 or 201, answer.Text);
    }
}
