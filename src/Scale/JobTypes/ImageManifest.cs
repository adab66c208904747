using System.Text.Json;
using Scale.Engine.Clusters.Local;
using Scale.Model.Documents;
using Scale.Model.JobTypes.Seed;
using Scale.Serve;

namespace Scale.JobTypes;

/// <summary>The manifest that an image carries in its label (job-types-and-seed.md §11).</summary>
/// <param name="Document">As the label has it.</param>
internal sealed record ImageManifest(JsonElement Document, Parsed<SeedManifest> Manifest)
{
    private const int MostShown = 200;

    /// <summary>Reads it; an image that is not here is fetched.</summary>
    /// <exception cref="StartException">There is no container engine.</exception>
    /// <exception cref="JobTypeException">There is no such image, or no document in its label.</exception>
    public static async Task<ImageManifest> Read(ContainerOptions options, string image, CancellationToken cancel)
    {
        if (ContainerEngine.Find(options, TimeProvider.System, out var problem) is not { } engine)
        {
            throw new StartException($"An image can't be looked into: {problem}.");
        }

        var images = new ContainerImages(engine, options.Pull, ContainerImages.PullLimit);
        if (await images.Ensure(image, cancel) is { } error)
        {
            throw new JobTypeException(error.Reason);
        }

        if (await images.ReadLabel(image, SeedLabel.Name, cancel) is not { } label)
        {
            throw new JobTypeException($"Image {image} has no label {SeedLabel.Name}. Put its manifest there: LABEL {SeedLabel.Name}=\"...\" in its Dockerfile, with \" and $ escaped by a backslash.");
        }

        return SeedLabel.Read(label) is { } document
            ? new ImageManifest(document, SeedManifest.Parse(document))
            : throw new JobTypeException($"Label {SeedLabel.Name} of image {image} is no JSON object: {(label.Length > MostShown ? label[..MostShown] + " ..." : label)}");
    }
}
