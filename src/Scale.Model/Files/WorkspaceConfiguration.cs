using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Files;

/// <summary>A workspace configuration (storage-and-ingest.md §1.1).</summary>
public sealed class WorkspaceConfiguration
{
    public const string InvalidConfiguration = "INVALID_CONFIGURATION";
    public const string InvalidBroker = "INVALID_BROKER";
    public const string InvalidVersion = "INVALID_VERSION";

    /// <summary>What responses show for a secret, and what an edit sends back to keep it.</summary>
    public const string Mask = "************";

    private static readonly string[] SecretMembers = ["access_key_id", "secret_access_key"];

    private readonly string brokerText;

    private WorkspaceConfiguration(WorkspaceBroker broker, string brokerText)
    {
        Broker = broker;
        this.brokerText = brokerText;
    }

    public WorkspaceBroker Broker { get; }

    /// <summary>Reads version 1.0, 6, 7 or none.</summary>
    public static Parsed<WorkspaceConfiguration> Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, InvalidConfiguration, problems) is not { } root)
        {
            return new(null, problems, []);
        }

        if (root.Any("version") is { } version && !(version.ValueKind == JsonValueKind.String && version.GetString() is "1.0" or "6" or "7"))
        {
            root.Report("version", $"{version.GetRawText()} is not a supported version; use \"6\" or \"7\"", InvalidVersion);
        }

        var broker = root.Object("broker", required: true) is { } reader ? ReadBroker(reader) : null;
        root.Close();
        return problems.Count == 0 && broker is not null
            ? new(new WorkspaceConfiguration(broker, root.Json.GetProperty("broker").GetRawText()), [], [])
            : new(null, problems, []);
    }

    /// <summary>Reads what <see cref="ToText"/> wrote; throws <see cref="DocumentException"/> for anything else.</summary>
    public static WorkspaceConfiguration FromText(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Parse(document.RootElement).Required();
    }

    /// <summary>The stored form, secrets included; unknown members of the broker are kept.</summary>
    public string ToText() => ToJson(masked: false).ToJsonString();

    /// <summary>The form of responses, without version.</summary>
    /// <param name="masked">Whether secrets are shown as <see cref="Mask"/>; only staff may see them.</param>
    public JsonObject ToJson(bool masked)
    {
        var broker = JsonNode.Parse(brokerText)!.AsObject();
        if (masked && broker["credentials"] is JsonObject credentials)
        {
            foreach (var member in SecretMembers.Where(credentials.ContainsKey))
            {
                credentials[member] = Mask;
            }
        }

        return new JsonObject { ["broker"] = broker };
    }

    /// <summary>This (edited) configuration with masked secrets replaced by those of <paramref name="stored"/>.</summary>
    public WorkspaceConfiguration KeepSecretsOf(WorkspaceConfiguration stored)
    {
        var json = ToJson(masked: false);
        if (json["broker"]!["credentials"] is not JsonObject credentials)
        {
            return this;
        }

        var known = JsonNode.Parse(stored.brokerText)!["credentials"] as JsonObject;
        foreach (var member in SecretMembers)
        {
            if (TextOf(credentials[member]) == Mask)
            {
                credentials[member] = TextOf(known?[member]) ?? "";
            }
        }

        return FromText(json.ToJsonString());
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static WorkspaceBroker? ReadBroker(DocumentReader broker)
    {
        if (!broker.TryRequiredString("type", out var type))
        {
            return null;
        }

        switch (type)
        {
            case "host":
                return Text(broker, "host_path", required: true) is { } path && CheckHostPath(broker, path) ? new WorkspaceBroker.Host(HostPaths.Normalize(path)) : null;
            case "nfs":
                return Text(broker, "nfs_path", required: true) is { } share ? new WorkspaceBroker.Nfs(share) : null;
            case "s3":
                return ReadS3(broker);
            default:
                broker.Report("type", $"must be host, nfs or s3, not '{type}'");
                return null;
        }
    }

    private static WorkspaceBroker? ReadS3(DocumentReader broker)
    {
        var bucket = Text(broker, "bucket_name", required: true);
        var credentials = S3Settings.Credentials(broker, InvalidBroker);
        var endpoint = S3Settings.Endpoint(broker, InvalidBroker);
        var mount = Text(broker, "host_path")?.Trim();
        if (mount is { Length: > 0 } && !CheckHostPath(broker, mount))
        {
            return null;
        }

        return bucket is null
            ? null
            : new WorkspaceBroker.S3(
                bucket, credentials, NullIfEmpty(Text(broker, "region_name")?.Trim()), mount is { Length: > 0 } ? HostPaths.Normalize(mount) : null,
                endpoint, S3Settings.PathStyle(broker, endpoint is not null, InvalidBroker), KeyPrefix(broker));
    }

    private static string KeyPrefix(DocumentReader broker)
    {
        if (NullIfEmpty(Text(broker, "key_prefix")?.Trim('/')) is not { } prefix)
        {
            return "";
        }

        if (RelativePath.Normalize(prefix) == prefix)
        {
            return prefix + "/";
        }

        broker.Report("key_prefix", $"must be a plain path below the bucket, not '{prefix}'", InvalidBroker);
        return "";
    }

    private static bool CheckHostPath(DocumentReader broker, string path)
    {
        if (HostPaths.ProblemOf(path) is not { } problem)
        {
            return true;
        }

        broker.Report("host_path", problem, InvalidBroker);
        return false;
    }

    private static string? Text(DocumentReader broker, string member, bool required = false) => S3Settings.Text(broker, member, InvalidBroker, required);

    private static string? NullIfEmpty(string? text) => text is { Length: > 0 } ? text : null;
}
