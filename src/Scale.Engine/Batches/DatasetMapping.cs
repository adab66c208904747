using Scale.Model.Batches;
using Scale.Model.Data;
using Scale.Model.Datasets;
using Scale.Model.Documents;

namespace Scale.Engine.Batches;

/// <summary>How the parameters of a dataset become the inputs of a recipe (batches-and-datasets.md §5.4).</summary>
internal sealed class DatasetMapping
{
    private readonly Dictionary<string, List<string>> names;
    private readonly DataInterface inputs;
    private readonly DataValues global;

    public DatasetMapping(DatasetDefinition dataset, BatchConfiguration configuration, DataInterface inputs)
    {
        this.inputs = inputs;
        names = configuration.InputMap.GroupBy(m => m.DatasetParameter, m => m.Input, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Distinct(StringComparer.Ordinal).ToList(), StringComparer.Ordinal);
        global = Rename(dataset.GlobalData);
        Interface = Rename(dataset.Parameters, dataset.GlobalParameters);
    }

    /// <summary>Dataset and global parameters under the names they have as recipe inputs.</summary>
    public DataInterface Interface { get; }

    /// <summary>Global values alone supply an input.</summary>
    public bool GlobalSupplies => Supplies(global);

    /// <summary>Every member supplies an input, because it must have a value for a parameter that is one.</summary>
    public bool EveryMemberSupplies => Interface.Files.Any(f => f.Required && inputs.Has(f.Name)) || Interface.Json.Any(j => j.Required && inputs.Has(j.Name));

    public bool MemberSupplies(DataValues member) => Supplies(Rename(member));

    /// <summary>Input of the recipe of one member: its values and the global ones, renamed, restricted to what the recipe takes.</summary>
    public (DataValues Values, IReadOnlyList<Problem> Errors) InputOf(DataValues member)
    {
        var own = names.Count == 0 ? member : Rename(member);
        var all = global.IsEmpty ? own : new DataValues(global.Files.SetItems(own.Files), global.Json.SetItems(own.Json));
        return all.Validate(inputs);
    }

    /// <summary>INVALID_INPUT_MAP for each entry that names nothing, and for parameters that end with one name.</summary>
    public static IReadOnlyList<Problem> Check(DatasetDefinition dataset, BatchConfiguration configuration, DataInterface inputs)
    {
        var problems = new List<Problem>();
        var parameters = dataset.Parameters.Names.Concat(dataset.GlobalParameters.Names).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < configuration.InputMap.Length; i++)
        {
            var (input, parameter) = configuration.InputMap[i];
            if (!parameters.Contains(parameter))
            {
                problems.Add(Invalid($"/inputMap/{i}/datasetParameter", $"'{parameter}' is no parameter of the dataset"));
            }

            if (!inputs.Has(input))
            {
                problems.Add(Invalid($"/inputMap/{i}/input", $"'{input}' is no input of the recipe type"));
            }
        }

        var mapped = configuration.InputMap.Select(m => m.DatasetParameter).ToHashSet(StringComparer.Ordinal);
        var ends = configuration.InputMap.Distinct().Where(m => parameters.Contains(m.DatasetParameter)).Select(m => m.Input).Concat(parameters.Where(p => !mapped.Contains(p)));
        problems.AddRange(ends.CountBy(n => n, StringComparer.Ordinal).Where(n => n.Value > 1)
            .Select(n => Invalid("/inputMap", $"two dataset parameters become the input '{n.Key}'")));
        return problems;
    }

    private static Problem Invalid(string path, string description) => new("INVALID_INPUT_MAP", path, description);

    private bool Supplies(DataValues values) => values.Files.Keys.Any(inputs.Has) || values.Json.Keys.Any(inputs.Has);

    private IEnumerable<string> NamesOf(string parameter) => names.TryGetValue(parameter, out var mapped) ? mapped : [parameter];

    private DataValues Rename(DataValues values)
    {
        var files = DataValues.NoFiles.ToBuilder();
        var json = DataValues.NoJson.ToBuilder();
        foreach (var (parameter, ids) in values.Files)
        {
            foreach (var name in NamesOf(parameter))
            {
                files[name] = ids;
            }
        }

        foreach (var (parameter, value) in values.Json)
        {
            foreach (var name in NamesOf(parameter))
            {
                json[name] = value;
            }
        }

        return new DataValues(files.ToImmutable(), json.ToImmutable());
    }

    private DataInterface Rename(DataInterface own, DataInterface shared) => new(
        [.. own.Files.Concat(shared.Files).SelectMany(f => NamesOf(f.Name).Select(n => f with { Name = n }))],
        [.. own.Json.Concat(shared.Json).SelectMany(j => NamesOf(j.Name).Select(n => j with { Name = n }))]);
}
