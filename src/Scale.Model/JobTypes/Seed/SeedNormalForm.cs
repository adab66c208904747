using System.Text.Json;
using System.Text.Json.Nodes;

namespace Scale.Model.JobTypes.Seed;

/// <summary>Makes the stored form of a valid manifest (job-types-and-seed.md §4.4): absent containers stay absent.</summary>
internal static class SeedNormalForm
{
    public const string DefaultMediaType = "application/octet-stream";

    public static string Of(JsonElement valid)
    {
        var root = JsonObject.Create(valid)!;
        var job = root["job"]!.AsObject();
        var application = job["interface"];
        foreach (var input in Items(application?["inputs"]?["files"]))
        {
            Default(input, "required", true);
            Default(input, "mediaTypes", new JsonArray());
            Default(input, "multiple", false);
            Default(input, "partial", false);
        }

        foreach (var output in Items(application?["outputs"]?["files"]))
        {
            Default(output, "mediaType", DefaultMediaType);
            Default(output, "multiple", false);
            Default(output, "required", true);
        }

        foreach (var parameter in Items(application?["inputs"]?["json"]).Concat(Items(application?["outputs"]?["json"])))
        {
            Default(parameter, "required", true);
        }

        foreach (var mount in Items(application?["mounts"]))
        {
            Default(mount, "mode", "ro");
        }

        foreach (var setting in Items(application?["settings"]))
        {
            Default(setting, "secret", false);
        }

        foreach (var error in Items(job["errors"]))
        {
            Default(error, "title", error["name"]!.GetValue<string>());
            Default(error, "category", "job");
        }

        foreach (var resource in Items(job["resources"]?["scalar"]))
        {
            resource["name"] = resource["name"]!.GetValue<string>().ToLowerInvariant();
        }

        return root.ToJsonString();
    }

    private static IEnumerable<JsonObject> Items(JsonNode? array) => array?.AsArray().Select(item => item!.AsObject()) ?? [];

    private static void Default(JsonObject item, string member, JsonNode value)
    {
        if (!item.ContainsKey(member))
        {
            item[member] = value;
        }
    }
}
