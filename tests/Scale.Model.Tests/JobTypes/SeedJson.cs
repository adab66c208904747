using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;
using Scale.Model.JobTypes.Seed;

namespace Scale.Model.Tests.JobTypes;

/// <summary>Manifests that hold what a test is about and otherwise as little as the grammar allows.</summary>
internal static class SeedJson
{
    private const string Minimal = """
        {"seedVersion":"1.0.0","job":{"name":"count-lines","jobVersion":"0.2.0","packageVersion":"0.2.1","title":"Count lines",
         "description":"Counts lines","maintainer":{"name":"Ann Doe","email":"ann@example.org"},"timeout":60}}
        """;

    /// <param name="job">Members of <c>job</c> to add or replace; those that are <c>"REMOVE"</c> go.</param>
    public static string Text(string job = "{}", string application = "{}")
    {
        var root = JsonNode.Parse(Minimal)!;
        if (application != "{}")
        {
            root["job"]!["interface"] = JsonNode.Parse(application);
        }

        foreach (var (name, value) in JsonNode.Parse(job)!.AsObject())
        {
            if (value?.ToString() == "REMOVE")
            {
                root["job"]!.AsObject().Remove(name);
            }
            else
            {
                root["job"]![name] = value?.DeepClone();
            }
        }

        return root.ToJsonString();
    }

    public static Parsed<SeedManifest> Parse(string job = "{}", string application = "{}") => SeedManifest.Parse(JsonElement.Parse(Text(job, application)));

    public static SeedManifest Read(string job = "{}", string application = "{}") => Parse(job, application).Required();

    /// <summary>A manifest with these scalar resources.</summary>
    public static SeedManifest WithResources(string scalars) => Read("{\"resources\":{\"scalar\":" + scalars + "}}");
}
