using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.Documents;

namespace Scale.Model.JobTypes.Seed;

/// <summary>Reads the grammar of job-types-and-seed.md §4.1; the rules beyond it are in <see cref="SeedRules"/>.</summary>
internal sealed class SeedManifestReader
{
    // Columns of the reference; its clients lay out for them.
    private const int MaxName = 50;
    private const int MaxVersion = 50;
    private const int MaxTag = 50;
    private const int MaxErrorTitle = 50;
    private const int MaxErrorDescription = 250;

    private readonly List<Problem> errors = [];

    public static Parsed<SeedManifest> Read(JsonElement json)
    {
        var reader = new SeedManifestReader();
        var manifest = reader.ReadRoot(json);
        if (manifest is null || reader.errors.Count > 0)
        {
            return new(null, reader.errors, []);
        }

        var (errors, warnings) = SeedRules.Check(manifest);
        return new(errors.Count == 0 ? manifest : null, errors, warnings);
    }

    private SeedManifest? ReadRoot(JsonElement json)
    {
        if (DocumentReader.Open(json, SeedProblems.Invalid, errors) is not { } root)
        {
            return null;
        }

        if (root.TryRequiredString("seedVersion", out var version) && version != "1.0.0")
        {
            root.Report("seedVersion", $"must be 1.0.0, not '{version}'");
        }

        var job = root.Object("job", required: true);
        root.Close();
        return job is null ? null : ReadJob(json, job);
    }

    private SeedManifest ReadJob(JsonElement json, DocumentReader job)
    {
        var application = job.Object("interface");
        var inputs = application?.Object("inputs");
        var outputs = application?.Object("outputs");
        var manifest = new SeedManifest
        {
            Name = JobName(job),
            JobVersion = Version(job, "jobVersion"),
            PackageVersion = Version(job, "packageVersion"),
            Title = job.RequiredString("title"),
            Description = job.RequiredString("description"),
            Tags = Tags(job),
            Maintainer = Maintainer(job),
            Timeout = job.Integer("timeout", required: true) ?? 0,
            Resources = Resources(job),
            Command = application?.OptionalString("command") ?? "",
            FileInputs = List(inputs, "files", FileInput),
            JsonInputs = List(inputs, "json", r => new SeedJsonInput(Name(r), Type(r), r.Boolean("required", absent: true))),
            FileOutputs = List(outputs, "files", FileOutput),
            JsonOutputs = List(outputs, "json", JsonOutput),
            Mounts = List(application, "mounts", Mount),
            Settings = List(application, "settings", r => new SeedSetting(Name(r), r.Boolean("secret", absent: false))),
            Errors = List(job, "errors", Error),
            NormalForm = "",
        };
        inputs?.Close();
        outputs?.Close();
        application?.Close();
        job.Close();
        return errors.Count > 0 ? manifest : manifest with { NormalForm = SeedNormalForm.Of(json) };
    }

    private static SeedFileInput FileInput(DocumentReader r) =>
        new(Name(r), r.Boolean("required", absent: true), r.Strings("mediaTypes"), r.Boolean("multiple", absent: false), r.Boolean("partial", absent: false));

    private static SeedFileOutput FileOutput(DocumentReader r) =>
        new(Name(r), r.RequiredString("pattern"), r.OptionalString("mediaType") ?? SeedNormalForm.DefaultMediaType,
            r.Boolean("multiple", absent: false), r.Boolean("required", absent: true));

    private static SeedJsonOutput JsonOutput(DocumentReader r)
    {
        var name = Name(r);
        return new SeedJsonOutput(name, Type(r), r.OptionalString("key") ?? name, r.Boolean("required", absent: true));
    }

    private static SeedMount Mount(DocumentReader r)
    {
        var mode = r.OptionalString("mode");
        if (mode is not (null or "ro" or "rw"))
        {
            r.Report("mode", $"must be ro or rw, not {mode}");
        }

        return new SeedMount(Name(r), r.RequiredString("path"), mode == "rw");
    }

    private static SeedError Error(DocumentReader r)
    {
        var name = Limited(r, "name", Name(r), MaxName);
        var category = r.OptionalString("category");
        if (category is not (null or "job" or "data"))
        {
            r.Report("category", $"must be job or data, not {category}");
        }

        return new SeedError(
            r.Integer("code", required: true) ?? 0,
            name,
            Limited(r, "title", r.OptionalString("title") ?? name, MaxErrorTitle),
            Limited(r, "description", r.OptionalString("description"), MaxErrorDescription),
            category == "data");
    }

    private static IReadOnlyList<SeedResource> Resources(DocumentReader job)
    {
        if (job.Object("resources") is not { } resources)
        {
            return [];
        }

        var scalars = List(resources, "scalar", Resource);
        resources.Close();
        return scalars;
    }

    private static SeedResource Resource(DocumentReader r)
    {
        var name = Name(r).ToLowerInvariant();
        var value = r.Number("value", required: true) ?? 0;
        if (name == "gpus" && value != Math.Floor(value))
        {
            r.Report("value", "of gpus must be a whole number");
        }

        return new SeedResource(name, value, r.Number("inputMultiplier"));
    }

    private static SeedMaintainer Maintainer(DocumentReader job)
    {
        if (job.Object("maintainer", required: true) is not { } r)
        {
            return new SeedMaintainer("", "", null, null, null);
        }

        var maintainer = new SeedMaintainer(
            r.RequiredString("name"), r.RequiredString("email"), r.OptionalString("organization"), r.OptionalString("url"), r.OptionalString("phone"));
        r.Close();
        return maintainer;
    }

    private static string JobName(DocumentReader job)
    {
        if (job.TryRequiredString("name", out var name) && !SeedNames.IsJobName(name))
        {
            job.Report("name", $"must be letters, digits and '-' only, not '{name}'");
        }

        return Limited(job, "name", name, MaxName);
    }

    private static string Version(DocumentReader job, string member)
    {
        if (job.TryRequiredString(member, out var version) && !SemanticVersion.IsValid(version))
        {
            job.Report(member, $"must be a semantic version such as 1.0.0, not '{version}'");
        }

        return Limited(job, member, version, MaxVersion);
    }

    private static IReadOnlyList<string> Tags(DocumentReader job)
    {
        var tags = job.Strings("tags");
        if (tags.FirstOrDefault(t => t.Length > MaxTag) is { } tag)
        {
            job.Report("tags", $"holds a tag of {tag.Length} characters; at most {MaxTag} are allowed");
        }

        return tags;
    }

    private static string Name(DocumentReader r)
    {
        if (r.TryRequiredString("name", out var name) && !SeedNames.IsName(name))
        {
            r.Report("name", $"must be letters, digits, '_' and '-' only, not '{name}'");
        }

        return name;
    }

    private static JsonType Type(DocumentReader r)
    {
        JsonType? type = null;
        if (r.TryRequiredString("type", out var text))
        {
            type = JsonTypeNames.Find(text);
            if (type is null)
            {
                r.Report("type", $"must be array, boolean, integer, number, object or string, not '{text}'");
            }
        }

        return type ?? JsonType.String;
    }

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Limited(DocumentReader r, string member, string? text, int limit)
    {
        if (text?.Length > limit)
        {
            r.Report(member, $"has {text.Length} characters; at most {limit} are allowed");
        }

        return text;
    }

    private static IReadOnlyList<T> List<T>(DocumentReader? parent, string member, Func<DocumentReader, T> read)
    {
        var items = new List<T>();
        foreach (var reader in parent?.Objects(member) ?? [])
        {
            items.Add(read(reader));
            reader.Close();
        }

        return items;
    }
}
