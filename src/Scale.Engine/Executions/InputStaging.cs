using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Scale.Engine.Executions;

/// <summary>Lays the inputs of an execution into its folder: links to the workspace files and the metadata document (job-types-and-seed.md §8.2).</summary>
public static class InputStaging
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task Stage(ExecutionSpec spec, CheckedInputs inputs, ExecutionFolder folder, CancellationToken cancel)
    {
        foreach (var (input, files) in inputs.Files)
        {
            var directory = Path.Combine(folder.Inputs, input);
            Directory.CreateDirectory(directory);
            foreach (var file in files)
            {
                await file.Broker.Stage(file.File.FilePath, Path.Combine(directory, file.LocalName), cancel);
            }
        }

        File.WriteAllText(folder.InputMetadata, Metadata(spec, inputs, folder));
    }

    private static string Metadata(ExecutionSpec spec, CheckedInputs inputs, ExecutionFolder folder)
    {
        var job = new JsonObject();
        foreach (var (name, value) in spec.Input.Json)
        {
            job[name] = JsonNode.Parse(value.GetRawText());
        }

        foreach (var (name, files) in inputs.Files)
        {
            job[name] = new JsonArray([.. files.Select(file => new JsonObject
            {
                ["id"] = file.File.FileId,
                ["file_name"] = file.File.FileName,
                ["file_path"] = file.File.FilePath,
                ["file_size"] = file.File.FileSize,
                ["file_type"] = file.File.IsSource ? "SOURCE" : "PRODUCT",
                ["media_type"] = file.File.MediaType,
                ["workspace"] = new JsonObject { ["id"] = file.File.Workspace.Id, ["name"] = file.File.Workspace.Name },
                ["local_path"] = Path.Combine(folder.Inputs, name, file.LocalName),
            })]);
        }

        return new JsonObject { ["JOB"] = job }.ToJsonString(Readable);
    }
}
