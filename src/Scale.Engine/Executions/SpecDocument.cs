using System.Text.Json.Nodes;

namespace Scale.Engine.Executions;

/// <summary>The <c>spec.json</c> of an execution folder: what is to be run, for the people who look there. Holds no secret.</summary>
public static class SpecDocument
{
    public static JsonObject Of(ExecutionSpec spec) => new()
    {
        ["cluster_id"] = spec.ClusterId,
        ["job_id"] = spec.Key.JobId,
        ["exe_num"] = spec.Key.ExeNum,
        ["execution_id"] = spec.Key.ExecutionId,
        ["node"] = spec.Hostname,
        ["image"] = spec.Image,
        ["timeout"] = spec.TimeoutSeconds,
        ["resources"] = spec.Resources.ToJson(),
        ["input"] = spec.Input.ToJson(),
        ["configuration"] = spec.Configuration.WithoutSecrets(spec.Manifest).ToJson(),
        ["manifest"] = JsonNode.Parse(spec.Manifest.NormalForm),
    };
}
