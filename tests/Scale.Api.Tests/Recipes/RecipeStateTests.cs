using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Recipes;

/// <summary>What is added to say how a recipe is doing, and why something in it does not go on.</summary>
public sealed class RecipeStateTests
{
    private const string Gated =
        """{"version":"7","input":{"files":[{"name":"SCENE"}],"json":[]},"nodes":{"tile":{"dependencies":[],"input":{"SCENE":{"type":"recipe","input":"SCENE"}},"node_type":{"node_type":"job","job_type_name":"tiler","job_type_version":"1.0.0","job_type_revision":1}},"check":{"dependencies":[{"name":"tile"}],"input":{},"node_type":{"node_type":"condition","interface":{"files":[],"json":[]},"data_filter":{"filters":[]}}},"yes":{"dependencies":[{"name":"check"}],"input":{},"node_type":{"node_type":"recipe","recipe_type_name":"inner","recipe_type_revision":1}},"no":{"dependencies":[{"name":"check","acceptance":false}],"input":{},"node_type":{"node_type":"recipe","recipe_type_name":"inner","recipe_type_revision":1}},"last":{"dependencies":[{"name":"no"}],"input":{},"node_type":{"node_type":"recipe","recipe_type_name":"inner","recipe_type_revision":1}}}}""";

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Recipes_are_found_by_the_state_they_show(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var type = await seed.RecipeType("tile-scene");
        var random = new Random(7);
        var states = new[] { "", "P", "b", "ce", "Q", "B", "sC" };
        for (var i = 0; i < 120; i++)
        {
            await seed.Recipe(type, r =>
            {
                r.IsCompleted = random.Next(8) == 0;
                r.IsSuperseded = random.Next(8) == 0;
                r.RecipeId = random.Next(3) == 0 ? 1 : null;
                r.Error = random.Next(6) == 0 ? "Parameter 'SCENE' is required" : null;
                r.NodeStates = states[random.Next(states.Length)];
                r.JobsQueued = random.Next(4) == 0 ? 1 : 0;
                r.JobsRunning = random.Next(4) == 0 ? 1 : 0;
                r.JobsFailed = random.Next(4) == 0 ? 1 : 0;
                r.JobsCanceled = random.Next(4) == 0 ? 1 : 0;
            });
        }

        var shown = (await api.Get("/v6/recipes/?page_size=1000")).Expect(200).Results.ToLookup(r => r.GetProperty("state").GetString()!, r => r.GetProperty("id").GetInt64());
        Assert.Equal(RecipeStates.Names.Order(), shown.Select(s => s.Key).Order());
        foreach (var state in RecipeStates.Names)
        {
            var found = (await api.Get($"/v6/recipes/?page_size=1000&state={state}")).Expect(200).Results.Select(r => r.GetProperty("id").GetInt64());
            Assert.Equal(shown[state].Order(), found.Order());
        }

        Assert.Equal(shown["failed"].Count() + shown["blocked"].Count(), (await api.Get("/v6/recipes/?state=failed&state=blocked"))["count"].GetInt32());
        Assert.Contains("waiting", (await api.Get("/v6/recipes/?state=well")).Expect(400).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_is_the_completed_part_of_the_known_jobs()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var type = await seed.RecipeType("tile-scene");
        await seed.Recipe(type);
        await seed.Recipe(type, r => (r.JobsTotal, r.JobsCompleted, r.JobsRunning) = (3, 1, 2));
        await seed.Recipe(type, r => r.IsCompleted = true);
        Assert.Equal([0, 0.3333, 1], (await api.Get("/v6/recipes/?order=id")).Expect(200).Results.Select(r => r.GetProperty("progress").GetDouble()));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Details_say_why_nodes_do_not_exist_and_why_others_do_not_go_on(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var jobType = await seed.JobType("tiler");
        var inner = await seed.RecipeType("inner");
        var recipe = await seed.Recipe(await seed.RecipeType("gated", Gated), r => r.NodeStates = "Xcb..");
        var job = await seed.Job(jobType, JobStatus.Canceled, j => j.CancelReason = "Job type tiler 1.0.0 is not active.");
        var condition = await seed.Add(new RecipeConditionRow { RecipeId = recipe.Id, RootRecipeId = recipe.Id, IsProcessed = true, IsAccepted = true, Created = Seed.Start, LastModified = Seed.Start });
        var sub = await seed.Recipe(inner, r => (r.RecipeId, r.Error) = (recipe.Id, "Recipe type inner is not active."));
        await seed.Add(new RecipeNodeRow { RecipeId = recipe.Id, NodeName = "tile", JobId = job.Id });
        await seed.Add(new RecipeNodeRow { RecipeId = recipe.Id, NodeName = "check", ConditionId = condition.Id });
        await seed.Add(new RecipeNodeRow { RecipeId = recipe.Id, NodeName = "yes", SubRecipeId = sub.Id });

        var details = (await api.Get($"/v6/recipes/{recipe.Id}/")).Expect(200)["details"];
        var nodes = details.GetProperty("nodes");
        Assert.Equal(["tile", "check", "yes"], nodes.EnumerateObject().Select(n => n.Name));
        Assert.Equal("Job type tiler 1.0.0 is not active.", nodes.GetProperty("tile").GetProperty("node_type").GetProperty("error").GetString());
        Assert.Equal("Recipe type inner is not active.", nodes.GetProperty("yes").GetProperty("node_type").GetProperty("error").GetString());
        Assert.Equal("Recipe type inner is not active.", (await api.Get($"/v6/recipes/{sub.Id}/"))["error"].GetString());
        Assert.False(nodes.GetProperty("check").GetProperty("node_type").TryGetProperty("error", out _));
        var absent = details.GetProperty("absent_nodes");
        Assert.Equal("""{"dependencies":[{"name":"check"}],"state":"pruned","reason":"condition 'check' was accepted"}""", absent.GetProperty("no").GetRawText().Replace("\\u0027", "'", StringComparison.Ordinal));
        Assert.Equal("pruned", absent.GetProperty("last").GetProperty("state").GetString());

        await seed.Run("UPDATE recipe_condition SET is_processed = FALSE, is_accepted = FALSE, error = 'Parameter T is required'");
        await seed.Run("DELETE FROM recipe_node WHERE node_name = 'yes'");
        details = (await api.Get($"/v6/recipes/{recipe.Id}/")).Expect(200)["details"];
        Assert.Equal("Parameter T is required", details.GetProperty("nodes").GetProperty("check").GetProperty("node_type").GetProperty("error").GetString());
        Assert.Equal("waiting", details.GetProperty("absent_nodes").GetProperty("yes").GetProperty("state").GetString());
        Assert.Contains("can't be decided", details.GetProperty("absent_nodes").GetProperty("yes").GetProperty("reason").GetString(), StringComparison.Ordinal);
    }
}
