using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Engine.Tests.Recipes;

/// <summary>
/// What must be there when nothing is left to evaluate: recipes.md §10 said sentence by sentence for one recipe at a time, from the plain rows and
/// without care for speed. Knows the nodes that <see cref="RandomRecipeTypes"/> makes, not how the engine works.
/// </summary>
internal sealed class RecipeOracle
{
    private readonly Dictionary<long, Recipe> recipes = [];
    private readonly List<string> wrong = [];

    private sealed record Recipe(
        long Id, RecipeGraph Graph, DataValues? Input, bool IsSuperseded, bool IsCompleted, bool IsHeldBack, string? Error, long? ContainerId, int[] Counters, Dictionary<string, Node> Nodes);

    private sealed record Node(Job? Job, Decision? Condition, long? SubRecipeId);

    private sealed record Job(long Id, JobStatus Status, int NumExes, string? Input, DataValues Output, bool IsSuperseded, string? CancelReason);

    private sealed record Decision(bool IsProcessed, bool IsAccepted, string? Error);

    private enum Presence { There, Pruned, Waiting }

    /// <returns>One text for everything that is not as it must be.</returns>
    public static async Task<IReadOnlyList<string>> Wrong(Session session)
    {
        var oracle = new RecipeOracle();
        await oracle.Load(session);
        foreach (var recipe in oracle.recipes.Values)
        {
            oracle.Count(recipe);
            if (!recipe.IsSuperseded)
            {
                oracle.Check(recipe);
            }
        }

        oracle.CheckSupersession();
        return oracle.wrong;
    }

    private async Task Load(Session session)
    {
        var jobs = (await session.Query(
            "SELECT id, status, num_exes, input, output, is_superseded, cancel_reason FROM job",
            r => new Job(r.GetInt64(0), (JobStatus)r.GetInt16(1), r.GetInt32(2), r.Text(3), r.Text(4) is { } output ? DataValues.FromText(output) : DataValues.Empty, r.GetBoolean(5), r.Text(6))))
            .ToDictionary(j => j.Id);
        var conditions = (await session.Query(
            "SELECT id, is_processed, is_accepted, error FROM recipe_condition", r => (Id: r.GetInt64(0), Decision: new Decision(r.GetBoolean(1), r.GetBoolean(2), r.Text(3)))))
            .ToDictionary(c => c.Id, c => c.Decision);
        var nodes = (await session.Query(
            "SELECT recipe_id, node_name, job_id, condition_id, sub_recipe_id FROM recipe_node",
            r => (RecipeId: r.GetInt64(0), Name: r.GetString(1), Node: new Node(
                r.Long(2) is { } job ? jobs[job] : null, r.Long(3) is { } condition ? conditions[condition] : null, r.Long(4))))).ToLookup(n => n.RecipeId);
        var graphs = new Dictionary<string, RecipeGraph>();
        foreach (var recipe in await session.Query(
            """
            SELECT r.id, v.definition, r.input, r.is_superseded, r.is_completed, r.is_held_back, r.error, r.recipe_id, r.jobs_total, r.jobs_pending, r.jobs_blocked, r.jobs_queued,
                   r.jobs_running, r.jobs_failed, r.jobs_completed, r.jobs_canceled, r.sub_recipes_total, r.sub_recipes_completed
            FROM recipe r JOIN recipe_type_revision v ON v.id = r.recipe_type_rev_id
            """,
            r => new
            {
                Id = r.GetInt64(0),
                Definition = r.GetString(1),
                Input = r.Text(2),
                IsSuperseded = r.GetBoolean(3),
                IsCompleted = r.GetBoolean(4),
                IsHeldBack = r.GetBoolean(5),
                Error = r.Text(6),
                ContainerId = r.Long(7),
                Counters = Enumerable.Range(8, 10).Select(r.GetInt32).ToArray(),
            }))
        {
            if (!graphs.TryGetValue(recipe.Definition, out var graph))
            {
                graphs[recipe.Definition] = graph = RecipeDefinition.FromText(recipe.Definition).Graph;
            }

            recipes[recipe.Id] = new Recipe(
                recipe.Id, graph, recipe.Input is null ? null : DataValues.FromText(recipe.Input), recipe.IsSuperseded, recipe.IsCompleted, recipe.IsHeldBack, recipe.Error,
                recipe.ContainerId, recipe.Counters, nodes[recipe.Id].ToDictionary(n => n.Name, n => n.Node));
        }
    }

