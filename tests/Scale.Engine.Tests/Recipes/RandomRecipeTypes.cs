using Scale.Store.Databases;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Recipes;

/// <summary>
/// Random recipe types, three levels deep, each in two revisions that share most nodes: jobs that may lack their input, conditions that accept, reject or
/// can't be decided, both acceptances, diamonds, sub-recipes whose input may not fit.
/// </summary>
internal sealed class RandomRecipeTypes(RecipeWorld world, Random random)
{
    private const int TypesOfLevel = 2;
    private const int Levels = 3;

    private readonly List<(string Name, int Level)> types = [];

    private sealed record Spec(string Name, string Kind, List<(int Parent, bool Acceptance)> Parents, int? Source, string Detail);

    /// <summary>Ids of the types of the highest level, with those of their two revisions.</summary>
    public List<(long TypeId, long[] RevisionIds)> Top { get; } = [];

    public async Task Create()
    {
        await world.AddJobType("flex", Manifest("flex", """{"files":[{"name":"IN","required":false}]}"""));
        await world.AddJobType("strict", Manifest("strict"));
        for (var level = 0; level < Levels; level++)
        {
            for (var number = 0; number < TypesOfLevel; number++)
            {
                var name = $"level{level}-{number}";
                var specs = Enumerable.Range(0, random.Next(2, 6)).Select(i => RandomNode(i, level)).ToList();
                var first = await world.AddRecipeType(name, Text(specs, level));
                var (typeId, second) = await world.AddRecipeType(name, Text(Changed(specs, level), level));
                types.Add((name, level));
                if (level == Levels - 1)
                {
                    Top.Add((typeId, [first.RevisionId, second]));
                }
            }
        }
    }

    private Spec RandomNode(int index, int level)
    {
        var parents = Enumerable.Range(0, index).Where(_ => random.Next(5) < 2).Select(p => (p, random.Next(3) > 0)).ToList();
        var kind = random.Next(10) switch
        {
            < 5 => "job",
            < 8 => "condition",
            _ => "recipe",
        };
        kind = kind == "recipe" && level == 0 ? "job" : index == 0 && random.Next(2) == 0 ? "job" : kind;
        int? source = parents.Count > 0 && random.Next(4) > 0 ? parents[random.Next(parents.Count)].p : null;
        var detail = kind switch
        {
            "job" => Job(random.Next(4) == 0 ? "strict" : "flex"),
            "condition" => Condition(
                $$"""{"files":[{"name":"T","required":{{(random.Next(5) == 0 ? "true" : "false")}}}]}""",
                random.Next(3) switch
                {
                    0 => """{"filters":[]}""",
                    1 => """{"filters":[{"name":"T","type":"filename","condition":"contains","values":["scene"]}]}""",
                    _ => """{"filters":[{"name":"T","type":"filename","condition":"contains","values":["nothing"]}]}""",
                }),
            _ => Lower(level),
        };
        return new Spec($"n{index}", kind, parents, source, detail);
    }

    private string Lower(int level)
    {
        var below = types.Where(t => t.Level < level).ToList();
        return Recipe(below[random.Next(below.Count)].Name, random.Next(1, 3));
    }

    /// <summary>Nodes made anew, dropped at the end, added, or pinning another revision.</summary>
    private List<Spec> Changed(List<Spec> specs, int level)
    {
        var changed = specs.Select((spec, i) => random.Next(4) == 0 ? RandomNode(i, level) : spec.Kind == "recipe" && random.Next(2) == 0 ? spec with { Detail = Lower(level) } : spec).ToList();
        switch (random.Next(3))
        {
            case 0:
                changed.RemoveAt(changed.Count - 1);
                break;
            case 1:
                changed.Add(RandomNode(changed.Count, level));
                break;
        }

        return changed;
    }

    private string Text(List<Spec> specs, int level)
    {
        var isRequired = level < Levels - 1 && random.Next(4) == 0;
        return Definition($$"""{"files":[{"name":"SCENE","required":{{(isRequired ? "true" : "false")}}}]}""", [.. specs.Select(spec => Node(
            spec.Name,
            spec.Detail,
            string.Join(' ', spec.Parents.Select(p => (p.Acceptance ? "" : "!") + specs[p.Parent].Name)),
            Input(spec, specs)))]);
    }

    private static string Input(Spec spec, List<Spec> specs)
    {
        var input = spec.Kind switch { "job" => "IN", "condition" => "T", _ => "SCENE" };
        return spec.Source is { } source && specs[source].Kind != "recipe"
            ? $"{input}={specs[source].Name}.{(specs[source].Kind == "job" ? "OUT" : "T")}"
            : $"{input}=SCENE";
    }
}
