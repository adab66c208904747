using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.Documents;

namespace Scale.Model.Recipes;

/// <summary>Reads definitions of versions 6 and 7 (recipes.md §4.1).</summary>
internal sealed class RecipeGrammar
{
    private const int MaxNodeName = 100;

    private readonly RecipeDraft draft = new();

    // Things of good shape but bad content; they come after all problems of shape.
    private readonly List<Problem> contentProblems = [];

    public static RecipeDraft Read(JsonElement json)
    {
        var grammar = new RecipeGrammar();
        if (DocumentReader.Open(json, "INVALID_DEFINITION", grammar.draft.Problems) is { } reader)
        {
            grammar.ReadDefinition(reader);
        }

        grammar.draft.Problems.AddRange(grammar.contentProblems);
        return grammar.draft;
    }

    private void ReadDefinition(DocumentReader reader)
    {
        DocumentVersion.Check(reader, "INVALID_DEFINITION");
        draft.Input = reader.Any("input") is { } input ? ReadInput(input) : DataInterface.Empty;
        if (reader.Object("nodes") is { } nodes)
        {
            foreach (var name in nodes.MemberNames())
            {
                if (name.Length is 0 or > MaxNodeName)
                {
                    nodes.Report(name, $"a node name must have 1 to {MaxNodeName} characters");
                }

                if (nodes.Object(name) is { } node)
                {
                    ReadNode(name, node);
                }
                else
                {
                    draft.Nodes.Add(new DraftNode(name, nodes.PathOf(name), null, [], []));
                }
            }
        }

        reader.Close();
    }

    private DataInterface? ReadInput(JsonElement json)
    {
        var input = DataInterface.Parse(json);
        foreach (var error in input.Errors)
        {
            var isDuplicate = error.Name == "DUPLICATE_INPUT";
            (isDuplicate ? contentProblems : draft.Problems).Add(new Problem(isDuplicate ? "INPUT_INTERFACE" : "INVALID_DEFINITION", "/input" + error.Path, error.Description));
        }

        return input.Document;
    }

    private void ReadNode(string name, DocumentReader reader)
    {
        var dependencies = new List<DraftDependency>();
        foreach (var dependency in reader.Objects("dependencies", required: true))
        {
            dependencies.Add(new DraftDependency(dependency.Path, dependency.RequiredString("name"), dependency.Boolean("acceptance", absent: true)));
            dependency.Close();
        }

        var connections = new List<DraftConnection>();
        if (reader.Object("input", required: true) is { } input)
        {
            foreach (var parameter in input.MemberNames())
            {
                if (ReadConnection(name, parameter, input.PathOf(parameter), input.Json.GetProperty(parameter)) is { } connection)
                {
                    connections.Add(connection);
                }
            }
        }

        var type = reader.Any("node_type", required: true) is { } json ? ReadType(name, json, reader.PathOf("node_type")) : null;
        reader.Close();
        draft.Nodes.Add(new DraftNode(name, reader.Path, type, dependencies, connections));
    }

    private DraftConnection? ReadConnection(string node, string parameter, string path, JsonElement json)
    {
        DraftConnection? connection = null;
        var alternatives = new Alternatives($"Node '{node}', input '{parameter}'");
        alternatives.Try("recipe connection", json, reader =>
        {
            Constant(reader, "type", "recipe");
            connection = new DraftConnection(path, parameter, null, reader.RequiredString("input"));
            reader.Close();
        });
        alternatives.Try("dependency connection", json, reader =>
        {
            Constant(reader, "type", "dependency");
            connection = new DraftConnection(path, parameter, reader.RequiredString("node"), reader.RequiredString("output"));
            reader.Close();
        });
        return alternatives.Succeed(draft.Problems) ? connection : null;
    }

    // Unknown members are accepted here alone: the web page sends back what it was shown of a run (existing-clients.md).
    private NodeType? ReadType(string node, JsonElement json, string path)
    {
        NodeType? type = null;
        var content = new List<Problem>();
        var alternatives = new Alternatives($"Node '{node}'");
        alternatives.Try("job node", json, reader =>
        {
            Constant(reader, "node_type", "job");
            type = new NodeType.Job(
                reader.RequiredString("job_type_name"), reader.RequiredString("job_type_version"), reader.Integer("job_type_revision", required: true) ?? 0);
        });
        alternatives.Try("recipe node", json, reader =>
        {
            Constant(reader, "node_type", "recipe");
            type = new NodeType.Recipe(reader.RequiredString("recipe_type_name"), reader.Integer("recipe_type_revision", required: true) ?? 0);
        });
        alternatives.Try("condition node", json, reader =>
        {
            Constant(reader, "node_type", "condition");
            var dataInterface = ReadInterface(reader, path, content);
            var filter = reader.Any("data_filter") is { } filterJson ? DataFilter.Parse(filterJson) : new Parsed<DataFilter>(DataFilter.AcceptAll, [], []);
            content.AddRange(filter.Errors.Select(e => e with { Path = path + "/data_filter" + e.Path, Description = $"Node '{node}': {e.Description}" }));
            type = dataInterface is null || filter.Document is null ? null : new NodeType.Condition(dataInterface, filter.Document);
        });
        if (!alternatives.Succeed(draft.Problems))
        {
            return null;
        }

        contentProblems.AddRange(content);
        return type;
    }

    private static DataInterface? ReadInterface(DocumentReader reader, string path, List<Problem> content)
    {
        if (reader.Any("interface", required: true) is not { } json)
        {
            return null;
        }

        var parsed = DataInterface.Parse(json);
        foreach (var error in parsed.Errors)
        {
            if (error.Name == "DUPLICATE_INPUT")
            {
                content.Add(new Problem("INPUT_INTERFACE", path + "/interface" + error.Path, error.Description));
            }
            else
            {
                reader.Report("", $"interface{error.Path}: {error.Description}");
            }
        }

        return parsed.Document;
    }

    private static void Constant(DocumentReader reader, string member, string value)
    {
        if (reader.RequiredString(member, allowEmpty: false) is { Length: > 0 } given && given != value)
        {
            reader.Report(member, $"must be '{value}', not '{given}'");
        }
    }
}