    private void Check(Recipe recipe)
    {
        foreach (var node in recipe.Graph.Nodes)
        {
            var presence = PresenceOf(recipe, node);
            Expect(recipe, node.Name, "exists", presence == Presence.There, recipe.Nodes.ContainsKey(node.Name));
            switch (recipe.Nodes.GetValueOrDefault(node.Name))
            {
                case { Job: { } job }:
                    CheckJob(recipe, node, job);
                    break;
                case { Condition: { } condition }:
                    CheckCondition(recipe, node, condition);
                    break;
                case { SubRecipeId: { } id }:
                    CheckSubRecipe(recipe, node, recipes[id]);
                    break;
            }
        }

        var isComplete = recipe is { Input: not null, Error: null } && recipe.Graph.Nodes.All(n => IsDone(recipe, n) || PresenceOf(recipe, n) == Presence.Pruned);
        Expect(recipe, "", "is complete", isComplete, recipe.IsCompleted);
    }

    private void CheckJob(Recipe recipe, GraphNode node, Job job)
    {
        if (recipe.Error is not null)
        {
            Expect(recipe, node.Name, "status in a recipe that can't begin", JobStatus.Canceled, job.Status);
            return;
        }

        var isReady = IsReady(recipe, node);
        var input = Assembled(recipe, node);
        if (job.NumExes > 0)
        {
            Expect(recipe, node.Name, "input", isReady ? input.ToText() : "none, it is not ready", job.Input);
            return;
        }

        var needsInput = node.Type is NodeType.Job { Name: "strict" } && !input.Files.ContainsKey("IN");
        var expected = isReady ? needsInput ? JobStatus.Canceled : JobStatus.Queued
            : AnyParentBlocks(recipe, node) ? JobStatus.Blocked
            : JobStatus.Pending;
        Expect(recipe, node.Name, "status", expected, job.Status);
        Expect(recipe, node.Name, "says why it was canceled", expected == JobStatus.Canceled, job.CancelReason is not null);
    }

    private void CheckCondition(Recipe recipe, GraphNode node, Decision condition)
    {
        var type = (NodeType.Condition)node.Type;
        var has = Assembled(recipe, node).Files.ContainsKey("T");
        var fits = has || !type.Interface.Files[0].Required;
        var isReady = IsReady(recipe, node);
        Expect(recipe, node.Name, "is decided", isReady && fits, condition.IsProcessed);
        Expect(recipe, node.Name, "is undecidable", isReady && !fits, condition.Error is not null);
        if (condition.IsProcessed)
        {
            Expect(recipe, node.Name, "is accepted", type.Filter.Items.IsEmpty || (has && type.Filter.Items[0].Values[0].GetString() == "scene"), condition.IsAccepted);
        }
    }

    private void CheckSubRecipe(Recipe recipe, GraphNode node, Recipe sub)
    {
        if (recipe.Error is not null && sub.Input is null)
        {
            Expect(recipe, node.Name, "can't begin either", true, sub.Error is not null);
            return;
        }

        var isReady = IsReady(recipe, node);
        var input = Assembled(recipe, node);
        var fits = input.Files.ContainsKey("SCENE") || !sub.Graph.Input.Files[0].Required;
        Expect(recipe, node.Name, "sub-recipe input", isReady && fits ? input.ToText() : null, sub.Input?.ToText());
        Expect(recipe, node.Name, "sub-recipe can't begin", isReady && !fits, sub.Error is not null);
        if (sub is { Input: null, Error: null })
        {
            Expect(recipe, node.Name, "sub-recipe is held back", AnyParentBlocks(recipe, node), sub.IsHeldBack);
        }
    }

    private static Presence PresenceOf(Recipe recipe, GraphNode node)
    {
        var gates = node.Parents.Select(p => Gate(recipe, recipe.Graph.Nodes[p.Index], p.Acceptance)).ToList();
        return gates.Contains(Presence.Pruned) ? Presence.Pruned : gates.Contains(Presence.Waiting) ? Presence.Waiting : Presence.There;
    }

    private static Presence Gate(Recipe recipe, GraphNode parent, bool acceptance)
    {
        var presence = PresenceOf(recipe, parent);
        if (presence != Presence.There || parent.Type is not NodeType.Condition)
        {
            return presence;
        }

        var decision = recipe.Nodes.GetValueOrDefault(parent.Name)?.Condition;
        return decision is not { IsProcessed: true } ? Presence.Waiting : decision.IsAccepted == acceptance ? Presence.There : Presence.Pruned;
    }

    private static bool IsReadyParent(Recipe recipe, GraphNode parent, bool acceptance, Func<Recipe, GraphNode, bool> isDone) =>
        isDone(recipe, parent) && (recipe.Nodes[parent.Name].Condition is not { } decision || decision.IsAccepted == acceptance);

