using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Files;

/// <summary>The members that scan and strike configurations share (storage-and-ingest.md §4).</summary>
internal static class IngestRules
{
    private const string Member = "files_to_ingest";

    public static IReadOnlyList<FileRule> Read(DocumentReader root)
    {
        var rules = new List<FileRule>();
        foreach (var rule in root.Objects(Member, required: true))
        {
            var regex = rule.RequiredString("filename_regex", allowEmpty: false);
            var dataTypes = rule.Strings("data_types", allowEmpty: false);
            var workspace = rule.OptionalString("new_workspace", allowEmpty: false);
            var path = Path(rule);
            rule.Close();
            if (PythonRegex.Compile(regex) is null)
            {
                rule.Report("filename_regex", $"Invalid file name regex: {regex}");
            }
            else
            {
                rules.Add(new FileRule(regex, dataTypes, workspace, path));
            }
        }

        if (root.Any(Member) is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() == 0)
        {
            root.Report(Member, "must hold at least one rule");
        }

        return rules;
    }

    public static IngestRecipe? ReadRecipe(DocumentReader root)
    {
        if (root.Object("recipe") is not { } recipe)
        {
            return null;
        }

        var read = new IngestRecipe(recipe.RequiredString("name", allowEmpty: false), recipe.Integer("revision_num"));
        recipe.Close();
        return read;
    }

    public static JsonArray ToJson(IReadOnlyList<FileRule> rules) => new(rules.Select(rule =>
    {
        var json = new JsonObject
        {
            ["filename_regex"] = rule.FilenameRegex,
            ["data_types"] = new JsonArray(rule.DataTypes.Select(d => (JsonNode?)JsonValue.Create(d)).ToArray()),
        };
        if (rule.NewWorkspace is not null)
        {
            json["new_workspace"] = rule.NewWorkspace;
        }

        if (rule.NewFilePath is not null)
        {
            json["new_file_path"] = rule.NewFilePath;
        }

        return (JsonNode?)json;
    }).ToArray());

    public static JsonObject ToJson(IngestRecipe recipe)
    {
        var json = new JsonObject { ["name"] = recipe.Name };
        if (recipe.RevisionNum is { } revision)
        {
            json["revision_num"] = revision;
        }

        return json;
    }

    public static void CheckRecipe(IngestRecipe? recipe, Func<string, int?, bool> recipeTypeExists, string errorName, List<Problem> problems)
    {
        if (recipe is null)
        {
            return;
        }

        if (!recipeTypeExists(recipe.Name, null))
        {
            problems.Add(new Problem(errorName, "/recipe/name", $"Recipe Type {recipe.Name} does not exist"));
        }
        else if (recipe.RevisionNum is { } revision && !recipeTypeExists(recipe.Name, revision))
        {
            problems.Add(new Problem(errorName, "/recipe/revision_num", $"Recipe Type {recipe.Name} has no revision {revision}"));
        }
    }

    public static void CheckWorkspaces(
        string workspace, IReadOnlyList<FileRule> rules, IReadOnlyDictionary<string, IngestWorkspace> workspaces, string errorName, List<Problem> problems)
    {
        CheckWorkspace(workspace, "/workspace");
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i].NewWorkspace is { } name)
            {
                CheckWorkspace(name, $"/{Member}/{i}/new_workspace");
            }
        }

        void CheckWorkspace(string name, string path)
        {
            if (!workspaces.TryGetValue(name, out var known))
            {
                problems.Add(new Problem(errorName, path, $"Unknown workspace name: {name}"));
            }
            else if (!known.IsActive)
            {
                problems.Add(new Problem(errorName, path, $"Workspace is not active: {name}"));
            }
        }
    }

    private static string? Path(DocumentReader rule)
    {
        if (rule.OptionalString("new_file_path", allowEmpty: false) is not { } path)
        {
            return null;
        }

        var normal = RelativePath.Normalize(path);
        if (normal is null)
        {
            rule.Report("new_file_path", $"must be relative and stay below the workspace, not '{path}'");
        }

        return normal;
    }
}
