using Scale.Engine.Tests.Recipes;
using Scale.Store.Consistency;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Batches.BatchWorld;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Batches;

/// <summary>Every fault that is planted is found, and nothing else.</summary>
public sealed class ConsistencyCheckTests
{
    // One statement breaks one rule; several rules may see it.
    private static readonly (string Sql, string Finding)[] Faults =
    [
        ("UPDATE recipe SET jobs_queued = jobs_queued + 1", "A recipe counts its nodes"),
        ("UPDATE recipe SET node_states = 'PPP'", "A recipe counts its nodes"),
        ("UPDATE batch SET jobs_total = 7", "A batch counts what its recipes count"),
        ("UPDATE batch SET recipes_completed = 1", "A batch counts what its recipes count"),
        ("UPDATE batch_node SET jobs_pending = 5 WHERE node_name = 'b'", "A batch counts the jobs at its nodes"),
        ("UPDATE batch_node SET job_duration_sum = 5 WHERE node_name = 'b'", "A batch counts the jobs at its nodes"),
        ("DELETE FROM batch_node WHERE node_name = 'b'", "A batch counts the jobs at its nodes"),
        ("UPDATE batch SET items_created = 9", "A batch counts its items"),
        ("UPDATE batch_item SET recipe_id = 99", "An item that was created has its recipe"),
        ("DELETE FROM queue", "A job is in the queue exactly when it is QUEUED"),
        ("UPDATE queue SET exe_num = 2", "A job is in the queue exactly when it is QUEUED"),
        ("UPDATE job SET status = 3 WHERE status = 2", "A job has a live execution exactly when it is RUNNING"),
        ("UPDATE job SET status = 0, num_exes = 0 WHERE status = 2", "No recipe waits on nothing"),
        ("UPDATE job SET is_superseded = TRUE", "A superseded job does not go on"),
        ("DELETE FROM job WHERE recipe_node = 'c'", "A node holds something that exists"),
        ("DELETE FROM recipe_node WHERE node_name = 'c'", "A job that a recipe made is at one of its nodes"),
        ("UPDATE recipe SET is_completed = TRUE", "No recipe waits on nothing"),
        ("UPDATE job SET superseded_job_id = (SELECT max(id) FROM job) WHERE recipe_node = 'a'", "What was replaced is superseded"),
        ("UPDATE recipe SET family_id = 1, event_id = NULL", "A family has at most one current recipe"),
    ];

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_planted_fault_is_found(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(2))));
        await world.AssertConsistent();
        foreach (var (sql, finding) in Faults)
        {
            // Rolled back, so that each fault is alone.
            await using var session = await world.Database.Write();
            await session.Execute(sql);
            var findings = await ConsistencyCheck.Run(session);
            Assert.True(findings.Any(f => f.StartsWith(finding, StringComparison.Ordinal)), $"{sql}: {string.Join(" | ", findings)}");
        }

        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Recipes_that_wait_for_their_evaluation_are_excused(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipe(await world.AddRecipeType("chain", Chain()), RecipeWorld.Files(("SCENE", [await world.AddFile()])));
        await world.AssertConsistent();
    }
}
