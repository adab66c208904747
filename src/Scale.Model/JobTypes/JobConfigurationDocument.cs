using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.JobTypes;

/// <summary>The JSON of a job configuration (job-types-and-seed.md §5).</summary>
internal static class JobConfigurationDocument
{
    public static Parsed<JobConfiguration> Parse(JsonElement json)
    {
        if (json.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            return new(JobConfiguration.Empty, [], []);
        }

        var problems = new List<Problem>();
        if (DocumentReader.Open(json, ConfigurationProblems.Invalid, problems) is not { } root)
        {
            return new(null, problems, []);
        }

        if (root.Any("version") is { } version && !(version.ValueKind == JsonValueKind.String && version.GetString() is "6" or "7" or "2.0"))
        {
            root.Report("version", $"{version.GetRawText()} is not a supported version; use \"6\" or \"7\"", ConfigurationProblems.InvalidVersion);
        }

        var (settings, cleared) = Settings(root);
        var (workspace, outputs) = Workspaces(root);
        var configuration = new JobConfiguration(Mounts(root), workspace, outputs, Priority(root), settings)
        {
            ClearedSettings = cleared,
            Reuse = root.Has("reuse") ? root.Boolean("reuse", absent: false) : null,
        };
        root.Close();
        return new(problems.Count == 0 ? configuration : null, problems, []);
    }

    public static JobConfiguration FromText(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return JobConfiguration.Empty;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return Parse(document.RootElement).Document ?? JobConfiguration.Empty;
        }
        catch (JsonException)
        {
            return JobConfiguration.Empty;
        }
    }

    public static JsonObject ToJson(JobConfiguration configuration) => JsonNode.Parse(Bytes(configuration, fill: true))!.AsObject();

    public static string ToText(JobConfiguration configuration) => Encoding.UTF8.GetString(Bytes(configuration, fill: false));

    public static void Write(Utf8JsonWriter json, JobConfiguration configuration, bool fill)
    {
        json.WriteStartObject();
        if (fill || configuration.Mounts is not null)
        {
            json.WriteStartObject("mounts");
            foreach (var (name, mount) in configuration.Mounts ?? ImmutableSortedDictionary<string, MountConfiguration>.Empty)
            {
                json.WriteStartObject(name);
                mount.WriteMembersTo(json);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        if (fill || configuration.DefaultWorkspace is not null || configuration.OutputWorkspaces is not null)
        {
            json.WriteStartObject("output_workspaces");
            json.WriteString("default", configuration.DefaultWorkspace ?? "");
            Write(json, "outputs", configuration.OutputWorkspaces);
            json.WriteEndObject();
        }

        if (fill || configuration.Priority is not null)
        {
            json.WriteNumber("priority", configuration.Priority ?? JobConfiguration.DefaultPriority);
        }

        if (fill || configuration.Settings is not null)
        {
            Write(json, "settings", configuration.Settings);
        }

        if (configuration.Reuse is { } reuse && (reuse || !fill))
        {
            json.WriteBoolean("reuse", reuse);
        }

        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, string>? map)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static ImmutableSortedDictionary<string, MountConfiguration>? Mounts(DocumentReader root)
    {
        if (root.Object("mounts") is not { } mounts)
        {
            return null;
        }

        var read = ImmutableSortedDictionary.CreateBuilder<string, MountConfiguration>(StringComparer.Ordinal);
        foreach (var name in mounts.MemberNames())
        {
            if (mounts.Object(name) is { } mount)
            {
                if (Mount(mount) is { } configuration)
                {
                    read[name] = configuration;
                }

                mount.Close();
            }
        }

        return read.ToImmutable();
    }

    private static MountConfiguration? Mount(DocumentReader mount)
    {
        if (!mount.TryRequiredString("type", out var type))
        {
            mount.MemberNames();
            return null;
        }

        switch (type)
        {
            case "host":
                if (!mount.TryRequiredString("host_path", out var path))
                {
                    return null;
                }

                if (!path.StartsWith('/'))
                {
                    mount.Report("host_path", $"must be absolute, not '{path}'", ConfigurationProblems.HostAbsolutePath);
                }

                return new MountConfiguration.Host(path);
            case "volume":
                var driver = mount.OptionalString("driver") ?? "";
                return new MountConfiguration.Volume(driver, mount.StringMap("driver_opts").ToImmutableSortedDictionary(StringComparer.Ordinal));
            default:
                mount.Report("type", $"must be host or volume, not '{type}'");
                mount.MemberNames();
                return null;
        }
    }

    private static (string? Default, ImmutableSortedDictionary<string, string>? Outputs) Workspaces(DocumentReader root)
    {
        if (root.Object("output_workspaces") is not { } workspaces)
        {
            return (null, null);
        }

        var fallback = workspaces.OptionalString("default");
        var outputs = workspaces.StringMap("outputs").ToImmutableSortedDictionary(StringComparer.Ordinal);
        workspaces.Close();
        return (fallback is { Length: > 0 } ? fallback : null, outputs);
    }

    private static int? Priority(DocumentReader root)
    {
        var priority = root.Integer("priority");
        if (priority < 1)
        {
            root.Report("priority", $"must be at least 1, not {priority}", ConfigurationProblems.InvalidPriority);
        }

        return priority;
    }

    private static (ImmutableSortedDictionary<string, string>? Settings, ImmutableSortedSet<string> Cleared) Settings(DocumentReader root)
    {
        if (root.Object("settings") is not { } settings)
        {
            return (null, ImmutableSortedSet<string>.Empty);
        }

        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var cleared = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var name in settings.MemberNames())
        {
            if (settings.Any(name)?.ValueKind == JsonValueKind.Null)
            {
                cleared.Add(name);
            }
            else if (settings.TryRequiredString(name, out var value))
            {
                values[name] = value;
            }
        }

        return (values.ToImmutable(), cleared.ToImmutable());
    }

    private static ReadOnlySpan<byte> Bytes(JobConfiguration configuration, bool fill)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, configuration, fill);
        }

        return buffer.WrittenSpan;
    }
}
