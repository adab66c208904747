using System.CommandLine;
using System.Text.Json.Nodes;
using Scale.Client;
using Scale.Engine.Clusters.Local;
using Scale.Model.JobTypes.Seed;
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
        if (ContainerEngine.Find(options, TimeProvider.System, out var problem) is not { } engine)
        {
            throw new StartException($"An image can't be looked into: {problem}.");
        }

        var images = new ContainerImages(engine, ImagePull.Absent, ContainerImages.PullLimit);
        if (await images.Ensure(image, cancel) is { } error)
        {
            throw new JobTypeException(error.Reason);
        }

        if (await images.ReadLabel(image, SeedLabel.Name, cancel) is not { } label)
        {
            throw new JobTypeException($"Image {image} has no label {SeedLabel.Name}. Put its manifest there: LABEL {SeedLabel.Name}=\"...\" in its Dockerfile, with \" and $ escaped by a backslash.");
        }

        if (SeedLabel.Read(label) is not { } manifest)
        {
            throw new JobTypeException($"Label {SeedLabel.Name} of image {image} is no JSON object: {(label.Length > 200 ? label[..200] + " ..." : label)}");
        }

        var parsed = SeedManifest.Parse(manifest);
        return parsed.IsValid
            ? JsonObject.Create(manifest)!
            : throw new JobTypeException($"The manifest of image {image} is not valid:{string.Concat(parsed.Errors.Select(e => $"\n  {e.Text}"))}");
    }
}
