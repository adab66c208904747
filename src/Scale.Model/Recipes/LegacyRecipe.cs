using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.Documents;

namespace Scale.Model.Recipes;

/// <summary>Reads definitions of v5 and before, <c>"version":"1.0"</c> (recipes.md §4.5).</summary>
internal static class LegacyRecipe
{
    public static RecipeDraft Read(JsonElement json, IRecipeCatalog? catalog)
    {
        var draft = new RecipeDraft();
        if (DocumentReader.Open(json, "INVALID_DEFINITION", draft.Problems) is not { } reader)
        {
            return draft;
        }

        var content = new List<Problem>();
        draft.Input = ReadInput(reader, content);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var job in reader.Objects("jobs"))
        {
            var name = job.RequiredString("name", allowEmpty: false);
            if (name.Length > 100)
            {
                job.Report("name", "a node name must have 1 to 100 characters");
            }
            else if (name.Length > 0 && !names.Add(name))
            {
                content.Add(new Problem("DUPLICATE_NODE", job.Path + "/name", $"Node '{name}' is defined twice"));
            }

            draft.Nodes.Add(ReadJob(name, job, catalog, content, draft.LookupProblems));
        }

        draft.Problems.AddRange(content);
        return draft;
    }

    private static DataInterface ReadInput(DocumentReader reader, List<Problem> content)
    {
        var files = new List<FileParameter>();
        var values = new List<JsonParameter>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in reader.Objects("input_data"))
        {
            var name = input.RequiredString("name", allowEmpty: false);
            if (name.Length > 0 && !ParameterName.IsValid(name))
            {
                input.Report("name", $"'{name}' must be up to {ParameterName.MaxLength} letters, digits, '_', '-' or blanks");
            }
            else if (name.Length > 0 && !names.Add(name))
            {
                content.Add(new Problem("INPUT_INTERFACE", input.Path + "/name", $"'{name}' is used by two inputs"));
            }

            var isRequired = input.Boolean("required", absent: true);
            switch (input.RequiredString("type"))
            {
                case "file":
                    files.Add(new FileParameter(name, input.Strings("media_types"), isRequired, Multiple: false));
                    break;
                case "files":
                    files.Add(new FileParameter(name, input.Strings("media_types"), isRequired, Multiple: true));
                    break;
                case "property":
                    values.Add(new JsonParameter(name, JsonType.String, isRequired));
                    break;
                case var other when other.Length > 0:
                    input.Report("type", $"'{other}' is none of file, files, property");
                    break;
            }
        }

        return new DataInterface(files, values);
    }

    private static DraftNode ReadJob(string name, DocumentReader job, IRecipeCatalog? catalog, List<Problem> content, List<Problem> lookup)
    {
        var dependencies = new List<DraftDependency>();
        var connections = new List<DraftConnection>();
        var connected = new HashSet<string>(StringComparer.Ordinal);
        void Connect(DocumentReader from, string input, string? node, string source)
        {
            if (!connected.Add(input))
            {
                content.Add(new Problem("NODE_INTERFACE", from.Path, $"Node '{name}': input '{input}' is connected twice"));
            }

            connections.Add(new DraftConnection(from.Path, input, node, source));
        }

        foreach (var input in job.Objects("recipe_inputs"))
        {
            Connect(input, input.RequiredString("job_input"), null, input.RequiredString("recipe_input"));
        }

        foreach (var dependency in job.Objects("dependencies"))
        {
            var parent = dependency.RequiredString("name");
            dependencies.Add(new DraftDependency(dependency.Path, parent, Acceptance: true));
            foreach (var connection in dependency.Objects("connections"))
            {
                Connect(connection, connection.RequiredString("input"), parent, connection.RequiredString("output"));
            }
        }

        NodeType? type = null;
        if (job.Object("job_type", required: true) is { } jobType)
        {
            var typeName = jobType.RequiredString("name");
            var version = jobType.RequiredString("version");
            var revision = catalog?.CurrentJobTypeRevision(typeName, version);
            type = new NodeType.Job(typeName, version, revision ?? 0);
            if (revision is null)
            {
                lookup.Add(new Problem("JOB_TYPE_DOES_NOT_EXIST", jobType.Path, $"Node '{name}': there is no job type '{typeName}' of version '{version}'"));
            }
        }

        return new DraftNode(name, job.Path, type, dependencies, connections);
    }
}
