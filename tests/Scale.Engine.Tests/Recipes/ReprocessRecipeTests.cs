using System.Text.Json;
using Scale.Engine.Executions;
using Scale.Engine.Recipes;
using Scale.Engine.Tests.Leadership;
using Scale.Engine.Tests.Simulation;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Recipes;

/// <summary>The command that reprocesses one recipe, carried out by a whole leader.</summary>
public sealed class ReprocessRecipeTests
{
    private const string All = """{"all":true}""";
    private const string Inside = """{"all":false,"sub_recipes":{"b":{"all":false,"nodes":["by"]}}}""";
    private const string Nothing = """{"all":false}""";

    [Theory]
    [InlineData(Provider.Sqlite, All, Nothing)]
    [InlineData(Provider.Sqlite, Nothing, All)]
    [InlineData(Provider.Postgres, All, Nothing)]
    [InlineData(Provider.Postgres, Nothing, All)]
    public async Task Of_two_requests_for_one_recipe_the_second_has_no_effect(Provider provider, string first, string second)
    {
        await using var world = await EngineWorld.Create(provider);
        var revision = await AddNested(world);
        var recipe = await Start(world, revision);
        await Ask(world, recipe, revision, first);
        await Ask(world, recipe, revision, second);
        await world.Settle();
        Assert.Equal(2, await world.Value<long>("SELECT count(*) FROM recipe WHERE recipe_id IS NULL"));
        Assert.Equal(first == Nothing ? null : """{"all":true,"nodes":[],"sub_recipes":{}}""", await world.Value<string>("SELECT forced_nodes FROM recipe WHERE superseded_recipe_id = @id", ("id", recipe)));
        var told = await world.Values("SELECT progress FROM command WHERE state = 1 ORDER BY id", r => JsonElement.Parse(r.GetString(0)));
        Assert.Equal(JsonValueKind.Null, told[0].GetProperty("error").ValueKind);
        Assert.Contains("superseded", told[1].GetProperty("error").GetString());
        await AssertRight(world);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_type_that_was_switched_off_meanwhile_leaves_the_recipe_as_it_is(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var revision = await AddNested(world);
        var recipe = await Start(world, revision);
        await Ask(world, recipe, revision, All);
        await world.Write(s => s.Execute("UPDATE recipe_type SET is_active = FALSE WHERE name = 'top'"));
        await world.Settle();
        Assert.Equal(0, await world.Value<long>("SELECT count(*) FROM recipe WHERE is_superseded = TRUE"));
        Assert.Contains("not active", await world.Value<string>("SELECT progress FROM command WHERE state = 1"));
        await AssertRight(world);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Running_jobs_that_are_replaced_are_killed_and_copied_ones_go_on(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var revision = await AddNested(world);
        var recipe = await Start(world, revision);
        Assert.Equal(["x", "by"], await world.Values("SELECT recipe_node FROM job WHERE status = 3 ORDER BY id", r => r.GetString(0)));
        await Ask(world, recipe, revision, Inside);
        await world.Settle();
        Assert.Equal(["x", "by"], await world.Values("SELECT recipe_node FROM job WHERE status = 3 ORDER BY id", r => r.GetString(0)));
        Assert.Equal(1, await world.Value<long>("SELECT count(*) FROM job WHERE status = 6 AND is_superseded = TRUE AND recipe_node = 'by'"));
        await RunAll(world);
        Assert.Equal(1, await world.Value<long>("SELECT count(*) FROM recipe WHERE recipe_id IS NULL AND is_completed = TRUE AND is_superseded = FALSE"));
        await AssertRight(world);
    }

    [Theory]
    [InlineData(Provider.Sqlite, 1)]
    [InlineData(Provider.Postgres, 9)]
    public async Task A_leader_that_dies_between_any_two_statements_reprocesses_once(Provider provider, int stride)
    {
        await using var world = await EngineWorld.Create(provider);
        var faults = new Faults();
        var revision = await AddNested(world);
        var recipe = await Start(world, revision);
        world.Database.BeforeStatement = faults.BeforeStatement;
        var isCrashed = true;
        for (var statements = 0; isCrashed; statements += stride)
        {
            Assert.True(statements < 1000, "the leader never comes to rest");
            await Ask(world, recipe, revision, statements % 2 == 0 ? Inside : All);
            isCrashed = await SettleWithCrash(world, faults, statements);
            var successor = await world.Value<long>("SELECT id FROM recipe WHERE superseded_recipe_id = @id", ("id", recipe));
            Assert.True(successor > 0, $"crashed after {statements} statements: recipe {recipe} has no successor");
            recipe = successor;
            await AssertRight(world);
        }

        world.Database.BeforeStatement = null;
        await RunAll(world);
        await AssertRight(world);
        Assert.True(await world.Value<bool>("SELECT is_completed FROM recipe WHERE id = @id", ("id", recipe)));
    }

    private static async Task<bool> SettleWithCrash(EngineWorld world, Faults faults, int statements)
    {
        var isCrashed = false;
        faults.CrashAfter(statements);
        try
        {
            await world.Settle();
        }
        catch (SimulatedCrash)
        {
            isCrashed = true;
        }

        faults.Clear();
        if (isCrashed)
        {
            await world.Restart();
            await world.Settle();
        }

        return isCrashed;
    }

    /// <summary>top{x, b after nothing, gate after x, y after gate}; b{by, bz after by}.</summary>
    private static async Task<(long TypeId, long RevisionId)> AddNested(EngineWorld world)
    {
        await world.AddJobType("strict", Manifest("strict"));
        await AddRecipeType(world, "b", Definition(SceneInput, Node("by", Job("strict"), "", "IN=SCENE"), Node("bz", Job("strict"), "by", "IN=by.OUT")));
        return await AddRecipeType(world, "top", Definition(SceneInput,
            Node("x", Job("strict"), "", "IN=SCENE"),
            Node("b", Recipe("b"), "", "SCENE=SCENE"),
            Node("gate", Condition("""{"files":[{"name":"T","required":false}]}""", """{"filters":[]}"""), "x", "T=x.OUT"),
            Node("y", Job("strict"), "gate", "IN=gate.T")));
    }

    private static Task<(long TypeId, long RevisionId)> AddRecipeType(EngineWorld world, string name, string definition) => world.Write(async session =>
    {
        var at = world.Clock.Now;
        var id = await session.Insert("recipe_type", ("name", name), ("title", name), ("definition", definition), ("revision_id", 0L), ("revision_num", 1), ("created", at), ("last_modified", at));
        var revision = await session.Insert("recipe_type_revision", ("recipe_type_id", id), ("revision_num", 1), ("definition", definition), ("created", at));
        await session.Execute("UPDATE recipe_type SET revision_id = @revision WHERE id = @id", ("revision", revision), ("id", id));
        return (id, revision);
    });

    private static async Task<long> Start(EngineWorld world, (long TypeId, long RevisionId) type)
    {
        var file = await world.AddFile();
        var id = await world.Write(s => RecipeCreation.Create(
            s, RecipeRequest.ByUser(type.TypeId, type.RevisionId, EngineWorld.Files("SCENE", file), "{}", null), world.Clock.Now));
        await world.Settle();
        return id;
    }

    private static Task Ask(EngineWorld world, long recipe, (long TypeId, long RevisionId) type, string forced) => world.Write(async session =>
    {
        var family = await session.QueryFirst("SELECT family_id FROM recipe WHERE id = @id", r => r.GetInt64(0), ("id", recipe));
        await ReprocessRecipe.Append(session, recipe, family, type.RevisionId, ForcedNodes.Parse(JsonElement.Parse(forced)).Required(), "ann", world.Clock.Now);
        return 0;
    });

    private static async Task RunAll(EngineWorld world)
    {
        while (world.Cluster.Live.Count > 0)
        {
            foreach (var key in world.Cluster.Live.Keys.ToList())
            {
                world.Cluster.End(key, world.Cluster.Killed.Contains(key) ? ExecutionOutcome.Killed : ExecutionOutcome.Completed);
            }

            await world.Settle();
        }
    }

    private static async Task AssertRight(EngineWorld world)
    {
        await world.AssertSound();
        Assert.Empty(await world.Read(RecipeOracle.Wrong));
    }
}
