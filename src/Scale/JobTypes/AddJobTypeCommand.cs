using System.CommandLine;
using System.Text.Json.Nodes;
using Scale.Client;
using Scale.Engine.Clusters.Local;
using Scale.Serve;

namespace Scale.JobTypes;

/// <summary>Registers the job type that an image describes itself, with the manifest in its label (job-types-and-seed.md §11).</summary>
public static class AddJobTypeCommand
{
    public static Command Create()
    {
        var image = new Argument<string>("IMAGE") { Description = "Image reference; it is fetched when it is not here" };
        var containers = new ContainerCommandOptions();
        var server = new ServerConnectionOptions();
        var workspace = new Option<string?>("--workspace")
        {
            Description = "Workspace for the outputs; needed for a new job type with file outputs, unless it is configured later",
            HelpName = "NAME",
        };
        var command = new Command("add", "Registers the job type of an image by the manifest in its label, or makes a new revision of it");
        command.Arguments.Add(image);
        command.Options.Add(workspace);
        server.AddTo(command);
        containers.AddEngineTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var manifest = await ReadManifest(containers.ReadEngine(parsed), parsed.GetValue(image)!, cancel);
            using var connection = await server.Connect(parsed, cancel);
            var type = await new ScaleClient(connection).AddJobType(manifest, parsed.GetValue(image)!, parsed.GetValue(workspace), autoUpdate: true, cancel);
            Console.WriteLine($"{type.Name} {type.Version} is registered, revision {type.Revision}");
            return 0;
        });
        return command;
    }

    private static async Task<JsonObject> ReadManifest(ContainerOptions options, string image, CancellationToken cancel)
    {
        var (document, manifest) = await ImageManifest.Read(options, image, cancel);
        return manifest.IsValid
            ? JsonObject.Create(document)!
            : throw new JobTypeException($"The manifest of image {image} is not valid:{string.Concat(manifest.Errors.Select(e => $"\n  {e.Text}"))}");
    }
}
