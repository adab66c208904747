using Scale.Model.Data;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>Files that are inputs in one round, and the sources they come from.</summary>
internal sealed class InputFiles(Session session)
{
    private readonly Dictionary<long, InputFile> files = [];
    private readonly Dictionary<long, List<long>> sourcesOfProducts = [];

    /// <summary>Reads the files of the data that are not known yet: one statement, and one more when there are products among them.</summary>
    public async Task Load(IEnumerable<DataValues> data)
    {
        var missing = data.SelectMany(d => d.Files.Values).SelectMany(ids => ids).Where(id => !files.ContainsKey(id)).Distinct().ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        foreach (var file in await RecipeReads.Files(session, missing))
        {
            files[file.Id] = file;
        }

        var products = missing.Where(id => files.TryGetValue(id, out var file) && !file.IsSource).ToArray();
        if (products.Length == 0)
        {
            return;
        }

        foreach (var (product, source) in await RecipeReads.Sources(session, products))
        {
            if (!sourcesOfProducts.TryGetValue(product, out var sources))
            {
                sourcesOfProducts[product] = sources = [];
            }

            sources.Add(source);
        }
    }

    public InputSummary Summarize(DataValues data) => InputSummary.Of(Links(data).Select(l => files.GetValueOrDefault(l.FileId)).OfType<InputFile>());

    /// <summary>One link per input and file.</summary>
    public static IEnumerable<(string Input, long FileId)> Links(DataValues data)
    {
        foreach (var (name, ids) in data.Files)
        {
            foreach (var id in ids.Length > 1 ? ids.Distinct() : ids)
            {
                yield return (name, id);
            }
        }
    }

    /// <summary>Source files behind the data: the sources themselves, and those the products come from.</summary>
    public IEnumerable<long> SourcesOf(DataValues data) => data.Files.Values
        .SelectMany(ids => ids)
        .SelectMany(id => files.TryGetValue(id, out var file) && file.IsSource ? [id] : sourcesOfProducts.GetValueOrDefault(id) ?? (IEnumerable<long>)[])
        .Distinct();
}