    private bool IsReady(Recipe recipe, GraphNode node) =>
        recipe is { Input: not null, Error: null } && node.Parents.All(p => IsReadyParent(recipe, recipe.Graph.Nodes[p.Index], p.Acceptance, IsDone));

    private bool IsDone(Recipe recipe, GraphNode node) => recipe.Nodes.GetValueOrDefault(node.Name) switch
    {
        { Job: { } job } => job.Status == JobStatus.Completed,
        { Condition: { } condition } => condition.IsProcessed,
        { SubRecipeId: { } id } => recipes[id].IsCompleted,
        _ => false,
    };

    private bool AnyParentBlocks(Recipe recipe, GraphNode node) => recipe.IsHeldBack || recipe.Error is not null || node.Parents.Any(p => Blocks(recipe, recipe.Graph.Nodes[p.Index]));

    private bool Blocks(Recipe recipe, GraphNode node) => AnyParentBlocks(recipe, node) || HoldsProblem(recipe, node);

    /// <summary>A failure, cancellation, block or undecidable condition at the node or anywhere in it.</summary>
    private bool HoldsProblem(Recipe recipe, GraphNode node) => recipe.Nodes.GetValueOrDefault(node.Name) switch
    {
        { Job: { } job } => job.Status is JobStatus.Failed or JobStatus.Canceled,
        { Condition: { } condition } => condition is { Error: not null, IsProcessed: false },
        { SubRecipeId: { } id } => recipes[id].Error is not null || recipes[id].Graph.Nodes.Any(n =>
            HoldsProblem(recipes[id], n) || recipes[id].Nodes.GetValueOrDefault(n.Name)?.Job?.Status == JobStatus.Blocked),
        _ => false,
    };

    private static DataValues Assembled(Recipe recipe, GraphNode node)
    {
        var files = DataValues.NoFiles;
        foreach (var connection in node.Connections)
        {
            var sent = connection.Node is not { } source ? recipe.Input ?? DataValues.Empty : OutputOf(recipe, recipe.Graph.Nodes[source]);
            files = sent.Files.TryGetValue(connection.Source, out var ids) ? files.SetItem(connection.Input, ids) : files;
        }

        return new DataValues(files, DataValues.NoJson);
    }

    private static DataValues OutputOf(Recipe recipe, GraphNode node) => recipe.Nodes.GetValueOrDefault(node.Name) switch
    {
        { Job: { } job } => job.Output,
        { Condition: not null } => Assembled(recipe, node),
        _ => DataValues.Empty,
    };

    private void Count(Recipe recipe)
    {
        var counted = new int[10];
        Add(recipe, counted);
        Expect(recipe, "", "counters", string.Join(' ', counted), string.Join(' ', recipe.Counters));
    }

    private void Add(Recipe recipe, int[] counters)
    {
        foreach (var node in recipe.Nodes.Values)
        {
            if (node.Job is { } job)
            {
                counters[0]++;
                counters[1 + (int)job.Status]++;
            }
            else if (node.SubRecipeId is { } id)
            {
                counters[8]++;
                counters[9] += recipes[id].IsCompleted ? 1 : 0;
                Add(recipes[id], counters);
            }
        }
    }

    /// <summary>What a current recipe at the top holds, to any depth, is current; everything else is superseded.</summary>
    private void CheckSupersession()
    {
        var current = new HashSet<long>();
        var jobs = new HashSet<long>();
        void Visit(Recipe recipe)
        {
            current.Add(recipe.Id);
            foreach (var node in recipe.Nodes.Values)
            {
                if (node.Job is { } job)
                {
                    jobs.Add(job.Id);
                }
                else if (node.SubRecipeId is { } id)
                {
                    Visit(recipes[id]);
                }
            }
        }

        foreach (var top in recipes.Values.Where(r => r is { ContainerId: null, IsSuperseded: false }))
        {
            Visit(top);
        }

        foreach (var recipe in recipes.Values)
        {
            Expect(recipe, "", "is superseded", !current.Contains(recipe.Id), recipe.IsSuperseded);
            foreach (var (name, node) in recipe.Nodes)
            {
                if (node.Job is { } job)
                {
                    Expect(recipe, name, $"job {job.Id} is superseded", !jobs.Contains(job.Id), job.IsSuperseded);
                }
            }
        }
    }

    private void Expect<T>(Recipe recipe, string node, string what, T expected, T found)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
        {
            wrong.Add($"recipe {recipe.Id} {node}: {what} should be {expected}, is {found}");
        }
    }
}
