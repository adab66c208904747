using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Files;

/// <summary>The recipe type that takes the ingested files; null for its current revision.</summary>
public sealed record IngestRecipe(string Name, int? RevisionNum);

/// <summary>What a scan or strike configuration is checked against.</summary>
/// <param name="BrokerType">As in <see cref="WorkspaceBroker.Type"/>.</param>
public sealed record IngestWorkspace(bool IsActive, string BrokerType);

/// <summary>A scan configuration (storage-and-ingest.md §4).</summary>
public sealed class ScanConfiguration
{
    public const string Invalid = "INVALID_SCAN_CONFIGURATION";

    private readonly string scannerText;

    private ScanConfiguration(
        string workspace, string scannerType, string? transferSuffix, bool isRecursive, IReadOnlyList<FileRule> rules, IngestRecipe? recipe, string scannerText)
    {
        Workspace = workspace;
        ScannerType = scannerType;
        TransferSuffix = transferSuffix;
        IsRecursive = isRecursive;
        Rules = rules;
        Recipe = recipe;
        this.scannerText = scannerText;
    }

    /// <summary>Name of the workspace to list.</summary>
    public string Workspace { get; }

    /// <summary><c>dir</c> or <c>s3</c>.</summary>
    public string ScannerType { get; }

    /// <summary>Names that end in it are still being written; null when there is no such mark.</summary>
    public string? TransferSuffix { get; }

    public bool IsRecursive { get; }

    /// <summary>At least one; the first match wins.</summary>
    public IReadOnlyList<FileRule> Rules { get; }

    public IngestRecipe? Recipe { get; }

    /// <summary>Reads version 1.0, 6, 7 or none; <c>monitor</c> is taken for <c>scanner</c> when that is missing (§9).</summary>
    public static Parsed<ScanConfiguration> Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, Invalid, problems) is not { } root)
        {
            return new(null, problems, []);
        }

        if (root.OptionalString("version") is { } version && version is not ("1.0" or "6" or "7"))
        {
            root.Report("version", $"must be 6 or 7, not '{version}'");
        }

        var workspace = root.RequiredString("workspace", allowEmpty: false);
        var scanner = root.Object(root.Json.TryGetProperty("scanner", out _) || !root.Json.TryGetProperty("monitor", out _) ? "scanner" : "monitor", required: true);
        var (type, suffix) = scanner is null ? ("", null) : Scanner(scanner);
        var isRecursive = root.Boolean("recursive", absent: true);
        var rules = IngestRules.Read(root);
        var recipe = IngestRules.ReadRecipe(root);
        root.Close();
        return problems.Count == 0
            ? new(new ScanConfiguration(workspace, type, suffix, isRecursive, rules, recipe, scanner!.Json.GetRawText()), [], [])
            : new(null, problems, []);
    }

    /// <summary>Reads what <see cref="ToText"/> wrote; throws <see cref="DocumentException"/> for anything else.</summary>
    public static ScanConfiguration FromText(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Parse(document.RootElement).Required();
    }

    public string ToText() => ToJson().ToJsonString();

    /// <summary>The stored and returned form: defaults filled in, without version.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["workspace"] = Workspace,
            ["scanner"] = JsonNode.Parse(scannerText),
            ["recursive"] = IsRecursive,
            ["files_to_ingest"] = IngestRules.ToJson(Rules),
        };
        if (Recipe is not null)
        {
            json["recipe"] = IngestRules.ToJson(Recipe);
        }

        return json;
    }

    /// <summary>Problems with the workspaces and the recipe type it names, in the order of §4.</summary>
    /// <param name="workspaces">All workspaces by name.</param>
    /// <param name="recipeTypeExists">Whether there is a recipe type of this name and, unless null, revision.</param>
    public IReadOnlyList<Problem> Check(IReadOnlyDictionary<string, IngestWorkspace> workspaces, Func<string, int?, bool> recipeTypeExists)
    {
        var problems = new List<Problem>();
        IngestRules.CheckRecipe(Recipe, recipeTypeExists, Invalid, problems);
        if (workspaces.TryGetValue(Workspace, out var listed) && !Fits(listed.BrokerType))
        {
            problems.Add(new Problem(Invalid, "/scanner/type", $"{ScannerType} does not work with workspace {Workspace} of type {listed.BrokerType}"));
        }

        IngestRules.CheckWorkspaces(Workspace, Rules, workspaces, Invalid, problems);
        return problems;
    }

    private bool Fits(string brokerType) => ScannerType switch
    {
        // An NFS workspace is mounted and then acts as a directory.
        "dir" => brokerType is "host" or "nfs",
        _ => brokerType == ScannerType,
    };

    private static (string Type, string? Suffix) Scanner(DocumentReader scanner)
    {
        var type = scanner.RequiredString("type", allowEmpty: false);
        if (type.Length > 0 && type is not ("dir" or "s3"))
        {
            scanner.Report("type", $"must be dir or s3, not '{type}'");
        }

        // The web page sends null or an empty text for none (existing-clients.md).
        var suffix = type == "dir" && scanner.Any("transfer_suffix") is { ValueKind: not JsonValueKind.Null } ? scanner.OptionalString("transfer_suffix") : null;
        return (type, suffix is "" ? null : suffix);
    }
}
