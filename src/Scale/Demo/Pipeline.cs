using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Scale.Demo;

/// <summary>An example as it lies below an image root: <c>pipeline.json</c>, and a folder with <c>seed.manifest.json</c> for every job type.</summary>
public sealed class Pipeline
{
    private readonly string folder;
    private readonly JsonObject document;

    private Pipeline(string folder, JsonObject document)
    {
        this.folder = folder;
        this.document = document;
        FilePattern = new Regex($"^(?:{Text("file_pattern")})", RegexOptions.CultureInvariant);
    }

    public string Title => Text("title");
    public string Description => Text("description");

    /// <summary><c>dir:PATH</c>, the unpacked image that holds the programs.</summary>
    public string DockerImage => Text("docker_image");

    /// <summary>The recipe type's one input, which is also the dataset's parameter.</summary>
    public string Input => Text("input");

    public string MediaType => Text("media_type");

    /// <summary>Names of the files it is made for.</summary>
    public Regex FilePattern { get; }

    /// <summary>The program inside the image, for what the demo itself needs of it.</summary>
    public string ProgramPath(string name) => Path.Combine(folder, "bin", name);

    /// <exception cref="DirectoryNotFoundException">No image root has the example.</exception>
    public static Pipeline Load(string name, IReadOnlyList<string> imageRoots)
    {
        var folder = imageRoots.Select(root => Path.Combine(root, name)).FirstOrDefault(candidate => File.Exists(Path.Combine(candidate, "pipeline.json")))
            ?? throw new DirectoryNotFoundException($"The example '{name}' is below none of the image roots: {string.Join(", ", imageRoots)}");
        return new Pipeline(folder, Read(Path.Combine(folder, "pipeline.json")));
    }

    /// <summary>
    /// The manifests for the <paramref name="batch"/>-th batch of a chain, from 1. Every second one has the changed version of one job type, and that one's package
    /// version grows with every batch, so that each batch differs from the one before in exactly this job type.
    /// </summary>
    public IReadOnlyList<JsonObject> Manifests(int batch)
    {
        var changed = Text("changed");
        return [.. document["job_types"]!.AsArray().Select(name => Manifest(name!.GetValue<string>()))];

        JsonObject Manifest(string name)
        {
            if (name != changed.Split('/')[0])
            {
                return Read(Path.Combine(folder, name, "seed.manifest.json"));
            }

            var manifest = Read(Path.Combine(folder, batch % 2 == 0 ? changed : name, "seed.manifest.json"));
            manifest["job"]!["packageVersion"] = $"1.{batch - 1}.0";
            return manifest;
        }
    }

    /// <summary>The recipe type's definition with these revisions of its job types.</summary>
    /// <param name="revisions">By job type name.</param>
    public JsonObject Definition(IReadOnlyDictionary<string, int> revisions)
    {
        var definition = document["definition"]!.DeepClone().AsObject();
        foreach (var (_, node) in definition["nodes"]!.AsObject())
        {
            var type = node!["node_type"]!;
            type["job_type_revision"] = revisions[type["job_type_name"]!.GetValue<string>()];
        }

        return definition;
    }

    private static JsonObject Read(string path) => JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();

    private string Text(string name) => document[name]!.GetValue<string>();
}
