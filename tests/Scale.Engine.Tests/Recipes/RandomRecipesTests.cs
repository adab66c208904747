using System.Globalization;
using Scale.Engine.Jobs;
using Scale.Engine.Recipes;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Recipes;

/// <summary>
/// Random recipes to any depth, random things that happen to their jobs, random reprocessing: after every transaction everything is as the oracle says.
/// A failing seed is in the test's name and message; <c>SCALE_RECIPE_SEEDS=123-123</c> runs it alone, a wider range more of them.
/// </summary>
public sealed class RandomRecipesTests
{
    private const int Steps = 45;

    public static TheoryData<Provider, int> Seeds
    {
        get
        {
            var asked = Environment.GetEnvironmentVariable("SCALE_RECIPE_SEEDS");
            var (first, last) = asked is { Length: > 0 } && asked.Split('-') is [var from, var to] ? (Parse(from), Parse(to)) : (1, 6);
            var seeds = new TheoryData<Provider, int>();
            for (var seed = first; seed <= last; seed++)
            {
                seeds.Add(Provider.Sqlite, seed);
                if (seed % 3 == 0)
                {
                    seeds.Add(Provider.Postgres, seed);
                }
            }

            if (asked is null or "")
            {
                // Sub-recipes that are made anew and can't begin.
                seeds.Add(Provider.Sqlite, 164);
            }

            return seeds;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Random_recipes_are_always_as_the_rules_say(Provider provider, int seed)
    {
        var random = new Random(seed);
        await using var world = await RecipeWorld.Create(provider);
        var types = new RandomRecipeTypes(world, random);
        await types.Create();
        for (var step = 0; step < Steps; step++)
        {
            var what = await Step(world, types, random);
            var wrong = await world.Read(RecipeOracle.Wrong);
            Assert.True(wrong.Count == 0, $"seed {seed}, step {step}, after {what}: {string.Join("\n", wrong.Take(10))}");
            await world.AssertConsistent();
        }
    }

    /// <summary>An oracle that never complains would prove nothing.</summary>
    [Theory]
    [InlineData("UPDATE job SET status = 0 WHERE status = 1")]
    [InlineData("UPDATE job SET is_superseded = TRUE WHERE status = 1")]
    [InlineData("UPDATE recipe SET is_held_back = FALSE")]
    [InlineData("UPDATE recipe SET is_completed = TRUE")]
    [InlineData("UPDATE recipe SET jobs_blocked = jobs_blocked + 1")]
    [InlineData("UPDATE recipe SET input = '{\"files\":{},\"json\":{}}', is_held_back = FALSE WHERE recipe_id IS NOT NULL")]
    [InlineData("UPDATE recipe_condition SET is_processed = TRUE")]
    [InlineData("DELETE FROM recipe_node WHERE node_name = 'b'")]
    public async Task The_oracle_notices_what_is_wrong(string damage)
    {
        await using var world = await RecipeWorld.Create(Provider.Sqlite);
        await world.AddJobType("strict", Definitions.Manifest("strict"));
        await world.AddRecipeType("inner", Definitions.Definition(Definitions.SceneInput, Definitions.Node("x", Definitions.Job("strict"), "", "IN=SCENE")));
        var recipe = await world.StartRecipe(await world.AddRecipeType("outer", Definitions.Definition(Definitions.SceneInput,
            Definitions.Node("a", Definitions.Job("strict"), "", "IN=SCENE"),
            Definitions.Node("b", Definitions.Job("strict"), "a", "IN=a.OUT"),
            Definitions.Node("sub", Definitions.Recipe("inner"), "a", "SCENE=a.OUT"),
            Definitions.Node("c", Definitions.Condition("""{"files":[{"name":"T"}]}""", "{}"), "b", "T=b.OUT"))));
        await world.Move(await world.JobAt(recipe, "a"), JobStatus.Failed);
        Assert.Empty(await world.Read(RecipeOracle.Wrong));
        Assert.True(await world.Write(s => s.Execute(damage)) > 0);
        Assert.NotEmpty(await world.Read(RecipeOracle.Wrong));
    }

    private static async Task<string> Step(RecipeWorld world, RandomRecipeTypes types, Random random)
    {
        switch (random.Next(12))
        {
            case < 3:
                var type = types.Top[random.Next(types.Top.Count)];
                var input = random.Next(4) == 0 ? Model.Data.DataValues.Empty : RecipeWorld.Files(("SCENE", [await world.AddFile()]));
                await world.AddRecipe((type.TypeId, type.RevisionIds[random.Next(2)]), input);
                await world.Evaluate();
                return "a new recipe";
            case < 5:
                return await Move(world, random, JobStatus.Queued, JobStatus.Running);
            case < 8:
                return await Move(world, random, random.Next(2) == 0 ? JobStatus.Queued : JobStatus.Running, JobStatus.Completed, random.Next(3) > 0 ? ["OUT"] : []);
            case 8:
                return await Move(world, random, JobStatus.Queued, random.Next(2) == 0 ? JobStatus.Failed : JobStatus.Canceled);
            case 9:
                return await Requeue(world, random);
            default:
                return await Reprocess(world, types, random);
        }
    }

    private static async Task<string> Move(RecipeWorld world, Random random, JobStatus from, JobStatus to, params string[] outputs)
    {
        var jobs = await Some(world, random, $"status = {(int)from} AND num_exes > 0");
        await world.Step(async transaction =>
        {
            await world.Move(transaction, jobs, to, outputs);
            return 0;
        });
        return $"{jobs.Length} jobs went from {from} to {to}";
    }

    private static async Task<string> Requeue(RecipeWorld world, Random random)
    {
        var failed = await Some(world, random, "status IN (4, 6) AND num_exes > 0 AND is_superseded = FALSE");
        var refused = await Some(world, random, "status = 6 AND num_exes = 0 AND is_superseded = FALSE");
        var tries = await world.Read(s => s.Query("SELECT id, num_exes FROM job WHERE id IN @ids", r => (Id: r.GetInt64(0), NumExes: r.GetInt32(1)), ("ids", failed)));
        await world.Step(async transaction =>
        {
            await JobMoves.ToUncanceled(transaction.Session, refused, transaction.Now);
            await new PlainTransitions().Queue(transaction, [.. tries.Select(t => new JobToQueue(t.Id, 1, t.NumExes, 0, null, null))]);
            await world.Evaluation.TouchRecipesOf(transaction, [.. failed, .. refused]);
            return 0;
        });
        return $"{failed.Length} jobs were queued again, {refused.Length} uncanceled";
    }

    private static async Task<string> Reprocess(RecipeWorld world, RandomRecipeTypes types, Random random)
    {
        var recipes = await world.Read(s => s.Query(
            "SELECT id, family_id, recipe_type_id, recipe_type_rev_id FROM recipe WHERE recipe_id IS NULL AND is_superseded = FALSE ORDER BY id",
            r => (Id: r.GetInt64(0), FamilyId: r.GetInt64(1), TypeId: r.GetInt64(2), RevisionId: r.GetInt64(3))));
        if (recipes.Count == 0)
        {
            return "nothing";
        }

        var recipe = recipes[random.Next(recipes.Count)];
        var revision = types.Top.Single(t => t.TypeId == recipe.TypeId).RevisionIds[random.Next(2)];
        var forced = await Forced(world, revision, random, depth: 0);
        var eventId = await world.Write(s => s.Insert("event", ("type", "USER"), ("description", "{}"), ("occurred", 0L)));
        var preview = (await world.Read(s => new ReprocessPlanner(world.Catalog).Preview(s, recipe.Id, revision, forced)))!;
        var before = await Counts(world);
        var outcome = (await world.Step(t => world.Reprocess.Run(t, new ReprocessRequest([recipe.FamilyId], revision, forced, eventId, null, recipe.Id)))).Single();
        var after = await Counts(world);
        var what = $"recipe {recipe.Id} was reprocessed from revision {recipe.RevisionId} to {revision} with {forced.ToJson().ToJsonString()} into {outcome.RecipeId} ({outcome.Error})";
        Assert.Equal(preview.Diff.CanBeReprocessed, outcome.RecipeId is not null);
        Assert.True(preview.Jobs.Supersede == after.Superseded - before.Superseded, $"{what}: {preview.Jobs}, superseded {after.Superseded - before.Superseded}");
        var made = preview.Jobs.Run + preview.Jobs.Refused;
        Assert.InRange(after.Total - before.Total, made, made + preview.Jobs.MayRun);
        if (outcome.RecipeId is { } id)
        {
            Assert.Equal(preview.Jobs.Copy + after.Total - before.Total, await world.Count($"SELECT jobs_total FROM recipe WHERE id = {id}"));
        }

        return what;
    }

    private static async Task<ForcedNodes> Forced(RecipeWorld world, long revisionId, Random random, int depth)
    {
        if (random.Next(6) == 0)
        {
            return ForcedNodes.Everything;
        }

        var revision = await world.Read(s => world.Catalog.Get(s, revisionId));
        var forced = ForcedNodes.None;
        foreach (var node in revision.Graph.Nodes.Where(_ => random.Next(4) == 0))
        {
            forced = revision.Targets[node.Index] is NodeTarget.Recipe sub && random.Next(3) > 0
                ? forced with { SubRecipes = forced.SubRecipes.SetItem(node.Name, await Forced(world, sub.RevisionId, random, depth + 1)) }
                : forced with { Nodes = forced.Nodes.Add(node.Name) };
        }

        return forced;
    }

    private static int Parse(string seed) => int.Parse(seed, CultureInfo.InvariantCulture);

    private static Task<(long Total, long Superseded)> Counts(RecipeWorld world) => world.One(
        "SELECT count(*), coalesce(sum(CASE WHEN is_superseded THEN 1 ELSE 0 END), 0) FROM job",
        r => (r.GetInt64(0), Convert.ToInt64(r.GetValue(1), CultureInfo.InvariantCulture)));

    private static async Task<long[]> Some(RecipeWorld world, Random random, string where)
    {
        var ids = await world.Read(s => s.Query($"SELECT id FROM job WHERE {where} ORDER BY id DESC LIMIT 40", r => r.GetInt64(0)));
        return [.. ids.Where(_ => random.Next(3) == 0)];
    }
}
