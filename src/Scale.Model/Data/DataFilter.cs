using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Data;

/// <summary>What a condition tests (batches-and-datasets.md §4.3, recipes.md §5).</summary>
public sealed record DataFilter
{
    public static readonly DataFilter AcceptAll = new();

    public ImmutableArray<FilterItem> Items { get; init; } = [];

    /// <summary>Whether every item must pass; otherwise one is enough. No item at all accepts anything.</summary>
    public bool All { get; init; } = true;

    /// <summary>
    /// Reads a filter. Grammar problems are INVALID_VERSION and INVALID_DATA_FILTER; items of good grammar are then checked, with the names of
    /// <see cref="FilterItem.Parse"/>.
    /// </summary>
    public static Parsed<DataFilter> Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, "INVALID_DATA_FILTER", problems) is not { } reader)
        {
            return new Parsed<DataFilter>(null, problems, []);
        }

        DocumentVersion.Check(reader);
        var items = ImmutableArray.CreateBuilder<FilterItem>();
        var itemProblems = new List<Problem>();
        foreach (var itemReader in reader.Objects("filters"))
        {
            var before = problems.Count;
            FilterGrammar.Check(itemReader);
            if (problems.Count > before)
            {
                continue;
            }

            var item = FilterItem.Parse(itemReader.Json);
            itemProblems.AddRange(item.Errors.Select(e => e with { Path = itemReader.Path + e.Path }));
            if (item.Document is { } read)
            {
                items.Add(read);
            }
        }

        var all = reader.Boolean("all", absent: true);
        reader.Close();
        problems.AddRange(itemProblems);
        return new Parsed<DataFilter>(problems.Count == 0 ? new DataFilter { Items = items.DrainToImmutable(), All = all } : null, problems, []);
    }

    /// <summary>Always with <c>filters</c> and <c>all</c>, without version.</summary>
    public JsonObject ToJson() => new()
    {
        ["filters"] = new JsonArray(Items.Select(i => (JsonNode)i.ToJson()).ToArray()),
        ["all"] = All,
    };

    /// <summary>Whether the two test the same in the same way.</summary>
    public bool IsSameAs(DataFilter other) => JsonNode.DeepEquals(ToJson(), other.ToJson());

    /// <summary>What does not go together with the interface that is filtered. Inside recipes these are warnings only.</summary>
    /// <returns>UNMATCHED_FILTER per filter of no parameter, MISMATCHED_TYPE per filter of a parameter of another type, and one
    /// UNMATCHED_PARAMETERS that names the parameters without filter.</returns>
    public IReadOnlyList<Problem> Check(DataInterface target)
    {
        var problems = new List<Problem>();
        for (var i = 0; i < Items.Length; i++)
        {
            var item = Items[i];
            var path = $"/filters/{i}";
            if (target.FindFile(item.Name) is null && target.FindJson(item.Name) is null)
            {
                problems.Add(new Problem("UNMATCHED_FILTER", path + "/name", $"Filter '{item.Name}' names no parameter and never passes"));
            }
            else if (item.MismatchWith(target) is { } mismatch)
            {
                problems.Add(new Problem("MISMATCHED_TYPE", path + "/type", mismatch));
            }
        }

        var unfiltered = target.Names.Where(name => Items.All(i => i.Name != name)).ToList();
        if (unfiltered.Count > 0)
        {
            problems.Add(new Problem("UNMATCHED_PARAMETERS", "", $"No filter tests {string.Join(", ", unfiltered.Select(n => $"'{n}'"))}"));
        }

        return problems;
    }

    /// <summary>Ids of the files whose facts <see cref="Accepts"/> needs.</summary>
    public IEnumerable<long> FilesNeeded(DataValues data) => Items
        .Where(i => i.Type.IsOfFiles() && data.Files.ContainsKey(i.Name))
        .SelectMany(i => data.Files[i.Name])
        .Distinct();

    /// <param name="files">Facts of <see cref="FilesNeeded"/> by id; a file that is not there passes no test.</param>
    public bool Accepts(DataValues data, IReadOnlyDictionary<long, FileFacts> files)
    {
        if (Items.IsEmpty)
        {
            return true;
        }

        foreach (var item in Items)
        {
            if (FilterEvaluation.Passes(item, data, files) != All)
            {
                return !All;
            }
        }

        return All;
    }
}

/// <summary>What filters may ask of a file.</summary>
/// <param name="MetaData">A JSON object, or null when the file has none.</param>
public sealed record FileFacts(string FileName, string MediaType, IReadOnlyList<string> DataTypeTags, JsonElement? MetaData);
