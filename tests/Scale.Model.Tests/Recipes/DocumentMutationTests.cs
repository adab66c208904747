using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Scale.Model.Batches;
using Scale.Model.Data;
using Scale.Model.Datasets;
using Scale.Model.Recipes;
using Scale.Tests.Documents;

namespace Scale.Model.Tests.Recipes;

/// <summary>Whatever a client sends gets problems and never an exception, and what was accepted can be stored and read again.</summary>
public class DocumentMutationTests
{
    private static readonly TestCatalog Catalog = new TestCatalog().Job("cutter", """{"files":[{"name":"IN"}]}""", """{"files":[{"name":"TILES","multiple":true}]}""", revision: 4).Recipe("scan-tiles", "{}", 2);

    private static readonly string[] Values =
        ["null", "true", "0", "-1", "1.5", "1e999", "99999999999999999999", "\"\"", "\"7\"", "\"1.0\"", "\"a\"", "\"FILE_VALUE\"", "[]", "[[]]", "[{}]", "{}", "{\"a\":{}}", "{\"name\":\"a\"}"];

    public static TheoryData<string, Func<JsonElement, bool>> Documents => new()
    {
        { RecipeDefinitionTests.Example, json => Holds(RecipeDefinition.Parse(json, Catalog), d => { d.Check(Catalog, "own"); return d.ToText(); }, RecipeDefinition.FromText) },
        {
            """{"version":"1.0","input_data":[{"name":"S","type":"file"}],"jobs":[{"name":"a","job_type":{"name":"cutter","version":"1.0.0"},"recipe_inputs":[{"recipe_input":"S","job_input":"IN"}]},{"name":"b","job_type":{"name":"cutter","version":"1.0.0"},"dependencies":[{"name":"a","connections":[{"output":"TILES","input":"IN"}]}]}]}""",
            json => Holds(RecipeDefinition.Parse(json, Catalog), d => { d.Check(Catalog); return d.ToText(); }, RecipeDefinition.FromText)
        },
        { """{"version":"7","files":{"a":[1,2]},"json":{"b":{"c":[1]}}}""", json => Holds(DataValues.Parse(json), d => d.ToText(), DataValues.FromText) },
        { """{"version":"1.0","input_data":[{"name":"a","file_id":4},{"name":"b","file_ids":[5,6]},{"name":"c","value":"v"}]}""", json => Holds(DataValues.Parse(json), d => d.ToText(), DataValues.FromText) },
        { """{"files":[{"name":"a","media_types":["x"],"required":true,"multiple":false}],"json":[{"name":"b","type":"object"}]}""", json => Holds(DataInterface.Parse(json), d => d.ToJson().ToJsonString(), t => DataInterface.Parse(JsonElement.Parse(t)).Required()) },
        {
            """{"all":true,"filters":[{"name":"a","type":"meta-data","condition":"<","values":[[1]],"fields":[["b","c"]],"all_files":true},{"name":"b","type":"number","condition":"between","values":["1",2]}]}""",
            json => Holds(DataFilter.Parse(json), d => { Evaluate(d); return d.ToJson().ToJsonString(); }, t => DataFilter.Parse(JsonElement.Parse(t)).Required())
        },
        { """{"all":false,"nodes":["cut"],"sub_recipes":{"scan":{"all":false,"nodes":["x"]}}}""", json => Holds(ForcedNodes.Parse(json), d => { d.Check(RecipeJson.Read(RecipeDefinitionTests.Example), Catalog); return d.ToJson().ToJsonString(); }, ForcedNodes.FromText) },
        { """{"previous_batch":{"root_batch_id":1,"forced_nodes":{"all":true}},"dataset":1,"supersedes":false,"forced_nodes":{"all":true}}""", json => Holds(BatchDefinition.Parse(json), d => d.ToText(), BatchDefinition.FromText) },
        { """{"priority":1,"inputMap":[{"input":"a","datasetParameter":"b"}]}""", json => Holds(BatchConfiguration.Parse(json), d => d.ToText(), BatchConfiguration.FromText) },
        {
            """{"version":"1.0","date_range":{"type":"data","started":"2016-01-01T00:00:00Z"},"job_names":["a"],"trigger_rule":{"condition":{"media_type":"x","data_types":["y"]},"data":{"input_data_name":"a","workspace_name":"w"}}}""",
            json => Holds(LegacyBatchDefinition.Parse(json), d => d.ToText(), LegacyBatchDefinition.FromText)
        },
        {
            """{"parameters":{"files":[{"name":"a"}]},"global_parameters":{"json":[{"name":"b","type":"integer"}]},"global_data":{"json":{"b":1}}}""",
            json => Holds(DatasetDefinition.Parse(json), d => d.ToText(), DatasetDefinition.FromText)
        },
        { """{"files":{"a":"FILE_VALUE","b":[1]},"json":{"c":1}}""", json => Holds(DataTemplate.Parse(json), d => d.Fill(7).ToText(), t => DataTemplate.Parse(JsonElement.Parse(t)).Required()) },
        { """{"mounts":{"a":{"type":"host","host_path":"/x"}},"output_workspaces":{"default":"w","outputs":{"a":"b"}},"priority":1,"settings":{"a":"b"}}""", json => RecipeConfiguration.Parse(json) is { IsValid: true } or { Errors.Count: > 0 } },
    };

    [Theory]
    [MemberData(nameof(Documents), DisableDiscoveryEnumeration = true)]
    public void Any_document_is_accepted_or_explained(string sound, Func<JsonElement, bool> holds)
    {
        Assert.True(holds(JsonElement.Parse(sound)));
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var json = JsonNode.Parse(sound);
            for (var i = random.Next(3); i >= 0; i--)
            {
                json = MutatedJson.Change(json, random, random.Next(1, 6), Values);
            }

            var text = json?.ToJsonString() ?? "null";
            return holds(JsonElement.Parse(text)).Label(text);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(int.MaxValue));
    }

    private static bool Holds<T>(Scale.Model.Documents.Parsed<T> parsed, Func<T, string> write, Func<string, T> read)
        where T : class
    {
        if (parsed.Document is not { } document)
        {
            return parsed.Errors.Count > 0;
        }

        var text = write(document);
        return parsed.IsValid && write(read(text)) == text;
    }

    private static void Evaluate(DataFilter filter)
    {
        var data = DataValues.FromText("""{"files":{"a":[1,2]},"json":{"b":"5"}}""");
        filter.Accepts(data, new Dictionary<long, FileFacts> { [1] = new("a", "x/y", ["t"], JsonElement.Parse("""{"b":{"c":1}}""")) });
        filter.Check(DataInterface.Empty);
    }
}
